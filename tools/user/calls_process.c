/* System calls on processes, threads, users and the system. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu/flags.h"
#include "tools/user/calls.h"

CALL_OF(exit)
{
    if (t->vforked || process.thread_count == 1)
        thread_exit_group(t, (int)a[0]);
    t->exit_status = (int)a[0];
    t->leaving = true;
    return 0;
}

CALL_OF(exit_group)
{
    thread_exit_group(t, (int)a[0]);
}

/* A child with a copy of the memory. Nobody else may hold our locks meanwhile. */
static i64 fork_child(struct thread *t, u32 flags, u32 stack, u32 parent_tid, u32 child_tid,
                      u32 tls)
{
    i64 pid;

    signal_hold();
    pthread_mutex_lock(&process.map_lock);
    pthread_mutex_lock(&process.signal_lock);
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

/* The list of strings, copied: the memory under it goes. */
static char **strings(u32 address)
{
    const u32 *list = g2h0(address);
    u32 n = 0;
    size_t bytes = 0;
    char **copy, *to;

    while (list && list[n])
        bytes += strlen(g2h(list[n++])) + 1;
    copy = exec_alloc((n + 1) * sizeof(*copy) + bytes);
    if (!copy)
        return NULL;
    to = (char *)(copy + n + 1);
    for (u32 i = 0; i < n; i++) {
        copy[i] = to;
        to = stpcpy(to, g2h(list[i])) + 1;
    }
    copy[n] = NULL;
    return copy;
}

static i64 execute(const char *path, u32 argv, u32 envp)
{
    char **args, **env, name[4096];
    i64 result;

    if (!path)
        return -EFAULT;
    if (strlen(path) >= sizeof(name))
        return -ENAMETOOLONG;
    strcpy(name, path);
    args = strings(argv);
    env = strings(envp);
    result = args && env ? exec_program(name, args, env) : -ENOMEM;
    exec_release();
    return result;
}

CALL_OF(execve)
{
    (void)t;
    return execute(g2h0(a[0]), a[1], a[2]);
}

CALL_OF(execveat)
{
    const char *path = g2h0(a[1]);
    char name[4200];

    (void)t;
    if (!path)
        return -EFAULT;
    if (path[0] == '/' || (i32)a[0] == AT_FDCWD)
        return execute(path, a[2], a[3]);
    if (!path[0] && !(a[4] & AT_EMPTY_PATH))
        return -ENOENT;
    snprintf(name, sizeof(name), "/proc/self/fd/%d%s%.4096s", (int)a[0], path[0] ? "/" : "", path);
    return execute(name, a[2], a[3]);
}

static i64 wait_call(i64 pid, u32 status, i64 options, u32 usage)
{
    struct rusage ru;
    int code = 0;
    i64 result = HOST(wait4, pid, PTR(&code), options, PTR(&ru));

    if (result <= 0)
        return result;
    if (status)
        *(i32 *)g2h(status) = code;
    rusage_put(usage, &ru);
    return result;
}

CALL_OF(wait4)
{
    (void)t;
    return wait_call(INT(a[0]), a[1], INT(a[2]), a[3]);
}

CALL_OF(waitpid)
{
    (void)t;
    return wait_call(INT(a[0]), a[1], INT(a[2]), 0);
}

CALL_OF(waitid)
{
    siginfo_t info = {0};
    struct rusage ru;
    i64 result = HOST(waitid, INT(a[0]), INT(a[1]), PTR(&info), INT(a[3]), PTR(&ru));

    (void)t;
    if (result < 0)
        return result;
    if (a[2])
        signal_put_info(g2h(a[2]), &info);
    rusage_put(a[4], &ru);
    return result;
}

CALL_OF(getrusage)
{
    struct rusage ru;
    i64 result = HOST(getrusage, INT(a[0]), PTR(&ru));

    (void)t;
    if (result == 0)
        rusage_put(a[1], &ru);
    return result;
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
    return HOST(setrlimit, INT(a[0]), PTR(&limit));
}

CALL_OF(prlimit64)
{
    (void)t;
    return HOST(prlimit64, INT(a[0]), a[1], PTR(is_ours(a[1]) ? NULL : g2h0(a[2])),
                PTR(g2h0(a[3])));
}

CALL_OF(nice)
{
    i64 now = HOST(getpriority, PRIO_PROCESS, 0);

    (void)t;
    return now < 0 ? now : HOST(setpriority, PRIO_PROCESS, 0, 20 - now + INT(a[0]));
}

/* User numbers of 16 bits, where -1 is 0xffff. */
#define ID16(v) ((v) == 0xffff ? (i64)-1 : (i64)((v)&0xffff))

CALL_OF(chown)
{
    return HOST(chown, PTR(path_of(t, a[0], 0, true)), ID16(a[1]), ID16(a[2]));
}

CALL_OF(lchown)
{
    return HOST(lchown, PTR(path_of(t, a[0], 0, false)), ID16(a[1]), ID16(a[2]));
}

CALL_OF(fchown)
{
    (void)t;
    return HOST(fchown, INT(a[0]), ID16(a[1]), ID16(a[2]));
}

CALL_OF(setgid)
{
    (void)t;
    return HOST(setgid, ID16(a[0]));
}

CALL_OF(setreuid)
{
    (void)t;
    return HOST(setreuid, ID16(a[0]), ID16(a[1]));
}

CALL_OF(setregid)
{
    (void)t;
    return HOST(setregid, ID16(a[0]), ID16(a[1]));
}

CALL_OF(setresuid)
{
    (void)t;
    return HOST(setresuid, ID16(a[0]), ID16(a[1]), ID16(a[2]));
}

CALL_OF(setresgid)
{
    (void)t;
    return HOST(setresgid, ID16(a[0]), ID16(a[1]), ID16(a[2]));
}

CALL_OF(setfsuid)
{
    (void)t;
    return HOST(setfsuid, ID16(a[0]));
}

CALL_OF(setfsgid)
{
    (void)t;
    return HOST(setfsgid, ID16(a[0]));
}

static i64 put_ids(const u32 *a, i64 result, const u32 ids[3])
{
    for (unsigned i = 0; i < 3 && result == 0; i++)
        *(u16 *)g2h(a[i]) = (u16)ids[i];
    return result;
}

CALL_OF(getresuid)
{
    u32 ids[3];

    (void)t;
    return put_ids(a, HOST(getresuid, PTR(&ids[0]), PTR(&ids[1]), PTR(&ids[2])), ids);
}

CALL_OF(getresgid)
{
    u32 ids[3];

    (void)t;
    return put_ids(a, HOST(getresgid, PTR(&ids[0]), PTR(&ids[1]), PTR(&ids[2])), ids);
}

#define GROUPS_MOST 65536

CALL_OF(getgroups)
{
    static __thread u32 ids[GROUPS_MOST];
    u16 *to = g2h(a[1]);
    i64 result = HOST(getgroups, INT(a[0] > GROUPS_MOST ? GROUPS_MOST : a[0]), PTR(ids));

    (void)t;
    for (i64 i = 0; a[0] && i < result; i++)
        to[i] = (u16)ids[i];
    return result;
}

CALL_OF(setgroups)
{
    static __thread u32 ids[GROUPS_MOST];
    const u16 *from = g2h(a[1]);

    (void)t;
    if (a[0] > GROUPS_MOST)
        return -EINVAL;
    for (u32 i = 0; i < a[0]; i++)
        ids[i] = from[i];
    return HOST(setgroups, a[0], PTR(ids));
}

CALL_OF(uname)
{
    struct utsname name;
    i64 result = HOST(uname, PTR(&name));

    (void)t;
    if (result < 0)
        return result;
    strcpy(name.machine, "i686");
    if (process.release)
        snprintf(name.release, sizeof(name.release), "%s", process.release);
    memcpy(g2h(a[0]), &name, sizeof(name));
    return 0;
}

/* Without the domain, and with fields of 9 bytes. */
CALL_OF(olduname)
{
    struct utsname name;
    i64 result = HOST(uname, PTR(&name));

    (void)t;
    if (result == 0) {
        strcpy(name.machine, "i686");
        memcpy(g2h(a[0]), &name, 5 * sizeof(name.sysname));
    }
    return result;
}

CALL_OF(oldolduname)
{
    struct utsname name;
    i64 result = HOST(uname, PTR(&name));
    char *to = g2h(a[0]);

    (void)t;
    if (result < 0)
        return result;
    strcpy(name.machine, "i686");
    for (unsigned i = 0; i < 5; i++)
        snprintf(to + 9 * i, 9, "%.8s", (const char *)&name + i * sizeof(name.sysname));
    return 0;
}

CALL_OF(sysinfo)
{
    struct sysinfo info;
    u32 *to = g2h(a[0]), unit = 1;
    i64 result = HOST(sysinfo, PTR(&info));
    const unsigned long *from = &info.totalram;
    unsigned shift = 0;

    (void)t;
    if (result < 0)
        return result;
    while ((info.totalram | info.totalswap) * info.mem_unit >> shift > UINT32_MAX) {
        shift++;
        unit <<= 1;
    }
    memset(to, 0, 64);
    to[0] = (u32)info.uptime;
    for (unsigned i = 0; i < 3; i++)
        to[1 + i] = (u32)info.loads[i];
    for (unsigned i = 0; i < 6; i++)
        to[4 + i] = (u32)(from[i] * info.mem_unit >> shift);
    ((u16 *)to)[20] = info.procs;
    to[11] = (u32)((info.totalhigh * info.mem_unit) >> shift);
    to[12] = (u32)((info.freehigh * info.mem_unit) >> shift);
    to[13] = unit;
    return 0;
}

CALL_OF(personality)
{
    u32 old = process.personality;

    (void)t;
    if (a[0] != UINT32_MAX)
        process.personality = a[0];
    return old;
}

CALL_OF(set_thread_area)
{
    return segment_set_thread_area(t, a[0], true);
}

CALL_OF(get_thread_area)
{
    return segment_get_thread_area(t, a[0]);
}

CALL_OF(modify_ldt)
{
    return segment_modify_ldt(t, a[0], a[1], a[2]);
}

CALL_OF(arch_prctl)
{
    UNUSED_CALL;
    return -EINVAL;
}

CALL_OF(prctl)
{
    (void)t;
    switch (a[0]) {
    case PR_GET_PDEATHSIG:
    case PR_GET_NAME:
    case PR_SET_NAME:
    case PR_GET_CHILD_SUBREAPER:
    case PR_GET_TID_ADDRESS: return HOST(prctl, a[0], PTR(g2h(a[1])));
    case PR_SET_SECCOMP: /* it would be a filter of ours */
    case PR_SET_MM:
    case PR_SET_UNALIGN:
    case PR_SET_TSC: return -EINVAL;
    case PR_SET_VMA:
        return a[1] == 0 ? HOST(prctl, a[0], a[1], PTR(g2h(a[2])), a[3], PTR(g2h0(a[4]))) : -EINVAL;
    default: return HOST(prctl, a[0], INT(a[1]), a[2], a[3], a[4]);
    }
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
    i64 result = HOST(sched_getaffinity, INT(a[0]), CPUS_BYTES, PTR(mask));

    (void)t;
    if (result < 0)
        return result;
    if (a[1] & 3)
        return -EINVAL;
    if (a[1] < result)
        result = a[1];
    memcpy(g2h(a[2]), mask, (size_t)result);
    return result;
}

/* Within this process only: another's memory is laid out by its own kernel, or by another of us. */
static i64 move_between(const u32 *a, bool write)
{
    struct iovec local[IOV_MOST], remote[IOV_MOST];
    i64 done = 0;
    u32 r = 0;
    size_t at = 0;

    if (a[5])
        return -EINVAL;
    if (a[0] != (u32)getpid())
        return -EPERM;
    if (!iov_get(a[1], a[2], local, !write) || !iov_get(a[3], a[4], remote, write))
        return -EINVAL;
    for (u32 l = 0; l < a[2]; l++)
        for (size_t n = 0; n < local[l].iov_len;) {
            size_t piece = local[l].iov_len - n;
            u8 *here = (u8 *)local[l].iov_base + n;

            while (r < a[4] && at == remote[r].iov_len) {
                r++;
                at = 0;
            }
            if (r == a[4])
                return done;
            if (piece > remote[r].iov_len - at)
                piece = remote[r].iov_len - at;
            if (write)
                memcpy((u8 *)remote[r].iov_base + at, here, piece);
            else
                memcpy(here, (u8 *)remote[r].iov_base + at, piece);
            at += piece;
            n += piece;
            done += (i64)piece;
        }
    return done;
}

CALL_OF(process_vm_readv)
{
    (void)t;
    return move_between(a, false);
}

CALL_OF(process_vm_writev)
{
    (void)t;
    return move_between(a, true);
}
