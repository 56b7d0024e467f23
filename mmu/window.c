/* Windows: what the software TLB has, mapped where the guest has it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_POPULATE */
#endif
#include "mmu/window.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD_SIZE PAGE_SIZE              /* below a window: its struct fault_head */
#define TAIL_SIZE PAGE_SIZE              /* behind it: what an access at its end may reach */
#define LOW_START (64 * KIB + PAGE_SIZE) /* what hosts let nobody map, and our guard */
#define RUN_MOST  1024u                  /* pages that one call maps */
#define POPULATE                                                                                   \
    16u /* the most that it brings in, too: of a longer run, what is touched comes then */
#define STATE_SIZE ((u64)TLB_PAGES)

/* Mappings that a process may have, less what it needs else. */
static u32 most_maps(void)
{
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    unsigned long most = 65530;

    if (file) {
        if (fscanf(file, "%lu", &most) != 1)
            most = 65530;
        fclose(file);
    }
    return most > 4096 ? (u32)(most - 2048) : (u32)most / 2;
}

/* The host's first 4 GiB become the window, if nothing is there: a process has one such. */
static void take_low(struct window_side *side)
{
    if (!hostmem_reserve((void *)(uintptr_t)LOW_START, WINDOW_SIZE + TAIL_SIZE - LOW_START))
        return;
    side->low = true;
    side->first = LOW_START >> PAGE_SHIFT;
}

/* Bytes behind the head. */
static u64 behind_head(const struct window_side *side)
{
    return side->low ? 0 : WINDOW_SIZE + TAIL_SIZE;
}

static int side_new(struct window_side *side, bool low, bool (*handle)(void *, u64 *, u64, bool),
                    void *opaque)
{
    struct fault_head *head;
    u8 *p;

    if (low)
        take_low(side);
    p = hostmem_reserve(NULL, HEAD_SIZE + behind_head(side));
    if (!p)
        return -ENOMEM;
    side->gs = (u64)(uintptr_t)p + HEAD_SIZE;
    side->base = side->low ? 0 : side->gs;
    side->state = hostmem_sparse(STATE_SIZE);
    if (!side->state || mprotect(p, HEAD_SIZE, PROT_READ | PROT_WRITE) < 0)
        return -ENOMEM;
    head = (struct fault_head *)(p + HEAD_SIZE) - 1;
    *head = (struct fault_head){FAULT_MAGIC, handle, opaque};
    return 0;
}

int window_new(struct mmu *mmu, bool (*handle)(void *opaque, u64 *pc, u64 address, bool write),
               void *opaque)
{
    struct window *w;
    int err = 0;

    if (!fault_has_gs() || sysconf(_SC_PAGESIZE) != PAGE_SIZE)
        return -ENOTSUP;
    w = calloc(1, sizeof(*w));
    if (!w)
        return -ENOMEM;
    mmu->window = w;
    w->maps_most = most_maps();
    for (unsigned user = 0; user < 2 && err == 0; user++)
        err = side_new(&w->side[user], user, handle, opaque);
    if (err == 0)
        err = fault_catch();
    if (err)
        window_free(mmu);
    return err;
}

void window_free(struct mmu *mmu)
{
    struct window *w = mmu->window;

    if (!w)
        return;
    for (unsigned user = 0; user < 2; user++) {
        struct window_side *side = &w->side[user];

        if (side->gs)
            hostmem_unreserve((u8 *)(uintptr_t)side->gs - HEAD_SIZE, HEAD_SIZE + behind_head(side));
        if (side->low)
            hostmem_unreserve((void *)(uintptr_t)LOW_START, WINDOW_SIZE + TAIL_SIZE - LOW_START);
        hostmem_sparse_free(side->state, STATE_SIZE);
    }
    free(w);
    mmu->window = NULL;
}

static void *address_of(const struct window_side *side, u32 page)
{
    return (void *)(uintptr_t)(side->base + ((u64)page << PAGE_SHIFT));
}

