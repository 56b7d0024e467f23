/* Translation blocks and their cache.
 *
 * A block is keyed by where its bytes are (host address of the guest-physical byte), its EIP, the CS
 * base and cpu->mode; a CR3 write invalidates none. It is one or more runs of bytes within one page, each but
 * the last up to a JMP to the next, except that a single instruction that crosses a page makes a block of
 * its own: the run loop looks its second page up, and chains and jump caches compare that page's TLB entry. A page that
 * holds blocks has PHYS_CODE set, so stores to it come to smc.c. */
#ifndef PAGEWALK_BLOCK_H
#define PAGEWALK_BLOCK_H

#include "translate/translate.h"
#include "translate/uop.h"

#define MODE_ONE_INSN                                                                              \
    0x80000000u /* with cpu->mode in a key: the block holds one instruction, never chained */

#define BLOCK_MAX_INSNS 48
#define BLOCK_MAX_UOPS  400
#define BLOCK_MAX_LINKS 5 /* two at the end, the others are side exits' */
#define BLOCK_MAX_RUNS  4
#define BLOCK_HASH_BITS 17
#define JUMP_CACHE_BITS 12
#define BLOCK_CACHE_MAX (256 * KIB) /* blocks in the cache before the oldest are evicted */
#define CODE_LINE_SHIFT 6           /* stores are matched with code at this grain */

struct block;

/* A direct exit. */
struct block_link {
    struct block *from;
    struct block *to; /* chained target, or NULL */
    u32 eip;          /* guest target */
    u32 page;         /* linear page number of the target; UINT32_MAX: the block's own page */
    u64 expect;       /* TLB entry that page must have for the chained jump to hold */
    u16 site[9];      /* native code: the engine's patch sites, from the block's code; 0: none */
    struct block_link *next, **pprev; /* in to->incoming */
};

/* Guest bytes that follow one another, by offset in their page; end is beyond it when a block crosses into the
 * next. */
struct block_run {
    u16 start, end;
};

/* What a block has in one line of a page (smc.c). */
struct block_line {
    struct block_line *next, **pprev; /* pprev NULL: on no list */
    u32 offset;                       /* from its block */
    u16 number; /* 0 to 63 in the block's first page, from there on in its second */
};

/* Whether a block's last instruction goes elsewhere than to the next one. */
enum block_branch { BRANCH_NONE, BRANCH_CONDITIONAL, BRANCH_ALWAYS };

struct block {
    u64 host;    /* host address of the first byte; 0: not cacheable (code outside RAM and ROM) */
    u64 pa, pa2; /* first byte; first byte of the second page when it crosses into one */
    u64 second; /* that page's entry in the TLB for fetches: whoever enters by a chain or a jump cache compares */
    u32 eip, cs_base, mode; /* mode with MODE_ONE_INSN */
    u16 length;             /* guest bytes, of all runs */
    u16 insns, uops, links;
    bool dead;       /* unlinked; freed when nothing runs */
    bool flags_dead; /* nobody sees the flags that the block is entered with */
    bool no_trap;    /* ends with INT n, or MOV or POP to SS: no single-step trap after it */
    bool loads_ss;   /* it is one of the latter */
    u8 loop_exit;    /* native code: see loop */
    u8 branch;       /* enum block_branch */
    bool cold;       /* the interpreter runs it: it is not chained, nor in a jump cache */
    u16 runs_cold;   /* how often that was asked for */
    u8 runs;         /* entries of run, in the order of execution; the first starts at eip */
    u8 lines;        /* of line */
    struct block_run run[BLOCK_MAX_RUNS];
    struct block *hash_next;
    const struct block *
        follower; /* cold: what ran behind it the last time. Only to be prefetched: it may be freed */
    u32 follower_slot;           /* and its place in `hash` */
    struct block *older, *newer; /* in the order in which they were made */
    struct block_line *line;
    union {
        struct block_link *link; /* 0 and 1 the last micro-op's, the others' by their side exits */
        const u32 *exit_eip;     /* cold: where these would lead to; there are none */
    };
    struct block_link *incoming;
    i16 *insn_offset;      /* of each instruction from eip (insns entries) */
    u16 *insn_uop;         /* first micro-op of each instruction */
    u16 *insn_code;        /* native code (else empty): each instruction's offset from `code`, */
    u32 sites, site_table; /* native code: how many struct site it has, and where from its start */
    u32 straight;          /* native code: bytes of it that are in line, */
    u32 number;            /* and its place in code_map.c */
    u32 *insn_ungrouped;   /* and in gen_ungrouped.c's code, or 0 */
    const void *target;    /* what the engine jumps to: the block (interp), or its code */
    const u8 *code;        /* native code: the entry, and what follows its check of the budget */
    const u8 *body;
    const u8 *loop; /* native code: where exit loop_exit goes when chained to this block; or NULL */
    struct uop uop[];
};

