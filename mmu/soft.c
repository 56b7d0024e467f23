/* The software TLB: its making, paging state, flushes and invalidations; fills are in soft_fill.c.
 *
 * Invariants: an entry that is not TLB_INVALID stands in one of the two logs (perhaps in both,
 * perhaps twice), so that walking the logs finds every valid entry; entries are only ever
 * written back to TLB_INVALID where they are valid, so unused parts stay the host's zero page. */
#include "mmu/window.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PAGE_COUNTS_BYTES ((u64)TLB_PAGES * sizeof(u32))

/* Filled entries before everything is flushed: bounds the cost of one flush (some 0.2 ms). */
#define LOG_ITEMS (64u * 1024u)

#define PAGING_CR0 (CR0_PG | CR0_WP)
#define PAGING_CR4 (CR4_PSE | CR4_PAE | CR4_PGE)

static int filled_init(struct mmu_log *filled)
{
    filled->item = hostmem_sparse(LOG_ITEMS * sizeof(*filled->item));
    filled->capacity = LOG_ITEMS;
    return filled->item ? 0 : -ENOMEM;
}

static void filled_free(struct mmu_log *filled)
{
    hostmem_sparse_free(filled->item, LOG_ITEMS * sizeof(*filled->item));
    *filled = (struct mmu_log){0};
}

int mmu_init(struct mmu *mmu, struct phys *phys, struct log *log, struct stats *stats)
{
    int err;

    memset(mmu, 0, offsetof(struct mmu, tlb));
    mmu->phys = phys;
    mmu->context = MMU_CONTEXT_STEP;
    mmu->log = log;
    mmu->stats = stats;
    mmu->write_page = hostmem_sparse(PAGE_COUNTS_BYTES);
    err = mmu->write_page ? filled_init(&mmu->filled) : -ENOMEM;
    if (err == 0)
        err = filled_init(&mmu->filled_global);
    if (err == 0)
        err = hostmem_clear(&mmu->tlb, sizeof(mmu->tlb));
    if (err)
        mmu_free(mmu);
    return err;
}

void mmu_free(struct mmu *mmu)
{
    filled_free(&mmu->filled);
    filled_free(&mmu->filled_global);
    if (mmu->write_page)
        hostmem_sparse_free(mmu->write_page, PAGE_COUNTS_BYTES);
    mmu->write_page = NULL;
    if (mmu->page_misses)
        hostmem_sparse_free(mmu->page_misses, PAGE_COUNTS_BYTES);
    mmu->page_misses = NULL;
}

int mmu_count_pages(struct mmu *mmu)
{
    if (!mmu->page_misses)
        mmu->page_misses = hostmem_sparse(PAGE_COUNTS_BYTES);
    return mmu->page_misses ? 0 : -ENOMEM;
}

static void flush_log(struct mmu *mmu, struct mmu_log *filled)
{
    for (u32 i = 0; i < filled->count; i++)
        *mmu_logged(mmu, filled->item[i]) = TLB_INVALID;
    filled->count = 0;
}

/* No context has a count of 0, so that an empty table can be all zeros. */
void mmu_new_context(struct mmu *mmu)
{
    mmu->context += MMU_CONTEXT_STEP;
    if (likely(mmu->context >= MMU_CONTEXT_STEP))
        return;
    mmu->context += MMU_CONTEXT_STEP;
    memset(mmu->mixed, 0, sizeof(mmu->mixed));
    if (mmu->context_wrapped)
        mmu->context_wrapped(mmu->context_opaque);
}

void mmu_flush(struct mmu *mmu, bool global_too)
{
    mmu->generation++;
    mmu_new_context(mmu);
    mmu->stats->tlb_flush++;
    mmu->stats->tlb_flush_entry += mmu->filled.count;
    log_printf(mmu->log, LOG_mmu, "mmu: flush %s, %" PRIu32 " + %" PRIu32 " global entries\n",
               global_too ? "all" : "non-global", mmu->filled.count, mmu->filled_global.count);
    if (mmu->window)
        window_flush(mmu, global_too);
    flush_log(mmu, &mmu->filled);
    if (global_too) {
        mmu->stats->tlb_flush_entry += mmu->filled_global.count;
        flush_log(mmu, &mmu->filled_global);
        memset(mmu->large, 0, sizeof(mmu->large));
    }
}

