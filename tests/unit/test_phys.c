/* Tests of the guest-physical map: RAM, ROM, devices, nothing, aliases, dirty and code bits,
 * A20; and of host memory patterns. */
#include <check.h>
#include <signal.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/phys_rig.h"

static const struct {
    u64 pa;
    unsigned size;
    u64 store, load;
} plain_cases[] = {
    {0x1000, 1, 0x11, 0x11},
    {0x1001, 2, 0x2233, 0x2233},
    {0x1003, 4, 0x44556677, 0x44556677},
    {0x1ff8, 8, 0x8899aabbccddeeff, 0x8899aabbccddeeff},
    {0x1000, 1, 0xfff0, 0xf0},
    {ROM_BASE + 1, 1, 0xff, 0x07}, /* writes to ROM vanish */
    {ROM_BASE + 1, 2, 0xffff, 0x0e07},
    {ROM_ALIAS + 1, 2, 0, 0x0e07},
    {NOTHING, 1, 0, 0xff},
    {NOTHING, 2, 0, 0xffff},
    {NOTHING, 4, 0, 0xffffffff},
    {NOTHING, 8, 0, ~0ull},
    {1ull << 32, 4, 0, 0xffffffff},
    {0xfull << 32 | 0x1000, 4, 0, 0xffffffff},
    {~0ull - 7, 8, 0, ~0ull},
};

START_TEST(test_plain)
{
    phys_store(&phys, plain_cases[_i].pa, plain_cases[_i].store, plain_cases[_i].size);
    ck_assert_uint_eq(phys_load(&phys, plain_cases[_i].pa, plain_cases[_i].size),
                      plain_cases[_i].load);
}
END_TEST

/* How an access to a device is split: offset and size of each piece. */
static const struct {
    u32 offset;
    unsigned size;
    struct {
        u32 offset;
        unsigned size;
    } piece[4];
} split_cases[] = {
    {0x10, 1, {{0x10, 1}}},
    {0x10, 2, {{0x10, 2}}},
    {0x10, 4, {{0x10, 4}}},
    {0x10, 8, {{0x10, 4}, {0x14, 4}}},
    {0x11, 2, {{0x11, 1}, {0x12, 1}}},
    {0x12, 4, {{0x12, 2}, {0x14, 2}}},
    {0x13, 4, {{0x13, 1}, {0x14, 2}, {0x16, 1}}},
    {0x1ffc, 4, {{0x1ffc, 4}}},
};

START_TEST(test_device_split)
{
    u64 value = 0x8877665544332211, expect = 0;
    unsigned n = 0;

    for (; n < 4 && split_cases[_i].piece[n].size; n++) {
        u64 answer = (0xa5000000u | split_cases[_i].piece[n].offset) &
                     (0xffffffffu >> (32 - 8 * split_cases[_i].piece[n].size));

        expect |= answer << 8 * (split_cases[_i].piece[n].offset - split_cases[_i].offset);
    }
    ck_assert_uint_eq(phys_load(&phys, DEV_BASE + split_cases[_i].offset, split_cases[_i].size),
                      expect);
    phys_store(&phys, DEV_BASE + split_cases[_i].offset, value, split_cases[_i].size);
    ck_assert_uint_eq(device.count, 2 * n);
    ck_assert_uint_eq(stats.mmio, 2 * n);
    for (unsigned i = 0; i < 2 * n; i++) {
        u32 offset = split_cases[_i].piece[i % n].offset;
        unsigned size = split_cases[_i].piece[i % n].size;

        ck_assert_uint_eq(device.access[i].offset, offset);
        ck_assert_uint_eq(device.access[i].size, size);
        ck_assert(device.access[i].write == (i >= n));
        if (i >= n)
            ck_assert_uint_eq(device.access[i].value,
                              (u32)(value >> 8 * (offset - split_cases[_i].offset)) &
                                  (0xffffffffu >> (32 - 8 * size)));
    }
}
END_TEST

