/* System calls on timers. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tools/user/calls.h"

static void get_itimer(u32 address, struct itimerval *it)
{
    timeval_get(address, &it->it_interval);
    timeval_get(address + 8, &it->it_value);
}

static void put_itimer(u32 address, const struct itimerval *it)
{
    if (!address)
        return;
    timeval_put(address, &it->it_interval);
    timeval_put(address + 8, &it->it_value);
}

CALL_OF(setitimer)
{
    struct itimerval new = {0}, old;
    i64 result;

    (void)t;
    if (a[1])
        get_itimer(a[1], &new);
    result = HOST(setitimer, INT(a[0]), PTR(&new), PTR(&old));
    if (result == 0)
        put_itimer(a[2], &old);
    return result;
}

CALL_OF(getitimer)
{
    struct itimerval it;
    i64 result = HOST(getitimer, INT(a[0]), PTR(&it));

    (void)t;
    if (result < 0)
        return result;
    if (!a[1])
        return -EFAULT;
    put_itimer(a[1], &it);
    return result;
}

static struct itimerspec *get_itimerspec(u32 address, bool wide, struct itimerspec *it)
{
    if (!time_get(address, wide, &it->it_interval))
        return NULL;
    time_get(address + (wide ? 16 : 8), wide, &it->it_value);
    return it;
}

static void put_itimerspec(u32 address, bool wide, const struct itimerspec *it)
{
    if (!address)
        return;
    time_put(address, wide, &it->it_interval);
    time_put(address + (wide ? 16 : 8), wide, &it->it_value);
}

static i64 timer_set(i64 number, const u32 *a, bool wide)
{
    struct itimerspec new, old;
    i64 result;

    if (!get_itimerspec(a[2], wide, &new))
        return number == SYS_timer_settime ? -EINVAL : -EFAULT;
    result = host_call(number, (const i64[6]){INT(a[0]), a[1], PTR(&new), PTR(&old)});
    if (result == 0)
        put_itimerspec(a[3], wide, &old);
    return result;
}

static i64 timer_get(i64 number, const u32 *a, bool wide)
{
    struct itimerspec it;
    i64 result = host_call(number, (const i64[6]){INT(a[0]), PTR(&it)});

    if (result == 0)
        put_itimerspec(a[1], wide, &it);
    return result;
}

#define TIMER_CALLS(set, get, host_set, host_get, wide)                                            \
    CALL_OF(set)                                                                                   \
    {                                                                                              \
        (void)t;                                                                                   \
        return timer_set(host_set, a, wide);                                                       \
    }                                                                                              \
    CALL_OF(get)                                                                                   \
    {                                                                                              \
        (void)t;                                                                                   \
        return timer_get(host_get, a, wide);                                                       \
    }
TIMER_CALLS(timer_settime, timer_gettime, SYS_timer_settime, SYS_timer_gettime, false)
TIMER_CALLS(timer_settime64, timer_gettime64, SYS_timer_settime, SYS_timer_gettime, true)
TIMER_CALLS(timerfd_settime, timerfd_gettime, SYS_timerfd_settime, SYS_timerfd_gettime, false)
TIMER_CALLS(timerfd_settime64, timerfd_gettime64, SYS_timerfd_settime, SYS_timerfd_gettime, true)

/* struct sigevent of i386. */
struct sigevent *sigevent_get(u32 address, struct sigevent *buf)
{
    const u32 *from = g2h0(address);

    if (!from)
        return NULL;
    memset(buf, 0, sizeof(*buf));
    buf->sigev_value.sival_ptr = (void *)(uintptr_t)from[0];
    buf->sigev_signo = (int)from[1];
    buf->sigev_notify = (int)from[2];
    buf->_sigev_un._tid = (int)from[3];
    return buf;
}

CALL_OF(timer_create)
{
    struct sigevent event, *p = sigevent_get(a[1], &event);
    i64 result = HOST(timer_create, INT(a[0]), PTR(p), PTR(g2h0(a[2])));

    (void)t;
    return result;
}
