/* Tests of the PS/2 mouse: packets, accumulation, overflow, scaling, sample rate, modes, the
 * protocols with a wheel and five buttons, saved state. Expectations: IBM PS/2 Hardware Interface
 * Technical Reference, "Mouse". Commands and their answers are in test_kbc.c. */
#include "devices/input/ps2mouse.h"

#include "tests/unit/dev_bench.h"

#define MS 1000000ull

static struct bench b;
static struct ps2mouse mouse;
static unsigned readies;
static char text[1024];

static void ready(void *opaque)
{
    (void)opaque;
    readies++;
}

static void start(enum ps2mouse_kind best)
{
    bench_init(&b);
    bench_pass(&b, 1000 * MS);
    readies = 0;
    ps2mouse_init(&mouse, &b.clock, best, ready, NULL);
}

static void setup(void)
{
    start(PS2MOUSE_FIVE);
}

static const char *sent(void)
{
    size_t len = 0;

    text[0] = 0;
    while (ps2_waiting(&mouse.line) != PS2_NOTHING && len < sizeof(text) - 4)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%02x", len ? " " : "",
                                ps2_take(&mouse.line));
    return text;
}

static const char *command(u8 value)
{
    ps2mouse_write(&mouse, value);
    return sent();
}

static void move(int dx, int dy, int dz, unsigned buttons)
{
    ps2mouse_move(&mouse, dx, dy, dz, buttons);
}

static void use_rates(u8 first, u8 second, u8 third)
{
    u8 rates[] = {first, second, third};

    for (unsigned i = 0; i < 3; i++) {
        command(0xf3);
        command(rates[i]);
    }
}

static const struct {
    u8 scale; /* a command */
    int dx, dy;
    unsigned buttons;
    const char *stream, *remote;
} packets[] = {
    {0xe6, 1, 0, 0, "08 01 00", "08 01 00"},
    {0xe6, -1, 0, 0, "18 ff 00", "18 ff 00"},
    {0xe6, 0, 1, 0, "28 00 ff", "28 00 ff"}, /* down is negative */
    {0xe6, 0, -1, 0, "08 00 01", "08 00 01"},
    {0xe6, 255, -255, 0, "08 ff ff", "08 ff ff"},
    {0xe6, 256, 0, 0, "48 ff 00", "48 ff 00"}, /* overflow */
    {0xe6, -256, 256, 0, "38 00 00", "38 00 00"},
    {0xe6, -257, 257, 0, "f8 00 00", "f8 00 00"},
    {0xe6, 1 << 30, -(1 << 30), 0, "c8 ff ff", "c8 ff ff"},
    {0xe6, 0, 0, INPUT_LEFT, "09 00 00", "09 00 00"},
    {0xe6, 0, 0, INPUT_RIGHT, "0a 00 00", "0a 00 00"},
    {0xe6, 2, 0, INPUT_MIDDLE, "0c 02 00", "0c 02 00"},
    {0xe6, 0, 0, INPUT_SIDE, "08 00 00", "08 00 00"}, /* not in three bytes; but it changed */
    /* 2:1, in stream mode only. */
    {0xe7, 1, -2, 0, "08 01 01", "08 01 02"},
    {0xe7, 3, -4, 0, "08 03 06", "08 03 04"},
    {0xe7, 5, -6, 0, "08 09 0c", "08 05 06"},
    {0xe7, -5, 6, 0, "38 f7 f4", "38 fb fa"},
    {0xe7, 127, -128, 0, "88 fe ff", "08 7f 80"},
};

START_TEST(test_packet)
{
    command(packets[_i].scale);
    command(0xf4);
    move(packets[_i].dx, packets[_i].dy, 0, packets[_i].buttons);
    ck_assert_str_eq(sent(), packets[_i].stream);
    bench_pass(&b, 1000 * MS);
    ck_assert_str_eq(sent(), "");

    setup();
    command(packets[_i].scale);
    command(0xf0);
    move(packets[_i].dx, packets[_i].dy, 0, packets[_i].buttons);
    ck_assert_str_eq(sent(), "");
    command(0xeb);
    ck_assert_uint_eq((u8)strncmp(text, "fa ", 3), 0);
    ck_assert_str_eq(text + 3, packets[_i].remote);
}
END_TEST

