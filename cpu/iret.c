/* IRET: real mode, vm86, protected mode to the same and outer levels, and into vm86.
 * CPL and IOPL before it say which flags may change. (SDM vol. 2, IRET; vol. 3B, 20.2.3) */
#include "cpu/helper.h"
#include "cpu/sys.h"

#define IRET_FLAGS (FL_ARITH | FL_TF | FL_DF | FL_NT | FL_RF | FL_AC | FL_ID)

/* The flags that IRET at the current CPL takes from the image. */
static u32 iret_mask(const struct cpu *cpu, u32 osz)
{
    u32 mask = IRET_FLAGS;

    if (cpu_vm86(cpu))
        mask |= FL_IF; /* IOPL is 3 here, since vme_flags_set() is for the others */
    else if (cpu->cpl <= cpu_iopl(cpu))
        mask |= FL_IF;
    if (cpu->cpl == 0)
        mask |= FL_IOPL | FL_VIF | FL_VIP;
    return mask & osz_mask(osz);
}

static void iret_set_flags(struct cpu *cpu, u32 image, u32 mask)
{
    flags_set(cpu, (flags_get(cpu) & ~mask) | (image & mask));
}

static void iret_real(struct cpu *cpu, u32 osz)
{
    bool virtual = vme_flags_virtual(cpu, osz, "IRET");
    struct frame frame;
    u32 eip, image;
    u16 cs;

    frame_current(&frame, cpu, osz);
    eip = frame_pop(&frame);
    cs = (u16)frame_pop(&frame);
    image = frame_pop(&frame);
    xfer_check_eip(cpu, eip, cpu->seg[SREG_CS].limit);
    if (virtual)
        vme_flags_set(cpu, image);
    else
        iret_set_flags(cpu, image, iret_mask(cpu, osz) & ~(FL_VIF | FL_VIP));
    cpu->r[R_ESP] = frame.esp;
    seg_put_real(cpu, SREG_CS, cs);
    cpu->eip = eip;
}

/* Nine words on the ring 0 stack, of which three were read. Nothing of it is checked but the
 * EIP. */
static void iret_to_vm86(struct cpu *cpu, struct frame *frame, u16 cs, u32 eip, u32 image)
{
    static const u8 order[] = {SREG_SS, SREG_ES, SREG_DS, SREG_FS, SREG_GS};
    u16 sel[ARRAY_SIZE(order)];
    u32 esp = frame_pop(frame);

    for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
        sel[i] = (u16)frame_pop(frame);
    xfer_check_eip(cpu, eip, 0xffff);
    flags_set(cpu, image);
    cpu->cpl = 3;
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
        seg_put_real(cpu, order[i], sel[i]);
    seg_put_real(cpu, SREG_CS, cs);
    cpu->r[R_ESP] = esp;
    cpu->eip = eip;
}

static void iret_outer(struct cpu *cpu, struct frame *frame, u16 cs, struct desc *csd, u32 eip)
{
    struct desc ssd;
    u32 esp = frame_pop(frame);
    u16 ss = (u16)frame_pop(frame);

    xfer_outer_stack(cpu, ss, cs & SEL_RPL, &ssd);
    xfer_check_eip(cpu, eip, desc_limit(csd));
    desc_mark_accessed(cpu, csd);
    desc_mark_accessed(cpu, &ssd);
    xfer_commit_outer(cpu, cs, csd, ss, &ssd, esp);
}

static void iret_protected(struct cpu *cpu, u32 osz, u32 next)
{
    struct frame frame;
    struct desc csd;
    u32 eip, image, mask;
    u16 cs;

    if (cpu->eflags & FL_NT) {
        task_return(cpu, next);
        return;
    }
    frame_current(&frame, cpu, osz);
    eip = frame_pop(&frame);
    cs = (u16)frame_pop(&frame);
    image = frame_pop(&frame);
    if (osz == 4 && (image & FL_VM) && cpu->cpl == 0) {
        iret_to_vm86(cpu, &frame, cs, eip, image);
        return;
    }
    mask = iret_mask(cpu, osz);
    xfer_return_cs(cpu, cs, &csd);
    if ((cs & SEL_RPL) != cpu->cpl) {
        iret_outer(cpu, &frame, cs, &csd, eip);
    } else {
        xfer_check_eip(cpu, eip, desc_limit(&csd));
        desc_mark_accessed(cpu, &csd);
        seg_put_desc(cpu, SREG_CS, cs, &csd);
        cpu->r[R_ESP] = frame.esp;
    }
    cpu->eip = eip;
    iret_set_flags(cpu, image, mask);
}

/* It ends the blocking of NMIs even if it faults, so this comes first. (SDM vol. 3A, 6.7.1) */
HELP(iret)
{
    cpu->nmi_blocked = false;
    cpu_irq_window(cpu);
    if (cpu_protected(cpu))
        iret_protected(cpu, c, b);
    else
        iret_real(cpu, c);
    cpu_irq_window(cpu);
    cpu_update_mode(cpu);
    vme_check_entry(cpu);
    return 0;
}
