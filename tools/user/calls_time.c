/* System calls on clocks. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
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

static i64 adjust(i64 number, i64 clock, u32 address)
{
    u32 *g = g2h(address);
    struct timex tx = {0};
    __typeof__(tx.offset) *field = &tx.offset;
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
