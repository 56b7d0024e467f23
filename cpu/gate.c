/* Call gates: JMP and CALL through them, the inner stack, and the copy of parameters.
 * The gate's own rights were checked by the caller. (SDM vol. 3A, 5.8.4-5.8.5) */
#include "cpu/sys.h"

#define GATE_PARAMS 31u /* the field of a gate */

struct gate_target {
    u16 sel;
    u32 eip;
    struct desc code;
};

static void gate_read_target(struct cpu *cpu, const struct desc *gate, struct gate_target *target)
{
    target->sel = (u16)(gate->lo >> 16);
    target->eip = (gate->lo & 0xffff) | (desc_is_gate32(gate) ? gate->hi & 0xffff0000u : 0);
    desc_read_code(cpu, target->sel, &target->code, "call gate");
}

static _Noreturn void gate_refuse(struct cpu *cpu, const struct gate_target *target)
{
    cpu_fault(cpu, EXCP_GP, SEL_ERR(target->sel), "call gate: code %04x (%08x) from CPL %u",
              target->sel, target->code.hi, cpu->cpl);
}

static void gate_check_present(struct cpu *cpu, const struct gate_target *target)
{
    if (!(target->code.hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(target->sel), "call gate: code %04x not present",
                  target->sel);
}

static void gate_enter(struct cpu *cpu, struct gate_target *target, unsigned cpl)
{
    seg_put_desc(cpu, SREG_CS, (u16)((target->sel & ~SEL_RPL) | cpl), &target->code);
    cpu->eip = target->eip;
    cpu->cpl = (u8)cpl;
    cpu_update_mode(cpu);
}

void gate_jump(struct cpu *cpu, const struct desc *gate)
{
    struct gate_target target;
    unsigned dpl;

    gate_read_target(cpu, gate, &target);
    dpl = desc_dpl(&target.code);
    if (desc_conforming(&target.code) ? dpl > cpu->cpl : dpl != cpu->cpl)
        gate_refuse(cpu, &target);
    gate_check_present(cpu, &target);
    xfer_check_eip(cpu, target.eip, desc_limit(&target.code));
    desc_mark_accessed(cpu, &target.code);
    gate_enter(cpu, &target, cpu->cpl);
}

static void gate_call_same(struct cpu *cpu, struct gate_target *target, u32 size, u32 next)
{
    struct frame frame;

    xfer_check_eip(cpu, target->eip, desc_limit(&target->code));
    desc_mark_accessed(cpu, &target->code);
    frame_current(&frame, cpu, size);
    frame_push(&frame, cpu->seg[SREG_CS].sel);
    frame_push(&frame, next);
    frame_commit(&frame);
    cpu->r[R_ESP] = frame.esp;
    gate_enter(cpu, target, cpu->cpl);
}

static void gate_call_inner(struct cpu *cpu, struct gate_target *target, u32 size, unsigned params,
                            u32 next)
{
    unsigned dpl = desc_dpl(&target->code);
    struct inner_stack inner;
    struct frame old, frame;

    task_inner_stack(cpu, dpl, &inner);
    xfer_check_eip(cpu, target->eip, desc_limit(&target->code));
    frame_current(&old, cpu, size);
    for (unsigned i = params; i-- > 0;) /* faults come before anything is stored */
        frame_peek(&old, i);
    desc_mark_accessed(cpu, &inner.desc);
    desc_mark_accessed(cpu, &target->code);
    frame_other(&frame, cpu, &inner.desc, inner.esp, size);
    frame.error = SEL_ERR(inner.ss);
    frame_push(&frame, cpu->seg[SREG_SS].sel);
    frame_push(&frame, cpu->r[R_ESP]);
    for (unsigned i = 0; i < params; i++)
        frame_push(&frame, 0);
    frame_push(&frame, cpu->seg[SREG_CS].sel);
    frame_push(&frame, next);
    frame_probe(&frame);
    for (unsigned i = 0; i < frame.count; i++) {
        if (i >= 2 && i < 2 + params) /* read now: what was pushed may lie on it */
            frame.item[i] = frame_peek(&old, params + 1 - i);
        frame_store_item(&frame, i);
    }
    seg_put_desc(cpu, SREG_SS, inner.ss, &inner.desc);
    cpu->r[R_ESP] = frame.esp;
    gate_enter(cpu, target, dpl);
}

void gate_call(struct cpu *cpu, const struct desc *gate, u32 next)
{
    u32 size = desc_is_gate32(gate) ? 4 : 2;
    struct gate_target target;

    gate_read_target(cpu, gate, &target);
    if (desc_dpl(&target.code) > cpu->cpl)
        gate_refuse(cpu, &target);
    gate_check_present(cpu, &target);
    if (!desc_conforming(&target.code) && desc_dpl(&target.code) < cpu->cpl)
        gate_call_inner(cpu, &target, size, gate->hi & GATE_PARAMS, next);
    else
        gate_call_same(cpu, &target, size, next);
}
