/* Tests of the interval timer: the waveforms of all modes tick by tick, counts, latches, gates, and
 * the exactness of IRQ 0 over long times. */
#include "devices/chipset/pit.h"

#include "devices/base/ticks.h"
#include "tests/unit/dev_bench.h"

static struct bench b;
static struct pit pit;
static u64 tick; /* of the clock: the bench stands in the middle of it */

static void at_tick(u64 t)
{
    tick = t;
    bench_until(&b, ticks_to_ns(t, PIT_HZ) + 400);
}

static void setup(void)
{
    bench_init(&b);
    pit_init(&pit, &b.bus, 0x40, &b.clock, bench_irq(&b, 0));
    at_tick(1000);
}

static void program(unsigned channel, u8 mode_bcd, u16 count)
{
    outb(&b, 0x43, (u8)(channel << 6 | 0x30 | mode_bcd));
    outb(&b, (u16)(0x40 + channel), (u8)count);
    outb(&b, (u16)(0x40 + channel), (u8)(count >> 8));
}

static void gate2(bool on)
{
    outb(&b, 0x61, on);
}

static u16 latched(unsigned channel)
{
    u16 low;

    outb(&b, 0x43, (u8)(channel << 6));
    low = inb(&b, (u16)(0x40 + channel));
    return (u16)(low | inb(&b, (u16)(0x40 + channel)) << 8);
}

static u8 status(unsigned channel)
{
    outb(&b, 0x43, (u8)(0xe0 | 2u << channel));
    return inb(&b, (u16)(0x40 + channel));
}

/* One character a tick, from that of the write of the count on; the tick after it loads the count.
 * Events: g, G the gate falls, rises; a digit: a new count. OUT: '-' high, '_' low. Counts: the
 * lowest hexadecimal digit; '.': undefined. */
static const struct {
    const char *name;
    u8 mode;
    u16 count;
    const char *events, *out, *counts;
} waves[] = {
    /* After figures 15 to 20 of the datasheet. */
    {"0", 0, 4, "       ", "_____--", ".43210f"},
    {"0, gate", 0, 4, "   g  G   ", "________--", ".43222210f"},
    {"0, new count", 0, 3, "   2    ", "______--", ".321210f"},
    {"1", 1, 3, "g G     ", "---___--", "...3210f"},
    {"1, triggered again", 1, 3, "g G gG     ", "---______--", "...3213210f"},
    {"1, new count", 1, 3, "g G 2  gG   ", "---___---__-", "...3210fe210"},
    {"2", 2, 3, "           ", "---_--_--_-", ".3213213213"},
    {"2, gate while high", 2, 3, "    gG    ", "---_----_-", ".321333213"},
    {"2, gate while low", 2, 3, "   g G   ", "--------_", ".32111321"},
    {"2, new count", 2, 4, "  5        ", "----_----_-", ".4321543215"},
    {"2, new count and gate", 2, 4, "  5gG      ", "---------_-", ".4322543215"},
    {"3, even", 3, 4, "        ", "---__--_", ".4242424"},
    {"3, odd", 3, 5, "          ", "----__---_", ".420424204"},
    {"3, gate while low", 3, 4, "   gG     ", "-------__-", ".424442424"},
    {"3, new count while high", 3, 6, "  4      ", "----__--_", ".64242424"},
    {"3, new count while low", 3, 4, "   6        ", "---__---___-", ".42426426426"},
    {"4", 4, 3, "       ", "----_--", ".3210fe"},
    {"4, gate", 4, 3, "  g G   ", "------_-", ".322210f"},
    {"4, new count", 4, 3, "   2    ", "------_-", ".321210f"},
    {"5", 5, 3, "g G     ", "------_-", "...3210f"},
    {"5, triggered again", 5, 3, "g G gG    ", "---------_", "...3213210"},
    {"6 is 2", 6, 3, "       ", "---_--_", ".321321"},
    {"7 is 3", 7, 4, "       ", "---__--", ".424242"},
};

