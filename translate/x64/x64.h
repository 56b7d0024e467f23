/* The native engine for x86-64 hosts, shared by its files.
 *
 * Register mapping, for as long as translated code runs, across chained blocks:
 *
 *     guest EAX ECX EDX EBX      rax rcx rdx rbx    (so that AH-BH are host registers too)
 *     guest ESP EBP ESI EDI      r8  rbp rsi rdi
 *     T0, T1, T5                 r9  r10 r12        r12 is also where an address is made
 *     instruction budget         r11
 *     struct cpu                 r14
 *     XMM0-7                     xmm0-7              while cpu->sse_live has SSE_XMM
 *     scratch                    r13 r15
 *
 * The upper halves of registers that hold 32-bit values are zero. The other temporaries, and the segment
 * bases, are used from memory. Calls into C save all of it to struct cpu and load it back. Host flags are
 * scratch, but gen->flags_uop remembers when they still are the guest's. */
#ifndef PAGEWALK_X64_H
#define PAGEWALK_X64_H

#include "translate/block.h"
#include "translate/engine.h"
#include "translate/loop.h"
#include "translate/native/codebuf.h"
#include "translate/x64/insns.h"

#define H_CPU    R14_
#define H_BUDGET R11_
#define H_EA     R12_
#define H_S1     R13_
#define H_S2     R15_
#define H_RETURN R9_ /* EIP of a guest's return, while it goes on */

/* The engine's memory: tr->engine_data. */
struct x64 {
    struct codebuf buf;
    struct code code; /* where the next block goes */
    u8 *first;        /* first byte behind the thunks */
    struct code_map map;
    bool bmi2;             /* the host has it */
    bool windows;          /* the MMU has them */
    u32 guesses;           /* sites that have got a place in cpu->guess */
    struct {               /* the access that has just faulted, and goes on out of line */
        struct site *site; /* NULL: there is none */
        struct block *block;
        u32 la;
        enum mmu_access access;
    } missed;
    u64 unfit[64];    /* by host address: blocks whose accesses are no matter for windows */
    u64 modified_pos; /* where the block that has just modified itself stops */
    /* Thunks, by executable address. */
    const u8 *enter; /* void (struct cpu *, const u8 *code) -> link that was left by, or NULL */
    const u8 *leave; /* from code: r13 is the link; cpu->eip is set */
    const u8 *save, *load; /* called: registers to and from struct cpu */
    /* Called: EIP in r13d, code to r10; by supervisor or user, and whether CS is known to have base 0. */
    const u8 *lookup[2][2];
    const u8 *mode_exit;     /* jumped to: EIP in r13d; mode may have changed */
    const u8 *stop_modified; /* jumped to: leave by restore_state() at modified_pos */
    const u8 *unpaired; /* returned to, by the RET of a guest's return that no call is left for */
    /* Called when an access misses: la in r15d; by enum mmu_access and size. */
    const u8 *mem_load[4][3];  /* value to r13d, zero-extended */
    const u8 *mem_store[4][3]; /* value pushed; gone on return */
    const u8 *movs[2][3];      /* called: a short REP MOVS, by user and size; ZF: it is done */
    const u8 *x87_enter;       /* called: x87_enter() to r13d */
    const u8 *xmm_enter;       /* called: sets SSE_XMM of cpu->sse_live */
    const u8 *sse_enter;       /* called: the same, and SSE_MXCSR */
    const u8 *xmm_save;        /* called: xmm0-7 to struct cpu */
    const u8 *xmm_load;        /* called: xmm0-7 from there */
    const u8 *xmm_drop;        /* called: xmm0-7 to struct cpu; they are free then */
    const u8 *x87_flags;       /* called: host ZF PF CF are the guest's arithmetic flags */
    const u8 *get_cf;          /* called: CF of cpu->lazy to r13d as 0 or 1 */
    const u8 *load_flags;      /* called: host arithmetic flags = cpu->lazy's */
};

/* Size and access for the C functions behind mem_load and mem_store. */
#define MEM_ARG(size, access) ((u32)(size) | (u32)(access) << 8)

#define MAX_SLOW 512

