/* Tests of the host bridge: identity, every PAM nibble against memory, SMRAM's lock, reset, state. */
#include "devices/pci/i440fx.h"

#include "tests/unit/dev_bench.h"

#define ROM_BASE 0xe0000u
#define ROM_SIZE 0x20000u
#define ROM_BYTE 0x5a
#define RAM_BYTE 0xc3

static struct bench b;
static struct pci_bus bus;
static struct i440fx fx;
static struct phys phys;
static struct log quiet;
static struct stats stats;
static unsigned flushes;

static void on_map(void *opaque)
{
    ck_assert_ptr_eq(opaque, &flushes);
    flushes++;
}

static void setup(void)
{
    static u8 rom[ROM_SIZE];

    memset(rom, ROM_BYTE, sizeof(rom));
    ck_assert_int_eq(phys_init(&phys, MIB + I440FX_SHADOW_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, 0xa0000), 0);
    ck_assert_int_eq(phys_add_rom(&phys, ROM_BASE, ROM_SIZE, rom, ROM_SIZE), 0);
    ck_assert_int_eq(phys_add_shadow(&phys, I440FX_SHADOW_BASE, I440FX_SHADOW_SIZE), 0);
    memset(phys.shadow.ram, RAM_BYTE, I440FX_SHADOW_SIZE);
    bench_init(&b);
    pci_bus_init(&bus, &b.bus);
    i440fx_init(&fx, &bus, &phys, on_map, &flushes);
    pci_bus_reset(&bus);
    i440fx_reset(&fx);
    flushes = 0;
}

static void teardown(void)
{
    phys_free(&phys);
}

static void select_reg(unsigned reg)
{
    ioport_write(&b.bus, 0xcf8, 0x80000000u | (reg & 0xfc), 4);
}

static u8 get(unsigned reg)
{
    select_reg(reg);
    return inb(&b, (u16)(0xcfc + (reg & 3)));
}

static void set(unsigned reg, u8 value)
{
    select_reg(reg);
    outb(&b, (u16)(0xcfc + (reg & 3)), value);
}

/* Datasheet 290549, table 3 and 3.2: values after reset, and what all ones leave. */
static const struct {
    u8 reg, value, ones;
} registers[] = {
    {0x00, 0x86, 0x86}, {0x01, 0x80, 0x80}, {0x02, 0x37, 0x37}, {0x03, 0x12, 0x12},
    {0x04, 0x06, 0x06}, {0x05, 0x00, 0x01}, {0x06, 0x80, 0x80}, {0x07, 0x02, 0x02},
    {0x09, 0x00, 0x00}, {0x0a, 0x00, 0x00}, {0x0b, 0x06, 0x06}, {0x0e, 0x00, 0x00},
    {0x10, 0x00, 0x00}, {0x3c, 0x00, 0x00}, {0x3d, 0x00, 0x00}, {0x59, 0x00, 0x30},
    {0x5a, 0x00, 0x33}, {0x5f, 0x00, 0x33}, {0x60, 0x01, 0xff}, {0x72, 0x02, 0x3a},
};

START_TEST(test_registers)
{
    ck_assert_uint_eq(get(registers[_i].reg), registers[_i].value);
    set(registers[_i].reg, 0xff);
    ck_assert_uint_eq(get(registers[_i].reg), registers[_i].ones);
}
END_TEST

static const struct {
    u8 reg, shift;
    u32 base, size;
} areas[] = {
    {0x59, 4, 0xf0000, 0x10000}, {0x5a, 0, 0xc0000, 0x4000}, {0x5a, 4, 0xc4000, 0x4000},
    {0x5b, 0, 0xc8000, 0x4000},  {0x5b, 4, 0xcc000, 0x4000}, {0x5c, 0, 0xd0000, 0x4000},
    {0x5c, 4, 0xd4000, 0x4000},  {0x5d, 0, 0xd8000, 0x4000}, {0x5d, 4, 0xdc000, 0x4000},
    {0x5e, 0, 0xe0000, 0x4000},  {0x5e, 4, 0xe4000, 0x4000}, {0x5f, 0, 0xe8000, 0x4000},
    {0x5f, 4, 0xec000, 0x4000},
};

