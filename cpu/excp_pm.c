/* Delivery through the IDT: 16- and 32-bit gates, same or inner privilege level, and out of vm86.
 * The order of checks is that of SDM vol. 2, INT n. (Vol. 3A, 6.12.1; vol. 3B, 20.3.1 for vm86) */
#include "cpu/sys.h"

static void excp_read_gate(struct cpu *cpu, const struct delivery *what, struct desc *gate)
{
    u32 entry = what->vector * 8u, error = entry + ERR_IDT;
    u64 raw;

    if (entry + 7 > cpu->idtr.limit)
        cpu_fault(cpu, EXCP_GP, error, "vector %02x beyond IDT limit %04x", what->vector,
                  cpu->idtr.limit);
    gate->la = la_add(cpu->idtr.base, entry);
    raw = lin_load(cpu, gate->la, 8, false);
    gate->lo = (u32)raw;
    gate->hi = (u32)(raw >> 32);
    switch (gate->hi & SEG_S ? 0 : desc_type(gate)) {
    case DESC_TASK:
    case DESC_INT16:
    case DESC_TRAP16:
    case DESC_INT32:
    case DESC_TRAP32: break;
    default:
        cpu_fault(cpu, EXCP_GP, error, "vector %02x: IDT entry %08x is no gate", what->vector,
                  gate->hi);
    }
    if (excp_soft(what->source) && desc_dpl(gate) < cpu->cpl)
        cpu_fault(cpu, EXCP_GP, error, "INT %02x: gate DPL %u, CPL %u", what->vector,
                  desc_dpl(gate), cpu->cpl);
    if (!(gate->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, error, "vector %02x: gate not present", what->vector);
}

static void excp_enter_task(struct cpu *cpu, const struct delivery *what, const struct desc *gate)
{
    struct task_entry entry = {.cause = TASK_NEST,
                               .rf = what->rf,
                               .has_error = what->has_error,
                               .error = what->error,
                               .next = what->ret};

    task_switch(cpu, (u16)(gate->lo >> 16), &entry);
}

/* The handler's code segment; returns its CPL. */
static unsigned excp_read_handler(struct cpu *cpu, u16 sel, struct desc *code)
{
    unsigned dpl, cpl;

    desc_read_code(cpu, sel, code, "interrupt gate");
    dpl = desc_dpl(code);
    cpl = desc_conforming(code) ? cpu->cpl : dpl;
    if (dpl > cpu->cpl || (cpu_vm86(cpu) && cpl != 0))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "interrupt gate: handler %04x (%08x) at CPL %u%s",
                  sel, code->hi, cpu->cpl, cpu_vm86(cpu) ? " in vm86" : "");
    if (!(code->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "interrupt gate: handler %04x not present", sel);
    return cpl;
}

static void excp_push_return(struct cpu *cpu, const struct delivery *what, struct frame *frame)
{
    frame_push(frame, flags_get(cpu) | (what->rf ? FL_RF : 0));
    frame_push(frame, cpu->seg[SREG_CS].sel);
    frame_push(frame, what->ret);
    if (what->has_error)
        frame_push(frame, what->error);
}

static void excp_push_inner(struct cpu *cpu, const struct delivery *what, struct frame *frame)
{
    static const u8 data[] = {SREG_GS, SREG_FS, SREG_DS, SREG_ES};

    if (cpu_vm86(cpu))
        for (unsigned i = 0; i < ARRAY_SIZE(data); i++)
            frame_push(frame, cpu->seg[data[i]].sel);
    frame_push(frame, cpu->seg[SREG_SS].sel);
    frame_push(frame, cpu->r[R_ESP]);
    excp_push_return(cpu, what, frame);
    frame_commit(frame);
    if (cpu_vm86(cpu))
        for (unsigned i = 0; i < ARRAY_SIZE(data); i++)
            seg_put_null(cpu, data[i], 0);
}

void excp_deliver_pm(struct cpu *cpu, const struct delivery *what)
{
    struct desc gate, code;
    struct frame frame;
    u32 size, eip;
    unsigned cpl;
    u16 sel;

    excp_read_gate(cpu, what, &gate);
    if (desc_type(&gate) == DESC_TASK) {
        excp_enter_task(cpu, what, &gate);
        return;
    }
    size = desc_is_gate32(&gate) ? 4 : 2;
    sel = (u16)(gate.lo >> 16);
    eip = (gate.lo & 0xffff) | (size == 4 ? gate.hi & 0xffff0000u : 0);
    cpl = excp_read_handler(cpu, sel, &code);
    if (cpl != cpu->cpl) {
        struct inner_stack inner;

        task_inner_stack(cpu, cpl, &inner);
        xfer_check_eip(cpu, eip, desc_limit(&code));
        desc_mark_accessed(cpu, &inner.desc);
        desc_mark_accessed(cpu, &code);
        frame_other(&frame, cpu, &inner.desc, inner.esp, size);
        frame.error = SEL_ERR(inner.ss);
        excp_push_inner(cpu, what, &frame);
        seg_put_desc(cpu, SREG_SS, inner.ss, &inner.desc);
    } else {
        xfer_check_eip(cpu, eip, desc_limit(&code));
        desc_mark_accessed(cpu, &code);
        frame_current(&frame, cpu, size);
        excp_push_return(cpu, what, &frame);
        frame_commit(&frame);
    }
    cpu->r[R_ESP] = frame.esp;
    seg_put_desc(cpu, SREG_CS, (u16)((sel & ~SEL_RPL) | cpl), &code);
    cpu->cpl = (u8)cpl;
    cpu->eip = eip;
    flags_settle(cpu);
    cpu->eflags &= ~(FL_TF | FL_NT | FL_VM | FL_RF);
    if (!(desc_type(&gate) & 1)) /* interrupt gate */
        cpu->eflags &= ~FL_IF;
}
