/* Tests of power management: place of the ports, the timer to the tick, events and SCI, soft off, ACPI on
 * and off, the power button; and of the port that switches off. */
#include "devices/pci/piix4_pm.h"

#include "devices/chipset/shutdown_port.h"
#include "tests/unit/dev_bench.h"

#define BASE 0xb000
#define SEC  1000000000ull

static struct bench b;
static struct pci_bus bus;
static struct piix4_pm pm;
static struct shutdown_port shutdown;
static unsigned offs;

static void on_power_off(void *opaque)
{
    ck_assert_ptr_eq(opaque, &offs);
    offs++;
}

static void set(unsigned reg, u32 value, unsigned size)
{
    ioport_write(&b.bus, 0xcf8, 0x80000b00u | (reg & 0xfc), 4);
    ioport_write(&b.bus, (u16)(0xcfc + (reg & 3)), value, size);
}

static u32 get(unsigned reg, unsigned size)
{
    ioport_write(&b.bus, 0xcf8, 0x80000b00u | (reg & 0xfc), 4);
    return ioport_read(&b.bus, (u16)(0xcfc + (reg & 3)), size);
}

static void setup(void)
{
    offs = 0;
    bench_init(&b);
    pci_bus_init(&bus, &b.bus);
    piix4_pm_init(&pm, &bus, PCI_DEVFN(1, 3), &b.bus, &b.clock, bench_irq(&b, 9), on_power_off,
                  &offs);
    shutdown_port_init(&shutdown, &b.bus, on_power_off, &offs);
    pci_bus_reset(&bus);
    piix4_pm_reset(&pm);
    set(0x40, BASE, 4);
    set(0x80, 1, 1);
}

static u32 in(unsigned offset, unsigned size)
{
    return ioport_read(&b.bus, (u16)(BASE + offset), size);
}

static void out(unsigned offset, u32 value, unsigned size)
{
    ioport_write(&b.bus, (u16)(BASE + offset), value, size);
}

START_TEST(test_identity)
{
    ck_assert_uint_eq(get(0x00, 4), 0x71138086);
    ck_assert_uint_eq(get(0x08, 4), 0x06800003);
    ck_assert_uint_eq(get(0x3d, 1), 1);
    ck_assert_uint_eq(get(0x58, 4), 0x02000000); /* APMC_EN: SMIs are set up */
    ck_assert_uint_eq(get(0x90, 4), 1);
    set(0x90, 0xffff, 4);
    ck_assert_uint_eq(get(0x90, 4), 1);
}
END_TEST

START_TEST(test_place)
{
    ck_assert_uint_eq(get(0x40, 4), BASE | 1);
    out(2, 0x0101, 2);
    ck_assert_uint_eq(in(2, 2), 0x0101);
    set(0x40, 0xffffffff, 4);
    ck_assert_uint_eq(get(0x40, 4), 0xffc1);
    ck_assert_uint_eq(in(2, 2), 0xffff);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xffc2, 2), 0x0101);
    set(0x80, 0, 1);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xffc2, 2), 0xffff);
    set(0x40, 0x400, 4);
    set(0x80, 0xff, 1);
    ck_assert_uint_eq(get(0x80, 1), 1);
    ck_assert_uint_eq(ioport_read(&b.bus, 0x402, 2), 0x0101);
    set(0x40, 0, 4); /* nowhere, and not in the way of the DMA controller */
    ck_assert_uint_eq(ioport_read(&b.bus, 2, 2), 0xffff);
    for (unsigned i = 0x40; i < 0x400; i++) /* above the bus's own ports */
        set(0x40, i << 6, 2);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xffc2, 2), 0x0101);
    pci_bus_reset(&bus);
    piix4_pm_reset(&pm);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xffc2, 2), 0xffff);
}
END_TEST