START_TEST(test_wave)
{
    const char *out = waves[_i].out, *counts = waves[_i].counts, *events = waves[_i].events;

    ck_assert_uint_eq(strlen(events), strlen(out));
    ck_assert_uint_eq(strlen(counts), strlen(out));
    gate2(true);
    program(2, (u8)(waves[_i].mode << 1), waves[_i].count);
    for (unsigned i = 0; out[i]; i++) {
        bool high = out[i] == '-';

        at_tick(1000 + i);
        if (events[i] == 'g' || events[i] == 'G') {
            gate2(events[i] == 'G');
        } else if (events[i] != ' ') {
            outb(&b, 0x42, (u8)(events[i] - '0'));
            outb(&b, 0x42, 0);
        }
        ck_assert_msg(pit_out(&pit, 2) == high, "mode %s tick %u", waves[_i].name, i);
        ck_assert_uint_eq(!!(inb(&b, 0x61) & 0x20), high);
        ck_assert_uint_eq(status(2) >> 7, high);
        if (counts[i] != '.')
            ck_assert_msg((latched(2) & 15) == strtol((char[]){counts[i], 0}, NULL, 16),
                          "mode %s tick %u: count %x", waves[_i].name, i, latched(2));
    }
}
END_TEST

/* The k-th edge comes at the first nanosecond of its tick, however long ago the start is. */
START_TEST(test_rate)
{
    static const struct {
        u8 mode;
        u16 count;
        u32 n, first; /* ticks from the load to the first rise */
        u32 edges;
    } rates[] = {
        {4, 11932, 11932, 11932, 360000}, /* mode 2 at 100 Hz for an hour */
        {4, 0, 65536, 65536, 65536},      /* 18.2 Hz for an hour */
        {6, 0, 65536, 65536, 65536},      /* mode 3, as a BIOS has it */
        {6, 1193, 1193, 1193, 100000},    /* mode 3, odd, 1000 Hz */
        {4, 2, 2, 2, 100000},
        {6, 2, 2, 2, 100000},
    };

    unsigned wrong = 0;

    program(0, rates[_i].mode, rates[_i].count);
    ck_assert_uint_eq(b.rises[0], 1); /* OUT was low before */
    b.rises[0] = 0;
    for (u64 k = 0; k < rates[_i].edges; k++) {
        u64 due = ticks_to_ns(1001 + rates[_i].first + k * rates[_i].n, PIT_HZ);

        bench_until(&b, due - 1);
        wrong += b.rises[0] != k;
        bench_until(&b, due);
        wrong += b.rises[0] != k + 1 || b.rose_at[0] != due;
    }
    ck_assert_uint_eq(wrong, 0); /* asserting each would take most of the time */
}
END_TEST

START_TEST(test_one_shot)
{
    program(0, 0, 100); /* mode 0 */
    ck_assert(!b.level[0]);
    at_tick(1000 + 100);
    ck_assert(!b.level[0]);
    at_tick(1000 + 101);
    ck_assert(b.level[0]);
    ck_assert_uint_eq(b.rises[0], 1);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX); /* nothing more to come: no timer */
    at_tick(200000);
    ck_assert_uint_eq(b.rises[0], 1);
    outb(&b, 0x40, 50);
    ck_assert(!b.level[0]); /* the first byte takes OUT low */
    at_tick(300000);
    ck_assert(!b.level[0]); /* and the count waits for the second */
    outb(&b, 0x40, 0);
    at_tick(300051);
    ck_assert_uint_eq(b.rises[0], 2);
    program(0, 8, 10); /* mode 4: the strobe's end is the edge */
    ck_assert_uint_eq(b.rises[0], 2);
    at_tick(300051 + 1 + 10);
    ck_assert(!pit_out(&pit, 0));
    at_tick(300051 + 1 + 11);
    ck_assert_uint_eq(b.rises[0], 3);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
    outb(&b, 0x43, 0x10); /* mode 0, low byte only: a new count after the end takes OUT low */
    outb(&b, 0x40, 5);
    at_tick(tick + 10);
    ck_assert(b.level[0]);
    outb(&b, 0x40, 5);
    ck_assert(!b.level[0]);
    at_tick(tick + 10);
    ck_assert_uint_eq(b.rises[0], 5);
    program(0, 2, 10); /* mode 1 has no trigger here */
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
}
END_TEST

START_TEST(test_change_rate)
{
    program(0, 4, 100);
    at_tick(1050);
    outb(&b, 0x40, 30); /* low and high byte without a new control word */
    outb(&b, 0x40, 0);
    b.rises[0] = 0;
    at_tick(1100);
    ck_assert_uint_eq(b.rises[0], 0);
    at_tick(1101);
    ck_assert_uint_eq(b.rises[0], 1); /* the old period ends first */
    at_tick(1131);
    ck_assert_uint_eq(b.rises[0], 2);
    at_tick(1161);
    ck_assert_uint_eq(b.rises[0], 3);
    for (u8 mode = 4; mode <= 6; mode += 2) { /* count 1 is not legal, and must not hurt */
        program(0, mode, 1);
        at_tick(tick + 100);
        outb(&b, 0x40, 10);
        outb(&b, 0x40, 0);
        at_tick(tick + 5);
        b.rises[0] = 0;
        at_tick(tick + 100);
        ck_assert_uint_eq(b.rises[0], 10);
    }
}
END_TEST

