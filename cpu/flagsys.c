/* Instructions on the system flags: PUSHF, POPF, CLI, STI, CLD, STD, HLT, MONITOR and MWAIT.
 * (SDM vol. 2, PUSHF and POPF; vol. 3B, 20.2.6 for vm86, 20.4 for CR4.PVI) */
#include "cpu/helper.h"
#include "cpu/sys.h"

#include <string.h>

#define POPF_FLAGS (FL_ARITH | FL_TF | FL_DF | FL_NT | FL_AC | FL_ID)

HELP(pushf)
{
    if (vme_flags_virtual(cpu, c, "PUSHF"))
        return vme_flags_get(cpu);
    return flags_get(cpu) & ~(FL_VM | FL_RF) & osz_mask(c);
}

/* IOPL changes at CPL 0 only, IF where CPL <= IOPL; neither faults. VM, VIF and VIP stay; RF is
 * cleared. */
HELP(popf)
{
    u32 mask = POPF_FLAGS, old = flags_get(cpu);

    if (cpu->cpl == 0)
        mask |= FL_IOPL;
    if (cpu->cpl <= cpu_iopl(cpu))
        mask |= FL_IF;
    mask &= osz_mask(c);
    if (vme_flags_virtual(cpu, c, "POPF"))
        vme_flags_set(cpu, a);
    else
        flags_set(cpu, ((old & ~mask) | (a & mask)) & ~FL_RF);
    cpu_irq_window(cpu);
    if ((old ^ cpu->eflags) & (FL_TF | FL_DF | FL_AC | FL_VM))
        cpu_update_mode(cpu);
    return 0;
}

/* The flag that CLI and STI are about: IF, or VIF under VME and, at CPL 3, PVI. */
static u32 flagsys_interrupt_flag(struct cpu *cpu, const char *what)
{
    if (vme_flags_virtual(cpu, 2, what))
        return FL_VIF;
    if (cpu->cpl <= cpu_iopl(cpu))
        return FL_IF;
    if (!(cpu->cr4 & CR4_PVI) || cpu->cpl != 3)
        cpu_fault(cpu, EXCP_GP, 0, "%s at CPL %u with IOPL %u", what, cpu->cpl, cpu_iopl(cpu));
    return FL_VIF;
}

HELP(cli)
{
    cpu->eflags &= ~flagsys_interrupt_flag(cpu, "CLI");
    return 0;
}

/* The instruction after STI is done before an interrupt is taken, when IF was clear. */
HELP(sti)
{
    if (flagsys_interrupt_flag(cpu, "STI") == FL_VIF) {
        vme_check_pending(cpu);
        cpu->eflags |= FL_VIF;
    } else if (!(cpu->eflags & FL_IF)) {
        cpu->eflags |= FL_IF;
        cpu_shadow(cpu);
        cpu_irq_window(cpu);
    }
    return 0;
}

HELP(cld)
{
    cpu->eflags &= ~FL_DF;
    cpu_update_mode(cpu);
    return 0;
}

HELP(std)
{
    cpu->eflags |= FL_DF;
    cpu_update_mode(cpu);
    return 0;
}

HELP(hlt)
{
    cpu_need_cpl0(cpu, "HLT");
    cpu->halted = true;
    cpu->mwaiting = false;
    return 0;
}

static void flagsys_check_monitor(struct cpu *cpu, const char *what)
{
    if (cpu->cpl != 0)
        cpu_raise(cpu, EXCP_UD);
    if (cpu->r[R_ECX] != 0)
        cpu_fault(cpu, EXCP_GP, 0, "%s with extensions %x", what, cpu->r[R_ECX]);
}

/* The address is checked as a byte's load. (SDM vol. 2, MONITOR) */
HELP(monitor)
{
    u32 la;

    flagsys_check_monitor(cpu, "MONITOR");
    la = seg_check(cpu, (enum sreg)c, a, 1, false);
    lin_probe(cpu, la, 1, false, false);
    cpu->monitoring = mmu_peek_pa(&cpu->mmu, la, &cpu->line_pa);
    cpu->line_pa &= ~(u64)(CPU_LINE_BYTES - 1);
    if (phys_is_ram(cpu->mmu.phys, cpu->line_pa, CPU_LINE_BYTES))
        phys_read(cpu->mmu.phys, cpu->line_pa, cpu->line_bytes, CPU_LINE_BYTES);
    return 0;
}

/* A line in a device is nobody's to store. */
static bool line_changed(struct cpu *cpu)
{
    u8 now[CPU_LINE_BYTES];

    if (!phys_is_ram(cpu->mmu.phys, cpu->line_pa, CPU_LINE_BYTES))
        return false;
    phys_read(cpu->mmu.phys, cpu->line_pa, now, CPU_LINE_BYTES);
    return memcmp(now, cpu->line_bytes, CPU_LINE_BYTES) != 0;
}

bool cpu_line_stored(struct cpu *cpu)
{
    return cpu->halted && cpu->mwaiting && line_changed(cpu);
}

/* Waits as HLT does for an interrupt, or for a device that changes the line; a store of what is there already is not
 * seen. Where no interrupt can come, and where something has happened since MONITOR, it does not wait, as it is free
 * to. (SDM vol. 2, MWAIT) */
HELP(mwait)
{
    flagsys_check_monitor(cpu, "MWAIT");
    cpu->halted = cpu->monitoring && (cpu->eflags & FL_IF) && !line_changed(cpu);
    cpu->mwaiting = cpu->halted;
    cpu->monitoring = false;
    return 0;
}