/* An out-of-line piece of a block, made after its straight code. */
struct slow {
    enum {
        SLOW_MEM,   /* a load or store */
        SLOW_GUESS, /* look-up of a load whose page is another than the last time */
        SLOW_CHECK,
        SLOW_X87_ENTER,
        SLOW_SSE_ENTER,
        SLOW_SSE,
        SLOW_HELPER,
        SLOW_SIDE,
        SLOW_ENTRY
    } kind;
    u16 uop;
    u8 ea;             /* host register with the address */
    u8 *from;          /* rel32 of the jump to here, */
    struct site *site; /* those of a window that lead here: the first, */
    u8 sites;          /* and how many */
    bool in_copy;      /* of a window's loop: */
    bool stores_late;  /* flags of the iteration before must be stored first, */
    u8 copy_left;      /* gen->copy_left */
    u8 keeps;          /* the host's flags must be as they were */
    u8 *from2;         /* and of another one, or NULL */
    u8 *back;          /* where it returns to (writable address) */
    u8 *done;          /* SLOW_X87_ENTER: behind the whole instruction */
    u32 arg; /* MEM_ARG; SLOW_GUESS: which of cpu->guess; SLOW_SSE and both ENTER: SSE_* that are to be set behind it */
};

/* Where a direct exit is patched (displacements and immediates):
 *
 *   to another page:
 *             mov r13, expect         unchained: a value that no entry has
 *             cmp r13, [TLB entry of the target's page]
 *             jne miss
 *   with nothing to store or to give back:
 *     target: jmp stub                chained: the target's entry
 *   else, with the target's budget taken here:
 *     take:   sub budget, -give       chained: count - give, and on behind the target's own check
 *     drop:   nop                     chained to a block that never sees the late flags: jns target's body
 *             store late flags
 *     target: jns stub                chained: the target's body
 *             add budget, 0           chained: count
 *     entry:  jmp stub                chained: the target's entry, which leaves
 *
 *     miss:   add budget, give; store late flags
 *     missed: jmp stub                chained: +0, on to a lookup
 *     stub:   leave to the run loop
 *
 *   A guest's call is a host call of all this, or its displacement is target. Within a page, with late flags, it is
 *
 *     take:   sub budget, 0           chained: count
 *             js   no_budget
 *     drop:   call store              where flags are dropped: the target's body
 *     back:   the return point
 *     store:  store late flags
 *     target: jmp stub                chained: the target's body
 *     no_budget: add budget, 0        chained: count
 *             store late flags
 *     entry:  call stub               chained: the target's entry
 *             jmp back
 *
 * give: budget of instructions that a side exit leaves out. A block whose flags are dropped must not leave at its entry for
 * want of budget: the flags would be gone. So the budget is taken before that. */
enum exit_site {
    SITE_EXPECT,
    SITE_JNE,
    SITE_TAKE,
    SITE_DROP,
    SITE_STORE,
    SITE_TARGET, /* the refund has a fixed place behind it */
    SITE_ENTRY,
    SITE_MISSED,
    SITE_STUB,
    SITES
};
_Static_assert(SITES == ARRAY_SIZE(((struct block_link *)0)->site), "block_link holds all sites");

/* Before the return address of a call of mem_load and mem_store: the word for cpu->engine.pos, by the lengths
 * of call, MOV and PUSH. */
#define MEM_LOAD_WORD  (5 + 3 + 8)
#define MEM_STORE_WORD (5 + 3 + 5 + 8)

/* What a register's value is, as far as generation goes along a block: that of something, by number, and a
 * constant. */
struct root {
    u16 id;
    u32 offset;
};
struct roots {
    struct root of[R_SLOTS];
    u16 next; /* id */
};

/* Accesses that share a TLB check; see gen_group.c. */
struct group {
    bool live;  /* the host address of the lowest byte is where it belongs */
    bool write; /* of a page that may be written */
    u8 id;      /* number in the block */
    u16 root;
    u32 low, span; /* offset from the root, and bytes from there */
    unsigned left; /* accesses to come */
};

#define MAX_GROUPS 64 /* of a block; ENGINE_GROUPS at a time */

/* A micro-op in the straight code, for gen_ungrouped.c. */
struct straight {
    const u8 *code;
    int flags_uop; /* as struct gen has them where it starts */
    u8 flags_valid, sse;
    bool reads_host_flags; /* it uses these flags */
    bool stack_due;        /* r8 is not ESP there, or it moves ESP: gen_stack.c */
    enum {
        USES_NOTHING,
        USES_GROUP, /* the address of one that was checked */
        USES_ENTRY, /* r13, of the load before */
        LEADS,      /* it checks for its group: jumps away at miss */
    } use;
    u8 group;    /* id */
    u8 *miss[2]; /* sites, or NULL */
};

