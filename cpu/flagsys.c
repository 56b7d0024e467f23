/* Instructions on the system flags: PUSHF, POPF, CLI, STI, CLD, STD, HLT, MONITOR and MWAIT.
 * (SDM vol. 2, PUSHF and POPF; vol. 3B, 20.2.6 for vm86, 20.4 for CR4.PVI) */
#include "cpu/helper.h"
#include "cpu/sys.h"

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
    flagsys_check_monitor(cpu, "MONITOR");
    lin_probe(cpu, seg_check(cpu, (enum sreg)c, a, 1, false), 1, false, false);
    cpu->monitoring = true;
    return 0;
}

/* Waits as HLT does, for an interrupt: with one processor only its handler can store what is waited for.
 * Where none can come, and where one has come since MONITOR, it does not wait, as it is free to. (SDM
 * vol. 2, MWAIT) */
HELP(mwait)
{
    flagsys_check_monitor(cpu, "MWAIT");
    cpu->halted = cpu->monitoring && (cpu->eflags & FL_IF);
    cpu->monitoring = false;
    return 0;
}
