/* The real-time clock: an MC146818 with 128 bytes of CMOS RAM, on virtual time.
 *
 * Implemented: time of day in all four formats, alarm with wildcards, periodic and update-ended
 * interrupts, UIP, SET, divider reset, century byte (0x32). Not implemented: square wave output,
 * daylight saving (DSE is kept and has no effect), the other two crystals (DV = 000 and 001 run as
 * 010 does). Bit 7 of port 0x70 goes to the board's NMI. Port 0x70 is write-only.
 * Source: Motorola MC146818A datasheet; IBM AT Technical Reference for the ports.
 *
 * The divider chain makes 32768 ticks a second, counted from the last second boundary; the taps of
 * the periodic interrupt divide the second, so that their edges are exact for ever. */
#include "devices/chipset/rtc.h"

#include <string.h>

#include "devices/base/ticks.h"

#define RTC_HZ 32768u

/* Register A. */
#define A_UIP      0x80
#define A_DV       0x70
#define A_DV_RESET 0x60 /* 110 and 111 */
#define A_RS       0x0f

/* Register B. */
#define B_SET  0x80
#define B_PIE  0x40
#define B_AIE  0x20
#define B_UIE  0x10
#define B_SQWE 0x08

/* Register C; the flags stand where register B has their enables. */
#define C_IRQF 0x80
#define C_PF   0x40
#define C_AF   0x20
#define C_UF   0x10

#define D_VRT 0x80

#define SECOND ((i64)NS_PER_SEC)
/* UIP rises 244 us before the update cycle, which takes 1984 us with a 32768 Hz crystal and ends at
 * the second boundary. (MC146818A, table 6) */
#define UIP_NS ((244 + 1984) * 1000)

static i64 now_ns(const struct rtc *rtc)
{
    return (i64)clock_now(rtc->clock);
}

static bool divider_reset(const struct rtc *rtc)
{
    return (rtc->cmos[RTC_A] & A_DV_RESET) == A_DV_RESET;
}

/* Whether second boundaries update the time. */
static bool updating(const struct rtc *rtc)
{
    return !divider_reset(rtc) && !(rtc->cmos[RTC_B] & B_SET);
}

/* Divider ticks per periodic interrupt; 0: none. The two fastest codes repeat slower ones. */
static u64 period_ticks(const struct rtc *rtc)
{
    unsigned rs = rtc->cmos[RTC_A] & A_RS;

    if (!rs || divider_reset(rtc))
        return 0;
    return 1u << (rs < 3 ? rs + 6 : rs - 1);
}

static u32 time_of_day(const struct rtc *rtc)
{
    i64 tod = rtc_time_get(rtc->cmos) % 86400;

    return (u32)(tod < 0 ? tod + 86400 : tod);
}

/* Brings time and flags up to date. */
static void sync_to(struct rtc *rtc, i64 now)
{
    u64 period = period_ticks(rtc);
    i64 seconds = now >= rtc->second ? (now - rtc->second) / SECOND : 0;

    if (period && rtc->synced >= rtc->second) {
        u64 before = ns_to_ticks((u64)(rtc->synced - rtc->second), RTC_HZ) / period;
        u64 after = ns_to_ticks((u64)(now - rtc->second), RTC_HZ) / period;

        if (after > before)
            rtc->cmos[RTC_C] |= C_PF;
    }
    rtc->synced = now;
    rtc->second += seconds * SECOND;
    if (!seconds || !updating(rtc))
        return;
    u32 alarm = rtc_time_to_alarm(rtc->cmos, time_of_day(rtc));
    if (alarm && alarm <= seconds)
        rtc->cmos[RTC_C] |= C_AF;
    rtc->cmos[RTC_C] |= C_UF;
    rtc_time_advance(rtc->cmos, seconds);
}

/* When the next interrupt that is enabled comes; INT64_MAX: never. Call after sync_to(now). */
static i64 next_event(const struct rtc *rtc, i64 now)
{
    u8 enabled = rtc->cmos[RTC_B];
    u64 period = period_ticks(rtc);
    i64 next = INT64_MAX;

    if (enabled & B_PIE && period) {
        u64 ticks = ns_to_ticks((u64)(now - rtc->second), RTC_HZ) / period * period + period;

        next = rtc->second + (i64)ticks_to_ns(ticks, RTC_HZ);
    }
    if (!updating(rtc))
        return next;
    if (enabled & B_UIE && rtc->second + SECOND < next)
        next = rtc->second + SECOND;
    if (enabled & B_AIE) {
        u32 alarm = rtc_time_to_alarm(rtc->cmos, time_of_day(rtc));

        if (alarm && rtc->second + alarm * SECOND < next)
            next = rtc->second + alarm * SECOND;
    }
    return next;
}

/* Drives IRQ 8, and arms the timer when the line may yet rise. Call after sync_to(now). */
static void update_irq(struct rtc *rtc, i64 now)
{
    u8 flags = rtc->cmos[RTC_C] & rtc->cmos[RTC_B] & (C_PF | C_AF | C_UF);
    i64 next = flags ? INT64_MAX : next_event(rtc, now);

    if (flags)
        rtc->cmos[RTC_C] |= C_IRQF;
    else
        rtc->cmos[RTC_C] &= (u8)~C_IRQF;
    irq_set(&rtc->irq, flags);
    if (next == INT64_MAX)
        timer_cancel(&rtc->timer);
    else
        timer_arm(&rtc->timer, (u64)next);
}

