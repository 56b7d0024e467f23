/* Code and dirty bits of guest-physical pages.
 *
 * They belong to an address, not to the memory behind it: a store through an alias of RAM is not noticed at the
 * address that it aliases. So the board aliases ROM, and display memory, whose adapter looks at every place that it
 * has. */
#include "mmu/phys_part.h"

#include <string.h>

void phys_set_code(struct phys *phys, u64 pa, bool on)
{
    if (!(phys_page(phys, pa) & (PHYS_RAM | PHYS_ROM)))
        return;
    if (on)
        phys->page[pa >> PAGE_SHIFT] |= PHYS_CODE;
    else
        phys->page[pa >> PAGE_SHIFT] &= ~(u64)PHYS_CODE;
    if (phys->code_set)
        phys->code_set(phys->code_opaque, pa, on);
}

static void change_pages(struct phys *phys, u64 pa, u64 end)
{
    for (; pa < end; pa += PAGE_SIZE)
        if (phys_page(phys, pa) & PHYS_CODE)
            phys_tell_store(phys, phys_page(phys, pa), pa, PAGE_SIZE);
}

void phys_changes(struct phys *phys)
{
    change_pages(phys, 0, PHYS_END);
}

void phys_changes_beside(struct phys *phys, u64 pa, u64 size)
{
    change_pages(phys, 0, pa);
    change_pages(phys, pa + size, PHYS_END);
}

void phys_put_page(struct phys *phys, const struct phys_piece *piece, u64 at, const u8 *data)
{
    u64 desc = phys_page(phys, piece->pa + at);
    u8 *host = phys->mem.base + piece->offset + at;

    if (desc & PHYS_CODE)
        phys_tell_store(phys, desc, piece->pa + at, PAGE_SIZE);
    if (data)
        memcpy(host, data, PAGE_SIZE);
    else
        memset(host, 0, PAGE_SIZE);
}

void phys_clear_dirty(struct phys *phys, u64 pa, u64 size)
{
    u64 end = pa < PHYS_END && size < PHYS_END - pa ? pa + size : PHYS_END;

    for (u64 i = pa & ~(u64)PAGE_MASK; i < end; i += PAGE_SIZE)
        phys->page[i >> PAGE_SHIFT] &= ~(u64)PHYS_DIRTY;
}

void phys_clear_written(struct phys *phys)
{
    for (unsigned i = 0; i < phys->pieces; i++) {
        const struct phys_piece *piece = &phys->piece[i];

        if (piece->pa == PHYS_NOWHERE)
            continue;
        for (u64 at = 0; at < piece->size; at += PAGE_SIZE) {
            u64 *desc = &phys->page[(piece->pa + at) >> PAGE_SHIFT];

            if (!(*desc & PHYS_MMIO))
                *desc &= ~(u64)PHYS_WRITTEN;
        }
    }
}
