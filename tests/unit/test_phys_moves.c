/* Tests of the guest-physical map when it changes: shadow RAM, memory that moves, devices that come and go. */
#include "tests/unit/bench_main.h"
#include "tests/unit/phys_rig.h"

#include <errno.h>
#include <stdlib.h>

/* Shadow RAM under the ROM's alias and 64 KiB of nothing before it: what loads read after a store of
 * 0x11 in each mode, with 0x99 in the RAM before. */
static const struct {
    bool read, write;
    u64 pa;
    u8 load, ram; /* what is read, and what is in the RAM afterwards */
    u64 kind;
} shadow_cases[] = {
    {false, false, ROM_ALIAS + 1, 0x07, 0x99, PHYS_ROM},
    {false, true, ROM_ALIAS + 1, 0x07, 0x11, PHYS_ROM | PHYS_SPLIT},
    {true, false, ROM_ALIAS + 1, 0x99, 0x99, PHYS_ROM},
    {true, true, ROM_ALIAS + 1, 0x11, 0x11, PHYS_RAM | PHYS_STORED},
    {false, false, ROM_ALIAS - 1, 0xff, 0x99, 0},
    {false, true, ROM_ALIAS - 1, 0xff, 0x11, PHYS_SPLIT},
    {true, false, ROM_ALIAS - 1, 0x99, 0x99, PHYS_ROM},
    {true, true, ROM_ALIAS - 1, 0x11, 0x11, PHYS_RAM | PHYS_STORED},
};

#define SHADOW_BASE (ROM_ALIAS - 0x10000)
#define SHADOW_SIZE 0x30000u