/* The host's clock may be late: one edge, and the rhythm is kept. */
START_TEST(test_late)
{
    program(0, 4, 100);
    b.rises[0] = 0;
    clock_skip(&b.clock, ticks_to_ns(1001 + 750, PIT_HZ));
    clock_run(&b.clock);
    ck_assert_uint_eq(b.rises[0], 1);
    ck_assert_uint_eq(clock_next(&b.clock), ticks_to_ns(1001 + 800, PIT_HZ));
}
END_TEST

START_TEST(test_bcd)
{
    gate2(true);
    program(2, 0x01, 0x1002);
    at_tick(1001);
    ck_assert_uint_eq(latched(2), 0x1002);
    at_tick(1004);
    ck_assert_uint_eq(latched(2), 0x0999);
    at_tick(1001 + 1002);
    ck_assert_uint_eq(latched(2), 0x0000);
    ck_assert(pit_out(&pit, 2));
    at_tick(1001 + 1003);
    ck_assert_uint_eq(latched(2), 0x9999);
    program(2, 0x05, 0); /* 10000 in mode 2 */
    at_tick(tick + 1 + 9999);
    ck_assert(!pit_out(&pit, 2));
    ck_assert_uint_eq(latched(2), 0x0001);
    at_tick(tick + 1);
    ck_assert_uint_eq(latched(2), 0x0000);
}
END_TEST

START_TEST(test_access)
{
    gate2(true);
    outb(&b, 0x43, 0x90); /* low byte only */
    outb(&b, 0x42, 0x77);
    at_tick(1001);
    ck_assert_uint_eq(inb(&b, 0x42), 0x77);
    ck_assert_uint_eq(inb(&b, 0x42), 0x77);
    outb(&b, 0x43, 0xa0); /* high byte only */
    outb(&b, 0x42, 0x12);
    at_tick(1002);
    ck_assert_uint_eq(inb(&b, 0x42), 0x12);
    at_tick(1003);
    ck_assert_uint_eq(inb(&b, 0x42), 0x11);
    program(2, 0, 0x1234); /* low, then high: each as of its own time when not latched */
    at_tick(1004);
    ck_assert_uint_eq(inb(&b, 0x42), 0x34);
    at_tick(1004 + 0x35);
    ck_assert_uint_eq(inb(&b, 0x42), 0x11);
    ck_assert_uint_eq(inb(&b, 0x43), 0xff);
}
END_TEST

START_TEST(test_latch)
{
    gate2(true);
    program(2, 0, 0x1234);
    at_tick(1001);
    outb(&b, 0x43, 0x80);
    at_tick(1101);
    outb(&b, 0x43, 0x80); /* not while the first waits to be read */
    ck_assert_uint_eq(inb(&b, 0x42), 0x34);
    at_tick(1201);
    ck_assert_uint_eq(inb(&b, 0x42), 0x12);
    ck_assert_uint_eq(latched(2), 0x1234 - 200);
    outb(&b, 0x43, 0xc8); /* read-back: status first, then the count */
    at_tick(1301);
    ck_assert_uint_eq(inb(&b, 0x42), 0x30);
    ck_assert_uint_eq(inb(&b, 0x42), (0x1234 - 200) & 0xff);
    ck_assert_uint_eq(inb(&b, 0x42), (0x1234 - 200) >> 8);
    outb(&b, 0x43, 0xde); /* count of all three */
    at_tick(1401);
    ck_assert_uint_eq(inb(&b, 0x42), (0x1234 - 300) & 0xff);
    ck_assert_uint_eq(inb(&b, 0x42), (0x1234 - 300) >> 8);
}
END_TEST

/* The null count bit: set while the count written is not yet in the counting element. */
START_TEST(test_null_count)
{
    gate2(true);
    outb(&b, 0x43, 0xb4); /* mode 2 */
    ck_assert_uint_eq(status(2), 0xf4);
    outb(&b, 0x42, 10);
    outb(&b, 0x42, 0);
    ck_assert_uint_eq(status(2), 0xf4);
    at_tick(1001);
    ck_assert_uint_eq(status(2), 0xb4);
    outb(&b, 0x42, 20);
    outb(&b, 0x42, 0);
    at_tick(1010);
    ck_assert_uint_eq(status(2), 0x74);
    at_tick(1011);
    ck_assert_uint_eq(status(2), 0xb4);
    outb(&b, 0x43, 0x92); /* mode 1, low byte: until the trigger */
    outb(&b, 0x42, 5);
    at_tick(1020);
    ck_assert_uint_eq(status(2), 0xd2);
    gate2(false);
    gate2(true);
    at_tick(1021);
    ck_assert_uint_eq(status(2), 0x12);
    outb(&b, 0x42, 6);
    ck_assert_uint_eq(status(2), 0x52);
}
END_TEST

