/* What a machine goes back by: pages of memory at several moments, and disks as they were, beside a plain model of both. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/past.h"
#include "devices/board/versions.h"

#define PAGES   6u
#define MOMENTS 40u

static u64 seed;

static u64 next(u64 limit)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % limit;
}

/* Each moment changes some pages; later some moments go, and what the others had stays. */
START_TEST(versions)
{
    static u8 was[MOMENTS][PAGES][VERSIONS_PAGE], now[PAGES][VERSIONS_PAGE];
    static const u8 zeros[VERSIONS_PAGE];
    struct versions_list list[MOMENTS] = {0};
    bool there[MOMENTS];
    struct versions v;
    unsigned last = MOMENTS - 1;

    seed = (u64)_i;
    memset(now, 0, sizeof(now));
    ck_assert_int_eq(versions_init(&v, PAGES), 0);
    for (unsigned m = 0; m < MOMENTS; m++) {
        for (u64 page = 0; page < PAGES; page++) {
            if (next(3) == 0)
                memset(now[page], (int)next(3), VERSIONS_PAGE);
            ck_assert_int_eq(versions_put(&v, page, m * 10, now[page], &list[m]), 0);
        }
        memcpy(was[m], now, sizeof(now));
        there[m] = true;
    }
    for (unsigned step = 0; step < 60; step++) {
        unsigned m = (unsigned)next(last), n = m + 1;

        if (there[m] && step % 7 == 6 && last > 2) { /* the last one never was */
            while (!there[last])
                last--;
            versions_drop(&v, &list[last], last * 10);
            there[last--] = false;
            while (!there[last])
                last--;
        } else if (there[m] && m < last) {
            while (!there[n])
                n++;
            ck_assert_int_eq(versions_merge(&v, &list[m], m * 10, n * 10, &list[n]), 0);
            there[m] = false;
        }
        for (unsigned i = 0; i <= last; i++)
            for (u64 page = 0; there[i] && page < PAGES; page++) {
                const u8 *data = versions_at(&v, page, i * 10);

                if (memcmp(data ? data : zeros, was[i][page], VERSIONS_PAGE) != 0)
                    ck_abort_msg("moment %u page %u", i, (unsigned)page);
            }
    }
    for (unsigned i = 0; i < MOMENTS; i++)
        free(list[i].page);
    versions_free(&v);
    ck_assert_uint_eq(v.bytes, 0);
}
END_TEST

/* More pages than one piece of the pool has: each is whole, none is another's, and those given back come again. */
START_TEST(pool)
{
    enum { COUNT = 5000 };
    static u8 *page[COUNT];
    struct page_pool p = {0};

    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = round; i < COUNT; i += round + 1) {
            page[i] = page_pool_take(&p);
            ck_assert_ptr_nonnull(page[i]);
            ck_assert_uint_eq((uintptr_t)page[i] % PAGE_POOL_PAGE, 0);
            memset(page[i], (int)(i % 251), PAGE_POOL_PAGE);
        }
        for (unsigned i = 0; i < COUNT; i++)
            ck_assert(page[i][0] == i % 251 &&
                      memcmp(page[i], page[i] + 1, PAGE_POOL_PAGE - 1) == 0);
        for (unsigned i = round + 1; i < COUNT; i += round + 2)
            page_pool_give(&p, page[i]);
    }
    page_pool_free(&p);
}
END_TEST

/* A disk in memory. */

#define SECTORS 45u /* the last piece is not whole */

struct disk {
    struct block block;
    u8 data[SECTORS * BLOCK_SECTOR];
};

static int disk_read(struct block *block, u64 sector, void *data, u32 count)
{
    memcpy(data, container_of(block, struct disk, block)->data + sector * BLOCK_SECTOR,
           (size_t)count * BLOCK_SECTOR);
    return 0;
}

static int disk_write(struct block *block, u64 sector, const void *data, u32 count)
{
    memcpy(container_of(block, struct disk, block)->data + sector * BLOCK_SECTOR, data,
           (size_t)count * BLOCK_SECTOR);
    return 0;
}

static const struct block_ops disk_ops = {.read = disk_read, .write = disk_write};

struct request {
    u64 sector;
    u32 count;
    u8 value; /* 0: zeros, by block_zero() */
};

