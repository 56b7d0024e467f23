/* Snapshots: a back end that keeps writes in a scratch file and reads the rest from another one.
 *
 * The scratch file is sparse, has every sector at the place it has in the image, and loses its name as
 * soon as it is made, so that nothing of it remains however the process ends. A bit for each sector
 * says where the sector is. block_commit() writes them to the image. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/block.h"
#include "devices/block/file.h"

struct snapshot {
    struct block block;
    bool owner; /* of base */
    int fd;
    u64 *written; /* a bit a sector: it is in the scratch file */
};

static struct snapshot *snapshot_of(struct block *block)
{
    return container_of(block, struct snapshot, block);
}

static bool is_written(const struct snapshot *snap, u64 sector)
{
    return snap->written[sector / 64] >> sector % 64 & 1;
}

static int scratch_read(const struct snapshot *snap, u64 sector, u8 *data, size_t len)
{
    off_t at = (off_t)(sector * BLOCK_SECTOR);

    while (len) {
        ssize_t n = pread(snap->fd, data, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int snapshot_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct snapshot *snap = snapshot_of(block);
    u8 *to = data;

    while (count) { /* runs of sectors from the same place */
        bool scratch = is_written(snap, sector);
        u32 n = 1;
        int r;

        while (n < count && is_written(snap, sector + n) == scratch)
            n++;
        r = scratch ? scratch_read(snap, sector, to, (size_t)n * BLOCK_SECTOR)
                    : block_read(snap->block.base, sector, to, n);
        if (r < 0)
            return r;
        sector += n;
        count -= n;
        to += (size_t)n * BLOCK_SECTOR;
    }
    return 0;
}

static int snapshot_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct snapshot *snap = snapshot_of(block);
    const u8 *from = data;
    size_t len = (size_t)count * BLOCK_SECTOR;
    off_t at = (off_t)(sector * BLOCK_SECTOR);

    while (len) {
        ssize_t n = pwrite(snap->fd, from, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        from += n;
        at += n;
        len -= (size_t)n;
    }
    for (u64 s = sector; s < sector + count; s++)
        snap->written[s / 64] |= 1ull << s % 64;
    return 0;
}

static void snapshot_close(struct block *block)
{
    struct snapshot *snap = snapshot_of(block);

    close(snap->fd);
    free(snap->written);
    if (snap->owner)
        block_close(snap->block.base);
    free(snap);
}

static int snapshot_map(struct block *block, u64 sector, struct block_extent *extent)
{
    struct snapshot *snap = snapshot_of(block);
    bool written = is_written(snap, sector);
    u64 end = sector + extent->count, at = sector + 1;

    while (at < end) { /* whole words at a time, as far as they go */
        u64 word = snap->written[at / 64];

        if (at % 64 == 0 && word == (written ? ~0ull : 0))
            at += 64;
        else if (is_written(snap, at) == written)
            at++;
        else
            break;
    }
    extent->count = (at < end ? at : end) - sector;
    extent->kind = written ? BLOCK_DATA : BLOCK_ABSENT;
    return 0;
}

static int snapshot_empty(struct block *block)
{
    struct snapshot *snap = snapshot_of(block);

    memset(snap->written, 0, (block->sectors / 64 + 1) * sizeof(*snap->written));
    return ftruncate(snap->fd, 0) < 0 ? -errno : 0;
}

/* No flush: nobody sees the scratch file after a crash. */
static const struct block_ops snapshot_ops = {
    .read = snapshot_read,
    .write = snapshot_write,
    .close = snapshot_close,
    .empty = snapshot_empty,
    .map = snapshot_map,
};

struct block *block_overlay(struct block *base, char *err, size_t err_len)
{
    struct snapshot *snap = calloc(1, sizeof(*snap));
    u64 words = base->sectors / 64 + 1;

    if (snap)
        snap->written = calloc(words, sizeof(*snap->written));
    if (!snap || !snap->written) {
        snprintf(err, err_len, "the host has no memory for a snapshot of %llu MiB",
                 (unsigned long long)(base->sectors / 2048));
        goto failed;
    }
    snap->fd = scratch_open(err, err_len);
    if (snap->fd < 0)
        goto failed;
    snap->block.ops = &snapshot_ops;
    snap->block.sectors = base->sectors;
    snap->block.path = base->path;
    snap->block.packed = base->packed;
    snap->block.unpacked = base->unpacked;
    snap->block.base = base;
    return &snap->block;

failed:
    if (snap)
        free(snap->written);
    free(snap);
    return NULL;
}

struct block *block_snapshot(struct block *base, char *err, size_t err_len)
{
    struct block *block = block_overlay(base, err, err_len);

    if (block)
        snapshot_of(block)->owner = block->saves = true;
    else
        block_close(base);
    return block;
}