static unsigned tones;

static void see_tone(void *opaque, const struct pit_tone *tone)
{
    (void)opaque, (void)tone;
    tones++;
}

/* What a BIOS and programs do: a beep of 1193 Hz and its end; a level moved by bit 1 alone. */
START_TEST(test_tone)
{
    u64 start = clock_now(&b.clock);

    pit.on_tone = see_tone;
    tones = 0;
    outb(&b, 0x43, 0xb6);
    outb(&b, 0x42, 0xe8);
    outb(&b, 0x42, 0x03);
    bench_pass(&b, 1000000);
    outb(&b, 0x61, 0x03);
    ck_assert_uint_eq(pit.tone.hz, 1193);
    ck_assert_uint_eq(pit.tone.since, start + 1000000);
    bench_pass(&b, 1000000);
    outb(&b, 0x61, 0x03);
    ck_assert_uint_eq(tones, 1);
    outb(&b, 0x42, 0xd0);
    outb(&b, 0x42, 0x07);
    bench_pass(&b, 1000000);
    outb(&b, 0x61, 0x03);
    ck_assert_uint_eq(pit.tone.hz, 596);
    outb(&b, 0x61, 0x01);
    ck_assert(pit.tone.hz == 0 && !pit.tone.level);
    outb(&b, 0x43, 0xb6);
    outb(&b, 0x61, 0x02); /* OUT is high with its gate low */
    ck_assert(pit.tone.hz == 0 && pit.tone.level);
    outb(&b, 0x61, 0x00);
    ck_assert(pit.tone.hz == 0 && !pit.tone.level);
    ck_assert_uint_eq(pit.tone.since, start + 3000000);
}
END_TEST

START_TEST(test_port61)
{
    unsigned toggles = 0;
    u8 last;

    outb(&b, 0x61, 0xff);
    ck_assert_uint_eq(inb(&b, 0x61) & 0xcf, 0x0f);
    outb(&b, 0x61, 0x00);
    ck_assert_uint_eq(inb(&b, 0x61) & 0xcf, 0x00);
    last = inb(&b, 0x61) & 0x10;
    for (unsigned i = 0; i < 1000000; i++) {
        u8 now;

        bench_pass(&b, 1000);
        now = inb(&b, 0x61) & 0x10;
        toggles += now != last;
        last = now;
    }
    ck_assert_uint_ge(toggles, PIT_HZ / 18 - 1);
    ck_assert_uint_le(toggles, PIT_HZ / 18 + 1);
}
END_TEST

START_TEST(test_conversion)
{
    u64 seed = 12345;
    unsigned wrong = 0;

    for (unsigned i = 0; i < 100000; i++) {
        u64 t = bench_random(&seed) >> (8 + i % 50);
        u64 ns = ticks_to_ns(t, PIT_HZ);

        if (t > UINT64_MAX / 1000)
            continue;
        wrong += ns_to_ticks(ns, PIT_HZ) != t;
        wrong += ns > 0 && ns_to_ticks(ns - 1, PIT_HZ) != t - 1;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(test_fuzz)
{
    bench_fuzz(&b, 0x40, 4, 700000, 4711);
    for (unsigned i = 0; i < 3000; i++) {
        bench_fuzz(&b, 0x61, 1, 1, i + 1);
        bench_fuzz(&b, 0x40, 4, 100, i + 1);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pit");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_wave, 0, ARRAY_SIZE(waves));
    tcase_add_loop_test(tc, test_rate, 0, 6);
    tcase_add_test(tc, test_one_shot);
    tcase_add_test(tc, test_change_rate);
    tcase_add_test(tc, test_late);
    tcase_add_test(tc, test_bcd);
    tcase_add_test(tc, test_access);
    tcase_add_test(tc, test_latch);
    tcase_add_test(tc, test_null_count);
    tcase_add_test(tc, test_port61);
    tcase_add_test(tc, test_tone);
    tcase_add_test(tc, test_conversion);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "pit");
}
