/* Pages that hold translated code, and stores to them.
 *
 * A code page's write entries stay invalid in the TLB, so every store to it comes here before the
 * bytes change. Stores that touch no block's bytes cost a bitmap test. A block that modifies itself
 * runs on to the end of the instruction that stored, and no further. */
#include <stdlib.h>

#include "translate/block.h"
#include "translate/engine.h"

/* Bytes of run i of the block in the page of pa (which: 0 first page, 1 second). */
static void range_in_page(const struct block *b, unsigned which, unsigned i, u32 *start, u32 *end)
{
    const struct block_run *run = &b->run[i];

    if (block_crosses(b) && b->pa2 >> PAGE_SHIFT == b->pa >> PAGE_SHIFT) {
        *start = 0; /* crosses into the same page, mapped twice */
        *end = PAGE_SIZE;
    } else if (which == 0) {
        *start = run->start;
        *end = run->end < PAGE_SIZE ? run->end : PAGE_SIZE;
    } else {
        *start = 0;
        *end = run->end - PAGE_SIZE;
    }
}

static bool has_bytes_in(const struct block *b, unsigned which, u32 start, u32 end)
{
    for (unsigned i = 0; i < b->runs; i++) {
        u32 from, to;

        range_in_page(b, which, i, &from, &to);
        if (from < end && start < to)
            return true;
    }
    return false;
}

static u64 lines_of(u32 start, u32 end)
{
    u32 first = start >> CODE_LINE_SHIFT, last = (end - 1) >> CODE_LINE_SHIFT;

    return (~0ull >> (63 - (last - first))) << first;
}

/* A block hangs on up to two lists. The link by which it hangs on the one where `at` points at it. */
static struct block_page_link *link_at(struct block *b, struct block **at)
{
    return &b->in_page[b->in_page[0].pprev == at ? 0 : 1];
}

static void add_to_page(struct translator *tr, struct block *b, unsigned which, u64 pa)
{
    struct code_page **slot = &tr->page[pa >> PAGE_SHIFT], *page = *slot;
    struct block_page_link *link = &b->in_page[which];
    u32 start, end;

    if (!page) {
        page = *slot = calloc(1, sizeof(*page));
        if (!page)
            BUG("out of memory");
        phys_set_code(tr->cpu->mmu.phys, pa, true);
        mmu_unmap_write(&tr->cpu->mmu, pa);
    }
    for (unsigned i = 0; i < b->runs; i++) {
        range_in_page(b, which, i, &start, &end);
        page->lines |= lines_of(start, end);
    }
    link->next = page->blocks;
    link->pprev = &page->blocks;
    if (link->next)
        link_at(link->next, &page->blocks)->pprev = &link->next;
    page->blocks = b;
}

void smc_add(struct translator *tr, struct block *b)
{
    add_to_page(tr, b, 0, b->pa);
    if (block_crosses(b) && b->pa2 >> PAGE_SHIFT != b->pa >> PAGE_SHIFT && b->pa2 >> 32 == 0)
        add_to_page(tr, b, 1, b->pa2);
}

static void remove_from_page(struct translator *tr, struct block *b, unsigned which, u64 pa)
{
    struct block_page_link *link = &b->in_page[which];
    struct code_page *page = tr->page[pa >> PAGE_SHIFT];

    if (link->next)
        link_at(link->next, &link->next)->pprev = link->pprev;
    *link->pprev = link->next;
    link->pprev = NULL;
    if (!page->blocks) {
        phys_set_code(tr->cpu->mmu.phys, pa, false);
        tr->page[pa >> PAGE_SHIFT] = NULL;
        free(page);
    }
}

void smc_remove(struct translator *tr, struct block *b)
{
    if (b->in_page[0].pprev)
        remove_from_page(tr, b, 0, b->pa);
    if (b->in_page[1].pprev)
        remove_from_page(tr, b, 1, b->pa2);
}

/* Kills the blocks that have bytes in [start, end) of the page. */
static void kill_range(struct translator *tr, u64 page_pa, u32 start, u32 end)
{
    struct code_page *page = tr->page[page_pa >> PAGE_SHIFT];
    struct block *b = page->blocks, *running;
    unsigned at;

    running = tr->engine->current(tr, &at);

    while (b) {
        unsigned which = b->pa >> PAGE_SHIFT == page_pa >> PAGE_SHIFT ? 0 : 1;
        struct block *next = b->in_page[which].next;

        if (has_bytes_in(b, which, start, end)) {
            log_printf(tr->cpu->log, LOG_smc, "smc: store to %08x kills the block at %08x\n",
                       (u32)page_pa + start, b->eip);
            block_kill(tr, b);
            if (b == running) /* last: nothing may be written over the stop, as unchaining would */
                tr->engine->stop_after(tr, b, b->uop[at].insn);
            tr->cpu->stats->smc_kill++;
        }
        b = next;
    }
}

void smc_store(void *opaque, u32 pa, u32 len)
{
    struct translator *tr = opaque;

    while (len) {
        u32 start = pa & PAGE_MASK;
        u32 end = len < PAGE_SIZE - start ? start + len : PAGE_SIZE;
        struct code_page *page = tr->page[pa >> PAGE_SHIFT];

        if (page && (page->lines & lines_of(start, end)))
            kill_range(tr, pa & ~PAGE_MASK, start, end);
        pa += end - start;
        len -= end - start;
    }
}
