/* Tests of the keyboard controller with its keyboard and mouse, and of the A20 gate and reset in
 * ports 0x64 and 0x92. */
#include "devices/input/kbc.h"
#include "devices/chipset/port92.h"

#include "tests/unit/dev_bench.h"

static struct bench b;
static struct kbc kbc;
static struct port92 port92;
static bool a20;
static unsigned resets;

static void set_a20(void *opaque, bool on)
{
    (void)opaque;
    a20 = on;
}

static void kbc_a20(void *opaque, bool on)
{
    (void)opaque;
    port92_kbc_a20(&port92, on);
}

static void reset(void *opaque)
{
    (void)opaque;
    resets++;
}

static void setup(void)
{
    bench_init(&b);
    a20 = false;
    resets = 0;
    kbc_init(&kbc, &b.bus, &b.clock, bench_irq(&b, 1), bench_irq(&b, 12), kbc_a20, reset, NULL);
    port92_init(&port92, &b.bus, set_a20, reset, NULL);
    port92_reset(&port92);
}

static void command(u8 value)
{
    outb(&b, 0x64, value);
}

static void data(u8 value)
{
    outb(&b, 0x60, value);
}

/* Appends everything that waits to be read: "fa aa", a mouse's bytes with an "m". */
static char text[256];

static void append_answers(void)
{
    for (unsigned i = 0; i < 20; i++) {
        u8 status = inb(&b, 0x64);
        size_t len = strlen(text);

        if (!(status & 1))
            return;
        snprintf(text + len, sizeof(text) - len, "%s%02x%s", len ? " " : "", inb(&b, 0x60),
                 status & 0x20 ? "m" : "");
    }
}

static const char *answers(void)
{
    text[0] = 0;
    append_answers();
    return text;
}

#define C(x) (0x100 | (x)) /* to port 0x64 */
#define M(x) C(0xd4), (x)  /* to the mouse */
#define Z    0x200         /* a zero */

