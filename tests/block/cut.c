/* Power cuts: what was written to a qcow2 image since its last flush reaches the disk in any part, in any order.
 *
 * usage: block-cut FOLDER FIRST COUNT
 *
 * The calls that change the image's file are recorded (the linker's --wrap). At random moments an image is made of what
 * was flushed and some of the rest, and checked: no errors in its tables, nothing lost that a guest has flushed. The
 * last line is "N passed, N failed". */
#define _GNU_SOURCE /* fallocate */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "devices/block/qcow2/tool.h"

#define DISK  8192u /* sectors */
#define WAVES 120u
#define CUTS  12u

/* A change of the file: bytes, zeros (no data), or its size. */
struct change {
    u64 at, len;
    u8 *data;
    bool size;
};

static struct change pending[4096];
static unsigned changes;
static int target = -1; /* the descriptor that is recorded */
static u8 *stable;
static u64 stable_len, stable_room;
static u64 seed;
static const char *in_flush; /* what was wrong when it went off in a flush; NULL: nothing */
static const char *image_after;
static char options[60];

static u64 next(void)
{
    u64 z = seed += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static void grow(u8 **image, u64 *len, u64 *room, u64 end)
{
    if (end > *room) {
        *image = realloc(*image, end * 2);
        memset(*image + *room, 0, end * 2 - *room);
        *room = end * 2;
    }
    if (end > *len)
        *len = end;
}

static void apply(const struct change *c, u8 **image, u64 *len, u64 *room)
{
    if (c->size) {
        grow(image, len, room, c->at);
        memset(*image + c->at, 0, *room - c->at);
        *len = c->at;
        return;
    }
    if (!c->data && c->at >= *len)
        return;
    if (c->data)
        grow(image, len, room, c->at + c->len);
    for (u64 i = 0; i < c->len && c->at + i < *len; i++)
        (*image)[c->at + i] = c->data ? c->data[i] : 0;
}

static void record(int fd, u64 at, const void *data, u64 len, bool size)
{
    struct change c = {.at = at, .len = len, .size = size};

    if (fd != target)
        return;
    if (changes == ARRAY_SIZE(pending))
        abort();
    if (data) {
        c.data = malloc(len);
        memcpy(c.data, data, len);
    }
    pending[changes++] = c;
}

ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t at);
ssize_t __real_pwritev(int fd, const struct iovec *parts, int count, off_t at);
int __real_fdatasync(int fd);
int __real_ftruncate(int fd, off_t size);
int __real_fallocate(int fd, int mode, off_t at, off_t len);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t at);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_fallocate(int fd, int mode, off_t at, off_t len);

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t at)
{
    record(fd, (u64)at, data, len, false);
    return __real_pwrite(fd, data, len, at);
}

ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    u64 to = (u64)at;

    for (int i = 0; i < count; i++) {
        record(fd, to, parts[i].iov_base, parts[i].iov_len, false);
        to += parts[i].iov_len;
    }
    return __real_pwritev(fd, parts, count, at);
}

/* The power may go off in the middle of a flush, too. */
static const char *cut_in_flush(void);

int __wrap_fdatasync(int fd)
{
    if (fd == target && !in_flush && next() % 4 == 0)
        in_flush = cut_in_flush();
    for (unsigned i = 0; fd == target && i < changes; i++) {
        apply(&pending[i], &stable, &stable_len, &stable_room);
        free(pending[i].data);
    }
    if (fd == target)
        changes = 0;
    return 0; /* nobody cuts this host's power */
}

int __wrap_ftruncate(int fd, off_t size)
{
    record(fd, (u64)size, NULL, 0, true);
    return __real_ftruncate(fd, size);
}

int __wrap_fallocate(int fd, int mode, off_t at, off_t len)
{
    record(fd, (u64)at, NULL, (u64)len, false);
    return __real_fallocate(fd, mode, at, len);
}

/* Which writes a sector may have: the last one that was flushed, and those since. */
static u32 flushed[DISK], since[DISK][8];
static u8 since_count[DISK];

static void note(u64 sector, u32 count, u32 number)
{
    for (u64 s = sector; s < sector + count; s++) {
        if (since_count[s] == ARRAY_SIZE(since[s]))
            since_count[s]--; /* the last ones are kept: what is forgotten is not cut off here */
        since[s][since_count[s]++] = number;
    }
}

static void note_flush(void)
{
    for (u64 s = 0; s < DISK; s++)
        if (since_count[s]) {
            flushed[s] = since[s][since_count[s] - 1];
            since_count[s] = 0;
        }
}

static bool may_have(u64 s, u32 number)
{
    bool may = number == flushed[s] || since_count[s] == ARRAY_SIZE(since[s]);

    for (unsigned i = 0; i < since_count[s]; i++)
        may = may || since[s][i] == number;
    return may;
}

