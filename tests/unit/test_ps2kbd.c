/* Tests of the PS/2 keyboard: codes of every key in the three sets, sequences with fake shifts,
 * typematic, buffer and overrun, key types of set 3, commands, saved state; and of the
 * controller's translation and pace. Expectations: IBM PS/2 Hardware Interface Technical
 * Reference, "Keyboard". */
#include "devices/input/ps2kbd.h"

#include "devices/input/kbc.h"
#include "devices/input/kbc_translate.h"
#include "devices/input/ps2keys.h"

#include "tests/unit/dev_bench.h"

#define MS 1000000ull

/* HID usages. */
enum {
    A = 0x04,
    B = 0x05,
    F7 = 0x40,
    PRINT = 0x46,
    PAUSE = 0x48,
    RIGHT = 0x4f,
    NUM = 0x53,
    SLASH = 0x54,
    KP_ENTER = 0x58,
    LCTRL = 0xe0,
    LSHIFT = 0xe1,
    LALT = 0xe2,
    RCTRL = 0xe4,
    RSHIFT = 0xe5,
};

static struct bench b;
static struct ps2kbd kbd;
static unsigned readies, leds, led_calls;
static char text[1024];

static void ready(void *opaque)
{
    (void)opaque;
    readies++;
}

static void set_leds(void *opaque, unsigned value)
{
    (void)opaque;
    leds = value;
    led_calls++;
}

static void setup(void)
{
    bench_init(&b);
    readies = leds = led_calls = 0;
    ps2kbd_init(&kbd, &b.clock, ready, NULL);
    kbd.on_leds = set_leds;
}

/* All that the keyboard has to send, as text. */
static const char *sent(void)
{
    size_t len = 0;

    text[0] = 0;
    while (ps2_waiting(&kbd.line) != PS2_NOTHING && len < sizeof(text) - 4)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%02x", len ? " " : "",
                                ps2_take(&kbd.line));
    return text;
}

static void command(u8 value)
{
    ps2kbd_write(&kbd, value);
    sent();
}

static void use_set(u8 set)
{
    command(0xf0);
    command(set);
}

static void press(u8 usage)
{
    ps2kbd_key(&kbd, usage, true);
}

static void release(u8 usage)
{
    ps2kbd_key(&kbd, usage, false);
}

#define UP 0x100 /* else down */

