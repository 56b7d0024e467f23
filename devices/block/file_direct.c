/* Files past the host's cache (O_DIRECT): addresses, lengths and memory must be aligned, and what is not goes through an
 * aligned buffer, with what lies around it read before it is written. Source: open(2), "O_DIRECT". */
#define _GNU_SOURCE /* O_DIRECT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/file.h"

#define ALIGN_MIN 512u
#define ALIGN_MAX 4096u
#define BOUNCE    (256 * KIB)

int file_direct_init(struct file *file)
{
    file->bounce = aligned_alloc(ALIGN_MAX, BOUNCE);
    if (!file->bounce)
        return -ENOMEM;
    file->align = ALIGN_MAX;
    /* Nobody tells what a file wants but by refusing what it does not. */
    for (u32 align = ALIGN_MIN; align < ALIGN_MAX; align *= 2)
        if (file->size > align && pread(file->fd, file->bounce, align, (off_t)align) > 0) {
            file->align = align;
            break;
        }
    return 0;
}

static bool is_aligned(const struct file *file, u64 at, const void *data, size_t len)
{
    return ((at | (uintptr_t)data | len) & (file->align - 1)) == 0;
}

/* As many bytes as there are before the file's end: their number, or -errno. */
static ssize_t read_fd(struct file *file, u64 at, void *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(file->fd, (u8 *)data + done, len - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        done += (size_t)n;
        if (n == 0 || n & (file->align - 1)) /* it ends here */
            break;
    }
    return (ssize_t)done;
}

static int write_fd(struct file *file, u64 at, const void *data, size_t len)
{
    while (len) {
        ssize_t n = pwrite(file->fd, data, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        n &= ~(ssize_t)(file->align - 1); /* what is written in part is written again */
        if (n == 0)
            return -ENOSPC;
        data = (const u8 *)data + n;
        at += (u64)n;
        len -= (size_t)n;
    }
    return 0;
}

/* The aligned window around at most *len bytes at `at` that fits into the buffer: its start and length. */
static u64 window(const struct file *file, u64 at, size_t *len, size_t *size)
{
    u64 mask = file->align - 1, start = at & ~mask, end = (at + *len + mask) & ~mask;

    if (end - start > BOUNCE)
        end = start + BOUNCE;
    if (*len > end - at)
        *len = (size_t)(end - at);
    *size = (size_t)(end - start);
    return start;
}

int file_direct_read(struct file *file, u64 at, void *data, size_t len)
{
    if (is_aligned(file, at, data, len)) {
        ssize_t n = read_fd(file, at, data, len);

        return n < 0 ? (int)n : (size_t)n < len ? -EIO : 0;
    }
    while (len) {
        size_t n = len, size;
        u64 start = window(file, at, &n, &size);
        ssize_t got = read_fd(file, start, file->bounce, size);

        if (got < 0)
            return (int)got;
        if ((u64)got < at - start + n)
            return -EIO;
        memcpy(data, file->bounce + (at - start), n);
        data = (u8 *)data + n;
        at += n;
        len -= n;
    }
    return 0;
}

/* What of the window the write leaves alone: the first and the last piece. */
static int read_around(struct file *file, u64 start, size_t size, u64 at, size_t len)
{
    size_t last = size - file->align;
    ssize_t n = 0;

    if (at != start || len < file->align) {
        memset(file->bounce, 0, file->align);
        n = read_fd(file, start, file->bounce, file->align);
    }
    if (n >= 0 && last && at + len != start + size) {
        memset(file->bounce + last, 0, file->align);
        n = read_fd(file, start + last, file->bounce + last, file->align);
    }
    return n < 0 ? (int)n : 0;
}

int file_direct_write(struct file *file, u64 at, const void *data, size_t len)
{
    u64 end = at + len > file->size ? at + len : file->size;
    int r = 0;

    if (is_aligned(file, at, data, len))
        r = write_fd(file, at, data, len);
    else
        while (len && r == 0) {
            size_t n = len, size;
            u64 start = window(file, at, &n, &size);

            r = read_around(file, start, size, at, n);
            if (r < 0)
                break;
            memcpy(file->bounce + (at - start), data, n);
            r = write_fd(file, start, file->bounce, size);
            if (r == 0 && start + size > end && !file->device &&
                ftruncate(file->fd, (off_t)end) < 0)
                r = -errno; /* only as long as it should be */
            data = (const u8 *)data + n;
            at += n;
            len -= n;
        }
    if (r == 0)
        file->size = end;
    return r;
}