/* At 100 samples a second: the first at once, then what adds up in 10 ms. */
START_TEST(test_stream)
{
    move(9, 9, 0, INPUT_LEFT);
    ck_assert_str_eq(sent(), "");
    ck_assert_str_eq(command(0xf4), "fa");
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sent(), ""); /* what was before counts no more, but the button is new */
    move(1, 0, 0, INPUT_LEFT);
    ck_assert_str_eq(sent(), "09 01 00");
    move(2, 1, 0, INPUT_LEFT);
    move(3, 1, 0, INPUT_LEFT);
    ck_assert_str_eq(sent(), "");
    bench_pass(&b, 10 * MS - 1);
    ck_assert_str_eq(sent(), "");
    bench_pass(&b, 1);
    ck_assert_str_eq(sent(), "29 05 fe");
    /* Nobody fetches: it adds up on. */
    bench_pass(&b, 10 * MS);
    move(1, 0, 0, 0);
    for (unsigned i = 0; i < 10; i++) {
        bench_pass(&b, 10 * MS);
        move(1, 0, 0, 0);
    }
    ck_assert_str_eq(sent(), "08 01 00");
    bench_pass(&b, 10 * MS);
    ck_assert_str_eq(sent(), "08 0a 00");
    command(0xf3);
    command(10);
    bench_pass(&b, 100 * MS);
    move(1, 0, 0, 0);
    ck_assert_str_eq(sent(), "08 01 00");
    move(1, 0, 0, 0);
    bench_pass(&b, 100 * MS - 1);
    ck_assert_str_eq(sent(), "");
    bench_pass(&b, 1);
    ck_assert_str_eq(sent(), "08 01 00");
    ck_assert_str_eq(command(0xf5), "fa");
    move(1, 0, 0, 0);
    bench_pass(&b, 1000 * MS);
    ck_assert_str_eq(sent(), "");
}
END_TEST

START_TEST(test_modes)
{
    command(0xf4);
    move(0, 0, 0, INPUT_LEFT | INPUT_MIDDLE);
    ck_assert_str_eq(sent(), "0d 00 00");
    ck_assert_str_eq(command(0xe9), "fa 26 02 64");
    bench_pass(&b, 10 * MS);
    move(3, 0, 0, 0);
    ps2_take(&mouse.line);
    ck_assert_str_eq(command(0xf2), "fa 00"); /* the rest of the packet is dropped */
    bench_pass(&b, 10 * MS);
    move(4, 0, 0, 0);
    ck_assert_str_eq(sent(), "08 04 00");
    ck_assert_str_eq(command(0xfe), "08 04 00");
    ck_assert_str_eq(command(0xf2), "fa 00");
    ck_assert_str_eq(command(0xfe), "00");
    ck_assert_str_eq(command(0xee), "fa");
    move(5, 0, 0, 0);
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sent(), "");
    ck_assert_str_eq(command(0xfe), "fe"); /* an echo */
    ck_assert_str_eq(command(0xec), "fa");
    move(6, 0, 0, 0);
    ck_assert_str_eq(sent(), "08 06 00");
    ck_assert_str_eq(command(0xe8), "fa");
    ck_assert_str_eq(command(0x04), "fe");
}
END_TEST

