/* Tests of the PCI bus: configuration cycles, sizing and mapping of BARs, pins, port 0xcf9, reset, state. */
#include "devices/pci/pci.h"

#include <signal.h>

#include "tests/unit/dev_bench.h"

#define VENDOR 0x1234
#define DEVICE 0x5678

/* A function with a BAR of each kind, and what the bus told it. */
struct thing {
    struct pci_device dev;
    unsigned maps, changes;
    unsigned bar, offset, size; /* of the last call */
    u32 old, base;
    u32 mapped[PCI_ROM_BAR + 1]; /* where each BAR is, by the calls alone */
};

static struct bench b;
static struct pci_bus bus;
static struct thing thing, second;
static struct {
    unsigned calls, slot, pin, resets;
    bool level;
} chipset;

static void on_map(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct thing *t = opaque;

    ck_assert_uint_eq(t->mapped[bar], old);
    ck_assert_uint_eq(t->dev.bar[bar].base, base);
    ck_assert_uint_ne(old, base);
    t->maps++;
    t->bar = bar;
    t->old = old;
    t->base = t->mapped[bar] = base;
}

static void on_changed(void *opaque, unsigned offset, unsigned size)
{
    struct thing *t = opaque;

    t->changes++;
    t->offset = offset;
    t->size = size;
}

static void on_irq(void *opaque, unsigned slot, unsigned pin, bool level)
{
    ck_assert_ptr_eq(opaque, &chipset);
    chipset.calls++;
    chipset.slot = slot;
    chipset.pin = pin;
    chipset.level = level;
}

static void on_reset(void *opaque)
{
    ck_assert_ptr_eq(opaque, &chipset);
    chipset.resets++;
}

static void add_thing(struct thing *t, u8 devfn)
{
    memset(t, 0, sizeof(*t));
    memset(t->mapped, 0xff, sizeof(t->mapped));
    pci_device_init(&t->dev, "thing", VENDOR, DEVICE, 0x010180, t);
    t->dev.config[PCI_REVISION] = 3;
    t->dev.config[PCI_INTERRUPT_PIN] = 2;
    t->dev.config[PCI_STATUS + 1] = 0x02;
    t->dev.config[0x40] = 0x5a;
    t->dev.writable[0x40] = 0x0f;
    t->dev.bar[0] = (struct pci_bar){.size = 0x1000000, .prefetch = true, .map = on_map};
    t->dev.bar[2] = (struct pci_bar){.size = 0x1000, .map = on_map};
    t->dev.bar[4] = (struct pci_bar){.size = 16, .io = true, .map = on_map};
    t->dev.bar[PCI_ROM_BAR] = (struct pci_bar){.size = 0x8000, .map = on_map};
    t->dev.changed = on_changed;
    pci_add(&bus, &t->dev, devfn);
}

static void setup(void)
{
    bench_init(&b);
    memset(&chipset, 0, sizeof(chipset));
    pci_bus_init(&bus, &b.bus);
    bus.set_irq = on_irq;
    bus.reset = on_reset;
    bus.opaque = bus.reset_opaque = &chipset;
    bus.memory_first = 0x1000000;
    bus.memory_last = 0xfffbffff;
    add_thing(&thing, PCI_DEVFN(3, 0));
}

static void select_reg(u8 devfn, unsigned reg)
{
    ioport_write(&b.bus, 0xcf8, 0x80000000u | (u32)devfn << 8 | (reg & 0xfc), 4);
}

static u32 get(unsigned reg, unsigned size)
{
    select_reg(PCI_DEVFN(3, 0), reg);
    return ioport_read(&b.bus, (u16)(0xcfc + (reg & 3)), size);
}

static void set(unsigned reg, u32 value, unsigned size)
{
    select_reg(PCI_DEVFN(3, 0), reg);
    ioport_write(&b.bus, (u16)(0xcfc + (reg & 3)), value, size);
}

static const struct {
    unsigned reg, size;
    u32 value;
} reads[] = {
    {0x00, 4, 0x56781234}, {0x00, 2, 0x1234},     {0x02, 2, 0x5678}, {0x01, 1, 0x12},
    {0x01, 2, 0x7812}, /* across the middle: two byte lanes */
    {0x04, 4, 0x02000000}, {0x08, 4, 0x01018003}, {0x0e, 1, 0x00},   {0x10, 4, 0x00000008},
    {0x14, 4, 0},          {0x18, 4, 0},          {0x20, 4, 1},      {0x30, 4, 0},
    {0x3c, 2, 0x0200},     {0x40, 1, 0x5a},       {0x44, 4, 0},
};

START_TEST(test_read)
{
    ck_assert_uint_eq(get(reads[_i].reg, reads[_i].size), reads[_i].value);
}
END_TEST

