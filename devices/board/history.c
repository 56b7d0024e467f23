/* A machine's past, in memory: checkpoints, how they are taken, gone to, and thinned. */
#include "devices/board/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/past.h"
#include "devices/board/pc_board.h"
#include "devices/board/pc_state.h"

#define LOW         (1u * MIB)  /* below, stores may go by the map's bits: pages are compared */
#define STATE_MAX   (32u * MIB) /* of the devices' state: display memory is in it */
#define STATE_PAGES (STATE_MAX / PAGE_SIZE) /* they come first, then those of the map's memory */

_Static_assert(HISTORY_DISKS == PC_MEDIA, "a place for each medium");
_Static_assert(HISTORY_CHRS >= PC_CHRS, "and for each port, and what is no port");

/* What counts the machine's output; NULL: there is none. */
static u64 *written(struct pc *pc, unsigned i, u64 **shown)
{
    struct chr *chr = i < PC_SERIALS + 1u ? pc_chr(pc, i) : NULL;

    if (i == PC_SERIALS + 1u && pc->config.debugcon) {
        *shown = &pc->debugcon.shown;
        return &pc->debugcon.written;
    }
    if (chr)
        *shown = &chr->shown;
    return chr ? &chr->written : NULL;
}

static int watch_disks(struct pc *pc)
{
    struct history *h = &pc->history;

    for (unsigned i = 0; i < PC_MEDIA; i++) {
        struct block *block = pc_medium(pc, i);

        if (!block || block->read_only)
            continue;
        h->disk[i] = block_past_new(block);
        if (!h->disk[i])
            return -ENOMEM;
    }
    return 0;
}

int history_init(struct pc *pc, u64 every, u64 limit)
{
    struct history *h = &pc->history;

    if (versions_init(&h->pages, STATE_PAGES + pc->phys.mem.size / PAGE_SIZE) < 0)
        return -ENOMEM;
    h->on = true;
    h->every = every;
    h->limit = limit;
    if (watch_disks(pc) == 0)
        return 0;
    history_free(pc);
    return -ENOMEM;
}

static void remove_point(struct history *h, unsigned n)
{
    free(h->point[n].pages.page);
    memmove(&h->point[n], &h->point[n + 1], (h->points - n - 1) * sizeof(h->point[0]));
    h->points--;
}

void history_free(struct pc *pc)
{
    struct history *h = &pc->history;

    if (!h->on)
        return;
    for (unsigned i = 0; i < PC_MEDIA; i++)
        block_past_free(h->disk[i]);
    while (h->points)
        remove_point(h, h->points - 1);
    free(h->point);
    versions_free(&h->pages);
    state_free(&h->scratch);
    *h = (struct history){0};
}

u64 history_bytes(const struct pc *pc)
{
    const struct history *h = &pc->history;
    u64 bytes = h->pages.bytes + h->scratch.room + replay_bytes(pc);

    for (unsigned i = 0; i < h->points; i++)
        bytes += sizeof(h->point[i]) + h->point[i].pages.room * sizeof(u32);
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (h->disk[i])
            bytes += block_past_bytes(h->disk[i]);
    return bytes;
}

bool history_is_behind(const struct pc *pc)
{
    return pc->history.behind;
}

static void set_behind(struct pc *pc, bool behind)
{
    pc->history.behind = behind;
    pc_net_behind(pc, behind);
}

