/* Tests of virtual time: both sources, order of timers, and what the board is told. */
#include <time.h>
#include <unistd.h>

#include "tests/unit/dev_bench.h"

static struct clock clk;
static u64 insns;
static char order[16];
static unsigned orders, changes;
static struct timer timers[4];

static u64 get_insns(void *opaque)
{
    return *(u64 *)opaque;
}

static void note(void *opaque)
{
    order[orders++] = (char)('a' + ((struct timer *)opaque - timers));
    order[orders] = 0;
}

static void count_change(void *opaque)
{
    (*(unsigned *)opaque)++;
}

static void setup(void)
{
    insns = 0;
    orders = changes = 0;
    order[0] = 0;
    clock_init(&clk, CLOCK_INSN, get_insns, &insns);
    clk.changed = count_change;
    clk.changed_opaque = &changes;
    for (unsigned i = 0; i < 4; i++)
        timer_init(&timers[i], &clk, note, &timers[i]);
}

START_TEST(test_insn)
{
    ck_assert_uint_eq(clock_now(&clk), 0);
    insns = 7;
    ck_assert_uint_eq(clock_now(&clk), 70);
    clock_skip(&clk, 95);
    ck_assert_uint_eq(clock_now(&clk), 95);
    clock_skip(&clk, 20); /* the past: nothing */
    ck_assert_uint_eq(clock_now(&clk), 95);
    insns = 8;
    ck_assert_uint_eq(clock_now(&clk), 105);
    ck_assert_uint_eq(clock_insns_until(&clk, 0), 1);
    ck_assert_uint_eq(clock_insns_until(&clk, 105), 1);
    ck_assert_uint_eq(clock_insns_until(&clk, 115), 1);
    ck_assert_uint_eq(clock_insns_until(&clk, 116), 2);
    ck_assert_uint_eq(clock_insns_until(&clk, 1105), 100);
    ck_assert_uint_eq(clock_insns_until(&clk, UINT64_MAX), (UINT64_MAX - 105) / 10);
}
END_TEST

START_TEST(test_host)
{
    u64 last = 0;

    clock_init(&clk, CLOCK_HOST, NULL, NULL);
    for (unsigned i = 0; i < 10000; i++) {
        u64 now = clock_now(&clk);

        ck_assert_uint_ge(now, last);
        last = now;
    }
    ck_assert_uint_gt(last, 0);
    ck_assert_uint_lt(last, 10000000000ull);
    clock_skip(&clk, last + 3600000000000ull);
    ck_assert_uint_ge(clock_now(&clk), last + 3600000000000ull);
    ck_assert_uint_lt(clock_now(&clk), last + 3610000000000ull);
}
END_TEST

static u64 host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

/* Paused, the time is that of the pause; then it goes on from there. */
START_TEST(test_pause)
{
    u64 start, before, after;

    clock_init(&clk, CLOCK_HOST, NULL, NULL);
    start = host_ns();
    before = clock_now(&clk);
    clock_pause(&clk);
    after = clock_now(&clk);
    usleep(30000);
    clock_pause(&clk);
    ck_assert_uint_eq(clock_now(&clk), after);
    clock_resume(&clk);
    clock_resume(&clk);
    after = clock_now(&clk);
    ck_assert_uint_ge(after, before);
    ck_assert_uint_le(after - before, host_ns() - start - 30000000);
}
END_TEST

#define HOUR 3600000000000ull

/* Time goes on from where it was at each change, by the new speed, paused or not. */
static const struct {
    u32 speed;
    u64 host, guest; /* spans that are the same */
} speeds[] = {
    {SPEED_NORMAL, HOUR, HOUR},
    {50, 2 * HOUR, HOUR},
    {200, HOUR, 2 * HOUR},
    {1, 100 * HOUR, HOUR},
    {10000, 1000, 100000},
    {SPEED_MAX, HOUR, HOUR},
    {100, 7, 7},
    {33, 4, 1},
    {300, 1, 3},
    {300, 1, 1},
    {3, 34, 1},
};

START_TEST(test_speed)
{
    u64 before, after, start;

    clock_init(&clk, CLOCK_HOST, NULL, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(speeds); i++) {
        before = clock_now(&clk);
        start = host_ns();
        clock_set_speed(&clk, speeds[i].speed);
        after = clock_now(&clk);
        ck_assert_uint_ge(after, before);
        ck_assert_uint_le(after - before, (host_ns() - start + 1) * 100);
        ck_assert_uint_eq(clock_host_span(&clk, speeds[i].guest), speeds[i].host);
        ck_assert_uint_ge(clock_at(&clk, clk.pace.host + speeds[i].host),
                          clk.pace.guest + speeds[i].guest);
        ck_assert_uint_lt(clock_at(&clk, clk.pace.host + speeds[i].host - 1),
                          clk.pace.guest + speeds[i].guest);
    }
    clock_set_speed(&clk, 1);
    ck_assert_uint_eq(clock_host_span(&clk, UINT64_MAX), UINT64_MAX);
    clock_pause(&clk);
    before = clock_now(&clk);
    usleep(2000);
    clock_set_speed(&clk, 10000);
    usleep(2000);
    ck_assert_uint_eq(clock_now(&clk), before);
    ck_assert_uint_eq(clock_speed_reached(&clk), 0);
    start = host_ns();
    clock_resume(&clk);
    usleep(3000);
    after = clock_now(&clk);
    ck_assert_uint_ge(after - before, 300000000);
    ck_assert_uint_le(after - before, (host_ns() - start) * 100);
    ck_assert_uint_eq(clock_speed_reached(&clk), 10000);
}
END_TEST

