/* Virtual time: the one clock that drives every device, and its timers.
 *
 * CLOCK_HOST follows the host's monotonic clock; CLOCK_INSN advances CLOCK_NS_PER_INSN for each guest
 * instruction retired, and by jumps while the CPU is halted, so that a run is reproducible bit by bit. */
#ifndef PAGEWALK_CLOCK_H
#define PAGEWALK_CLOCK_H

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

struct clock {
    enum clock_source source;
    u64 (*insns)(void *opaque); /* CLOCK_INSN: instructions retired until now */
    void *insns_opaque;
    u64 host_start; /* CLOCK_HOST: host ns at virtual 0 */
    u64 paused_at;  /* CLOCK_HOST: host ns at which it was stopped; 0: it runs */
    u64 skipped;    /* CLOCK_INSN: ns jumped over while halted */
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
/* For a machine that was saved: it is `now` from now on. Timers stay as they are. */
void clock_set(struct clock *clock, u64 now);

/* Time stands still until clock_resume(). Under CLOCK_INSN it does without instructions. Both may be repeated. */
void clock_pause(struct clock *clock);
void clock_resume(struct clock *clock);
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
/* CLOCK_INSN: jumps to virtual time `when` (no-op when that is past). */
void clock_skip(struct clock *clock, u64 when);
/* CLOCK_INSN: instructions until virtual time `when`, rounded up, at least 1. */
u64 clock_insns_until(const struct clock *clock, u64 when);

#endif
