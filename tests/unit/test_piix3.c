/* Tests of the ISA bridge: PIRQ routes, shared lines, the SCI, with a real interrupt controller behind. */
#include "devices/pci/piix3.h"

#include "devices/chipset/pic.h"
#include "tests/unit/dev_bench.h"

static struct bench b;
static struct pci_bus bus;
static struct piix3 piix3;
static struct pci_device card[4]; /* slots 2 to 5, INTA# */

static void setup(void)
{
    struct irq irq[PIIX3_IRQS];

    bench_init(&b);
    pci_bus_init(&bus, &b.bus);
    for (unsigned i = 0; i < PIIX3_IRQS; i++)
        irq[i] = bench_irq(&b, i);
    piix3_init(&piix3, &bus, irq);
    for (unsigned i = 0; i < ARRAY_SIZE(card); i++) {
        pci_device_init(&card[i], "card", 0x1234, 1, 0x020000, NULL);
        card[i].config[PCI_INTERRUPT_PIN] = 1;
        pci_add(&bus, &card[i], PCI_DEVFN(2 + i, 0));
    }
    pci_bus_reset(&bus);
    piix3_reset(&piix3);
}

static void set(unsigned reg, u8 value)
{
    ioport_write(&b.bus, 0xcf8, 0x80000800u | (reg & 0xfc), 4);
    outb(&b, (u16)(0xcfc + (reg & 3)), value);
}

static u8 get(unsigned reg)
{
    ioport_write(&b.bus, 0xcf8, 0x80000800u | (reg & 0xfc), 4);
    return inb(&b, (u16)(0xcfc + (reg & 3)));
}

static u16 levels(void)
{
    u16 all = 0;

    for (unsigned i = 0; i < 16; i++)
        all |= (u16)(b.level[i] << i);
    return all;
}

/* Datasheet 290550, 2.2: values after reset, and what all ones leave. */
static const struct {
    u8 reg, value, ones;
} registers[] = {
    {0x00, 0x86, 0x86}, {0x02, 0x00, 0x00}, {0x03, 0x70, 0x70}, {0x04, 0x07, 0x0f},
    {0x07, 0x02, 0x02}, {0x0a, 0x01, 0x01}, {0x0b, 0x06, 0x06}, {0x3d, 0x00, 0x00},
    {0x4c, 0x4d, 0x7f}, {0x4e, 0x03, 0xff}, {0x60, 0x80, 0x8f}, {0x63, 0x80, 0x8f},
    {0x69, 0x02, 0xfe}, {0x70, 0x80, 0xef}, {0x76, 0x0c, 0x8f}, {0xa0, 0x08, 0x1f},
};

START_TEST(test_registers)
{
    ck_assert_uint_eq(get(registers[_i].reg), registers[_i].value);
    set(registers[_i].reg, 0xff);
    ck_assert_uint_eq(get(registers[_i].reg), registers[_i].ones);
}
END_TEST

START_TEST(test_wiring)
{
    static const struct {
        unsigned slot, pin, pirq;
    } wires[] = {{1, 0, 0}, {1, 3, 3}, {2, 0, 1}, {3, 0, 2}, {4, 0, 3},
                 {5, 0, 0}, {2, 3, 0}, {0, 0, 3}, {31, 1, 3}};

    for (unsigned i = 0; i < ARRAY_SIZE(wires); i++)
        ck_assert_uint_eq(piix3_pirq(wires[i].slot, wires[i].pin), wires[i].pirq);
}
END_TEST

/* Every route: to the lines that exist, and to none of the others. */
START_TEST(test_routes)
{
    static const bool routable[16] = {false, false, false, true, true, true,  true, true,
                                      false, true,  true,  true, true, false, true, true};

    pci_set_irq(&card[0], true); /* PIRQB# */
    ck_assert_uint_eq(levels(), 0);
    for (unsigned irq = 0; irq < 16; irq++) {
        set(0x61, (u8)irq);
        ck_assert_uint_eq(levels(), routable[irq] ? 1u << irq : 0);
        set(0x61, (u8)(0x80 | irq));
        ck_assert_uint_eq(levels(), 0);
    }
    set(0x61, 10);
    set(0x60, 11);
    set(0x62, 12);
    set(0x63, 5);
    ck_assert_uint_eq(levels(), 1 << 10);
    set(0x61, 3); /* the line follows its route while it is high */
    ck_assert_uint_eq(levels(), 1 << 3);
    pci_set_irq(&card[0], false);
    pci_set_irq(&card[1], true);
    ck_assert_uint_eq(levels(), 1 << 12);
    pci_set_irq(&card[1], false);
    pci_set_irq(&card[2], true);
    ck_assert_uint_eq(levels(), 1 << 5);
    pci_set_irq(&card[2], false);
    pci_set_irq(&card[3], true);
    ck_assert_uint_eq(levels(), 1 << 11);
    pci_bus_reset(&bus);
    piix3_reset(&piix3);
    ck_assert_uint_eq(levels(), 0);
}
END_TEST

