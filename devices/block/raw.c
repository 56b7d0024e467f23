/* Raw images: a file, or a block device, whose bytes are the sectors in order.
 *
 * A file whose size is no multiple of a sector reads as if zeros followed, and only zeros can be
 * written there: a file never changes its size, and what is written is read again. One that shrinks
 * while it is open gives EIO.
 *
 * The lock is an open file description lock on the whole file, which other processes respect that ask
 * (QEMU does); where the file system knows no locks there is none. Not implemented: discarding
 * (holes stay filled once written). Source for the locks: fcntl(2). */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "devices/block/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/block/format.h"

struct raw {
    struct block block;
    int fd;
    u64 size; /* bytes */
    char *path;
    bool probed;  /* it only looks raw */
    bool refused; /* a write, and that was said */
};

static struct raw *raw_of(struct block *block)
{
    return container_of(block, struct raw, block);
}

/* Bytes of the file from `at` on, at most len. */
static size_t bytes_there(const struct raw *raw, u64 at, size_t len)
{
    return raw->size - at < len ? (size_t)(raw->size - at) : len;
}

static int raw_read(struct block *block, u64 sector, void *data, u32 count)
{
    struct raw *raw = raw_of(block);
    u64 at = sector * BLOCK_SECTOR;
    size_t wanted = (size_t)count * BLOCK_SECTOR, len = bytes_there(raw, at, wanted), done = 0;

    while (done < len) {
        ssize_t n = pread(raw->fd, (u8 *)data + done, len - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        done += (size_t)n;
    }
    memset((u8 *)data + len, 0, wanted - len);
    return 0;
}

/* Whether the guest writes another format's signature to where the next start would look for it. (QEMU asks the
 * same of an image's first sector.) */
static bool writes_signature(struct raw *raw, u64 sector, const u8 *data, u32 count)
{
    u64 last = raw->size / BLOCK_SECTOR - 1;
    bool has_tail = raw->size % BLOCK_SECTOR == 0 && sector <= last && last - sector < count;
    static const u8 none[BLOCK_SECTOR];
    const struct block_format *format;

    if (!raw->probed || (sector && !has_tail))
        return false;
    format = block_format_find(sector ? none : data,
                               has_tail ? data + (last - sector) * BLOCK_SECTOR : NULL);
    if (!format || format->packed)
        return false;
    if (!raw->refused)
        fprintf(stderr,
                "pagewalk: '%s': the guest may not make a %s image of it; -drive with format=raw "
                "lets it\n",
                raw->path, format->name);
    raw->refused = true;
    return true;
}

static int raw_write(struct block *block, u64 sector, const void *data, u32 count)
{
    struct raw *raw = raw_of(block);
    u64 at = sector * BLOCK_SECTOR;
    size_t wanted = (size_t)count * BLOCK_SECTOR, len = bytes_there(raw, at, wanted), done = 0;

    if (writes_signature(raw, sector, data, count))
        return -EPERM;
    for (size_t i = len; i < wanted; i++)
        if (((const u8 *)data)[i])
            return -EINVAL;
    while (done < len) {
        ssize_t n = pwrite(raw->fd, (const u8 *)data + done, len - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

static int raw_flush(struct block *block)
{
    return fdatasync(raw_of(block)->fd) < 0 ? -errno : 0;
}

static void raw_close(struct block *block)
{
    struct raw *raw = raw_of(block);

    if (raw->fd >= 0)
        close(raw->fd); /* and with it goes the lock */
    free(raw->path);
    free(raw);
}

static const struct block_ops raw_ops = {raw_read, raw_write, raw_flush, raw_close};

/* Opens for writing where that is possible and wanted; *read_only says what became of it. */
static int open_file(const char *path, bool *read_only)
{
    int fd = -1;

    if (!*read_only) {
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0 && errno != EACCES && errno != EPERM && errno != EROFS && errno != ETXTBSY)
            return -errno;
    }
    if (fd < 0) {
        *read_only = true;
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    return fd < 0 ? -errno : fd;
}

/* 0, -EBUSY when somebody has the file, or another -errno. */
static int lock_file(int fd, bool read_only)
{
    struct flock lock = {.l_type = read_only ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    switch (errno) {
    case EACCES:
    case EAGAIN: return -EBUSY;
    case EINVAL: /* no locks on this file system */
    case ENOLCK:
    case ENOSYS:
    case EOPNOTSUPP: return 0;
    default: return -errno;
    }
}

static int file_size(int fd, const struct stat *st, u64 *size)
{
    *size = (u64)st->st_size;
    return S_ISBLK(st->st_mode) && ioctl(fd, BLKGETSIZE64, size) < 0 ? -errno : 0;
}

/* The reason for which the path can be no image, whatever its contents; NULL: it may be one. */
static const char *wrong_kind(const char *path, struct stat *st)
{
    if (stat(path, st) < 0)
        return strerror(errno);
    if (S_ISDIR(st->st_mode))
        return strerror(EISDIR);
    /* Asked before it is opened: opening a FIFO or a terminal has effects. */
    return S_ISREG(st->st_mode) || S_ISBLK(st->st_mode) ? NULL : "neither a file nor a disk";
}

/* Reads the file's first or last BLOCK_SECTOR bytes, or what there is of them. */
static int read_end(const struct raw *raw, u64 at, u8 *data)
{
    ssize_t n;

    memset(data, 0, BLOCK_SECTOR);
    do
        n = pread(raw->fd, data, BLOCK_SECTOR, (off_t)at);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}

/* What only looks raw is watched; what does not even do that is refused. */
static int probe(struct raw *raw, const char *path, char *err, size_t err_len)
{
    u64 last = raw->size > BLOCK_SECTOR ? raw->size - BLOCK_SECTOR : 0;
    const struct block_format *format;
    u8 head[BLOCK_SECTOR], tail[BLOCK_SECTOR];
    int r = read_end(raw, 0, head);

    if (r == 0)
        r = read_end(raw, last, tail);
    if (r < 0) {
        snprintf(err, err_len, "cannot read disk image '%s': %s", path, strerror(-r));
        return r;
    }
    format = block_format_find(head, tail);
    if (format && !format->packed) {
        block_format_explain(format, path, err, err_len);
        return -EMEDIUMTYPE;
    }
    raw->probed = true;
    raw->block.packed = format ? format->name : NULL;
    return 0;
}

struct block *block_open_raw(const char *path, unsigned flags, char *err, size_t err_len)
{
    struct stat st;
    const char *reason = wrong_kind(path, &st);
    bool read_only = flags & BLOCK_READ_ONLY;
    struct raw *raw;
    int r = 0;

    if (reason) {
        snprintf(err, err_len, "cannot open disk image '%s': %s", path, reason);
        return NULL;
    }
    raw = calloc(1, sizeof(*raw));
    if (raw)
        raw->path = strdup(path);
    if (!raw || !raw->path) {
        free(raw);
        snprintf(err, err_len, "the host has no memory for disk image '%s'", path);
        return NULL;
    }
    raw->fd = open_file(path, &read_only);
    if (raw->fd < 0)
        r = raw->fd;
    if (r == 0)
        r = lock_file(raw->fd, read_only);
    if (r == 0)
        r = file_size(raw->fd, &st, &raw->size);
    if (r < 0) {
        snprintf(err, err_len, "cannot open disk image '%s': %s", path,
                 r == -EBUSY ? "it is in use by another program or drive" : strerror(-r));
    } else if (raw->size == 0) {
        snprintf(err, err_len, "disk image '%s' is empty", path);
        r = -EINVAL;
    } else if (!(flags & BLOCK_RAW)) {
        r = probe(raw, path, err, err_len);
    }
    if (r < 0) {
        raw_close(&raw->block);
        return NULL;
    }
    raw->block.ops = &raw_ops;
    raw->block.path = raw->path;
    raw->block.read_only = read_only;
    raw->block.sectors = raw->size / BLOCK_SECTOR + (raw->size % BLOCK_SECTOR != 0);
    return &raw->block;
}