/* The checkpoint at `insns` or the last one before it; -1. */
static int find_at(const struct history *h, u64 insns)
{
    int low = 0, high = (int)h->points;

    while (low < high) {
        int middle = (low + high) / 2;

        if (h->point[middle].insns <= insns)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

int history_find(const struct history *h, u64 insns)
{
    return insns ? find_at(h, insns - 1) : -1;
}

/* Pages. */

/* Calls fn for each page that may differ from the checkpoint passed last. */
static int each_written(struct pc *pc,
                        int (*fn)(struct pc *pc, const struct phys_piece *piece, u64 at, u64 moment,
                                  struct versions_list *list),
                        u64 moment, struct versions_list *list)
{
    struct phys *phys = &pc->phys;

    for (unsigned i = 0; i < phys->pieces; i++) {
        const struct phys_piece *piece = &phys->piece[i];

        if (piece->pa == PHYS_NOWHERE) /* a device's, and in its state */
            continue;
        for (u64 at = 0; at < piece->size; at += PAGE_SIZE) {
            int r = 0;

            if (piece->pa + at < LOW || (phys_page(phys, piece->pa + at) & PHYS_WRITTEN))
                r = fn(pc, piece, at, moment, list);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

static int put_page(struct pc *pc, const struct phys_piece *piece, u64 at, u64 moment,
                    struct versions_list *list)
{
    u64 offset = piece->offset + at;

    return versions_put(&pc->history.pages, STATE_PAGES + offset / PAGE_SIZE, moment,
                        pc->phys.mem.base + offset, list);
}

static int get_page(struct pc *pc, const struct phys_piece *piece, u64 at, u64 moment,
                    struct versions_list *list)
{
    static const u8 zeros[PAGE_SIZE];
    const u8 *data =
        versions_at(&pc->history.pages, STATE_PAGES + (piece->offset + at) / PAGE_SIZE, moment);

    (void)list;
    if (memcmp(pc->phys.mem.base + piece->offset + at, data ? data : zeros, PAGE_SIZE) != 0)
        phys_put_page(&pc->phys, piece, at, data);
    return 0;
}

/* The first checkpoint has all that was ever touched. */
static int put_everything(struct pc *pc, u64 moment, struct versions_list *list)
{
    struct phys *phys = &pc->phys;
    int r = 0;

    for (unsigned i = 0; i < phys->pieces && r == 0; i++) {
        const struct phys_piece *piece = &phys->piece[i];

        if (piece->pa == PHYS_NOWHERE)
            continue;
        for (u64 at = 0, end; at < piece->size && r == 0; at = end) {
            bool data;

            end = at + hostmem_extent(&phys->mem, piece->offset + at, piece->size - at, &data);
            for (u64 page = at; data && page < end && r == 0; page += PAGE_SIZE)
                r = put_page(pc, piece, page, moment, list);
        }
    }
    return r;
}

/* Cables first: cards look at their links as they are loaded. */
static void whole_state(struct pc *pc, struct state *state)
{
    pc_net_cables_state(pc, state);
    pc_state_parts(pc, state);
}

static int put_state(struct pc *pc, struct history_point *point)
{
    struct history *h = &pc->history;
    struct state *state = &h->scratch;
    u8 last[PAGE_SIZE] = {0};
    int r = 0;

    state_restart(state);
    whole_state(pc, state);
    point->state_len = state->len;
    if (state->failed || state->len > STATE_MAX)
        r = -ENOMEM;
    for (size_t at = 0; at < state->len && r == 0; at += PAGE_SIZE) {
        const u8 *page = state->data + at;

        if (state->len - at < PAGE_SIZE)
            page = memcpy(last, page, state->len - at);
        r = versions_put(&h->pages, at / PAGE_SIZE, point->insns, page, &point->pages);
    }
    return r;
}

static int get_state(struct pc *pc, const struct history_point *point)
{
    struct history *h = &pc->history;
    u64 pages = (point->state_len + PAGE_SIZE - 1) / PAGE_SIZE;
    u8 *bytes = calloc(pages, PAGE_SIZE);
    char line[200];
    struct state state;
    int r;

    if (!bytes)
        return -ENOMEM;
    for (u64 i = 0; i < pages; i++) {
        const u8 *data = versions_at(&h->pages, i, point->insns);

        if (data)
            memcpy(bytes + i * PAGE_SIZE, data, PAGE_SIZE);
    }
    state_init_load(&state, bytes, point->state_len);
    whole_state(pc, &state);
    r = state_wrong(&state, line, sizeof(line)) ? -EINVAL : 0;
    free(bytes);
    return r;
}

/* Thinning. */

/* What entered before the first checkpoint. */
static void forget_first(struct pc *pc)
{
    struct history *h = &pc->history;
    size_t events = h->point[0].events;

    replay_forget_first(pc, events);
    for (unsigned i = 0; i < h->points; i++)
        h->point[i].events -= events;
}

static void merge(struct pc *pc, unsigned n)
{
    struct history *h = &pc->history;
    struct history_point *p = &h->point[n], *next = p + 1;

    if (versions_merge(&h->pages, &p->pages, p->insns, next->insns, &next->pages) < 0)
        return;
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (h->disk[i])
            block_past_merge(h->disk[i], n ? p[-1].insns : BLOCK_NO_MOMENT, next->insns);
    remove_point(h, n);
    h->thinned++;
    if (n == 0)
        forget_first(pc);
}

/* The one whose going makes the smallest gap for its distance; 0: there is none but the first. What somebody changed the
 * machine behind cannot be come to from before. */
static unsigned most_spare(const struct history *h, u64 here)
{
    unsigned best = 0;
    double least = 0;

    for (unsigned i = 1; i + 1 < h->points; i++) {
        u64 at = h->point[i].insns, away = at < here ? here - at : at - here;
        double cost =
            (double)(h->point[i + 1].insns - h->point[i - 1].insns) / (double)(away + h->every);

        if (h->point[i].own || at == h->last || (best && cost >= least))
            continue;
        best = i;
        least = cost;
    }
    return best;
}

/* Until it is within the limit; one is left. What has entered goes only with the beginning, and may take half of it. */
static void thin(struct pc *pc)
{
    struct history *h = &pc->history;

    while (history_bytes(pc) > h->limit && h->points > 1) {
        bool input = replay_bytes(pc) > h->limit / 2;
        unsigned before = h->points, n = input ? 0 : most_spare(h, cpu_insns(pc->cpu));

        if (n == 0 && h->point[0].insns == h->last)
            return;
        merge(pc, n);
        if (h->points == before)
            return;
    }
}

/* Checkpoints. */

static void set_next(struct history *h, u64 insns)
{
    h->next_at = (insns / h->every + 1) * h->every;
}

static void pass(struct history *h, u64 insns)
{
    h->last = insns;
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (h->disk[i])
            block_past_pass(h->disk[i], insns);
}

/* Makes room behind checkpoint n - 1. NULL: no memory. */
static struct history_point *insert_point(struct history *h, unsigned n)
{
    if (h->points == h->room) {
        unsigned room = h->room ? h->room * 2 : 64;
        struct history_point *grown = realloc(h->point, room * sizeof(*grown));

        if (!grown)
            return NULL;
        h->point = grown;
        h->room = room;
    }
    memmove(&h->point[n + 1], &h->point[n], (h->points - n) * sizeof(h->point[0]));
    h->points++;
    h->point[n] = (struct history_point){0};
    return &h->point[n];
}

static void give_up(struct pc *pc, const char *why)
{
    fprintf(stderr, "pagewalk: -reverse: %s; from here on there is no way back\n", why);
    history_change(pc); /* the disks as the machine sees them */
    history_free(pc);
    replay_forget_past(pc);
}

/* The machine as it is becomes a checkpoint, or replaces the one of this instruction. */
static void take(struct pc *pc, bool own)
{
    struct history *h = &pc->history;
    u64 insns = cpu_insns(pc->cpu), *shown;
    int at = find_at(h, insns);
    bool again = at >= 0 && h->point[at].insns == insns, first = h->points == 0;
    struct history_point *p = again ? &h->point[at] : insert_point(h, (unsigned)(at + 1));
    int r;

    if (!p) {
        give_up(pc, "the host has no memory for a checkpoint");
        return;
    }
    p->insns = insns;
    p->ns = clock_now(&pc->clock);
    p->digest = cpu_digest(pc->cpu);
    p->events = replay_entered(pc);
    p->own |= own;
    for (unsigned i = 0; i < HISTORY_CHRS; i++)
        if (written(pc, i, &shown))
            p->written[i] = *written(pc, i, &shown);
    r = first ? put_everything(pc, insns, &p->pages) : each_written(pc, put_page, insns, &p->pages);
    if (r == 0)
        r = put_state(pc, p);
    if (r < 0) {
        give_up(pc, "the host has no memory for a checkpoint");
        return;
    }
    h->taken++;
}

/* Whether the machine has come to a checkpoint as it did before; if not, that way is forgotten. */
static void check(struct pc *pc, const struct history_point *p)
{
    if (p->ns == clock_now(&pc->clock) && p->digest == cpu_digest(pc->cpu))
        return;
    fprintf(stderr,
            "pagewalk: -reverse: the machine has gone another way than before, at instruction "
            "%" PRIu64 "\n",
            p->insns);
    history_change(pc);
}

void history_turn(struct pc *pc)
{
    struct history *h = &pc->history;
    u64 insns = cpu_insns(pc->cpu);
    bool own = h->changed;
    int at;

    if (!h->on || (insns < h->next_at && !own && h->points))
        return;
    at = find_at(h, insns);
    if (!own && at >= 0 && h->point[at].insns == insns) {
        check(pc, &h->point[at]);
        own = h->changed;
    }
    mmu_flush_writes(
        &pc->cpu->mmu); /* a page that is stored to from here on is found by its fill */
    if (own || at < 0 || h->point[at].insns != insns)
        take(pc, own);
    if (!h->on)
        return;
    phys_clear_written(&pc->phys);
    h->changed = false;
    pass(h, insns);
    set_next(h, insns);
    thin(pc);
    if (history_bytes(pc) > h->limit)
        give_up(pc, "-reverse-memory is too little for one checkpoint");
}

u64 history_insns_until(const struct pc *pc)
{
    const struct history *h = &pc->history;
    u64 insns = cpu_insns(pc->cpu);

    u64 next = h->behind && h->front_insns > insns && h->front_insns < h->next_at ? h->front_insns
                                                                                  : h->next_at;

    return h->on && next > insns ? next - insns : UINT64_MAX;
}

/* The past. */

void history_look(struct pc *pc)
{
    struct history *h = &pc->history;

    if (h->on && replay_lacks(pc))
        give_up(pc, "the host has no memory for what enters");
    if (!h->behind || cpu_insns(pc->cpu) < h->front_insns || clock_now(&pc->clock) < h->front_ns ||
        replay_waits(pc))
        return;
    set_behind(pc, false);
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (h->disk[i])
            block_past_present(h->disk[i]);
}

static void get_pages(struct pc *pc, const struct versions_list *list, u64 moment)
{
    struct phys *phys = &pc->phys;

    for (u32 i = 0; i < list->count; i++) {
        u64 offset = ((u64)list->page[i] - STATE_PAGES) * PAGE_SIZE;

        for (unsigned n = 0; list->page[i] >= STATE_PAGES && n < phys->pieces; n++) {
            const struct phys_piece *piece = &phys->piece[n];

            if (offset - piece->offset < piece->size && piece->pa != PHYS_NOWHERE)
                get_page(pc, piece, offset - piece->offset, moment, NULL);
        }
    }
}

void history_go(struct pc *pc, unsigned number)
{
    struct history *h = &pc->history;
    const struct history_point *p = &h->point[number];
    u64 *shown, insns = p->insns, first = insns < h->last ? insns : h->last,
                last = insns < h->last ? h->last : insns;

    if (!h->behind) {
        set_behind(pc, true);
        h->front_insns = cpu_insns(pc->cpu);
        h->front_ns = clock_now(&pc->clock);
    }
    phys_changes_beside(&pc->phys, LOW, pc->phys.ram_size > LOW ? pc->phys.ram_size - LOW : 0);
    each_written(pc, get_page, insns, NULL);
    for (unsigned i = 0; i < h->points; i++)
        if (h->point[i].insns > first && h->point[i].insns <= last)
            get_pages(pc, &h->point[i].pages, insns);
    if (get_state(pc, p) < 0) {
        give_up(pc, "the host has no memory to go back");
        return;
    }
    phys_clear_written(&pc->phys); /* its TLB has no entries for writing */
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (h->disk[i])
            block_past_go(h->disk[i], insns);
    for (unsigned i = 0; i < HISTORY_CHRS; i++)
        if (written(pc, i, &shown))
            *written(pc, i, &shown) = p->written[i];
    replay_rewind(pc, p->events);
    h->last = insns;
    set_next(h, insns);
    h->gone_to++;
}

void history_change(struct pc *pc)
{
    struct history *h = &pc->history;
    u64 insns = cpu_insns(pc->cpu), *shown;

    if (!h->on)
        return;
    h->changed = true;
    if (!h->behind)
        return;
    while (h->points && h->point[h->points - 1].insns > insns) {
        struct history_point *last = &h->point[h->points - 1];

        versions_drop(&h->pages, &last->pages, last->insns);
        remove_point(h, h->points - 1);
    }
    replay_forget(pc);
    for (unsigned i = 0; i < PC_MEDIA; i++)
        if (h->disk[i] && block_past_fork(h->disk[i]) < 0)
            fputs("pagewalk: -reverse: a disk could not be written as it was\n", stderr);
    for (unsigned i = 0; i < HISTORY_CHRS; i++)
        if (written(pc, i, &shown))
            *shown = *written(pc, i, &shown);
    set_behind(pc, false);
}

void history_restart(struct pc *pc)
{
    struct history *h = &pc->history;
    u64 every = h->every, limit = h->limit;

    if (!h->on)
        return;
    history_change(pc); /* the disks as the machine sees them */
    history_free(pc);
    replay_forget_past(pc);
    if (history_init(pc, every, limit) < 0)
        fputs("pagewalk: -reverse: the host has no memory; from here on there is no way back\n",
              stderr);
}
