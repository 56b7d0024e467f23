/* The task register's segment: stacks of the inner privilege levels. */
#include "cpu/sys.h"

/* SS:ESP for a privilege level out of the 16- or 32-bit TSS. (SDM vol. 3A, 7.2.1 and 7.6) */
static void task_read_stack(struct cpu *cpu, unsigned dpl, u16 *ss, u32 *esp)
{
    bool tss32 = (cpu->tr.attr >> SEG_TYPE_SHIFT & 8) != 0;
    u32 offset = tss32 ? dpl * 8 + 4 : dpl * 4 + 2, size = tss32 ? 4 : 2;

    if (!(cpu->tr.attr & SEG_P) || offset + size + 1 > cpu->tr.limit)
        cpu_fault(cpu, EXCP_TS, SEL_ERR(cpu->tr.sel),
                  "TSS %04x: limit %x has no stack for level %u", cpu->tr.sel, cpu->tr.limit, dpl);
    *esp = (u32)(tss32 ? lin_load(cpu, la_add(cpu->tr.base, offset), 4, false)
                       : lin_load(cpu, la_add(cpu->tr.base, offset), 2, false));
    *ss = (u16)lin_load(cpu, la_add(cpu->tr.base, offset + size), 2, false);
}

void task_inner_stack(struct cpu *cpu, unsigned dpl, struct inner_stack *out)
{
    u16 ss;

    task_read_stack(cpu, dpl, &out->ss, &out->esp);
    ss = out->ss;
    if (SEL_NULL(ss))
        cpu_fault(cpu, EXCP_TS, 0, "TSS: null SS for level %u", dpl);
    if (!desc_read(cpu, ss, &out->desc))
        cpu_fault(cpu, EXCP_TS, SEL_ERR(ss), "TSS: SS %04x beyond its table", ss);
    if ((ss & SEL_RPL) != dpl || desc_dpl(&out->desc) != dpl || !desc_writable(&out->desc))
        cpu_fault(cpu, EXCP_TS, SEL_ERR(ss),
                  "TSS: SS %04x (%08x) must be writable data with RPL = DPL = %u", ss, out->desc.hi,
                  dpl);
    if (!(out->desc.hi & SEG_P))
        cpu_fault(cpu, EXCP_SS, SEL_ERR(ss), "TSS: SS %04x not present", ss);
}
