/* System calls on files whose structures or arguments are others than the host's. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <utime.h>

#include "tools/user/calls.h"

static i64 open_file(struct thread *t, i64 dir, u32 path, u32 flags, u32 mode)
{
    const char *guest = g2h0(path);
    i64 fd;

    if (!guest)
        return -EFAULT;
    fd = proc_open(guest, (int)flags);
    if (fd != -ENOSYS)
        return fd;
    return HOST(openat, dir,
                PTR(flags & O_CREAT ? guest : path_of(t, path, 0, !(flags & O_NOFOLLOW))),
                INT(flags), mode);
}

CALL_OF(open)
{
    return open_file(t, AT_FDCWD, a[0], a[1], a[2]);
}

CALL_OF(openat)
{
    return open_file(t, INT(a[0]), a[1], a[2], a[3]);
}

CALL_OF(creat)
{
    return open_file(t, AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, a[1]);
}

CALL_OF(openat2)
{
    u64 how[3];

    if (a[3] < sizeof(how))
        return -EINVAL;
    memcpy(how, g2h(a[2]), sizeof(how));
    return HOST(openat2, INT(a[0]), PTR(path_of(t, a[1], 0, true)), PTR(how), sizeof(how));
}

/* struct stat64 */
struct stat64_32 {
    u64 dev;
    u8 pad0[4];
    u32 ino32, mode, nlink, uid, gid;
    u64 rdev;
    u8 pad3[4];
    i64 size;
    u32 blksize;
    u64 blocks;
    u32 atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    u64 ino;
} __attribute__((packed));
_Static_assert(sizeof(struct stat64_32) == 96, "struct stat64");

static i64 put_stat64(u32 address, const struct stat *st, i64 result)
{
    struct stat64_32 *to = g2h(address);

    if (result < 0)
        return result;
    *to = (struct stat64_32){
        .dev = st->st_dev,
        .ino32 = (u32)st->st_ino,
        .mode = st->st_mode,
        .nlink = (u32)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .rdev = st->st_rdev,
        .size = st->st_size,
        .blksize = (u32)st->st_blksize,
        .blocks = (u64)st->st_blocks,
        .atime = (u32)st->st_atim.tv_sec,
        .atime_ns = (u32)st->st_atim.tv_nsec,
        .mtime = (u32)st->st_mtim.tv_sec,
        .mtime_ns = (u32)st->st_mtim.tv_nsec,
        .ctime = (u32)st->st_ctim.tv_sec,
        .ctime_ns = (u32)st->st_ctim.tv_nsec,
        .ino = st->st_ino,
    };
    return 0;
}

CALL_OF(stat64)
{
    struct stat st;

    return put_stat64(a[1], &st, HOST(stat, PTR(path_of(t, a[0], 0, true)), PTR(&st)));
}

CALL_OF(lstat64)
{
    struct stat st;

    return put_stat64(a[1], &st, HOST(lstat, PTR(path_of(t, a[0], 0, false)), PTR(&st)));
}

CALL_OF(fstat64)
{
    struct stat st;

    (void)t;
    return put_stat64(a[1], &st, HOST(fstat, INT(a[0]), PTR(&st)));
}

CALL_OF(fstatat64)
{
    struct stat st;
    const char *path = path_of(t, a[1], 0, !(a[3] & AT_SYMLINK_NOFOLLOW));

    return put_stat64(a[2], &st, HOST(newfstatat, INT(a[0]), PTR(path), PTR(&st), INT(a[3])));
}

CALL_OF(statx)
{
    const char *path = path_of(t, a[1], 0, !(a[2] & AT_SYMLINK_NOFOLLOW));

    return HOST(statx, INT(a[0]), PTR(path), INT(a[2]), a[3], PTR(g2h0(a[4])));
}

/* struct stat, and the one before it. */
struct stat_32 {
    u32 dev, ino;
    u16 mode, nlink, uid, gid;
    u32 rdev, size, blksize, blocks;
    u32 atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns, unused[2];
};
struct oldstat_32 {
    u16 dev, ino, mode, nlink, uid, gid, rdev, pad;
    u32 size, atime, mtime, ctime;
};

