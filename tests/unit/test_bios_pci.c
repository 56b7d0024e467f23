/* Tests of the BIOS's PCI set-up (bios/pci/pci_setup.c), run on the host against the real bus and chipset
 * and cards that want much. */
#include "devices/pci/i440fx.h"
#include "devices/chipset/pic.h"
#include "devices/pci/piix3.h"
#include "devices/pci/piix4_pm.h"
#include "tests/unit/dev_bench.h"

static struct bench b;

/* What bios/bios.h gives to the BIOS. */
#define BIOS_BIOS_H
#define inb  bios_inb
#define outb bios_outb

static u8 bios_inb(u16 port)
{
    return (u8)ioport_read(&b.bus, port, 1);
}

static u16 inw(u16 port)
{
    return (u16)ioport_read(&b.bus, port, 2);
}

static u32 inl(u16 port)
{
    return ioport_read(&b.bus, port, 4);
}

static void bios_outb(u16 port, u8 value)
{
    ioport_write(&b.bus, port, value, 1);
}

static void outw(u16 port, u16 value)
{
    ioport_write(&b.bus, port, value, 2);
}

static void outl(u16 port, u32 value)
{
    ioport_write(&b.bus, port, value, 4);
}

#include "bios/pci/pci_setup.c"

static struct pci_bus bus;
static struct phys phys;
static struct pic pic;
static struct i440fx fx;
static struct piix3 piix3;
static struct piix4_pm pm;
static struct pci_device ide, card[PCI_DEVICES];
static unsigned cards;
static struct log quiet;
static struct stats stats;
static struct pci_info info;

static void nothing(void *opaque)
{
    (void)opaque;
}

static void no_intr(void *opaque, bool level)
{
    (void)opaque, (void)level;
}

static void on_map(void *opaque, unsigned bar, u32 old, u32 base)
{
    (void)opaque, (void)bar, (void)old, (void)base;
}

static struct pci_device *new_card(u32 class, u8 pin)
{
    struct pci_device *dev = &card[cards++];

    pci_device_init(dev, "card", 0x1234, 0x1111, class, NULL);
    dev->config[PCI_INTERRUPT_PIN] = pin;
    return dev;
}

