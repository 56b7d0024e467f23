/* Tests of the BIOS's configuration port. Expectations: bios/config.h, which is its specification. */
#include "devices/board/bioscfg.h"

#include "tests/unit/dev_bench.h"

#define BASE 0x8b00

static struct bench b;
static struct bioscfg cfg;
static unsigned starts;

static void start(void *opaque)
{
    ck_assert_ptr_eq(opaque, &b);
    starts++;
}

static void make(const struct bioscfg_values *values)
{
    bench_init(&b);
    starts = 0;
    bioscfg_init(&cfg, &b.bus, BASE, values, start, &b);
}

static u8 get(u8 index)
{
    outb(&b, BASE, index);
    return inb(&b, BASE + 1);
}

static void set(u8 index, u8 value)
{
    outb(&b, BASE, index);
    outb(&b, BASE + 1, value);
}

static const struct {
    struct bioscfg_values values;
    u8 flags;
} machines[] = {
    {{false, false, false, {0}}, 0x00},          {{true, false, false, {'c', 'a', 'd', 'n'}}, 0x01},
    {{false, true, false, {'a'}}, 0x02},         {{false, false, true, {'n', 'c'}}, 0x04},
    {{true, true, true, {'d', 'a', 'c'}}, 0x07},
};

START_TEST(test_values)
{
    make(&machines[_i].values);
    ck_assert_uint_eq(get(0), 'P');
    ck_assert_uint_eq(get(1), machines[_i].flags);
    for (u8 i = 0; i < BIOSCFG_BOOT; i++)
        ck_assert_uint_eq(get(2 + i), (u8)machines[_i].values.boot[i]);
    for (unsigned i = 0; i < 0x100; i++) {
        if (i < 2 + BIOSCFG_BOOT || (i >= 0x10 && i < 0x20))
            continue;
        ck_assert_uint_eq(get((u8)i), 0xff);
    }
    outb(&b, BASE, 0x42);
    ck_assert_uint_eq(inb(&b, BASE), 0x42);
    set(0, 'X');
    set(1, 0xff);
    ck_assert_uint_eq(get(0), 'P');
    ck_assert_uint_eq(get(1), machines[_i].flags);
}
END_TEST

START_TEST(test_start)
{
    bool kernel = machines[_i].values.kernel;

    make(&machines[_i].values);
    set(0x80, 0);
    set(0x80, 2);
    set(0x81, 1);
    ck_assert_uint_eq(starts, 0);
    set(0x80, 1);
    ck_assert_uint_eq(starts, kernel);
    set(0x80, 1); /* the board's business whether that is once too often */
    ck_assert_uint_eq(starts, 2 * kernel);
}
END_TEST

START_TEST(test_ranges)
{
    static const u8 bytes[16] = {0x00, 0x00, 0xfe, 0x07, 0x00, 0x00, 0x01, 0x00,
                                 0x78, 0x56, 0x34, 0x12, 0xf0, 0xde, 0xbc, 0x9a};
    u32 base, size;
    struct state state;

    make(&machines[0].values);
    for (u8 i = 0; i < 16; i++)
        set(0x10 + i, bytes[i]);
    for (u8 i = 0; i < 16; i++)
        ck_assert_uint_eq(get(0x10 + i), bytes[i]);
    bioscfg_range(&cfg, 0, &base, &size);
    ck_assert_uint_eq(base, 0x07fe0000);
    ck_assert_uint_eq(size, 0x00010000);
    bioscfg_range(&cfg, 1, &base, &size);
    ck_assert_uint_eq(base, 0x12345678);
    ck_assert_uint_eq(size, 0x9abcdef0);

    outb(&b, BASE, 0x1f);
    state_init_save(&state);
    bioscfg_state(&cfg, &state);
    ck_assert(!state.failed);
    bioscfg_reset(&cfg);
    ck_assert_uint_eq(inb(&b, BASE), 0);
    bioscfg_range(&cfg, 0, &base, &size);
    ck_assert_uint_eq(base | size, 0);
    {
        struct state load;

        state_init_load(&load, state.data, state.len);
        bioscfg_state(&cfg, &load);
        ck_assert(!load.failed);
    }
    state_free(&state);
    ck_assert_uint_eq(inb(&b, BASE), 0x1f);
    ck_assert_uint_eq(inb(&b, BASE + 1), 0x9a);
    bioscfg_range(&cfg, 0, &base, &size);
    ck_assert_uint_eq(base, 0x07fe0000);
}
END_TEST

START_TEST(test_fuzz)
{
    make(&machines[4].values);
    bench_fuzz(&b, BASE, 2, 200000, 77);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("bioscfg");

    tcase_add_loop_test(tc, test_values, 0, ARRAY_SIZE(machines));
    tcase_add_loop_test(tc, test_start, 0, ARRAY_SIZE(machines));
    tcase_add_test(tc, test_ranges);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "bioscfg");
}
