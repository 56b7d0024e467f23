/* Limits, usage, priority and CPUs of a process. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "tools/user/calls.h"

CALL_OF(getrusage)
{
    struct rusage ru;
    i64 result = HOST(getrusage, INT(a[0]), PTR(&ru));

    (void)t;
    if (result < 0)
        return result;
    if (!a[1])
        return -EFAULT;
    rusage_put(a[1], &ru);
    return 0;
}

/* Limits of 32 bits: what is larger is none. Those on memory are the guest's affair, and would be ours. */
static bool is_ours(u32 resource)
{
    return resource == RLIMIT_AS || resource == RLIMIT_DATA || resource == RLIMIT_STACK;
}

static u32 narrow(rlim_t v, u32 infinity)
{
    return v > infinity ? infinity : (u32)v;
}

static i64 get_limit(const u32 *a, u32 infinity)
{
    struct rlimit limit;
    u32 *to = g2h(a[1]);
    i64 result = HOST(getrlimit, INT(a[0]), PTR(&limit));

    if (result < 0)
        return result;
    to[0] = narrow(limit.rlim_cur, infinity);
    to[1] = narrow(limit.rlim_max, infinity);
    return 0;
}

CALL_OF(getrlimit)
{
    (void)t;
    return get_limit(a, INT32_MAX);
}

CALL_OF(ugetrlimit)
{
    (void)t;
    return get_limit(a, UINT32_MAX);
}

CALL_OF(setrlimit)
{
    const u32 *from = g2h(a[1]);
    struct rlimit limit = {from[0] == UINT32_MAX ? RLIM_INFINITY : from[0],
                           from[1] == UINT32_MAX ? RLIM_INFINITY : from[1]};

    (void)t;
    if (is_ours(a[0]))
        return 0;
    return HOST(prlimit64, 0, a[0], PTR(&limit));
}

CALL_OF(prlimit64)
{
    (void)t;
    return HOST(prlimit64, INT(a[0]), a[1], PTR(is_ours(a[1]) ? NULL : g2h0(a[2])),
                PTR(g2h0(a[3])));
}

#define NICE_MOST 40

CALL_OF(nice)
{
    i64 now = HOST(getpriority, PRIO_PROCESS, 0);

    i64 by = INT(a[0]), result;

    (void)t;
    if (now < 0)
        return now;
    by = by < -NICE_MOST ? -NICE_MOST : by > NICE_MOST ? NICE_MOST : by;
    result = HOST(setpriority, PRIO_PROCESS, 0, 20 - now + by);
    return result == -EACCES ? -EPERM : result;
}

/* Masks of the host's are whole longs. */
#define CPUS_BYTES 128u

CALL_OF(sched_setaffinity)
{
    u8 mask[CPUS_BYTES] = {0};

    (void)t;
    memcpy(mask, g2h(a[2]), a[1] < CPUS_BYTES ? a[1] : CPUS_BYTES);
    return HOST(sched_setaffinity, INT(a[0]), CPUS_BYTES, PTR(mask));
}

CALL_OF(sched_getaffinity)
{
    u8 mask[CPUS_BYTES] = {0};
    i64 result;

    (void)t;
    if (!a[1] || a[1] & 3)
        return -EINVAL;
    result = HOST(sched_getaffinity, INT(a[0]), CPUS_BYTES, PTR(mask));
    if (result < 0)
        return result;
    if (a[1] < result)
        result = a[1];
    memcpy(g2h(a[2]), mask, (size_t)result);
    return result;
}
