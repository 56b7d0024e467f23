/* System calls on clocks, timers and waiting for descriptors. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timex.h>
#include <sys/times.h>

#include "tools/user/calls.h"

static i64 clock_call(i64 number, const u32 *a, bool wide)
{
    struct timespec ts;
    i64 result = host_call(number, (const i64[6]){INT(a[0]), PTR(&ts)});

    if (result == 0)
        time_put(a[1], wide, &ts);
    return result;
}

CALL_OF(clock_gettime)
{
    (void)t;
    if (!a[1])
        return -EFAULT;
    return clock_call(SYS_clock_gettime, a, false);
}

CALL_OF(clock_gettime64)
{
    (void)t;
    if (!a[1])
        return -EFAULT;
    return clock_call(SYS_clock_gettime, a, true);
}

CALL_OF(clock_getres)
{
    (void)t;
    return clock_call(SYS_clock_getres, a, false);
}

CALL_OF(clock_getres_time64)
{
    (void)t;
    return clock_call(SYS_clock_getres, a, true);
}

CALL_OF(sched_rr_get_interval)
{
    (void)t;
    if (!a[1])
        return -EFAULT;
    return clock_call(SYS_sched_rr_get_interval, a, false);
}

CALL_OF(sched_rr_get_interval_time64)
{
    (void)t;
    if (!a[1])
        return -EFAULT;
    return clock_call(SYS_sched_rr_get_interval, a, true);
}

static i64 set_clock(const u32 *a, bool wide)
{
    struct timespec ts;

    if (!time_get(a[1], wide, &ts))
        return -EFAULT;
    return HOST(clock_settime, INT(a[0]), PTR(&ts));
}

CALL_OF(clock_settime)
{
    (void)t;
    return set_clock(a, false);
}

CALL_OF(clock_settime64)
{
    (void)t;
    return set_clock(a, true);
}

static i64 sleep_call(u32 clock, u32 flags, u32 request, u32 remain, bool wide)
{
    struct timespec ts, left;
    i64 result;

    if (!time_get(request, wide, &ts))
        return -EFAULT;
    result = HOST(clock_nanosleep, INT(clock), flags, PTR(&ts), PTR(&left));
    if (result == -EINTR && !(flags & TIMER_ABSTIME))
        time_put(remain, wide, &left);
    return result;
}

CALL_OF(nanosleep)
{
    (void)t;
    return sleep_call(CLOCK_MONOTONIC, 0, a[0], a[1], false);
}

CALL_OF(clock_nanosleep)
{
    (void)t;
    return sleep_call(a[0], a[1], a[2], a[3], false);
}

CALL_OF(clock_nanosleep_time64)
{
    (void)t;
    return sleep_call(a[0], a[1], a[2], a[3], true);
}

CALL_OF(time)
{
    i64 now = time(NULL);

    (void)t;
    if (a[0])
        *(u32 *)g2h(a[0]) = (u32)now;
    return (i32)now;
}

CALL_OF(stime)
{
    struct timespec ts = {.tv_sec = *(const i32 *)g2h(a[0])};

    (void)t;
    return HOST(clock_settime, CLOCK_REALTIME, PTR(&ts));
}

CALL_OF(gettimeofday)
{
    struct timeval tv;
    struct timezone tz;
    i64 result = HOST(gettimeofday, PTR(&tv), PTR(&tz));

    (void)t;
    if (result == 0) {
        timeval_put(a[0], &tv);
        if (a[1])
            memcpy(g2h(a[1]), &tz, sizeof(tz));
    }
    return result;
}

CALL_OF(settimeofday)
{
    struct timeval tv;

    (void)t;
    return HOST(settimeofday, PTR(timeval_get(a[0], &tv)), PTR(g2h0(a[1])));
}

CALL_OF(times)
{
    struct tms tms;
    i64 result = HOST(times, PTR(&tms));
    u32 *to = g2h0(a[0]);

    (void)t;
    if (result >= 0 && to) {
        to[0] = (u32)tms.tms_utime;
        to[1] = (u32)tms.tms_stime;
        to[2] = (u32)tms.tms_cutime;
        to[3] = (u32)tms.tms_cstime;
    }
    return result < 0 ? result : (i64)(u32)result;
}

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
        return -EFAULT;
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

static i64 adjust(i64 number, i64 clock, u32 address)
{
    u32 *g = g2h(address);
    struct timex tx = {0};
    long *field = &tx.offset;
    i64 result;

    tx.modes = g[0];
    for (unsigned i = 0; i < 4; i++) /* offset freq maxerror esterror */
        field[i] = (i32)g[1 + i];
    tx.status = (int)g[5];
    tx.constant = (i32)g[6];
    tx.precision = (i32)g[7];
    tx.tolerance = (i32)g[8];
    tx.time.tv_sec = (i32)g[9];
    tx.time.tv_usec = (i32)g[10];
    tx.tick = (i32)g[11];
    result =
        number == SYS_adjtimex ? HOST(adjtimex, PTR(&tx)) : HOST(clock_adjtime, clock, PTR(&tx));
    if (result < 0)
        return result;
    g[0] = tx.modes;
    for (unsigned i = 0; i < 4; i++)
        g[1 + i] = (u32)field[i];
    g[5] = (u32)tx.status;
    g[6] = (u32)tx.constant;
    g[7] = (u32)tx.precision;
    g[8] = (u32)tx.tolerance;
    g[9] = (u32)tx.time.tv_sec;
    g[10] = (u32)tx.time.tv_usec;
    g[11] = (u32)tx.tick;
    g[12] = (u32)tx.ppsfreq;
    g[13] = (u32)tx.jitter;
    g[14] = (u32)tx.shift;
    g[15] = (u32)tx.stabil;
    g[16] = (u32)tx.jitcnt;
    g[17] = (u32)tx.calcnt;
    g[18] = (u32)tx.errcnt;
    g[19] = (u32)tx.stbcnt;
    g[20] = (u32)tx.tai;
    return result;
}

