/* System calls that wait for descriptors. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#include "tools/user/calls.h"

/* Sets of descriptors: their words are 32 bits, in an order that is the same. */
#define SET_WORDS(n) (((n) + 31) / 32)
#define SET_MOST     65536u

struct fd_sets {
    u64 bits[3][SET_MOST / 64];
};

static i64 select_call(struct thread *t, const u32 *a, struct timespec *ts, u64 *mask)
{
    struct fd_sets *sets = room_of(t, sizeof(*sets));
    struct {
        const u64 *mask;
        size_t size;
    } with = {mask, sizeof(*mask)};
    u32 bytes = SET_WORDS(a[0]) * 4;
    i64 result;

    if ((i32)a[0] < 0)
        return -EINVAL;
    if (!sets)
        return -ENOMEM;
    if (a[0] > SET_MOST)
        bytes = SET_MOST / 8;
    for (unsigned i = 0; i < 3; i++)
        if (a[1 + i]) {
            sets->bits[i][bytes / 8] = 0;
            memcpy(sets->bits[i], g2h(a[1 + i]), bytes);
        }
    result = HOST(pselect6, a[0] > SET_MOST ? (i64)SET_MOST : (i64)a[0],
                  PTR(a[1] ? sets->bits[0] : NULL), PTR(a[2] ? sets->bits[1] : NULL),
                  PTR(a[3] ? sets->bits[2] : NULL), PTR(ts), PTR(mask ? &with : NULL));
    if (result >= 0)
        for (unsigned i = 0; i < 3; i++)
            if (a[1 + i])
                memcpy(g2h(a[1 + i]), sets->bits[i], bytes);
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
    u64 mask, *m = NULL;
    i64 result = with ? mask_get(with[0], with[1], &mask, &m) : 0;

    if (result)
        return result;
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
    u64 mask, *m;
    i64 result = mask_get(a[3], a[4], &mask, &m);

    if (result)
        return result;
    result = HOST(ppoll, PTR(g2h0(a[0])), a[1], PTR(p), PTR(m), sizeof(mask));
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
    u64 mask, *m;
    i64 wrong = mask_get(a[4], a[5], &mask, &m);

    (void)t;
    return wrong ? wrong
                 : HOST(epoll_pwait, INT(a[0]), PTR(g2h0(a[1])), INT(a[2]), INT(a[3]), PTR(m),
                        sizeof(mask));
}

CALL_OF(epoll_pwait2)
{
    struct timespec ts, *p = time_get(a[3], true, &ts);
    u64 mask, *m;
    i64 wrong = mask_get(a[4], a[5], &mask, &m);

    (void)t;
    return wrong ? wrong
                 : HOST(epoll_pwait2, INT(a[0]), PTR(g2h0(a[1])), INT(a[2]), PTR(p), PTR(m),
                        sizeof(mask));
}
