/* System calls on signals. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "tools/user/calls.h"

#define MASK_SIZE 8u

/* struct sigaction's two forms. */
struct old_action {
    u32 handler, mask, flags, restorer;
};
struct rt_action {
    u32 handler, flags, restorer;
    u64 mask;
} __attribute__((packed));

CALL_OF(rt_sigaction)
{
    struct action new, old;
    const struct rt_action *from = g2h0(a[1]);
    struct rt_action *to = g2h0(a[2]);
    i64 result;

    (void)t;
    if (a[3] != MASK_SIZE)
        return -EINVAL;
    if (from)
        new = (struct action){from->handler, from->flags, from->restorer, from->mask};
    result = signal_set_action((int)a[0], from ? &new : NULL, &old);
    if (result == 0 && to)
        *to = (struct rt_action){old.handler, old.flags, old.restorer, old.mask};
    return result;
}

CALL_OF(sigaction)
{
    struct action new, old;
    const struct old_action *from = g2h0(a[1]);
    struct old_action *to = g2h0(a[2]);
    i64 result;

    (void)t;
    if (from)
        new = (struct action){from->handler, from->flags, from->restorer, from->mask};
    result = signal_set_action((int)a[0], from ? &new : NULL, &old);
    if (result == 0 && to)
        *to = (struct old_action){old.handler, (u32)old.mask, old.flags, old.restorer};
    return result;
}

CALL_OF(signal)
{
    struct action new = {.handler = a[1], .flags = SA_RESETHAND | SA_NODEFER}, old;
    i64 result = signal_set_action((int)a[0], &new, &old);

    (void)t;
    return result ? result : (i64)old.handler;
}

static i64 set_mask(struct thread *t, u32 how, const u64 *set, u64 *old)
{
    u64 mask = t->mask;

    *old = mask;
    if (!set)
        return 0;
    switch (how) {
    case SIG_BLOCK: mask |= *set; break;
    case SIG_UNBLOCK: mask &= ~*set; break;
    case SIG_SETMASK: mask = *set; break;
    default: return -EINVAL;
    }
    if (t->pending) /* it is held back with all others, and the frame that comes saves this */
        t->mask = mask;
    else
        signal_set_mask(t, mask);
    return 0;
}

CALL_OF(rt_sigprocmask)
{
    u64 set, old, *p;
    i64 result;

    if (a[3] != MASK_SIZE)
        return -EINVAL;
    mask_get(a[1], a[3], &set, &p);
    result = set_mask(t, a[0], p, &old);
    if (result == 0 && a[2])
        memcpy(g2h(a[2]), &old, sizeof(old));
    return result;
}

CALL_OF(sigprocmask)
{
    u64 set = 0, old;
    i64 result;

    if (a[1])
        set = *(const u32 *)g2h(a[1]);
    if (a[1] && a[0] == SIG_SETMASK)
        set |= t->mask & ~(u64)UINT32_MAX;
    result = set_mask(t, a[0], a[1] ? &set : NULL, &old);
    if (result == 0 && a[2])
        *(u32 *)g2h(a[2]) = (u32)old;
    return result;
}

CALL_OF(sgetmask)
{
    (void)a;
    return (u32)t->mask;
}

CALL_OF(ssetmask)
{
    u64 set = a[0], old;

    set_mask(t, SIG_SETMASK, &set, &old);
    return (u32)old;
}

CALL_OF(rt_sigpending)
{
    (void)t;
    return a[1] > MASK_SIZE ? -EINVAL : HOST(rt_sigpending, PTR(g2h0(a[0])), a[1]);
}

CALL_OF(sigpending)
{
    u64 set;
    i64 result = HOST(rt_sigpending, PTR(&set), sizeof(set));

    (void)t;
    if (result == 0)
        *(u32 *)g2h(a[0]) = (u32)set;
    return result;
}

CALL_OF(rt_sigsuspend)
{
    u64 mask, *p;

    (void)t;
    if (a[1] != MASK_SIZE)
        return -EINVAL;
    mask_get(a[0], a[1], &mask, &p);
    if (!p)
        return -EFAULT;
    return HOST(rt_sigsuspend, PTR(p), sizeof(mask));
}

