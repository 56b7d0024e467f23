/* Memory as a debugger sees it: no rights, no A and D bits, no watchpoints, nothing in the TLB. */
#include "cpu/gdb/gdb_priv.h"

/* The physical address, and how much of len lies in its page; 0: nothing is there. */
static size_t find(struct gdb *gdb, u64 addr, size_t len, u64 *pa)
{
    size_t in_page = PAGE_SIZE - (addr & PAGE_MASK);

    if (addr >> 32)
        return 0;
    *pa = phys_a20(gdb->cpu->mmu.phys, addr);
    if (!gdb->phys_memory && !mmu_peek_pa(&gdb->cpu->mmu, (u32)addr, pa))
        return 0;
    if (!phys_page(gdb->cpu->mmu.phys, *pa))
        return 0;
    return len < in_page ? len : in_page;
}

size_t gdb_read_memory(struct gdb *gdb, u64 addr, u8 *data, size_t len)
{
    size_t done = 0, part;
    u64 pa;

    for (; done < len && (part = find(gdb, addr + done, len - done, &pa)); done += part)
        phys_read(gdb->cpu->mmu.phys, pa, data + done, part);
    return done;
}

bool gdb_write_memory(struct gdb *gdb, u64 addr, const u8 *data, size_t len)
{
    struct phys *phys = gdb->cpu->mmu.phys;
    size_t done, part;
    u64 pa;

    for (done = 0; done < len && (part = find(gdb, addr + done, len - done, &pa)); done += part)
        ;
    if (done < len)
        return false;
    for (done = 0; done < len; done += part) {
        part = find(gdb, addr + done, len - done, &pa);
        if (!part) /* what was written is a page table */
            return false;
        if (phys_host(phys, pa))
            phys_poke(phys, pa, data + done, part);
        else
            phys_write(phys, pa, data + done, part);
    }
    return true;
}
