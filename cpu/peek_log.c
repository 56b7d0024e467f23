/* What stands in memory behind a fault, for `-d fault`: the descriptor, the page walk, the TSSs of a task switch.
 *
 * Nothing is changed by looking: no A and D bits, no TLB entries, no faults. */
#include <inttypes.h>

#include "cpu/sys.h"
#include "cpu/tss.h"
#include "mmu/walk.h"

/* A little-endian value in linear memory; false: some byte is not mapped. */
static bool peek(const struct cpu *cpu, u32 la, unsigned size, u32 *value)
{
    struct mmu *mmu = (struct mmu *)&cpu->mmu; /* phys_load() counts what devices read */
    u64 pa;

    *value = 0;
    for (unsigned i = 0; i < size; i++) {
        if (!mmu_peek_pa(mmu, la_add(la, i), &pa))
            return false;
        *value |= (u32)phys_load(mmu->phys, pa, 1) << i * 8;
    }
    return true;
}

static bool peek_desc(const struct cpu *cpu, u32 la, struct desc *desc)
{
    desc->la = la;
    return peek(cpu, la, 4, &desc->lo) && peek(cpu, la_add(la, 4), 4, &desc->hi);
}

void peek_log_descriptor(const struct cpu *cpu, char *text, size_t len, u32 error)
{
    const char *table = error & ERR_IDT ? "IDT" : error & SEL_TI ? "LDT" : "GDT";
    u32 at = error & 0xfff8u, base = cpu->gdtr.base, limit = cpu->gdtr.limit;
    struct desc desc;

    if (error & ERR_IDT) {
        base = cpu->idtr.base;
        limit = cpu->idtr.limit;
    } else if (error & SEL_TI) {
        base = cpu->ldtr.base;
        limit = cpu->ldtr.attr & SEG_P ? cpu->ldtr.limit : 0;
    }
    if (at + 7 > limit)
        snprintf(text, len, ": %s has base %08x limit %08x", table, base, limit);
    else if (!peek_desc(cpu, base + at, &desc))
        snprintf(text, len, ": %s entry at %08x is not mapped", table, base + at);
    else
        snprintf(text, len, ": %s entry at %08x has %08x %08x", table, base + at, desc.hi, desc.lo);
}

void peek_log_walk(const struct cpu *cpu, char *text, size_t len, u32 la)
{
    struct walk_entry entry[WALK_ENTRIES];
    unsigned count = walk_trace(&cpu->mmu.paging, cpu->mmu.phys, la, entry);
    int digits = cpu->cr4 & CR4_PAE ? 16 : 8;
    size_t at = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < count && at < len; i++)
        at += (size_t)snprintf(text + at, len - at, "%s%s at %08" PRIx64 " has %0*" PRIx64,
                               i ? ", " : ": ", entry[i].name, entry[i].pa, digits, entry[i].value);
}

/* A field of the TSS at base; one that is not mapped, or that its kind has not, is 0. */
static u32 field(const struct cpu *cpu, u32 base, u32 offset, unsigned size)
{
    u32 value = 0;

    if (offset)
        peek(cpu, la_add(base, offset), size, &value);
    return value;
}

static u32 sreg_field(const struct cpu *cpu, const struct tss_layout *tss, u32 base, enum sreg sreg)
{
    return field(cpu, base, tss->sregs + sreg * tss->sreg_step, 2);
}

static void log_tss(const struct cpu *cpu, const char *which, u16 sel)
{
    const struct tss_layout *tss;
    struct desc desc;
    u32 base, link = 0;

    if ((sel | 7u) > cpu->gdtr.limit || sel & SEL_TI ||
        !peek_desc(cpu, cpu->gdtr.base + (sel & ~7u), &desc)) {
        log_write(cpu->log, "fault: task switch %s %04x, which is not in the GDT\n", which, sel);
        return;
    }
    base = desc_base(&desc);
    tss = tss_layout_of(desc.hi);
    peek(cpu, base, 2, &link);
    log_write(
        cpu->log,
        "fault: task switch %s %04x (%08x %08x) base %08x limit %08x: link %04x CS:EIP %04x:%08x "
        "SS:ESP %04x:%08x EFLAGS %08x CR3 %08x LDT %04x\n",
        which, sel, desc.hi, desc.lo, base, desc_limit(&desc), link,
        sreg_field(cpu, tss, base, SREG_CS), field(cpu, base, tss->eip, tss->size),
        sreg_field(cpu, tss, base, SREG_SS),
        field(cpu, base, tss->regs + R_ESP * tss->size, tss->size),
        field(cpu, base, tss->flags, tss->size), field(cpu, base, tss->cr3, 4),
        field(cpu, base, tss->ldt, 2));
}

void peek_log_tasks(const struct cpu *cpu)
{
    log_tss(cpu, "from TSS", (u16)cpu->task_switch);
    log_tss(cpu, "to TSS", (u16)(cpu->task_switch >> 16));
}