CALL_OF(sigsuspend)
{
    u64 mask = a[2];

    (void)t;
    return HOST(rt_sigsuspend, PTR(&mask), sizeof(mask));
}

static i64 wait_for(const u32 *a, bool wide)
{
    struct timespec ts, *p;
    u64 mask, *m;
    siginfo_t info;
    i64 result;

    if (a[3] != MASK_SIZE)
        return -EINVAL;
    mask_get(a[0], a[3], &mask, &m);
    p = time_get(a[2], wide, &ts);
    result = HOST(rt_sigtimedwait, PTR(m), PTR(&info), PTR(p), sizeof(mask));
    if (result >= 0 && a[1])
        signal_put_info(g2h(a[1]), &info);
    return result;
}

CALL_OF(rt_sigtimedwait)
{
    (void)t;
    return wait_for(a, false);
}

CALL_OF(rt_sigtimedwait_time64)
{
    (void)t;
    return wait_for(a, true);
}

CALL_OF(rt_sigqueueinfo)
{
    siginfo_t info;

    (void)t;
    signal_get_info(&info, g2h(a[2]));
    return HOST(rt_sigqueueinfo, INT(a[0]), INT(a[1]), PTR(&info));
}

CALL_OF(rt_tgsigqueueinfo)
{
    siginfo_t info;

    (void)t;
    signal_get_info(&info, g2h(a[3]));
    return HOST(rt_tgsigqueueinfo, INT(a[0]), INT(a[1]), INT(a[2]), PTR(&info));
}

CALL_OF(pidfd_send_signal)
{
    siginfo_t info;

    (void)t;
    if (a[2])
        signal_get_info(&info, g2h(a[2]));
    return HOST(pidfd_send_signal, INT(a[0]), INT(a[1]), PTR(a[2] ? &info : NULL), a[3]);
}

struct alt_stack {
    u32 sp, flags, size;
};
#define SS_AUTODISARM_ 0x80000000u
#define ALT_LEAST      2048u

CALL_OF(sigaltstack)
{
    u32 esp = t->cpu->r[R_ESP];
    bool on = t->alt_size && esp > t->alt_sp && esp - t->alt_sp <= t->alt_size;
    const struct alt_stack *from = g2h0(a[0]);
    struct alt_stack old = {
        t->alt_sp, (t->alt_size ? (on ? SS_ONSTACK : 0) : SS_DISABLE) | t->alt_flags, t->alt_size};

    if (from) {
        struct alt_stack new = *from;
        u32 mode = new.flags & ~SS_AUTODISARM_;

        if (on && !(t->alt_flags & SS_AUTODISARM_))
            return -EPERM;
        if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
            return -EINVAL;
        if (mode == SS_DISABLE)
            new.sp = new.size = 0;
        else if (new.size < ALT_LEAST && !(new.size == t->alt_size &&new.sp == t->alt_sp))
            return -ENOMEM; /* unless it is what there is */
        t->alt_sp = new.sp;
        t->alt_size = new.size;
        t->alt_flags = new.flags &SS_AUTODISARM_;
    }
    if (a[1])
        *(struct alt_stack *)g2h(a[1]) = old;
    return 0;
}

static i64 leave_handler(struct thread *t, bool rt)
{
    u64 mask;

    signal_hold();
    if (!frame_pop_signal(t, rt, &mask))
        signal_die(SIGSEGV);
    t->mask = mask;
    if (!t->pending)
        signal_set_mask(t, mask);
    return 0;
}

CALL_OF(sigreturn)
{
    (void)a;
    return leave_handler(t, false);
}

CALL_OF(rt_sigreturn)
{
    (void)a;
    return leave_handler(t, true);
}

CALL_OF(restart_syscall)
{
    UNUSED_CALL;
    return -EINTR;
}

CALL_OF(signalfd)
{
    u64 mask, *p;
    i64 wrong = mask_get(a[1], a[2], &mask, &p);

    (void)t;
    return wrong ? wrong : HOST(signalfd, INT(a[0]), PTR(p), a[2]);
}

CALL_OF(signalfd4)
{
    u64 mask, *p;
    i64 wrong = mask_get(a[1], a[2], &mask, &p);

    (void)t;
    return wrong ? wrong : HOST(signalfd4, INT(a[0]), PTR(p), a[2], INT(a[3]));
}
