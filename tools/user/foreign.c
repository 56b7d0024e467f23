/* System calls by x86-64's rules on hosts that have others (Linux, include/uapi/asm-generic): calls that only old architectures
 * have, flags of open(), and epoll's events, which are packed on x86. */
#define _GNU_SOURCE
#include "tools/user/foreign.h"

#if HOST_IS_FOREIGN
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

#include "tools/user/user.h"

#define PTR(p) ((i64)(uintptr_t)(p))

/* The kernel's; the C library's is 0 where it means nothing. */
#if defined(__aarch64__)
#define HOST_O_LARGEFILE 0400000u
#else
#define HOST_O_LARGEFILE 0100000u
#endif

/* Flags of open() as x86 numbers them, and as the host does. */
static const struct {
    u32 x86, host;
} open_flags[] = {
    {040000, O_DIRECT},
    {0100000, HOST_O_LARGEFILE},
    {0200000, __O_DIRECTORY},
    {0400000, O_NOFOLLOW},
};
#define OPEN_FLAGS_DIFFER 0740000u

static i64 flags_to_host(i64 flags)
{
    u32 host = (u32)flags & ~OPEN_FLAGS_DIFFER;

    for (unsigned i = 0; i < ARRAY_SIZE(open_flags); i++)
        if (flags & open_flags[i].x86)
            host |= open_flags[i].host;
    return host;
}

static i64 flags_to_x86(i64 flags)
{
    u32 x86 = (u32)flags & ~OPEN_FLAGS_DIFFER;

    for (unsigned i = 0; i < ARRAY_SIZE(open_flags); i++)
        if (flags & open_flags[i].host)
            x86 |= open_flags[i].x86;
    return x86;
}

static i64 make(i64 number, i64 a0, i64 a1, i64 a2, i64 a3, i64 a4, i64 a5)
{
    return safe_syscall(&self->pending, number, a0, a1, a2, a3, a4, a5);
}
#define MAKE_(name, a0, a1, a2, a3, a4, a5, ...) make(SYS_##name, a0, a1, a2, a3, a4, a5)
#define MAKE(...)                                MAKE_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* struct epoll_event on x86, of 32 and of 64 bits. */
struct event_x86 {
    u32 events;
    u64 data;
} __attribute__((packed));
#define EVENTS_MOST 256 /* at a time: more come with the next call */

static i64 epoll_control(const i64 *a)
{
    const struct event_x86 *x86 = (const void *)(uintptr_t)a[3];
    struct epoll_event event = {0};

    if (x86) {
        event.events = x86->events;
        event.data.u64 = x86->data;
    }
    return MAKE(epoll_ctl, a[0], a[1], a[2], PTR(x86 ? &event : NULL));
}

static i64 epoll_wait_for(i64 number, const i64 *a)
{
    struct epoll_event event[EVENTS_MOST];
    struct event_x86 *x86 = (void *)(uintptr_t)a[1];
    i64 result =
        make(number, a[0], PTR(event), a[2] < EVENTS_MOST ? a[2] : EVENTS_MOST, a[3], a[4], a[5]);

    for (i64 i = 0; i < result; i++)
        x86[i] = (struct event_x86){event[i].events, event[i].data.u64};
    return result;
}

static i64 set_alarm(u32 seconds)
{
    struct itimerval timer = {.it_value.tv_sec = seconds}, old;
    i64 result = MAKE(setitimer, ITIMER_REAL, PTR(&timer), PTR(&old));

    return result < 0 ? result : old.it_value.tv_sec + (old.it_value.tv_usec != 0);
}

static i64 poll_for(const i64 *a)
{
    struct timespec time = {(i32)a[2] / 1000, (i32)a[2] % 1000 * 1000000l};

    return MAKE(ppoll, a[0], a[1], PTR((i32)a[2] < 0 ? NULL : &time));
}

static i64 set_times(const i64 *a)
{
    const struct utimbuf *times = (const void *)(uintptr_t)a[1];
    struct timespec time[2] = {{0}};

    if (times) {
        time[0].tv_sec = times->actime;
        time[1].tv_sec = times->modtime;
    }
    return MAKE(utimensat, AT_FDCWD, a[0], PTR(times ? time : NULL));
}

/* dup3() refuses what dup2() does nothing for. */
static i64 duplicate(i64 from, i64 to)
{
    if (from == to)
        return MAKE(fcntl, from, F_GETFD) < 0 ? -EBADF : to;
    return MAKE(dup3, from, to);
}

i64 foreign_call(i64 number, const i64 *a)
{
    i64 result;

    switch (number) {
    case SYS_access: return MAKE(faccessat, AT_FDCWD, a[0], a[1]);
    case SYS_alarm: return set_alarm((u32)a[0]);
    case SYS_chmod: return MAKE(fchmodat, AT_FDCWD, a[0], a[1]);
    case SYS_chown: return MAKE(fchownat, AT_FDCWD, a[0], a[1], a[2]);
    case SYS_lchown: return MAKE(fchownat, AT_FDCWD, a[0], a[1], a[2], AT_SYMLINK_NOFOLLOW);
    case SYS_dup2: return duplicate(a[0], a[1]);
    case SYS_epoll_create: return (i32)a[0] <= 0 ? -EINVAL : MAKE(epoll_create1, 0);
    case SYS_epoll_ctl: return epoll_control(a);
    case SYS_epoll_wait:
        return epoll_wait_for(SYS_epoll_pwait, (const i64[6]){a[0], a[1], a[2], a[3]});
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2: return epoll_wait_for(number, a);
    case SYS_eventfd: return MAKE(eventfd2, a[0]);
    case SYS_getpgrp: return MAKE(getpgid, 0);
    case SYS_inotify_init: return MAKE(inotify_init1, 0);
    case SYS_link: return MAKE(linkat, AT_FDCWD, a[0], AT_FDCWD, a[1]);
    case SYS_lstat: return MAKE(newfstatat, AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW);
    case SYS_stat: return MAKE(newfstatat, AT_FDCWD, a[0], a[1]);
    case SYS_mkdir: return MAKE(mkdirat, AT_FDCWD, a[0], a[1]);
    case SYS_mknod: return MAKE(mknodat, AT_FDCWD, a[0], a[1], a[2]);
    case SYS_pause: return MAKE(ppoll, 0);
    case SYS_pipe: return MAKE(pipe2, a[0]);
    case SYS_pipe2: return MAKE(pipe2, a[0], flags_to_host(a[1]));
    case SYS_poll: return poll_for(a);
    case SYS_rename: return MAKE(renameat2, AT_FDCWD, a[0], AT_FDCWD, a[1]);
    case SYS_rmdir: return MAKE(unlinkat, AT_FDCWD, a[0], AT_REMOVEDIR);
    case SYS_signalfd: return MAKE(signalfd4, a[0], a[1], a[2]);
    case SYS_symlink: return MAKE(symlinkat, a[0], AT_FDCWD, a[1]);
    case SYS_sysfs: return -ENOSYS;
    case SYS_unlink: return MAKE(unlinkat, AT_FDCWD, a[0]);
    case SYS_utime: return set_times(a);
    case SYS_openat: return MAKE(openat, a[0], a[1], flags_to_host(a[2]), a[3]);
    case SYS_fcntl:
        result = MAKE(fcntl, a[0], a[1], a[1] == F_SETFL ? flags_to_host(a[2]) : a[2]);
        return result >= 0 && a[1] == F_GETFL ? flags_to_x86(result) : result;
    default: return make(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}
#endif