START_TEST(test_bulk)
{
    u8 out[3 * PAGE_SIZE], in[3 * PAGE_SIZE];

    for (unsigned i = 0; i < sizeof(out); i++)
        out[i] = (u8)(i ^ i >> 8);
    phys_write(&phys, 0x2ffd, out, sizeof(out));
    phys_read(&phys, 0x2ffd, in, sizeof(in));
    ck_assert_mem_eq(in, out, sizeof(out));

    /* From RAM into the ROM's alias: the RAM part is written, the rest reads as the ROM has it. */
    phys_write(&phys, ROM_ALIAS - 4, out + 1, 8);
    phys_read(&phys, ROM_ALIAS - 4, in, 8);
    ck_assert_mem_eq(in, out + 1, 4);
    ck_assert_mem_eq(in + 4, "\x00\x07\x0e\x15", 4);
    /* From the alias's end into nothing. */
    phys_read(&phys, RAM_SIZE - 2, in, 4);
    ck_assert_uint_eq(in[1], (u8)((ROM_SIZE - 1) * 7));
    ck_assert_uint_eq(get16(in + 2), 0xffff);
}
END_TEST

START_TEST(test_wrap)
{
    u8 in[32];

    /* Past 4 GiB there is nothing: no wrap to 0. */
    phys_poke(&phys, 0, "low memory", 10);
    phys_read(&phys, 0xfffffff0u, in, sizeof(in));
    for (unsigned i = 0; i < 16; i++) {
        ck_assert_uint_eq(in[i], (u8)((ROM_SIZE - 16 + i) * 7));
        ck_assert_uint_eq(in[16 + i], 0xff);
    }
    memset(in, 0, sizeof(in));
    phys_write(&phys, 0xfffffff0u, in, sizeof(in));
    ck_assert_uint_eq(phys_load(&phys, 0, 1), 'l');
    /* Past 2^64 neither. */
    phys_read(&phys, ~0ull - 3, in, 16);
    ck_assert_mem_eq(in, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
    phys_write(&phys, ~0ull - 3, "0123456789abcdef", 16);
    ck_assert_uint_eq(phys_load(&phys, 0, 1), 'l');
}
END_TEST

START_TEST(test_poke)
{
    phys_poke(&phys, ROM_ALIAS + 0xffe, "\x12\x34\x56\x78", 4);
    ck_assert_uint_eq(phys_load(&phys, ROM_BASE + 0xffe, 4), 0x78563412);
}
END_TEST

START_TEST(test_dirty)
{
    ck_assert(!(phys_page(&phys, 0x5000) & PHYS_DIRTY));
    phys_store(&phys, 0x5ffc, 1, 4);
    ck_assert(phys_page(&phys, 0x5000) & PHYS_DIRTY);
    phys_write(&phys, 0x7fff, "ab", 2);
    ck_assert(!(phys_page(&phys, 0x6000) & PHYS_DIRTY));
    ck_assert(phys_page(&phys, 0x7000) & PHYS_DIRTY);
    ck_assert(phys_page(&phys, 0x8000) & PHYS_DIRTY);
    phys_clear_dirty(&phys, 0x5000, 0x3000);
    ck_assert(!(phys_page(&phys, 0x5000) & PHYS_DIRTY));
    ck_assert(!(phys_page(&phys, 0x7000) & PHYS_DIRTY));
    ck_assert(phys_page(&phys, 0x8000) & PHYS_DIRTY);
    phys_clear_dirty(&phys, 0x8000, ~0ull);
    ck_assert(!(phys_page(&phys, 0x8000) & PHYS_DIRTY));
    ck_assert_uint_eq(phys_load(&phys, 0x5ffc, 4), 1);
}
END_TEST

/* Each way to change bytes tells the code hook, once a page, before the change. */
START_TEST(test_code)
{
    phys_store(&phys, 0x3000, 0x77, 1);
    ck_assert_uint_eq(hook.calls, 0);
    phys_set_code(&phys, 0x3123, true);

    phys_store(&phys, 0x3000, 0x88, 1);
    ck_assert_uint_eq(hook.calls, 1);
    ck_assert_uint_eq(hook.pa, 0x3000);
    ck_assert_uint_eq(hook.len, 1);
    ck_assert_uint_eq(hook.before, 0x77);
    ck_assert_uint_eq(phys_load(&phys, 0x3000, 1), 0x88);

    phys_write(&phys, 0x2ffe, "abcdef", 6);
    ck_assert_uint_eq(hook.calls, 2);
    ck_assert_uint_eq(hook.pa, 0x3000);
    ck_assert_uint_eq(hook.len, 4);
    ck_assert_uint_eq(hook.before, 0x88);
    ck_assert_uint_eq(stats.smc_store, 2);

    phys_set_code(&phys, ROM_BASE, true);
    phys_store(&phys, ROM_BASE, 0, 4); /* vanishes: nothing changes */
    ck_assert_uint_eq(hook.calls, 2);
    phys_poke(&phys, ROM_BASE, "x", 1);
    ck_assert_uint_eq(hook.calls, 3);

    /* The memory map changes under the code. */
    ck_assert_int_eq(phys_add_mmio(&phys, 0x3000, 0x1000, &device_ops, &device), 0);
    ck_assert_uint_eq(hook.calls, 4);
    ck_assert_uint_eq(hook.len, PAGE_SIZE);

    phys_set_code(&phys, 0x4000, true);
    phys_set_code(&phys, 0x4000, false);
    phys_store(&phys, 0x4000, 0, 4);
    phys_set_code(&phys, NOTHING, true); /* no memory: no effect */
    phys_set_code(&phys, 1ull << 33, true);
    phys_store(&phys, NOTHING, 0, 4);
    ck_assert_uint_eq(hook.calls, 4);
}
END_TEST

START_TEST(test_bad_ranges)
{
    u8 byte = 0;

    ck_assert_int_eq(phys_add_ram(&phys, 0x100800, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 0x100000, 0x1800), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 0x100000, 0), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 1ull << 32, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 0xfffff000, 0x2000), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 0x1000, ~0ull & ~0xfffull), -EINVAL);
    ck_assert_int_eq(phys_add_ram(&phys, 0x100000, 0x1000), -ENOMEM); /* past the capacity */
    ck_assert_int_eq(phys_add_rom(&phys, 0x100000, 0x1000, &byte, 0x1001), -EINVAL);
    ck_assert_int_eq(phys_add_alias(&phys, 0x100000, NOTHING, 0x1000), -EINVAL);
    ck_assert_int_eq(phys_add_alias(&phys, 0x100000, DEV_BASE, 0x1000), -EINVAL);
    for (unsigned i = phys.mmio_count; i < PHYS_MMIO_MAX; i++)
        ck_assert_int_eq(phys_add_mmio(&phys, 0x300000 + i * 0x1000, 0x1000, &device_ops, &device),
                         0);
    ck_assert_int_eq(phys_add_mmio(&phys, 0x500000, 0x1000, &device_ops, &device), -ENOMEM);
    /* The same place again takes no new slot. */
    ck_assert_int_eq(phys_add_mmio(&phys, DEV_BASE, 0x2000, &device_ops, &device), 0);
    ck_assert_uint_eq(phys.ram_size, RAM_SIZE);
}
END_TEST

