/* Flat memory: a guest without page tables, whose linear addresses are 4 GiB of the host's address space, or on a
 * 32-bit host half of that and less, with nothing beyond.
 *
 * The owner maps memory there with the host's calls and says in rights[] what the guest may do with each page; supervisor
 * accesses find nothing. The walker looks in rights[], and what it finds lies at base + la, so the software TLB, its slow
 * paths and faults are those of any guest. Native code goes to [GS + la] at once, and comes to the slow paths when the host
 * faults. */
#ifndef PAGEWALK_FLAT_H
#define PAGEWALK_FLAT_H

#include "mmu/mmu.h"

#define FLAT_SIZE  (1ull << 32)
#define FLAT_SMALL (sizeof(void *) < 8) /* a 32-bit host: as much as it can spare */

/* Of a page, in rights[]. */
#define FLAT_READ  1u
#define FLAT_WRITE 2u
#define FLAT_EXEC  4u
#define FLAT_ANY   7u /* higher bits are the owner's */

struct flat {
    u8 *base;    /* la 0; nothing is mapped at first, and nothing ever beside it */
    u8 *rights;  /* by page; sparse */
    u64 size;    /* bytes; asked for by flat_size() */
    bool coarse; /* the host's pages are larger: rights[] alone say what may be done */
    bool split;  /* a thread is in a locked access that the host has no instruction for */
};

/* Reserves the address space. 0 or -errno. */
int flat_init(struct flat *flat);
void flat_free(struct flat *flat);

/* The walker's part, in a map of phys_init_bare(), whose descriptors it fills in. False: *error is the #PF error code for access, which has PF_W, PF_U and PF_I as that has. */
bool flat_walk(const struct flat *flat, struct phys *phys, u32 la, u32 access, struct walk *out,
               u32 *error);

static inline u64 flat_size(const struct flat *flat)
{
    return FLAT_SMALL ? flat->size : FLAT_SIZE;
}

/* Beyond the space: an address where nothing ever is. */
static inline void *flat_host(const struct flat *flat, u32 la)
{
    return flat->base + (la < flat_size(flat) ? la : flat_size(flat));
}

#endif