static i64 put_stat(u32 address, const struct stat *st, i64 result)
{
    if (result < 0)
        return result;
    if (st->st_size > INT32_MAX)
        return -EOVERFLOW;
    *(struct stat_32 *)g2h(address) = (struct stat_32){
        .dev = (u32)st->st_dev,
        .ino = (u32)st->st_ino,
        .mode = (u16)st->st_mode,
        .nlink = (u16)st->st_nlink,
        .uid = (u16)st->st_uid,
        .gid = (u16)st->st_gid,
        .rdev = (u32)st->st_rdev,
        .size = (u32)st->st_size,
        .blksize = (u32)st->st_blksize,
        .blocks = (u32)st->st_blocks,
        .atime = (u32)st->st_atim.tv_sec,
        .atime_ns = (u32)st->st_atim.tv_nsec,
        .mtime = (u32)st->st_mtim.tv_sec,
        .mtime_ns = (u32)st->st_mtim.tv_nsec,
        .ctime = (u32)st->st_ctim.tv_sec,
        .ctime_ns = (u32)st->st_ctim.tv_nsec,
    };
    return 0;
}

static i64 put_oldstat(u32 address, const struct stat *st, i64 result)
{
    if (result < 0)
        return result;
    if (st->st_size > INT32_MAX)
        return -EOVERFLOW;
    *(struct oldstat_32 *)g2h(address) = (struct oldstat_32){
        (u16)st->st_dev,  (u16)st->st_ino,         (u16)st->st_mode,        (u16)st->st_nlink,
        (u16)st->st_uid,  (u16)st->st_gid,         (u16)st->st_rdev,        0,
        (u32)st->st_size, (u32)st->st_atim.tv_sec, (u32)st->st_mtim.tv_sec, (u32)st->st_ctim.tv_sec,
    };
    return 0;
}

#define STAT_CALLS(by_path, by_link, by_fd, put)                                                   \
    CALL_OF(by_path)                                                                               \
    {                                                                                              \
        struct stat st;                                                                            \
                                                                                                   \
        return put(a[1], &st, HOST(stat, PTR(path_of(t, a[0], 0, true)), PTR(&st)));               \
    }                                                                                              \
    CALL_OF(by_link)                                                                               \
    {                                                                                              \
        struct stat st;                                                                            \
                                                                                                   \
        return put(a[1], &st, HOST(lstat, PTR(path_of(t, a[0], 0, false)), PTR(&st)));             \
    }                                                                                              \
    CALL_OF(by_fd)                                                                                 \
    {                                                                                              \
        struct stat st;                                                                            \
                                                                                                   \
        (void)t;                                                                                   \
        return put(a[1], &st, HOST(fstat, INT(a[0]), PTR(&st)));                                   \
    }
STAT_CALLS(stat, lstat, fstat, put_stat)
STAT_CALLS(oldstat, oldlstat, oldfstat, put_oldstat)

static i64 put_statfs(u32 address, const struct statfs *fs, i64 result)
{
    u32 *to = g2h(address);

    if (result < 0)
        return result;
    memset(to, 0, 64);
    to[0] = (u32)fs->f_type;
    to[1] = (u32)fs->f_bsize;
    to[2] = (u32)fs->f_blocks;
    to[3] = (u32)fs->f_bfree;
    to[4] = (u32)fs->f_bavail;
    to[5] = (u32)fs->f_files;
    to[6] = (u32)fs->f_ffree;
    memcpy(to + 7, &fs->f_fsid, 8);
    to[9] = (u32)fs->f_namelen;
    to[10] = (u32)fs->f_frsize;
    to[11] = (u32)fs->f_flags;
    return 0;
}

struct statfs64_32 {
    u32 type, bsize;
    u64 blocks, bfree, bavail, files, ffree;
    u32 fsid[2], namelen, frsize, flags, spare[4];
} __attribute__((packed));

