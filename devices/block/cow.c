/* Copy-on-write images of User-mode Linux, as QEMU had them in 2003: a header, a bit for each sector that the image
 * has, and those sectors at the places that they have on the disk.
 *
 * The base's time of change is in the header: a base that was changed since would make one disk of two, and is refused.
 * The bits are kept in memory, and written when the sectors are on disk: what a crash costs is what was not flushed.
 * doc/formats.md has the bytes. */
#include "devices/block/cow.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/be.h"

#define HEADER         1056u /* bytes; the bits follow */
#define NAME           8u
#define NAME_LEN       1024u
#define MTIME          1032u
#define SIZE           1040u
#define SECTOR         1048u
#define SIZE_MAX_BYTES (1ull << 40) /* of a disk: its bits then take 256 MiB */

struct cow {
    struct block block;
    struct file *file;
    u8 *bits;
    u64 bits_len, data;         /* where the sectors are */
    u64 dirty_first, dirty_end; /* bytes of the bits that the file does not have yet */
};

static struct cow *cow_of(struct block *block)
{
    return container_of(block, struct cow, block);
}

static bool has(const struct cow *cow, u64 sector)
{
    return cow->bits[sector / 8] >> sector % 8 & 1;
}

/* How many sectors, at most `count`, are in the same place as the first one. */
static u64 run_of(const struct cow *cow, u64 sector, u64 count)
{
    u8 same = has(cow, sector) ? 0xff : 0;
    u64 at = sector + 1, end = sector + count;

    while (at < end)
        if (at % 8 == 0 && cow->bits[at / 8] == same)
            at += 8;
        else if (has(cow, at) == !!same)
            at++;
        else
            break;
    return (at < end ? at : end) - sector;
}

static int cow_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct cow *cow = cow_of(block);
    u8 *to = data;
    int r = 0;

    while (count && r == 0) {
        u32 n = (u32)run_of(cow, sector, count);
        size_t len = (size_t)n * BLOCK_SECTOR;

        if (has(cow, sector))
            r = file_read(cow->file, cow->data + sector * BLOCK_SECTOR, to, len);
        else if (block->base)
            r = block_read(block->base, sector, to, n);
        else
            memset(to, 0, len);
        sector += n;
        count -= n;
        to += len;
    }
    return r;
}

static int cow_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct cow *cow = cow_of(block);
    int r = file_write(cow->file, cow->data + sector * BLOCK_SECTOR, data,
                       (size_t)count * BLOCK_SECTOR);

    if (r < 0 || (has(cow, sector) && run_of(cow, sector, count) == count))
        return r;
    for (u64 s = sector; s < sector + count; s++)
        cow->bits[s / 8] |= (u8)(1u << s % 8);
    if (cow->dirty_end == 0 || sector / 8 < cow->dirty_first)
        cow->dirty_first = sector / 8;
    if ((sector + count + 7) / 8 > cow->dirty_end)
        cow->dirty_end = (sector + count + 7) / 8;
    return 0;
}

static int cow_flush(struct block *block)
{
    struct cow *cow = cow_of(block);
    int r = file_sync(cow->file);

    if (r < 0 || cow->dirty_end == 0)
        return r;
    r = file_write(cow->file, HEADER + cow->dirty_first, cow->bits + cow->dirty_first,
                   cow->dirty_end - cow->dirty_first);
    if (r == 0)
        r = file_sync(cow->file);
    if (r == 0)
        cow->dirty_first = cow->dirty_end = 0;
    return r;
}

static void cow_free(struct cow *cow)
{
    block_close(cow->block.base);
    free(cow->bits);
    free(cow);
}

static void cow_close(struct block *block)
{
    struct cow *cow = cow_of(block);

    if (!block->read_only)
        cow_flush(block);
    file_close(cow->file);
    cow_free(cow);
}

static int cow_map(struct block *block, u64 sector, struct block_extent *extent)
{
    struct cow *cow = cow_of(block);

    extent->count = run_of(cow, sector, extent->count);
    extent->placed = has(cow, sector);
    extent->kind = extent->placed ? BLOCK_DATA : BLOCK_ABSENT;
    extent->offset = cow->data + sector * BLOCK_SECTOR;
    return 0;
}

/* Everything is the base's, as it is now. */
static int cow_empty(struct block *block)
{
    struct cow *cow = cow_of(block);
    u8 mtime[4];
    int r;

    put_be32(mtime, (u32)file_mtime(block->base->file));
    memset(cow->bits, 0, cow->bits_len);
    r = file_write(cow->file, MTIME, mtime, sizeof(mtime));
    if (r == 0)
        r = file_write(cow->file, HEADER, cow->bits, cow->bits_len);
    if (r == 0)
        r = file_sync(cow->file);
    cow->dirty_first = cow->dirty_end = 0;
    return r == 0 ? file_resize(cow->file, HEADER + cow->bits_len) : r;
}

