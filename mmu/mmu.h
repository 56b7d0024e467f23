/* The contract that every MMU back end meets; soft.c is the default one.
 *
 * The MMU translates linear addresses and reports faults as a value: `mmu_load()` returns false and
 * leaves the fault in mmu->fault. It knows no CPU. Software TLB (soft.c, layout in tlb.h): a table for each kind
 * of access.
 *
 * Instruction fetch has tables of its own, which a page enters when code is looked up there: a page that may be
 * read need not be one that may be run.
 *
 * Pages that need work on each access - MMIO, ROM and code pages in the write tables, pages whose D bit is
 * still clear - simply never become valid. A flush walks the log of filled entries; global pages have
 * a log of their own. */
#ifndef PAGEWALK_MMU_H
#define PAGEWALK_MMU_H

#include "mmu/tlb.h"
#include "mmu/walk.h"

#define MMU_MANY UINT32_MAX

#define MMU_CONTEXT_COUNT 38 /* from here on flushes are counted */
#define MMU_CONTEXT_STEP  (1ull << MMU_CONTEXT_COUNT)
#define MMU_CONTEXT_SHIFT 32 /* of the owner's bits, */
#define MMU_CONTEXT_OWNER 64 /* and how many values they have */

#define MMU_FETCH 4u /* in a log item: with MMU_USER or not, one of tlb.fetch */

struct mmu_fault {
    u32 la;    /* what CR2 gets */
    u32 error; /* the #PF error code */
    /* It is no #PF: the physical map is strict, and has nothing there, or RAM without the right; PF_W and PF_I of `error`
     * tell which access it was. */
    enum mmu_outside { MMU_OUTSIDE_NOT, MMU_OUTSIDE_MISSING, MMU_OUTSIDE_RIGHTS } outside;
    u64 pa;
};

/* The pages whose entries may be valid: page number << 3 | table's MMU_* bits. A page may stand there twice. */
struct mmu_log {
    u32 *item;
    u32 count, capacity;
};

/* Linear bytes whose accesses somebody wants to know of. */
struct mmu_watch {
    u32 la, len;
    bool reads; /* and not only writes */
    bool reads_only;
    u32 bits; /* the owner's, for watch_hit */
};
#define MMU_WATCHES 32

/* Somebody who sees accesses to data. Entries of pages that it wants are never valid for that kind of access. It may not
 * unmap memory that is the access's. */
struct mmu_observer {
    bool (*wants)(void *opaque, u32 la,
                  bool write); /* of the page at la; a write may be a read as well */
    /* Of 1 to 8 bytes that may be accessed, before they are, whether they are wanted or not. value: what is stored. */
    void (*before)(void *opaque, u32 la, unsigned size, bool write, u64 value);
    void (*loaded)(void *opaque, u32 la, unsigned size, u64 value);
    void *opaque;
};

/* A page of code and data that may be written: such have no write entry, but stores beside the code need no
 * walk. In a table by linear page. */
struct mmu_mixed {
    u64 key; /* context without the owner's bits | linear page | enum mmu_access; 0: none */
    u64 entry;
    const u8 *code; /* the listener's bytes() */
    u64 pa;         /* of the page */
};
#define MMU_MIXED 64 /* slots */

