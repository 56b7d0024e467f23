/* The board's interrupt system: lines to the 8259s and the I/O APIC, and from both to the processor.
 *
 * A line of the ISA bus, and a PCI interrupt that the PIIX3 routes to one, is the 8259s' input and the I/O APIC's pin of
 * the same number; the timer's is pin 2, and pin 0 has the 8259s' output, which is the local APIC's LINT0, too. A
 * processor without an APIC has the 8259s at its INTR. (MP specification 1.4, 3.6.2) */
#include "devices/board/pc_apic.h"
#include "cpu/perfctr.h"
#include "devices/board/pc_board.h"

/* Numbers of the processor's pages in front of the map. */
enum { FRONT_IOAPIC, FRONT_LAPIC };

#define PIN_PIC   0
#define PIN_TIMER 2

static bool has_apic(const struct pc *pc)
{
    return cpu_has(pc->cpu->model, FEAT_APIC);
}

static bool has_ioapic(const struct pc *pc)
{
    return has_apic(pc) && !pc->config.isa_only;
}

/* For the user's eye. */
static void count(struct pc *pc, unsigned line, bool level)
{
    u32 bit = 1u << line;

    if (level && !(pc->irq_lines & bit))
        pc->irqs[line]++;
    pc->irq_lines = level ? pc->irq_lines | bit : pc->irq_lines & ~bit;
}

void pc_set_irq(void *opaque, unsigned line, bool level)
{
    struct pc *pc = opaque;

    count(pc, line, level);
    pic_set_irq(&pc->pic, line, level);
    if (has_ioapic(pc))
        ioapic_set_pin(&pc->ioapic, line ? line : PIN_TIMER, level);
}

void pc_set_gsi(void *opaque, unsigned line, bool level)
{
    struct pc *pc = opaque;

    if (line < 16)
        pc_set_irq(pc, line, level);
    else {
        count(pc, line, level);
        if (has_ioapic(pc))
            ioapic_set_pin(&pc->ioapic, line, level);
    }
}

void pc_pic_intr(void *opaque, bool level)
{
    struct pc *pc = opaque;

    if (!has_apic(pc)) {
        cpu_set_intr(pc->cpu, level);
        return;
    }
    if (has_ioapic(pc))
        ioapic_set_pin(&pc->ioapic, PIN_PIC, level);
    lapic_set_lint(&pc->lapic, 0, level);
}

/* The 8259s' output falls with an acknowledge and rises again for the next request. */
static u8 ack_pic(struct pc *pc)
{
    u8 vector = pic_ack(&pc->pic);

    if (has_ioapic(pc) && pc->pic.level) {
        ioapic_set_pin(&pc->ioapic, PIN_PIC, false);
        ioapic_set_pin(&pc->ioapic, PIN_PIC, true);
    }
    return vector;
}

u8 pc_irq_ack(void *opaque)
{
    struct pc *pc = opaque;
    int vector = has_apic(pc) ? lapic_ack(&pc->lapic) : LAPIC_ACK_EXTINT;

    pc->acked_pic = vector == LAPIC_ACK_EXTINT;
    return pc->acked_pic ? ack_pic(pc) : (u8)vector;
}

const char *pc_irq_name(void *opaque)
{
    struct pc *pc = opaque;

    return pc->acked_pic ? pic_acked_name(&pc->pic) : "local APIC";
}

void pc_set_nmi(void *opaque, unsigned line, bool level)
{
    struct pc *pc = opaque;

    (void)line;
    if (has_apic(pc))
        lapic_set_lint(&pc->lapic, 1, level);
    else if (level)
        cpu_raise_nmi(pc->cpu);
}

bool pc_nmi_can_come(const struct pc *pc)
{
    return (has_apic(pc) && lapic_pic_is_nmi(&pc->lapic)) ||
           (has_ioapic(pc) && ioapic_has_nmi(&pc->ioapic));
}

u64 pc_perf_budget(const struct pc *pc, u64 budget)
{
    u64 insns, ticks;

    if (!pc->cpu->perf_armed || !has_apic(pc))
        return budget;
    perfctr_until_overflow(pc->cpu, &insns, &ticks);
    if (ticks != UINT64_MAX) /* one a nanosecond */
        ticks = (ticks + CLOCK_NS_PER_INSN - 1) / CLOCK_NS_PER_INSN;
    if (ticks < insns)
        insns = ticks;
    return insns < budget ? insns : budget;
}

void pc_perf_check(struct pc *pc)
{
    if (pc->cpu->perf_armed && perfctr_overflowed(pc->cpu) && has_apic(pc))
        lapic_perf(&pc->lapic);
}

/* The local APIC's. */

static void apic_intr(void *opaque, bool level)
{
    struct pc *pc = opaque;

    cpu_set_intr(pc->cpu, level);
}

static void apic_nmi(void *opaque)
{
    struct pc *pc = opaque;

    cpu_raise_nmi(pc->cpu);
}

static void apic_init(void *opaque)
{
    pc_request_reset(opaque);
}

static void apic_eoi(void *opaque, u8 vector)
{
    struct pc *pc = opaque;

    if (has_ioapic(pc))
        ioapic_eoi(&pc->ioapic, vector);
}

static void apic_listens(void *opaque)
{
    struct pc *pc = opaque;

    if (has_ioapic(pc))
        ioapic_retry(&pc->ioapic);
}

static bool ioapic_deliver(void *opaque, const struct apic_message *message)
{
    struct pc *pc = opaque;

    return lapic_accept(&pc->lapic, message);
}

/* Puts the APIC's page where IA32_APIC_BASE says; above 4 GiB nobody can see it. */
static void place_lapic(struct pc *pc)
{
    u64 base = pc->cpu->apic_base;
    bool seen = base & APIC_BASE_ENABLED && (base & APIC_BASE_ADDRESS) >> 32 == 0;

    if (phys_set_front(&pc->phys, FRONT_LAPIC, base & APIC_BASE_ADDRESS, seen ? &lapic_ops : NULL,
                       &pc->lapic))
        pc_map_changed(pc);
}

void pc_apic_base(void *opaque)
{
    struct pc *pc = opaque;
    bool enabled = pc->cpu->apic_base & APIC_BASE_ENABLED;

    place_lapic(pc);
    if (enabled != pc->lapic.enabled)
        lapic_reset(&pc->lapic, enabled);
}

void pc_apic_init(struct pc *pc)
{
    struct lapic_host lapic = {apic_intr, apic_nmi, apic_init, apic_eoi, apic_listens, pc};
    struct ioapic_host ioapic = {ioapic_deliver, pc};

    if (!has_apic(pc))
        return;
    lapic_init(&pc->lapic, &pc->clock, &lapic);
    if (!has_ioapic(pc))
        return;
    ioapic_init(&pc->ioapic, &ioapic);
    phys_set_front(&pc->phys, FRONT_IOAPIC, IOAPIC_BASE, &ioapic_ops, &pc->ioapic);
}

void pc_apic_reset(struct pc *pc)
{
    if (has_ioapic(pc))
        ioapic_reset(&pc->ioapic);
    if (!has_apic(pc))
        return;
    lapic_reset(&pc->lapic, pc->cpu->apic_base & APIC_BASE_ENABLED);
    /* A processor masks LINT0, and firmware sets it. Bochs' BIOS does not, and QEMU's board has it set for those. */
    lapic_wire_pic(&pc->lapic);
    place_lapic(pc);
}

void pc_apic_state(struct pc *pc, struct state *state)
{
    if (has_ioapic(pc))
        ioapic_state(&pc->ioapic, state);
    if (has_apic(pc))
        lapic_state(&pc->lapic, state);
}
