/* Pages that hold translated code, and stores to them.
 *
 * A code page's write entries stay invalid in the TLB, so every store to it comes here before the bytes change,
 * unless the MMU knows from smc_code() that it touches no code. A page is divided into lines of 64 bytes. One that is
 * stored to again and again gets an index: its blocks by line, and a bit for each byte of code, so that a store
 * looks at the blocks of its own line only, and one beside code at none. A block that modifies itself runs on to the
 * end of the instruction that stored, and no further. */
#include <stdlib.h>

#include "translate/block.h"
#include "translate/engine.h"

#define LINES        (PAGE_SIZE >> CODE_LINE_SHIFT)
#define LINE_MASK    ((1u << CODE_LINE_SHIFT) - 1)
#define INDEX_STORES 4 /* so many stores make an index worth it */

_Static_assert(LINES == 64 && LINE_MASK == 63,
               "a word has a bit for each line, and for each byte of one");

struct code_index {
    struct block_line *line[LINES];
    u64 stale; /* bit per line: blocks went, whose bytes code[] may still have */
    u64 code[LINES +
             1]; /* bit per byte: some block has it; a word more for who reads past a line's */
};

struct code_page {
    u64 lines; /* bit per line: some block has bytes there; may be stale without an index */
    struct code_index *index;  /* or NULL: then */
    struct block_line *blocks; /* each block is here, by the first of its lines in this page */
    u8 stores;                 /* while there is no index */
};

static u64 bits(u32 start, u32 end)
{
    return (~0ull >> (64 - (end - start))) << start;
}

/* Bit per line that [start, end) of a page touches. */
static u64 lines_of(u32 start, u32 end)
{
    return bits(start >> CODE_LINE_SHIFT, ((end - 1) >> CODE_LINE_SHIFT) + 1);
}

/* Lines of the block's first page. */
static u64 first_lines(const struct block_run *run, unsigned runs)
{
    u64 lines = 0;

    for (unsigned i = 0; i < runs; i++)
        lines |= lines_of(run[i].start, run[i].end < PAGE_SIZE ? run[i].end : PAGE_SIZE);
    return lines;
}

unsigned smc_lines(const struct block_run *run, unsigned runs)
{
    return (unsigned)__builtin_popcountll(first_lines(run, runs)) + (run[0].end > PAGE_SIZE);
}

static struct block *block_of(const struct block_line *line)
{
    return (struct block *)((u8 *)(uintptr_t)line - line->offset);
}

static bool in_second(const struct block_line *line)
{
    return line->number >= LINES;
}

static u64 pa_of(const struct block_line *line)
{
    return in_second(line) ? block_of(line)->pa2 : block_of(line)->pa;
}

/* Whether the block has bytes in [start, end), counted from the start of its first page. */
static bool has_bytes(const struct block *b, u32 start, u32 end)
{
    for (unsigned i = 0; i < b->runs; i++)
        if (b->run[i].start < end && start < b->run[i].end)
            return true;
    return false;
}

/* Bit per byte that the block has in the line. */
static u64 bytes_in(const struct block_line *line)
{
    const struct block *b = block_of(line);
    u32 base = (u32)line->number << CODE_LINE_SHIFT;
    u64 mask = 0;

    for (unsigned i = 0; i < b->runs; i++) {
        u32 start = b->run[i].start > base ? b->run[i].start - base : 0;
        u32 end = b->run[i].end > base ? b->run[i].end - base : 0;

        if (end > LINE_MASK + 1)
            end = LINE_MASK + 1;
        if (start < end)
            mask |= bits(start, end);
    }
    return mask;
}

static void link_line(struct block_line **head, struct block_line *line)
{
    line->next = *head;
    line->pprev = head;
    if (line->next)
        line->next->pprev = &line->next;
    *head = line;
}

static void unlink_line(struct block_line *line)
{
    *line->pprev = line->next;
    if (line->next)
        line->next->pprev = line->pprev;
    line->pprev = NULL;
}

/* Hangs up what the block has in the page of its line `first`. */
static void add_lines(struct code_page *page, struct block_line *first)
{
    const struct block *b = block_of(first);
    struct block_line *line;

    if (!page->index)
        link_line(&page->blocks, first);
    for (line = first; line < b->line + b->lines && in_second(line) == in_second(first); line++) {
        unsigned n = line->number % LINES;

        page->lines |= 1ull << n;
        if (page->index) {
            link_line(&page->index->line[n], line);
            page->index->code[n] |= bytes_in(line);
        }
    }
}

static void make_index(struct code_page *page)
{
    struct block_line *line, *next;

    page->index = calloc(1, sizeof(*page->index));
    if (!page->index)
        BUG("out of memory");
    page->lines = 0;
    for (line = page->blocks; line; line = next) {
        next = line->next;
        add_lines(page, line);
    }
    page->blocks = NULL;
}

static struct code_page *page_at(struct translator *tr, u64 pa)
{
    struct code_page **slot = &tr->page[pa >> PAGE_SHIFT];

    if (*slot)
        return *slot;
    *slot = calloc(1, sizeof(**slot));
    if (!*slot)
        BUG("out of memory");
    mmu_unmap_write(&tr->cpu->mmu, pa);
    phys_set_code(tr->cpu->mmu.phys, pa, true);
    return *slot;
}

void smc_watch(struct translator *tr, u64 pa)
{
    if (pa >> 32 == 0)
        page_at(tr, pa);
}