/* [base + (index << scale) + disp] on the host. */
struct host_operand {
    u8 base, index, scale;
    bool window; /* behind code_window(): */
    bool low;    /* la is the host's address */
    i32 disp;
};

struct mem;

/* An instruction that accesses a window: offsets from the block's code. Where a block has such, they stand in the buffer behind
 * its code, in the order of `at`. */
struct site {
    u32 at;    /* where a fault is taken */
    u32 patch; /* where a jump to the out-of-line piece may be written */
    u32 piece;
    u32 faults; /* since the TLB last knew the page */
};

/* Code generation for one block. */
struct gen {
    struct translator *tr;
    struct x64 *x64;
    const struct mem *mem; /* how it reaches guest memory: mem.h */
    struct block *b;
    struct code c;
    const u8 *end;  /* of the space for the block's code */
    int flags_uop;  /* the micro-op whose flags the host's flags are, by number; or -1 */
    u8 flags_valid; /* those of them that the host has right */
    /* The ldw whose TLB entry is still in r13 (or TLB_INVALID there), or NULL. */
    const struct uop *rmw;
    struct roots roots;
    struct group group[ENGINE_GROUPS];
    unsigned groups; /* made so far */
    u32 stack_due;   /* ESP - r8 */
    u32 loaded;      /* registers, a bit each, whose value comes from a load: gen_guess.c */
    bool t1_used;    /* before this micro-op */
    u8 *crossing;    /* a look-up's second site, for the slow piece to come; or NULL */
    bool late;       /* gen_has_late() of the current exit */
    bool ungrouped;  /* gen_ungrouped.c is at work */
    u8 sse;          /* SSE_* of cpu->sse_live that are known to be set */
    unsigned at;     /* the current micro-op */
    /* Inner loops: gen_loop.c. */
    bool has_copy;  /* the block is one, and gets a copy without look-ups */
    bool in_copy;   /* that is what is being made, */
    bool calls_out; /* and it would call C or a thunk: such a loop gets none */
    unsigned
        copy_left;   /* of a window's copy: iterations behind the current one for the same budget */
    unsigned access; /* number of the next load or store */
    u8 base[ENGINE_STREAMS];              /* host register of each stream's base, or NO_REG */
    u8 countdown;                         /* host register of the loop's countdown, or NO_REG */
    const u8 *inner;                      /* the body, but for what each entry sets up */
    u8 *preheader;                        /* site of the jump to the preheader */
    const u8 *link_code[BLOCK_MAX_LINKS]; /* each exit's straight code */
    struct loop loop;
    unsigned slows, sites;
    /* Not cleared at the start. */
    struct slow slow[MAX_SLOW];
    struct site site[2 * MAX_SLOW];
    struct straight straight[BLOCK_MAX_UOPS];
};

/* thunk.c: writes the thunks at the start of the buffer. */
void thunk_make(struct x64 *x64);

/* gen_slow.c: an out-of-line piece that `from`, and g->crossing if there is one, jumps to; where they lead to; all of
 * them; a check of a segment. */
struct slow *gen_add_slow(struct gen *g, unsigned kind, unsigned ea, u8 *from, u32 arg);
void gen_bind_slow(struct gen *g, const struct slow *s);
void gen_slow(struct gen *g);
void gen_check(struct gen *g, const struct uop *u);
/* x64.c: one micro-op, g->at. */
void gen_step(struct gen *g);
/* Behind each piece of code: the block's is not too long. */
static inline void gen_check_size(const struct gen *g)
{
    BUG_ON(g->c.p > g->end);
}
/* gen_alu.c */
void gen_move(struct gen *g, const struct uop *u);
void gen_alu(struct gen *g, const struct uop *u);
/* DIV and IDIV of 32 bits; false when this call has no code of its own. */
bool gen_div(struct gen *g, const struct uop *u);
void gen_shift(struct gen *g, const struct uop *u);
/* gen_flags.c */
void gen_need_flags(struct gen *g, unsigned cc);
void gen_get_carry(struct gen *g); /* host CF = guest CF; clobbers r13 and r15 */
/* Whether the last flags before micro-op g->at are still only in registers; and storing them, at an exit
 * there. */