struct mmu {
    struct phys *phys;
    struct paging paging;
    struct mmu_fault fault;
    struct mmu_log filled;        /* not global */
    struct mmu_log filled_global; /* global while CR4.PGE */
    u32 large[32]; /* a bit per 4 MiB of la: entries there may stem from a large page */
    /* By physical page: the linear page + 1 whose write entry may map it; 0: none does; MMU_MANY: look
     * through the logs. Kept when entries go, so it may be too wide, never too narrow. */
    u32 *write_page;
    struct mmu_watch watch[MMU_WATCHES];
    unsigned watches;
    void (*watch_hit)(void *opaque, u32 bits); /* an access to watched bytes was made */
    void *watch_opaque;
    const struct mmu_observer *observer; /* NULL: none */
    u32 tlb_limit;  /* debug: flush when this many entries are filled; 0: no limit */
    u64 generation; /* changes whenever an entry may have become invalid */
    /* In the high half, what a lookup by linear address depends on besides the address: bits 38 to 63 count
     * flushes, 32 to 37 are the owner's. So a table of context | address tells what still holds. */
    u64 context;
    void (*context_wrapped)(void *opaque); /* contexts repeat from now on; may be NULL */
    void *context_opaque;
    struct log *log;
    struct stats *stats;
    struct mmu_mixed mixed[MMU_MIXED];
    struct window *window; /* window.h; NULL: there are none */
    u32 *page_misses;      /* by linear page, see mmu_count_pages(); NULL: not counted */
    /* The owner allocates struct mmu with hostmem_sparse(), page-aligned. */
    _Alignas(4096) struct tlb tlb;
};

/* Makes an empty MMU: paging off, every entry TLB_INVALID (no page of the tables is touched until it is
 * used). 0 or -errno. */
int mmu_init(struct mmu *mmu, struct phys *phys, struct log *log, struct stats *stats);
void mmu_free(struct mmu *mmu);

/* From now on misses are counted for each linear page, in mmu->page_misses. 0 or -ENOMEM. */
int mmu_count_pages(struct mmu *mmu);

/* The CPU's copy of the paging registers. mmu_set_paging flushes what the change requires: all on a
 * change of PG, WP, PSE, PAE or PGE; non-global entries on a CR3 write (pass cr3_written even when the
 * value is the same). With PAE paging active the PDPTEs are reloaded when CR3 is written or a mode bit
 * changes: returns false, with nothing changed, when one has reserved bits (caller: #GP(0)). */
bool mmu_set_paging(struct mmu *mmu, u32 cr0, u32 cr3, u32 cr4, bool cr3_written);

/* The paging state as it was, the cached PDPTEs among it, which need not be what memory has. Flushes everything. */
void mmu_restore_paging(struct mmu *mmu, u32 cr0, u32 cr3, u32 cr4, const u64 pdpte[4]);

/* EFER.NXE, as the CPU has it. Flushes everything on a change. */
void mmu_set_nx(struct mmu *mmu, bool on);

/* Makes every earlier mmu->context a thing of the past. */
void mmu_new_context(struct mmu *mmu);

void mmu_flush(struct mmu *mmu, bool global_too);
void mmu_flush_page(struct mmu *mmu, u32 la); /* INVLPG: global or not */

/* Makes every write entry that maps the physical page of pa invalid (code and dirty tracking). */
void mmu_unmap_write(struct mmu *mmu, u64 pa);
/* The same for all pages. What may be read and executed stays. */
void mmu_flush_writes(struct mmu *mmu);
/* The same as mmu_unmap_write() for read and write entries (the memory map changed there). */
void mmu_unmap(struct mmu *mmu, u64 pa);

/* Watches these bytes (at most MMU_WATCHES pieces) and no others: entries of their pages are never valid for what is
 * watched there, so that every access comes to the slow paths, which report it. */
void mmu_set_watches(struct mmu *mmu, const struct mmu_watch *watch, unsigned count);
/* Whether bytes of the page of la are, or an observer wants them, for this kind of access. */
bool mmu_page_watched(const struct mmu *mmu, u32 la, bool write);

/* The TLB in saved states: whether a page is in it is something that the guest can tell by A and D bits, where it
 * changes page tables without a flush. After all else, since flushes come with the rest. (tlb_state.c) */
struct state;
void mmu_state(struct mmu *mmu, struct state *state);

/* From now on that one; NULL: none. Also when it wants something else. Flushes everything. */
void mmu_observe(struct mmu *mmu, const struct mmu_observer *observer);

/* Slow paths, out of line, exact for every case: cross-page, misaligned, MMIO, ROM, code pages; size
 * 1, 2, 4 or 8. False: fault in mmu->fault, and nothing was stored, in neither page. */