static i64 put_statfs64(u32 address, u32 size, const struct statfs *fs, i64 result)
{
    struct statfs64_32 *to = g2h(address);

    if (size != sizeof(*to) && size != sizeof(*to) + 4)
        return -EINVAL;
    if (result < 0)
        return result;
    *to = (struct statfs64_32){
        .type = (u32)fs->f_type,
        .bsize = (u32)fs->f_bsize,
        .blocks = fs->f_blocks,
        .bfree = fs->f_bfree,
        .bavail = fs->f_bavail,
        .files = fs->f_files,
        .ffree = fs->f_ffree,
        .namelen = (u32)fs->f_namelen,
        .frsize = (u32)fs->f_frsize,
        .flags = (u32)fs->f_flags,
    };
    memcpy(to->fsid, &fs->f_fsid, 8);
    return 0;
}

CALL_OF(statfs)
{
    struct statfs fs;

    return put_statfs(a[1], &fs, HOST(statfs, PTR(path_of(t, a[0], 0, true)), PTR(&fs)));
}

CALL_OF(fstatfs)
{
    struct statfs fs;

    (void)t;
    return put_statfs(a[1], &fs, HOST(fstatfs, INT(a[0]), PTR(&fs)));
}

CALL_OF(statfs64)
{
    struct statfs fs;

    return put_statfs64(a[2], a[1], &fs, HOST(statfs, PTR(path_of(t, a[0], 0, true)), PTR(&fs)));
}

CALL_OF(fstatfs64)
{
    struct statfs fs;

    (void)t;
    return put_statfs64(a[2], a[1], &fs, HOST(fstatfs, INT(a[0]), PTR(&fs)));
}

static i64 read_link(struct thread *t, i64 dir, u32 path, u32 buf, u32 len)
{
    const char *name = g2h0(path);

    if (name && proc_is_exe(name)) {
        u32 n = (u32)strlen(process.exe);

        if ((i32)len <= 0)
            return -EINVAL;
        n = n < len ? n : len;
        memcpy(g2h(buf), process.exe, n);
        return n;
    }
    code_will_write(buf, len);
    return HOST(readlinkat, dir, PTR(path_of(t, path, 0, false)), PTR(g2h(buf)), INT(len));
}

CALL_OF(readlink)
{
    return read_link(t, AT_FDCWD, a[0], a[1], a[2]);
}

CALL_OF(readlinkat)
{
    return read_link(t, INT(a[0]), a[1], a[2], a[3]);
}

/* Places in folders. Some file systems have 63 bits for a 64-bit program, the upper half of which is what they would have
 * given to a 32-bit one. A program that goes back to such a place means that. */
#define FOLDED_FDS 1024u

static u8
    folded[FOLDED_FDS]; /* descriptors of folders where it was seen; may be another file's since */

static i64 fold(u32 fd, i64 place)
{
    if (place >> 31 == 0)
        return place;
    if (fd < FOLDED_FDS)
        folded[fd] = 1;
    return place >> 32;
}

static i64 seek(u32 fd, i64 offset, u32 whence)
{
    struct stat st;
    i64 result;

    if (fd < FOLDED_FDS && folded[fd]) {
        if (fstat((int)fd, &st) < 0 || !S_ISDIR(st.st_mode))
            folded[fd] = 0;
        else if (whence == SEEK_SET)
            offset = offset << 32;
    }
    result = HOST(lseek, INT(fd), offset, INT(whence));
    return result >= 0 && fd < FOLDED_FDS && folded[fd] ? fold(fd, result) : result;
}

CALL_OF(lseek)
{
    i64 result = seek(a[0], INT(a[1]), a[2]);

    (void)t;
    return result > INT32_MAX ? -EOVERFLOW : result;
}

CALL_OF(_llseek)
{
    i64 result = seek(a[0], LOFF(a[2], a[1]), a[4]);

    (void)t;
    if (result < 0)
        return result;
    memcpy(g2h(a[3]), &result, sizeof(result));
    return 0;
}

CALL_OF(pread64)
{
    (void)t;
    code_will_write(a[1], a[2]);
    return HOST(pread64, INT(a[0]), PTR(g2h0(a[1])), a[2], LOFF(a[3], a[4]));
}

CALL_OF(pwrite64)
{
    (void)t;
    return HOST(pwrite64, INT(a[0]), PTR(g2h0(a[1])), a[2], LOFF(a[3], a[4]));
}

