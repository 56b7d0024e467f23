/* A local APIC: what is pending and in service, the pins, and the messages that it takes and sends.
 *
 * Implemented: fixed and lowest-priority, NMI, INIT and ExtINT deliveries; priorities; physical, flat and cluster
 * destinations; the ICR to this processor, by number or shorthand; illegal vectors. Messages to other processors go
 * nowhere, without an error, and none is ever under way: delivery status is idle. SMI has no effect. The 8259 goes through
 * a disabled APIC, which the P6's does when IA32_APIC_BASE disables it: firmware and systems that know no APIC rely on
 * it, so software disabling is no different here.
 * Source: SDM vol. 3A, chapter 10. */
#include "devices/chipset/lapic_priv.h"

#include <string.h>

#define ICR_LEVEL        0x8000u
#define ICR_ASSERT       0x4000u
#define ICR_LOGICAL      0x0800u
#define ICR_SHORTHAND(v) ((v) >> 18 & 3)
enum { SHORTHAND_NONE, SHORTHAND_SELF, SHORTHAND_ALL, SHORTHAND_OTHERS };

#define DFR_FLAT    0xf
#define DFR_CLUSTER 0x0
#define BROADCAST   0xff

static void set_bit(u32 *set, u8 vector)
{
    set[vector / 32] |= 1u << vector % 32;
}

static void clear_bit(u32 *set, u8 vector)
{
    set[vector / 32] &= ~(1u << vector % 32);
}

static bool has_bit(const u32 *set, u8 vector)
{
    return set[vector / 32] >> vector % 32 & 1;
}

/* The highest vector of a set, or -1. */
static int highest(const u32 *set)
{
    for (int i = 7; i >= 0; i--)
        if (set[i])
            return i * 32 + 31 - __builtin_clz(set[i]);
    return -1;
}

/* (SDM vol. 3A, 10.8.3.1) */
u8 lapic_ppr(const struct lapic *apic)
{
    int serving = highest(apic->isr);

    if (serving < 0 || apic->tpr >> 4 >= serving >> 4)
        return apic->tpr;
    return serving & 0xf0;
}

/* The vector that may go to the processor now, or -1. */
static int deliverable(const struct lapic *apic)
{
    int vector = highest(apic->irr);

    return vector >= 0 && vector >> 4 > lapic_ppr(apic) >> 4 ? vector : -1;
}

/* LINT0 or LINT1 goes to the processor's pin as if there were no APIC. */
static bool passes(const struct lapic *apic, unsigned line, enum apic_mode mode)
{
    u32 lvt = apic->lvt[LVT_LINT0 + line];

    return !lapic_software_enabled(apic) || (!(lvt & LVT_MASKED) && LVT_MODE(lvt) == mode);
}

static bool pic_asks(const struct lapic *apic)
{
    return apic->lint[0] && passes(apic, 0, APIC_EXTINT);
}

void lapic_update(struct lapic *apic)
{
    bool intr = pic_asks(apic) || apic->extint || deliverable(apic) >= 0;

    if (intr == apic->intr)
        return;
    apic->intr = intr;
    apic->host.intr(apic->host.opaque, intr);
}

int lapic_ack(struct lapic *apic)
{
    int vector = deliverable(apic);

    if (vector >= 0) {
        clear_bit(apic->irr, (u8)vector);
        set_bit(apic->isr, (u8)vector);
    } else if (pic_asks(apic) || apic->extint) {
        apic->extint = false;
        vector = LAPIC_ACK_EXTINT;
    } else {
        vector = apic->svr & 0xff; /* (SDM vol. 3A, 10.9) */
    }
    lapic_update(apic);
    return vector;
}

/* The error interrupt is armed again by a write of the error status. */
void lapic_error(struct lapic *apic, u8 errors)
{
    bool armed = !apic->errors;

    apic->errors |= errors;
    if (armed)
        lapic_local(apic, LVT_ERROR);
}

void lapic_request(struct lapic *apic, u8 vector, bool level)
{
    if (vector < APIC_VECTOR_FIRST) {
        lapic_error(apic, ERROR_RECEIVED_VECTOR);
        return;
    }
    set_bit(apic->irr, vector);
    (level ? set_bit : clear_bit)(apic->tmr, vector);
    lapic_update(apic);
}

