/* Tests of the interrupt controllers: initialisation, priorities, end-of-interrupt and rotation
 * commands, special modes, poll, edge and level triggering, spurious interrupts. */
#include "devices/chipset/pic.h"

#include "tests/unit/dev_bench.h"

static struct bench b;
static struct pic pic;
static bool intr;
static unsigned changes;

static void set_intr(void *opaque, bool level)
{
    (void)opaque;
    ck_assert(level != intr); /* only changes are told */
    intr = level;
    changes++;
}

/* As a PC's BIOS does: vectors 0x08 and 0x70, everything unmasked. */
static void init_chips(u8 master_icw4)
{
    static const u8 icw[2][4] = {{0x11, 0x08, 0x04, 0x01}, {0x11, 0x70, 0x02, 0x01}};

    for (unsigned chip = 0; chip < 2; chip++) {
        u16 port = chip ? 0xa0 : 0x20;

        outb(&b, port, icw[chip][0]);
        for (unsigned i = 1; i < 3; i++)
            outb(&b, port + 1, icw[chip][i]);
        outb(&b, port + 1, chip ? icw[chip][3] : master_icw4);
    }
}

static void setup(void)
{
    bench_init(&b);
    intr = false;
    changes = 0;
    pic_init(&pic, &b.bus, set_intr, NULL);
    init_chips(0x01);
}

static void pulse(unsigned line)
{
    pic_set_irq(&pic, line, false);
    pic_set_irq(&pic, line, true);
}

static u8 isr(u16 port)
{
    outb(&b, port, 0x0b);
    return inb(&b, port);
}

static u8 irr(u16 port)
{
    outb(&b, port, 0x0a);
    return inb(&b, port);
}

START_TEST(test_uninitialised)
{
    bench_init(&b);
    intr = false;
    pic_init(&pic, &b.bus, set_intr, NULL);
    for (unsigned line = 0; line < 16; line++)
        pic_set_irq(&pic, line, true);
    ck_assert(!intr);
    outb(&b, 0x20, 0x11); /* needs ICW2, 3 and 4 */
    outb(&b, 0x21, 0x40);
    outb(&b, 0x21, 0x04);
    pulse(0);
    ck_assert(!intr);
    outb(&b, 0x21, 0x01);
    ck_assert(intr);
    ck_assert_uint_eq(pic_ack(&pic), 0x40);
    outb(&b, 0x20, 0x12); /* single, no ICW4: ICW2 is all */
    outb(&b, 0x21, 0x57);
    ck_assert_uint_eq(inb(&b, 0x21), 0x00); /* ICW1 unmasked everything */
    outb(&b, 0x21, 0xfe);
    ck_assert_uint_eq(inb(&b, 0x21), 0xfe);
    ck_assert(!intr); /* ICW1 forgot the edges */
    pulse(0);
    ck_assert_uint_eq(pic_ack(&pic), 0x50);
}
END_TEST

START_TEST(test_every_line)
{
    unsigned line = (unsigned)_i;
    u8 vector = (u8)(line < 8 ? 0x08 + line : 0x70 + line - 8);
    char name[8];

    pic_set_irq(&pic, line, true);
    if (line == 2) { /* the cascade has no pin */
        ck_assert(!intr);
        return;
    }
    ck_assert(intr);
    ck_assert_uint_eq(irr(line < 8 ? 0x20 : 0xa0), 1u << (line & 7));
    ck_assert_uint_eq(irr(0x20), line < 8 ? 1u << line : 4);
    ck_assert_uint_eq(pic_ack(&pic), vector);
    snprintf(name, sizeof(name), "IRQ %u", line);
    ck_assert_str_eq(pic_acked_name(&pic), name);
    ck_assert(!intr);
    ck_assert_uint_eq(irr(0x20), 0);
    ck_assert_uint_eq(isr(0x20), line < 8 ? 1u << line : 4);
    ck_assert_uint_eq(isr(0xa0), line < 8 ? 0 : 1u << (line - 8));
    if (line >= 8)
        outb(&b, 0xa0, 0x20);
    outb(&b, 0x20, 0x20);
    ck_assert_uint_eq(isr(0x20) | isr(0xa0), 0);
    ck_assert(!intr); /* the line is still high: no new edge */
    pulse(line);
    ck_assert(intr);
}
END_TEST