static void shadow_setup(void)
{
    phys_free(&phys);
    ck_assert_int_eq(phys_init(&phys, ROM_SIZE + SHADOW_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_rom(&phys, ROM_BASE, ROM_SIZE, NULL, 0), 0);
    for (unsigned i = 0; i < ROM_SIZE; i++)
        phys_poke(&phys, ROM_BASE + i, &(u8){(u8)(i * 7)}, 1);
    ck_assert_int_eq(phys_add_alias(&phys, ROM_ALIAS, ROM_BASE, ROM_SIZE), 0);
    ck_assert_int_eq(phys_add_shadow(&phys, SHADOW_BASE, SHADOW_SIZE), 0);
    phys_listen(&phys, &(struct phys_listener){PHYS_CODE, code_hook, NULL, &hook});
}

START_TEST(test_shadow)
{
    bool read = shadow_cases[_i].read, write = shadow_cases[_i].write;
    u64 pa = shadow_cases[_i].pa;
    u8 *ram;

    shadow_setup();
    ram = phys.shadow.ram + (pa - SHADOW_BASE);
    *ram = 0x99;
    ck_assert(phys_set_shadow(&phys, SHADOW_BASE, SHADOW_SIZE, read, write) == (read || write));
    ck_assert_uint_eq(phys_page(&phys, pa) & PAGE_MASK, shadow_cases[_i].kind);
    phys_store(&phys, pa, 0x11, 1);
    ck_assert_uint_eq(phys_load(&phys, pa, 1), shadow_cases[_i].load);
    ck_assert_uint_eq(*ram, shadow_cases[_i].ram);
    ck_assert(phys_is_ram(&phys, pa, 1) == (read && write));
    phys_write(&phys, pa, "\x22", 1);
    ck_assert_uint_eq(*ram, write ? 0x22 : 0x99);
    ck_assert(!phys_set_shadow(&phys, SHADOW_BASE, SHADOW_SIZE, read, write));
    /* The ROM itself is as it was. */
    phys_set_shadow(&phys, SHADOW_BASE, SHADOW_SIZE, false, false);
    ck_assert_uint_eq(phys_load(&phys, ROM_ALIAS, 4), 0x150e0700);
    ck_assert_uint_eq(phys_load(&phys, ROM_BASE, 4), 0x150e0700);
    ck_assert_uint_eq(phys_load(&phys, ROM_ALIAS - 4, 4), 0xffffffff);
}
END_TEST

/* How a BIOS copies itself, across the border of two kinds of page, and then locks the copy. */
START_TEST(test_shadow_copy)
{
    static u8 copy[SHADOW_SIZE], seen[SHADOW_SIZE];

    shadow_setup();
    phys_set_shadow(&phys, SHADOW_BASE, SHADOW_SIZE, false, true);
    phys_read(&phys, SHADOW_BASE, copy, SHADOW_SIZE);
    ck_assert_uint_eq(copy[0xffff], 0xff);
    ck_assert_uint_eq(copy[0x10001], 0x07);
    phys_write(&phys, SHADOW_BASE, copy, SHADOW_SIZE);
    phys_set_shadow(&phys, SHADOW_BASE + 0x4000, 0x4000, true, false);
    phys_set_shadow(&phys, SHADOW_BASE + 0x8000, SHADOW_SIZE - 0x8000, true, true);
    phys_read(&phys, SHADOW_BASE, seen, SHADOW_SIZE);
    ck_assert_mem_eq(seen, copy, SHADOW_SIZE);
    /* New ROM behind: seen only where the RAM is not. */
    ck_assert_int_eq(phys_add_alias(&phys, SHADOW_BASE, ROM_BASE, 0x8000), 0);
    ck_assert_uint_eq(phys_load(&phys, SHADOW_BASE + 1, 1), 0x07);
    ck_assert_uint_eq(phys_load(&phys, SHADOW_BASE + 0x4001, 1), 0xff);
    phys_store(&phys, SHADOW_BASE + 1, 0x33, 1);
    ck_assert_uint_eq(phys.shadow.ram[1], 0x33); /* still for writing only */
    phys_set_shadow(&phys, SHADOW_BASE + 0x4000, 0x4000, false, false);
    ck_assert_uint_eq(phys_load(&phys, SHADOW_BASE + 0x4001, 1), 0x07);
}
END_TEST

/* A switch changes the bytes: the hook hears of it before. A store that is not seen changes none. */
START_TEST(test_shadow_code)
{
    shadow_setup();
    hook.calls = 0;
    phys_set_code(&phys, ROM_ALIAS, true);
    ck_assert(phys_set_shadow(&phys, ROM_ALIAS, PAGE_SIZE, true, true));
    ck_assert_uint_eq(hook.calls, 1);
    ck_assert_uint_eq(hook.pa, ROM_ALIAS);
    ck_assert_uint_eq(hook.len, PAGE_SIZE);
    ck_assert(!(phys_page(&phys, ROM_ALIAS) & PHYS_CODE));
    phys_set_code(&phys, ROM_ALIAS, true);
    phys_store(&phys, ROM_ALIAS + 8, 1, 1);
    ck_assert_uint_eq(hook.calls, 2);
    phys_set_shadow(&phys, ROM_ALIAS, PAGE_SIZE, false, true);
    ck_assert_uint_eq(hook.calls, 3);
    phys_set_code(&phys, ROM_ALIAS, true);
    phys_store(&phys, ROM_ALIAS + 8, 2, 1);
    ck_assert_uint_eq(hook.calls, 3);
}
END_TEST

START_TEST(test_shadow_bad)
{
    shadow_setup();
    ck_assert_int_eq(phys_add_shadow(&phys, 0x40000, 0x1000), -EINVAL); /* one only */
    ck_assert_int_eq(phys_add_ram(&phys, SHADOW_BASE, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_add_mmio(&phys, SHADOW_BASE - 0x1000, 0x2000, &device_ops, NULL),
                     -EINVAL);
    ck_assert_int_eq(phys_add_mmio(&phys, SHADOW_BASE - 0x1000, 0x1000, &device_ops, NULL), 0);
    ck_assert_int_eq(phys_add_mmio(&phys, SHADOW_BASE + SHADOW_SIZE, 0x1000, &device_ops, NULL), 0);
    /* An alias of a page that is split is the ROM alone. */
    phys_set_shadow(&phys, ROM_ALIAS, PAGE_SIZE, false, true);
    ck_assert_int_eq(phys_add_alias(&phys, 0x200000, ROM_ALIAS, PAGE_SIZE), 0);
    ck_assert_uint_eq(phys_page(&phys, 0x200000) & PAGE_MASK, PHYS_ROM);
    phys_free(&phys);
    ck_assert_int_eq(phys_init(&phys, RAM_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_shadow(&phys, 0xc0000, 0x41000), -EINVAL);
    ck_assert_int_eq(phys_add_shadow(&phys, 0xc0800, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM_SIZE - 0x1000), 0);
    ck_assert_int_eq(phys_add_shadow(&phys, 0xc0000, 0x1000), -EINVAL); /* RAM lies there */
    ck_assert_int_eq(phys_add_shadow(&phys, RAM_SIZE, 0x2000), -ENOMEM);
}
END_TEST

/* Taken memory moves, lies at two addresses, and goes; each address has its own dirty bit. */
START_TEST(test_move)
{
    u8 *memory;

    ck_assert_ptr_null(phys_take(&phys, 0x1000)); /* the capacity is used up */
    teardown();
    ck_assert_int_eq(phys_init(&phys, 0x8000, &quiet, &stats), 0);
    phys_listen(&phys, &(struct phys_listener){PHYS_CODE, code_hook, NULL, &hook});
    ck_assert_int_eq(phys_add_ram(&phys, 0, 0x4000), 0);
    ck_assert_ptr_null(phys_take(&phys, 0x5000));
    ck_assert_ptr_null(phys_take(&phys, 0x800));
    ck_assert_ptr_null(phys_take(&phys, 0));
    memory = phys_take(&phys, 0x3000);
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_eq(phys.ram_size, 0x4000);
    ck_assert_uint_eq(phys_load(&phys, 0x100000, 4), 0xffffffff);

    ck_assert_int_eq(phys_map_ram(&phys, 0x100000, memory, 0x3000), 0);
    ck_assert_int_eq(phys_map_ram(&phys, 0x2000, memory + 0x1000, 0x1000), 0);
    phys_store(&phys, 0x101234, 0x12345678, 4);
    ck_assert_uint_eq(phys_load(&phys, 0x2234, 4), 0x12345678);
    ck_assert(phys_page(&phys, 0x101000) & PHYS_DIRTY);
    ck_assert(!(phys_page(&phys, 0x2000) & PHYS_DIRTY));
    phys_set_code(&phys, 0x102000, true);
    ck_assert_int_eq(phys_remove(&phys, 0x100000, 0x3000), 0);
    ck_assert_uint_eq(hook.calls, 1); /* the bytes there changed, too */
    ck_assert_uint_eq(phys_load(&phys, 0x101234, 4), 0xffffffff);
    ck_assert_ptr_null(phys_host(&phys, 0x101000));
    ck_assert_int_eq(phys_map_ram(&phys, 0xfffff000, memory + 0x1000, 0x1000), 0);
    ck_assert_uint_eq(phys_load(&phys, 0xfffff234, 4), 0x12345678);
    ck_assert(!(phys_page(&phys, 0xfffff000) & PHYS_DIRTY));

    ck_assert_int_eq(phys_map_rom(&phys, 0x100000, memory + 0x1000, 0x1000), 0);
    phys_store(&phys, 0x100234, 0, 4);
    ck_assert_uint_eq(phys_load(&phys, 0x100234, 4), 0x12345678);
    ck_assert_int_eq(phys_map_rom(&phys, 0x100000, memory, 0x5000), -EINVAL);
    ck_assert_int_eq(phys_map_ram(&phys, 0x100000, memory, 0x5000), -EINVAL);
    ck_assert_int_eq(phys_map_ram(&phys, 0x100000, memory + 1, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_map_ram(&phys, 0x100000, memory - 0x10000, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_map_ram(&phys, 0xfffff000, memory, 0x2000), -EINVAL);
    ck_assert_int_eq(phys_remove(&phys, 0x100800, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_remove(&phys, 0xfffff000, 0x2000), -EINVAL);
}
END_TEST

/* A range's number is free again when no page has it. */
START_TEST(test_mmio_again)
{
    for (unsigned i = 0; i < 4 * PHYS_MMIO_MAX; i++) {
        u64 pa = 0x300000 + i * 0x1000;

        ck_assert_int_eq(phys_add_mmio(&phys, pa, 0x2000, &device_ops, &device), 0);
        ck_assert_int_eq(phys_remove(&phys, pa, 0x1000), 0);
        device.count = 0;
        ck_assert_uint_eq(phys_load(&phys, pa + 0x1004, 4), 0xa5001004);
        ck_assert_uint_eq(phys_load(&phys, DEV_BASE + 4, 4), 0xa5000004);
        if (i % 2)
            ck_assert_int_eq(phys_remove(&phys, pa + 0x1000, 0x1000), 0);
        else /* memory takes its place */
            ck_assert_int_eq(phys_add_alias(&phys, pa + 0x1000, ROM_BASE, 0x1000), 0);
    }
    ck_assert_uint_le(phys.mmio_count, 3);
}
END_TEST

/* A device that takes itself away in the middle of an access still gets all of that. */
static void vanish_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    phys_remove(&phys, 0x300000, 0x1000);
    phys_add_mmio(&phys, 0x400000, 0x1000, &device_ops, &hook);
    device_write(opaque, offset, value, size);
}

static const struct phys_mmio_ops vanish_ops = {device_read, vanish_write};

START_TEST(test_mmio_vanishes)
{
    ck_assert_int_eq(phys_add_mmio(&phys, 0x300000, 0x1000, &vanish_ops, &device), 0);
    phys_store(&phys, 0x300008, 0x8877665544332211, 8);
    ck_assert_uint_eq(device.count, 2);
    ck_assert_uint_eq(device.access[1].offset, 12);
    ck_assert_uint_eq(device.access[1].value, 0x88776655);
    ck_assert_uint_eq(phys_load(&phys, 0x300008, 4), 0xffffffff);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("phys");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_shadow, 0, ARRAY_SIZE(shadow_cases));
    tcase_add_test(tc, test_shadow_copy);
    tcase_add_test(tc, test_shadow_code);
    tcase_add_test(tc, test_shadow_bad);
    tcase_add_test(tc, test_move);
    tcase_add_test(tc, test_mmio_again);
    tcase_add_test(tc, test_mmio_vanishes);
    return bench_main(tc, "phys moves");
}
