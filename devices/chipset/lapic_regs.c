/* The local APIC's registers: 32 bits each, on 16-byte boundaries of its page.
 *
 * Registers are accessed whole: a narrower or misaligned store has no effect, a narrower load gets a part of the
 * register (the manual leaves both open). What does not exist reads 0 and is an error of its own.
 * Source: SDM vol. 3A, table 10-1. */
#include "devices/chipset/lapic_priv.h"

#define VERSION (0x14u | (LVT_COUNT - 1) << 16) /* an integrated APIC, and its last local vector */

enum {
    REG_ID = 0x02,
    REG_VERSION = 0x03,
    REG_TPR = 0x08,
    REG_APR = 0x09,
    REG_PPR = 0x0a,
    REG_EOI = 0x0b,
    REG_RRR = 0x0c,
    REG_LDR = 0x0d,
    REG_DFR = 0x0e,
    REG_SVR = 0x0f,
    REG_ISR = 0x10,
    REG_TMR = 0x18,
    REG_IRR = 0x20,
    REG_ESR = 0x28,
    REG_ICR_LOW = 0x30,
    REG_ICR_HIGH = 0x31,
    REG_LVT = 0x32,
    REG_INITIAL = 0x38,
    REG_CURRENT = 0x39,
    REG_DIVIDE = 0x3e,
};

#define ICR_WRITABLE 0x000ccfffu
#define SVR_WRITABLE 0x3ffu /* with the focus check, which one processor has no use for */

/* Writable bits of the local vectors; delivery status is idle for ever. */
static const u32 lvt_writable[LVT_COUNT] = {
    [LVT_TIMER] = 0x300ff, [LVT_THERMAL] = 0x107ff, [LVT_PERF] = 0x107ff,
    [LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,   [LVT_ERROR] = 0x100ff,
};

static u32 read_register(struct lapic *apic, unsigned reg)
{
    switch (reg) {
    case REG_ID: return (u32)apic->id << 24;
    case REG_VERSION: return VERSION;
    case REG_TPR: return apic->tpr;
    case REG_APR: /* with one processor nobody looks at it (SDM vol. 3A, 10.6.2.4) */
    case REG_PPR: return lapic_ppr(apic);
    case REG_EOI: /* write-only */
    case REG_RRR: return 0;
    case REG_LDR: return (u32)apic->ldr << 24;
    case REG_DFR: return (u32)apic->dfr << 28 | 0x0fffffff;
    case REG_SVR: return apic->svr;
    case REG_ISR ... REG_ISR + 7: return apic->isr[reg - REG_ISR];
    case REG_TMR ... REG_TMR + 7: return apic->tmr[reg - REG_TMR];
    case REG_IRR ... REG_IRR + 7: return apic->irr[reg - REG_IRR];
    case REG_ESR: return apic->esr;
    case REG_ICR_LOW: return apic->icr_low;
    case REG_ICR_HIGH: return (u32)apic->icr_dest << 24;
    case REG_LVT ... REG_LVT + LVT_COUNT - 1: return apic->lvt[reg - REG_LVT];
    case REG_INITIAL: return apic->initial;
    case REG_CURRENT: return lapic_timer_current(apic);
    case REG_DIVIDE: return apic->divide;
    }
    /* Without its interrupt: what a load does must not change the processor's pins (doc/pitfalls.md). */
    apic->errors |= ERROR_REGISTER;
    return 0;
}

/* While software has disabled the APIC every local vector is masked. (SDM vol. 3A, 10.4.7.2) */
static void write_lvt(struct lapic *apic, unsigned number, u32 value)
{
    u32 kept = apic->lvt[number] & LVT_REMOTE_IRR;

    value &= lvt_writable[number];
    if (!lapic_software_enabled(apic))
        value |= LVT_MASKED;
    if (number == LVT_TIMER) {
        lapic_timer_lvt(apic, value);
        return;
    }
    apic->lvt[number] = value | (value & LVT_LEVEL ? kept : 0);
    if (number == LVT_LINT0 || number == LVT_LINT1)
        lapic_update_lints(apic);
}

static void write_svr(struct lapic *apic, u32 value)
{
    apic->svr = value & SVR_WRITABLE;
    if (apic->svr & SVR_ENABLED) {
        apic->host.listens(apic->host.opaque);
    } else {
        for (unsigned i = 0; i < LVT_COUNT; i++)
            write_lvt(apic, i, apic->lvt[i]);
    }
    lapic_update(apic);
}

static void write_register(struct lapic *apic, unsigned reg, u32 value)
{
    switch (reg) {
    case REG_ID:
        apic->id = value >> 24;
        apic->host.listens(apic->host.opaque);
        break;
    case REG_TPR:
        apic->tpr = (u8)value;
        lapic_update(apic);
        break;
    case REG_EOI: lapic_eoi(apic); break;
    case REG_LDR:
        apic->ldr = value >> 24;
        apic->host.listens(apic->host.opaque);
        break;
    case REG_DFR:
        apic->dfr = value >> 28;
        apic->host.listens(apic->host.opaque);
        break;
    case REG_SVR: write_svr(apic, value); break;
    case REG_ESR:
        apic->esr = apic->errors;
        apic->errors = 0;
        break;
    case REG_ICR_LOW:
        apic->icr_low = value & ICR_WRITABLE;
        lapic_send(apic, apic->icr_low);
        break;
    case REG_ICR_HIGH: apic->icr_dest = value >> 24; break;
    case REG_LVT ... REG_LVT + LVT_COUNT - 1: write_lvt(apic, reg - REG_LVT, value); break;
    case REG_INITIAL: lapic_timer_start(apic, value); break;
    case REG_DIVIDE: lapic_timer_divide(apic, value); break;
    case REG_VERSION:
    case REG_APR:
    case REG_PPR:
    case REG_RRR:
    case REG_ISR ... REG_ISR + 7:
    case REG_TMR ... REG_TMR + 7:
    case REG_IRR ... REG_IRR + 7:
    case REG_CURRENT: break; /* read-only */
    default: lapic_error(apic, ERROR_REGISTER);
    }
}

static u32 lapic_read(void *opaque, u32 offset, unsigned size)
{
    (void)size; /* the bus takes what it asked for */
    if (offset & 0xc)
        return 0;
    return read_register(opaque, offset >> 4) >> (offset & 3) * 8;
}

static void lapic_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct lapic *apic = opaque;

    if (size != 4 || offset & 0xf)
        return;
    write_register(apic, offset >> 4, value);
}

const struct phys_mmio_ops lapic_ops = {lapic_read, lapic_write};
