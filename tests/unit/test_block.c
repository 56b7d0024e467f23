/* Tests of the block back ends: ranges, locks, odd sizes, read-only images, snapshots, errors. */
#include "devices/block/block.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/dev_bench.h"

static char dir[64], image[96], err[200];

/* Byte i of the image: differs between sectors and within one. */
static u8 pattern(u64 i)
{
    return (u8)(i * 7 + i / 512 * 13 + 1);
}

static void make_image(const char *path, size_t size)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < size; i++)
        fputc(pattern(i), file);
    ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/test_block.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(image, sizeof(image), "%s/image", dir);
    make_image(image, 8 * 512);
    err[0] = '\0';
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static struct block *open_ok(unsigned flags)
{
    struct block *block = block_open(image, flags, err, sizeof(err));

    if (!block)
        ck_abort_msg("%s", err);
    ck_assert_str_eq(err, "");
    return block;
}

/* Not opened, and the line has these words and no newline. */
static void open_fails(const char *path, unsigned flags, const char *words)
{
    ck_assert_ptr_null(block_open(path, flags, err, sizeof(err)));
    if (!strstr(err, words) || strchr(err, '\n'))
        ck_abort_msg("\"%s\" does not say \"%s\"", err, words);
    err[0] = '\0';
}

static void check_pattern(const u8 *data, u64 from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i] != pattern(from + i))
            ck_abort_msg("byte %zu is %02x", i, data[i]);
}

START_TEST(test_read_write)
{
    struct block *block = open_ok(0);
    u8 data[8 * 512], zeros[1024] = {0};

    ck_assert_uint_eq(block->sectors, 8);
    ck_assert(!block->read_only);
    ck_assert_int_eq(block_read(block, 0, data, 8), 0);
    check_pattern(data, 0, sizeof(data));
    ck_assert_int_eq(block_write(block, 3, zeros, 2), 0);
    ck_assert_int_eq(block_flush(block), 0);
    ck_assert_int_eq(block_read(block, 2, data, 4), 0);
    check_pattern(data, 1024, 512);
    ck_assert_mem_eq(data + 512, zeros, 1024);
    check_pattern(data + 1536, 5 * 512, 512);
    ck_assert_uint_eq(block->reads, 12);
    ck_assert_uint_eq(block->writes, 2);
    block_close(block);
    block = open_ok(0); /* and it is in the file */
    ck_assert_int_eq(block_read(block, 3, data, 2), 0);
    ck_assert_mem_eq(data, zeros, 1024);
    block_close(block);
    block_close(NULL);
}
END_TEST

static const struct {
    u64 sector;
    u32 count;
    int result;
} ranges[] = {
    {0, 0, 0},           {8, 0, 0},
    {7, 1, 0},           {9, 0, -EINVAL},
    {8, 1, -EINVAL},     {7, 2, -EINVAL},
    {0, 9, -EINVAL},     {1, 0xffffffff, -EINVAL},
    {~0ull, 1, -EINVAL}, {~0ull - 1, 4, -EINVAL},
};

START_TEST(test_range)
{
    unsigned flags = _i % 2 ? BLOCK_SNAPSHOT : 0;
    struct block *block = open_ok(flags);
    u8 data[512] = {0};

    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        ck_assert_int_eq(block_read(block, ranges[i].sector, data, ranges[i].count),
                         ranges[i].result);
        ck_assert_int_eq(block_write(block, ranges[i].sector, data, ranges[i].count),
                         ranges[i].result);
    }
    block_close(block);
}
END_TEST

/* A size that is no multiple of 512: zeros are read behind the end, and nothing else can be written
 * there. */
START_TEST(test_odd_size)
{
    static const size_t sizes[] = {1, 511, 513, 1023, 4095};
    size_t size = sizes[_i], last = size / 512;
    struct block *block;
    struct stat st;
    u8 data[512], ones[512], zeros[512] = {0};

    make_image(image, size);
    block = open_ok(0);
    ck_assert_uint_eq(block->sectors, last + 1);
    ck_assert_int_eq(block_read(block, last, data, 1), 0);
    check_pattern(data, last * 512, size % 512);
    ck_assert_mem_eq(data + size % 512, zeros, 512 - size % 512);
    memset(ones, 0xff, sizeof(ones));
    ck_assert_int_eq(block_write(block, last, ones, 1), -EINVAL);
    ck_assert_int_eq(block_read(block, last, data, 1), 0);
    check_pattern(data, last * 512, size % 512);
    memset(ones + size % 512, 0, 512 - size % 512);
    ck_assert_int_eq(block_write(block, last, ones, 1), 0);
    ck_assert_int_eq(block_read(block, last, data, 1), 0);
    ck_assert_mem_eq(data, ones, size % 512);
    ck_assert_mem_eq(data + size % 512, zeros, 512 - size % 512);
    block_close(block);
    ck_assert_int_eq(stat(image, &st), 0);
    ck_assert_int_eq(st.st_size, (off_t)size);
}
END_TEST

/* Who may open an image that somebody has: one writer, or any number of readers. */
START_TEST(test_lock)
{
    struct block *a = open_ok(0), *b;

    open_fails(image, 0, "in use");
    open_fails(image, BLOCK_READ_ONLY, "in use");
    open_fails(image, BLOCK_SNAPSHOT, "in use");
    block_close(a);
    a = open_ok(BLOCK_READ_ONLY);
    ck_assert(a->read_only);
    open_fails(image, 0, "in use");
    b = open_ok(BLOCK_SNAPSHOT);
    open_fails(image, 0, "in use");
    block_close(a);
    open_fails(image, 0, "in use");
    block_close(b);
    block_close(open_ok(0));
}
END_TEST

