/* Descriptor-table registers, LDTR and TR. (SDM vol. 2, LGDT, SGDT, LLDT, LTR) */
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/sys.h"

/* Reads limit and base; with 16-bit operands the base has 24 bits. */
static struct dtable table_load(struct cpu *cpu, u32 ea, u32 c)
{
    enum sreg sreg = (enum sreg)(c & 0xff);
    struct dtable table;
    u32 la;

    la = seg_check(cpu, sreg, ea, 6, false);
    table.limit = (u16)lin_load(cpu, la, 2, cpu->cpl == 3);
    table.base = (u32)lin_load(cpu, la_add(la, 2), 4, cpu->cpl == 3);
    if (c >> 8 == 2)
        table.base &= 0xffffff;
    return table;
}

/* All 32 bits of the base are stored whatever the operand size: processors do so, though SDM vol. 2
 * (SGDT) says that a zero byte ends the 16-bit form. Limit and base are aligned each by itself. (SDM vol. 3A,
 * 3.5.1) */
static void table_store(struct cpu *cpu, u32 ea, u32 c, const struct dtable *table)
{
    enum sreg sreg = (enum sreg)(c & 0xff);
    bool user = cpu->cpl == 3;
    u32 la = seg_check(cpu, sreg, ea, 6, true);

    cpu_check_aligned(cpu, la, 2);
    cpu_check_aligned(cpu, la_add(la, 2), 4);
    lin_probe(cpu, la, 6, true, user);
    lin_store(cpu, la, table->limit, 2, user);
    lin_store(cpu, la_add(la, 2), table->base, 4, user);
}

HELP(lgdt)
{
    cpu_need_cpl0(cpu, "LGDT");
    cpu->gdtr = table_load(cpu, a, c);
    return 0;
}

HELP(lidt)
{
    cpu_need_cpl0(cpu, "LIDT");
    cpu->idtr = table_load(cpu, a, c);
    return 0;
}

HELP(sgdt)
{
    table_store(cpu, a, c, &cpu->gdtr);
    return 0;
}

HELP(sidt)
{
    table_store(cpu, a, c, &cpu->idtr);
    return 0;
}

/* A descriptor for LDTR or TR, which must be in the GDT. */
static void sysseg_read(struct cpu *cpu, u16 sel, struct desc *desc, const char *what)
{
    if ((sel & SEL_TI) || !desc_read(cpu, sel, desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "%s: selector %04x not in the GDT", what, sel);
}

void sysseg_set(struct sysseg *seg, u16 sel, const struct desc *desc)
{
    seg->sel = sel;
    seg->base = desc_base(desc);
    seg->limit = desc_limit(desc);
    seg->attr = desc->hi & DESC_ATTR_MASK;
}

HELP(lldt)
{
    u16 sel = (u16)a;
    struct desc desc;

    cpu_need_cpl0(cpu, "LLDT");
    if (SEL_NULL(sel)) {
        cpu->ldtr = (struct sysseg){.sel = sel};
        return 0;
    }
    sysseg_read(cpu, sel, &desc, "LLDT");
    if ((desc.hi & SEG_S) || desc_type(&desc) != DESC_LDT)
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "LLDT: %04x (%08x) is no LDT", sel, desc.hi);
    if (!(desc.hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "LLDT: %04x not present", sel);
    sysseg_set(&cpu->ldtr, sel, &desc);
    return 0;
}

HELP(ltr)
{
    const u32 busy = 2u << SEG_TYPE_SHIFT;
    u16 sel = (u16)a;
    struct desc desc;

    cpu_need_cpl0(cpu, "LTR");
    if (SEL_NULL(sel))
        cpu_fault(cpu, EXCP_GP, 0, "LTR: null selector");
    sysseg_read(cpu, sel, &desc, "LTR");
    if ((desc.hi & SEG_S) || (desc_type(&desc) != DESC_TSS16 && desc_type(&desc) != DESC_TSS32))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "LTR: %04x (%08x) is no available TSS", sel, desc.hi);
    if (!(desc.hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "LTR: %04x not present", sel);
    desc.hi |= busy;
    lin_store(cpu, la_add(desc.la, 5), desc.hi >> 8 & 0xff, 1, false);
    sysseg_set(&cpu->tr, sel, &desc);
    return 0;
}

HELP(sldt)
{
    return cpu->ldtr.sel;
}

HELP(str)
{
    return cpu->tr.sel;
}

/* MOV or POP to SS: no interrupt and no #DB until the next instruction is done, so that it can load ESP; but of several in
 * a row only the first has such a shadow. (SDM vol. 3A, 6.8.3; vol. 2, MOV) */
static void shadow_of_ss(struct cpu *cpu)
{
    bool first = !cpu_in_ss_shadow(cpu);

    cpu->ss_shadow_at = first && cpu->insns_now ? cpu->insns_now(cpu) + 1 : CPU_NO_SHADOW;
    if (first)
        cpu_shadow(cpu);
    else
        cpu->traps_held = false;
}

/* c: by MOV or POP. */
HELP(seg_load)
{
    seg_load(cpu, (enum sreg)b, (u16)a);
    if (b == SREG_SS && c)
        shadow_of_ss(cpu);
    return 0;
}

HELP(seg_check)
{
    struct seg_access access = seg_access_unpack(c);

    return seg_check(cpu, access.seg, a, access.len, access.write);
}
