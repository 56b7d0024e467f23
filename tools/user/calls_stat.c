/* What files and file systems are like: stat(), statfs() and their kin. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "tools/user/calls.h"

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
    if (st->st_size > INT32_MAX || st->st_ino > UINT32_MAX || st->st_nlink > UINT16_MAX)
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
    if (st->st_size > INT32_MAX || st->st_ino > UINT16_MAX || st->st_nlink > UINT16_MAX)
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
STAT_CALLS(stat64, lstat64, fstat64, put_stat64)
STAT_CALLS(stat, lstat, fstat, put_stat)
STAT_CALLS(oldstat, oldlstat, oldfstat, put_oldstat)

CALL_OF(fstatat64)
{
    const char *path = path_of(t, a[1], 0, !(a[3] & AT_SYMLINK_NOFOLLOW));
#if HOST_IS_I386
    return HOST(fstatat64, INT(a[0]), PTR(path), PTR(g2h0(a[2])), INT(a[3]));
#else
    struct stat st;

    return put_stat64(a[2], &st, HOST(newfstatat, INT(a[0]), PTR(path), PTR(&st), INT(a[3])));
#endif
}

CALL_OF(statx)
{
    const char *path = path_of(t, a[1], 0, !(a[2] & AT_SYMLINK_NOFOLLOW));

    return HOST(statx, INT(a[0]), PTR(path), INT(a[2]), a[3], PTR(g2h0(a[4])));
}

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
