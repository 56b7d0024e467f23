/* Segments: access checks, checked loads and stores, and loading segment registers.
 *
 * In real mode rights do not matter, only presence and the limit do, and a load leaves limit and
 * rights as they were (so "big real mode" works). In vm86 all of them have their 8086 values. What an access may
 * touch is seglimit.h's. */
#include "cpu/seglimit.h"
#include "cpu/sys.h"

/* Alignment that #AC demands of an access of len bytes. (SDM vol. 3A, table 6-7) */
static u32 seg_alignment(u32 len)
{
    switch (len) {
    case 2:
    case 4:
    case 8: return len;
    case 10: return 8;
    default: return 1;
    }
}

u32 seg_check(struct cpu *cpu, enum sreg sreg, u32 ea, u32 len, bool write)
{
    const char *rule = seg_broken_rule(cpu, sreg, ea, len, write);
    u32 la = la_add(cpu->r[R_BASE + sreg], ea);

    if (unlikely(rule != NULL))
        cpu_fault(cpu, sreg == SREG_SS ? EXCP_SS : EXCP_GP, 0,
                  "%s: selector %04x base %08x limit %08x rights %06x offset %08x length %u", rule,
                  cpu->seg[sreg].sel, cpu->r[R_BASE + sreg], cpu->seg[sreg].limit,
                  cpu->seg[sreg].attr >> 8, ea, len);
    cpu_check_aligned(cpu, la, seg_alignment(len));
    return la;
}

static u64 seg_load_any(struct cpu *cpu, enum sreg sreg, u32 ea, unsigned size)
{
    return lin_load(cpu, seg_check(cpu, sreg, ea, size, false), size, cpu->cpl == 3);
}

static void seg_store_any(struct cpu *cpu, enum sreg sreg, u32 ea, u64 value, unsigned size)
{
    lin_store(cpu, seg_check(cpu, sreg, ea, size, true), value, size, cpu->cpl == 3);
}

u32 seg_load8(struct cpu *cpu, enum sreg sreg, u32 ea)
{
    return (u32)seg_load_any(cpu, sreg, ea, 1);
}

u32 seg_load16(struct cpu *cpu, enum sreg sreg, u32 ea)
{
    return (u32)seg_load_any(cpu, sreg, ea, 2);
}

u32 seg_load32(struct cpu *cpu, enum sreg sreg, u32 ea)
{
    return (u32)seg_load_any(cpu, sreg, ea, 4);
}

u64 seg_load64(struct cpu *cpu, enum sreg sreg, u32 ea)
{
    return seg_load_any(cpu, sreg, ea, 8);
}

void seg_store8(struct cpu *cpu, enum sreg sreg, u32 ea, u32 value)
{
    seg_store_any(cpu, sreg, ea, value, 1);
}

void seg_store16(struct cpu *cpu, enum sreg sreg, u32 ea, u32 value)
{
    seg_store_any(cpu, sreg, ea, value, 2);
}

void seg_store32(struct cpu *cpu, enum sreg sreg, u32 ea, u32 value)
{
    seg_store_any(cpu, sreg, ea, value, 4);
}

void seg_store64(struct cpu *cpu, enum sreg sreg, u32 ea, u64 value)
{
    seg_store_any(cpu, sreg, ea, value, 8);
}

void seg_put(struct cpu *cpu, enum sreg sreg, u16 sel, u32 base, u32 limit, u32 attr)
{
    cpu->r[R_BASE + sreg] = base;
    cpu->seg[sreg].sel = sel;
    cpu->seg[sreg].limit = limit;
    cpu->seg[sreg].attr = attr & DESC_ATTR_MASK;
}

void seg_put_desc(struct cpu *cpu, enum sreg sreg, u16 sel, const struct desc *desc)
{
    seg_put(cpu, sreg, sel, desc_base(desc), desc_limit(desc), desc->hi);
}

void seg_put_null(struct cpu *cpu, enum sreg sreg, u16 sel)
{
    seg_put(cpu, sreg, sel, 0, 0, 0);
}

void seg_put_real(struct cpu *cpu, enum sreg sreg, u16 sel)
{
    u32 limit = cpu->seg[sreg].limit, attr = cpu->seg[sreg].attr;

    if (cpu_vm86(cpu)) {
        limit = 0xffff;
        attr = ATTR_VM86;
    } else if (!(attr & SEG_P)) { /* was null when protected mode was left: usable again */
        limit = 0xffff;
        attr = ATTR_REAL;
    }
    seg_put(cpu, sreg, sel, (u32)sel << 4, limit, attr);
}

void seg_set(struct cpu *cpu, enum sreg sreg, u16 sel, u32 base, u32 limit, u32 attr)
{
    seg_put(cpu, sreg, sel, base, limit, attr);
    cpu_update_mode(cpu);
}

void seg_set_real(struct cpu *cpu, enum sreg sreg, u16 sel)
{
    seg_put_real(cpu, sreg, sel);
    cpu_update_mode(cpu);
}

void cpu_set_cpl(struct cpu *cpu, unsigned cpl)
{
    cpu->cpl = (u8)cpl;
    cpu_update_mode(cpu);
}

static void seg_check_stack(struct cpu *cpu, u16 sel, struct desc *desc)
{
    if (SEL_NULL(sel))
        cpu_fault(cpu, EXCP_GP, 0, "null selector into SS");
    if (!desc_read(cpu, sel, desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "SS: selector %04x beyond its table", sel);
    if ((sel & SEL_RPL) != cpu->cpl || desc_dpl(desc) != cpu->cpl || !desc_writable(desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel),
                  "SS: selector %04x (%08x) must be writable data with RPL = DPL = CPL %u", sel,
                  desc->hi, cpu->cpl);
    if (!(desc->hi & SEG_P))
        cpu_fault(cpu, EXCP_SS, SEL_ERR(sel), "SS: selector %04x not present", sel);
}

/* RPL and CPL must both be at most DPL: SDM vol. 3A, 5.6 (vol. 2's text of MOV is looser than
 * CPUs). */
static void seg_check_data(struct cpu *cpu, u16 sel, struct desc *desc)
{
    unsigned dpl;

    if (!desc_read(cpu, sel, desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "data segment: selector %04x beyond its table", sel);
    if (!(desc->hi & SEG_S) || (desc->hi & (SEG_CODE | SEG_R)) == SEG_CODE)
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "data segment: selector %04x (%08x) is not readable",
                  sel, desc->hi);
    dpl = desc_dpl(desc);
    if (!desc_conforming(desc) && ((sel & SEL_RPL) > dpl || cpu->cpl > dpl))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "data segment: selector %04x DPL %u, CPL %u", sel,
                  dpl, cpu->cpl);
    if (!(desc->hi & SEG_P))
        cpu_fault(cpu, EXCP_NP, SEL_ERR(sel), "data segment: selector %04x not present", sel);
}

void seg_load(struct cpu *cpu, enum sreg sreg, u16 sel)
{
    struct desc desc;

    if (!cpu_protected(cpu)) {
        seg_put_real(cpu, sreg, sel);
    } else if (sreg != SREG_SS && SEL_NULL(sel)) {
        seg_put_null(cpu, sreg, sel);
    } else {
        if (sreg == SREG_SS)
            seg_check_stack(cpu, sel, &desc);
        else
            seg_check_data(cpu, sel, &desc);
        desc_mark_accessed(cpu, &desc);
        seg_put_desc(cpu, sreg, sel, &desc);
    }
    if (sreg == SREG_SS)
        cpu_update_mode(cpu);
    else
        cpu_update_mode_data(cpu, sreg);
}
