/* Flat memory: the reservation, and what the walker finds in it. */
#include "mmu/flat.h"

#include <errno.h>

#define FLAT_LEAST (512u * MIB) /* few programs would do with less */

int flat_init(struct flat *flat)
{
    *flat = (struct flat){.rights = hostmem_sparse(TLB_PAGES), .size = FLAT_SIZE};
    do {
        flat->size >>= FLAT_SMALL;
        flat->base = hostmem_reserve(NULL, flat->size);
    } while (FLAT_SMALL && !flat->base && flat->size > FLAT_LEAST);
    if (flat->base && flat->rights)
        return 0;
    flat_free(flat);
    return -ENOMEM;
}

void flat_free(struct flat *flat)
{
    if (flat->base)
        hostmem_unreserve(flat->base, flat->size);
    hostmem_sparse_free(flat->rights, TLB_PAGES);
    *flat = (struct flat){0};
}

bool flat_walk(const struct flat *flat, struct phys *phys, u32 la, u32 access, struct walk *out,
               u32 *error)
{
    u32 page = la >> PAGE_SHIFT;
    unsigned rights = access & PF_U ? flat->rights[page] & FLAT_ANY : 0;
    bool writable = rights & FLAT_WRITE;

    if (!rights || (access & PF_W && !writable) || (access & PF_I && !(rights & FLAT_EXEC))) {
        *error = access | (rights ? PF_P : 0);
        return false;
    }
    phys->page[page] = (u64)(uintptr_t)(flat->base + ((u64)page << PAGE_SHIFT)) | PHYS_RAM |
                       PHYS_STORED | (phys->page[page] & PHYS_CODE);
    *out = (struct walk){
        .pa = la,
        .page_size = PAGE_SIZE,
        .writable = writable,
        .user = true,
        .user_writable = writable,
        .dirty = true,
    };
    return true;
}