static const struct {
    u16 writes[8]; /* 0 ends it */
    const char *expect;
} dialogues[] = {
    /* The controller. */
    {{C(0xaa)}, "55"},
    {{C(0xab)}, "00"},
    {{C(0xa9)}, "00"},
    {{C(0xa4)}, "f1"},
    {{C(0x20)}, "65"},
    {{C(0x60), 0x43, C(0x20)}, "43"},
    {{C(0x7f), 0x12, C(0x3f)}, "12"},
    {{C(0xa8), C(0x20)}, "45"},
    {{C(0xa8), C(0xa7), C(0x20)}, "65"},
    {{C(0xad), C(0x20)}, "75"},
    {{C(0xad), C(0xae), C(0x20)}, "65"},
    {{C(0xc0)}, "f0"},
    {{C(0xd0)}, "c3"},
    {{C(0xdd), C(0xd0)}, "c1"},
    {{C(0xdd), C(0xdf), C(0xd0)}, "c3"},
    {{C(0xd1), 0x01, C(0xd0)}, "c1"},
    {{C(0xe0)}, "00"},
    {{C(0xd2), 0x5a}, "5a"},
    {{C(0xd3), 0x5a}, "5am"},
    {{C(0xd3), 0xf0}, "f0m"},            /* no multiplexer: Linux asks for it this way */
    {{C(0xbb)}, ""},                     /* no such command */
    {{C(0xd1), C(0xaa), 0xee}, "55 ee"}, /* a command drops the one that waits for data */
    /* The keyboard, translated. */
    {{0xff}, "fa aa"},
    {{0xf2}, "fa ab 41"},
    {{0xee}, "ee"},
    {{0xed, 0x07}, "fa fa"},
    {{0xf0, Z}, "fa fa 41"},
    {{0xf0, 0x03, 0xf0, Z}, "fa fa fa fa 3f"},
    {{0xf0, 0x01, 0xf0, Z}, "fa fa fa fa 43"},
    {{0xf0, 0x01, 0xf6, 0xf0, Z}, "fa fa fa fa fa 41"},
    {{0xed, 0xf2}, "fa fa ab 41"}, /* a command in place of the parameter */
    {{0xf3, 0x7f}, "fa fa"},
    {{0xf4}, "fa"},
    {{0xf5}, "fa"},
    {{0xf7}, "fa"},
    {{0xfb, 0x1c}, "fa fa"},
    {{0xf2, 0xfe}, "fa ab 41 41"}, /* once more the last byte */
    {{0xe1}, "fe"},
    {{Z}, "fe"},
    {{C(0x60), 0x25, 0xf2}, "fa ab 83"}, /* not translated */
    {{C(0xad), 0xee}, "ee"},             /* data for it switches it on */
    /* The mouse. */
    {{M(0xff)}, "fam aam 00m"},
    {{M(0xf2)}, "fam 00m"},
    {{M(0xe9)}, "fam 00m 02m 64m"},
    {{M(0xeb)}, "fam 08m 00m 00m"},
    {{M(0xf0), M(0xe9)}, "fam fam 40m 02m 64m"},
    {{M(0xf0), M(0xea), M(0xe9)}, "fam fam fam 00m 02m 64m"},
    {{M(0xe7), M(0xe9)}, "fam fam 10m 02m 64m"},
    {{M(0xf3), M(0xc8), M(0xe9)}, "fam fam fam 00m 02m c8m"},
    {{M(0xe8), M(0x03), M(0xe9)}, "fam fam fam 00m 03m 64m"},
    {{M(0xe8), M(0x03), M(0xf6), M(0xe9)}, "fam fam fam fam 00m 02m 64m"},
    {{M(0xf4), M(0xe9)}, "fam fam 20m 02m 64m"},
    {{M(0xee), M(0x33)}, "fam 33m"}, /* wrap mode echoes */
    {{M(0xee), M(0xec), M(0xf2)}, "fam fam fam 00m"},
    {{M(0xee), M(0xff)}, "fam fam aam 00m"},
    {{M(0xe1)}, "fem"},
    {{M(0xf3), M(0xff)}, "fam fam aam 00m"},
};

START_TEST(test_dialogue)
{
    text[0] = 0;
    for (unsigned i = 0; i < 8 && dialogues[_i].writes[i]; i++) {
        u16 value = dialogues[_i].writes[i];

        outb(&b, value & 0x100 ? 0x64 : 0x60, (u8)value);
        append_answers();
    }
    ck_assert_str_eq(text, dialogues[_i].expect);
    ck_assert_uint_eq(resets, 0);
}
END_TEST

/* What waits: the byte in the output buffer stays; then controller, keyboard, mouse. */
START_TEST(test_order)
{
    command(0xa8);
    command(0xd4);
    data(0xf2);
    data(0xf2);
    command(0xab);
    ck_assert_str_eq(answers(), "fam 00 fa ab 41 00m");
    data(0xf2);
    data(0xee); /* aborts the answer but for the byte that is on its way */
    ck_assert_str_eq(answers(), "fa ee");
    data(0xf2);
    command(0xad); /* the keyboard's clock is held: the rest waits */
    ck_assert_str_eq(answers(), "fa");
    command(0xae);
    ck_assert_str_eq(answers(), "ab 41");
    ck_assert_uint_eq(inb(&b, 0x60), 0x41); /* the buffer keeps its last byte */
}
END_TEST

START_TEST(test_status)
{
    ck_assert_uint_eq(inb(&b, 0x64), 0x14);
    command(0xab);
    ck_assert_uint_eq(inb(&b, 0x64), 0x1d);
    inb(&b, 0x60);
    ck_assert_uint_eq(inb(&b, 0x64), 0x1c);
    command(0x60);
    data(0x01); /* the system flag is the command byte's */
    ck_assert_uint_eq(inb(&b, 0x64), 0x10);
    command(0xd3);
    data(0x33);
    ck_assert_uint_eq(inb(&b, 0x64), 0x31);
    command(0xd0); /* read while the mouse's byte waits */
    ck_assert_str_eq(answers(), "33m e3");
}
END_TEST