START_TEST(test_address)
{
    static const struct {
        u32 address;
        bool there;
    } cases[] = {
        {0x80001800, true},  {0x80001803, true}, {0x00001800, false}, /* not enabled */
        {0x80011800, false},                                          /* another bus */
        {0x80001900, false},                                          /* another function */
        {0x80001000, false},                                          /* another slot */
        {0xff001800, true},                                           /* reserved bits */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        ioport_write(&b.bus, 0xcf8, cases[i].address, 4);
        ck_assert_uint_eq(ioport_read(&b.bus, 0xcf8, 4), cases[i].address & 0x80fffffc);
        ck_assert_uint_eq(ioport_read(&b.bus, 0xcfc, 4), cases[i].there ? 0x56781234 : 0xffffffff);
        ck_assert_uint_eq(inb(&b, 0xcfd), cases[i].there ? 0x12 : 0xff);
    }
    /* Only a dword reaches the register: Linux looks for the mechanism with a byte at 0xcfb. */
    ioport_write(&b.bus, 0xcf8, 0x80001840, 4);
    outb(&b, 0xcf8, 0);
    outb(&b, 0xcfb, 1);
    ioport_write(&b.bus, 0xcfa, 0, 2);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xcf8, 4), 0x80001840);
    ck_assert_uint_eq(inb(&b, 0xcfb), 0xff);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xcfa, 2), 0xffff);
}
END_TEST

START_TEST(test_masks)
{
    set(0x00, 0, 4);
    set(0x08, 0, 4);
    set(0x2c, 0xffffffff, 4);
    set(0x3c, 0xffffffff, 4);
    ck_assert_uint_eq(get(0x00, 4), 0x56781234);
    ck_assert_uint_eq(get(0x08, 4), 0x01018003);
    ck_assert_uint_eq(get(0x2c, 4), 0);
    ck_assert_uint_eq(get(0x3c, 4), 0x02ff);
    thing.changes = 0;
    set(0x40, 0xffffffff, 4);
    ck_assert_uint_eq(get(0x40, 4), 0x5f);
    ck_assert_uint_eq(thing.changes, 1);
    ck_assert_uint_eq(thing.offset, 0x40);
    ck_assert_uint_eq(thing.size, 4);
    set(0x40, 0xff, 1); /* nothing new */
    ck_assert_uint_eq(thing.changes, 1);
    set(0x41, 0xff, 1);
    ck_assert_uint_eq(thing.changes, 1);
    /* Status: errors are cleared by ones, all else is as it is. */
    thing.dev.config[PCI_STATUS + 1] = 0xfa;
    set(PCI_STATUS, 0x2fff, 2);
    ck_assert_uint_eq(get(PCI_STATUS, 2), 0xd200);
    set(PCI_COMMAND, 0xffff, 2);
    ck_assert_uint_eq(get(PCI_COMMAND, 2), 7);
}
END_TEST

static const struct {
    unsigned bar, reg;
    u32 size_mask; /* what reads back after all ones */
    u16 command;
    u32 value, base;
} bars[] = {
    {0, 0x10, 0xff000008, 2, 0xe0000000, 0xe0000000},
    {0, 0x10, 0xff000008, 2, 0xe0123456, 0xe0000000}, /* low bits are not there */
    {0, 0x10, 0xff000008, 1, 0xe0000000, PCI_UNMAPPED},
    {0, 0x10, 0xff000008, 7, 0x00000000, PCI_UNMAPPED},
    {0, 0x10, 0xff000008, 7, 0xffffffff, PCI_UNMAPPED}, /* being sized: the BIOS ROM is there */
    {2, 0x18, 0xfffff000, 2, 0xfebf0000, 0xfebf0000},
    {2, 0x18, 0xfffff000, 2, 0x00fff000, PCI_UNMAPPED}, /* RAM is there */
    {2, 0x18, 0xfffff000, 2, 0x01000000, 0x01000000},
    {2, 0x18, 0xfffff000, 2, 0xfffbf000, 0xfffbf000},
    {2, 0x18, 0xfffff000, 2, 0xfffc0000, PCI_UNMAPPED},
    {4, 0x20, 0xfffffff1, 1, 0x0000c000, 0xc000},
    {4, 0x20, 0xfffffff1, 2, 0x0000c000, PCI_UNMAPPED},
    {4, 0x20, 0xfffffff1, 1, 0x0000ffff, 0xfff0},
    {4, 0x20, 0xfffffff1, 1, 0x00010000, PCI_UNMAPPED}, /* 16 address lines */
    {PCI_ROM_BAR, 0x30, 0xffff8001, 2, 0xfea00001, 0xfea00000},
    {PCI_ROM_BAR, 0x30, 0xffff8001, 2, 0xfea00000, PCI_UNMAPPED},
};

