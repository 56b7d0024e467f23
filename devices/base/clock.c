/* Virtual time and its timers: a list sorted by time, ties in order of arming.
 *
 * Neither source ever goes back: CLOCK_MONOTONIC does not (and stands still while the host is
 * suspended), and instructions and jumps only add up. */
#include "devices/base/clock.h"

#include <string.h>
#include <time.h>

u64 clock_host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

void clock_init(struct clock *clock, enum clock_source source, u64 (*insns)(void *), void *opaque)
{
    memset(clock, 0, sizeof(*clock));
    clock->source = source;
    clock->insns = insns;
    clock->insns_opaque = opaque;
    if (source == CLOCK_HOST)
        clock->host_start = clock_host_ns();
}

u64 clock_now(const struct clock *clock)
{
    switch (clock->source) {
    case CLOCK_HOST:
        return (clock->paused_at ? clock->paused_at : clock_host_ns()) - clock->host_start;
    case CLOCK_INSN: return clock->insns(clock->insns_opaque) * CLOCK_NS_PER_INSN + clock->skipped;
    }
    BUG("clock source %d", clock->source);
}

void clock_set(struct clock *clock, u64 now)
{
    switch (clock->source) {
    case CLOCK_HOST:
        clock->host_start = (clock->paused_at ? clock->paused_at : clock_host_ns()) - now;
        break;
    case CLOCK_INSN:
        clock->skipped = now - clock->insns(clock->insns_opaque) * CLOCK_NS_PER_INSN;
        break;
    }
}

void clock_pause(struct clock *clock)
{
    if (!clock->paused_at)
        clock->paused_at = clock_host_ns();
}

void clock_resume(struct clock *clock)
{
    if (clock->paused_at)
        clock->host_start += clock_host_ns() - clock->paused_at;
    clock->paused_at = 0;
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

    if (clock->source == CLOCK_INSN && when > now)
        clock->skipped += when - now;
}

u64 clock_insns_until(const struct clock *clock, u64 when)
{
    u64 now = clock_now(clock);
    u64 ns = when > now ? when - now : 0;
    u64 insns = ns / CLOCK_NS_PER_INSN + (ns % CLOCK_NS_PER_INSN != 0);

    return insns ? insns : 1;
}