START_TEST(test_is_ram)
{
    ck_assert(phys_is_ram(&phys, 0, ROM_ALIAS));
    ck_assert(!phys_is_ram(&phys, 0, ROM_ALIAS + 1));
    ck_assert(phys_is_ram(&phys, ROM_ALIAS - 1, 1));
    ck_assert(!phys_is_ram(&phys, ROM_BASE, 1));
    ck_assert(!phys_is_ram(&phys, DEV_BASE, 1));
    ck_assert(!phys_is_ram(&phys, 0, ~0ull));
    ck_assert(!phys_is_ram(&phys, 1ull << 32, 1));
}
END_TEST

START_TEST(test_a20)
{
    ck_assert(!phys_set_a20(&phys, true));
    ck_assert(phys_set_a20(&phys, false));
    ck_assert_uint_eq(phys.a20_mask, 0xffefffff);
    ck_assert(!phys_set_a20(&phys, false));
    ck_assert(phys_set_a20(&phys, true));
}
END_TEST

START_TEST(test_unassigned_log)
{
    char *text = NULL;
    size_t len = 0;

    quiet = (struct log){.mask = LOG_unassigned, .out = open_memstream(&text, &len)};
    phys_load(&phys, NOTHING, 4);
    phys_store(&phys, ROM_BASE, 0, 2);
    phys_load(&phys, 0x1000, 4);
    fclose(quiet.out);
    ck_assert_str_eq(text, "unassigned: read of 4 bytes at 10000000\n"
                           "unassigned: write of 2 bytes at fffe0000 (ROM)\n");
    free(text);
    quiet = (struct log){0};
}
END_TEST