/* The identity after each sequence of rates, by what the mouse can be at most. */
START_TEST(test_protocols)
{
    static const struct {
        enum ps2mouse_kind best;
        u8 rates[3];
        u8 kind;
    } rows[] = {
        {PS2MOUSE_STANDARD, {200, 100, 80}, 0}, {PS2MOUSE_WHEEL, {200, 100, 80}, 3},
        {PS2MOUSE_WHEEL, {200, 200, 80}, 0},    {PS2MOUSE_FIVE, {200, 100, 80}, 3},
        {PS2MOUSE_FIVE, {200, 200, 80}, 4},     {PS2MOUSE_FIVE, {200, 100, 100}, 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        char expect[16];

        start(rows[i].best);
        use_rates(rows[i].rates[0], rows[i].rates[1], rows[i].rates[2]);
        snprintf(expect, sizeof(expect), "fa %02x", rows[i].kind);
        ck_assert_msg(strcmp(command(0xf2), expect) == 0, "row %u: %s", i, text);
        ck_assert_str_eq(command(0xff), "fa aa 00");
        ck_assert_str_eq(command(0xf2), "fa 00");
    }
}
END_TEST

START_TEST(test_wheel)
{
    use_rates(200, 100, 80);
    command(0xf4);
    move(1, 0, 1, 0); /* towards the user: Linux turns the sign */
    ck_assert_str_eq(sent(), "08 01 00 01");
    bench_pass(&b, 13 * MS);
    move(0, 0, -20, INPUT_SIDE); /* more clicks than a packet holds */
    ck_assert_str_eq(sent(), "08 00 00 f8");
    bench_pass(&b, 13 * MS);
    ck_assert_str_eq(sent(), "08 00 00 f8");
    bench_pass(&b, 13 * MS);
    ck_assert_str_eq(sent(), "08 00 00 fc");
    bench_pass(&b, 100 * MS);
    ck_assert_str_eq(sent(), "");
    use_rates(200, 200, 80);
    bench_pass(&b, 13 * MS);
    move(0, 0, -1, INPUT_SIDE | INPUT_EXTRA | INPUT_RIGHT);
    ck_assert_str_eq(sent(), "0a 00 00 3f");
}
END_TEST

START_TEST(test_state)
{
    struct state state, loading;

    use_rates(200, 100, 80);
    command(0xf4);
    move(1, 2, 0, INPUT_LEFT);
    ps2_take(&mouse.line);
    move(-3, 0, -9, INPUT_LEFT);
    state_init_save(&state);
    ps2mouse_state(&mouse, &state);
    ck_assert(!state.failed);
    ps2mouse_reset(&mouse);
    state_init_load(&loading, state.data, state.len);
    ps2mouse_state(&mouse, &loading);
    ck_assert(!loading.failed);
    ck_assert_str_eq(sent(), "01 fe 00");
    bench_pass(&b, 13 * MS);
    ck_assert_str_eq(sent(), "19 fd 00 f8");
    bench_pass(&b, 13 * MS);
    ck_assert_str_eq(sent(), "09 00 00 ff");

    for (size_t i = 0; i < state.len; i++) { /* rejected or harmless */
        u8 was = state.data[i];

        state.data[i] = 0xff;
        setup();
        state_init_load(&loading, state.data, state.len);
        ps2mouse_state(&mouse, &loading);
        state.data[i] = was;
        move(1, 1, 1, 0);
        sent();
        bench_pass(&b, 100 * MS);
        command(0xfe);
    }
    state_free(&state);
}
END_TEST

START_TEST(test_fuzz)
{
    u64 seed = 3;

    for (unsigned i = 0; i < 400000; i++) {
        u64 r = bench_random(&seed);

        switch (r & 7) {
        case 0: ps2mouse_write(&mouse, r & 8 ? (u8)(r >> 8) | 0xe0 : (u8)(r >> 8)); break;
        case 1: bench_pass(&b, (r >> 8) % (20 * MS)); break;
        case 2:
            if (ps2_waiting(&mouse.line) != PS2_NOTHING)
                ps2_take(&mouse.line);
            break;
        case 3: sent(); break;
        case 4: use_rates(200, r & 8 ? 100 : 200, 80); break;
        default:
            move((int)(r >> 8) >> (r >> 3 & 31), (int)(r >> 16) >> (r >> 3 & 31),
                 (int)(r >> 24) >> (r >> 3 & 31), (unsigned)(r >> 40));
        }
    }
    ps2mouse_write(&mouse, 0xec);
    ps2mouse_write(&mouse, 0xff);
    ck_assert_str_eq(sent(), "fa aa 00");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ps2mouse");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_packet, 0, ARRAY_SIZE(packets));
    tcase_add_test(tc, test_stream);
    tcase_add_test(tc, test_modes);
    tcase_add_test(tc, test_protocols);
    tcase_add_test(tc, test_wheel);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "ps2mouse");
}