static void setup(void)
{
    struct irq irq[PIIX3_IRQS];

    cards = 0;
    bench_init(&b);
    ck_assert_int_eq(phys_init(&phys, I440FX_SHADOW_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_shadow(&phys, I440FX_SHADOW_BASE, I440FX_SHADOW_SIZE), 0);
    pic_init(&pic, &b.bus, no_intr, NULL);
    pci_bus_init(&bus, &b.bus);
    for (unsigned i = 0; i < PIIX3_IRQS; i++)
        irq[i] = (struct irq){pic_set_irq, &pic, i};
    i440fx_init(&fx, &bus, &phys, nothing, NULL);
    piix3_init(&piix3, &bus, irq);
    piix4_pm_init(&pm, &bus, PCI_DEVFN(1, 3), &b.bus, &b.clock, (struct irq){0}, nothing, NULL);
    pci_device_init(&ide, "ide", 0x8086, 0x7010, 0x010180, NULL);
    ide.bar[4] = (struct pci_bar){.size = 16, .io = true, .map = on_map};
    memset(&ide.writable[0x40], 0xff, 4);
    pci_add(&bus, &ide, PCI_DEVFN(1, 1));
}

static void teardown(void)
{
    phys_free(&phys);
}

START_TEST(test_board)
{
    struct pci_device *vga = new_card(0x030000, 0);

    vga->bar[0] = (struct pci_bar){.size = 16 * MIB, .prefetch = true, .map = on_map};
    vga->bar[2] = (struct pci_bar){.size = 0x1000, .map = on_map};
    vga->bar[PCI_ROM_BAR] = (struct pci_bar){.size = 0x10000, .map = on_map};
    pci_add(&bus, vga, PCI_DEVFN(2, 0));
    pci_setup(&info);

    ck_assert_uint_eq(info.last_bus, 0);
    ck_assert_uint_eq(info.pm_base, 0xb000);
    ck_assert_uint_eq(pm.base, 0xb000);
    ck_assert_uint_eq(pm.dev.config[PCI_INTERRUPT_LINE], 9);
    ck_assert_uint_eq(vga->bar[0].base, 0xe0000000);
    ck_assert_uint_eq(vga->bar[2].base, 0xfebff000);
    ck_assert_uint_eq(vga->bar[PCI_ROM_BAR].base, PCI_UNMAPPED); /* placed, not enabled */
    ck_assert_uint_eq(get32(&vga->config[PCI_ROM]), 0xfebe0000);
    ck_assert_uint_eq(get16(&vga->config[PCI_COMMAND]), 3);
    ck_assert_uint_eq(ide.bar[4].base, 0xc000);
    ck_assert_uint_eq(get16(&ide.config[PCI_COMMAND]), 5);
    ck_assert_uint_eq(get32(&ide.config[0x40]), 0x80008000);
    ck_assert_uint_eq(get16(&fx.dev.config[PCI_COMMAND]), 6);
    ck_assert_uint_eq(get32(&piix3.dev.config[0x60]), 0x0b0b0a0a);
    ck_assert_uint_eq(bios_inb(0x4d0), 0x00);
    ck_assert_uint_eq(bios_inb(0x4d1), 0x0e);
}
END_TEST

/* The line register names the interrupt that the pin really raises. */
START_TEST(test_lines)
{
    for (unsigned slot = 2; slot < 10; slot++) {
        struct pci_device *dev = new_card(0x020000, (u8)(slot % 4 + 1));

        pci_add(&bus, dev, PCI_DEVFN(slot, 0));
    }
    pci_setup(&info);
    for (unsigned i = 0; i < cards; i++) {
        u8 line = card[i].config[PCI_INTERRUPT_LINE];

        ck_assert(line == 10 || line == 11);
        ck_assert_uint_eq(pic.chip[1].lines, 0);
        pci_set_irq(&card[i], true);
        ck_assert_uint_eq(pic.chip[1].lines, 1u << (line - 8));
        pci_set_irq(&card[i], false);
    }
}
END_TEST

/* Random cards: what was placed is aligned, in its window, apart from all others; the rest is off. */
START_TEST(test_random)
{
    u64 seed = 1000 + (u64)_i;
    struct {
        u64 from, to;
        bool io;
    } taken[PCI_DEVICES * 8];
    unsigned count = 0, placed = 0;

    for (unsigned slot = 2; slot < 30; slot++) {
        struct pci_device *dev;

        if (bench_random(&seed) % 3 == 0)
            continue;
        dev = new_card(0x020000, 1);
        for (unsigned n = 0; n <= PCI_ROM_BAR; n++) {
            u64 r = bench_random(&seed);
            bool io = n != PCI_ROM_BAR && r & 1;

            if (r >> 1 & 1)
                continue;
            dev->bar[n] = (struct pci_bar){.size = io ? 4u << (r >> 8) % 7
                                                      : 0x1000u << (r >> 8) % (_i % 2 ? 19 : 12),
                                           .io = io,
                                           .prefetch = r >> 2 & 1,
                                           .map = on_map};
        }
        pci_add(&bus, dev, PCI_DEVFN(slot, 0));
    }
    pci_setup(&info);
    for (unsigned i = 0; i < bus.devices; i++) {
        for (unsigned n = 0; n <= PCI_ROM_BAR; n++) {
            const struct pci_bar *bar = &bus.device[i]->bar[n];
            u32 reg = get32(&bus.device[i]->config[n == PCI_ROM_BAR ? 0x30 : 0x10 + 4 * n]);
            u64 from = reg & ~(u64)(bar->io ? 3 : 15);

            if (!bar->size || !from)
                continue;
            placed++;
            ck_assert_uint_eq(from % bar->size, 0);
            ck_assert(bar->io ? from >= 0xc000 && from + bar->size <= 0x10000
                              : from >= 0xe0000000 && from + bar->size <= 0xfec00000);
            for (unsigned k = 0; k < count; k++)
                ck_assert(taken[k].io != bar->io || taken[k].to <= from ||
                          taken[k].from >= from + bar->size);
            taken[count].from = from;
            taken[count].to = from + bar->size;
            taken[count++].io = bar->io;
        }
    }
    ck_assert_uint_gt(placed, 10);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("bios_pci");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_board);
    tcase_add_test(tc, test_lines);
    tcase_add_loop_test(tc, test_random, 0, 40);
    return bench_main(tc, "bios_pci");
}