/* When a timer comes, in the host's time. */
START_TEST(test_host_until)
{
    u64 now, until;

    clock_init(&clk, CLOCK_HOST, NULL, NULL);
    clock_set_speed(&clk, 50);
    now = clock_now(&clk);
    until = clock_host_until(&clk, now + HOUR);
    ck_assert(until <= 2 * HOUR && until > 2 * HOUR - 10000000000ull);
    ck_assert_uint_eq(clock_host_until(&clk, now), 0);
}
END_TEST

/* Instructions by a speed: ahead is waited for, late is caught up with if it is little. */
START_TEST(test_insn_pace)
{
    u64 until;

    clock_set_speed(&clk, 200);
    ck_assert_uint_eq(clock_host_until(&clk, 0), 0);
    insns = HOUR / CLOCK_NS_PER_INSN; /* an hour at once */
    until = clock_host_until(&clk, clock_now(&clk));
    ck_assert(until <= HOUR / 2 && until > HOUR / 2 - 10000000000ull);
    ck_assert_uint_lt(clock_paced_now(&clk), 20000000000ull);
    ck_assert_uint_eq(clock_now(&clk), HOUR); /* whatever the speed is */
    clock_set_speed(&clk, 100);               /* what was is past */
    ck_assert_uint_le(clock_host_until(&clk, clock_now(&clk)), 0);
    clk.pace.host -= 40000000; /* 40 ms late: the next 40 ms need no wait */
    ck_assert_uint_eq(clock_host_until(&clk, HOUR), 0);
    ck_assert_uint_le(clock_host_until(&clk, HOUR + 60000000), 20000000);
    clk.pace.host -= 1000000000; /* a second: never mind */
    ck_assert_uint_eq(clock_host_until(&clk, HOUR), 0);
    until = clock_host_until(&clk, HOUR + HOUR);
    ck_assert(until <= HOUR && until > HOUR - 900000000);
    insns *= 3;
    clock_pace_from_here(&clk);
    ck_assert_uint_eq(clock_host_until(&clk, clock_now(&clk)), 0);
}
END_TEST

START_TEST(test_order)
{
    ck_assert_uint_eq(clock_next(&clk), UINT64_MAX);
    timer_arm(&timers[0], 300);
    timer_arm(&timers[1], 100);
    timer_arm(&timers[2], 300);
    timer_arm(&timers[3], 200);
    ck_assert_uint_eq(clock_next(&clk), 100);
    clock_run(&clk);
    ck_assert_str_eq(order, "");
    clock_skip(&clk, 99);
    clock_run(&clk);
    ck_assert_str_eq(order, "");
    clock_skip(&clk, 100);
    clock_run(&clk);
    ck_assert_str_eq(order, "b");
    ck_assert(!timers[1].armed);
    ck_assert_uint_eq(clock_next(&clk), 200);
    clock_skip(&clk, 1000);
    clock_run(&clk);
    ck_assert_str_eq(order, "bdac"); /* ties in order of arming */
    ck_assert_uint_eq(clock_next(&clk), UINT64_MAX);
}
END_TEST

START_TEST(test_rearm_cancel)
{
    timer_arm(&timers[0], 100);
    timer_arm(&timers[1], 100);
    timer_arm(&timers[0], 100); /* for the same time: keeps its place */
    timer_arm(&timers[3], 100);
    timer_arm(&timers[3], 200); /* for another time: the last of that */
    timer_arm(&timers[3], 100);
    timer_arm(&timers[2], 50);
    timer_cancel(&timers[2]);
    timer_cancel(&timers[2]);
    clock_skip(&clk, 100);
    clock_run(&clk);
    ck_assert_str_eq(order, "abd");
    timer_cancel(&timers[3]);
    clock_run(&clk);
    ck_assert_str_eq(order, "abd");
}
END_TEST

START_TEST(test_changed)
{
    timer_arm(&timers[0], 100);
    ck_assert_uint_eq(changes, 1);
    timer_arm(&timers[1], 200);
    ck_assert_uint_eq(changes, 1);
    timer_arm(&timers[2], 50);
    ck_assert_uint_eq(changes, 2);
    timer_cancel(&timers[1]);
    ck_assert_uint_eq(changes, 2);
    timer_cancel(&timers[2]);
    ck_assert_uint_eq(changes, 3);
    timer_arm(&timers[0], 100); /* the same time again */
    ck_assert_uint_eq(changes, 3);
    timer_arm(&timers[0], 101);
    ck_assert_uint_eq(changes, 4);
}
END_TEST

static void again(void *opaque)
{
    struct timer *timer = opaque;

    orders++;
    timer_arm(timer, timer->when + 10);
}

START_TEST(test_periodic)
{
    timer_init(&timers[0], &clk, again, &timers[0]);
    timer_arm(&timers[0], 10);
    clock_skip(&clk, 100);
    clock_run(&clk); /* a handler that is behind catches up */
    ck_assert_uint_eq(orders, 10);
    ck_assert_uint_eq(clock_next(&clk), 110);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("clock");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, test_insn);
    tcase_add_test(tc, test_host);
    tcase_add_test(tc, test_pause);
    tcase_add_test(tc, test_speed);
    tcase_add_test(tc, test_host_until);
    tcase_add_test(tc, test_insn_pace);
    tcase_add_test(tc, test_order);
    tcase_add_test(tc, test_rearm_cancel);
    tcase_add_test(tc, test_changed);
    tcase_add_test(tc, test_periodic);
    return bench_main(tc, "clock");
}