bool mmu_load_slow(struct mmu *mmu, u32 la, unsigned size, enum mmu_access access, u64 *value);
bool mmu_store_slow(struct mmu *mmu, u32 la, u64 value, unsigned size, enum mmu_access access);

/* Whether an access of len bytes (1 to 4096) at la would succeed; fills, sets A and D bits. */
bool mmu_probe(struct mmu *mmu, u32 la, u32 len, enum mmu_access access);

/* The host address of la for direct access, valid up to the page's end or the next MMU call, or NULL
 * when the page needs the slow path (MMIO; for writes ROM and code too) or the access faults: then
 * *faulted tells which and mmu->fault is set. */
void *mmu_host(struct mmu *mmu, u32 la, enum mmu_access access, bool *faulted);

/* Physical address of la for instruction fetch, A20 applied; the page's fetch entry is valid afterwards
 * when it is RAM or ROM. False: fault in mmu->fault. */
bool mmu_fetch_pa(struct mmu *mmu, u32 la, bool user, u64 *pa);

/* Debugger's and log's view: no rights, no A/D bits. */
bool mmu_peek_pa(struct mmu *mmu, u32 la, u64 *pa);

/* The entry of a log's item. */
static inline u64 *mmu_logged(struct mmu *mmu, u32 item)
{
    u32 page = item >> 3;

    return item & MMU_FETCH ? &mmu->tlb.fetch[(item & MMU_USER) != 0][page]
                            : &mmu->tlb.data[item & 3][page];
}

/* Fast paths. */

/* size bytes, zero-extended: each size is one load, so that the value never goes through memory. */
static always_inline u64 mmu_read_host(const void *p, unsigned size)
{
    u64 v8;
    u32 v4;
    u16 v2;

    switch (size) {
    case 1: return *(const u8 *)p;
    case 2: __builtin_memcpy(&v2, p, sizeof(v2)); return v2;
    case 4: __builtin_memcpy(&v4, p, sizeof(v4)); return v4;
    default: __builtin_memcpy(&v8, p, sizeof(v8)); return v8;
    }
}

/* The low size bytes of value, as one store. */
static always_inline void mmu_write_host(void *p, u64 value, unsigned size)
{
    switch (size) {
    case 1: __builtin_memcpy(p, &value, 1); break;
    case 2: __builtin_memcpy(p, &value, 2); break;
    case 4: __builtin_memcpy(p, &value, 4); break;
    default: __builtin_memcpy(p, &value, 8); break;
    }
}

/* Loads size (1, 2, 4 or 8) bytes, zero-extended, if the TLB can. False: a matter for mmu_load_slow(). */
static always_inline bool mmu_load_fast(const struct mmu *mmu, u32 la, unsigned size,
                                        enum mmu_access access, u64 *value)
{
    const void *host = tlb_find(mmu->tlb.data[access], la, size);

    if (unlikely(!host))
        return false;
    *value = mmu_read_host(host, size);
    return true;
}

/* Stores the low size (1, 2, 4 or 8) bytes of value, if the TLB can. */
static always_inline bool mmu_store_fast(const struct mmu *mmu, u32 la, u64 value, unsigned size,
                                         enum mmu_access access)
{
    void *host = tlb_find(mmu->tlb.data[access], la, size);

    if (unlikely(!host))
        return false;
    mmu_write_host(host, value, size);
    return true;
}

/* Whatever it takes. False: fault in mmu->fault. */
static always_inline bool mmu_load(struct mmu *mmu, u32 la, unsigned size, enum mmu_access access,
                                   u64 *value)
{
    return mmu_load_fast(mmu, la, size, access, value) ||
           mmu_load_slow(mmu, la, size, access, value);
}

static always_inline bool mmu_store(struct mmu *mmu, u32 la, u64 value, unsigned size,
                                    enum mmu_access access)
{
    return mmu_store_fast(mmu, la, value, size, access) ||
           mmu_store_slow(mmu, la, value, size, access);
}

#endif