START_TEST(test_irq)
{
    command(0x60);
    data(0x47); /* both interrupts on */
    b.rises[1] = b.rises[12] = 0;
    data(0xf2);
    ck_assert(b.level[1] && !b.level[12]);
    for (unsigned n = 1; n <= 3; n++) { /* an edge for each byte */
        ck_assert_uint_eq(b.rises[1], n);
        inb(&b, 0x60);
    }
    ck_assert(!b.level[1]);
    ck_assert_uint_eq(b.rises[1], 3);
    command(0xd4);
    data(0xf2);
    ck_assert(!b.level[1] && b.level[12]);
    inb(&b, 0x60);
    ck_assert(b.level[12]);
    ck_assert_uint_eq(b.rises[12], 2);
    inb(&b, 0x60);
    ck_assert(!b.level[12]);
    command(0x60);
    data(0x44); /* both off: bytes come, lines stay low */
    data(0xee);
    ck_assert(!b.level[1]);
    command(0x60);
    data(0x45);
    ck_assert(b.level[1]);
    kbc_reset(&kbc);
    ck_assert(!b.level[1]);
    ck_assert_str_eq(answers(), "");
}
END_TEST

START_TEST(test_reset)
{
    static const struct {
        u16 port;
        u8 value;
        unsigned resets;
    } rows[] = {
        {0x64, 0xfe, 1}, {0x64, 0xf0, 1}, {0x64, 0xff, 0},
        {0x64, 0xf1, 0}, {0x92, 0x03, 1}, {0x92, 0x01, 0}, /* no rising edge */
        {0x92, 0x02, 0}, {0x92, 0x03, 1},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        resets = 0;
        outb(&b, rows[i].port, rows[i].value);
        ck_assert_msg(resets == rows[i].resets, "row %u", i);
    }
    resets = 0;
    command(0xd1);
    data(0x03);
    ck_assert_uint_eq(resets, 0);
    command(0xd1);
    data(0x02);
    ck_assert_uint_eq(resets, 1);
}
END_TEST

/* Either source alone, from reset; then the gate is open when either has it open. */
START_TEST(test_a20)
{
    ck_assert(a20);
    ck_assert_uint_eq(inb(&b, 0x92), 0x02);
    outb(&b, 0x92, 0x00);
    ck_assert(!a20);
    ck_assert_uint_eq(inb(&b, 0x92), 0x00);
    outb(&b, 0x92, 0x02);
    ck_assert(a20);
    port92_reset(&port92);
    command(0xdd);
    ck_assert(!a20);
    command(0xdf);
    ck_assert(a20);
    command(0xd1);
    data(0xdd);
    ck_assert(!a20);
    outb(&b, 0x92, 0x02);
    ck_assert(a20);
    command(0xdf);
    outb(&b, 0x92, 0x00);
    ck_assert(a20); /* the keyboard controller has it open */
    command(0xdd);
    ck_assert(!a20);
    port92_reset(&port92);
    ck_assert(a20);
    ck_assert_uint_eq(inb(&b, 0x92), 0x02);
}
END_TEST

START_TEST(test_fuzz)
{
    bench_fuzz(&b, 0x60, 5, 700000, 8042); /* 0x61 to 0x63 have no device here */
    bench_fuzz(&b, 0x92, 1, 10000, 92);
    for (unsigned i = 0; i < 64; i++)
        inb(&b, 0x60);
    command(0x60);
    data(0x45);
    answers();
    command(0xaa);
    ck_assert_str_eq(answers(), "55");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("kbc");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_dialogue, 0, ARRAY_SIZE(dialogues));
    tcase_add_test(tc, test_order);
    tcase_add_test(tc, test_status);
    tcase_add_test(tc, test_irq);
    tcase_add_test(tc, test_reset);
    tcase_add_test(tc, test_a20);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "kbc");
}