START_TEST(test_lock_processes)
{
    struct block *block = open_ok(0);
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(block_open(image, 0, err, sizeof(err)) != NULL);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    block_close(block);
}
END_TEST

START_TEST(test_read_only)
{
    struct block *block = open_ok(BLOCK_READ_ONLY);
    u8 data[512];

    ck_assert(block->read_only);
    ck_assert_int_eq(block_read(block, 1, data, 1), 0);
    check_pattern(data, 512, 512);
    ck_assert_int_eq(block_write(block, 1, data, 1), -EROFS);
    ck_assert_int_eq(block_write(block, 9, data, 1), -EROFS);
    ck_assert_int_eq(block_flush(block), 0);
    block_close(block);
    ck_assert_int_eq(chmod(image, 0444), 0);
    if (geteuid() != 0) { /* root may write all the same */
        block = open_ok(0);
        ck_assert(block->read_only);
        block_close(block);
    }
}
END_TEST

START_TEST(test_refused)
{
    char path[128];

    open_fails(dir, 0, "directory");
    snprintf(path, sizeof(path), "%s/missing", dir);
    open_fails(path, 0, "No such file");
    open_fails("", 0, "No such file");
    open_fails("/dev/null", 0, "neither a file nor a disk");
    make_image(image, 0);
    open_fails(image, 0, "empty");
    snprintf(path, sizeof(path), "%s/fifo", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    open_fails(path, 0, "neither");
    open_fails(path, BLOCK_READ_ONLY, "neither");
    snprintf(path, sizeof(path), "%s/missing", dir);
    setenv("TMPDIR", path, 1);
    make_image(image, 512);
    open_fails(image, BLOCK_SNAPSHOT, "scratch file");
    unsetenv("TMPDIR");
    block_close(open_ok(0)); /* the failed snapshot holds no lock */
}
END_TEST

/* Random reads and writes of a snapshot against an array; the image stays what it was. */
START_TEST(test_snapshot)
{
    struct block *block = open_ok(BLOCK_SNAPSHOT);
    u8 model[8 * 512], data[8 * 512];
    u64 seed = 5;

    ck_assert(!block->read_only);
    ck_assert_uint_eq(block->sectors, 8);
    for (unsigned i = 0; i < sizeof(model); i++)
        model[i] = pattern(i);
    for (unsigned i = 0; i < 2000; i++) {
        u64 r = bench_random(&seed);
        u32 sector = r % 8, count = (u32)(r >> 8) % (8 - sector) + 1;

        if (r >> 20 & 1) {
            memset(data, (int)(r >> 32), sizeof(data));
            memcpy(model + sector * 512, data, count * 512);
            ck_assert_int_eq(block_write(block, sector, data, count), 0);
        } else {
            ck_assert_int_eq(block_read(block, sector, data, count), 0);
            ck_assert_mem_eq(data, model + sector * 512, count * 512);
        }
        if (i == 3)
            ck_assert_int_eq(block_flush(block), 0);
    }
    block_close(block);
    block = open_ok(BLOCK_READ_ONLY);
    ck_assert_int_eq(block_read(block, 0, data, 8), 0);
    check_pattern(data, 0, sizeof(data));
    block_close(block);
}
END_TEST

/* The host's own errors: a file cut short under us, a disk that is full. */
START_TEST(test_host_errors)
{
    struct block *block = open_ok(0);
    struct rlimit limit = {4 * 512, 4 * 512};
    u8 data[512] = {0};

    ck_assert_int_eq(truncate(image, 1024), 0);
    ck_assert_int_eq(block_read(block, 1, data, 1), 0);
    ck_assert_int_eq(block_read(block, 2, data, 1), -EIO);
    ck_assert_uint_eq(block->reads, 1);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(block_write(block, 6, data, 1), -EFBIG);
    ck_assert_uint_eq(block->writes, 0);
    block_close(block);
}
END_TEST

/* The C library's, for this program. */
static int sync_error;

int fdatasync(int fd)
{
    ck_assert_int_ge(fd, 0);
    errno = sync_error;
    return sync_error ? -1 : 0;
}

/* What the host could not write is gone, though it says so only once. */
START_TEST(test_lost_flush)
{
    struct block *block = open_ok(0);

    ck_assert_int_eq(block_flush(block), 0);
    sync_error = ENOSPC;
    ck_assert_int_eq(block_flush(block), -ENOSPC);
    sync_error = EIO;
    ck_assert_int_eq(block_flush(block), -ENOSPC);
    sync_error = 0;
    ck_assert_int_eq(block_flush(block), -ENOSPC);
    block_close(block);
    block = open_ok(0);
    ck_assert_int_eq(block_flush(block), 0);
    block_close(block);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("block");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_read_write);
    tcase_add_loop_test(tc, test_range, 0, 2);
    tcase_add_loop_test(tc, test_odd_size, 0, 5);
    tcase_add_test(tc, test_lock);
    tcase_add_test(tc, test_lock_processes);
    tcase_add_test(tc, test_read_only);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_snapshot);
    tcase_add_test(tc, test_host_errors);
    tcase_add_test(tc, test_lost_flush);
    return bench_main(tc, "block");
}