static const struct {
    u8 set, leds;
    u16 keys[4]; /* 0 ends it; what they send counts from the last one on */
    const char *expect;
} sequences[] = {
    {2, 0, {A}, "1c"},
    {2, 0, {A, A | UP}, "f0 1c"},
    {1, 0, {A}, "1e"},
    {1, 0, {A, A | UP}, "9e"},
    {3, 0, {A}, "1c"},
    {3, 0, {A, A | UP}, ""}, /* typematic, no break */
    {3, 0, {LSHIFT, LSHIFT | UP}, "f0 12"},
    {2, 0, {F7}, "83"},
    {2, 0, {KP_ENTER}, "e0 5a"},
    {2, 0, {RCTRL, RCTRL | UP}, "e0 f0 14"},
    {1, 0, {RCTRL, RCTRL | UP}, "e0 9d"},
    {3, 0, {RCTRL}, "58"},
    /* Grey keys: set 2. */
    {2, 0, {RIGHT}, "e0 74"},
    {2, 0, {RIGHT, RIGHT | UP}, "e0 f0 74"},
    {2, 0, {LSHIFT, RIGHT}, "e0 f0 12 e0 74"},
    {2, 0, {LSHIFT, RIGHT, RIGHT | UP}, "e0 f0 74 e0 12"},
    {2, 0, {RSHIFT, RIGHT}, "e0 f0 59 e0 74"},
    {2, 0, {RSHIFT, RIGHT, RIGHT | UP}, "e0 f0 74 e0 59"},
    {2, 0, {LSHIFT, RSHIFT, RIGHT}, "e0 f0 12 e0 f0 59 e0 74"},
    {2, 2, {RIGHT}, "e0 12 e0 74"},
    {2, 2, {RIGHT, RIGHT | UP}, "e0 f0 74 e0 f0 12"},
    {2, 2, {LSHIFT, RIGHT}, "e0 74"},
    {2, 2, {LSHIFT, RIGHT, RIGHT | UP}, "e0 f0 74"},
    {2, 2, {RSHIFT, RIGHT}, "e0 74"},
    {1, 0, {LSHIFT, RIGHT}, "e0 aa e0 4d"},
    {1, 0, {LSHIFT, RIGHT, RIGHT | UP}, "e0 cd e0 2a"},
    {1, 2, {RIGHT}, "e0 2a e0 4d"},
    {3, 2, {LSHIFT, RIGHT}, "6a"},
    {2, 0, {LSHIFT, RIGHT, LSHIFT | UP, RIGHT | UP}, "e0 f0 74"},
    /* Keypad slash: Num Lock does not matter. */
    {2, 0, {SLASH}, "e0 4a"},
    {2, 2, {SLASH}, "e0 4a"},
    {2, 2, {LSHIFT, SLASH}, "e0 f0 12 e0 4a"},
    {2, 0, {RSHIFT, SLASH, SLASH | UP}, "e0 f0 4a e0 59"},
    /* Print Screen and SysRq. */
    {2, 0, {PRINT}, "e0 12 e0 7c"},
    {2, 0, {PRINT, PRINT | UP}, "e0 f0 7c e0 f0 12"},
    {2, 0, {LCTRL, PRINT}, "e0 7c"},
    {2, 0, {RSHIFT, PRINT, PRINT | UP}, "e0 f0 7c"},
    {2, 0, {LALT, PRINT}, "84"},
    {2, 0, {LALT, PRINT, PRINT | UP}, "f0 84"},
    {1, 0, {PRINT}, "e0 2a e0 37"},
    {1, 0, {PRINT, PRINT | UP}, "e0 b7 e0 aa"},
    {1, 0, {LALT, PRINT, PRINT | UP}, "d4"},
    {3, 0, {PRINT}, "57"},
    /* Pause and Break. */
    {2, 0, {PAUSE}, "e1 14 77 e1 f0 14 f0 77"},
    {2, 0, {PAUSE, PAUSE | UP}, ""},
    {2, 0, {LCTRL, PAUSE}, "e0 7e e0 f0 7e"},
    {1, 0, {PAUSE}, "e1 1d 45 e1 9d c5"},
    {1, 0, {RCTRL, PAUSE}, "e0 46 e0 c6"},
    {3, 0, {PAUSE}, "62"},
    /* No such key; a key that is down or up already. */
    {2, 0, {0x68}, ""},
    {2, 0, {1}, ""},
    {2, 0, {A, A}, ""},
    {2, 0, {A | UP}, ""},
};

START_TEST(test_sequence)
{
    command(0xed);
    command(sequences[_i].leds);
    if (sequences[_i].set != 2)
        use_set(sequences[_i].set);
    for (unsigned i = 0; i < 4 && sequences[_i].keys[i]; i++) {
        sent();
        ps2kbd_key(&kbd, (u8)sequences[_i].keys[i], !(sequences[_i].keys[i] & UP));
    }
    ck_assert_str_eq(sent(), sequences[_i].expect);
}
END_TEST

/* The 104 keys of the American layout and the key that Europe has more, with the usage of #'s
 * twin; no two keys with the same codes but those twins; set 1 is what the controller makes of set
 * 2. */
START_TEST(test_table)
{
    unsigned keys = 0;

    for (unsigned i = 0; i < 256; i++) {
        const struct ps2key *k = &ps2keys[i];

        if (!k->set2)
            continue;
        keys++;
        ck_assert_msg(k->kind == PS2KEY_PAUSE || kbc_translate(k->set2) == k->set1, "usage %x", i);
        for (unsigned j = 0; j < i; j++) {
            bool prefixed = k->kind != PS2KEY_PLAIN, other = ps2keys[j].kind != PS2KEY_PLAIN;

            if (!ps2keys[j].set2)
                continue;
            ck_assert_msg(ps2keys[j].set3 != k->set3, "set 3 of %x and %x", i, j);
            if (k->kind == PS2KEY_PAUSE || ps2keys[j].kind == PS2KEY_PAUSE ||
                (i == 0x32 && j == 0x31))
                continue;
            ck_assert_msg(ps2keys[j].set2 != k->set2 || prefixed != other, "set 2 of %x and %x", i,
                          j);
        }
    }
    ck_assert_uint_eq(keys, 106);
}
END_TEST

