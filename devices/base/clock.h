/* Virtual time: the one clock that drives every device, and its timers.
 *
 * CLOCK_HOST follows the host's monotonic clock; CLOCK_INSN advances CLOCK_NS_PER_INSN for each guest
 * instruction retired, and by jumps while the CPU is halted, so that a run is reproducible bit by bit.
 *
 * Host time becomes guest time here alone, by the clock's speed: CLOCK_HOST is as far as that, and whoever lets a guest
 * under CLOCK_INSN wait waits by it. Another speed holds from then on: the time that was never moves. */
#ifndef PAGEWALK_CLOCK_H
#define PAGEWALK_CLOCK_H

#include "devices/base/speed.h"
#include "mmu/host/base.h"

#define CLOCK_NS_PER_INSN 10u
#define CLOCK_TSC_HZ      1000000000ull /* the guest's TSC: one tick a nanosecond, on either source */

enum clock_source { CLOCK_HOST, CLOCK_INSN };

struct clock;

struct timer {
    u64 when; /* virtual ns */
    void (*fn)(void *opaque);
    void *opaque;
    bool armed;
    u64 nth;            /* which arming of the clock's timers this was */
    struct timer *next; /* in order of time; ties in order of arming */
    struct clock *clock;
};

/* The same moment in both times, ns. */
struct clock_mark {
    u64 host, guest;
};

struct clock {
    enum clock_source source;
    u64 (*insns)(void *opaque); /* CLOCK_INSN: instructions retired until now */
    void *insns_opaque;
    u32 speed;                       /* see speed.h */
    struct clock_mark pace;          /* what speed is counted from, */
    struct clock_mark changed_speed; /* and where it became what it is */
    u64 paused_at;                   /* host ns at which it was stopped; 0: it runs */
    u64 skipped;                     /* CLOCK_INSN: ns jumped over while halted */
    struct timer *timers;
    u64 arms; /* how often timers were armed */
    void (*changed)(
        void *opaque); /* the earliest timer moved: the board must look again; may be NULL */
    void *changed_opaque;
};

void clock_init(struct clock *clock, enum clock_source source, u64 (*insns)(void *), void *opaque);
/* The host's monotonic time, which both sources can be slept by. */
u64 clock_host_ns(void);
u64 clock_now(const struct clock *clock); /* virtual ns, never going back */
/* CLOCK_HOST: the same, where the host's time was just read. */
u64 clock_at(const struct clock *clock, u64 host);
/* For a machine that was saved: it is `now` from now on. Timers stay as they are. */
void clock_set(struct clock *clock, u64 now);

/* Time stands still until clock_resume(). Under CLOCK_INSN it does without instructions. Both may be repeated. */
void clock_pause(struct clock *clock);
void clock_resume(struct clock *clock);

void clock_set_speed(struct clock *clock, u32 speed);
/* Percent of the host's time by which the guest's has passed since then, as far as it was not paused; 0: too short to
 * say. */
u32 clock_speed_reached(const struct clock *clock);
/* How long so much of the guest's time lasts on the host, ns, rounded up. */
u64 clock_host_span(const struct clock *clock, u64 ns);
/* In how many ns of the host's time it is virtual time `when`, by the clock's speed; 0: that is past. Under CLOCK_INSN a
 * guest that cannot keep up is not hurried later: the speed is counted from there on. */
u64 clock_host_until(struct clock *clock, u64 when);
/* CLOCK_INSN: where the guest's time would be by its speed, and from here on is. */
u64 clock_paced_now(const struct clock *clock);
void clock_pace_from_here(struct clock *clock);

static inline bool clock_is_paused(const struct clock *clock)
{
    return clock->paused_at != 0;
}

void timer_init(struct timer *timer, struct clock *clock, void (*fn)(void *), void *opaque);
/* Re-arms when armed already; for the same time it keeps its place among others. */
void timer_arm(struct timer *timer, u64 when);
/* As if it had been armed as the nth of all. */
void timer_arm_as(struct timer *timer, u64 when, u64 nth);
void timer_cancel(struct timer *timer);

/* Virtual time of the earliest timer; UINT64_MAX when there is none. */
u64 clock_next(const struct clock *clock);
/* Runs every timer that is due, in order. */
void clock_run(struct clock *clock);
/* Jumps to virtual time `when` (no-op when that is past). */
void clock_skip(struct clock *clock, u64 when);
/* CLOCK_INSN: instructions until virtual time `when`, rounded up, at least 1. */
u64 clock_insns_until(const struct clock *clock, u64 when);

#endif
