/* The physical map in saved states: the dirty bits of the pages that it has made.
 *
 * What lies where is made from the board's own state, and devices keep the bits of what they took. */
#include "mmu/host/state.h"
#include "mmu/phys.h"

/* Up to 64 pages from pa on; those that are no RAM have no bit. */
static void state_word(struct phys *phys, struct state *state, u64 pa, u64 pages)
{
    u64 word = 0;

    for (u64 i = 0; i < pages; i++)
        word |= (u64)((phys_page(phys, pa + i * PAGE_SIZE) & PHYS_DIRTY) != 0) << i;
    state_u64(state, &word);
    if (!state->loading || state->failed)
        return;
    for (u64 i = 0; i < pages; i++) {
        u64 *desc = &phys->page[(pa >> PAGE_SHIFT) + i];

        if (*desc & PHYS_RAM)
            *desc = (*desc & ~(u64)PHYS_DIRTY) | (word >> i & 1 ? PHYS_STORED : 0);
    }
}

void phys_state(struct phys *phys, struct state *state)
{
    if (!state_begin(state, "dirty"))
        return;
    for (unsigned i = 0; i < phys->pieces; i++) {
        const struct phys_piece *piece = &phys->piece[i];
        u64 pages = piece->size >> PAGE_SHIFT;

        if (piece->pa == PHYS_NOWHERE)
            continue;
        for (u64 at = 0; at < pages; at += 64)
            state_word(phys, state, piece->pa + at * PAGE_SIZE, pages - at < 64 ? pages - at : 64);
    }
    state_end(state);
}
