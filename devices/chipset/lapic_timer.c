/* The local APIC's timer: a down counter, one-shot or periodic, whose count is a function of virtual time.
 *
 * Nothing counts. `zero_at` is when the count comes to 0; a timer of the clock is armed for it only while the local
 * vector is not masked. Not implemented: TSC-deadline mode, which no model's CPUID reports. (SDM vol. 3A, 10.5.4) */
#include "devices/chipset/lapic_priv.h"

_Static_assert(LAPIC_HZ == 1000000000ull, "an undivided tick is a nanosecond");

/* Nanoseconds a count: bits 0, 1 and 3 of the register are an exponent of 2, of which 7 is 0. */
static u64 tick_ns(const struct lapic *apic)
{
    return 1ull << ((((apic->divide & 3) | (apic->divide >> 1 & 4)) + 1) & 7);
}

static bool periodic(const struct lapic *apic)
{
    return apic->lvt[LVT_TIMER] & LVT_PERIODIC;
}

/* Brings zero_at past now: the next time of a periodic timer, or never again. */
static void settle(struct lapic *apic, u64 now)
{
    u64 period = apic->initial * tick_ns(apic);

    if (!apic->counts || apic->zero_at > now)
        return;
    if (periodic(apic))
        apic->zero_at += ((now - apic->zero_at) / period + 1) * period;
    else
        apic->counts = false;
}

static void arm(struct lapic *apic)
{
    if (apic->counts && !(apic->lvt[LVT_TIMER] & LVT_MASKED))
        timer_arm(&apic->timer, apic->zero_at);
    else
        timer_cancel(&apic->timer);
}

static u32 count_at(const struct lapic *apic, u64 now)
{
    return apic->counts ? (u32)((apic->zero_at - now + tick_ns(apic) - 1) / tick_ns(apic)) : 0;
}

static void timer_due(void *opaque)
{
    struct lapic *apic = opaque;

    settle(apic, clock_now(apic->timer.clock));
    arm(apic);
    lapic_local(apic, LVT_TIMER);
}

/* Before the timer's registers change. An interrupt that is due already is not lost to that. */
static void catch_up(struct lapic *apic, u64 now)
{
    if (apic->timer.armed && apic->zero_at <= now)
        timer_due(apic);
    settle(apic, now);
}

u32 lapic_timer_current(const struct lapic *apic)
{
    u64 now = clock_now(apic->timer.clock);
    struct lapic copy = *apic;

    settle(&copy, now);
    return count_at(&copy, now);
}

void lapic_timer_start(struct lapic *apic, u32 initial)
{
    u64 now = clock_now(apic->timer.clock);

    catch_up(apic, now);
    apic->initial = initial;
    apic->counts = initial != 0;
    if (initial)
        apic->zero_at = now + initial * tick_ns(apic);
    arm(apic);
}

/* The count goes on at the new speed. */
void lapic_timer_divide(struct lapic *apic, u32 value)
{
    u64 now = clock_now(apic->timer.clock);
    u32 count;

    catch_up(apic, now);
    count = count_at(apic, now);
    apic->divide = value & 0xb;
    apic->zero_at = now + count * tick_ns(apic);
    arm(apic);
}

void lapic_timer_lvt(struct lapic *apic, u32 value)
{
    catch_up(apic, clock_now(apic->timer.clock));
    apic->lvt[LVT_TIMER] = value;
    arm(apic);
}

void lapic_timer_state(struct lapic *apic, struct state *state)
{
    u64 now = clock_now(apic->timer.clock);

    state_u32(state, &apic->divide);
    state_u32(state, &apic->initial);
    state_bool(state, &apic->counts);
    state_u64(state, &apic->zero_at);
    state_timer(state, &apic->timer); /* its place; arm() knows when */
    if (!state->loading)
        return;
    apic->divide &= 0xb;
    if (apic->counts && (!apic->initial || apic->zero_at > now + apic->initial * tick_ns(apic))) {
        state_reject(state);
        apic->counts = false;
    }
    arm(apic);
}

void lapic_timer_init(struct lapic *apic, struct clock *clock)
{
    timer_init(&apic->timer, clock, timer_due, apic);
}