START_TEST(test_masks)
{
    for (unsigned line = 0; line < 16; line++) {
        outb(&b, 0x21, 0xff & ~4);
        outb(&b, 0xa1, 0xff);
        pulse(line);
        ck_assert(!intr);
        outb(&b, line < 8 ? 0x21 : 0xa1, (u8) ~(1u << (line & 7)) & (line < 8 ? 0xfb : 0xff));
        ck_assert(intr == (line != 2));
        outb(&b, 0x21, 0xff);
        ck_assert(!intr);
        pic_set_irq(&pic, line, false);
    }
}
END_TEST

/* All sixteen at once, served to the end one by one: 0 1 8..15 3..7. */
START_TEST(test_priority)
{
    static const u8 order[] = {0x08, 0x09, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75,
                               0x76, 0x77, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};

    for (unsigned line = 0; line < 16; line++)
        pic_set_irq(&pic, line, true);
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        ck_assert(intr);
        ck_assert_uint_eq(pic_ack(&pic), order[i]);
        ck_assert(!intr); /* what is left is lower than what is in service */
        if (order[i] >= 0x70)
            outb(&b, 0xa0, 0x20);
        outb(&b, 0x20, 0x20);
    }
    ck_assert(!intr);
}
END_TEST

/* Every pair: in service `a`, then `b` requests; it passes exactly when it is higher. */
START_TEST(test_nesting)
{
    for (unsigned first = 0; first < 8; first++)
        for (unsigned second = 0; second < 8; second++) {
            if (first == 2 || second == 2)
                continue;
            setup();
            pulse(first);
            pic_ack(&pic);
            pulse(second);
            ck_assert_msg(intr == (second < first), "%u then %u", first, second);
            outb(&b, 0x20, 0x20);
            ck_assert(intr == true); /* also the same line again: a new edge */
        }
}
END_TEST

static const struct {
    u8 command[2]; /* to the master's OCW2 */
    u8 vector;     /* then served first of lines 0 to 8 */
} priorities[] = {
    {{0x40, 0x40}, 0x08}, /* no operation */
    {{0x40, 0xc7}, 0x08}, /* the lowest is 7, as at the start */
    {{0x40, 0xc0}, 0x70}, /* 1 is the highest, but has no request; 2 is the slave */
    {{0x40, 0xc3}, 0x0c}, /* 4 is the highest */
    {{0x40, 0xc6}, 0x0f}, /* 7 is */
    {{0xc3, 0xc1}, 0x70}, /* the last command counts */
    {{0xc5, 0x40}, 0x0e}, /* no operation keeps the priorities */
    {{0xc5, 0xe4}, 0x0d}, /* rotate on specific EOI, though 4 is not in service */
    {{0xc5, 0xa0}, 0x0e}, /* rotate on non-specific EOI: nothing in service, nothing happens */
};

START_TEST(test_set_priority)
{
    outb(&b, 0x20, priorities[_i].command[0]);
    outb(&b, 0x20, priorities[_i].command[1]);
    for (unsigned line = 0; line <= 8; line++)
        pic_set_irq(&pic, line, line != 1);
    ck_assert_uint_eq(pic_ack(&pic), priorities[_i].vector);
}
END_TEST

START_TEST(test_rotate_on_eoi)
{
    pulse(4);
    pic_ack(&pic);
    outb(&b, 0x20, 0xa0); /* rotate on non-specific EOI: 4 becomes the lowest */
    ck_assert_uint_eq(isr(0x20), 0);
    pulse(4);
    pulse(5);
    pulse(0);
    ck_assert_uint_eq(pic_ack(&pic), 0x0d);
    outb(&b, 0x20, 0xe5); /* rotate on specific EOI of 5 */
    ck_assert_uint_eq(pic_ack(&pic), 0x08);
    outb(&b, 0x20, 0x60); /* specific EOI of 0, no rotation */
    ck_assert_uint_eq(isr(0x20), 0);
    ck_assert_uint_eq(pic_ack(&pic), 0x0c);
    outb(&b, 0x20, 0x61); /* specific EOI of the wrong level */
    ck_assert_uint_eq(isr(0x20), 0x10);
    outb(&b, 0x20, 0x20);
    outb(&b, 0x20, 0x20); /* one too many */
    ck_assert_uint_eq(isr(0x20), 0);
}
END_TEST