/* Instructions known to leave their block, so that the next one that holds them ends there: as many as a guest may have
 * that tell its interrupt controllers something. */
#define BLOCK_ENDS 64u

struct code_page; /* smc.c */

/* A slot of the jump cache: the key of a block, so that a hit touches nothing else. Two slots a line. */
struct jump_entry {
    u64 host; /* 0: empty */
    u32 eip, cs_base, mode;
    const void *target; /* block->target */
};
_Static_assert(sizeof(struct jump_entry) == 32 || sizeof(void *) < 8, "native lookups scale by it");

struct engine;

/* Blocks that are to be killed when none runs. */
#define RETIRED_MAX 16u

struct translator {
    struct cpu *cpu;
    const struct engine *engine;
    struct translate_options options;

    struct block *block; /* running now; NULL between blocks */
    void *engine_data;
    const struct uop *cur;         /* interp: the micro-op that called out */
    struct block_link *exit_link;  /* see engine.h */
    struct block *behind;          /* the block that ran last, if it is cold; NULL */
    u32 budget_start, budget_lent; /* lent: to finish a block */
    bool shadow;                   /* the instruction that runs is in an interrupt shadow */
    bool finish_block; /* a run may end behind its budget, with the block in which that ends */
    u32 random;        /* state of random block lengths */

    struct jump_entry jump_cache[1 << JUMP_CACHE_BITS];
    struct block *hash[1 << BLOCK_HASH_BITS];
    struct code_page **page; /* by guest-physical page; sparse */
    struct block *oldest, *newest;
    struct block *dead; /* through hash_next */
    unsigned blocks, retired_count;
    unsigned native_after; /* runs by the interpreter; 0 where the engine is that */
    struct {
        u64 host;
        u32 eip, cs_base, mode;
    } retired[RETIRED_MAX];
    u64 ends
        [BLOCK_ENDS]; /* by block_end_slot(): host addresses of instructions that left their block */
};

static inline unsigned block_end_slot(u64 host)
{
    return (unsigned)((host ^ host >> 6) & (BLOCK_ENDS - 1));
}

static inline bool block_crosses(const struct block *block)
{
    return block->run[0].end > PAGE_SIZE;
}

/* Linear page number of what a crossing block has behind its first page. */
static inline u32 block_second_page(const struct block *block)
{
    return ((la_add(block->cs_base, block->eip) | PAGE_MASK) + 1) >> PAGE_SHIFT;
}

/* Whether a block that a chain or a jump cache leads to may be entered: a second page is still what it was made from. */
static inline bool block_enterable(const struct block *block, const u64 *fetch_table)
{
    return likely(!block_crosses(block)) || fetch_table[block_second_page(block)] == block->second;
}

static inline unsigned jump_cache_slot(u64 host)
{
    return (unsigned)((host ^ host >> 12) & ((1 << JUMP_CACHE_BITS) - 1));
}

