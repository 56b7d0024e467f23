/* The bytes behind an image: a host's file or block device, opened once and locked. */
#define _GNU_SOURCE /* O_DIRECT, F_OFD_SETLK, SEEK_DATA, fallocate */
#include "devices/block/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/block/block.h"

int file_read(struct file *file, u64 at, void *data, size_t len)
{
    size_t there = at >= file->size ? 0 : file->size - at < len ? (size_t)(file->size - at) : len;
    size_t done = 0;

    if (file->align && there) {
        int r = file_direct_read(file, at, data, there);

        if (r < 0)
            return r;
        done = there;
    }
    while (done < there) {
        ssize_t n = pread(file->fd, (u8 *)data + done, there - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        done += (size_t)n;
    }
    memset((u8 *)data + there, 0, len - there);
    return 0;
}

int file_write_parts(struct file *file, u64 at, struct iovec *parts, int count)
{
    while (count) {
        ssize_t n;

        if (parts->iov_len == 0) {
            parts++, count--;
            continue;
        }
        if (file->align) {
            int r = file_direct_write(file, at, parts->iov_base, parts->iov_len);

            if (r < 0)
                return r;
            at += parts->iov_len;
            parts->iov_len = 0;
            continue;
        }
        n = count == 1 ? pwrite(file->fd, parts->iov_base, parts->iov_len, (off_t)at)
                       : pwritev(file->fd, parts, count, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += (u64)n;
        if (at > file->size)
            file->size = at;
        for (; count && (size_t)n >= parts->iov_len; parts++, count--)
            n -= (ssize_t)parts->iov_len;
        if (count) {
            parts->iov_base = (u8 *)parts->iov_base + n;
            parts->iov_len -= (size_t)n;
        }
    }
    return 0;
}

int file_write(struct file *file, u64 at, const void *data, size_t len)
{
    struct iovec part = {(void *)data, len};

    return file_write_parts(file, at, &part, 1);
}

/* After an error the host has given up what it could not write, and its next answer knows nothing of it: the error stays
 * until the file is closed. */
int file_sync(struct file *file)
{
    if (!file->no_sync && fdatasync(file->fd) < 0 && !file->lost)
        file->lost = -errno;
    return file->lost;
}

int file_resize(struct file *file, u64 size)
{
    if (file->device)
        return size <= file->size ? 0 : -ENOSPC;
    if (ftruncate(file->fd, (off_t)size) < 0)
        return -errno;
    file->size = size;
    return 0;
}

int file_allocate(struct file *file, u64 size, bool write)
{
    static const u8 zeros[64 * KIB];
    int r = 0;

    if (!write)
        return -posix_fallocate(file->fd, 0, (off_t)size);
    for (u64 at = 0, len = size; at < size && r == 0; at += len) {
        len = size - at;
        if (!file_has_data(file, at, &len)) {
            if (len > sizeof(zeros))
                len = sizeof(zeros);
            r = file_write(file, at, zeros, len);
        }
    }
    return r;
}

int file_punch(struct file *file, u64 at, u64 len)
{
    if (at >= file->size)
        return 0;
    if (fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)len) == 0)
        return 0;
    return errno == EOPNOTSUPP || errno == ENOSYS || errno == ENODEV ? -ENOTSUP : -errno;
}

bool file_has_data(struct file *file, u64 at, u64 *len)
{
    off_t data, hole;
    u64 there = at < file->size ? file->size - at : 0;

    if (!there)
        return false;
    data = lseek(file->fd, (off_t)at, SEEK_DATA);
    if (data < 0 && errno == ENXIO)
        return false; /* a hole up to the end */
    if (data < 0 || (u64)data == at) {
        hole = data < 0 ? -1 : lseek(file->fd, (off_t)at, SEEK_HOLE);
        if (hole > (off_t)at)
            there = (u64)hole - at;
        if (there < *len)
            *len = there;
        return true;
    }
    if ((u64)data - at < *len)
        *len = (u64)data - at;
    return false;
}

i64 file_mtime(const struct file *file)
{
    struct stat st;

    return fstat(file->fd, &st) < 0 ? 0 : (i64)st.st_mtime;
}

u64 file_mtime_ns(const struct file *file)
{
    struct stat st;

    return fstat(file->fd, &st) < 0
               ? 0
               : (u64)st.st_mtim.tv_sec * 1000000000u + (u64)st.st_mtim.tv_nsec;
}

u64 file_stamp(const struct file *file)
{
    return file->origin ? file->origin : file->size ^ file_mtime_ns(file);
}

u64 file_disk_usage(const struct file *file)
{
    struct stat st;

    return fstat(file->fd, &st) < 0 ? 0 : (u64)st.st_blocks * 512;
}