START_TEST(test_auto_eoi)
{
    setup();
    init_chips(0x03);
    pulse(3);
    pulse(5);
    ck_assert_uint_eq(pic_ack(&pic), 0x0b);
    ck_assert_uint_eq(isr(0x20), 0);
    ck_assert(intr);
    ck_assert_uint_eq(pic_ack(&pic), 0x0d);
    outb(&b, 0x20, 0x80); /* rotate in AEOI mode */
    pulse(3);
    ck_assert_uint_eq(pic_ack(&pic), 0x0b);
    pulse(3);
    pulse(4);
    ck_assert_uint_eq(pic_ack(&pic), 0x0c);
    outb(&b, 0x20, 0x00);
    ck_assert_uint_eq(pic_ack(&pic), 0x0b);
}
END_TEST

START_TEST(test_special_mask)
{
    pulse(1);
    pic_ack(&pic);
    pulse(4);
    ck_assert(!intr);
    outb(&b, 0x21, 0x02); /* mask the level in service: no difference yet */
    ck_assert(!intr);
    outb(&b, 0x20, 0x68); /* special mask mode */
    ck_assert(intr);
    ck_assert_uint_eq(pic_ack(&pic), 0x0c);
    outb(&b, 0x20, 0x20); /* non-specific: ends 4, not the masked 1 */
    ck_assert_uint_eq(isr(0x20), 0x02);
    outb(&b, 0x20, 0x20);
    ck_assert_uint_eq(isr(0x20), 0x02);
    outb(&b, 0x20, 0x08); /* ESMM clear: SMM is not touched */
    pulse(5);
    ck_assert(intr);
    outb(&b, 0x20, 0x48); /* back to normal */
    ck_assert(!intr);
    outb(&b, 0x20, 0x20);
    ck_assert_uint_eq(isr(0x20), 0);
    ck_assert(intr);
}
END_TEST

/* A second, higher request of the slave while its first is in service: only SFNM lets it through.
 * */
START_TEST(test_special_nested)
{
    for (unsigned sfnm = 0; sfnm < 2; sfnm++) {
        setup();
        init_chips(sfnm ? 0x11 : 0x01);
        pulse(12);
        ck_assert_uint_eq(pic_ack(&pic), 0x74);
        pulse(14);
        ck_assert(!intr); /* lower in the slave */
        pulse(8);
        ck_assert(intr == sfnm);
        pulse(3);
        ck_assert(intr == sfnm); /* lower in the master */
        if (sfnm)
            ck_assert_uint_eq(pic_ack(&pic), 0x70);
    }
}
END_TEST

START_TEST(test_spurious)
{
    pulse(3);
    pic_set_irq(&pic, 3, false); /* takes its request back */
    ck_assert(!intr);
    ck_assert_uint_eq(pic_ack(&pic), 0x0f); /* when the CPU had begun already */
    ck_assert_str_eq(pic_acked_name(&pic), "spurious IRQ 7");
    ck_assert_uint_eq(isr(0x20), 0); /* a real IRQ 7 would be in service */
    pulse(3);
    outb(&b, 0x21, 0x08); /* masked too late */
    ck_assert_uint_eq(pic_ack(&pic), 0x0f);
    outb(&b, 0x21, 0x00);
    ck_assert_uint_eq(pic_ack(&pic), 0x0b);
    outb(&b, 0x20, 0x20);
    pulse(7);
    ck_assert_uint_eq(pic_ack(&pic), 0x0f);
    ck_assert_str_eq(pic_acked_name(&pic), "IRQ 7");
    ck_assert_uint_eq(isr(0x20), 0x80);
}
END_TEST