/* Performs a message that is for this processor. */
static bool take(struct lapic *apic, u8 mode, u8 vector, bool level)
{
    switch ((enum apic_mode)mode) {
    case APIC_FIXED:
    case APIC_LOWEST:
        if (!lapic_software_enabled(apic))
            return false;
        lapic_request(apic, vector, level);
        return true;
    case APIC_NMI: apic->host.nmi(apic->host.opaque); return true;
    case APIC_INIT: apic->host.init(apic->host.opaque); return true;
    case APIC_EXTINT:
        if (!lapic_software_enabled(apic))
            return false;
        apic->extint = true;
        lapic_update(apic);
        return true;
    case APIC_SMI:
    case APIC_STARTUP: return true; /* no SMM; and the processor waits for no start */
    }
    return false; /* reserved */
}

void lapic_local(struct lapic *apic, enum lapic_lvt number)
{
    u32 lvt = apic->lvt[number];

    if (!(lvt & LVT_MASKED))
        take(apic, LVT_MODE(lvt), (u8)lvt, false);
}

/* (SDM vol. 3A, 10.5.1: the mask) */
void lapic_perf(struct lapic *apic)
{
    lapic_local(apic, LVT_PERF);
    apic->lvt[LVT_PERF] |= LVT_MASKED;
}

/* (SDM vol. 3A, 10.6.2.2) */
static bool for_logical(const struct lapic *apic, u8 dest)
{
    switch (apic->dfr) {
    case DFR_FLAT: return dest & apic->ldr;
    case DFR_CLUSTER:
        return (dest >> 4 == apic->ldr >> 4 || dest >> 4 == 0xf) && dest & apic->ldr & 0xf;
    default: return false; /* reserved models */
    }
}

static bool for_us(const struct lapic *apic, u8 dest, bool logical)
{
    if (dest == BROADCAST)
        return true;
    return logical ? for_logical(apic, dest) : dest == apic->id;
}

bool lapic_accept(struct lapic *apic, const struct apic_message *message)
{
    return apic->enabled && for_us(apic, message->dest, message->logical) &&
           take(apic, message->mode, message->vector, message->level);
}

/* Shorthands go with these modes only. (SDM vol. 3A, tables 10-3 and 10-4) */
static bool shorthand_valid(u32 shorthand, u32 mode)
{
    return mode == APIC_FIXED || (shorthand == SHORTHAND_OTHERS && mode != APIC_EXTINT);
}

/* An inter-processor interrupt. Those of which nobody but other processors hears are done when they are sent. */
void lapic_send(struct lapic *apic, u32 low)
{
    u32 mode = LVT_MODE(low), shorthand = ICR_SHORTHAND(low);
    u8 vector = (u8)low;

    if ((mode == APIC_FIXED || mode == APIC_LOWEST) && vector < APIC_VECTOR_FIRST) {
        lapic_error(apic, ERROR_SEND_VECTOR);
        return;
    }
    if (mode == APIC_EXTINT || (mode == APIC_INIT && (low & ICR_LEVEL) && !(low & ICR_ASSERT)))
        return; /* reserved; and INIT's de-assertion, which says who arbitrates how */
    if (shorthand == SHORTHAND_NONE
            ? !for_us(apic, apic->icr_dest, low & ICR_LOGICAL)
            : shorthand == SHORTHAND_OTHERS || !shorthand_valid(shorthand, mode))
        return;
    take(apic, (u8)mode, vector, false);
}

/* A level-triggered LINT pin asks again when its interrupt is over; others on each rise. */
static void lint_fixed(struct lapic *apic, u32 *lvt, bool rose, bool level)
{
    if (!(*lvt & LVT_LEVEL)) {
        if (rose)
            take(apic, APIC_FIXED, (u8)*lvt, false);
    } else if (level && !(*lvt & LVT_REMOTE_IRR) && lapic_software_enabled(apic)) {
        *lvt |= LVT_REMOTE_IRR;
        take(apic, APIC_FIXED, (u8)*lvt, true);
    }
}