bool gen_has_late(const struct gen *g);
bool gen_store_late(struct gen *g); /* whether the host's flags are as they were */
/* At least the registers (a bit each) that gen_store_late() would read at micro-op `end`. */
u32 gen_late_slots(const struct gen *g, unsigned end);
void gen_lazy_store(struct gen *g, size_t field, unsigned size, unsigned reg);
void gen_lazy_op(struct gen *g, unsigned op);
/* A field of cpu->lazy = the register at `offset`, of which size bytes count. Clobbers r13. */
void gen_lazy_raw(struct gen *g, size_t field, u8 offset, unsigned size);
/* Both operands of u as they are in their registers, of which its size counts. Clobbers r13. */
void gen_lazy_raw_pair(struct gen *g, const struct uop *u);
/* Of INC or DEC u, whose destination is done. */
void gen_lazy_step(struct gen *g, const struct uop *u);
/* Of a rotate: before it, which destroys the host's flags, and behind it, which does not. */
void gen_lazy_rotating(struct gen *g);
void gen_lazy_rotated(struct gen *g, const struct uop *u, bool right);
/* The lazy operation that holds u's flags by whole operands, where there is one; else u's own. */
unsigned gen_lazy_operands(const struct uop *u);
void gen_condition(struct gen *g, const struct uop *u); /* setcc, cmov */
void gen_flag_op(struct gen *g, const struct uop *u);
/* gen_exit.c */
void gen_exit(struct gen *g, const struct uop *u);
void gen_side(struct gen *g, const struct uop *u);
void gen_side_taken(struct gen *g, const struct uop *u); /* out of line */
void gen_crossing(struct gen *g);
void gen_entry(struct gen *g);
void gen_no_budget(struct gen *g); /* out of line: not enough budget at the entry */
void gen_link_to(struct x64 *x64, struct block_link *link);
void gen_unlink(struct x64 *x64, struct block_link *link);
/* gen_x87.c: false when the instruction is not one that the host can run as it is. */
bool gen_x87(struct gen *g, const struct uop *u);
/* The guest's x87 state comes to be in the host's unit; where it cannot, the helper does the instruction and
 * goes on at `done`, which the caller sets. Host flags are lost. */
struct slow *gen_x87_live(struct gen *g);
/* gen_sse.c: the same as gen_x87(); what comes after a call of this helper, in line and out of line, where the straight code
 * knows of these SSE_*; an out-of-line piece; and the thunks */
bool gen_sse(struct gen *g, const struct uop *u);
void gen_sse_again(struct gen *g, u8 want);
void gen_sse_called(struct gen *g, unsigned helper);
void gen_sse_slow(struct gen *g, const struct slow *s, const struct uop *u);
void gen_sse_thunks(struct x64 *x64, struct code *c);
/* xmm0-7 are not the guest's from here on. */
void gen_xmm_dead(struct code *c);
/* gen_call.c */
void gen_call_helper(struct gen *g, const struct uop *u);
void gen_call(struct gen *g, const struct uop *u);
void gen_slow_op(struct gen *g, const struct uop *u);
void gen_position(struct gen *g, unsigned scratch); /* cpu->engine.pos = this micro-op */

/* What cpu->engine.pos is at micro-op `at` of the block. */
static inline u64 position_of(const struct block *block, unsigned at)
{
    return (u64)(uintptr_t)block | (u64)at << 48;
}

/* The same at the current micro-op. */
static inline u64 gen_position_of(const struct gen *g)
{
    return position_of(g->b, g->at);
}

/* The host register of a register-file offset, NO_REG when it lives in memory. size 1 gives AH-BH. */
static inline unsigned host_reg(u8 offset, unsigned size)
{
    static const u8 map[R_SLOTS] = {RAX,    RCX,    RDX,    RBX,    R8_,    RBP,   RSI,    RDI,
                                    R9_,    R10_,   NO_REG, NO_REG, NO_REG, R12_,  NO_REG, NO_REG,
                                    NO_REG, NO_REG, NO_REG, NO_REG, NO_REG, NO_REG};

    if (size == 1 && (offset & 3) == 1)
        return AH + (offset >> 2);
    return map[offset >> 2];
}

/* The host's flags are now those of the current micro-op, as far as `flags` goes. */
static inline void gen_flags_made(struct gen *g, u8 flags)
{
    if (g->b->uop[g->at].live) {
        g->flags_uop = (int)g->at;
        g->flags_valid = flags;
    }
}

static inline bool is_high(unsigned reg)
{
    return reg >= AH && reg != NO_REG;
}

