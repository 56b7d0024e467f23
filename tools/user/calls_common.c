/* Structures that several system calls have: times, buffers, masks. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tools/user/calls.h"

void *room_of(struct thread *t, size_t size)
{
    if (t->room_size < size) {
        free(t->room);
        t->room = malloc(size);
        t->room_size = t->room ? size : 0;
    }
    return t->room;
}

struct time32 {
    i32 sec, nsec;
};
struct time64 {
    i64 sec;
    i32 nsec, pad;
};

struct timespec *time_get(u32 address, bool wide, struct timespec *buf)
{
    if (!address)
        return NULL;
    if (wide) {
        const struct time64 *ts = g2h(address);

        *buf = (struct timespec){.tv_sec = ts->sec, .tv_nsec = ts->nsec};
    } else {
        const struct time32 *ts = g2h(address);

        *buf = (struct timespec){.tv_sec = ts->sec, .tv_nsec = ts->nsec};
    }
    return buf;
}

void time_put(u32 address, bool wide, const struct timespec *ts)
{
    if (!address)
        return;
    if (wide)
        *(struct time64 *)g2h(address) = (struct time64){ts->tv_sec, (i32)ts->tv_nsec, 0};
    else
        *(struct time32 *)g2h(address) = (struct time32){(i32)ts->tv_sec, (i32)ts->tv_nsec};
}

struct timeval *timeval_get(u32 address, struct timeval *buf)
{
    const struct time32 *tv = g2h0(address);

    if (!tv)
        return NULL;
    *buf = (struct timeval){.tv_sec = tv->sec, .tv_usec = tv->nsec};
    return buf;
}

void timeval_put(u32 address, const struct timeval *tv)
{
    if (address)
        *(struct time32 *)g2h(address) = (struct time32){(i32)tv->tv_sec, (i32)tv->tv_usec};
}

void rusage_put(u32 address, const struct rusage *usage)
{
    const long *from = &usage->ru_maxrss;
    u32 *to = g2h0(address);

    if (!to)
        return;
    timeval_put(address, &usage->ru_utime);
    timeval_put(address + 8, &usage->ru_stime);
    for (unsigned i = 0; i < 14; i++)
        to[4 + i] = (u32)from[i];
}

struct iovec *iov_get(u32 address, u32 count, struct iovec *buf, bool write)
{
    const u32 *from = g2h(address);

    if (count > IOV_MOST)
        return NULL;
    for (u32 i = 0; i < count; i++) {
        buf[i] = (struct iovec){g2h(from[2 * i]), from[2 * i + 1]};
        if ((i32)from[2 * i + 1] < 0)
            buf[i].iov_len = SIZE_MAX; /* the kernel refuses it */
        else if (write)
            code_will_write(from[2 * i], from[2 * i + 1]);
    }
    return buf;
}

i64 mask_get(u32 address, u32 size, u64 *buf, u64 **mask)
{
    *mask = NULL;
    if (!address)
        return 0;
    if (size != sizeof(*buf))
        return -EINVAL;
    memcpy(buf, g2h(address), sizeof(*buf));
    *mask = buf;
    return 0;
}