/* What a pin does but for ExtINT at LINT0, which is a level: see pic_asks(). */
static void lint_act(struct lapic *apic, unsigned line, bool rose)
{
    u32 *lvt = &apic->lvt[LVT_LINT0 + line];

    if (!lapic_software_enabled(apic)) {
        if (line == 1 && rose)
            apic->host.nmi(apic->host.opaque);
        return;
    }
    if (*lvt & LVT_MASKED)
        return;
    if (LVT_MODE(*lvt) == APIC_FIXED)
        lint_fixed(apic, lvt, rose, apic->lint[line]);
    else if (rose && !(line == 0 && LVT_MODE(*lvt) == APIC_EXTINT))
        take(apic, LVT_MODE(*lvt), (u8)*lvt, false);
}

void lapic_set_lint(void *opaque, unsigned line, bool level)
{
    struct lapic *apic = opaque;
    bool rose = level && !apic->lint[line];

    BUG_ON(line >= LAPIC_LINTS);
    apic->lint[line] = level;
    lint_act(apic, line, rose);
    lapic_update(apic);
}

void lapic_update_lints(struct lapic *apic)
{
    for (unsigned i = 0; i < LAPIC_LINTS; i++)
        lint_act(apic, i, false);
    lapic_update(apic);
}

void lapic_eoi(struct lapic *apic)
{
    int vector = highest(apic->isr);

    if (vector < 0)
        return;
    clear_bit(apic->isr, (u8)vector);
    if (has_bit(apic->tmr, (u8)vector)) {
        apic->host.eoi(apic->host.opaque, (u8)vector);
        for (unsigned i = 0; i < LAPIC_LINTS; i++)
            if ((u8)apic->lvt[LVT_LINT0 + i] == vector)
                apic->lvt[LVT_LINT0 + i] &= ~LVT_REMOTE_IRR;
        lapic_update_lints(apic);
    }
    lapic_update(apic);
}

bool lapic_pic_is_nmi(const struct lapic *apic)
{
    return lapic_software_enabled(apic) && !(apic->lvt[LVT_LINT0] & LVT_MASKED) &&
           LVT_MODE(apic->lvt[LVT_LINT0]) == APIC_NMI;
}

void lapic_reset(struct lapic *apic, bool enabled)
{
    apic->enabled = enabled;
    apic->extint = false;
    apic->id = apic->tpr = apic->ldr = 0;
    apic->dfr = DFR_FLAT;
    apic->svr = 0xff;
    apic->icr_low = 0;
    apic->icr_dest = 0;
    apic->esr = apic->errors = 0;
    memset(apic->isr, 0, sizeof(apic->isr));
    memset(apic->tmr, 0, sizeof(apic->tmr));
    memset(apic->irr, 0, sizeof(apic->irr));
    for (unsigned i = 0; i < LVT_COUNT; i++)
        apic->lvt[i] = LVT_MASKED;
    apic->divide = apic->initial = 0;
    apic->counts = false;
    timer_cancel(&apic->timer);
    lapic_update(apic);
}

void lapic_wire_pic(struct lapic *apic)
{
    apic->lvt[LVT_LINT0] = APIC_EXTINT << 8;
    lapic_update(apic);
}

void lapic_state(struct lapic *apic, struct state *state)
{
    if (!state_begin(state, "lapic"))
        return;
    state_bool(state, &apic->enabled);
    for (unsigned i = 0; i < LAPIC_LINTS; i++)
        state_bool(state, &apic->lint[i]);
    state_bool(state, &apic->extint);
    state_u8(state, &apic->id);
    state_u8(state, &apic->tpr);
    state_u8(state, &apic->ldr);
    state_u8(state, &apic->dfr);
    state_u16(state, &apic->svr);
    state_u32(state, &apic->icr_low);
    state_u8(state, &apic->icr_dest);
    state_u8(state, &apic->esr);
    state_u8(state, &apic->errors);
    for (unsigned i = 0; i < 8; i++) {
        state_u32(state, &apic->isr[i]);
        state_u32(state, &apic->tmr[i]);
        state_u32(state, &apic->irr[i]);
    }
    for (unsigned i = 0; i < LVT_COUNT; i++)
        state_u32(state, &apic->lvt[i]);
    lapic_timer_state(apic, state);
    state_end(state);
    if (state->loading)
        lapic_update(apic);
}

void lapic_init(struct lapic *apic, struct clock *clock, const struct lapic_host *host)
{
    memset(apic, 0, sizeof(*apic));
    apic->host = *host;
    lapic_timer_init(apic, clock);
    lapic_reset(apic, true);
}