START_TEST(test_timer)
{
    static const struct {
        u64 ns;
        u32 ticks;
    } at[] = {
        {0, 0},
        {279, 0},
        {280, 1}, /* 1 / 3579545 s is 279.365 ns */
        {SEC, 3579545},
        {2 * SEC, 7159090},
        {4 * SEC, 14318180},
        {5 * SEC, 17897725 - 0x1000000}, /* 24 bits */
        {3600 * SEC, (u32)((3600ull * 3579545) & 0xffffff)},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        bench_until(&b, at[i].ns);
        ck_assert_uint_eq(in(8, 4), at[i].ticks);
        ck_assert_uint_eq(in(8, 2), at[i].ticks & 0xffff);
        ck_assert_uint_eq(in(0xb, 1), 0);
        ck_assert_uint_eq(in(0xa, 1), at[i].ticks >> 16);
        ck_assert_uint_eq(in(9, 2), at[i].ticks >> 8 & 0xffff);
    }
    out(8, 0, 4); /* read-only */
    ck_assert_uint_eq(in(8, 4), at[7].ticks);
}
END_TEST

/* The status bit comes when bit 23 changes: after 2^23 / 3579545 s. (ACPI 1.0b, 4.7.3.3) */
START_TEST(test_overflow)
{
    u64 half = (8388608ull * SEC + 3579544) / 3579545;

    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX);
    bench_until(&b, half - 1);
    ck_assert_uint_eq(in(0, 2), 0);
    bench_until(&b, half);
    ck_assert_uint_eq(in(0, 2), 1);
    out(0, 1, 2);
    ck_assert_uint_eq(in(0, 2), 0);
    out(4, 1, 2);
    ck_assert_uint_eq(clock_next(&b.clock), UINT64_MAX); /* nobody hears of it */
    out(2, 1, 2);
    bench_pass(&b, 3 * SEC);
    ck_assert(b.level[9]);
    ck_assert_uint_eq(b.rose_at[9], (2 * 8388608ull * SEC + 3579544) / 3579545);
    out(0, 1, 2);
    ck_assert(!b.level[9]);
    bench_pass(&b, 100 * SEC);
    ck_assert_uint_eq(b.rises[9], 2); /* and stays high until it is cleared */
    out(4, 0, 2);
    ck_assert(!b.level[9]);
    ck_assert_uint_eq(in(0, 2), 1);
}
END_TEST

START_TEST(test_button)
{
    ck_assert(!piix4_pm_power_button(&pm));
    ck_assert_uint_eq(in(0, 2), 0x100);
    ck_assert(!b.level[9]);
    out(0, 0xffff, 2);
    ck_assert_uint_eq(in(0, 2), 0);
    outb(&b, 0xb2, 0xf1);
    ck_assert_uint_eq(in(4, 2), 1);
    out(2, 0x100, 2);
    ck_assert(piix4_pm_power_button(&pm));
    ck_assert(b.level[9]);
    out(0, 0x00ff, 2);
    ck_assert(b.level[9]);
    out(1, 0x01, 1); /* the high byte alone */
    ck_assert(!b.level[9]);
    outb(&b, 0xb2, 0xf0);
    ck_assert_uint_eq(in(4, 2), 0);
    ck_assert(!piix4_pm_power_button(&pm));
    outb(&b, 0xb2, 0x55);
    outb(&b, 0xb3, 0xaa);
    ck_assert_uint_eq(inb(&b, 0xb2), 0x55);
    ck_assert_uint_eq(inb(&b, 0xb3), 0xaa);
    ck_assert_uint_eq(in(4, 2), 0);
}
END_TEST

static const struct {
    unsigned offset, size;
    u32 value;
    unsigned offs;
} sleeps[] = {
    {4, 2, 0x2000, 1}, {4, 2, 0x2001, 1}, {5, 1, 0x20, 1}, {4, 4, 0x2000, 1}, {4, 2, 0x0000, 0},
    {4, 2, 0x2400, 0}, {4, 2, 0x3400, 0}, {4, 1, 0x20, 0}, {4, 2, 0x1c00, 0},
};

START_TEST(test_sleep)
{
    out(sleeps[_i].offset, sleeps[_i].value, sleeps[_i].size);
    ck_assert_uint_eq(offs, sleeps[_i].offs);
    ck_assert_uint_eq(in(4, 2) & 0x2000, 0); /* SLP_EN reads as zero */
}
END_TEST

