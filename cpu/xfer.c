/* Far jumps and calls: real mode and vm86, direct to code segments, and the way to gates and tasks.
 * (SDM vol. 2, JMP and CALL; vol. 3A, 5.8) */
#include "cpu/helper.h"
#include "cpu/sys.h"

void xfer_check_eip(struct cpu *cpu, u32 eip, u32 limit)
{
    if (unlikely(eip > limit))
        cpu_fault(cpu, EXCP_GP, 0, "EIP %08x beyond code limit %08x", eip, limit);
}

HELP(check_eip)
{
    xfer_check_eip(cpu, a, cpu->seg[SREG_CS].limit);
    return 0;
}

/* Real mode and vm86 change only selector and base; the limit stays. */
static void xfer_real(struct cpu *cpu, u16 sel, u32 eip)
{
    seg_put_real(cpu, SREG_CS, sel);
    cpu->eip = eip;
    cpu_update_mode(cpu);
}

/* The rules for entering a code segment directly, without a change of CPL. */
static void xfer_check_code(struct cpu *cpu, u16 sel, const struct desc *desc)
{
    unsigned dpl = desc_dpl(desc);

    if (desc_conforming(desc) ? dpl > cpu->cpl : (sel & SEL_RPL) > cpu->cpl || dpl != cpu->cpl)
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "far transfer: %s code %04x DPL %u from CPL %u",
                  desc_conforming(desc) ? "conforming" : "nonconforming", sel, dpl, cpu->cpl);
    if (!(desc->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "far transfer: code %04x not present", sel);
}

/* Reads the target's descriptor. Returns true for a code segment, false for a gate or a TSS, whose own
 * rights are then checked. */
static bool xfer_read_target(struct cpu *cpu, u16 sel, struct desc *desc)
{
    unsigned dpl;

    if (SEL_NULL(sel))
        cpu_fault(cpu, EXCP_GP, 0, "far transfer to a null selector");
    if (!desc_read(cpu, sel, desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "far transfer: selector %04x beyond its table", sel);
    if (desc_code(desc))
        return true;
    switch (desc->hi & SEG_S ? 0 : desc_type(desc)) {
    case DESC_CALL16:
    case DESC_CALL32:
    case DESC_TASK:
    case DESC_TSS16:
    case DESC_TSS32: break;
    default:
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel),
                  "far transfer: selector %04x is neither code nor gate "
                  "nor available TSS (%08x)",
                  sel, desc->hi);
    }
    dpl = desc_dpl(desc);
    if (dpl < cpu->cpl || dpl < (sel & SEL_RPL))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "far transfer: gate %04x DPL %u, CPL %u", sel, dpl,
                  cpu->cpl);
    if (!(desc->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "far transfer: gate %04x not present", sel);
    return false;
}

/* Goes through what xfer_read_target() found. next: the EIP behind the instruction. */
static void xfer_system(struct cpu *cpu, u16 sel, const struct desc *desc, bool call, u32 next)
{
    struct task_entry entry = {.cause = call ? TASK_NEST : TASK_JUMP, .next = next};

    switch (desc_type(desc)) {
    case DESC_TASK: task_switch(cpu, (u16)(desc->lo >> 16), &entry); break;
    case DESC_TSS16:
    case DESC_TSS32: task_switch(cpu, sel, &entry); break;
    default:
        if (call)
            gate_call(cpu, desc, next);
        else
            gate_jump(cpu, desc);
        break;
    }
}

HELP(jmp_far)
{
    u32 eip = a & osz_mask(b >> 16);
    u16 sel = (u16)b;
    struct desc desc;

    if (!cpu_protected(cpu)) {
        xfer_check_eip(cpu, eip, cpu->seg[SREG_CS].limit);
        xfer_real(cpu, sel, eip);
    } else if (xfer_read_target(cpu, sel, &desc)) {
        xfer_check_code(cpu, sel, &desc);
        xfer_check_eip(cpu, eip, desc_limit(&desc));
        desc_mark_accessed(cpu, &desc);
        seg_put_desc(cpu, SREG_CS, (u16)((sel & ~SEL_RPL) | cpu->cpl), &desc);
        cpu->eip = eip;
        cpu_update_mode(cpu);
    } else {
        xfer_system(cpu, sel, &desc, false, c);
    }
    return 0;
}

HELP(call_far)
{
    u32 osz = b >> 16, eip = a & osz_mask(osz);
    u16 sel = (u16)b;
    struct frame frame;
    struct desc desc;

    if (cpu_protected(cpu)) {
        if (!xfer_read_target(cpu, sel, &desc)) {
            xfer_system(cpu, sel, &desc, true, c);
            return 0;
        }
        xfer_check_code(cpu, sel, &desc);
        xfer_check_eip(cpu, eip, desc_limit(&desc));
        desc_mark_accessed(cpu, &desc);
    } else {
        xfer_check_eip(cpu, eip, cpu->seg[SREG_CS].limit);
    }
    frame_current(&frame, cpu, osz);
    frame_push(&frame, cpu->seg[SREG_CS].sel);
    frame_push(&frame, c);
    frame_commit(&frame);
    cpu->r[R_ESP] = frame.esp;
    if (cpu_protected(cpu))
        seg_put_desc(cpu, SREG_CS, (u16)((sel & ~SEL_RPL) | cpu->cpl), &desc);
    else
        seg_put_real(cpu, SREG_CS, sel);
    cpu->eip = eip;
    cpu_update_mode(cpu);
    return 0;
}