static const struct block_ops cow_ops = {
    .read = cow_read,
    .write = cow_write,
    .flush = cow_flush,
    .close = cow_close,
    .empty = cow_empty,
    .map = cow_map,
};

static int bad(const struct file *file, char *err, size_t err_len, const char *reason)
{
    snprintf(err, err_len, "cannot open cow image '%s': %s", file->path, reason);
    return -EINVAL;
}

/* The base must be what it was when the image was made. */
static int open_base(struct cow *cow, const u8 *header, const struct block_how *how, char *err,
                     size_t err_len)
{
    struct block *base;
    char name[NAME_LEN + 1] = "";
    int r;

    memcpy(name, header + NAME, NAME_LEN);
    if (!*name || how->flags & BLOCK_NO_BASE)
        return 0;
    r = block_open_base(name, "raw", how, &base, err, err_len);
    if (r < 0)
        return r;
    cow->block.base = base;
    cow->block.saves = true;
    if ((u32)file_mtime(base->file) != get_be32(header + MTIME)) {
        snprintf(err, err_len, "'%s': its base '%s' was changed since the image was made",
                 cow->file->path, name);
        return -ESTALE;
    }
    if (base->sectors != cow->block.sectors) {
        snprintf(err, err_len, "'%s': its base '%s' has another size than when the image was made",
                 cow->file->path, name);
        return -ESTALE;
    }
    return 0;
}

struct block *cow_open(struct file *file, const struct block_how *how, char *err, size_t err_len)
{
    struct cow *cow = calloc(1, sizeof(*cow));
    u8 header[HEADER];
    u64 size;
    int r = cow ? file_read(file, 0, header, sizeof(header)) : -ENOMEM;

    if (r < 0) {
        bad(file, err, err_len, strerror(-r));
        free(cow);
        return NULL;
    }
    size = get_be64(header + SIZE);
    if (get_be32(header) != 0x4f4f4f4d || get_be32(header + 4) != 2)
        r = bad(file, err, err_len, "it has no cow header of version 2");
    else if (get_be32(header + SECTOR) != BLOCK_SECTOR || size == 0 || size > SIZE_MAX_BYTES)
        r = bad(file, err, err_len, "its size is none that a disk could have");
    cow->file = file;
    cow->block.ops = &cow_ops;
    cow->block.read_only = file->read_only;
    cow->block.sectors = size / BLOCK_SECTOR + (size % BLOCK_SECTOR != 0);
    cow->bits_len = (cow->block.sectors + 7) / 8;
    cow->data = (HEADER + cow->bits_len + BLOCK_SECTOR - 1) & ~(u64)(BLOCK_SECTOR - 1);
    if (r == 0 && !(cow->bits = malloc(cow->bits_len)))
        r = bad(file, err, err_len, "the host has no memory for it");
    if (r == 0 && file_read(file, HEADER, cow->bits, cow->bits_len) < 0)
        r = bad(file, err, err_len, "it cannot be read");
    if (r == 0)
        r = open_base(cow, header, how, err, err_len);
    if (r == 0)
        return &cow->block;
    cow_free(cow);
    return NULL;
}

/* The base's name is made absolute, as the image may be moved. */
static int put_base(u8 *header, const struct file *file, const char *base, char *err,
                    size_t err_len)
{
    char path[PATH_MAX], full[PATH_MAX];
    struct file *at;

    if (!block_base_path(file->path, base, path, sizeof(path)) || !realpath(path, full) ||
        strlen(full) >= NAME_LEN) {
        snprintf(err, err_len, "'%s': the base '%s' is not there, or its name is too long",
                 file->path, base);
        return -EINVAL;
    }
    at = file_open(full, BLOCK_READ_ONLY, err, err_len);
    if (!at)
        return -EIO;
    strcpy((char *)header + NAME, full);
    put_be32(header + MTIME, (u32)file_mtime(at));
    put_be64(header + SIZE, at->size);
    file_close(at);
    return 0;
}

int cow_create(struct file *file, const struct block_create *create, char *err, size_t err_len)
{
    u8 header[HEADER] = {0};
    u64 sectors;
    int r = 0;

    put_be32(header, 0x4f4f4f4d);
    put_be32(header + 4, 2);
    put_be64(header + SIZE, create->size);
    put_be32(header + SECTOR, BLOCK_SECTOR);
    if (*create->base)
        r = put_base(header, file, create->base, err, err_len);
    if (r < 0)
        return r;
    sectors = get_be64(header + SIZE) / BLOCK_SECTOR + 1;
    r = get_be64(header + SIZE) > SIZE_MAX_BYTES ? -EFBIG
                                                 : file_write(file, 0, header, sizeof(header));
    if (r == 0)
        r = file_resize(file, HEADER + (sectors + 7) / 8);
    if (r < 0)
        snprintf(err, err_len, "cannot make '%s': %s", file->path, strerror(-r));
    return r;
}
