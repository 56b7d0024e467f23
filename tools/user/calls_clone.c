/* fork(), vfork() and clone(): children, and threads. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/flags.h"
#include "tools/user/calls.h"

/* A child with a copy of the memory. Nobody else may hold our locks meanwhile. */
static i64 fork_child(struct thread *t, u32 flags, u32 stack, u32 parent_tid, u32 child_tid,
                      u32 tls)
{
    i64 pid;

    signal_hold();
    pthread_mutex_lock(&process.map_lock);
    pthread_mutex_lock(&process.signal_lock);
    pthread_mutex_lock(&process.open_lock);
    pthread_mutex_lock(&process.code_lock);
    pthread_mutex_lock(&process.thread_lock);
    pid = flags & CSIGNAL && (flags & CSIGNAL) != SIGCHLD
              ? syscall(SYS_clone, (long)(flags & CSIGNAL), 0, 0, 0, 0)
              : fork();
    if (pid < 0)
        pid = -errno;
    if (pid == 0) {
        thread_after_fork(t);
        if (stack)
            t->cpu->r[R_ESP] = stack;
        if (flags & CLONE_SETTLS)
            segment_set_thread_area(t, tls, false);
        if (flags & CLONE_CHILD_SETTID)
            *(u32 *)g2h(child_tid) = t->tid;
        t->clear_tid = flags & CLONE_CHILD_CLEARTID ? child_tid : 0;
        t->robust_list = 0;
    } else {
        pthread_mutex_unlock(&process.thread_lock);
        pthread_mutex_unlock(&process.code_lock);
        pthread_mutex_unlock(&process.open_lock);
        pthread_mutex_unlock(&process.signal_lock);
        pthread_mutex_unlock(&process.map_lock);
        if (pid > 0 && flags & CLONE_PARENT_SETTID)
            *(u32 *)g2h(parent_tid) = (u32)pid;
    }
    if (!t->pending)
        signal_set_mask(t, t->mask);
    return pid;
}

/* A child that borrows our memory until it executes a program or ends: the host's own vfork, with the thread's loop within
 * this call. What the host keeps for a process is its own; what we keep is put back behind it. */
static noinline i64 vfork_child(struct thread *t, u32 stack)
{
    struct cpu_state *saved = malloc(sizeof(*saved));
    struct action *actions = malloc(sizeof(process.action));
    struct thread kept = *t;
    volatile i64 pid;

    if (!saved || !actions) {
        free(saved);
        free(actions);
        return -ENOMEM;
    }
    cpu_state_get(t->cpu, saved);
    memcpy(actions, process.action, sizeof(process.action));
    signal_hold();
    pid = vfork();
    if (pid == 0) {
        t->tid = (u32)syscall(SYS_gettid);
        t->vforked = true;
        t->in_call = false;
        t->clear_tid = t->robust_list = 0;
        t->cpu->r[R_EAX] = 0;
        if (stack)
            t->cpu->r[R_ESP] = stack;
        signal_set_mask(t, t->mask);
        _exit(thread_run(t));
    }
    exec_release(); /* the child's */
    memcpy(process.action, actions, sizeof(process.action));
    t->cpu->state = *saved;
    t->cpu->lazy.op = LAZY_NONE;
    t->cpu->fault.vector = -1;
    t->tid = kept.tid;
    t->vforked = kept.vforked;
    t->in_call = true;
    t->event = kept.event;
    t->leaving = false;
    t->restarting = false;
    t->pending = 0;
    t->mask = kept.mask;
    t->clear_tid = kept.clear_tid;
    t->robust_list = kept.robust_list;
    t->alt_sp = kept.alt_sp;
    t->alt_size = kept.alt_size;
    t->alt_flags = kept.alt_flags;
    memcpy(t->call_jmp, kept.call_jmp, sizeof(t->call_jmp));
    memcpy(t->tls, kept.tls, sizeof(t->tls));
    cpu_update_mode(t->cpu);
    free(saved);
    free(actions);
    if (pid < 0)
        pid = -errno;
    signal_set_mask(t, t->mask);
    return pid;
}

#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

static i64 clone_call(struct thread *t, u32 flags, u32 stack, u32 parent_tid, u32 child_tid,
                      u32 tls)
{
    if (flags & CLONE_THREAD) {
        if ((flags & THREAD_FLAGS) != THREAD_FLAGS)
            return -EINVAL;
        return thread_start(t, flags, stack, parent_tid, child_tid, tls);
    }
    if (flags & CLONE_SIGHAND && !(flags & CLONE_VM))
        return -EINVAL;
    if (flags & (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC |
                 CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_PIDFD))
        return -EINVAL;
    if ((flags & (CLONE_VM | CLONE_VFORK)) == (CLONE_VM | CLONE_VFORK) && process.thread_count == 1)
        return vfork_child(t, stack);
    /* Shared memory without a thread group is a copy here. */
    return fork_child(t, flags, stack, parent_tid, child_tid, tls);
}

CALL_OF(fork)
{
    (void)a;
    return fork_child(t, SIGCHLD, 0, 0, 0, 0);
}

CALL_OF(vfork)
{
    (void)a;
    return clone_call(t, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
}

CALL_OF(clone)
{
    return clone_call(t, a[0], a[1], a[2], a[4], a[3]);
}

CALL_OF(clone3)
{
    u64 arg[11] = {0}; /* flags pidfd child_tid parent_tid exit_signal stack stack_size tls ... */

    if (a[1] < 64 || a[1] > PAGE_SIZE)
        return a[1] < 64 ? -EINVAL : -E2BIG;
    memcpy(arg, g2h(a[0]), a[1] < sizeof(arg) ? a[1] : sizeof(arg));
    if (arg[0] >> 32 || arg[4] & ~(u64)CSIGNAL || arg[8] /* set_tid */)
        return -EINVAL;
    return clone_call(t, (u32)arg[0] | (u32)arg[4], arg[5] ? (u32)(arg[5] + arg[6]) : 0,
                      (u32)arg[3], (u32)arg[2], (u32)arg[7]);
}