static void invalidate(struct mmu *mmu, u32 page)
{
    if (mmu->window) {
        window_drop(mmu, page, false);
        window_drop(mmu, page, true);
    }
    for (unsigned table = 0; table < ARRAY_SIZE(mmu->tlb.data); table++) {
        if (mmu->tlb.data[table][page] != TLB_INVALID)
            mmu->tlb.data[table][page] = TLB_INVALID;
    }
    for (unsigned user = 0; user < ARRAY_SIZE(mmu->tlb.fetch); user++) {
        if (mmu->tlb.fetch[user][page] != TLB_INVALID)
            mmu->tlb.fetch[user][page] = TLB_INVALID;
    }
}

/* INVLPG drops all of the page that holds la, however many entries it was split into. (SDM vol. 3A,
 * 4.10.4.1.) Which size that page had is not kept: the 4 MiB around la cover both sizes. */
void mmu_flush_page(struct mmu *mmu, u32 la)
{
    mmu->generation++;
    mmu_new_context(mmu);
    mmu->stats->tlb_flush_page++;
    log_printf(mmu->log, LOG_mmu, "mmu: flush page %08" PRIx32 "\n", la);
    if (unlikely(mmu->large[la >> 27] >> (la >> 22 & 31) & 1)) {
        for (u32 i = 0; i < 1024; i++)
            invalidate(mmu, (la >> 22 << 10) + i);
        mmu->large[la >> 27] &= ~(1u << (la >> 22 & 31));
    } else {
        invalidate(mmu, la >> PAGE_SHIFT);
    }
}

static void flush_watched(struct mmu *mmu)
{
    for (unsigned i = 0; i < mmu->watches; i++) {
        u32 first = mmu->watch[i].la >> PAGE_SHIFT;
        u32 last = la_add(mmu->watch[i].la, mmu->watch[i].len - 1) >> PAGE_SHIFT;

        for (u32 page = first; page != last; page = (page + 1) % TLB_PAGES)
            mmu_flush_page(mmu, page << PAGE_SHIFT);
        mmu_flush_page(mmu, last << PAGE_SHIFT);
    }
}

void mmu_set_watches(struct mmu *mmu, const struct mmu_watch *watch, unsigned count)
{
    if (count == mmu->watches && (!count || !memcmp(watch, mmu->watch, count * sizeof(*watch))))
        return;
    BUG_ON(count > MMU_WATCHES);
    flush_watched(mmu);
    mmu->watches = count;
    memcpy(mmu->watch, watch, count * sizeof(*watch));
    flush_watched(mmu);
}

void mmu_observe(struct mmu *mmu, const struct mmu_observer *observer)
{
    mmu->observer = observer;
    mmu_flush(mmu, true);
}

/* Drops the log's write entries for one host page, and on the way the items whose entry is gone already,
 * or the log of a guest that patches code would only grow. */
static void unmap_log(struct mmu *mmu, struct mmu_log *filled, u64 host_page)
{
    u32 remaining = 0;

    for (u32 i = 0; i < filled->count; i++) {
        u32 item = filled->item[i];
        u64 *entry = mmu_logged(mmu, item);

        if ((item & MMU_WRITE) && *entry == host_page - ((u64)(item >> 3) << PAGE_SHIFT)) {
            if (mmu->window)
                window_drop_write(mmu, item >> 3, item & MMU_USER);
            *entry = TLB_INVALID;
        }
        if (*entry != TLB_INVALID)
            filled->item[remaining++] = item;
    }
    filled->count = remaining;
}

/* Drops linear page's write entries where they map host_page. */
static void unmap_one(struct mmu *mmu, u32 page, u64 host_page)
{
    static const enum mmu_access writes[] = {MMU_WRITE_SUPER, MMU_WRITE_USER};

    for (unsigned i = 0; i < ARRAY_SIZE(writes); i++) {
        u64 *entry = &mmu->tlb.data[writes[i]][page];

        if (*entry == host_page - ((u64)page << PAGE_SHIFT)) {
            if (mmu->window)
                window_drop_write(mmu, page, writes[i] & MMU_USER);
            *entry = TLB_INVALID;
        }
    }
}