/* reg = or from a field of struct cpu (32 bits unless said). */
static inline void code_load_cpu(struct code *c, unsigned size, unsigned reg, size_t field)
{
    code_load(c, size, reg, H_CPU, (i32)field);
}

static inline void code_store_cpu(struct code *c, unsigned size, unsigned reg, size_t field)
{
    code_store(c, size, reg, H_CPU, (i32)field);
}

static inline void code_store_cpu_imm(struct code *c, size_t field, u32 imm)
{
    code_rm(c, 4, OP_MOV_IMM, 0, H_CPU, NO_REG, 0, (i32)field, false);
    code32(c, imm);
}

/* Of a field, of 1 or 4 bytes, and an immediate of one. */
static inline void code_alu_cpu(struct code *c, unsigned size, enum alu n, size_t field, u8 imm)
{
    code_alu_mi8(c, size, n, H_CPU, (i32)field, imm);
}

static inline void code_test_cpu(struct code *c, size_t field, u8 imm)
{
    code_test_mi8(c, H_CPU, (i32)field, imm);
}

/* reg op= a field. */
static inline void code_alu_reg_cpu(struct code *c, unsigned size, enum alu n, unsigned reg,
                                    size_t field)
{
    code_alu_rm(c, size, n, reg, H_CPU, NO_REG, 0, (i32)field);
}

/* r10 = the key that cpu->jump has for EIP r13d, r15d = its slot. */
static inline void code_jump_key(struct code *c)
{
    code_mov_rr(c, 4, H_S2, H_S1);
    code_alu_ri(c, 4, ALU_AND, H_S2, CPU_JUMPS - 1);
    code_load_cpu(c, 8, R10_, offsetof(struct cpu, mmu.context));
    code_alu_rr(c, 8, ALU_OR, R10_, H_S1);
}

/* Jumps to the code for EIP r13d when cpu->jump knows it. */
static inline void code_jump_known(struct code *c)
{
    u8 *miss;

    code_jump_key(c);
    code_alu_rm(c, 8, ALU_CMP, R10_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.key));
    miss = code_jcc_short(c, CC_NE);
    code_rm(c, 4, OP_STEP, STEP_JMP, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.code), false);
    code_bind_short(c, miss);
}

/* Calls `thunk` when the host's registers hold the guest's XMM registers. Clobbers the flags. */
static inline void code_if_xmm(struct code *c, const u8 *thunk)
{
    u8 *dead;

    code_test_cpu(c, offsetof(struct cpu, sse_live), SSE_XMM);
    dead = code_jcc_short(c, CC_E);
    code_call(c, thunk);
    code_bind_short(c, dead);
}

/* Calls C, from wherever the stack is; EBX must be in struct cpu. Then the stack is as before. */
static inline void code_call_c(struct code *c, const void *fn)
{
    code_mov_rr(c, 8, RBX, RSP);
    code_alu_ri(c, 8, ALU_AND, RSP, (u32)-16);
    code_call(c, fn);
    code_mov_rr(c, 8, RSP, RBX);
}

static inline size_t slot_field(u8 offset)
{
    return offsetof(struct cpu, r) + (offset & ~3u);
}

/* The low 32 bits of a register operand in some host register: its own, or scratch after a load. Flags
 * stay. A high byte is not brought down: see gen_byte_down(). */
static inline unsigned gen_reg(struct gen *g, u8 offset, unsigned scratch)
{
    unsigned reg = host_reg(offset & ~3u, 4);

    if (reg != NO_REG)
        return reg;
    if (offset == ZERO_REG)
        code_mov_ri(&g->c, scratch, 0);
    else
        code_load_cpu(&g->c, 4, scratch, slot_field(offset));
    return scratch;
}

/* scratch = zero-extended high byte register; and back. Flags stay. (XCHG AL,AH needs no REX, which a
 * high byte register and r13 in one instruction would.) */
static inline void gen_high_get(struct gen *g, unsigned high, unsigned scratch)
{
    code_xchg8(&g->c, high - AH, high);
    code_extend(&g->c, OP_MOVZX8, scratch, high - AH, true);
    code_xchg8(&g->c, high - AH, high);
}

static inline void gen_high_put(struct gen *g, unsigned high, unsigned scratch)
{
    code_xchg8(&g->c, high - AH, high);
    code_mov_rr(&g->c, 1, high - AH, scratch);
    code_xchg8(&g->c, high - AH, high);
}

#endif