CALL_OF(truncate64)
{
    return HOST(truncate, PTR(path_of(t, a[0], 0, true)), LOFF(a[1], a[2]));
}

CALL_OF(ftruncate64)
{
    (void)t;
    return HOST(ftruncate, INT(a[0]), LOFF(a[1], a[2]));
}

CALL_OF(readahead)
{
    (void)t;
    return HOST(readahead, INT(a[0]), LOFF(a[1], a[2]), a[3]);
}

CALL_OF(fadvise64)
{
    (void)t;
    return HOST(fadvise64, INT(a[0]), LOFF(a[1], a[2]), a[3], INT(a[4]));
}

CALL_OF(fadvise64_64)
{
    (void)t;
    return HOST(fadvise64, INT(a[0]), LOFF(a[1], a[2]), LOFF(a[3], a[4]), INT(a[5]));
}

CALL_OF(fallocate)
{
    (void)t;
    return HOST(fallocate, INT(a[0]), INT(a[1]), LOFF(a[2], a[3]), LOFF(a[4], a[5]));
}

CALL_OF(sync_file_range)
{
    (void)t;
    return HOST(sync_file_range, INT(a[0]), LOFF(a[1], a[2]), LOFF(a[3], a[4]), a[5]);
}

CALL_OF(sendfile)
{
    i32 *at = g2h0(a[2]);
    i64 offset = at ? *at : 0;
    i64 result = HOST(sendfile, INT(a[0]), INT(a[1]), PTR(at ? &offset : NULL), a[3]);

    (void)t;
    if (at)
        *at = (i32)offset;
    return result;
}

#define IOV_CALL(name, write, ...)                                                                 \
    CALL_OF(name)                                                                                  \
    {                                                                                              \
        struct iovec buf[IOV_MOST], *iov = iov_get(a[1], a[2], buf, write);                        \
                                                                                                   \
        (void)t;                                                                                   \
        return iov ? HOST(name, INT(a[0]), PTR(iov), a[2], ##__VA_ARGS__) : -EINVAL;               \
    }
IOV_CALL(readv, true)
IOV_CALL(writev, false)
IOV_CALL(preadv, true, a[3], a[4])
IOV_CALL(pwritev, false, a[3], a[4])
IOV_CALL(preadv2, true, LOFF(a[3], a[4]), 0, a[5])
IOV_CALL(pwritev2, false, LOFF(a[3], a[4]), 0, a[5])
IOV_CALL(vmsplice, false, a[3])

/* struct linux_dirent: the type is its last byte. */
CALL_OF(getdents)
{
    u8 buf[32768], *to = g2h(a[1]);
    u32 room = a[2] < sizeof(buf) ? a[2] : sizeof(buf), done = 0;
    i64 got = HOST(getdents64, INT(a[0]), PTR(buf), room);

    (void)t;
    for (i64 at = 0; at < got;) {
        struct {
            u64 ino;
            i64 off;
            u16 len;
            u8 type;
            char name[256];
        } __attribute__((packed)) d;
        u32 name, len;

        memcpy(&d, buf + at, 19);
        name = (u32)strlen((char *)buf + at + 19) + 1;
        len = (10 + name + 1 + 3) & ~3u;
        put32(to + done, (u32)d.ino);
        put32(to + done + 4, (u32)fold(a[0], d.off));
        put16(to + done + 8, (u16)len);
        memcpy(to + done + 10, buf + at + 19, name);
        to[done + len - 1] = d.type;
        done += len; /* never more than the host's record */
        at += d.len;
    }
    return got < 0 ? got : (i64)done;
}

/* struct linux_dirent64: inode, place, length, type, name. */
CALL_OF(getdents64)
{
    u8 *to = g2h(a[1]);
    i64 got;

    (void)t;
    code_will_write(a[1], a[2]);
    got = HOST(getdents64, INT(a[0]), PTR(to), a[2]);
    for (i64 at = 0; at < got; at += get16(to + at + 16))
        put64(to + at + 8, (u64)fold(a[0], (i64)get64(to + at + 8)));
    return got;
}

/* struct flock, and struct flock64. */
struct flock_32 {
    i16 type, whence;
    i32 start, len, pid;
};
struct flock64_32 {
    i16 type, whence;
    i64 start, len;
    i32 pid;
} __attribute__((packed));

static i64 lock_call(const u32 *a, i64 cmd, bool wide)
{
    struct flock lock;
    i64 result;

    if (wide) {
        const struct flock64_32 *g = g2h(a[2]);

        lock = (struct flock){g->type, g->whence, g->start, g->len, g->pid};
    } else {
        const struct flock_32 *g = g2h(a[2]);

        lock = (struct flock){g->type, g->whence, g->start, g->len, g->pid};
    }
    result = HOST(fcntl, INT(a[0]), cmd, PTR(&lock));
    if (result < 0 || (cmd != F_GETLK && cmd != F_OFD_GETLK))
        return result;
    if (wide)
        *(struct flock64_32 *)g2h(a[2]) =
            (struct flock64_32){lock.l_type, lock.l_whence, lock.l_start, lock.l_len, lock.l_pid};
    else
        *(struct flock_32 *)g2h(a[2]) = (struct flock_32){
            lock.l_type, lock.l_whence, (i32)lock.l_start, (i32)lock.l_len, lock.l_pid};
    return result;
}

#define F_GETLK64_32  12u
#define F_SETLKW64_32 14u

CALL_OF(fcntl64)
{
    (void)t;
    switch (a[1]) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW: return lock_call(a, a[1], false);
    case 12:
    case 13:
    case 14: return lock_call(a, a[1] - F_GETLK64_32 + F_GETLK, true);
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW: return lock_call(a, a[1], true);
    case F_GETOWN_EX:
    case F_SETOWN_EX:
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
    case F_GET_FILE_RW_HINT:
    case F_SET_FILE_RW_HINT: return HOST(fcntl, INT(a[0]), a[1], PTR(g2h0(a[2])));
    case F_SETFL: return HOST(fcntl, INT(a[0]), a[1], INT(a[2] & ~(u32)0100000 /* O_LARGEFILE */));
    default: return HOST(fcntl, INT(a[0]), a[1], INT(a[2]));
    }
}

