/* Instructions on the system flags: PUSHF, POPF, CLI, STI, CLD, STD, HLT. VME and PVI do not exist.
 * (SDM vol. 2, PUSHF and POPF; vol. 3B, 20.2.6 for vm86) */
#include "cpu/helper.h"
#include "cpu/sys.h"

#define POPF_FLAGS (FL_ARITH | FL_TF | FL_DF | FL_NT | FL_AC | FL_ID)

/* In vm86 these need IOPL 3, since the monitor may want to see them. */
static void flagsys_check_vm86(struct cpu *cpu, const char *what)
{
    if (cpu_vm86(cpu) && cpu_iopl(cpu) < 3)
        cpu_fault(cpu, EXCP_GP, 0, "%s in vm86 with IOPL %u", what, cpu_iopl(cpu));
}

HELP(pushf)
{
    flagsys_check_vm86(cpu, "PUSHF");
    return flags_get(cpu) & ~(FL_VM | FL_RF) & osz_mask(c);
}

/* IOPL changes at CPL 0 only, IF where CPL <= IOPL; neither faults. VM, VIF and VIP stay; RF is
 * cleared. */
HELP(popf)
{
    u32 mask = POPF_FLAGS, old = flags_get(cpu);

    flagsys_check_vm86(cpu, "POPF");
    if (cpu->cpl == 0)
        mask |= FL_IOPL;
    if (cpu->cpl <= cpu_iopl(cpu)) /* in vm86 both are 3 */
        mask |= FL_IF;
    mask &= osz_mask(c);
    flags_set(cpu, ((old & ~mask) | (a & mask)) & ~FL_RF);
    cpu_irq_window(cpu);
    if ((old ^ cpu->eflags) & (FL_TF | FL_DF | FL_AC | FL_VM))
        cpu_update_mode(cpu);
    return 0;
}

static void flagsys_check_if(struct cpu *cpu, const char *what)
{
    flagsys_check_vm86(cpu, what);
    if (cpu->cpl > cpu_iopl(cpu))
        cpu_fault(cpu, EXCP_GP, 0, "%s at CPL %u with IOPL %u", what, cpu->cpl, cpu_iopl(cpu));
}

HELP(cli)
{
    flagsys_check_if(cpu, "CLI");
    cpu->eflags &= ~FL_IF;
    return 0;
}

/* The instruction after STI is done before an interrupt is taken, when IF was clear. */
HELP(sti)
{
    flagsys_check_if(cpu, "STI");
    if (!(cpu->eflags & FL_IF)) {
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
