/* The interpreter's loads and stores that miss the TLB. */
#include "translate/interp/memory.h"

#include "cpu/excp.h"

u32 interp_load_slow(struct translator *tr, const struct uop *u, u32 la, unsigned size,
                     enum mmu_access access)
{
    u64 value;

    tr->cur = u;
    if (!mmu_load_slow(&tr->cpu->mmu, la, size, access, &value))
        cpu_raise_pf(tr->cpu);
    return (u32)value;
}

/* The load of a read-modify-write: every byte must be writable before anything happens. */
u32 interp_load_write_slow(struct translator *tr, const struct uop *u, u32 la, unsigned size,
                           enum mmu_access access)
{
    tr->cur = u;
    if (!mmu_probe(&tr->cpu->mmu, la, size, access))
        cpu_raise_pf(tr->cpu);
    return interp_load_slow(tr, u, la, size, (enum mmu_access)(access & ~MMU_WRITE));
}

void interp_store_slow(struct translator *tr, const struct uop *u, u32 la, u32 value, unsigned size,
                       enum mmu_access access)
{
    tr->cur = u;
    if (!mmu_store_slow(&tr->cpu->mmu, la, value, size, access))
        cpu_raise_pf(tr->cpu);
}
