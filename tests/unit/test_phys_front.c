/* Tests of pages in front of the guest-physical map: they hide what lies behind, which goes on changing. */
#include <check.h>
#include <string.h>

#include "mmu/phys.h"

#define RAM_SIZE  (1u * MIB)
#define ROM_BASE  0xfffe0000u
#define ROM_SIZE  0x20000u
#define ROM_ALIAS 0x000e0000u
#define DEV_BASE  0x00200000u

static struct log quiet;
static struct stats stats;
static struct phys phys;
static u32 device_value; /* the last one written */

static u32 device_read(void *opaque, u32 offset, unsigned size)
{
    (void)opaque, (void)size;
    return 0xa5000000u | offset;
}

static void device_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    (void)opaque, (void)offset, (void)size;
    device_value = value;
}

static const struct phys_mmio_ops device_ops = {device_read, device_write};

/* What the code hook saw: the page's first byte at that moment, to prove that it came before. */
static struct {
    unsigned calls;
    u32 pa, len;
    u8 before;
} hook;

static void code_hook(void *opaque, u32 pa, u32 len)
{
    (void)opaque;
    hook.calls++;
    hook.pa = pa;
    hook.len = len;
    hook.before = *phys_host(&phys, pa);
}

static void setup(void)
{
    static u8 rom[ROM_SIZE];

    for (unsigned i = 0; i < ROM_SIZE; i++)
        rom[i] = (u8)(i * 7);
    ck_assert_int_eq(phys_init(&phys, RAM_SIZE + 2 * ROM_SIZE, &quiet, &stats), 0);
    ck_assert_int_eq(phys_add_ram(&phys, 0, RAM_SIZE - ROM_SIZE), 0);
    ck_assert_int_eq(phys_add_rom(&phys, ROM_BASE, ROM_SIZE, rom, ROM_SIZE), 0);
    ck_assert_int_eq(phys_add_mmio(&phys, DEV_BASE, 0x2000, &device_ops, NULL), 0);
    phys_listen(&phys, &(struct phys_listener){PHYS_CODE, code_hook, NULL, NULL});
    memset(&hook, 0, sizeof(hook));
}

static void teardown(void)
{
    phys_free(&phys);
}

static u32 other_read(void *opaque, u32 offset, unsigned size)
{
    (void)opaque, (void)size;
    return 0x5a000000u | offset;
}

static const struct phys_mmio_ops other_ops = {other_read, device_write};

static u32 load32(u64 pa)
{
    return (u32)phys_load(&phys, pa, 4);
}

START_TEST(test_front)
{
    phys_store(&phys, 0x5008, 0x11223344, 4);
    ck_assert(!phys_set_front(&phys, 0, 0x5000, NULL, NULL));
    ck_assert(phys_set_front(&phys, 0, 0x5000, &device_ops, NULL));
    ck_assert(!phys_set_front(&phys, 0, 0x5000, &device_ops, NULL));
    ck_assert_uint_eq(load32(0x5008), 0xa5000008);
    ck_assert_ptr_null(phys_host(&phys, 0x5008));
    ck_assert(!phys_is_ram(&phys, 0x4000, 0x2000));
    phys_store(&phys, 0x5008, 1, 4); /* the device's */
    ck_assert_uint_eq(device_value, 1);
    /* Moved: memory comes back, and goes elsewhere. */
    ck_assert(phys_set_front(&phys, 0, ROM_BASE, &device_ops, NULL));
    ck_assert_uint_eq(load32(0x5008), 0x11223344);
    ck_assert_uint_eq(load32(ROM_BASE + 4), 0xa5000004);
    ck_assert(phys_set_front(&phys, 0, 0, NULL, NULL));
    ck_assert_uint_eq(load32(ROM_BASE + 4), 0x312a231c);
}
END_TEST

/* What lies behind goes on changing. */
START_TEST(test_front_behind)
{
    phys_set_front(&phys, 0, 0x5000, &device_ops, NULL);
    ck_assert_int_eq(phys_add_alias(&phys, 0x5000, ROM_BASE, PAGE_SIZE), 0);
    ck_assert_uint_eq(load32(0x5004), 0xa5000004);
    phys_set_front(&phys, 0, 0, NULL, NULL);
    ck_assert_uint_eq(load32(0x5004), 0x312a231c);
    phys_set_front(&phys, 0, DEV_BASE, &other_ops, NULL);
    ck_assert_int_eq(phys_remove(&phys, DEV_BASE, PAGE_SIZE), 0);
    ck_assert_uint_eq(load32(DEV_BASE + 4), 0x5a000004);
    ck_assert_int_eq(phys_add_mmio(&phys, DEV_BASE, PAGE_SIZE, &device_ops, NULL), 0);
    ck_assert_uint_eq(load32(DEV_BASE + 4), 0x5a000004);
    phys_set_front(&phys, 0, 0, NULL, NULL);
    ck_assert_uint_eq(load32(DEV_BASE + 4), 0xa5000004);
}
END_TEST

