/* A bench for one device: port bus, a clock that the test sets, and interrupt lines that record.
 *
 * Time is CLOCK_INSN's jump counter, so that a test moves it in single nanoseconds. */
#ifndef PAGEWALK_TEST_DEV_BENCH_H
#define PAGEWALK_TEST_DEV_BENCH_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "devices/base/clock.h"
#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "tests/unit/bench_main.h"

struct bench {
    struct ioport_bus bus;
    struct clock clock;
    bool level[16];
    unsigned rises[16]; /* of each line */
    u64 rose_at[16];    /* time of the last rise */
};

static inline u64 bench_insns(void *opaque)
{
    (void)opaque;
    return 0;
}

static inline void bench_set_irq(void *opaque, unsigned line, bool level)
{
    struct bench *bench = opaque;

    if (level && !bench->level[line]) {
        bench->rises[line]++;
        bench->rose_at[line] = clock_now(&bench->clock);
    }
    bench->level[line] = level;
}

static inline struct irq bench_irq(struct bench *bench, unsigned line)
{
    return (struct irq){bench_set_irq, bench, line};
}

static inline void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    ioport_init(&bench->bus, NULL);
    clock_init(&bench->clock, CLOCK_INSN, bench_insns, NULL);
}

/* Moves time to `when`, stopping at every timer as the board does. */
static inline void bench_until(struct bench *bench, u64 when)
{
    while (clock_next(&bench->clock) <= when) {
        clock_skip(&bench->clock, clock_next(&bench->clock));
        clock_run(&bench->clock);
    }
    clock_skip(&bench->clock, when);
}

static inline void bench_pass(struct bench *bench, u64 ns)
{
    bench_until(bench, clock_now(&bench->clock) + ns);
}

static inline void outb(struct bench *bench, u16 port, u8 value)
{
    ioport_write(&bench->bus, port, value, 1);
}

static inline u8 inb(struct bench *bench, u16 port)
{
    return (u8)ioport_read(&bench->bus, port, 1);
}

/* A small generator of random numbers, the same in every run (xorshift64). */
static inline u64 bench_random(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Random accesses of all sizes to [base, base + count) and random steps of time. Every access is
 * bounded work, so that the test ends is part of the test. */
static inline void bench_fuzz(struct bench *bench, u16 base, u16 count, unsigned accesses, u64 seed)
{
    for (unsigned i = 0; i < accesses; i++) {
        u64 r = bench_random(&seed);
        u16 port = (u16)(base + (r >> 8) % count);
        unsigned size = 1u << (r >> 40 & 3) % 3;

        if (r & 1)
            ioport_write(&bench->bus, port, (u32)(r >> 24), size);
        else
            ioport_read(&bench->bus, port, size);
        if ((r >> 48 & 15) == 0) {
            clock_skip(&bench->clock, clock_now(&bench->clock) + (r >> 52) * (r >> 56));
            clock_run(&bench->clock);
        }
        if ((r >> 16 & 0xffff) == 0) /* a long stop */
            clock_skip(&bench->clock, clock_now(&bench->clock) + (r >> 24));
    }
}

#endif