/* No rights for `count` pages. */
static void unmap(struct mmu *mmu, struct window_side *side, u32 page, u64 count)
{
    void *at = address_of(side, page);

    mmu->stats->window_unmap++;
    mmu->window->maps++;
    if (mmap(at, count << PAGE_SHIFT, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != at)
        BUG("window: %u pages cannot be unmapped", (unsigned)count);
}

/* The rights that the TLB gives for a page; 0 also where its entries differ, as after a change without a flush. */
static u8 rights_of(const struct mmu *mmu, u32 page, bool user)
{
    u64 read = mmu->tlb.data[user ? MMU_READ_USER : MMU_READ_SUPER][page];
    u64 write = mmu->tlb.data[user ? MMU_WRITE_USER : MMU_WRITE_SUPER][page];

    if (read == TLB_INVALID)
        return 0;
    if (write == read)
        return WINDOW_READ | WINDOW_WRITE;
    return write == TLB_INVALID ? WINDOW_READ : 0;
}

static void forget(struct window_side *side, u32 page)
{
    if (side->state[page]) {
        side->state[page] = 0;
        side->pages--;
    }
}

/* Everything leaves both sides. The TLB's logs have all that is there. */
static void clear(struct mmu *mmu)
{
    struct window *w = mmu->window;
    const struct mmu_log *logs[] = {&mmu->filled, &mmu->filled_global};

    if (!w->maps)
        return;
    for (unsigned l = 0; l < ARRAY_SIZE(logs) && (w->side[0].pages || w->side[1].pages); l++)
        for (u32 i = 0; i < logs[l]->count; i++)
            if (!(logs[l]->item[i] & MMU_FETCH))
                forget(&w->side[(logs[l]->item[i] & MMU_USER) != 0], logs[l]->item[i] >> 3);
    for (unsigned user = 0; user < 2; user++)
        unmap(mmu, &w->side[user], w->side[user].first, TLB_PAGES - w->side[user].first);
    w->maps = 0;
}

/* Before there are too many mappings all leave. A page that leaves, or loses a right, may cut one in three. */
static void make_room(struct mmu *mmu)
{
    if (mmu->window->maps >= mmu->window->maps_most)
        clear(mmu);
}

/* Between which pages around this one all may enter. False: it must wait itself. */
static bool may_enter(const struct mmu *mmu, u32 page, bool user, u32 *least, u32 *most)
{
    *least = 0;
    *most = TLB_PAGES - 1;
    for (u32 i = 0; i < mmu->filled.count && !mmu->window->local; i++) {
        u32 item = mmu->filled.item[i], other = item >> 3;

        if ((item & (MMU_FETCH | MMU_USER)) != (user ? MMU_USER : 0u))
            continue;
        if (other == page)
            return false;
        if (other < page && other >= *least)
            *least = other + 1;
        if (other > page && other <= *most)
            *most = other - 1;
    }
    return true;
}

bool window_waits(const struct mmu *mmu, u32 la, bool user)
{
    u32 least, most;

    return !may_enter(mmu, la >> PAGE_SHIFT, user, &least, &most);
}

bool window_map(struct mmu *mmu, u32 la, enum mmu_access access)
{
    struct window *w = mmu->window;
    bool user = access & MMU_USER;
    struct window_side *side = &w->side[user];
    const u64 *read = mmu->tlb.data[user ? MMU_READ_USER : MMU_READ_SUPER];
    u32 page = la >> PAGE_SHIFT, first = page, last = page, least, most;
    u8 want = access & MMU_WRITE ? WINDOW_READ | WINDOW_WRITE : WINDOW_READ;
    u8 rights = rights_of(mmu, page, user);
    u64 entry = read[page];
    int populate;
    u8 *host;

    if ((rights & want) != want || (side->state[page] & want) == want || page < side->first ||
        !may_enter(mmu, page, user, &least, &most))
        return false;
    if (least < side->first)
        least = side->first;
    make_room(mmu);
    while (page - first < RUN_MOST / 2 && first > least && read[first - 1] == entry &&
           rights_of(mmu, first - 1, user) == rights && side->state[first - 1] != rights)
        first--;
    while (last - first < RUN_MOST - 1 && last < most && read[last + 1] == entry &&
           rights_of(mmu, last + 1, user) == rights && side->state[last + 1] != rights)
        last++;
    host = tlb_host(entry, first << PAGE_SHIFT);
    populate = last - first < POPULATE ? MAP_POPULATE : 0;
    if (mmap(address_of(side, first), (u64)(last - first + 1) << PAGE_SHIFT,
             rights & WINDOW_WRITE ? PROT_READ | PROT_WRITE : PROT_READ,
             MAP_SHARED | MAP_FIXED | MAP_NORESERVE | populate, mmu->phys->mem.fd,
             host - mmu->phys->mem.base) == MAP_FAILED)
        return false;
    w->maps += 2;
    mmu->stats->window_map++;
    if (mmu->stats->window_alive < w->maps)
        mmu->stats->window_alive = w->maps;
    for (page = first; page <= last; page++) {
        side->pages += !side->state[page];
        side->state[page] = rights;
    }
    return true;
}

void window_map_all(struct mmu *mmu)
{
    const struct mmu_log *logs[] = {&mmu->filled_global, &mmu->filled};
    const struct window *w = mmu->window;

    for (unsigned l = 0; l < (w->local ? 2u : 1u); l++)
        for (u32 i = 0; i < logs[l]->count; i++) {
            u32 item = logs[l]->item[i], la = item >> 3 << PAGE_SHIFT;

            if (item & MMU_FETCH || !w->side[(item & MMU_USER) != 0].on)
                continue;
            if (!window_map(mmu, la, (enum mmu_access)((item & MMU_USER) | MMU_WRITE)))
                window_map(mmu, la, (enum mmu_access)(item & MMU_USER));
        }
}

void window_drop(struct mmu *mmu, u32 page, bool user)
{
    struct window_side *side = &mmu->window->side[user];

    if (side->state[page])
        make_room(mmu);
    if (side->state[page]) {
        unmap(mmu, side, page, 1);
        forget(side, page);
    }
}

void window_drop_write(struct mmu *mmu, u32 page, bool user)
{
    struct window_side *side = &mmu->window->side[user];

    if (side->state[page] & WINDOW_WRITE)
        make_room(mmu);
    if (!(side->state[page] & WINDOW_WRITE))
        return;
    if (mprotect(address_of(side, page), PAGE_SIZE, PROT_READ) < 0)
        BUG("window: a page cannot be made read-only");
    mmu->stats->window_unmap++;
    mmu->window->maps += 2;
    side->state[page] = WINDOW_READ;
}

/* What the log has leaves, run by run. */
static void flush_log(struct mmu *mmu, const struct mmu_log *log)
{
    struct window *w = mmu->window;

    for (u32 i = 0; i < log->count; i++) {
        u32 item = log->item[i];

        if (!(item & MMU_FETCH) && w->side[(item & MMU_USER) != 0].state[item >> 3])
            w->side[(item & MMU_USER) != 0].state[item >> 3] |= WINDOW_GOING;
    }
    for (u32 i = 0; i < log->count; i++) {
        u32 item = log->item[i], first = item >> 3, last = first;
        struct window_side *side = &w->side[(item & MMU_USER) != 0];

        if ((item & MMU_FETCH) || !(side->state[first] & WINDOW_GOING))
            continue;
        if (w->maps >= w->maps_most) {
            clear(mmu);
            return;
        }
        while (first > 0 && side->state[first - 1] & WINDOW_GOING)
            first--;
        while (last < TLB_PAGES - 1 && side->state[last + 1] & WINDOW_GOING)
            last++;
        unmap(mmu, side, first, last - first + 1);
        for (u32 page = first; page <= last; page++)
            forget(side, page);
    }
}

#define STAYS(pages) ((pages) - (pages) / 4) /* of so many, for the supervisor's to stay on */

void window_flush(struct mmu *mmu, bool global_too)
{
    struct window *w = mmu->window;
    u32 pages = w->side[0].pages;

    if (global_too || w->maps >= w->maps_most)
        clear(mmu);
    else if (w->side[0].pages || w->side[1].pages)
        flush_log(mmu, &mmu->filled);
    w->global_flushes += global_too;
    w->local = false;
    window_turn_off(mmu, true);
    if (!w->side[0].pages || w->side[0].pages < STAYS(pages))
        window_turn_off(mmu, false);
}

void window_turn_off(struct mmu *mmu, bool user)
{
    struct window *w = mmu->window;

    if (!w->side[user].on)
        return;
    w->side[user].on = false;
    w->turned_off(w->opaque);
}