/* The shadow RAM under one, as the chipset switches it. */
START_TEST(test_front_shadow)
{
    ck_assert_int_eq(phys_add_shadow(&phys, ROM_ALIAS, ROM_SIZE), 0);
    phys_set_front(&phys, 1, ROM_ALIAS, &device_ops, NULL);
    ck_assert(phys_set_shadow(&phys, ROM_ALIAS, PAGE_SIZE, true, true));
    phys_store(&phys, ROM_ALIAS, 0x12345678, 4);
    ck_assert_uint_eq(load32(ROM_ALIAS), 0xa5000000);
    phys_set_front(&phys, 1, 0, NULL, NULL);
    ck_assert_uint_eq(load32(ROM_ALIAS), 0);
    phys_store(&phys, ROM_ALIAS, 0x12345678, 4);
    phys_set_front(&phys, 1, ROM_ALIAS, &device_ops, NULL);
    ck_assert(phys_set_shadow(&phys, ROM_ALIAS, PAGE_SIZE, false, false));
    phys_set_front(&phys, 1, 0, NULL, NULL);
    ck_assert_uint_eq(load32(ROM_ALIAS), 0xffffffff);
}
END_TEST

/* Two at one place, in both orders of coming and of going: the higher number is seen. */
START_TEST(test_front_two)
{
    bool first = _i & 1, gone = _i >> 1 & 1;

    phys_store(&phys, 0x5000, 0x11223344, 4);
    for (unsigned i = 0; i < 2; i++) {
        bool n = first ^ i;

        ck_assert(phys_set_front(&phys, n, 0x5000, n ? &other_ops : &device_ops, NULL));
    }
    ck_assert_uint_eq(load32(0x5004), 0x5a000004);
    ck_assert(phys_set_front(&phys, gone, 0, NULL, NULL));
    ck_assert_uint_eq(load32(0x5004), gone ? 0xa5000004 : 0x5a000004);
    ck_assert(phys_set_front(&phys, !gone, 0, NULL, NULL));
    ck_assert_uint_eq(load32(0x5000), 0x11223344);
}
END_TEST

/* Code under one is told of once, before it goes, and is code no more when it is back. */
START_TEST(test_front_code)
{
    phys_store(&phys, 0x5000, 0x77, 1);
    phys_set_code(&phys, 0x5000, true);
    phys_set_front(&phys, 0, 0x5000, &device_ops, NULL);
    ck_assert_uint_eq(hook.calls, 1);
    ck_assert_uint_eq(hook.pa, 0x5000);
    ck_assert_uint_eq(hook.len, PAGE_SIZE);
    ck_assert_uint_eq(hook.before, 0x77);
    phys_set_front(&phys, 0, 0, NULL, NULL);
    phys_store(&phys, 0x5000, 0x78, 1);
    ck_assert_uint_eq(hook.calls, 1);
}
END_TEST

/* One that moves takes no more than a range's number, and gives none of others' away. */
START_TEST(test_front_moves)
{
    for (unsigned i = 0; i < 4 * PHYS_MMIO_MAX; i++) {
        ck_assert(phys_set_front(&phys, 0, 0x1000 * (i % 255 + 1), &other_ops, NULL));
        ck_assert(phys_set_front(&phys, 1, 0x1000 * (i % 254 + 2), &device_ops, NULL));
        ck_assert_uint_eq(load32(DEV_BASE + 0x1004), 0xa5001004);
        ck_assert_uint_eq(load32(0x1000 * (i % 255 + 1) + 8), 0x5a000008);
    }
    ck_assert_uint_le(phys.mmio_count, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("phys front");
    TCase *tc = tcase_create("front");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_front);
    tcase_add_test(tc, test_front_behind);
    tcase_add_test(tc, test_front_shadow);
    tcase_add_loop_test(tc, test_front_two, 0, 4);
    tcase_add_test(tc, test_front_code);
    tcase_add_test(tc, test_front_moves);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
