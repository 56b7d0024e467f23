/* Memory as a debugger sees it: no rights, no A and D bits, no watchpoints, nothing in the TLB. */
#include "cpu/peek.h"

/* The physical address, and how much of len lies in its page; 0: nothing is there. */
static size_t find(struct cpu *cpu, u64 addr, bool physical, size_t len, u64 *pa)
{
    size_t in_page = PAGE_SIZE - (addr & PAGE_MASK);

    if (addr >> 32)
        return 0;
    *pa = phys_a20(cpu->mmu.phys, addr);
    if (!physical && !mmu_peek_pa(&cpu->mmu, (u32)addr, pa))
        return 0;
    if (!phys_page(cpu->mmu.phys, *pa))
        return 0;
    return len < in_page ? len : in_page;
}

size_t cpu_peek(struct cpu *cpu, u64 addr, bool physical, u8 *data, size_t len)
{
    size_t done = 0, part;
    u64 pa;

    for (; done < len && (part = find(cpu, addr + done, physical, len - done, &pa)); done += part)
        phys_read(cpu->mmu.phys, pa, data + done, part);
    return done;
}

bool cpu_poke(struct cpu *cpu, u64 addr, bool physical, const u8 *data, size_t len)
{
    struct phys *phys = cpu->mmu.phys;
    size_t done, part;
    u64 pa;

    for (done = 0; done < len && (part = find(cpu, addr + done, physical, len - done, &pa));
         done += part)
        ;
    if (done < len)
        return false;
    for (done = 0; done < len; done += part) {
        part = find(cpu, addr + done, physical, len - done, &pa);
        if (!part) /* what was written is a page table */
            return false;
        if (phys_host(phys, pa))
            phys_poke(phys, pa, data + done, part);
        else
            phys_write(phys, pa, data + done, part);
    }
    return true;
}
