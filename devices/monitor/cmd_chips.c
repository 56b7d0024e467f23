/* info pic, lapic, irq: the interrupt system in the lines of QEMU's. */
#include <inttypes.h>
#include <string.h>

#include "cpu/cpuid.h"
#include "devices/chipset/lapic_priv.h"
#include "devices/monitor/command.h"

static const char *mode_name(unsigned mode, bool is_lapic)
{
    static const char *const ioapic[] = {"fixed", "lowest", "SMI", "...",
                                         "NMI",   "INIT",   "...", "extINT"};
    static const char *const lapic[] = {"Fixed", "...",  "SMI", "...",
                                        "NMI",   "INIT", "...", "ExtINT"};

    return (is_lapic ? lapic : ioapic)[mode & 7];
}

static bool has_apic(const struct pc *pc)
{
    return cpu_has(pc->cpu->model, FEAT_APIC);
}

/* "NAME 4 9", or that there is none. */
static void put_pins(FILE *out, const char *name, u32 pins)
{
    fputs(name, out);
    if (!pins)
        fputs(" (none)", out);
    for (unsigned i = 0; i < 32; i++)
        if (pins >> i & 1)
            fprintf(out, " %u", i);
    fputc('\n', out);
}

static void put_ioapic(FILE *out, const struct ioapic *ioapic)
{
    u32 pending = 0, remote = 0;

    fprintf(out, "ioapic0: ver=0x20 id=0x%02x sel=0x%02x", ioapic->id, ioapic->select);
    if (ioapic->select >= 0x10)
        fprintf(out, " (redir[%u])", (ioapic->select - 0x10) / 2);
    fputc('\n', out);
    for (unsigned i = 0; i < IOAPIC_PINS; i++) {
        u64 entry = ioapic->entry[i];
        bool level = entry & 0x8000;

        fprintf(out, "  pin %-2u 0x%016" PRIx64 " dest=%x vec=%-3u %s %-5s %-6s %-6s %s\n", i,
                entry, (unsigned)(entry >> 56), (unsigned)(entry & 0xff),
                entry & 0x2000 ? "active-lo" : "active-hi", level ? "level" : "edge",
                entry & 0x10000 ? "masked" : "", mode_name(entry >> 8 & 7, false),
                entry & 0x800 ? "logical" : "physical");
        pending |= (ioapic->lines >> i & 1) << i;
        remote |= (u32)(level && entry & 0x4000) << i;
    }
    put_pins(out, "  IRR     ", pending);
    put_pins(out, "  Remote IRR", remote);
}

static void put_pic(FILE *out, const struct pic_chip *chip, unsigned number)
{
    u8 irr = (u8)((chip->lines & chip->elcr) | chip->edge);

    fprintf(out,
            "pic%u: irr=%02x imr=%02x isr=%02x hprio=%d irq_base=%02x rr_sel=%d elcr=%02x fnm=%d\n",
            number, irr, chip->imr, chip->isr, (chip->lowest + 1) & 7, chip->vector, chip->read_isr,
            chip->elcr, chip->nested);
}

MONITOR_COMMAND(info_pic)
{
    struct pc *pc = m->pc;

    (void)a;
    if (has_apic(pc) && !pc->config.isa_only)
        put_ioapic(m->out, &pc->ioapic);
    put_pic(m->out, &pc->pic.chip[1], 1);
    put_pic(m->out, &pc->pic.chip[0], 0);
}

static void put_lvt(FILE *out, const char *name, u32 value, bool is_timer)
{
    fprintf(out, "%s\t 0x%08x %s %-5s %-6s %-7s %-12s %-6s", name, value,
            value & LVT_ACTIVE_LOW ? "active-lo" : "active-hi",
            !is_timer && value & LVT_LEVEL ? "level" : "edge", value & LVT_MASKED ? "masked" : "",
            value & LVT_REMOTE_IRR ? "pend" : "",
            !is_timer              ? ""
            : value & LVT_PERIODIC ? "periodic"
                                   : "one-shot",
            mode_name(LVT_MODE(value), true));
    if (LVT_MODE(value) != APIC_NMI)
        fprintf(out, " (vec %u)", value & 0xff);
    fputc('\n', out);
}

static void put_vectors(FILE *out, const char *name, const u32 set[8], const u32 tmr[8])
{
    bool any = false;

    fprintf(out, "%s\t ", name);
    for (unsigned i = 0; i < 256; i++) {
        if (!(set[i / 32] >> i % 32 & 1))
            continue;
        fprintf(out, "%u%s ", i, tmr && tmr[i / 32] >> i % 32 & 1 ? "(level)" : "");
        any = true;
    }
    fprintf(out, "%s\n", any ? "" : "(none)");
}

static unsigned divider(u32 divide)
{
    u32 code = (divide & 3) | (divide >> 1 & 4);

    return code == 7 ? 1 : 2u << code;
}

MONITOR_COMMAND(info_lapic)
{
    const struct lapic *apic = &m->pc->lapic;
    FILE *out = m->out;
    u32 icr = apic->icr_low;

    (void)a;
    if (!has_apic(m->pc)) {
        fputs("Local APIC state not available\n", out);
        return;
    }
    fputs("dumping local APIC state for CPU 0 \n\n", out);
    put_lvt(out, "LVT0", apic->lvt[LVT_LINT0], false);
    put_lvt(out, "LVT1", apic->lvt[LVT_LINT1], false);
    put_lvt(out, "LVTPC", apic->lvt[LVT_PERF], false);
    put_lvt(out, "LVTERR", apic->lvt[LVT_ERROR], false);
    put_lvt(out, "LVTTHMR", apic->lvt[LVT_THERMAL], false);
    put_lvt(out, "LVTT", apic->lvt[LVT_TIMER], true);
    fprintf(out, "Timer\t DCR=0x%x (divide by %u) initial_count = %u current_count = %u\n",
            apic->divide & 0xb, divider(apic->divide), apic->initial, lapic_timer_current(apic));
    fprintf(out, "SPIV\t 0x%08x APIC %s, focus=%s, spurious vec %u\n", apic->svr,
            apic->svr & SVR_ENABLED ? "enabled" : "disabled", apic->svr & 0x200 ? "on" : "off",
            apic->svr & 0xff);
    fprintf(out, "ICR\t 0x%08x %s %s %s %s\n", icr, icr & 0x800 ? "logical" : "physical",
            icr & 0x8000 ? "level" : "edge", icr & 0x4000 ? "assert" : "de-assert",
            (const char *[]){"", "self", "all-self", "all"}[icr >> 18 & 3]);
    fprintf(out, "ICR2\t 0x%08x\nESR\t 0x%08x\n", (u32)apic->icr_dest << 24, apic->esr);
    put_vectors(out, "ISR", apic->isr, NULL);
    put_vectors(out, "IRR", apic->irr, apic->tmr);
    fprintf(out, "\nAPR 0x00 TPR 0x%02x DFR 0x%02x LDR 0x%02x PPR 0x%02x\n", apic->tpr, apic->dfr,
            apic->ldr, lapic_ppr(apic));
}

MONITOR_COMMAND(info_irq)
{
    (void)a;
    fputs("IRQ statistics for the 8259s and the I/O APIC:\n", m->out);
    for (unsigned i = 0; i < ARRAY_SIZE(m->pc->irqs); i++)
        if (m->pc->irqs[i])
            fprintf(m->out, "%2u: %" PRIu64 "\n", i, m->pc->irqs[i]);
}
