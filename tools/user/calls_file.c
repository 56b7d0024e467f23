/* Descriptors: data at offsets of 64 bits, lists of buffers, locks and fcntl(). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "tools/user/calls.h"

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
IOV_CALL(preadv, true, LOFF2(a[3], a[4]))
IOV_CALL(pwritev, false, LOFF2(a[3], a[4]))
IOV_CALL(preadv2, true, LOFF2(a[3], a[4]), a[5])
IOV_CALL(pwritev2, false, LOFF2(a[3], a[4]), a[5])
IOV_CALL(vmsplice, false, a[3])

#if HOST_IS_I386
static bool has_pointer(u32 cmd)
{
    switch (cmd) {
    case 5 ... 7:   /* F_GETLK, F_SETLK, F_SETLKW */
    case 12 ... 14: /* the same with struct flock64 */
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case F_GETOWN_EX:
    case F_SETOWN_EX:
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
    case F_GET_FILE_RW_HINT:
    case F_SET_FILE_RW_HINT: return true;
    default: return false;
    }
}

CALL_OF(fcntl64)
{
    (void)t;
    return HOST(fcntl64, INT(a[0]), a[1], has_pointer(a[1]) ? PTR(g2h0(a[2])) : INT(a[2]));
}
#else
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
    case F_GETLK64_32 ... F_SETLKW64_32: return lock_call(a, a[1] - F_GETLK64_32 + F_GETLK, true);
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
#endif

CALL_OF(fcntl)
{
    return call_fcntl64(t, a);
}