void mmu_unmap_write(struct mmu *mmu, u64 pa)
{
    u8 *host = phys_host(mmu->phys, pa & ~(u64)PAGE_MASK);
    u32 *page;

    mmu->generation++;
    for (unsigned i = 0; i < MMU_MIXED; i++)
        if (mmu->mixed[i].pa == (pa & ~(u64)PAGE_MASK))
            mmu->mixed[i].key = 0;
    if (!host)
        return;
    page = &mmu->write_page[pa >> PAGE_SHIFT];
    if (*page == MMU_MANY) {
        unmap_log(mmu, &mmu->filled, (u64)(uintptr_t)host);
        unmap_log(mmu, &mmu->filled_global, (u64)(uintptr_t)host);
    } else if (*page) {
        unmap_one(mmu, *page - 1, (u64)(uintptr_t)host);
    }
    *page = 0;
}

static void drop_writes(struct mmu *mmu, struct mmu_log *filled)
{
    u32 remaining = 0;

    for (u32 i = 0; i < filled->count; i++) {
        u32 item = filled->item[i];

        if (!(item & MMU_WRITE)) {
            filled->item[remaining++] = item;
            continue;
        }
        if (mmu->window)
            window_drop_write(mmu, item >> 3, item & MMU_USER);
        *mmu_logged(mmu, item) = TLB_INVALID;
    }
    filled->count = remaining;
}

void mmu_flush_writes(struct mmu *mmu)
{
    mmu->generation++;
    memset(mmu->mixed, 0, sizeof(mmu->mixed));
    drop_writes(mmu, &mmu->filled);
    drop_writes(mmu, &mmu->filled_global);
}

/* The memory that was at pa is not known any more, and an entry does not tell pa: drop them all. */
void mmu_unmap(struct mmu *mmu, u64 pa)
{
    log_printf(mmu->log, LOG_mmu, "mmu: memory map changed at %08" PRIx64 "\n", pa);
    mmu_flush(mmu, true);
}

bool mmu_set_paging(struct mmu *mmu, u32 cr0, u32 cr3, u32 cr4, bool cr3_written)
{
    struct paging next = mmu->paging;
    u32 changed;

    next.cr0 = cr0 & PAGING_CR0;
    next.cr3 = cr3;
    next.cr4 = cr4 & PAGING_CR4;
    changed = (next.cr0 ^ mmu->paging.cr0) | (next.cr4 ^ mmu->paging.cr4);
    cr3_written |= cr3 != mmu->paging.cr3;

    /* CR0.WP is not among the bits whose change reloads the PDPTEs. (SDM vol. 3A, 4.4.1) */
    if ((next.cr0 & CR0_PG) && (next.cr4 & CR4_PAE) && (cr3_written || (changed & ~CR0_WP)) &&
        !walk_load_pdptes(&next, mmu->phys, cr3))
        return false;
    mmu->paging = next;
    if (changed) {
        log_printf(mmu->log, LOG_mmu,
                   "mmu: cr0 %08" PRIx32 " cr3 %08" PRIx32 " cr4 %08" PRIx32 "\n", cr0, cr3, cr4);
        mmu_flush(mmu, true);
    } else if (cr3_written) {
        mmu_flush(mmu, false);
    }
    return true;
}

void mmu_restore_paging(struct mmu *mmu, u32 cr0, u32 cr3, u32 cr4, const u64 pdpte[4])
{
    mmu->paging.cr0 = cr0 & PAGING_CR0;
    mmu->paging.cr3 = cr3;
    mmu->paging.cr4 = cr4 & PAGING_CR4;
    memcpy(mmu->paging.pdpte, pdpte, sizeof(mmu->paging.pdpte));
    mmu_flush(mmu, true);
}

void mmu_set_nx(struct mmu *mmu, bool on)
{
    if (mmu->paging.nx == on)
        return;
    mmu->paging.nx = on;
    mmu_flush(mmu, true);
}