START_TEST(test_bar)
{
    unsigned bar = bars[_i].bar, reg = bars[_i].reg;

    set(reg, 0xffffffff, 4);
    ck_assert_uint_eq(get(reg, 4), bars[_i].size_mask);
    ck_assert_uint_eq(thing.maps, 0); /* decoding is off */
    set(reg, bars[_i].value, 4);
    set(PCI_COMMAND, bars[_i].command, 2);
    ck_assert_uint_eq(thing.dev.bar[bar].base, bars[_i].base);
    ck_assert_uint_eq(thing.mapped[bar], bars[_i].base);
    ck_assert_uint_eq(thing.maps, bars[_i].base != PCI_UNMAPPED);
    ck_assert_uint_eq(thing.changes, 1); /* the command register; not the BAR */
    set(PCI_COMMAND, 0, 2);
    ck_assert_uint_eq(thing.mapped[bar], PCI_UNMAPPED);
    ck_assert_uint_eq(thing.maps, bars[_i].base != PCI_UNMAPPED ? 2 : 0);
}
END_TEST

START_TEST(test_bar_moves)
{
    set(0x18, 0xe0001000, 4);
    set(PCI_COMMAND, 3, 1);
    set(0x18, 0xe0002000, 4);
    ck_assert_uint_eq(thing.maps, 2);
    ck_assert_uint_eq(thing.old, 0xe0001000);
    ck_assert_uint_eq(thing.base, 0xe0002000);
    set(0x18, 0xe0002000, 4);
    ck_assert_uint_eq(thing.maps, 2);
    set(0x1b, 0xe1, 1); /* by bytes too */
    ck_assert_uint_eq(thing.mapped[2], 0xe1002000);
    set(0x18, 0xffffffff, 4); /* sized while decoding, as some BIOSes do */
    ck_assert_uint_eq(thing.mapped[2], PCI_UNMAPPED);
    set(0x18, 0xe1002000, 4);
    ck_assert_uint_eq(thing.mapped[2], 0xe1002000);
    pci_bus_reset(&bus);
    ck_assert_uint_eq(thing.mapped[2], PCI_UNMAPPED);
    ck_assert_uint_eq(get(0x18, 4), 0);
    ck_assert_uint_eq(get(PCI_COMMAND, 4), 0x02000000);
}
END_TEST

START_TEST(test_pins)
{
    struct thing other;

    add_thing(&second, PCI_DEVFN(3, 1)); /* shares INTB# of slot 3 */
    add_thing(&other, PCI_DEVFN(4, 0));
    pci_set_irq(&thing.dev, true);
    ck_assert_uint_eq(chipset.calls, 1);
    ck_assert_uint_eq(chipset.slot, 3);
    ck_assert_uint_eq(chipset.pin, 1);
    ck_assert(chipset.level);
    pci_set_irq(&second.dev, true);
    pci_set_irq(&thing.dev, false);
    ck_assert_uint_eq(chipset.calls, 1);
    ck_assert(pci_pin_level(&bus, 3, 1));
    ck_assert(!pci_pin_level(&bus, 3, 0));
    ck_assert(!pci_pin_level(&bus, 4, 1));
    pci_set_irq(&second.dev, false);
    ck_assert_uint_eq(chipset.calls, 2);
    ck_assert(!chipset.level);
    pci_set_irq(&other.dev, true);
    ck_assert_uint_eq(chipset.slot, 4);
    pci_bus_reset(&bus);
    ck_assert_uint_eq(chipset.calls, 4);
    ck_assert(!chipset.level);
}
END_TEST

START_TEST(test_multi_function)
{
    ck_assert_uint_eq(get(PCI_HEADER_TYPE, 1), 0);
    add_thing(&second, PCI_DEVFN(3, 2));
    ck_assert_uint_eq(get(PCI_HEADER_TYPE, 1), 0x80);
    ck_assert_uint_eq(second.dev.config[PCI_HEADER_TYPE], 0);
    pci_bus_reset(&bus);
    ck_assert_uint_eq(get(PCI_HEADER_TYPE, 1), 0x80);
}
END_TEST

/* Intel 82371SB, 2.5.6: RCPU, bit 2, resets at its rise; bit 1 says which kind. */
START_TEST(test_reset_control)
{
    select_reg(PCI_DEVFN(3, 0), 0);
    outb(&b, 0xcf9, 0x02);
    ck_assert_uint_eq(chipset.resets, 0);
    outb(&b, 0xcf9, 0xff);
    ck_assert_uint_eq(chipset.resets, 1);
    ck_assert_uint_eq(inb(&b, 0xcf9), 0x06);
    outb(&b, 0xcf9, 0x06);
    ck_assert_uint_eq(chipset.resets, 1);
    outb(&b, 0xcf9, 0x00);
    outb(&b, 0xcf9, 0x04);
    ck_assert_uint_eq(chipset.resets, 2);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xcf8, 4), 0x80001800);
    pci_bus_reset(&bus);
    ck_assert_uint_eq(inb(&b, 0xcf9), 0);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xcf8, 4), 0);
}
END_TEST