START_TEST(test_clear)
{
    u64 size = 0x3000;
    u64 *p = hostmem_sparse(size + 0x1000);

    ck_assert_ptr_nonnull(p);
    for (u64 i = 0; i < (size + 0x1000) / 8; i++)
        p[i] = i + 1;
    ck_assert_int_eq(hostmem_clear(p, size), 0);
    for (u64 i = 0; i < size / 8; i++)
        ck_assert(p[i] == 0);
    ck_assert(p[size / 8] == size / 8 + 1);
    /* Beginning and end within pages. */
    for (u64 i = 0; i < size / 8; i++)
        p[i] = i + 1;
    ck_assert_int_eq(hostmem_clear((u8 *)p + 8, 0x2008), 0);
    ck_assert_int_eq(hostmem_clear((u8 *)p + 0x2100, 16), 0);
    for (u64 i = 0; i < size / 8; i++)
        ck_assert(p[i] == ((i >= 1 && i < 0x402) || i == 0x420 || i == 0x421 ? 0 : i + 1));
    hostmem_sparse_free(p, size + 0x1000);
}
END_TEST

/* What lies beside memory that a guest fills is nobody's: a stray store is a SIGSEGV. */
#define GUARDS 6
START_TEST(test_guards)
{
    u8 *sparse = hostmem_sparse(2 * PAGE_SIZE);
    u8 *beyond[GUARDS] = {
        phys_host(&phys, 0) - 1,
        phys_host(&phys, RAM_SIZE - 1) + 1,
        phys_host(&phys, ROM_BASE) - 1,
        phys_host(&phys, ROM_BASE + ROM_SIZE - 1) + 1,
        sparse - 1,
        sparse + 2 * PAGE_SIZE,
    };

    ck_assert_ptr_nonnull(sparse);
    sparse[0] = sparse[2 * PAGE_SIZE - 1] = 1;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer has a handler */
    *(volatile u8 *)beyond[_i] = 1;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("phys");
    TCase *tc = tcase_create("phys");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_plain, 0, ARRAY_SIZE(plain_cases));
    tcase_add_loop_test(tc, test_device_split, 0, ARRAY_SIZE(split_cases));
    tcase_add_test(tc, test_bulk);
    tcase_add_test(tc, test_wrap);
    tcase_add_loop_test_raise_signal(tc, test_guards, SIGSEGV, 0, GUARDS);
    tcase_add_test(tc, test_poke);
    tcase_add_test(tc, test_dirty);
    tcase_add_test(tc, test_code);
    tcase_add_test(tc, test_bad_ranges);
    tcase_add_test(tc, test_is_ram);
    tcase_add_test(tc, test_a20);
    tcase_add_test(tc, test_unassigned_log);
    tcase_add_test(tc, test_clear);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