CALL_OF(adjtimex)
{
    (void)t;
    return adjust(SYS_adjtimex, 0, a[0]);
}

CALL_OF(clock_adjtime)
{
    (void)t;
    return adjust(SYS_clock_adjtime, INT(a[0]), a[1]);
}

/* struct __kernel_timex is the host's. */
CALL_OF(clock_adjtime64)
{
    (void)t;
    return HOST(clock_adjtime, INT(a[0]), PTR(g2h0(a[1])));
}

/* Sets of descriptors: their words are 32 bits, in an order that is the same. */
#define SET_WORDS(n) (((n) + 31) / 32)
#define SET_MOST     65536u

struct fd_sets {
    u64 bits[3][SET_MOST / 64];
};

static i64 select_call(struct thread *t, const u32 *a, struct timespec *ts, u64 *mask)
{
    static __thread struct fd_sets sets;
    struct {
        const u64 *mask;
        u64 size;
    } with = {mask, sizeof(*mask)};
    u32 bytes = SET_WORDS(a[0]) * 4;
    i64 result;

    (void)t;
    if ((i32)a[0] < 0)
        return -EINVAL;
    if (a[0] > SET_MOST)
        bytes = SET_MOST / 8;
    for (unsigned i = 0; i < 3; i++)
        if (a[1 + i]) {
            sets.bits[i][bytes / 8] = 0;
            memcpy(sets.bits[i], g2h(a[1 + i]), bytes);
        }
    result = HOST(pselect6, a[0] > SET_MOST ? (i64)SET_MOST : (i64)a[0],
                  PTR(a[1] ? sets.bits[0] : NULL), PTR(a[2] ? sets.bits[1] : NULL),
                  PTR(a[3] ? sets.bits[2] : NULL), PTR(ts), PTR(mask ? &with : NULL));
    if (result >= 0)
        for (unsigned i = 0; i < 3; i++)
            if (a[1 + i])
                memcpy(g2h(a[1 + i]), sets.bits[i], bytes);
    return result;
}

static i64 select_timeval(struct thread *t, const u32 *a)
{
    struct timeval tv, *p = timeval_get(a[4], &tv);
    struct timespec ts;
    i64 result;

    if (p) {
        ts.tv_sec = tv.tv_sec + tv.tv_usec / 1000000;
        ts.tv_nsec = tv.tv_usec % 1000000 * 1000;
        if (ts.tv_sec < 0 || ts.tv_nsec < 0)
            return -EINVAL;
    }
    result = select_call(t, a, p ? &ts : NULL, NULL);
    if (p)
        timeval_put(a[4], &(struct timeval){ts.tv_sec, ts.tv_nsec / 1000});
    return result;
}

CALL_OF(_newselect)
{
    return select_timeval(t, a);
}

CALL_OF(select)
{
    return select_timeval(t, g2h(a[0]));
}

static i64 select_masked(struct thread *t, const u32 *a, bool wide)
{
    struct timespec ts, *p = time_get(a[4], wide, &ts);
    const u32 *with = g2h0(a[5]);
    u64 mask, *m = with ? mask_get(with[0], &mask) : NULL;
    i64 result;

    if (m && with[1] != sizeof(mask))
        return -EINVAL;
    result = select_call(t, a, p, m);
    if (p)
        time_put(a[4], wide, &ts);
    return result;
}

CALL_OF(pselect6)
{
    return select_masked(t, a, false);
}

CALL_OF(pselect6_time64)
{
    return select_masked(t, a, true);
}

static i64 poll_masked(const u32 *a, bool wide)
{
    struct timespec ts, *p = time_get(a[2], wide, &ts);
    u64 mask, *m = mask_get(a[3], &mask);
    i64 result = HOST(ppoll, PTR(g2h0(a[0])), a[1], PTR(p), PTR(m), m ? (i64)a[4] : 0);

    if (p)
        time_put(a[2], wide, &ts);
    return result;
}

CALL_OF(ppoll)
{
    (void)t;
    return poll_masked(a, false);
}

CALL_OF(ppoll_time64)
{
    (void)t;
    return poll_masked(a, true);
}

CALL_OF(epoll_pwait)
{
    u64 mask, *m = mask_get(a[4], &mask);

    (void)t;
    return HOST(epoll_pwait, INT(a[0]), PTR(g2h0(a[1])), INT(a[2]), INT(a[3]), PTR(m), a[5]);
}

CALL_OF(epoll_pwait2)
{
    struct timespec ts, *p = time_get(a[3], true, &ts);
    u64 mask, *m = mask_get(a[4], &mask);

    (void)t;
    return HOST(epoll_pwait2, INT(a[0]), PTR(g2h0(a[1])), INT(a[2]), PTR(p), PTR(m), a[5]);
}
