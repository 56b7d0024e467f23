/* Works on an image by orders, and checks it against a raw reference that has the same done to it.
 *
 * usage: blockio IMAGE FORMAT REFERENCE        orders on standard input, one a line:
 *            w SECTOR COUNT SEED   write        z SECTOR COUNT   write zeros
 *            d SECTOR COUNT        discard      f                flush
 *            a SECTOR COUNT        another program has discarded these: they are zeros or as before
 *            v                     everything is as in the reference
 *        blockio IMAGE FORMAT storm SEED LOG   random writes for ever; what was flushed is noted in LOG
 *        blockio IMAGE FORMAT ashore SEED LOG  after a crash: nothing that was noted is lost
 *
 * Exit status: 0 all is well, 1 not (one line says why). */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/block.h"
#include "tests/block/wave.h"

#define COUNT_MAX 4096u /* sectors of an order */

static struct block *image;
static int reference = -1;
static _Alignas(8) u8 data[COUNT_MAX * BLOCK_SECTOR], was[COUNT_MAX * BLOCK_SECTOR];

static _Noreturn void printf_like(1, 2) fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fputs("blockio: ", stdout);
    vprintf(fmt, args);
    putchar('\n');
    va_end(args);
    exit(1);
}

static void must(int r, const char *what)
{
    if (r < 0)
        fail("%s: %s", what, strerror(-r));
}

/* Half of the seeds give what can be compressed. */
static void fill(u8 *to, u32 count, u64 seed)
{
    for (size_t i = 0; i < (size_t)count * BLOCK_SECTOR; i += 8) {
        u64 value = seed & 1 ? wave_next(&seed) : seed + (i / 512);

        put64(to + i, value);
    }
}

static void get_reference(u64 sector, u8 *to, u32 count)
{
    size_t len = (size_t)count * BLOCK_SECTOR;

    if (pread(reference, to, len, (off_t)(sector * BLOCK_SECTOR)) != (ssize_t)len)
        fail("the reference is too short");
}

static void put_reference(u64 sector, const u8 *from, u32 count)
{
    size_t len = (size_t)count * BLOCK_SECTOR;

    if (pwrite(reference, from, len, (off_t)(sector * BLOCK_SECTOR)) != (ssize_t)len)
        fail("the reference: %s", strerror(errno));
}

static void discarded(u64 sector, u32 count)
{
    static const u8 zeros[BLOCK_SECTOR];

    must(block_read(image, sector, data, count), "read");
    get_reference(sector, was, count);
    for (u32 i = 0; i < count; i++)
        if (memcmp(data + i * BLOCK_SECTOR, zeros, BLOCK_SECTOR) != 0 &&
            memcmp(data + i * BLOCK_SECTOR, was + i * BLOCK_SECTOR, BLOCK_SECTOR) != 0)
            fail("sector %llu was discarded, and is something else",
                 (unsigned long long)sector + i);
    put_reference(sector, data, count);
}

static void verify(void)
{
    for (u64 at = 0; at < image->sectors; at += COUNT_MAX) {
        u32 n = image->sectors - at < COUNT_MAX ? (u32)(image->sectors - at) : COUNT_MAX;

        must(block_read(image, at, data, n), "read");
        get_reference(at, was, n);
        for (u32 i = 0; i < n; i++)
            if (memcmp(data + i * BLOCK_SECTOR, was + i * BLOCK_SECTOR, BLOCK_SECTOR) != 0)
                fail("sector %llu differs", (unsigned long long)at + i);
    }
}

static void obey(const char *line)
{
    unsigned long long sector = 0, seed = 0;
    unsigned count = 0;
    char order = 0;

    if (sscanf(line, "%c %llu %u %llu", &order, &sector, &count, &seed) < 1 || count > COUNT_MAX)
        fail("no order: %s", line);
    switch (order) {
    case 'w':
        fill(data, count, seed);
        must(block_write(image, sector, data, count), "write");
        put_reference(sector, data, count);
        break;
    case 'z':
        must(block_zero(image, sector, count), "zero");
        memset(data, 0, sizeof(data));
        put_reference(sector, data, count);
        break;
    case 'd': must(block_discard(image, sector, count), "discard"); /* fall through */
    case 'a': discarded(sector, count); break;
    case 'f': must(block_flush(image), "flush"); break;
    case 'v': verify(); break;
    default: fail("no order: %s", line);
    }
}

