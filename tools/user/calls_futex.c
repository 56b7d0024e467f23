/* System calls on futexes, and the words that threads leave behind. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>

#include "tools/user/calls.h"

/* What the fourth argument of futex() is. */
static bool has_timeout(u32 op)
{
    switch (op & (u32)FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI: return true;
    default: return false;
    }
}

static i64 futex(const u32 *a, bool wide)
{
    struct timespec ts;
    i64 fourth = has_timeout(a[1]) ? PTR(time_get(a[3], wide, &ts)) : INT(a[3]);

    return HOST(futex, PTR(g2h(a[0])), INT(a[1]), a[2], fourth, PTR(g2h(a[4])), a[5]);
}

CALL_OF(futex)
{
    (void)t;
    return futex(a, false);
}

CALL_OF(futex_time64)
{
    (void)t;
    return futex(a, true);
}

CALL_OF(set_robust_list)
{
    if (a[1] != 12)
        return -EINVAL;
    t->robust_list = a[0];
    return 0;
}

CALL_OF(get_robust_list)
{
    struct thread *o;
    u32 list = 0, tid = a[0] ? a[0] : t->tid;

    pthread_mutex_lock(&process.thread_lock);
    for (o = process.threads; o && o->tid != tid; o = o->next)
        ;
    if (o)
        list = o->robust_list;
    pthread_mutex_unlock(&process.thread_lock);
    if (!o)
        return -ESRCH;
    *(u32 *)g2h(a[1]) = list;
    *(u32 *)g2h(a[2]) = 12;
    return 0;
}

CALL_OF(set_tid_address)
{
    t->clear_tid = a[0];
    return t->tid;
}