static const struct {
    u8 rate;
    u64 delay_ms, period_ns; /* rounded down */
} rates[] = {
    {0x2b, 500, 91666666},   /* 10.9 a second */
    {0x00, 250, 33333333},   /* 30 */
    {0x7f, 1000, 500000000}, /* 2 */
    {0x54, 750, 200000000},  /* 5 */
};

START_TEST(test_typematic)
{
    command(0xf3);
    command(rates[_i].rate);
    press(A);
    ck_assert_str_eq(sent(), "1c");
    bench_pass(&b, rates[_i].delay_ms * MS - 1);
    ck_assert_str_eq(sent(), "");
    bench_pass(&b, 1);
    ck_assert_str_eq(sent(), "1c");
    for (unsigned i = 0; i < 10; i++) {
        bench_pass(&b, rates[_i].period_ns - 1);
        ck_assert_str_eq(sent(), "");
        bench_pass(&b, 1);
        ck_assert_str_eq(sent(), "1c");
    }
    release(A);
    ck_assert_str_eq(sent(), "f0 1c");
    bench_pass(&b, 3000 * MS);
    ck_assert_str_eq(sent(), "");
}
END_TEST

/* The last key repeats; only into an empty buffer; grey keys without their fake shifts. */
START_TEST(test_typematic_keys)
{
    press(A);
    press(B);
    sent();
    bench_pass(&b, 500 * MS);
    ck_assert_str_eq(sent(), "32");
    release(A);
    ck_assert_str_eq(sent(), "f0 1c");
    bench_pass(&b, 92 * MS);
    ck_assert_str_eq(sent(), "32");
    bench_pass(&b, 5000 * MS); /* nobody fetches */
    ck_assert_str_eq(sent(), "32");
    release(B);
    press(LSHIFT);
    press(RIGHT);
    sent();
    bench_pass(&b, 500 * MS);
    ck_assert_str_eq(sent(), "e0 74");
    release(RIGHT);
    press(PAUSE);
    sent();
    bench_pass(&b, 2000 * MS);
    ck_assert_str_eq(sent(), "");
    /* Commands that clear the buffer end it. */
    press(A);
    command(0xf4);
    bench_pass(&b, 2000 * MS);
    ck_assert_str_eq(sent(), "");
}
END_TEST

START_TEST(test_overrun)
{
    char expect[64] = "";

    for (unsigned i = 0; i < 14; i++) {
        press((u8)(A + i));
        snprintf(expect + strlen(expect), sizeof(expect) - strlen(expect), "%s%02x", i ? " " : "",
                 ps2keys[A + i].set2);
    }
    press(PAUSE); /* eight bytes: none of them */
    press(LSHIFT);
    press(LCTRL);
    press(RCTRL);
    ck_assert_uint_eq(readies, 17);
    strcat(expect, " 00 12 00"); /* the two Ctrl keys: once more, in the 17th place */
    ck_assert_str_eq(sent(), expect);
    release(A);
    ck_assert_str_eq(sent(), "f0 1c"); /* it goes on */

    use_set(1);
    for (unsigned i = 0; i < 20; i++)
        ps2kbd_key(&kbd, 0x1e, !(i & 1));
    sent();
    ck_assert_str_eq(text, "02 82 02 82 02 82 02 82 02 82 02 82 02 82 02 82 ff");
}
END_TEST

/* An answer goes before scan codes, which a command with a parameter holds back but does not drop. */
START_TEST(test_commands)
{
    press(A);
    ps2kbd_write(&kbd, 0xed);
    ck_assert_str_eq(sent(), "fa");
    ps2kbd_write(&kbd, 0x02);
    ck_assert_str_eq(sent(), "fa 1c");
    ck_assert_uint_eq(leds, 2);
    ck_assert_uint_eq(led_calls, 1);
    ps2kbd_write(&kbd, 0xfe);
    ck_assert_str_eq(sent(), "1c");
    ps2kbd_write(&kbd, 0xed);
    ps2kbd_write(&kbd, 0x08); /* no such light */
    ck_assert_str_eq(sent(), "fe");
    ps2kbd_write(&kbd, 0xf0);
    ps2kbd_write(&kbd, 0x04);
    ck_assert_str_eq(sent(), "fe");

    press(B);
    ps2kbd_write(&kbd, 0xf5); /* drops it, stops scanning */
    ck_assert_str_eq(sent(), "fa");
    release(B);
    press(F7);
    ck_assert_str_eq(sent(), "");
    command(0xf4);
    release(F7);
    ck_assert_str_eq(sent(), "f0 83");

    ps2kbd_write(&kbd, 0xff);
    ck_assert_str_eq(sent(), "fa aa");
    ck_assert_uint_eq(leds, 0);
}
END_TEST