START_TEST(test_level)
{
    outb(&b, 0x4d0, 0xff);
    outb(&b, 0x4d1, 0xff);
    ck_assert_uint_eq(inb(&b, 0x4d0), 0xf8);
    ck_assert_uint_eq(inb(&b, 0x4d1), 0xde);
    for (unsigned line = 5; line < 11; line += 5) { /* 5 and 10 */
        u16 port = line < 8 ? 0x20 : 0xa0;

        pic_set_irq(&pic, line, true);
        for (unsigned i = 0; i < 3; i++) { /* again and again, while the line is high */
            ck_assert(intr);
            ck_assert_uint_eq(pic_ack(&pic), line < 8 ? 0x0d : 0x72);
            ck_assert(!intr);
            outb(&b, port, 0x20);
            if (port == 0xa0)
                outb(&b, 0x20, 0x20);
        }
        pic_set_irq(&pic, line, false);
        ck_assert(!intr);
        ck_assert_uint_eq(irr(port), 0);
    }
    pic_set_irq(&pic, 5, true);
    outb(&b, 0x20, 0x11); /* a level needs no edge after ICW1 */
    outb(&b, 0x21, 0x20);
    outb(&b, 0x21, 0x04);
    outb(&b, 0x21, 0x01);
    ck_assert_uint_eq(pic_ack(&pic), 0x25);
}
END_TEST

START_TEST(test_poll)
{
    outb(&b, 0x20, 0x0c);
    ck_assert_uint_eq(inb(&b, 0x20), 0x00);
    pulse(6);
    pulse(9);
    outb(&b, 0x20, 0x0c);
    ck_assert_uint_eq(inb(&b, 0x20), 0x82);
    outb(&b, 0xa0, 0x0c);
    ck_assert_uint_eq(inb(&b, 0xa1), 0x81); /* at either address */
    ck_assert_uint_eq(isr(0x20), 0x04);
    ck_assert_uint_eq(isr(0xa0), 0x02);
    outb(&b, 0x20, 0x0c);
    ck_assert_uint_eq(inb(&b, 0x20), 0x00); /* 6 is lower than 2 */
    ck_assert_uint_eq(inb(&b, 0x21), 0x00); /* poll is for one read */
    outb(&b, 0x20, 0x20);
    outb(&b, 0x20, 0x0c);
    ck_assert_uint_eq(inb(&b, 0x20), 0x86);
}
END_TEST

START_TEST(test_reset)
{
    pulse(3);
    ck_assert(intr);
    pic_reset(&pic);
    ck_assert(!intr);
    ck_assert_uint_eq(inb(&b, 0x4d0), 0);
}
END_TEST

START_TEST(test_fuzz)
{
    static const u16 base[] = {0x20, 0xa0, 0x4d0};
    u64 seed = 88172645463325252ull;

    for (unsigned i = 0; i < 330000; i++) {
        bench_fuzz(&b, base[i % 3], 2, 3, bench_random(&seed));
        pic_set_irq(&pic, bench_random(&seed) & 15, bench_random(&seed) & 1);
        if (intr && i % 4 == 0)
            pic_ack(&pic);
    }
    ck_assert(intr == pic.level);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pic");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, test_uninitialised);
    tcase_add_loop_test(tc, test_every_line, 0, 16);
    tcase_add_test(tc, test_masks);
    tcase_add_test(tc, test_priority);
    tcase_add_test(tc, test_nesting);
    tcase_add_loop_test(tc, test_set_priority, 0, ARRAY_SIZE(priorities));
    tcase_add_test(tc, test_rotate_on_eoi);
    tcase_add_test(tc, test_auto_eoi);
    tcase_add_test(tc, test_special_mask);
    tcase_add_test(tc, test_special_nested);
    tcase_add_test(tc, test_spurious);
    tcase_add_test(tc, test_level);
    tcase_add_test(tc, test_poll);
    tcase_add_test(tc, test_reset);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "pic");
}