static void request(struct block *block, const struct request *r)
{
    u8 data[SECTORS * BLOCK_SECTOR];

    memset(data, r->value, sizeof(data));
    ck_assert_int_eq(r->value ? block_write(block, r->sector, data, r->count)
                              : block_zero(block, r->sector, r->count),
                     0);
}

static void expect_disk(struct block *block, const u8 *want, const char *what)
{
    u8 data[SECTORS * BLOCK_SECTOR];

    ck_assert_int_eq(block_read(block, 0, data, SECTORS), 0);
    for (unsigned i = 0; i < SECTORS; i++)
        if (memcmp(data + i * BLOCK_SECTOR, want + i * BLOCK_SECTOR, BLOCK_SECTOR) != 0)
            ck_abort_msg("%s: sector %u", what, i);
}

#define STEPS 12u

/* Requests with a moment in front of each; then back to any, and forwards again by the same requests, or by others. */
START_TEST(moments)
{
    static struct disk disk;
    static u8 was[STEPS + 1][SECTORS * BLOCK_SECTOR], image[SECTORS * BLOCK_SECTOR];
    struct request all[STEPS];
    struct block_past *past;
    bool there[STEPS];

    seed = (u64)_i;
    memset(&disk, 0, sizeof(disk));
    disk.block.ops = &disk_ops;
    disk.block.sectors = SECTORS;
    for (unsigned i = 0; i < sizeof(disk.data); i++)
        disk.data[i] = (u8)(i / BLOCK_SECTOR + 100);
    past = block_past_new(&disk.block);
    ck_assert_ptr_nonnull(past);
    for (unsigned i = 0; i < STEPS; i++) {
        u32 at = (u32)next(SECTORS);

        all[i] = (struct request){at, (u32)next(SECTORS - at) + 1, (u8)next(50)};
        block_past_pass(past, i);
        memcpy(was[i], disk.data, sizeof(disk.data));
        request(&disk.block, &all[i]);
        there[i] = true;
    }
    memcpy(was[STEPS], disk.data, sizeof(disk.data));
    for (unsigned round = 0; round < 30; round++) {
        unsigned i = (unsigned)next(STEPS), before = i, after = i + 1, to;

        memcpy(image, disk.data, sizeof(image));
        if (i > 0 && i + 1 < STEPS && there[i] && next(4) == 0) { /* nobody goes there any more */
            do
                before--;
            while (!there[before]);
            while (!there[after])
                after++;
            there[i] = false;
            block_past_merge(past, before, after);
            continue;
        }
        if (!there[i])
            continue;
        block_past_go(past, i);
        expect_disk(&disk.block, was[i], "gone to");
        to = i + (unsigned)next(STEPS - i + 1);
        for (unsigned step = i; step < to; step++) {
            if (step > i && there[step])
                block_past_pass(past, step);
            request(&disk.block, &all[step]);
            expect_disk(&disk.block, was[step + 1], "again");
        }
        ck_assert(memcmp(image, disk.data, sizeof(image)) == 0);
        if (to == STEPS) {
            block_past_present(past);
            expect_disk(&disk.block, was[STEPS], "the present");
        }
    }
    block_past_go(past, 0);
    for (unsigned step = 0; step < 3; step++) {
        if (step && there[step])
            block_past_pass(past, step);
        request(&disk.block, &all[step]);
    }
    ck_assert_int_eq(block_past_fork(past), 0);
    ck_assert(memcmp(was[3], disk.data, sizeof(disk.data)) == 0);
    block_past_pass(past, 100);
    request(&disk.block, &(struct request){0, SECTORS, 77});
    block_past_go(past, 0);
    expect_disk(&disk.block, was[0], "the first");
    block_past_go(past, 100);
    expect_disk(&disk.block, was[3], "the fork");
    block_past_present(past);
    block_past_merge(past, BLOCK_NO_MOMENT, 200);
    ck_assert_uint_eq(block_past_bytes(past), 0);
    block_past_free(past);
    ck_assert_ptr_null(disk.block.past);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("past");
    TCase *tc = tcase_create("past");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, versions, 0, 50);
    tcase_add_test(tc, pool);
    tcase_add_loop_test(tc, moments, 0, 200);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