CALL_OF(fcntl)
{
    return call_fcntl64(t, a);
}

CALL_OF(utime)
{
    const i32 *times = g2h0(a[1]);
    struct utimbuf buf;

    if (times)
        buf = (struct utimbuf){times[0], times[1]};
    return HOST(utime, PTR(path_of(t, a[0], 0, true)), PTR(times ? &buf : NULL));
}

static struct timespec *timevals(u32 address, struct timespec ts[2])
{
    if (!address)
        return NULL;
    timeval_get(address, &ts[0]);
    timeval_get(address + 8, &ts[1]);
    return ts;
}

CALL_OF(utimes)
{
    struct timespec ts[2];

    return HOST(utimensat, AT_FDCWD, PTR(path_of(t, a[0], 0, true)), PTR(timevals(a[1], ts)), 0);
}

CALL_OF(futimesat)
{
    struct timespec ts[2];

    return HOST(utimensat, INT(a[0]), PTR(path_of(t, a[1], 0, true)), PTR(timevals(a[2], ts)), 0);
}

static i64 set_times(struct thread *t, const u32 *a, bool wide)
{
    struct timespec ts[2];
    const char *path = path_of(t, a[1], 0, !(a[3] & AT_SYMLINK_NOFOLLOW));

    if (a[2]) {
        time_get(a[2], wide, &ts[0]);
        time_get(a[2] + (wide ? 16 : 8), wide, &ts[1]);
    }
    return HOST(utimensat, INT(a[0]), PTR(path), PTR(a[2] ? ts : NULL), INT(a[3]));
}

CALL_OF(utimensat)
{
    return set_times(t, a, false);
}

CALL_OF(utimensat_time64)
{
    return set_times(t, a, true);
}

CALL_OF(umount)
{
    return HOST(umount2, PTR(path_of(t, a[0], 0, true)), 0);
}

CALL_OF(fanotify_mark)
{
    return HOST(fanotify_mark, INT(a[0]), a[1], LOFF(a[2], a[3]), INT(a[4]),
                PTR(path_of(t, a[5], 0, true)));
}
