/* Tests of the real-time clock: calendar against the C library's, formats, alarm, periodic and
 * update interrupts, UIP, SET, CMOS RAM. */
#include "devices/chipset/rtc.h"

#include <time.h>

#include "tests/unit/dev_bench.h"

#define SEC   1000000000ull
#define Y2001 978307200 /* 2001-01-01 00:00:00, a Monday */

static struct bench b;
static struct rtc rtc;

static void start(i64 seconds)
{
    bench_init(&b);
    rtc_init(&rtc, &b.bus, 0x70, &b.clock, bench_irq(&b, 8), seconds);
}

static void setup(void)
{
    start(Y2001);
}

static u8 get(u8 index)
{
    outb(&b, 0x70, index);
    return inb(&b, 0x71);
}

static void set(u8 index, u8 value)
{
    outb(&b, 0x70, index);
    outb(&b, 0x71, value);
}

/* Century to seconds and weekday, as one text. */
static const char *now(void)
{
    static char text[64];

    snprintf(text, sizeof(text), "%02x%02x-%02x-%02x %02x:%02x:%02x %x", get(0x32), get(9), get(8),
             get(7), get(4), get(2), get(0), get(6));
    return text;
}

/* What the text must be for a number of seconds, by the C library. */
static const char *libc_time(i64 seconds)
{
    static char text[64];
    time_t t = seconds;
    struct tm tm;

    gmtime_r(&t, &tm);
    snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d %d", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday + 1);
    return text;
}

static const struct {
    const char *from, *to; /* one second later */
} rollovers[] = {
    {"2001-02-28 23:59:59 4", "2001-03-01 00:00:00 5"},
    {"2004-02-28 23:59:59 7", "2004-02-29 00:00:00 1"},
    {"2004-02-29 23:59:59 1", "2004-03-01 00:00:00 2"},
    {"2000-02-28 23:59:59 2", "2000-02-29 00:00:00 3"}, /* divisible by 400 */
    {"2100-02-28 23:59:59 1", "2100-03-01 00:00:00 2"}, /* by 100 only */
    {"1999-12-31 23:59:59 6", "2000-01-01 00:00:00 7"},
    {"2099-12-31 23:59:59 5", "2100-01-01 00:00:00 6"},
    {"2001-04-30 23:59:59 2", "2001-05-01 00:00:00 3"},
    {"2001-01-01 11:59:59 2", "2001-01-01 12:00:00 2"},
    {"2001-01-01 00:00:58 5", "2001-01-01 00:00:59 5"}, /* the weekday is the guest's affair */
    {"2001-01-01 23:59:59 7", "2001-01-02 00:00:00 1"},
};

START_TEST(test_rollover)
{
    unsigned v[8];

    sscanf(rollovers[_i].from, "%2x%2x-%x-%x %x:%x:%x %x", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5],
           &v[6], &v[7]);
    set(0x0b, 0x82);
    set(0x32, (u8)v[0]);
    set(9, (u8)v[1]);
    set(8, (u8)v[2]);
    set(7, (u8)v[3]);
    set(4, (u8)v[4]);
    set(2, (u8)v[5]);
    set(0, (u8)v[6]);
    set(6, (u8)v[7]);
    bench_pass(&b, 100 * SEC); /* time stands still under SET */
    ck_assert_str_eq(now(), rollovers[_i].from);
    set(0x0b, 0x02);
    bench_pass(&b, SEC - 1);
    ck_assert_str_eq(now(), rollovers[_i].from);
    bench_pass(&b, 1);
    ck_assert_str_eq(now(), rollovers[_i].to);
}
END_TEST

START_TEST(test_calendar)
{
    u64 seed = 99;

    for (unsigned i = 0; i < 3000; i++) {
        i64 base =
            (i64)(bench_random(&seed) % (4102444800u - 315532800)) + 315532800; /* 1980-2099 */
        i64 later = (i64)(bench_random(&seed) % 100000000u);

        start(base);
        if (strcmp(now(), libc_time(base)))
            ck_abort_msg("%s is not %s", now(), libc_time(base));
        bench_pass(&b, (u64)later * SEC + SEC / 2);
        if (strcmp(now(), libc_time(base + later)))
            ck_abort_msg("%s is not %s", now(), libc_time(base + later));
    }
}
END_TEST