/* Each nibble changes its area, from the first byte to the last, and no other. */
START_TEST(test_pam)
{
    u32 base = areas[_i].base, last = base + areas[_i].size - 1;

    for (unsigned bits = 0; bits < 4; bits++) {
        set(areas[_i].reg, (u8)(bits << areas[_i].shift));
        for (u32 pa = 0xc0000; pa < 0x100000; pa += 0x1000) {
            bool here = pa >= base && pa <= last, rom = pa >= ROM_BASE;
            u8 other = rom ? ROM_BYTE : 0xff;

            ck_assert_uint_eq(phys_load(&phys, pa, 1), here && bits & 1 ? RAM_BYTE : other);
            phys.shadow.ram[pa - 0xc0000] = RAM_BYTE;
            phys_store(&phys, pa, 0x77, 1);
            ck_assert_uint_eq(phys.shadow.ram[pa - 0xc0000], here && bits & 2 ? 0x77 : RAM_BYTE);
            phys.shadow.ram[pa - 0xc0000] = RAM_BYTE;
        }
        ck_assert_uint_eq(phys_load(&phys, last, 1), bits & 1           ? RAM_BYTE
                                                     : last >= ROM_BASE ? ROM_BYTE
                                                                        : 0xff);
    }
    ck_assert_uint_eq(flushes, 3);
    set(areas[_i].reg, (u8)(3 << areas[_i].shift)); /* nothing new */
    ck_assert_uint_eq(flushes, 3);
    pci_bus_reset(&bus);
    i440fx_reset(&fx);
    ck_assert_uint_eq(flushes, 4);
    ck_assert_uint_eq(phys_load(&phys, base, 1), base >= ROM_BASE ? ROM_BYTE : 0xff);
}
END_TEST

/* 3.2.25: D_LCK clears D_OPEN and holds until reset. */
START_TEST(test_smram)
{
    set(0x72, 0x48);
    ck_assert_uint_eq(get(0x72), 0x4a);
    set(0x72, 0x58);
    ck_assert_uint_eq(get(0x72), 0x1a);
    set(0x72, 0x60);
    ck_assert_uint_eq(get(0x72), 0x3a);
    pci_bus_reset(&bus);
    i440fx_reset(&fx);
    ck_assert_uint_eq(get(0x72), 0x02);
    set(0x72, 0x40);
    ck_assert_uint_eq(get(0x72), 0x42);
}
END_TEST

START_TEST(test_state)
{
    struct state save, load;

    set(0x59, 0x10);
    set(0x5e, 0x02);
    set(0x72, 0x10);
    state_init_save(&save);
    pci_bus_state(&bus, &save);
    i440fx_state(&fx, &save);
    set(0x59, 0x00);
    set(0x5e, 0x33);
    pci_bus_reset(&bus);
    i440fx_reset(&fx);
    state_init_load(&load, save.data, save.len);
    pci_bus_state(&bus, &load);
    i440fx_state(&fx, &load);
    ck_assert(!load.failed);
    ck_assert_uint_eq(get(0x59), 0x10);
    ck_assert_uint_eq(phys_load(&phys, 0xf0000, 1), RAM_BYTE);
    ck_assert_uint_eq(phys_load(&phys, 0xe0000, 1), ROM_BYTE);
    phys_store(&phys, 0xe0000, 0x11, 1);
    ck_assert_uint_eq(phys.shadow.ram[0x20000], 0x11);
    set(0x72, 0x40); /* still locked */
    ck_assert_uint_eq(get(0x72), 0x12);
    state_free(&load);
    state_free(&save);
}
END_TEST

START_TEST(test_fuzz)
{
    u64 seed = 77;

    for (unsigned i = 0; i < 20000; i++) {
        u64 r = bench_random(&seed);

        select_reg((unsigned)r & 0xff);
        bench_fuzz(&b, 0xcfc, 4, 2, r | 1);
        phys_store(&phys, 0xbfff8 + (r >> 20) % 0x40010, r, 8 >> (r >> 60) % 4);
        phys_load(&phys, 0xbfff8 + (r >> 30) % 0x40010, 8);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("i440fx");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_registers, 0, ARRAY_SIZE(registers));
    tcase_add_loop_test(tc, test_pam, 0, ARRAY_SIZE(areas));
    tcase_add_test(tc, test_smram);
    tcase_add_test(tc, test_state);
    tcase_add_test(tc, test_fuzz);
    return bench_main(tc, "i440fx");
}