void file_close(struct file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd); /* and with it goes the lock */
    free(file->bounce);
    free(file->path);
    free(file);
}

/* Opens for writing where that is possible and wanted; file->read_only says what became of it. */
static int open_fd(struct file *file, int how)
{
    if (!file->read_only || file->upgrade) {
        file->fd = open(file->path, O_RDWR | how);
        if (file->fd < 0 && errno != EACCES && errno != EPERM && errno != EROFS && errno != ETXTBSY)
            return -errno;
    }
    if (file->fd < 0) {
        file->read_only = true;
        file->upgrade = false;
        file->fd = open(file->path, O_RDONLY | how);
    }
    return file->fd < 0 ? -errno : 0;
}

/* 0, -EBUSY when somebody has the file, or another -errno. */
static int lock_fd(int fd, bool read_only)
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

int file_set_writable(struct file *file, bool on)
{
    int r = file->upgrade ? lock_fd(file->fd, !on) : -EROFS;

    if (r == 0)
        file->read_only = !on;
    return r;
}

static dev_t dev_of(const struct stat *st)
{
    return S_ISBLK(st->st_mode) ? st->st_rdev : st->st_dev;
}

static ino_t ino_of(const struct stat *st)
{
    return S_ISBLK(st->st_mode) ? 0 : st->st_ino;
}

bool file_is(const struct file *file, const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && file->dev == dev_of(&st) && file->ino == ino_of(&st);
}

static int look_at(struct file *file)
{
    struct stat st;

    if (fstat(file->fd, &st) < 0)
        return -errno;
    file->size = (u64)st.st_size;
    file->device = S_ISBLK(st.st_mode);
    file->dev = dev_of(&st);
    file->ino = ino_of(&st);
    return file->device && ioctl(file->fd, BLKGETSIZE64, &file->size) < 0 ? -errno : 0;
}

/* The reason for which the path can be no image, whatever its contents; NULL: it may be one. */
static const char *wrong_kind(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return strerror(errno);
    if (S_ISDIR(st.st_mode))
        return strerror(EISDIR);
    /* Asked before it is opened: opening a FIFO or a terminal has effects. */
    return S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) ? NULL : "neither a file nor a disk";
}

static struct file *file_new(const char *path, char *err, size_t err_len)
{
    struct file *file = calloc(1, sizeof(*file));

    if (file)
        file->path = strdup(path);
    if (!file || !file->path) {
        free(file);
        snprintf(err, err_len, "the host has no memory for disk image '%s'", path);
        return NULL;
    }
    file->fd = -1;
    return file;
}

static struct file *give_up(struct file *file, const char *what, int r, char *err, size_t err_len)
{
    snprintf(err, err_len, "cannot %s disk image '%s': %s", what, file->path,
             r == -EBUSY     ? "it is in use by another program or drive"
             : r == -ENOTSUP ? "its file system cannot do without the host's cache (O_DIRECT)"
                             : strerror(-r));
    file_close(file);
    return NULL;
}

struct file *file_open(const char *path, unsigned flags, char *err, size_t err_len)
{
    const char *reason = wrong_kind(path);
    struct file *file;
    int r;

    if (reason) {
        snprintf(err, err_len, "cannot open disk image '%s': %s", path, reason);
        return NULL;
    }
    file = file_new(path, err, err_len);
    if (!file)
        return NULL;
    file->read_only = flags & BLOCK_READ_ONLY;
    file->upgrade = flags & BLOCK_UPGRADE;
    file->no_sync = flags & BLOCK_NO_SYNC;
    r = open_fd(file, O_CLOEXEC | (flags & BLOCK_DIRECT ? O_DIRECT : 0));
    if (r == -EINVAL && flags & BLOCK_DIRECT)
        r = -ENOTSUP;
    if (r == 0 && !(flags & BLOCK_NO_LOCK))
        r = lock_fd(file->fd, file->read_only);
    if (r == 0)
        r = look_at(file);
    if (r == 0 && flags & BLOCK_DIRECT)
        r = file_direct_init(file);
    return r < 0 ? give_up(file, "open", r, err, err_len) : file;
}

struct file *file_create(const char *path, char *err, size_t err_len)
{
    struct file *file = file_new(path, err, err_len);
    int r = 0;

    if (!file)
        return NULL;
    file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file->fd < 0)
        r = -errno;
    if (r == 0)
        r = lock_fd(file->fd, false);
    if (r == 0)
        r = look_at(file);
    if (r == 0 && !file->device)
        r = file_resize(file, 0);
    return r < 0 ? give_up(file, "create", r, err, err_len) : file;
}