/* What the jump cache has for eip in the CPU's present mode, or NULL. */
static always_inline const struct jump_entry *jump_cache_find(const struct translator *tr, u32 eip,
                                                              const u64 *fetch_table)
{
    const struct cpu *cpu = tr->cpu;
    u32 cs_base = cpu->r[R_BASE + SREG_CS], la = la_add(cs_base, eip);
    u64 host = (u64)(uintptr_t)tlb_find_page(fetch_table, la);
    const struct jump_entry *e = &tr->jump_cache[jump_cache_slot(host)];

    if (likely(host && e->host == host && e->eip == eip && e->mode == cpu->mode &&
               e->cs_base == cs_base))
        return e;
    return NULL;
}

/* The block for cpu->eip in the CPU's present mode (with MODE_ONE_INSN: one), translating it when it is not
 * there. Raises fetch faults. Never returns NULL. */
struct block *block_find(struct translator *tr, bool one);

/* The block of that key if there is one. */
struct block *block_lookup(struct translator *tr, u64 host, u32 eip, u32 cs_base, u32 mode);

/* Chains the exit to block when that is allowed. */
void block_chain(struct translator *tr, struct block_link *link, struct block *block);

/* The run loop is about to run block: what followed it the last time comes to the host's cache meanwhile. */
void block_expect(struct translator *tr, struct block *block);

/* Invalidates one block; frees those invalidated earlier (only while nothing runs). */
void block_kill(struct translator *tr, struct block *block);
/* Those whose mode has one of these bits. */
void block_kill_mode(struct translator *tr, u32 mode);
/* Those that have the byte at this linear address. */
void block_kill_la(struct translator *tr, u32 la);
void block_free_dead(struct translator *tr);
/* At the end: nothing runs any more. */
void block_free_all(struct translator *tr);

/* How many lines of pages blocks of such runs have bytes in (smc.c). */
unsigned smc_lines(const struct block_run *run, unsigned runs);
/* Hangs the block on its pages and marks them as code. */
void smc_add(struct translator *tr, struct block *block);
void smc_remove(struct translator *tr, struct block *block);
/* Bytes of the page are about to be read for a block: from here on nobody changes them unnoticed. */
void smc_watch(struct translator *tr, u64 pa);
/* They came to nothing. */
void smc_unwatch(struct translator *tr, u64 pa);
/* What listens to the physical map for PHYS_CODE. */
void smc_store(void *opaque, u32 pa, u32 len);
const u8 *smc_code(void *opaque, u32 pa);

/* Guest bytes at cpu->eip to a fresh block (make.c). cold: for the interpreter, whatever the engine is. */
struct block *block_make(struct translator *tr, u64 host, u64 pa, u32 eip, u32 cs_base, u32 mode,
                         bool cold);

/* Decides which flag producers store their flags, and fills uop.live (opt_flags.c). late: the engine makes
 * conditions from registers (opt_flags_source), and stores at the exits what is unstored and visible
 * there. watched: loads may end the block as stores do, by hitting a watch. Returns whether nobody ever sees the flags
 * that the block is entered with. */
bool opt_flags(struct uop *uop, unsigned count, bool late, bool watched);
/* Instead, for a block that runs seldom: all producers store. */
void opt_flags_none(struct uop *uop, unsigned count);
/* The last producer before micro-op i of the flags in need, when they can be made again at i from
 * registers; else -1. */
int opt_flags_source(const struct uop *uop, unsigned i, u8 need);
/* Whether an engine that stores late has them without anything stored: so, or still in the host's flags. */
bool opt_flags_unstored(const struct uop *uop, unsigned i, u8 need);

/* Brings eip, flags and budget to the state just before the instruction at micro-op position `at` of
 * the block, and leaves the block (restore.c). */
void restore_state(struct translator *tr, struct block *block, unsigned at);
/* Leaves the block there with EIP and flags as they are: the instruction has replaced them. */
void restore_leave(struct translator *tr, struct block *block, unsigned at);

#endif