/* Set 3: F7 to FA for all keys, FB to FD for some; what each command makes of A and left Shift. */
START_TEST(test_types)
{
    static const struct {
        u8 commands[3];
        const char *a, *shift; /* down, up, after a second of being down */
    } rows[] = {
        {{0xf6}, "1c|1c|", "12||f0 12"},
        {{0xf7}, "1c|1c|", "12|12|"},
        {{0xf8}, "1c||f0 1c", "12||f0 12"},
        {{0xf9}, "1c||", "12||"},
        {{0xfa}, "1c|1c|f0 1c", "12|12|f0 12"},
        {{0xfa, 0xfb, 0x12}, "1c|1c|f0 1c", "12|12|"},
        {{0xf7, 0xfc, 0x1c}, "1c||f0 1c", "12|12|"},
        {{0xfa, 0xfd, 0x1c}, "1c||", "12|12|f0 12"},
    };
    static const u8 usages[] = {A, LSHIFT};

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        setup();
        use_set(3);
        for (unsigned j = 0; j < 3 && rows[i].commands[j]; j++) {
            ps2kbd_write(&kbd, rows[i].commands[j]);
            ck_assert_str_eq(sent(), "fa");
        }
        use_set(3); /* ends the list */
        for (unsigned j = 0; j < 2; j++) {
            char said[64];
            int n;

            press(usages[j]);
            n = snprintf(said, sizeof(said), "%s|", sent());
            bench_pass(&b, 1000 * MS);
            n += snprintf(said + n, sizeof(said) - (size_t)n, "%s|", sent());
            release(usages[j]);
            snprintf(said + n, sizeof(said) - (size_t)n, "%s", sent());
            ck_assert_msg(strcmp(said, j ? rows[i].shift : rows[i].a) == 0, "row %u: %s", i, said);
        }
    }
    ps2kbd_write(&kbd, 0xfb);
    ps2kbd_write(&kbd, 0x12);
    ps2kbd_write(&kbd, 0x1c);
    ck_assert_str_eq(sent(), "fa");
    ps2kbd_write(&kbd, 0x00); /* no key's code */
    ck_assert_str_eq(sent(), "fe");
}
END_TEST

START_TEST(test_state)
{
    struct state state;
    struct ps2kbd other;
    void *data;
    size_t len;

    command(0xed);
    command(0x02);
    command(0xf3);
    command(0x00);
    press(LSHIFT);
    press(A);
    bench_pass(&b, 100 * MS);
    state_init_save(&state);
    ps2kbd_state(&kbd, &state);
    ck_assert(!state.failed);
    len = state.len;
    data = malloc(len);
    memcpy(data, state.data, len);
    state_free(&state);

    ps2kbd_init(&other, &b.clock, ready, NULL);
    other.on_leds = set_leds;
    leds = 0;
    state_init_load(&state, data, len);
    ps2kbd_state(&other, &state);
    ck_assert(!state.failed);
    ck_assert_uint_eq(leds, 2);
    timer_cancel(&kbd.repeat_timer);
    timer_cancel(&other.repeat_timer);
    kbd = other;
    timer_init(&kbd.repeat_timer, &b.clock, other.repeat_timer.fn, &kbd);
    timer_arm(&kbd.repeat_timer, other.repeat_timer.when);
    ck_assert_str_eq(sent(), "12 1c");
    bench_pass(&b, 150 * MS);
    ck_assert_str_eq(sent(), "1c");
    release(A);
    press(RIGHT); /* Shift is down, Num Lock on */
    ck_assert_str_eq(sent(), "f0 1c e0 74");

    /* Damaged in any one byte: rejected or harmless. */
    for (size_t i = 0; i < len; i++) {
        u8 was = ((u8 *)data)[i];

        ((u8 *)data)[i] = 0xff;
        setup();
        state_init_load(&state, data, len);
        ps2kbd_state(&kbd, &state);
        ((u8 *)data)[i] = was;
        press(A);
        press(PAUSE);
        sent();
        bench_pass(&b, 2000 * MS);
        sent();
    }
    free(data);
}
END_TEST

