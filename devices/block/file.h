/* The bytes behind an image: a host's file or block device, opened once and locked.
 *
 * The lock is an open file description lock on the whole file, for one writer or any number of readers, which other
 * processes respect that ask (QEMU does); where the file system knows no locks there is none. Source: fcntl(2). */
#ifndef PAGEWALK_BLOCK_FILE_H
#define PAGEWALK_BLOCK_FILE_H

#include <sys/types.h>
#include <sys/uio.h>

#include "mmu/host/base.h"

struct file {
    int fd;
    u64 size; /* bytes; 0: nothing is there */
    char *path;
    bool read_only, device;
    bool upgrade; /* it is open for writing, and locked for reading */
    bool no_sync; /* file_sync() does nothing: a crash of the host may cost the image */
    u64 origin;   /* the stamp of what was unpacked to it, or of what it names; 0: its own */
    int lost;     /* -errno of the first file_sync() that failed; 0: none has */
    u32 align;    /* O_DIRECT: of addresses, lengths and memory; 0: the host's cache is used */
    u8 *bounce;   /* for what is not aligned */
    dev_t dev;    /* with ino: which file it is */
    ino_t ino;
};

/* Opens an image by BLOCK_* flags, read-only where it cannot be written; file->read_only says so. NULL with one
 * line in err. */
struct file *file_open(const char *path, unsigned flags, char *err, size_t err_len);
/* A new file, or one that is emptied. The lock comes first, so that nobody loses what is in use. */
struct file *file_create(const char *path, char *err, size_t err_len);
/* A file without a name in $TMPDIR or /var/tmp, called `path` in messages. */
struct file *file_scratch(const char *path, char *err, size_t err_len);
/* The same, its descriptor only; or -errno with one line in err. */
int scratch_open(char *err, size_t err_len);
/* Turns the lock of one that was opened with BLOCK_UPGRADE. -EBUSY: others have it; -EROFS. */
int file_set_writable(struct file *file, bool on);
void file_close(struct file *file); /* NULL is nothing */

/* 0 or -errno; all of it or an error. Behind the end there are zeros to read; a write makes the file longer. A file
 * that shrank since gives -EIO. */
int file_read(struct file *file, u64 at, void *data, size_t len);
int file_write(struct file *file, u64 at, const void *data, size_t len);
/* Several pieces, one behind the other; `parts` is used up. */
int file_write_parts(struct file *file, u64 at, struct iovec *parts, int count);
int file_sync(struct file *file); /* to stable storage */
int file_resize(struct file *file, u64 size);
/* Has the host set the first `size` bytes aside, which keep what they are; or, if all are zeros, writes them. */
int file_allocate(struct file *file, u64 size, bool write);
/* The bytes read as zeros afterwards, and the host may have their room back. -ENOTSUP: not on this file system. */
int file_punch(struct file *file, u64 at, u64 len);
/* Whether there is data at `at` (or a hole), and in *len for how many bytes at most `len`. */
bool file_has_data(struct file *file, u64 at, u64 *len);
/* When the contents changed last, in seconds. */
i64 file_mtime(const struct file *file);
u64 file_mtime_ns(const struct file *file); /* the same in nanoseconds */
/* Whether it is the one that has this path now. */
bool file_is(const struct file *file, const char *path);
/* Differs, most likely, when the file, or what was unpacked to it, has been written since; of no other use. */
u64 file_stamp(const struct file *file);
/* The same for several: what `stamp` says of those before, and another one's. */
static inline u64 file_stamp_add(u64 stamp, u64 other)
{
    return (stamp ^ other) * 0x9e3779b97f4a7c15ull;
}
/* Bytes that the host has set aside; 0 where it does not tell. */
u64 file_disk_usage(const struct file *file);

/* file_direct.c: for a file that is open with O_DIRECT, and looked at. 0 or -errno. */
int file_direct_init(struct file *file);
int file_direct_read(struct file *file, u64 at, void *data, size_t len); /* there is so much */
int file_direct_write(struct file *file, u64 at, const void *data, size_t len);

#endif