START_TEST(test_gpe)
{
    ck_assert_uint_eq(in(0xc, 4), 0);
    out(0xe, 0xffff, 2);
    ck_assert_uint_eq(in(0xe, 2), 0x0f01);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xafe0, 4), 0x0f010000);
    outb(&b, 0xafe3, 0);
    ck_assert_uint_eq(in(0xe, 2), 0x0001);
    ck_assert(!b.level[9]);
    out(0x28, 0x12345678, 4); /* GLBCTL reads back */
    ck_assert_uint_eq(in(0x28, 4), 0x12345678);
    out(0x30, 0x12345678, 4); /* inputs do not */
    ck_assert_uint_eq(in(0x30, 4), 0);
    ck_assert_uint_eq(in(0x3e, 4), 0xffff0000); /* across the end */
}
END_TEST

START_TEST(test_state)
{
    struct state save, load;

    out(4, 1, 2);
    out(2, 0x101, 2);
    bench_until(&b, SEC);
    piix4_pm_power_button(&pm);
    state_init_save(&save);
    pci_bus_state(&bus, &save);
    piix4_pm_state(&pm, &save);
    setup();
    set(0x80, 0, 1);
    bench_until(&b, SEC);
    state_init_load(&load, save.data, save.len);
    pci_bus_state(&bus, &load);
    piix4_pm_state(&pm, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(in(0, 2), 0x100);
    ck_assert_uint_eq(in(2, 2), 0x101);
    ck_assert(b.level[9]);
    ck_assert_uint_eq(clock_next(&b.clock), (8388608ull * SEC + 3579544) / 3579545);
    state_free(&load);
    state_free(&save);
}
END_TEST

START_TEST(test_shutdown_port)
{
    static const struct {
        const char *text;
        unsigned offs;
    } texts[] = {
        {"Shutdown", 1},         {"shutdown", 0},  {"Shutdow", 0},   {"ShShutdown", 1},
        {"ShutdownShutdown", 2}, {"Shut down", 0}, {"SShutdown", 1},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
        struct state save, load;

        offs = 0;
        shutdown_port_reset(&shutdown);
        for (const char *p = texts[i].text; *p; p++) {
            outb(&b, 0x8900, (u8)*p);
            state_init_save(&save); /* in the middle of the word, too */
            shutdown_port_state(&shutdown, &save);
            shutdown_port_reset(&shutdown);
            state_init_load(&load, save.data, save.len);
            shutdown_port_state(&shutdown, &load);
            ck_assert(!load.failed);
            if (i == 0 && p[1] == 0) {
                save.data[save.len - 1] = 8;
                state_init_load(&load, save.data, save.len);
                shutdown_port_state(&shutdown, &load);
                ck_assert(load.failed);
            }
            state_free(&save);
        }
        ck_assert_uint_eq(offs, texts[i].offs);
    }
    ck_assert_uint_eq(inb(&b, 0x8900), 0xff);
}
END_TEST

START_TEST(test_fuzz)
{
    bench_fuzz(&b, BASE, PIIX4_PM_PORTS, 200000, 11);
    bench_fuzz(&b, 0xafe0, 4, 20000, 12);
    bench_fuzz(&b, 0xb2, 2, 20000, 13);
    bench_fuzz(&b, 0x8900, 1, 20000, 14);
    for (u64 i = 1; i < 20000; i++) {
        u64 r = i * 0x9e3779b97f4a7c15ull;

        ioport_write(&b.bus, 0xcf8, 0x80000b00u | (r >> 20 & 0xfc), 4);
        bench_fuzz(&b, 0xcfc, 4, 2, r);
        bench_fuzz(&b, (u16)(pm.base ? pm.base : BASE), 16, 2, r);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("piix4_pm");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, test_identity);
    tcase_add_test(tc, test_place);
    tcase_add_test(tc, test_timer);
    tcase_add_test(tc, test_overflow);
    tcase_add_test(tc, test_button);
    tcase_add_loop_test(tc, test_sleep, 0, ARRAY_SIZE(sleeps));
    tcase_add_test(tc, test_gpe);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_shutdown_port);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "piix4_pm");
}
