/* pc-testdev and pvpanic: each port and the memory, at every width. Expectations: QEMU 7.2's devices. */
#include "devices/chipset/pvpanic.h"
#include "devices/chipset/testdev.h"
#include "tests/unit/dev_bench.h"

#define MEMORY TESTDEV_MEMORY

static struct bench b;
static struct testdev dev;
static struct pvpanic panic;
static struct phys phys;
static struct log quiet;
static struct stats stats;
static u32 lines; /* that are high */
static u8 seen;   /* events */

static void set_line(void *opaque, unsigned line, bool level)
{
    ck_assert_ptr_eq(opaque, &b);
    lines = (lines & ~(1u << line)) | (u32)level << line;
}

static void event(void *opaque, u8 events)
{
    ck_assert_ptr_eq(opaque, &b);
    ck_assert_uint_ne(events, 0);
    seen = events;
}

static void setup(void)
{
    bench_init(&b);
    lines = 0;
    seen = 0;
    ck_assert_int_eq(phys_init(&phys, MIB, &quiet, &stats), 0);
    ck_assert_int_eq(testdev_init(&dev, &b.bus, &phys, (struct irq){set_line, &b, 0}), 0);
    pvpanic_init(&panic, &b.bus, PVPANIC_PORT, PVPANIC_PANICKED | PVPANIC_LOADED, event, &b);
}

static void teardown(void)
{
    phys_free(&phys);
}

START_TEST(test_ports)
{
    ioport_write(&b.bus, 0xe0, 0x12345678, 4);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe0, 4), 0x12345678);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe0, 2), 0x5678);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe2, 2), 0x1234);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe1, 1), 0x56);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe8, 4), 0x12345678); /* byte by byte */
    ioport_write(&b.bus, 0xe1, 0xabff, 1);
    ioport_write(&b.bus, 0xe2, 0xcdef, 2);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe0, 4), 0xcdefff78);
    ioport_write(&b.bus, 0xe4, 0x1000, 4);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe0, 4), 0xcdefff78);
}
END_TEST

START_TEST(test_lines)
{
    for (unsigned i = 0; i < TESTDEV_LINES; i++) {
        outb(&b, (u16)(0x2000 + i), (u8)(i + 1));
        ck_assert_uint_eq(lines, 1u << i);
        outb(&b, (u16)(0x2000 + i), 0);
        ck_assert_uint_eq(lines, 0);
    }
    outb(&b, 0x2000 + TESTDEV_LINES, 1);
    ck_assert_uint_eq(lines, 0);
}
END_TEST

START_TEST(test_memory)
{
    phys_store(&phys, MEMORY, 0x12345678, 4);
    phys_store(&phys, MEMORY + TESTDEV_MEMORY_SIZE - 2, 0xbeef, 2);
    ck_assert_uint_eq(phys_load(&phys, MEMORY + 1, 1), 0x56);
    ck_assert_uint_eq(phys_load(&phys, MEMORY + 2, 2), 0x1234);
    ck_assert_uint_eq(phys_load(&phys, MEMORY + TESTDEV_MEMORY_SIZE - 2, 2), 0xbeef);
    ck_assert_uint_eq(phys_load(&phys, MEMORY + TESTDEV_MEMORY_SIZE, 1), 0xff);
}
END_TEST

START_TEST(test_state)
{
    struct state save, load;

    ioport_write(&b.bus, 0xe0, 0x12345678, 4);
    phys_store(&phys, MEMORY + 77, 0x42, 1);
    state_init_save(&save);
    testdev_state(&dev, &save);
    ck_assert(!save.failed);
    ioport_write(&b.bus, 0xe0, 0, 4);
    phys_store(&phys, MEMORY + 77, 0, 1);
    state_init_load(&load, save.data, save.len);
    testdev_state(&dev, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(ioport_read(&b.bus, 0xe0, 4), 0x12345678);
    ck_assert_uint_eq(phys_load(&phys, MEMORY + 77, 1), 0x42);
    state_init_load(&load, save.data, save.len / 2);
    testdev_state(&dev, &load);
    ck_assert(load.failed);
    state_free(&save);
}
END_TEST

START_TEST(test_pvpanic)
{
    ck_assert_uint_eq(inb(&b, 0x505), 3);
    outb(&b, 0x505, 0);
    outb(&b, 0x505, 0xfc);
    ck_assert_uint_eq(seen, 0);
    outb(&b, 0x505, 0x05);
    ck_assert_uint_eq(seen, PVPANIC_PANICKED);
    outb(&b, 0x505, 2);
    ck_assert_uint_eq(seen, PVPANIC_LOADED);
    pvpanic_init(&panic, &b.bus, 0x600, PVPANIC_PANICKED, event, &b);
    ck_assert_uint_eq(inb(&b, 0x600), 1);
}
END_TEST

START_TEST(test_fuzz)
{
    bench_fuzz(&b, 0xe0, 12, 100000, 1);
    bench_fuzz(&b, 0x1ffd, 32, 100000, 2);
    bench_fuzz(&b, 0x503, 5, 100000, 3);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("testdev");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_ports);
    tcase_add_test(tc, test_lines);
    tcase_add_test(tc, test_memory);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_pvpanic);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "testdev");
}