/* NULL, or what is wrong with the image. */
static const char *judge(const char *path, const char *base_note)
{
    static char problem[600];
    char err[400];
    struct block *block = block_open(path, BLOCK_READ_ONLY | BLOCK_AS_IT_IS, err, sizeof(err));
    struct qcow2_check check;
    u8 data[BLOCK_SECTOR];
    int r;

    if (!block) {
        snprintf(problem, sizeof(problem), "%s: %s", base_note, err);
        return problem;
    }
    r = qcow2_check(qcow2_of(block), QCOW2_FIX_NONE, NULL, &check);
    *problem = '\0';
    if (r < 0 || check.errors)
        snprintf(problem, sizeof(problem), "%s: check: %s, %llu errors", base_note, strerror(-r),
                 (unsigned long long)check.errors);
    for (u64 s = 0; s < DISK && !*problem; s++) {
        r = block_read(block, s, data, 1);
        if (r < 0 || !may_have(s, get32(data)))
            snprintf(problem, sizeof(problem), "%s: sector %llu has write %u, and %u was flushed",
                     base_note, (unsigned long long)s, get32(data), flushed[s]);
    }
    block_close(block);
    return *problem ? problem : NULL;
}

/* Some of what is pending is there; of a write maybe only a part. */
static const char *cut(const char *path)
{
    u64 len = stable_len, room = stable_room, chance = 1 + next() % 15;
    u8 *image = malloc(room);
    FILE *file = fopen(path, "w");
    const char *problem;
    char command[600];

    memcpy(image, stable, room);
    for (unsigned i = 0; i < changes; i++) {
        struct change c = pending[i];

        if (next() % 16 >= chance)
            continue;
        if (c.data && c.len > BLOCK_SECTOR && next() % 4 == 0)
            c.len = (1 + next() % (c.len / BLOCK_SECTOR)) * BLOCK_SECTOR;
        apply(&c, &image, &len, &room);
    }
    if (!file || fwrite(image, 1, len, file) != len || fclose(file) != 0)
        abort();
    free(image);
    problem = judge(path, options);
    snprintf(command, sizeof(command), "qemu-img check -q -f qcow2 %s >/dev/null 2>&1", path);
    if (!problem && next() % 4 == 0) {
        int status = system(command);

        if (status != 0 && status != 3 << 8)
            problem = "qemu-img check";
    }
    return problem;
}

static const char *cut_in_flush(void)
{
    return cut(image_after);
}

static const char *wave(struct block *block, u32 number)
{
    static u8 data[200 * BLOCK_SECTOR];
    u32 count = 1 + (u32)(next() % (next() % 4 ? 10 : 200));
    u64 sector = next() % (DISK - count);
    int r;

    switch (next() % 8) {
    case 0:
        r = block_flush(block);
        note_flush();
        break;
    case 1:
        note(sector, count, 0);
        r = block_zero(block, sector, count);
        break;
    default:
        for (u32 i = 0; i < count * BLOCK_SECTOR; i += 4)
            put32(data + i, number);
        note(sector, count, number);
        r = block_write(block, sector, data, count);
        break;
    }
    return r < 0 ? strerror(-r) : NULL;
}

static const char *run(const char *image, unsigned long number)
{
    static const u32 clusters[] = {512, 1024, 4096, 16384, 65536};
    struct block_create create = {.base = "", .base_format = "", .version = 3, .size = DISK * 512};
    static char err[400];
    const char *problem = NULL;
    struct block *block;

    seed = number * 104729;
    in_flush = NULL;
    create.cluster = clusters[next() % ARRAY_SIZE(clusters)];
    create.refcount_bits = 1u << next() % 7;
    create.subclusters = create.cluster >= 16384 && next() % 2;
    snprintf(options, sizeof(options), "cluster %u, refcounts %u%s", create.cluster,
             create.refcount_bits, create.subclusters ? ", subclusters" : "");
    if (block_create(image, "qcow2", &create, err, sizeof(err)) < 0 ||
        !(block = block_open(image, 0, err, sizeof(err))))
        return err;
    memset(flushed, 0, sizeof(flushed));
    memset(since_count, 0, sizeof(since_count));
    stable_len = 0;
    memset(stable, 0, stable_room);
    grow(&stable, &stable_len, &stable_room, block->file->size);
    if (pread(block->file->fd, stable, stable_len, 0) != (ssize_t)stable_len)
        return "the image cannot be read";
    target = block->file->fd;
    for (u32 i = 1; i <= WAVES && !problem; i++) {
        problem = wave(block, i);
        if (!problem)
            problem = in_flush;
        if (!problem && next() % WAVES < CUTS)
            problem = cut(image_after);
    }
    target = -1;
    for (unsigned i = 0; i < changes; i++)
        free(pending[i].data);
    changes = 0;
    block_close(block);
    return problem;
}

int main(int argc, char **argv)
{
    unsigned long first = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    unsigned long count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0, passed = 0;
    char image[300], after[300];

    if (!count) {
        puts("usage: block-cut FOLDER FIRST COUNT");
        return 2;
    }
    snprintf(image, sizeof(image), "%s/image", argv[1]);
    snprintf(after, sizeof(after), "%s/after", argv[1]);
    image_after = after;
    stable_room = 1;
    stable = calloc(1, stable_room);
    for (unsigned long i = first; i < first + count; i++) {
        const char *problem = run(image, i);

        passed += !problem;
        if (problem)
            printf("FAIL cut %lu: %s\n", i, problem);
    }
    printf("%lu passed, %lu failed\n", passed, count - passed);
    return passed != count;
}