/* Any command, any key, any time: what is sent is bounded, and a reset is answered. */
START_TEST(test_fuzz)
{
    u64 seed = 2;

    for (unsigned i = 0; i < 400000; i++) {
        u64 r = bench_random(&seed);

        switch (r & 7) {
        case 0: ps2kbd_write(&kbd, r & 8 ? (u8)(r >> 8) | 0xe0 : (u8)(r >> 8)); break;
        case 1: bench_pass(&b, (r >> 8) % (300 * MS)); break;
        case 2:
            if (ps2_waiting(&kbd.line) != PS2_NOTHING)
                ps2_take(&kbd.line);
            break;
        case 3: sent(); break;
        default: ps2kbd_key(&kbd, (u8)(r >> 8), r & 8);
        }
    }
    ps2kbd_write(&kbd, 0xff);
    ck_assert_str_eq(sent(), "fa aa");
}
END_TEST

/* Behind the controller: translated, an edge for each byte, no sooner than the line brings it. */
static struct kbc kbc;

static void no_a20(void *opaque, bool on)
{
    (void)opaque, (void)on;
}

START_TEST(test_controller)
{
    bench_init(&b);
    kbc_init(&kbc, &b.bus, &b.clock, bench_irq(&b, 1), bench_irq(&b, 12), no_a20, ready, NULL);
    bench_pass(&b, 10 * MS);
    b.rises[1] = 0;
    ps2kbd_key(&kbc.keyboard, RIGHT, true);
    ck_assert_uint_eq(b.rises[1], 1);
    ck_assert_uint_eq(inb(&b, 0x60), 0xe0);
    ck_assert_uint_eq(inb(&b, 0x64) & 1, 0);
    ck_assert_uint_eq(inb(&b, 0x60), 0xe0); /* a second reader gets the same */
    ck_assert(!b.level[1]);
    bench_pass(&b, MS);
    ck_assert_uint_eq(b.rises[1], 2);
    ck_assert_uint_eq(inb(&b, 0x60), 0x4d);
    ps2kbd_key(&kbc.keyboard, RIGHT, false);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, 0x60), 0xe0);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, 0x60), 0xcd);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, 0x64) & 1, 0);
    ck_assert_uint_eq(b.rises[1], 4);
    /* The clock line held: it waits in the keyboard. */
    outb(&b, 0x64, 0xad);
    ps2kbd_key(&kbc.keyboard, F7, true);
    bench_pass(&b, 10 * MS);
    ck_assert_uint_eq(inb(&b, 0x64) & 1, 0);
    outb(&b, 0x64, 0xae);
    ck_assert_uint_eq(inb(&b, 0x60), 0x41);
    /* Saved in the middle of a break code. */
    outb(&b, 0x64, 0x60);
    outb(&b, 0x60, 0x05); /* not translated */
    ps2kbd_key(&kbc.keyboard, F7, false);
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, 0x60), 0xf0);
    {
        struct state state;
        struct state loading;

        state_init_save(&state);
        kbc_state(&kbc, &state);
        kbc_reset(&kbc);
        state_init_load(&loading, state.data, state.len);
        kbc_state(&kbc, &loading);
        ck_assert(!loading.failed);
        state_free(&state);
    }
    ck_assert_uint_eq(inb(&b, 0x60), 0xf0);
    ck_assert_uint_eq(inb(&b, 0x64) & 1, 0); /* not before its time */
    bench_pass(&b, MS);
    ck_assert_uint_eq(inb(&b, 0x64) & 1, 1);
    ck_assert_uint_eq(inb(&b, 0x60), 0x83);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ps2kbd");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_sequence, 0, ARRAY_SIZE(sequences));
    tcase_add_test(tc, test_table);
    tcase_add_loop_test(tc, test_typematic, 0, ARRAY_SIZE(rates));
    tcase_add_test(tc, test_typematic_keys);
    tcase_add_test(tc, test_overrun);
    tcase_add_test(tc, test_commands);
    tcase_add_test(tc, test_types);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    tcase_add_test(tc, test_controller);
    return bench_main(tc, "ps2kbd");
}
