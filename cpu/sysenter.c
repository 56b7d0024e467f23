/* SYSENTER and SYSEXIT: flat segments with fixed rights, no table is read. (SDM vol. 3A, 5.8.7) */
#include "cpu/helper.h"
#include "cpu/simd/simd.h"
#include "cpu/sys.h"
#include "cpu/x87/x87.h"

#define ATTR_FLAT (SEG_P | SEG_S | SEG_W | SEG_ACCESSED | SEG_DB | SEG_G)

static void sysenter_segments(struct cpu *cpu, u16 cs, unsigned cpl)
{
    u32 attr = ATTR_FLAT | cpl << SEG_DPL_SHIFT;

    cs = (u16)((cs & ~SEL_RPL) | cpl);
    seg_put(cpu, SREG_CS, cs, 0, 0xffffffffu, attr | SEG_CODE);
    seg_put(cpu, SREG_SS, (u16)(cs + 8), 0, 0xffffffffu, attr);
    cpu->cpl = (u8)cpl;
}

HELP(sysenter)
{
    if (unlikely(cpu->hooks.sysenter != NULL)) {
        flags_settle(cpu);
        x87_sync(cpu);
        mxcsr_sync(cpu);
        cpu->eip = c;
        if (cpu->hooks.sysenter(cpu->hooks.opaque))
            return 0;
    }
    if (!(cpu->cr0 & CR0_PE) || SEL_NULL(cpu->sysenter_cs))
        cpu_fault(cpu, EXCP_GP, 0, "SYSENTER in real mode or with SYSENTER_CS %08x",
                  cpu->sysenter_cs);
    flags_settle(cpu);
    cpu->eflags &= ~(FL_VM | FL_IF | FL_RF);
    sysenter_segments(cpu, (u16)cpu->sysenter_cs, 0);
    cpu->r[R_ESP] = cpu->sysenter_esp;
    cpu->eip = cpu->sysenter_eip;
    cpu_update_mode(cpu);
    return 0;
}

HELP(sysexit)
{
    if (!(cpu->cr0 & CR0_PE) || cpu->cpl != 0 || SEL_NULL(cpu->sysenter_cs))
        cpu_fault(cpu, EXCP_GP, 0, "SYSEXIT in real mode, at CPL %u or with SYSENTER_CS %08x",
                  cpu->cpl, cpu->sysenter_cs);
    sysenter_segments(cpu, (u16)(cpu->sysenter_cs + 16), 3);
    cpu->r[R_ESP] = cpu->r[R_ECX];
    cpu->eip = cpu->r[R_EDX];
    cpu_update_mode(cpu);
    return 0;
}
