/* Tests of how an image is cached: past the host's cache whatever the addresses, and zeros that become holes. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/block/block.h"
#include "devices/block/create.h"
#include "devices/block/file.h"
#include "tests/unit/dev_bench.h"

#define SECTORS 4000u

static char dir[64], image[96], err[400];
static u8 reference[SECTORS * BLOCK_SECTOR], data[SECTORS * BLOCK_SECTOR];

static void setup(void)
{
    /* Not in /tmp, which may be a file system without O_DIRECT. */
    snprintf(dir, sizeof(dir), "/var/tmp/test_block_cache.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(image, sizeof(image), "%s/image", dir);
    memset(reference, 0, sizeof(reference));
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void make(const char *format, u64 sectors)
{
    struct block_create create = {.size = sectors * BLOCK_SECTOR,
                                  .base = "",
                                  .base_format = "",
                                  .version = 3,
                                  .cluster = 512,
                                  .refcount_bits = 16};

    if (block_create(image, format, &create, err, sizeof(err)) < 0)
        ck_abort_msg("%s", err);
}

static struct block *open_as(const char *format, unsigned flags)
{
    struct block *block = block_open_as(image, format, flags, err, sizeof(err));

    if (!block)
        ck_abort_msg("%s", err);
    return block;
}

/* Pieces at any sector, of any length, from memory at any address. */
static void scribble(struct block *block, unsigned seed)
{
    srand(seed);
    for (unsigned i = 0; i < 400; i++) {
        u32 count = 1 + (u32)rand() % (i % 50 ? 20 : 600), at = (u32)rand() % (SECTORS - count);
        u8 *p = reference + (size_t)at * BLOCK_SECTOR;

        for (u32 k = 0; k < count * BLOCK_SECTOR; k++)
            p[k] = (u8)rand();
        ck_assert_int_eq(block_write(block, at, p, count), 0);
        if (i % 7 == 0) {
            at = (u32)rand() % (SECTORS - count);
            ck_assert_int_eq(block_read(block, at, data + i % 3, count), 0);
            ck_assert_mem_eq(data + i % 3, reference + (size_t)at * BLOCK_SECTOR,
                             (size_t)count * BLOCK_SECTOR);
        }
    }
    ck_assert_int_eq(block_flush(block), 0);
}

START_TEST(test_direct)
{
    const char *format = _i ? "qcow2" : "raw";
    struct stat st;
    struct block *block;

    make(format, SECTORS);
    block = open_as(format, BLOCK_DIRECT);
    scribble(block, 1);
    block_close(block);
    block = open_as(format, 0); /* by the host's cache: the same bytes */
    ck_assert_int_eq(block_read(block, 0, data, SECTORS), 0);
    ck_assert_mem_eq(data, reference, sizeof(reference));
    block_close(block);
    ck_assert_int_eq(stat(image, &st), 0);
    if (!_i)
        ck_assert_int_eq(st.st_size, SECTORS * BLOCK_SECTOR);
}
END_TEST

/* A file's last piece is shorter than any alignment; the file keeps its length. */
START_TEST(test_direct_tail)
{
    struct stat st;
    struct block *block;

    make("raw", 1);
    ck_assert_int_eq(truncate(image, 4096 + 512 + 100), 0);
    block = open_as("raw", BLOCK_DIRECT);
    memset(data, 7, 512);
    ck_assert_int_eq(block_write(block, 8, data, 1), 0);
    memset(data + 100, 0, 412);
    ck_assert_int_eq(block_write(block, 9, data, 1), 0);
    memset(data, 1, 2 * 512);
    ck_assert_int_eq(block_read(block, 8, data, 2), 0);
    ck_assert_uint_eq(data[0] & data[511] & data[512] & data[611], 7);
    ck_assert_uint_eq(data[612] | data[1023], 0);
    block_close(block);
    ck_assert_int_eq(stat(image, &st), 0);
    ck_assert_int_eq(st.st_size, 4096 + 512 + 100);
}
END_TEST

START_TEST(test_zeroes)
{
    struct block_extent extent;
    struct block *block;

    make("qcow2", SECTORS);
    block = open_as("qcow2", 0);
    memset(data, 5, 64 * BLOCK_SECTOR);
    ck_assert_int_eq(block_write(block, 0, data, 64), 0);
    memset(data, 0, 64 * BLOCK_SECTOR);
    ck_assert_int_eq(block_write(block, 0, data, 8), 0); /* written as they are */
    ck_assert_int_eq(block_map(block, 0, 64, &extent), 0);
    ck_assert_int_eq(extent.kind, BLOCK_DATA);
    block->zeroes = BLOCK_ZEROES_MARKED;
    ck_assert_int_eq(block_write(block, 0, data, 8), 0);
    ck_assert_int_eq(block_map(block, 0, 64, &extent), 0);
    ck_assert_int_eq(extent.kind, BLOCK_ZERO);
    ck_assert_uint_eq(extent.count, 8);
    data[7 * 512 + 100] = 1; /* not only zeros */
    ck_assert_int_eq(block_write(block, 8, data, 8), 0);
    ck_assert_int_eq(block_map(block, 8, 8, &extent), 0);
    ck_assert_int_eq(extent.kind, BLOCK_DATA);
    ck_assert_int_eq(block_read(block, 8, reference, 8), 0);
    ck_assert_mem_eq(data, reference, 8 * BLOCK_SECTOR);
    block_close(block);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("block_cache");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_direct, 0, 2);
    tcase_add_test(tc, test_direct_tail);
    tcase_add_test(tc, test_zeroes);
    return bench_main(tc, "block_cache");
}
