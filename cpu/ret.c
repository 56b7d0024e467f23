/* Far returns, and what IRET shares with them: checks of CS and SS, and leaving for an outer level.
 * (SDM vol. 2, RET; vol. 3A, 5.8.6) */
#include "cpu/helper.h"
#include "cpu/sys.h"

void xfer_return_cs(struct cpu *cpu, u16 cs, struct desc *desc)
{
    unsigned rpl = cs & SEL_RPL, dpl;

    desc_read_code(cpu, cs, desc, "return");
    dpl = desc_dpl(desc);
    if (rpl < cpu->cpl || (desc_conforming(desc) ? dpl > rpl : dpl != rpl))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(cs), "return to CS %04x (%08x) from CPL %u", cs, desc->hi,
                  cpu->cpl);
    if (!(desc->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(cs), "return: CS %04x not present", cs);
}

void xfer_outer_stack(struct cpu *cpu, u16 ss, unsigned rpl, struct desc *desc)
{
    if (SEL_NULL(ss))
        cpu_fault(cpu, EXCP_GP, 0, "return with null SS");
    if (!desc_read(cpu, ss, desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(ss), "return: SS %04x beyond its table", ss);
    if ((ss & SEL_RPL) != rpl || desc_dpl(desc) != rpl || !desc_writable(desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(ss),
                  "return: SS %04x (%08x) must be writable data with RPL = DPL = %u", ss, desc->hi,
                  rpl);
    if (!(desc->hi & SEG_P))
        cpu_fault(cpu, EXCP_SS, SEL_ERR(ss), "return: SS %04x not present", ss);
}

/* Data segments that the outer level could not have loaded become null. */
static void xfer_drop_segments(struct cpu *cpu)
{
    static const u8 data[] = {SREG_ES, SREG_DS, SREG_FS, SREG_GS};

    for (unsigned i = 0; i < ARRAY_SIZE(data); i++) {
        u32 attr = cpu->seg[data[i]].attr;
        unsigned dpl = (attr & SEG_DPL) >> SEG_DPL_SHIFT;

        if (dpl < cpu->cpl && (attr & (SEG_CODE | SEG_CONFORM)) != (SEG_CODE | SEG_CONFORM))
            seg_put_null(cpu, data[i], 0);
    }
}

void xfer_commit_outer(struct cpu *cpu, u16 cs, const struct desc *csd, u16 ss,
                       const struct desc *ssd, u32 esp)
{
    seg_put_desc(cpu, SREG_CS, cs, csd);
    seg_put_desc(cpu, SREG_SS, ss, ssd);
    cpu->r[R_ESP] = ea_put(cpu->r[R_ESP], esp, stack_mask(ssd->hi));
    cpu->cpl = cs & SEL_RPL;
    xfer_drop_segments(cpu);
}

static void ret_real(struct cpu *cpu, struct frame *frame, u16 cs, u32 eip)
{
    xfer_check_eip(cpu, eip, cpu->seg[SREG_CS].limit);
    seg_put_real(cpu, SREG_CS, cs);
    cpu->r[R_ESP] = frame->esp;
}

static void ret_outer(struct cpu *cpu, struct frame *frame, u16 cs, struct desc *csd, u32 eip,
                      u32 imm)
{
    struct desc ssd;
    u32 esp;
    u16 ss;

    ss = (u16)frame_peek(frame, 1); /* first: it is looked at before ESP is popped */
    esp = frame_peek(frame, 0);
    xfer_outer_stack(cpu, ss, cs & SEL_RPL, &ssd);
    xfer_check_eip(cpu, eip, desc_limit(csd));
    desc_mark_accessed(cpu, csd);
    desc_mark_accessed(cpu, &ssd);
    xfer_commit_outer(cpu, cs, csd, ss, &ssd, esp + imm);
}

HELP(ret_far)
{
    struct frame frame;
    struct desc csd;
    u32 eip;
    u16 cs;

    frame_current(&frame, cpu, c);
    eip = frame_pop(&frame);
    cs = (u16)frame_pop(&frame);
    frame.esp = ea_move(frame.esp, a, frame.mask);
    if (!cpu_protected(cpu)) {
        ret_real(cpu, &frame, cs, eip);
    } else {
        xfer_return_cs(cpu, cs, &csd);
        if ((cs & SEL_RPL) != cpu->cpl) {
            ret_outer(cpu, &frame, cs, &csd, eip, a);
        } else {
            xfer_check_eip(cpu, eip, desc_limit(&csd));
            desc_mark_accessed(cpu, &csd);
            seg_put_desc(cpu, SREG_CS, cs, &csd);
            cpu->r[R_ESP] = frame.esp;
        }
    }
    cpu->eip = eip;
    cpu_update_mode(cpu);
    return 0;
}
