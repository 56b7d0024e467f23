/* What the files of the guest-physical map share. */
#ifndef PAGEWALK_PHYS_PART_H
#define PAGEWALK_PHYS_PART_H

#include "mmu/phys.h"

#define PHYS_END (1ull << 32)

static inline bool phys_range_ok(u64 pa, u64 size)
{
    return size > 0 && ((pa | size) & PAGE_MASK) == 0 && pa < PHYS_END && size <= PHYS_END - pa;
}

static inline bool phys_meets_shadow(const struct phys *phys, u64 pa, u64 size)
{
    return pa < phys->shadow.base + phys->shadow.size && phys->shadow.base < pa + size;
}

static inline unsigned phys_mmio_number(u64 desc)
{
    return desc >> PHYS_MMIO_SHIFT & (PHYS_MMIO_MAX - 1);
}

/* Bytes of a page with descriptor desc are about to change. */
void phys_tell_store(struct phys *phys, u64 desc, u64 pa, u64 len);
/* Replaces the descriptor of the page at pa, and with it, in general, the bytes there. */
void phys_set_page(struct phys *phys, u64 pa, u64 desc);
/* Gives a device's range a number; its pages keep theirs when it has one. -ENOMEM when none is free. */
int phys_number_mmio(struct phys *phys, u64 pa, u64 size, const struct phys_mmio_ops *ops,
                     void *opaque);

#endif
