/* Virtual time and its timers: a list sorted by time, ties in order of arming.
 *
 * Neither source ever goes back: CLOCK_MONOTONIC does not (and stands still while the host is
 * suspended), and instructions and jumps only add up. */
#include "devices/base/clock.h"

#include <string.h>
#include <time.h>

#define LATE_NS 50000000u /* so late a guest may be and still catch up */

u64 clock_host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

static u32 percent(const struct clock *clock)
{
    return clock->speed == SPEED_NORMAL || clock->speed == SPEED_MAX ? 100 : clock->speed;
}

static u64 guest_span(const struct clock *clock, u64 host)
{
    u32 speed = percent(clock);

    return speed == 100 ? host : host / 100 * speed + host % 100 * speed / 100;
}

u64 clock_host_span(const struct clock *clock, u64 ns)
{
    u32 speed = percent(clock);

    if (speed == 100)
        return ns;
    if (ns > UINT64_MAX / 100 - 1)
        return UINT64_MAX;
    return ns / speed * 100 + (ns % speed * 100 + speed - 1) / speed;
}

/* The host's time as this clock sees it. */
static u64 host_now(const struct clock *clock)
{
    return clock->paused_at ? clock->paused_at : clock_host_ns();
}

static struct clock_mark mark_here(const struct clock *clock)
{
    u64 host = host_now(clock);

    return (struct clock_mark){host, clock->source == CLOCK_HOST ? clock_at(clock, host)
                                                                 : clock_now(clock)};
}

void clock_init(struct clock *clock, enum clock_source source, u64 (*insns)(void *), void *opaque)
{
    memset(clock, 0, sizeof(*clock));
    clock->source = source;
    clock->insns = insns;
    clock->insns_opaque = opaque;
    clock->pace.host = clock_host_ns();
    clock->changed_speed = clock->pace;
}

u64 clock_at(const struct clock *clock, u64 host)
{
    return clock->pace.guest + guest_span(clock, host - clock->pace.host);
}

u64 clock_now(const struct clock *clock)
{
    switch (clock->source) {
    case CLOCK_HOST: return clock_at(clock, host_now(clock));
    case CLOCK_INSN: return clock->insns(clock->insns_opaque) * CLOCK_NS_PER_INSN + clock->skipped;
    }
    BUG("clock source %d", clock->source);
}

void clock_set(struct clock *clock, u64 now)
{
    if (clock->source == CLOCK_INSN)
        clock->skipped = now - clock->insns(clock->insns_opaque) * CLOCK_NS_PER_INSN;
    clock->pace = (struct clock_mark){host_now(clock), now};
    clock->changed_speed = clock->pace;
}

void clock_pause(struct clock *clock)
{
    if (!clock->paused_at)
        clock->paused_at = clock_host_ns();
}

void clock_resume(struct clock *clock)
{
    u64 paused = clock->paused_at ? clock_host_ns() - clock->paused_at : 0;

    clock->pace.host += paused;
    clock->changed_speed.host += paused;
    clock->paused_at = 0;
}

void clock_set_speed(struct clock *clock, u32 speed)
{
    clock->pace = clock->changed_speed = mark_here(clock);
    clock->speed = speed;
}

u32 clock_speed_reached(const struct clock *clock)
{
    const struct clock_mark *then = &clock->changed_speed;
    struct clock_mark now = mark_here(clock);
    u64 host = now.host - then->host, guest = now.guest - then->guest;

    if (host < 1000000)
        return 0;
    return (u32)(guest / host * 100 + guest % host / (host / 100));
}

u64 clock_host_until(struct clock *clock, u64 when)
{
    struct clock_mark *pace = &clock->pace;
    u64 host = host_now(clock), due;

    if (clock->source == CLOCK_HOST) {
        u64 now = clock_at(clock, host);

        return when > now ? clock_host_span(clock, when - now) : 0;
    }
    due = when > pace->guest ? clock_host_span(clock, when - pace->guest) : 0;
    if (due > host - pace->host)
        return due - (host - pace->host);
    if (host - pace->host - due > LATE_NS)
        *pace = (struct clock_mark){host, when};
    return 0;
}

u64 clock_paced_now(const struct clock *clock)
{
    return clock_at(clock, host_now(clock));
}

void clock_pace_from_here(struct clock *clock)
{
    clock->pace = mark_here(clock);
}

void timer_init(struct timer *timer, struct clock *clock, void (*fn)(void *), void *opaque)
{
    *timer = (struct timer){.fn = fn, .opaque = opaque, .clock = clock};
}

static void unlink_timer(struct timer *timer)
{
    struct timer **link = &timer->clock->timers;

    while (*link != timer) {
        BUG_ON(!*link);
        link = &(*link)->next;
    }
    *link = timer->next;
    timer->next = NULL;
    timer->armed = false;
}

/* Tells the board when the earliest time is no longer what it was. */
static void tell(struct clock *clock, u64 earliest)
{
    if (clock->changed && clock_next(clock) != earliest)
        clock->changed(clock->changed_opaque);
}

static bool comes_before(const struct timer *timer, u64 when, u64 nth)
{
    return timer->when < when || (timer->when == when && timer->nth < nth);
}

void timer_arm_as(struct timer *timer, u64 when, u64 nth)
{
    struct clock *clock = timer->clock;
    u64 earliest = clock_next(clock);
    struct timer **link = &clock->timers;

    if (timer->armed)
        unlink_timer(timer);
    while (*link && comes_before(*link, when, nth))
        link = &(*link)->next;
    timer->when = when;
    timer->nth = nth;
    timer->armed = true;
    timer->next = *link;
    *link = timer;
    tell(clock, earliest);
}

void timer_arm(struct timer *timer, u64 when)
{
    if (timer->armed && timer->when == when)
        return; /* it keeps its place, so that looking at a device changes nothing */
    timer_arm_as(timer, when, timer->clock->arms++);
}

void timer_cancel(struct timer *timer)
{
    u64 earliest = clock_next(timer->clock);

    if (!timer->armed)
        return;
    unlink_timer(timer);
    tell(timer->clock, earliest);
}

u64 clock_next(const struct clock *clock)
{
    return clock->timers ? clock->timers->when : UINT64_MAX;
}

/* Time is read once, so that a handler which re-arms its timer always for later than its own time
 * cannot keep this loop going. */
void clock_run(struct clock *clock)
{
    u64 now = clock_now(clock);

    while (clock->timers && clock->timers->when <= now) {
        struct timer *timer = clock->timers;

        unlink_timer(timer);
        timer->fn(timer->opaque);
    }
}

void clock_skip(struct clock *clock, u64 when)
{
    u64 now = clock_now(clock);

    if (when <= now)
        return;
    switch (clock->source) {
    case CLOCK_HOST: clock->pace.guest += when - now; break;
    case CLOCK_INSN: clock->skipped += when - now; break;
    }
}

u64 clock_insns_until(const struct clock *clock, u64 when)
{
    u64 now = clock_now(clock);
    u64 ns = when > now ? when - now : 0;
    u64 insns = ns / CLOCK_NS_PER_INSN + (ns % CLOCK_NS_PER_INSN != 0);

    return insns ? insns : 1;
}
