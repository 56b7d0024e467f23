/* Virtual interrupts of a vm86 program under CR4.VME: VIF stands for IF where IOPL is below 3, and INT n may go to the
 * program's own handler. (SDM vol. 3B, 20.3; vol. 2, POPF and IRET) */
#include "cpu/debug.h"
#include "cpu/sys.h"

#define REDIRECTION 32u /* the bitmap of vectors lies so many bytes before the I/O bitmap */

/* What a 16-bit image brings; IF becomes VIF, and IOPL stays. */
#define VME_FLAGS (FL_ARITH | FL_TF | FL_DF | FL_NT)

bool vme_flags_virtual(struct cpu *cpu, u32 osz, const char *what)
{
    if (!cpu_vm86(cpu) || cpu_iopl(cpu) == 3)
        return false;
    if (!(cpu->cr4 & CR4_VME) || osz != 2)
        cpu_fault(cpu, EXCP_GP, 0, "%s in vm86 with IOPL %u", what, cpu_iopl(cpu));
    return true;
}

u32 vme_flags_get(const struct cpu *cpu)
{
    u32 flags = flags_get(cpu);

    return (flags & 0xffffu & ~FL_IF) | FL_IOPL | (flags & FL_VIF ? FL_IF : 0);
}

void vme_flags_set(struct cpu *cpu, u32 image)
{
    if (image & FL_TF)
        cpu_fault(cpu, EXCP_GP, 0, "TF into the flags of a VME program");
    if (image & FL_IF)
        vme_check_pending(cpu);
    flags_set(cpu, (flags_get(cpu) & ~(VME_FLAGS | FL_VIF | FL_RF)) | (image & VME_FLAGS) |
                       (image & FL_IF ? FL_VIF : 0));
}

void vme_check_pending(struct cpu *cpu)
{
    if (cpu->eflags & FL_VIP)
        cpu_fault(cpu, EXCP_GP, 0, "VIF set while VIP is");
}

void vme_check_entry(struct cpu *cpu)
{
    const u32 both = FL_VIF | FL_VIP;

    if (likely((cpu->eflags & both) != both) || cpu->cpl != 3)
        return;
    if (!(cpu->cr4 & CR4_PVI) && !(cpu_vm86(cpu) && (cpu->cr4 & CR4_VME)))
        return;
    cpu->entered = true;
    vme_check_pending(cpu);
}

/* Whether the TSS has the vector's bit set: the monitor wants it. */
static bool monitor_takes(struct cpu *cpu, u8 vector)
{
    const struct sysseg *tr = &cpu->tr;
    u32 at;

    if (!(tr->attr & SEG_P) || !(tr->attr >> SEG_TYPE_SHIFT & 8) || tr->limit < TSS_IO_BASE + 1)
        cpu_fault(cpu, EXCP_GP, 0, "INT %02x: no redirection bitmap in TSS %04x", vector, tr->sel);
    at = (u32)lin_load(cpu, la_add(tr->base, TSS_IO_BASE), 2, false) - REDIRECTION + vector / 8;
    if (at > tr->limit)
        cpu_fault(cpu, EXCP_GP, 0, "INT %02x: redirection bitmap beyond limit %x of TSS %04x",
                  vector, tr->limit, tr->sel);
    return lin_load(cpu, la_add(tr->base, at), 1, false) >> vector % 8 & 1;
}

bool vme_redirect(struct cpu *cpu, u8 vector, u32 next)
{
    bool virtual = cpu_iopl(cpu) < 3;
    struct frame frame;
    u32 target;

    if (!(cpu->cr4 & CR4_VME) || monitor_takes(cpu, vector))
        return false;
    log_printf(cpu->log, LOG_int, "int: %02x (software) redirected to the vm86 program\n", vector);
    target = (u32)lin_load(cpu, vector * 4u, 4, false);
    frame_current(&frame, cpu, 2);
    frame_push(&frame, virtual ? vme_flags_get(cpu) : flags_get(cpu));
    frame_push(&frame, cpu->seg[SREG_CS].sel);
    frame_push(&frame, next);
    frame_commit(&frame);
    cpu->r[R_ESP] = frame.esp;
    seg_put_real(cpu, SREG_CS, (u16)(target >> 16));
    cpu->eip = target & 0xffff;
    cpu->eflags &= ~(FL_TF | FL_RF | (virtual ? FL_VIF : FL_IF));
    debug_branch(cpu, next, cpu->eip, true);
    cpu_update_mode(cpu);
    return true;
}
