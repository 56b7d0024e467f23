/* Questions about selectors that answer in ZF instead of faulting: LAR, LSL, VERR, VERW, ARPL.
 * (SDM vol. 3A, 5.10) */
#include "cpu/helper.h"
#include "cpu/sys.h"

/* System descriptor types that LAR and LSL know, a bit each. (SDM vol. 2, tables of LAR and LSL) */
#define TYPE_BIT(t) (1u << (t))
#define LSL_TYPES                                                                                  \
    (TYPE_BIT(DESC_TSS16) | TYPE_BIT(DESC_LDT) | TYPE_BIT(DESC_TSS16_BUSY) |                       \
     TYPE_BIT(DESC_TSS32) | TYPE_BIT(DESC_TSS32_BUSY))
#define LAR_TYPES (LSL_TYPES | TYPE_BIT(DESC_CALL16) | TYPE_BIT(DESC_TASK) | TYPE_BIT(DESC_CALL32))

/* Bits 16-19, which the manual leaves open, are as CPUs have them. (SDM vol. 2, LAR) */
#define LAR_MASK 0x00ffff00u

/* Whether CPL and RPL may see the descriptor: conforming code always. */
static bool selinfo_visible(const struct cpu *cpu, u16 sel, const struct desc *desc)
{
    unsigned dpl = desc_dpl(desc);

    return desc_conforming(desc) || (cpu->cpl <= dpl && (sel & SEL_RPL) <= dpl);
}

static bool selinfo_read(struct cpu *cpu, u16 sel, u32 types, struct desc *desc)
{
    if (!desc_read(cpu, sel, desc))
        return false;
    if (!(desc->hi & SEG_S) && !(types >> desc_type(desc) & 1))
        return false;
    return selinfo_visible(cpu, sel, desc);
}

static void selinfo_answer(struct cpu *cpu, bool yes)
{
    flags_put(cpu, FL_ZF, yes ? FL_ZF : 0);
}

HELP(lar)
{
    struct desc desc;
    bool ok = selinfo_read(cpu, (u16)a, LAR_TYPES, &desc);

    selinfo_answer(cpu, ok);
    return ok ? desc.hi & LAR_MASK : b;
}

HELP(lsl)
{
    struct desc desc;
    bool ok = selinfo_read(cpu, (u16)a, LSL_TYPES, &desc);

    selinfo_answer(cpu, ok);
    return ok ? desc_limit(&desc) : b;
}

HELP(verr)
{
    struct desc desc;
    bool ok = selinfo_read(cpu, (u16)a, 0, &desc);

    selinfo_answer(cpu, ok && (desc.hi & (SEG_CODE | SEG_R)) != SEG_CODE);
    return 0;
}

HELP(verw)
{
    struct desc desc;
    bool ok = selinfo_read(cpu, (u16)a, 0, &desc);

    selinfo_answer(cpu, ok && desc_writable(&desc));
    return 0;
}

static bool arpl_raises(u32 sel, u32 other)
{
    return (sel & SEL_RPL) < (other & SEL_RPL);
}

static u32 arpl_raised(u32 sel, u32 other)
{
    return (sel & ~SEL_RPL) | (other & SEL_RPL);
}

HELP(arpl)
{
    bool raises = arpl_raises(a, b);

    selinfo_answer(cpu, raises);
    return raises ? arpl_raised(a, b) : a;
}

/* Memory is stored to, and must be writable, only when it changes. */
HELP(arpl_mem)
{
    u32 sel = seg_load16(cpu, (enum sreg)c, a);
    bool raises = arpl_raises(sel, b);

    if (raises)
        seg_store16(cpu, (enum sreg)c, a, arpl_raised(sel, b));
    selinfo_answer(cpu, raises);
    return 0;
}
