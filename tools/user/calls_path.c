/* Files by their paths: opening them, links, times. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "tools/user/calls.h"

#define GUEST_O_NOFOLLOW 0400000u /* not every host has the same */

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
                PTR(flags & O_CREAT ? guest : path_of(t, path, 0, !(flags & GUEST_O_NOFOLLOW))),
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
    if (a[3] > PAGE_SIZE)
        return -E2BIG;
    memcpy(how, g2h(a[2]), sizeof(how));
    for (u32 i = sizeof(how); i < a[3]; i++)
        if (((const u8 *)g2h(a[2]))[i]) /* a newer kernel's */
            return -E2BIG;
    return HOST(openat2, INT(a[0]), PTR(path_of(t, a[1], 0, true)), PTR(how), sizeof(how));
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

CALL_OF(utime)
{
    const i32 *times = g2h0(a[1]);
    struct utimbuf buf;

    if (times)
        buf = (struct utimbuf){times[0], times[1]};
    return HOST(utime, PTR(path_of(t, a[0], 0, true)), PTR(times ? &buf : NULL));
}

static i64 set_timevals(i64 dir, const char *path, u32 address)
{
    struct timespec ts[2];
    struct timeval tv;

    for (unsigned i = 0; address && i < 2; i++) {
        timeval_get(address + 8 * i, &tv);
        if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
            return -EINVAL;
        ts[i] = (struct timespec){tv.tv_sec, tv.tv_usec * 1000};
    }
    return HOST(utimensat, dir, PTR(path), PTR(address ? ts : NULL), 0);
}

CALL_OF(utimes)
{
    return set_timevals(AT_FDCWD, path_of(t, a[0], 0, true), a[1]);
}

CALL_OF(futimesat)
{
    return set_timevals(INT(a[0]), path_of(t, a[1], 0, true), a[2]);
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