START_TEST(test_sharing)
{
    set(0x61, 10);
    set(0x62, 10);
    pci_set_irq(&card[0], true);
    pci_set_irq(&card[1], true);
    ck_assert_uint_eq(b.rises[10], 1);
    pci_set_irq(&card[0], false);
    ck_assert_uint_eq(levels(), 1 << 10);
    set(0x62, 0x80);
    ck_assert_uint_eq(levels(), 0);
    set(0x62, 9);
    ck_assert_uint_eq(levels(), 1 << 9);
    piix3_set_sci(&piix3, 0, true);
    pci_set_irq(&card[1], false);
    ck_assert_uint_eq(levels(), 1 << 9);
    ck_assert_uint_eq(b.rises[9], 1);
    piix3_set_sci(&piix3, 0, false);
    ck_assert_uint_eq(levels(), 0);
}
END_TEST

static void on_intr(void *opaque, bool level)
{
    *(bool *)opaque = level;
}

/* Two cards on one line of the 8259A, level-triggered: when the handler of the first has ended, the second
 * one's interrupt comes. */
START_TEST(test_with_pic)
{
    struct irq irq[PIIX3_IRQS];
    struct pic pic;
    bool intr = false;

    pic_init(&pic, &b.bus, on_intr, &intr);
    for (unsigned i = 0; i < PIIX3_IRQS; i++)
        irq[i] = (struct irq){pic_set_irq, &pic, i};
    memcpy(piix3.irq, irq, sizeof(irq));
    for (unsigned chip = 0; chip < 2; chip++) {
        u16 port = chip ? 0xa0 : 0x20;

        outb(&b, port, 0x11);
        outb(&b, port + 1, chip ? 0x70 : 0x08);
        outb(&b, port + 1, chip ? 2 : 4);
        outb(&b, port + 1, 1);
        outb(&b, port + 1, 0);
    }
    outb(&b, 0x4d1, 0x08); /* 11 */
    set(0x61, 11);
    set(0x62, 11);
    pci_set_irq(&card[0], true);
    pci_set_irq(&card[1], true);
    ck_assert(intr);
    ck_assert_uint_eq(pic_ack(&pic), 0x73);
    ck_assert(!intr);
    pci_set_irq(&card[0], false);
    outb(&b, 0xa0, 0x20);
    outb(&b, 0x20, 0x20);
    ck_assert(intr);
    ck_assert_uint_eq(pic_ack(&pic), 0x73);
    pci_set_irq(&card[1], false);
    outb(&b, 0xa0, 0x20);
    outb(&b, 0x20, 0x20);
    ck_assert(!intr);
}
END_TEST

START_TEST(test_state)
{
    struct state save, load;

    set(0x61, 10);
    set(0x63, 5);
    pci_set_irq(&card[0], true);
    state_init_save(&save);
    pci_bus_state(&bus, &save);
    piix3_state(&piix3, &save);
    setup();
    state_init_load(&load, save.data, save.len);
    pci_bus_state(&bus, &load);
    piix3_state(&piix3, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(levels(), 1 << 10);
    pci_set_irq(&card[2], true);
    ck_assert_uint_eq(levels(), 1 << 10 | 1 << 5);
    state_free(&load);
    state_free(&save);
}
END_TEST

START_TEST(test_fuzz)
{
    u64 seed = 3;

    for (unsigned i = 0; i < 30000; i++) {
        u64 r = bench_random(&seed);

        ioport_write(&b.bus, 0xcf8, 0x80000800u | (r & 0xfc), 4);
        bench_fuzz(&b, 0xcfc, 4, 2, r | 1);
        pci_set_irq(&card[r >> 10 & 3], r >> 12 & 1);
        if ((r >> 13 & 7) == 0)
            piix3_set_sci(&piix3, 0, r >> 16 & 1);
        ck_assert_uint_eq(levels() & 0x2107, 0); /* 0, 1, 2, 8 and 13 are never PCI's */
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("piix3");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, test_registers, 0, ARRAY_SIZE(registers));
    tcase_add_test(tc, test_wiring);
    tcase_add_test(tc, test_routes);
    tcase_add_test(tc, test_sharing);
    tcase_add_test(tc, test_with_pic);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "piix3");
}