START_TEST(test_formats)
{
    static const struct {
        u8 b;        /* register B */
        u8 hour[24]; /* what register 4 reads at each hour */
        u8 second;   /* and register 0 at :59 */
    } formats[] = {
        {0x02,
         {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x10, 0x11,
          0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x20, 0x21, 0x22, 0x23},
         0x59},
        {0x00,
         {0x12, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x10, 0x11,
          0x92, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x90, 0x91},
         0x59},
        {0x06,
         {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23},
         59},
        {0x04,
         {12,   1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,
          0x8c, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b},
         59},
    };
    const u8 *hour = formats[_i].hour;

    set(0x0b, 0x80 | formats[_i].b);
    set(4, hour[0]);
    set(2, formats[_i].second);
    set(0, formats[_i].second);
    set(0x0b, formats[_i].b);
    for (unsigned h = 0; h < 48; h++) {
        ck_assert_uint_eq(get(4), hour[h % 24]);
        ck_assert_uint_eq(get(0), formats[_i].second);
        ck_assert_uint_eq(get(7), 1 + h / 24);
        bench_pass(&b, 3600 * SEC);
    }
    ck_assert_uint_eq(get(7), 3);
    ck_assert_uint_eq(get(6), 4);
}
END_TEST

/* Alarms from 2001-01-01 00:00:00 on: seconds until the first and from it to the second; 0: never.
 * */
static const struct {
    u8 hour, minute, second;
    u32 first, next;
} alarms[] = {
    {0x01, 0x02, 0x03, 3723, 86400}, {0xff, 0x02, 0x03, 123, 3600},
    {0xff, 0xff, 0x03, 3, 60},       {0xff, 0xff, 0xff, 1, 1},
    {0xc0, 0xd5, 0xe7, 1, 1},        {0x00, 0x00, 0x00, 86400, 86400},
    {0x23, 0xff, 0x00, 82800, 60},   {0x23, 0x59, 0xff, 86340, 1},
    {0xff, 0x00, 0xff, 1, 1},        {0x24, 0xff, 0xff, 0, 0},
    {0xff, 0x60, 0xff, 0, 0},        {0xff, 0xff, 0x75, 0, 0},
};

START_TEST(test_alarm)
{
    u32 first = alarms[_i].first, next = alarms[_i].next;

    set(0x0a, 0x20); /* no periodic flag among the others */
    set(5, alarms[_i].hour);
    set(3, alarms[_i].minute);
    set(1, alarms[_i].second);
    set(0x0b, 0x22);
    if (!first) {
        bench_pass(&b, 200000 * SEC);
        ck_assert_uint_eq(b.rises[8], 0);
        ck_assert_uint_eq(get(0x0c), 0x10); /* updates only */
        ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
        return;
    }
    bench_pass(&b, first * SEC - 1);
    ck_assert_uint_eq(b.rises[8], 0);
    bench_pass(&b, 1);
    ck_assert_uint_eq(b.rises[8], 1);
    ck_assert_uint_eq(get(0x0c), 0xb0);
    ck_assert(!b.level[8]);
    bench_pass(&b, next * SEC - 1);
    ck_assert_uint_eq(b.rises[8], 1);
    bench_pass(&b, 1);
    ck_assert_uint_eq(b.rises[8], 2);
    /* The flag comes without its enable, too, however late one looks. */
    set(0x0b, 0x02);
    get(0x0c);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
    bench_pass(&b, 100 * 86400 * SEC);
    ck_assert_uint_eq(get(0x0c), 0x30);
    ck_assert_uint_eq(b.rises[8], 2);
}
END_TEST

/* Ten seconds of every rate: the number is exact, and each comes on its nanosecond. */
START_TEST(test_periodic)
{
    static const u32 hz[16] = {0,   256, 128, 8192, 4096, 2048, 1024, 512,
                               256, 128, 64,  32,   16,   8,    4,    2};
    unsigned wrong = 0;

    set(0x0a, (u8)(0x20 | _i));
    set(0x0b, 0x42);
    for (u64 k = 1; k <= 10 * hz[_i]; k++) {
        u64 due = (k * SEC + hz[_i] - 1) / hz[_i];

        bench_until(&b, due - 1);
        wrong += b.level[8];
        bench_until(&b, due);
        wrong += !b.level[8];
        wrong += get(0x0c) != (k % hz[_i] ? 0xc0 : 0xd0);
    }
    ck_assert_uint_eq(wrong, 0);
    bench_until(&b, 10 * SEC);
    ck_assert_uint_eq(b.rises[8], 10 * hz[_i]);
    b.rises[8] = 0;
    bench_pass(&b, 10 * SEC); /* nobody reads C: one interrupt, no timer */
    ck_assert_uint_eq(b.rises[8], hz[_i] != 0);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
}
END_TEST

