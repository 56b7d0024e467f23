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
    clock_skip(&clk, last + 3600000000000ull); /* only CLOCK_INSN jumps */
    ck_assert_uint_lt(clock_now(&clk), last + 3600000000000ull);
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
    tcase_add_test(tc, test_order);
    tcase_add_test(tc, test_rearm_cancel);
    tcase_add_test(tc, test_changed);
    tcase_add_test(tc, test_periodic);
    return bench_main(tc, "clock");
}
