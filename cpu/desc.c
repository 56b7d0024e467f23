/* Descriptors, and linear memory access at a given privilege.
 * Descriptor tables and TSSs are accessed as supervisor, whatever the CPL. (SDM vol. 3A, 4.6) */
#include "cpu/sys.h"

static inline enum mmu_access lin_access(bool write, bool user)
{
    return (enum mmu_access)((user ? MMU_USER : 0) | (write ? MMU_WRITE : 0));
}

u64 lin_load_slow(struct cpu *cpu, u32 la, unsigned size, bool user)
{
    u64 value;

    if (unlikely(!mmu_load_slow(&cpu->mmu, la, size, lin_access(false, user), &value)))
        cpu_raise_pf(cpu);
    return value;
}

void lin_store_slow(struct cpu *cpu, u32 la, u64 value, unsigned size, bool user)
{
    if (unlikely(!mmu_store_slow(&cpu->mmu, la, value, size, lin_access(true, user))))
        cpu_raise_pf(cpu);
}

void lin_probe(struct cpu *cpu, u32 la, u32 len, bool write, bool user)
{
    if (unlikely(!mmu_probe(&cpu->mmu, la, len, lin_access(write, user))))
        cpu_raise_pf(cpu);
}

u32 desc_base(const struct desc *desc)
{
    return desc->lo >> 16 | (desc->hi & 0xff) << 16 | (desc->hi & 0xff000000u);
}

u32 desc_limit(const struct desc *desc)
{
    u32 limit = (desc->lo & 0xffff) | (desc->hi & 0xf0000);

    return desc->hi & SEG_G ? limit << 12 | 0xfff : limit;
}

bool desc_read(struct cpu *cpu, u16 sel, struct desc *desc)
{
    u32 base = cpu->gdtr.base, limit = cpu->gdtr.limit;
    u64 raw;

    if (unlikely(cpu->hooks.descriptor != NULL)) {
        if (SEL_NULL(sel) || !cpu->hooks.descriptor(cpu->hooks.opaque, sel, &raw))
            return false;
        *desc = (struct desc){.lo = (u32)raw, .hi = (u32)(raw >> 32)};
        return true;
    }
    if (sel & SEL_TI) {
        if (!(cpu->ldtr.attr & SEG_P))
            return false;
        base = cpu->ldtr.base;
        limit = cpu->ldtr.limit;
    } else if (SEL_NULL(sel)) {
        return false;
    }
    if ((sel | 7u) > limit)
        return false;
    desc->la = la_add(base, sel & ~7u);
    raw = lin_load(cpu, desc->la, 8, false);
    desc->lo = (u32)raw;
    desc->hi = (u32)(raw >> 32);
    return true;
}

void desc_mark_accessed(struct cpu *cpu, struct desc *desc)
{
    if (desc->hi & SEG_ACCESSED)
        return;
    desc->hi |= SEG_ACCESSED;
    lin_store(cpu, la_add(desc->la, 5), desc->hi >> 8 & 0xff, 1, false);
}

void desc_read_code(struct cpu *cpu, u16 sel, struct desc *desc, const char *what)
{
    if (SEL_NULL(sel))
        cpu_fault(cpu, EXCP_GP, 0, "%s to a null code selector", what);
    if (!desc_read(cpu, sel, desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "%s: selector %04x beyond its table", what, sel);
    if (!desc_code(desc))
        cpu_fault(cpu, EXCP_GP, SEL_ERR(sel), "%s: selector %04x is no code segment (%08x)", what,
                  sel, desc->hi);
}