START_TEST(test_update)
{
    set(0x0a, 0x20);
    bench_pass(&b, SEC / 4);
    ck_assert_uint_eq(get(0x0c), 0);
    set(0x0b, 0x12);
    bench_until(&b, SEC - 1);
    ck_assert(!b.level[8]);
    bench_until(&b, SEC);
    ck_assert(b.level[8]);
    ck_assert_uint_eq(get(0), 1); /* update-ended: the new time is there */
    ck_assert_uint_eq(get(0x0c), 0x90);
    ck_assert(!b.level[8]);
    ck_assert_uint_eq(get(0x0c), 0);
    set(0x0b, 0x92); /* SET clears UIE */
    ck_assert_uint_eq(get(0x0b), 0x82);
    bench_pass(&b, 10 * SEC);
    ck_assert_uint_eq(get(0x0c), 0);
    set(0x0b, 0x02);
    bench_pass(&b, SEC);
    ck_assert_uint_eq(get(0x0c), 0x10);
    set(0x0b, 0x12);
    bench_pass(&b, SEC / 2);
    set(0x0b, 0x02);
    bench_pass(&b, SEC);
    ck_assert(!b.level[8]);
    set(0x0b, 0x12); /* the flag is set already */
    ck_assert(b.level[8]);
    set(0x0b, 0x02);
    ck_assert(!b.level[8]);
}
END_TEST

START_TEST(test_uip)
{
    u64 set_ns = 0;

    for (u64 t = 0; t < 3 * SEC; t += 10000) { /* 10 us */
        bench_until(&b, t);
        set_ns += get(0x0a) == 0xa6 ? 10000 : 0;
    }
    ck_assert_uint_ge(set_ns, 3 * 2220000);
    ck_assert_uint_le(set_ns, 3 * 2240000);
    bench_until(&b, 4 * SEC - 2229000);
    ck_assert_uint_eq(get(0x0a), 0x26);
    bench_until(&b, 4 * SEC - 2227000);
    ck_assert_uint_eq(get(0x0a), 0xa6);
    set(0x0b, 0x82);
    ck_assert_uint_eq(get(0x0a), 0x26); /* SET ends the update */
    set(0x0b, 0x02);
    bench_until(&b, 4 * SEC);
    ck_assert_uint_eq(get(0x0a), 0x26);
    set(0x0a, 0xff); /* UIP is read-only; divider in reset: no updates */
    ck_assert_uint_eq(get(0x0a), 0x7f);
    get(0x0c);
    bench_pass(&b, 10 * SEC);
    ck_assert_uint_eq(get(0), 4);
    ck_assert_uint_eq(get(0x0c), 0);
    set(0x0a, 0x26); /* then the first one after half a second */
    bench_pass(&b, SEC / 2 - 1);
    ck_assert_uint_eq(get(0), 4);
    bench_pass(&b, 1);
    ck_assert_uint_eq(get(0), 5);
}
END_TEST

START_TEST(test_ram)
{
    ck_assert_uint_eq(get(0x0d), 0x80);
    set(0x0d, 0x00);
    ck_assert_uint_eq(get(0x0d), 0x80);
    set(0x0c, 0xff);
    ck_assert_uint_eq(get(0x0c), 0x00);
    for (unsigned i = 0x0e; i < 0x80; i++)
        if (i != RTC_CENTURY)
            set((u8)i, (u8)(i * 3));
    for (unsigned i = 0x0e; i < 0x80; i++)
        if (i != RTC_CENTURY)
            ck_assert_uint_eq(get((u8)i), (u8)(i * 3));
    outb(&b, 0x70, 0x8f); /* bit 7 is not the index's */
    ck_assert_uint_eq(inb(&b, 0x71), 0x0f * 3);
    rtc_set_cmos(&rtc, 0x15, 0x80);
    ck_assert_uint_eq(get(0x15), 0x80);
    set(5, 0x12);
    set(0x0b, 0x7a);
    bench_pass(&b, 2 * SEC);
    ck_assert(b.level[8]);
    rtc_reset(&rtc);
    ck_assert(!b.level[8]);
    ck_assert_uint_eq(get(0x0b), 0x02); /* enables and square wave off */
    ck_assert_uint_eq(get(0x0c), 0x00);
    ck_assert_uint_eq(get(5), 0x12);
    ck_assert_uint_eq(get(0x15), 0x80);
    ck_assert_uint_eq(get(0), 0x02);
}
END_TEST

START_TEST(test_fuzz)
{
    bench_fuzz(&b, 0x70, 2, 700000, 2024);
    for (u64 i = 1; i < 100000; i++) { /* the clock's own registers, with time steps */
        u64 r = i * 0x9e3779b97f4a7c15ull;

        set((u8)(r >> 20 & 15), (u8)(r >> 32));
        get((u8)(r >> 24 & 15));
        if (i % 16 == 0)
            bench_fuzz(&b, 0x71, 1, 16, r);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("rtc");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_rollover, 0, ARRAY_SIZE(rollovers));
    tcase_add_test(tc, test_calendar);
    tcase_add_loop_test(tc, test_formats, 0, 4);
    tcase_add_loop_test(tc, test_alarm, 0, ARRAY_SIZE(alarms));
    tcase_add_loop_test(tc, test_periodic, 0, 16);
    tcase_add_test(tc, test_update);
    tcase_add_test(tc, test_uip);
    tcase_add_test(tc, test_ram);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "rtc");
}