void smc_add(struct translator *tr, struct block *b)
{
    u64 lines = first_lines(b->run, b->runs);

    for (unsigned i = 0; i < b->lines; i++, lines &= lines - 1)
        b->line[i] = (struct block_line){
            .offset = (u32)((u8 *)&b->line[i] - (u8 *)b),
            .number = (u16)(lines ? (unsigned)__builtin_ctzll(lines) : LINES),
        };
    add_lines(page_at(tr, b->pa), b->line);
    if (block_crosses(b) && b->pa2 >> 32 == 0) {
        struct code_page *page = page_at(tr, b->pa2);

        /* One page mapped twice: no list may have a block twice. */
        if (b->pa2 >> PAGE_SHIFT == b->pa >> PAGE_SHIFT && !page->index)
            make_index(page);
        add_lines(page, &b->line[b->lines - 1]);
    }
}

static void free_if_empty(struct translator *tr, u64 pa)
{
    struct code_page *page = pa >> 32 ? NULL : tr->page[pa >> PAGE_SHIFT];

    if (!page || (page->index ? page->lines != 0 : page->blocks != NULL))
        return;
    phys_set_code(tr->cpu->mmu.phys, pa, false);
    tr->page[pa >> PAGE_SHIFT] = NULL;
    if (page->index)
        mmu_unmap_write(&tr->cpu->mmu, pa); /* it knows smc_code() */
    free(page->index);
    free(page);
}

void smc_unwatch(struct translator *tr, u64 pa)
{
    free_if_empty(tr, pa);
}

void smc_remove(struct translator *tr, struct block *b)
{
    for (unsigned i = 0; i < b->lines; i++) {
        struct block_line *line = &b->line[i];
        struct code_index *index;
        unsigned n = line->number % LINES;

        if (!line->pprev)
            continue;
        index = tr->page[pa_of(line) >> PAGE_SHIFT]->index;
        unlink_line(line);
        if (!index)
            continue;
        index->stale |= 1ull << n;
        if (!index->line[n]) {
            tr->page[pa_of(line) >> PAGE_SHIFT]->lines &= ~(1ull << n);
            index->code[n] = 0;
        }
    }
    free_if_empty(tr, b->pa);
    if (block_crosses(b) && b->pa2 >> 32 == 0)
        free_if_empty(tr, b->pa2);
}

static void kill_block(struct translator *tr, struct block *b, u32 pa)
{
    unsigned at;

    log_printf(tr->cpu->log, LOG_smc, "smc: store to %08x kills the block at %08x\n", pa, b->eip);
    block_kill(tr, b);
    tr->cpu->stats->smc_kill++;
    if (b == engine_current(tr, &at)) /* last: unchaining may write where the stop will be */
        engine_of(tr, b)->stop_after(tr, b, b->uop[at].insn);
}

/* Kills the blocks of a list that have bytes in [start, end) of the page. */
static void kill_listed(struct translator *tr, struct block_line *line, u64 page_pa, u32 start,
                        u32 end)
{
    struct block_line *next;

    for (; line; line = next) {
        u32 base = in_second(line) ? PAGE_SIZE : 0;

        next = line->next;
        if (has_bytes(block_of(line), base + start, base + end))
            kill_block(tr, block_of(line), (u32)page_pa + start);
    }
}

/* code[] of line n again, when blocks went. */
static void refresh(struct code_index *index, unsigned n)
{
    if (!(index->stale >> n & 1))
        return;
    index->stale &= ~(1ull << n);
    index->code[n] = 0;
    for (const struct block_line *line = index->line[n]; line; line = line->next)
        index->code[n] |= bytes_in(line);
}

/* A store to [start, end) of a page that has an index. */
static void store_indexed(struct translator *tr, u64 page_pa, u32 start, u32 end)
{
    u64 lines = lines_of(start, end);

    for (; lines; lines &= lines - 1) {
        struct code_page *page = tr->page[page_pa >> PAGE_SHIFT];
        unsigned n = (unsigned)__builtin_ctzll(lines);
        u32 from = n << CODE_LINE_SHIFT, to = from + LINE_MASK + 1;

        if (!page) /* all of its blocks are dead */
            return;
        from = from < start ? start : from;
        to = to < end ? to : end;
        if (!(page->index->code[n] & bits(from & LINE_MASK, ((to - 1) & LINE_MASK) + 1)))
            continue;
        kill_listed(tr, page->index->line[n], page_pa, from, to);
        if (tr->page[page_pa >> PAGE_SHIFT])
            refresh(page->index, n);
    }
}

void smc_store(void *opaque, u32 pa, u32 len)
{
    struct translator *tr = opaque;

    while (len) {
        u32 start = pa & PAGE_MASK;
        u32 end = len < PAGE_SIZE - start ? start + len : PAGE_SIZE;
        struct code_page *page = tr->page[pa >> PAGE_SHIFT];

        if (page && !page->index && ++page->stores == INDEX_STORES)
            make_index(page);
        if (page && page->index)
            store_indexed(tr, pa & ~PAGE_MASK, start, end);
        else if (page && page->lines & lines_of(start, end))
            kill_listed(tr, page->blocks, pa & ~PAGE_MASK, start, end);
        free_if_empty(tr, pa); /* one that was watched, and got no block */
        pa += end - start;
        len -= end - start;
    }
}

const u8 *smc_code(void *opaque, u32 pa)
{
    struct translator *tr = opaque;
    const struct code_page *page = tr->page[pa >> PAGE_SHIFT];

    return page && page->index ? (const u8 *)page->index->code : NULL;
}
