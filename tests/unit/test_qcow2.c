/* Tests of qcow2 images: what their headers may say, bases, compressed and zero clusters, snapshots, repair. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/commit.h"
#include "devices/block/qcow2/tool.h"
#include "tests/unit/dev_bench.h"

#define SECTORS 512u /* of the disk: 256 KiB */

static char dir[64], image[96], base[96], err[600];
static u8 data[SECTORS * BLOCK_SECTOR], back[SECTORS * BLOCK_SECTOR];

static struct block_create defaults(void)
{
    return (struct block_create){.base = "",
                                 .base_format = "",
                                 .version = 3,
                                 .cluster = 4096,
                                 .refcount_bits = 16,
                                 .size = sizeof(data)};
}

static void make(const char *path, struct block_create create)
{
    if (block_create(path, "qcow2", &create, err, sizeof(err)) < 0)
        ck_abort_msg("%s", err);
}

static struct block *open_ok(const char *path, unsigned flags)
{
    struct block *block = block_open(path, flags, err, sizeof(err));

    if (!block)
        ck_abort_msg("%s", err);
    return block;
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/test_qcow2.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(image, sizeof(image), "%s/image", dir);
    snprintf(base, sizeof(base), "%s/base", dir);
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (u8)(i / 512 * 7 + i % 13);
    make(image, defaults());
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void patch(u64 at, u64 value, unsigned bytes)
{
    int fd = open(image, O_WRONLY);
    u8 be[8];

    put_be64(be, value);
    ck_assert_int_eq(pwrite(fd, be + 8 - bytes, bytes, (off_t)at), (ssize_t)bytes);
    close(fd);
}

static void check_clean(struct block *block)
{
    struct qcow2_check check;

    ck_assert_int_eq(block_flush(block), 0);
    ck_assert_int_eq(qcow2_check(qcow2_of(block), QCOW2_FIX_NONE, NULL, &check), 0);
    ck_assert_uint_eq(check.errors, 0);
    ck_assert_uint_eq(check.leaks, 0);
}

/* What a header says that cannot be, or that is not here: refused in one line, which names it. */
static const struct {
    u64 at, value;
    unsigned bytes;
    const char *words;
} refused[] = {
    {4, 4, 4, "version 4"},
    {20, 8, 4, "clusters of 2^8"},
    {20, 22, 4, "clusters of 2^22"},
    {24, 1ull << 63, 8, "a disk of"},
    {24, 1ull << 40, 8, "too small for its size"},
    {32, 1, 4, "encrypted (AES)"},
    {32, 2, 4, "encrypted (LUKS)"},
    {36, 0xffffffff, 4, "L1 table has"},
    {40, 4097, 8, "L1 table has"},
    {48, 0, 8, "refcount table"},
    {48, 77, 8, "refcount table"},
    {56, 0xffffffff, 4, "refcount table"},
    {60, 0xffffffff, 4, "snapshots"},
    {72, 1 << 2, 8, "external data file"},
    {72, 1ull << 40, 8, "features that this version does not have: 0x10000000000"},
    {72, 1 << 4, 8, "subclusters in clusters of 4096"},
    {96, 7, 4, "refcounts of 2^7"},
    {100, 100, 4, "a header of 100"},
    {104, 2, 1, "unknown way (type 2)"},
    {8, 1 << 20, 8, "backing file is not in its first cluster"},
};

START_TEST(test_refused)
{
    patch(refused[_i].at, refused[_i].value, refused[_i].bytes);
    ck_assert_ptr_null(block_open(image, 0, err, sizeof(err)));
    if (!strstr(err, refused[_i].words) || strchr(err, '\n'))
        ck_abort_msg("\"%s\" does not say \"%s\"", err, refused[_i].words);
}
END_TEST

/* Unknown compatible features are nobody's matter; autoclear ones are cleared, but not by who only reads. */
START_TEST(test_other_features)
{
    struct block *block;

    patch(80, 1ull << 50 | 1, 8);
    patch(88, 1ull << 50 | 1, 8);
    block = open_ok(image, BLOCK_READ_ONLY);
    ck_assert_uint_eq(qcow2_of(block)->header.autoclear, 1ull << 50 | 1);
    block_close(block);
    block_close(open_ok(image, 0));
    block = open_ok(image, BLOCK_READ_ONLY);
    ck_assert_uint_eq(qcow2_of(block)->header.autoclear, 0);
    ck_assert_uint_eq(qcow2_of(block)->header.compatible, 1ull << 50 | 1);
    block_close(block);
}
END_TEST

START_TEST(test_corrupt_bit)
{
    patch(72, QCOW2_CORRUPT, 8);
    ck_assert_ptr_null(block_open(image, 0, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "marked as damaged"));
    block_close(open_ok(image, BLOCK_READ_ONLY));
}
END_TEST

/* A dirty image has wrong counts maybe: they are mended before anything is written. */
START_TEST(test_dirty_bit)
{
    struct block *block = open_ok(image, 0);
    u64 blocks = qcow2_of(block)->reftable[0], l2;

    ck_assert_int_eq(block_write(block, 0, data, 64), 0);
    ck_assert_int_eq(block_flush(block), 0);
    l2 = qcow2_of(block)->l1[0] & QCOW2_OFFSET;
    block_close(block);
    patch(blocks + l2 / 4096 * 2, 0, 2); /* the L2 table is free, by its count */
    patch(72, QCOW2_DIRTY, 8);
    block = open_ok(image, 0);
    check_clean(block);
    ck_assert_uint_eq(qcow2_of(block)->header.incompatible, 0);
    ck_assert_int_eq(block_read(block, 0, back, 64), 0);
    ck_assert_mem_eq(back, data, 64 * BLOCK_SECTOR);
    block_close(block);
}
END_TEST

/* A table that is counted as free would be written over: the image is marked, and writes end. */
START_TEST(test_overlap)
{
    struct block *block = open_ok(image, 0);
    u64 blocks = qcow2_of(block)->reftable[0], l1 = qcow2_of(block)->header.l1_offset;

    block_close(block);
    patch(blocks + l1 / 4096 * 2, 0, 2);
    block = open_ok(image, 0);
    ck_assert_int_eq(block_write(block, 0, data, 8), -EIO);
    ck_assert_int_eq(block_write(block, 8, data, 8), -EIO);
    block_close(block);
    ck_assert_ptr_null(block_open(image, 0, err, sizeof(err)));
}
END_TEST

/* A base that is shorter, smaller writes than clusters, zeros over it; and all of it committed. */
START_TEST(test_base)
{
    struct block_create create = defaults();
    struct block *block;
    u64 written;

    create.size = sizeof(data) / 2;
    make(base, create);
    block = open_ok(base, 0);
    ck_assert_int_eq(block_write(block, 0, data, SECTORS / 2), 0);
    block_close(block);
    create = defaults();
    create.base = "base"; /* in the image's folder */
    create.base_format = "qcow2";
    make(image, create);
    block = open_ok(image, _i ? 0 : BLOCK_BASE_RW); /* as a tool does it, and a machine */
    memset(data + sizeof(data) / 2, 0, sizeof(data) / 2);
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    ck_assert_int_eq(block_write(block, 3, data + 5000, 2), 0);
    memcpy(data + 3 * BLOCK_SECTOR, back + 5000, 1024);
    ck_assert_int_eq(block_zero(block, 20, 30), 0);
    memset(data + 20 * BLOCK_SECTOR, 0, 30 * BLOCK_SECTOR);
    ck_assert_int_eq(block_discard(block, 100, 8), 0); /* what is below does not show */
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    check_clean(block);
    if (_i) { /* the base is only read, until then, and others may read it */
        struct block *other = open_ok(base, BLOCK_READ_ONLY);

        ck_assert(block->base->read_only);
        ck_assert_int_eq(block_commit(block, true, NULL, NULL, &written), -EBUSY);
        block_close(other);
    }
    ck_assert_int_eq(block_commit(block, true, NULL, NULL, &written), 0);
    ck_assert_uint_ge(written, 32);
    ck_assert_uint_eq(block->base->read_only, _i);
    check_clean(block);
    block_close(block);
    block = open_ok(base, 0);
    ck_assert_uint_eq(block->sectors, SECTORS);
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    check_clean(block);
    block_close(block);
}
END_TEST

START_TEST(test_own_base)
{
    struct block_create create = defaults();

    create.base = "base";
    create.base_format = "qcow2";
    make(image, create);
    create.base = "image";
    make(base, create);
    ck_assert_ptr_null(block_open(image, BLOCK_READ_ONLY, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "its own backing file"));
}
END_TEST

START_TEST(test_protocol_base)
{
    struct block_create create = defaults();

    create.base = "nbd://host/disk";
    create.base_format = "raw";
    make(image, create);
    ck_assert_ptr_null(block_open(image, 0, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "knows files only"));
}
END_TEST

/* Compressed clusters by both methods: read, written over, and their room given back. */
START_TEST(test_packed)
{
    struct block_create create = defaults();
    static u8 packed[4096];
    struct block *block;
    struct qcow2 *q;

    create.compression = (u8)_i;
    make(image, create);
    block = open_ok(image, 0);
    q = qcow2_of(block);
    for (u32 at = 0; at < sizeof(data); at += 4096) {
        size_t len = qcow2_pack((u8)_i, 4096, data + at, packed);

        ck_assert_uint_gt(len, 0);
        ck_assert_int_eq(qcow2_write_packed(q, at, packed, (u32)len), 0);
    }
    check_clean(block);
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    memset(data + 1024, 0x55, 1024);
    ck_assert_int_eq(block_write(block, 2, data + 1024, 2), 0);
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    check_clean(block);
    block_close(block);
}
END_TEST

START_TEST(test_snapshots)
{
    struct block *block = open_ok(image, 0);
    struct block_how how = {.snapshot = "first", .flags = BLOCK_READ_ONLY};
    struct qcow2 *q = qcow2_of(block);
    u32 index;

    ck_assert_int_eq(block_write(block, 0, data, SECTORS), 0);
    ck_assert_int_eq(qcow2_snapshot_create(q, "first"), 0);
    check_clean(block);
    ck_assert_int_eq(block_zero(block, 0, SECTORS), 0);
    ck_assert_int_eq(qcow2_snapshot_create(q, "second"), 0);
    check_clean(block);
    ck_assert_int_eq(qcow2_snapshot_find(q, "third", &index), -ENOENT);
    ck_assert_int_eq(qcow2_snapshot_find(q, "2", &index), 0); /* an ID */
    ck_assert_uint_eq(index, 1);
    ck_assert_int_eq(qcow2_snapshot_apply(q, 0), 0);
    check_clean(block);
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    ck_assert_int_eq(qcow2_snapshot_delete(q, 1), 0);
    ck_assert_int_eq(block_zero(block, 0, 100), 0);
    check_clean(block);
    block_close(block);
    block = block_open_how(image, how, err, sizeof(err));
    ck_assert_ptr_nonnull(block);
    ck_assert(block->read_only);
    ck_assert_int_eq(block_read(block, 0, back, SECTORS), 0);
    ck_assert_mem_eq(back, data, sizeof(data));
    block_close(block);
    block = open_ok(image, 0);
    ck_assert_int_eq(qcow2_snapshot_delete(qcow2_of(block), 0), 0);
    check_clean(block);
    block_close(block);
}
END_TEST

/* One L2 table for all of a large disk: the check ends soon, whatever the L1 table says. */
START_TEST(test_loops)
{
    struct block_create create = defaults();
    struct qcow2_check check;
    struct block *block;
    u64 l1, l2;

    create.size = 1ull << 40;
    make(image, create);
    block = open_ok(image, 0);
    ck_assert_int_eq(block_write(block, 0, data, 8), 0);
    ck_assert_int_eq(block_flush(block), 0);
    l1 = qcow2_of(block)->header.l1_offset;
    l2 = qcow2_of(block)->l1[0];
    block_close(block);
    for (u64 i = 1; i < 20000; i++)
        patch(l1 + i * 8, l2, 8);
    patch(l2 & QCOW2_OFFSET, l2, 8); /* and its first cluster is itself */
    block = open_ok(image, BLOCK_READ_ONLY);
    ck_assert_int_eq(qcow2_check(qcow2_of(block), QCOW2_FIX_NONE, NULL, &check), 0);
    ck_assert_uint_gt(check.errors, 0);
    block_close(block);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("qcow2");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_refused, 0, ARRAY_SIZE(refused));
    tcase_add_test(tc, test_other_features);
    tcase_add_test(tc, test_corrupt_bit);
    tcase_add_test(tc, test_dirty_bit);
    tcase_add_test(tc, test_overlap);
    tcase_add_loop_test(tc, test_base, 0, 2);
    tcase_add_test(tc, test_own_base);
    tcase_add_test(tc, test_protocol_base);
    tcase_add_loop_test(tc, test_packed, 0, 2);
    tcase_add_test(tc, test_snapshots);
    tcase_add_test(tc, test_loops);
    return bench_main(tc, "qcow2");
}