static _Noreturn void storm(u64 seed, const char *log)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    for (u64 number = 1;; number++) {
        struct wave wave = wave_of(seed, number, image->sectors);

        wave_mark((u64 *)data, wave.count, wave.sector, number);
        if (wave.zero)
            must(block_zero(image, wave.sector, wave.count), "zero");
        else
            must(block_write(image, wave.sector, data, wave.count), "write");
        if (wave.flush) {
            must(block_flush(image), "flush");
            if (pwrite(fd, &number, sizeof(number), 0) != sizeof(number))
                fail("the log: %s", strerror(errno));
        }
    }
}

/* Each sector has what was written to it last before the last flush, or something that was written since. */
static void ashore(u64 seed, const char *log)
{
    u64 flushed = 0, logged, *last = calloc(image->sectors, sizeof(*last));
    int fd = open(log, O_RDONLY);

    while (fd >= 0 && read(fd, &logged, sizeof(logged)) == sizeof(logged))
        flushed = logged; /* the last one that is whole */
    for (u64 number = 1; number <= flushed; number++) {
        struct wave wave = wave_of(seed, number, image->sectors);

        for (u32 i = 0; i < wave.count; i++)
            last[wave.sector + i] = number;
    }
    for (u64 s = 0; s < image->sectors; s++) {
        u64 number;

        must(block_read(image, s, data, 1), "read");
        number = get64(data + 8);
        if (number == 0 && (last[s] == 0 || wave_of(seed, last[s], image->sectors).zero))
            continue;
        wave_mark((u64 *)was, 1, s, number);
        if (number < last[s] && number != 0)
            fail("sector %llu has write %llu, and %llu was flushed", (unsigned long long)s,
                 (unsigned long long)number, (unsigned long long)last[s]);
        if (number && memcmp(data, was, BLOCK_SECTOR) != 0)
            fail("sector %llu has something that was never written", (unsigned long long)s);
        if (number) {
            struct wave wave = wave_of(seed, number, image->sectors);

            if (wave.zero || s < wave.sector || s >= wave.sector + wave.count)
                fail("sector %llu has write %llu, which was not to it", (unsigned long long)s,
                     (unsigned long long)number);
        } else {
            bool zeroed = false; /* since */

            for (u64 n = flushed + 1; n < flushed + 100000 && !zeroed; n++) {
                struct wave wave = wave_of(seed, n, image->sectors);

                zeroed = wave.zero && s >= wave.sector && s < wave.sector + wave.count;
            }
            if (!zeroed)
                fail("sector %llu has lost write %llu", (unsigned long long)s,
                     (unsigned long long)last[s]);
        }
    }
    printf("%llu\n", (unsigned long long)flushed);
}

int main(int argc, char **argv)
{
    char line[200], err[1024];
    bool after = argc == 6 && strcmp(argv[3], "ashore") == 0;

    if (argc != 4 && argc != 6)
        fail("usage: blockio IMAGE FORMAT REFERENCE | storm SEED LOG | ashore SEED LOG");
    image = block_open_as(argv[1], argv[2], after ? BLOCK_READ_ONLY : 0, err, sizeof(err));
    if (!image)
        fail("%s", err);
    if (after) {
        ashore(strtoull(argv[4], NULL, 10), argv[5]);
    } else if (argc == 6) {
        storm(strtoull(argv[4], NULL, 10), argv[5]);
    } else {
        reference = open(argv[3], O_RDWR);
        if (reference < 0)
            fail("the reference: %s", strerror(errno));
        while (fgets(line, sizeof(line), stdin))
            obey(line);
        must(block_flush(image), "flush");
    }
    block_close(image);
    return 0;
}