static void event_due(void *opaque)
{
    struct rtc *rtc = opaque;
    i64 now = now_ns(rtc);

    sync_to(rtc, now);
    update_irq(rtc, now);
}

static void write_register(struct rtc *rtc, i64 now, u8 index, u8 value)
{
    bool was_reset = divider_reset(rtc);

    switch (index) {
    case RTC_A:
        rtc->cmos[RTC_A] = value & (u8)~A_UIP;
        if (was_reset && !divider_reset(rtc)) /* the first update comes after half a second */
            rtc->second = now - SECOND / 2;
        break;
    case RTC_B:
        if (value & B_SET) /* SET clears UIE (datasheet, register B) */
            value &= (u8)~B_UIE;
        rtc->cmos[RTC_B] = value;
        break;
    case RTC_C:
    case RTC_D: break; /* read-only */
    default: rtc->cmos[index] = value;
    }
}

static u8 read_register(struct rtc *rtc, i64 now, u8 index)
{
    u8 value = rtc->cmos[index];

    switch (index) {
    case RTC_A:
        if (updating(rtc) && rtc->second + SECOND - now <= UIP_NS)
            value |= A_UIP;
        break;
    case RTC_C: rtc->cmos[RTC_C] = 0; break;
    }
    return value;
}

static void rtc_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct rtc *rtc = opaque;
    i64 now = now_ns(rtc);

    (void)size;
    if (offset == 0) {
        rtc->index = (u8)value;
        if (rtc->nmi)
            nmi_write_70(rtc->nmi, (u8)value);
        return;
    }
    sync_to(rtc, now);
    write_register(rtc, now, rtc->index & 0x7f, (u8)value);
    update_irq(rtc, now);
}

static u32 rtc_read(void *opaque, u16 offset, unsigned size)
{
    struct rtc *rtc = opaque;
    i64 now = now_ns(rtc);
    u8 value;

    (void)size;
    if (offset == 0)
        return 0xff;
    sync_to(rtc, now);
    update_irq(rtc, now); /* IRQF as it is now */
    value = read_register(rtc, now, rtc->index & 0x7f);
    update_irq(rtc, now);
    return value;
}

static const struct ioport_ops rtc_ops = {rtc_read, rtc_write, 1};

void rtc_set_cmos(struct rtc *rtc, u8 index, u8 value)
{
    BUG_ON(index <= RTC_D || index >= sizeof(rtc->cmos));
    rtc->cmos[index] = value;
}

void rtc_reset(struct rtc *rtc)
{
    i64 now = now_ns(rtc);

    sync_to(rtc, now);
    rtc->cmos[RTC_B] &= (u8) ~(B_PIE | B_AIE | B_UIE | B_SQWE);
    rtc->cmos[RTC_C] = 0;
    rtc->index = 0;
    update_irq(rtc, now);
}

static void state_i64(struct state *state, i64 *value)
{
    u64 bits = (u64)*value;

    state_u64(state, &bits);
    *value = (i64)bits;
}

void rtc_state(struct rtc *rtc, struct state *state)
{
    i64 now = now_ns(rtc);

    sync_to(rtc, now);
    update_irq(rtc, now);
    if (!state_begin(state, "rtc"))
        return;
    state_bytes(state, rtc->cmos, sizeof(rtc->cmos));
    state_u8(state, &rtc->index);
    state_i64(state, &rtc->second);
    state_i64(state, &rtc->synced);
    state_timer(state, &rtc->timer); /* its place; update_irq() knows when */
    state_end(state);
    if (!state->loading)
        return;
    if (rtc->second < -SECOND || rtc->second > rtc->synced || rtc->synced > now) {
        state_reject(state);
        rtc->second = rtc->synced = now;
    }
    rtc->cmos[RTC_A] &= (u8)~A_UIP;
    rtc->cmos[RTC_D] = D_VRT;
    sync_to(rtc, now);
    update_irq(rtc, now);
}

void rtc_init(struct rtc *rtc, struct ioport_bus *bus, u16 base, struct clock *clock,
              struct irq irq8, i64 base_seconds)
{
    memset(rtc, 0, sizeof(*rtc));
    rtc->clock = clock;
    rtc->irq = irq8;
    rtc->cmos[RTC_A] = 0x26; /* 32768 Hz, 1024 periodic interrupts a second: as every BIOS has it */
    rtc->cmos[RTC_B] = RTC_B_24H;
    rtc->cmos[RTC_D] = D_VRT;
    rtc_time_set(rtc->cmos, base_seconds);
    rtc->second = rtc->synced = now_ns(rtc);
    timer_init(&rtc->timer, clock, event_due, rtc);
    rtc_reset(rtc);
    ioport_add(bus, base, 2, &rtc_ops, rtc, "rtc");
}