static void save_bus(struct state *save)
{
    state_init_save(save);
    pci_bus_state(&bus, save);
    ck_assert(!save->failed);
}

START_TEST(test_state)
{
    struct state save, load;

    set(0x10, 0xe0000000, 4);
    set(0x20, 0xc000, 4);
    set(0x3c, 11, 1);
    set(0x40, 0x07, 1);
    outb(&b, 0xcf9, 0x02);
    pci_set_irq(&thing.dev, true);
    set(PCI_COMMAND, 5, 1);
    save_bus(&save);
    setup();
    set(0x18, 0xe2000000, 4);
    set(PCI_COMMAND, 2, 1);
    state_init_load(&load, save.data, save.len);
    pci_bus_state(&bus, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(thing.mapped[0], PCI_UNMAPPED); /* memory was not decoded */
    ck_assert_uint_eq(thing.mapped[2], PCI_UNMAPPED);
    ck_assert_uint_eq(thing.mapped[4], 0xc000);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xcf8, 4), 0x80001804);
    ck_assert_uint_eq(inb(&b, 0xcf9), 0x02);
    ck_assert_uint_eq(get(0x10, 4), 0xe0000008);
    ck_assert_uint_eq(get(0x18, 4), 0);
    ck_assert_uint_eq(get(0x3c, 2), 0x020b);
    ck_assert_uint_eq(get(0x40, 1), 0x57);
    ck_assert(pci_pin_level(&bus, 3, 1));
    state_free(&load);
    state_free(&save);
}
END_TEST

/* Whatever a file says, identity and BARs stay such as the bus makes them. */
START_TEST(test_bad_state)
{
    u64 seed = 5;

    for (unsigned round = 0; round < 300; round++) {
        struct state save, load;
        size_t len;

        save_bus(&save);
        for (size_t i = 0; i < save.len; i++)
            if (save.data[i] == 0 || bench_random(&seed) % 4 == 0)
                if (i % 292 >= 20) /* not the sections' headers */
                    save.data[i] = (u8)bench_random(&seed);
        len = round % 3 ? save.len : bench_random(&seed) % save.len;
        state_init_load(&load, save.data, len);
        pci_bus_state(&bus, &load);
        ck_assert_uint_eq(get(0x00, 4), 0x56781234);
        ck_assert_uint_eq(get(0x08, 4), 0x01018003);
        ck_assert_uint_eq(get(0x3d, 1), 2);
        ck_assert_uint_eq(get(0x10, 4) & 0x00ffffff, 8);
        ck_assert_uint_eq(get(0x20, 4) & 0xf, 1);
        state_free(&load);
        state_free(&save);
    }
}
END_TEST

START_TEST(test_fuzz)
{
    add_thing(&second, PCI_DEVFN(3, 1));
    for (u64 i = 1; i < 30000; i++) {
        u64 r = i * 0x9e3779b97f4a7c15ull;

        ioport_write(&b.bus, 0xcf8, 0x80001800u | (r >> 20 & 0x1ff), 4);
        bench_fuzz(&b, 0xcf8 + (r >> 33 & 4), 4, 4, r | 1);
        if ((r >> 40 & 255) == 0)
            pci_bus_reset(&bus);
        for (unsigned n = 0; n <= PCI_ROM_BAR; n++)
            ck_assert_uint_eq(thing.mapped[n],
                              thing.dev.bar[n].size ? thing.dev.bar[n].base : PCI_UNMAPPED);
    }
    ck_assert_uint_gt(thing.maps, 100);
}
END_TEST

START_TEST(test_twice)
{
    add_thing(&second, PCI_DEVFN(3, 0)); /* aborts */
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pci");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_read, 0, ARRAY_SIZE(reads));
    tcase_add_test(tc, test_address);
    tcase_add_test(tc, test_masks);
    tcase_add_loop_test(tc, test_bar, 0, ARRAY_SIZE(bars));
    tcase_add_test(tc, test_bar_moves);
    tcase_add_test(tc, test_pins);
    tcase_add_test(tc, test_multi_function);
    tcase_add_test(tc, test_reset_control);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_bad_state);
    tcase_add_test(tc, test_fuzz);
    tcase_add_test_raise_signal(tc, test_twice, SIGABRT);
    return bench_main(tc, "pci");
}
