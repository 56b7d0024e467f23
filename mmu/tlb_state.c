/* The software TLB in saved states: both logs, item by item, and what each entry leads to.
 *
 * An entry is kept as an offset in the map's memory, which is laid out alike in every machine of one kind. Nothing of a
 * file is believed: an entry must lead to a whole page of a piece of memory, and one for writing to RAM. */
#include "mmu/host/state.h"
#include "mmu/mmu.h"

#define ITEM_LEN 8          /* of an item and its page */
#define NO_PAGE  UINT32_MAX /* in place of a page of memory: the entry is not valid */

/* The piece that has this page of memory; NULL. */
static const struct phys_piece *find_piece(const struct phys *phys, u64 offset)
{
    for (unsigned i = 0; i < phys->pieces; i++)
        if (offset - phys->piece[i].offset < phys->piece[i].size)
            return &phys->piece[i];
    return NULL;
}

static u32 page_of(struct mmu *mmu, u32 item)
{
    u64 entry = *mmu_logged(mmu, item);
    const u8 *host = tlb_host(entry, item >> 3 << PAGE_SHIFT);

    return entry == TLB_INVALID ? NO_PAGE : (u32)((u64)(host - mmu->phys->mem.base) >> PAGE_SHIFT);
}

/* Whether an entry for writing may lead there; if so, it is noted by physical page, and the page is dirty. Into a device's
 * memory none does: the device looks at its dirty bits at any time, and such entries come and go. */
static bool open_writes(struct mmu *mmu, u64 offset, const struct phys_piece *piece)
{
    u64 host = (u64)(uintptr_t)(mmu->phys->mem.base + offset), *desc;

    if (piece->pa == PHYS_NOWHERE)
        return false;
    desc = &mmu->phys->page[(piece->pa + offset - piece->offset) >> PAGE_SHIFT];
    if ((*desc & ~(u64)PAGE_MASK) != host || (*desc & (PHYS_RAM | PHYS_CODE)) != PHYS_RAM)
        return false;
    *desc |= PHYS_STORED;
    mmu->write_page[(piece->pa + offset - piece->offset) >> PAGE_SHIFT] = MMU_MANY;
    return true;
}

static u64 entry_for(struct mmu *mmu, struct state *state, u32 item, u32 page)
{
    u64 offset = (u64)page << PAGE_SHIFT;
    const struct phys_piece *piece = find_piece(mmu->phys, offset);

    if (page == NO_PAGE)
        return TLB_INVALID;
    if (!piece) {
        state_reject(state);
        return TLB_INVALID;
    }
    /* What is watched, and code that is there by now, keep it out; it comes again when it may. */
    if (!(item & MMU_FETCH) && mmu_page_watched(mmu, item >> 3 << PAGE_SHIFT, item & MMU_WRITE))
        return TLB_INVALID;
    if ((item & (MMU_WRITE | MMU_FETCH)) == MMU_WRITE && !open_writes(mmu, offset, piece))
        return TLB_INVALID;
    return tlb_entry((u64)(uintptr_t)(mmu->phys->mem.base + offset), item >> 3 << PAGE_SHIFT);
}

/* Many at once: a checkpoint of the past has them all. */
static void save_items(struct mmu *mmu, const struct mmu_log *filled, struct state *state)
{
    u8 bytes[64 * ITEM_LEN];
    u32 n;

    for (u32 i = 0; i < filled->count; i += n) {
        for (n = 0; n < sizeof(bytes) / ITEM_LEN && i + n < filled->count; n++) {
            put32(bytes + n * ITEM_LEN, filled->item[i + n]);
            put32(bytes + n * ITEM_LEN + 4, page_of(mmu, filled->item[i + n]));
        }
        state_bytes(state, bytes, n * ITEM_LEN);
    }
}

static void state_log(struct mmu *mmu, struct mmu_log *filled, struct state *state)
{
    u32 count = filled->count;

    state_u32(state, &count);
    if (!state->loading) {
        save_items(mmu, filled, state);
        return;
    }
    if (count > filled->capacity)
        state_reject(state);
    for (u32 i = 0; i < count && !state->failed; i++) {
        u32 item = 0, page = NO_PAGE;

        state_u32(state, &item);
        state_u32(state, &page);
        if (item >> 3 >= TLB_PAGES) {
            state_reject(state);
            return;
        }
        filled->item[i] = item;
        filled->count = i + 1;
        *mmu_logged(mmu, item) = entry_for(mmu, state, item, page);
    }
}

void mmu_state(struct mmu *mmu, struct state *state)
{
    if (state->loading)
        mmu_flush(mmu, true);
    if (!state_begin(state, "tlb"))
        return;
    for (unsigned i = 0; i < ARRAY_SIZE(mmu->large); i++)
        state_u32(state, &mmu->large[i]);
    state_log(mmu, &mmu->filled, state);
    state_log(mmu, &mmu->filled_global, state);
    state_end(state);
    if (state->failed && state->loading)
        mmu_flush(mmu, true);
}
