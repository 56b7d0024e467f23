/* IN and OUT, and the rights to ports. */
#include "cpu/ioperm.h"

#include "cpu/debug.h"
#include "cpu/helper.h"
#include "cpu/sys.h"

/* The bitmap is read two bytes at a time, so both must be within the TSS. (SDM vol. 1, 19.5.2) */
static bool ioperm_bitmap_allows(struct cpu *cpu, u16 port, unsigned size)
{
    const struct sysseg *tr = &cpu->tr;
    u32 offset, bits;

    if (!(tr->attr & SEG_P) || !(tr->attr >> SEG_TYPE_SHIFT & 8) || tr->limit < TSS_IO_BASE + 1)
        return false;
    offset = (u32)lin_load(cpu, la_add(tr->base, TSS_IO_BASE), 2, false) + port / 8;
    if (offset + 1 > tr->limit)
        return false;
    bits = (u32)lin_load(cpu, la_add(tr->base, offset), 2, false) >> port % 8;
    return (bits & ((1u << size) - 1)) == 0;
}

bool ioperm_free(const struct cpu *cpu)
{
    return !(cpu->cr0 & CR0_PE) || (!cpu_vm86(cpu) && cpu->cpl <= cpu_iopl(cpu));
}

void ioperm_check(struct cpu *cpu, u16 port, unsigned size)
{
    if (ioperm_free(cpu))
        return;
    if (!ioperm_bitmap_allows(cpu, port, size))
        cpu_fault(cpu, EXCP_GP, 0, "port %04x size %u: CPL %u, IOPL %u, TSS %04x limit %x", port,
                  size, cpu->cpl, cpu_iopl(cpu), cpu->tr.sel, cpu->tr.limit);
}

HELP(in)
{
    ioperm_check(cpu, (u16)a, c);
    if (unlikely(cpu->port_breaks))
        debug_port(cpu, (u16)a, c);
    if (!cpu->hooks.port_in)
        return (u32)((1ull << c * 8) - 1);
    return cpu->hooks.port_in(cpu->hooks.opaque, (u16)a, c);
}

HELP(out)
{
    ioperm_check(cpu, (u16)a, c);
    if (unlikely(cpu->port_breaks))
        debug_port(cpu, (u16)a, c);
    if (cpu->hooks.port_out)
        cpu->hooks.port_out(cpu->hooks.opaque, (u16)a, b, c);
    return 0;
}
