/* Raw images: a file, or a block device, whose bytes are the sectors in order.
 *
 * A file whose size is no multiple of a sector reads as if zeros followed, and only zeros can be
 * written there: what a guest writes never changes a file's size, and what is written is read again. One that
 * shrinks while it is open gives EIO. */
#include "devices/block/raw.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/file.h"

struct raw {
    struct block block;
    struct file *file;
    bool probed;  /* it only looks raw */
    bool refused; /* a write, and that was said */
};

static struct raw *raw_of(struct block *block)
{
    return container_of(block, struct raw, block);
}

static int raw_read(struct block *block, u64 sector, void *data, u32 count)
{
    return file_read(raw_of(block)->file, sector * BLOCK_SECTOR, data,
                     (size_t)count * BLOCK_SECTOR);
}

/* Where a format's footer is looked for: the last bytes, which begin within a sector where the size is odd. */
static u64 tail_start(const struct raw *raw)
{
    return raw->file->size > BLOCK_SECTOR ? raw->file->size - BLOCK_SECTOR : 0;
}

/* What the file's last bytes become by a write of len bytes at `at`; false: it leaves them alone. */
static bool new_tail(const struct raw *raw, u64 at, const u8 *data, size_t len, u8 *tail)
{
    u64 start = tail_start(raw), from = at > start ? at : start;

    if (at + len <= start || file_read(raw->file, start, tail, BLOCK_SECTOR) < 0)
        return false;
    memcpy(tail + (from - start), data + (from - at), at + len - from);
    return true;
}

/* Whether the guest writes another format's signature to where the next start would look for it, which a footer's two
 * halves may reach by two writes. (QEMU asks the same of an image's first sector.) */
static bool writes_signature(struct raw *raw, u64 at, const u8 *data, size_t len)
{
    static const u8 none[BLOCK_SECTOR];
    const struct block_format *format;
    u8 tail[BLOCK_SECTOR];
    bool has_tail;

    if (!raw->probed)
        return false;
    has_tail = new_tail(raw, at, data, len, tail);
    if (at && !has_tail)
        return false;
    format = block_format_find(at ? none : data, has_tail ? tail : NULL);
    if (!format || format->packed)
        return false;
    if (!raw->refused)
        fprintf(stderr,
                "pagewalk: '%s': the guest may not make a %s image of it; -drive with format=raw "
                "lets it\n",
                raw->file->path, format->name);
    raw->refused = true;
    return true;
}

static int raw_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct raw *raw = raw_of(block);
    u64 at = sector * BLOCK_SECTOR, there = raw->file->size - at;
    size_t wanted = (size_t)count * BLOCK_SECTOR, len = there < wanted ? (size_t)there : wanted;

    if (writes_signature(raw, at, data, len))
        return -EPERM;
    for (size_t i = len; i < wanted; i++)
        if (((const u8 *)data)[i])
            return -EINVAL;
    return file_write(raw->file, at, data, len);
}

static int raw_flush(struct block *block)
{
    return file_sync(raw_of(block)->file);
}

static void raw_close(struct block *block)
{
    struct raw *raw = raw_of(block);

    file_close(raw->file);
    free(raw);
}

/* Holes, where the whole sectors are in the file and it can have any. */
static int raw_zero(struct block *block, u64 sector, u64 count)
{
    struct raw *raw = raw_of(block);
    u64 at = sector * BLOCK_SECTOR, len = count * BLOCK_SECTOR;

    return raw->file->device || at + len > raw->file->size ? -ENOTSUP
                                                           : file_punch(raw->file, at, len);
}

static int raw_resize(struct block *block, u64 sectors)
{
    int r = file_resize(raw_of(block)->file, sectors * BLOCK_SECTOR);

    if (r == 0)
        block->sectors = sectors;
    return r;
}

static int raw_map(struct block *block, u64 sector, struct block_extent *extent)
{
    u64 at = sector * BLOCK_SECTOR, len = extent->count * BLOCK_SECTOR;

    /* A piece that ends within a sector is the file's last one, or a file system's odd hole: data, to be safe. */
    if (!file_has_data(raw_of(block)->file, at, &len) && len >= BLOCK_SECTOR)
        extent->kind = BLOCK_ZERO;
    if (len >= BLOCK_SECTOR && len / BLOCK_SECTOR < extent->count)
        extent->count = len / BLOCK_SECTOR;
    else if (len < BLOCK_SECTOR)
        extent->count = 1;
    extent->placed = true;
    extent->offset = at;
    return 0;
}

static int raw_set_writable(struct block *block, bool on)
{
    return file_set_writable(raw_of(block)->file, on);
}

static const struct block_ops raw_ops = {
    .read = raw_read,
    .write = raw_write,
    .flush = raw_flush,
    .close = raw_close,
    .discard = raw_zero,
    .zero = raw_zero,
    .resize = raw_resize,
    .set_writable = raw_set_writable,
    .map = raw_map,
};

struct block *raw_open(struct file *file, const struct block_how *how, char *err, size_t err_len)
{
    struct raw *raw;

    if (file->size == 0) {
        snprintf(err, err_len, "disk image '%s' is empty", file->path);
        return NULL;
    }
    raw = calloc(1, sizeof(*raw));
    if (!raw) {
        snprintf(err, err_len, "the host has no memory for disk image '%s'", file->path);
        return NULL;
    }
    raw->file = file;
    raw->probed = how->probed;
    raw->block.ops = &raw_ops;
    raw->block.sectors = file->size / BLOCK_SECTOR + (file->size % BLOCK_SECTOR != 0);
    return &raw->block;
}

int raw_create(struct file *file, const struct block_create *create, char *err, size_t err_len)
{
    int r = file_resize(file, create->size);

    if (r < 0)
        snprintf(err, err_len, "cannot make '%s' that large: %s", file->path, strerror(-r));
    return r;
}

int raw_preallocate(struct block *block, enum block_preallocation how)
{
    struct raw *raw = raw_of(block);

    return how == PREALLOCATE_METADATA
               ? -ENOTSUP
               : file_allocate(raw->file, raw->file->size, how == PREALLOCATE_FULL);
}
