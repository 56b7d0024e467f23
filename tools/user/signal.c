/* Signals: the guest's are the host's, with the same numbers, masks and queues.
 *
 * A host signal's handler only notes what came, holds everything else back, and has the CPU come to thread_run(), which makes
 * the guest's frame between two instructions. So the host queues what else comes, as the guest's kernel would. */
#define _GNU_SOURCE
#include "tools/user/vm86.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpu/debug.h"
#include "cpu/excp.h"
#include "tools/user/context.h"

#define BIT(sig) (1ull << ((sig)-1))
#define OURS     (BIT(SIGSEGV) | BIT(SIGBUS)) /* never held back from us */
#define UNMASKED (BIT(SIGKILL) | BIT(SIGSTOP))

/* Flags of the guest's actions; the host's are the same. */
#define SA_RESTORER_ 0x04000000u

struct kernel_action {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    u64 mask;
};
void signal_restorer(void); /* safe_call.S */

static void host_mask(u64 mask)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

void signal_hold(void)
{
    host_mask(~OURS);
}

void signal_set_mask(struct thread *t, u64 mask)
{
    t->mask = mask & ~UNMASKED;
    host_mask(t->mask & ~OURS);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    struct thread *t = self;
    const char *pc = (const char *)(uintptr_t)context_pc(uc);
    u64 hold = ~OURS;

    bool debugger = debug_is_call(sig, info);

    if ((BIT(sig) & OURS) && info->si_code > 0) {
        fault_handle(sig, info, context);
        return;
    }
    if (!t)
        return;
    if (!debugger) {
        memcpy(&uc->uc_sigmask, &hold, sizeof(hold));
        if (t->pending) { /* the mask was being changed when that came: this one waits in the host's queue */
            syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), sig, info);
            return;
        }
        t->info = *info;
        t->pending = sig;
    }
    t->cpu->kicked = true;
    if (pc >= safe_syscall_start && pc < safe_syscall_end)
        context_set_pc(uc, (u64)(uintptr_t)(context_calls_again(uc, safe_syscall_end)
                                                ? safe_syscall_again
                                                : safe_syscall_unbegun));
}

static void host_action(int sig, const struct action *a)
{
    struct kernel_action k = {
        .handler = on_signal,
        .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_RESTORER_ |
                 (a->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT)),
        .restorer = signal_restorer,
        .mask = ~OURS,
    };

    if (a->handler <= 1 && !(BIT(sig) & OURS))
        k.handler = (void (*)(int, siginfo_t *, void *))(uintptr_t)a->handler;
    syscall(SYS_rt_sigaction, sig, &k, NULL, sizeof(k.mask));
}

void signal_init(void)
{
    struct thread *t = self;
    u64 mask = 0;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &mask, sizeof(mask));
    for (int sig = 1; sig <= SIGNALS; sig++) {
        struct kernel_action k = {0};

        syscall(SYS_rt_sigaction, sig, NULL, &k, sizeof(k.mask));
        process.action[sig].handler = k.handler == (void *)SIG_IGN;
        if (BIT(sig) & OURS)
            host_action(sig, &process.action[sig]);
    }
    signal_set_mask(t, mask);
}

i64 signal_set_action(int sig, const struct action *new, struct action *old)
{
    if (sig < 1 || sig > SIGNALS || (new && (BIT(sig) & UNMASKED)))
        return -EINVAL;
    pthread_mutex_lock(&process.signal_lock);
    if (old)
        *old = process.action[sig];
    if (new) {
        process.action[sig] = *new;
        process.action[sig].mask &= ~UNMASKED;
        host_action(sig, new);
    }
    pthread_mutex_unlock(&process.signal_lock);
    return 0;
}

void signal_die(int sig)
{
    const struct rlimit none = {0};
    struct kernel_action k = {.flags = SA_RESTORER_, .restorer = signal_restorer};
    u64 mask = ~BIT(sig);

    if (self)
        debug_ended(self, 0, sig);
    setrlimit(RLIMIT_CORE, &none); /* it would be one of ours, and of 4 GiB */
    syscall(SYS_rt_sigaction, sig, &k, NULL, sizeof(k.mask));
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
    host_mask(mask);
    _exit(128 + sig);
}

/* A siginfo_t of i386. */
struct info32 {
    i32 signo, error, code;
    union {
        struct {
            i32 pid;
            u32 uid;
            u32 value;
        } rt;
        struct {
            i32 id, overrun;
            u32 value;
        } timer;
        struct {
            i32 pid;
            u32 uid;
            i32 status;
            u32 utime, stime;
        } chld;
        struct {
            u32 address;
            u16 lsb;
        } fault;
        struct {
            i32 band, fd;
        } poll;
        struct {
            u32 address;
            i32 call;
            u32 arch;
        } sys;
        u8 all[128 - 12];
    };
};

#define POLL_CODES 6 /* POLL_IN to POLL_HUP */

enum layout { KILL, RT, TIMER, CHLD, FAULT, POLL, SYS };

static enum layout layout_of(int sig, int code)
{
    if (code == SI_USER || code == SI_TKILL || code == SI_KERNEL)
        return KILL;
    if (code == SI_TIMER)
        return TIMER;
    if (code == SI_SIGIO)
        return POLL;
    if (code < 0)
        return RT;
    switch (sig) {
    case SIGILL:
    case SIGFPE:
    case SIGSEGV:
    case SIGBUS:
    case SIGTRAP: return FAULT;
    case SIGCHLD: return CHLD;
    case SIGIO: return POLL;
    case SIGSYS: return SYS;
    default: return code > 0 && code <= POLL_CODES ? POLL : KILL; /* by F_SETSIG */
    }
}

void signal_put_info(u8 *to, const siginfo_t *info)
{
    struct info32 out = {.signo = info->si_signo, .error = info->si_errno, .code = info->si_code};

    switch (layout_of(info->si_signo, info->si_code)) {
    case RT: out.rt.value = (u32)(uintptr_t)info->si_ptr; /* fall through */
    case KILL:
        out.rt.pid = info->si_pid;
        out.rt.uid = info->si_uid;
        break;
    case TIMER:
        out.timer.id = info->si_timerid;
        out.timer.overrun = info->si_overrun;
        out.timer.value = (u32)(uintptr_t)info->si_ptr;
        break;
    case CHLD:
        out.chld.pid = info->si_pid;
        out.chld.uid = info->si_uid;
        out.chld.status = info->si_status;
        out.chld.utime = (u32)info->si_utime;
        out.chld.stime = (u32)info->si_stime;
        break;
    case FAULT: out.fault.address = (u32)(uintptr_t)info->si_addr; break;
    case POLL:
        out.poll.band = (i32)info->si_band;
        out.poll.fd = info->si_fd;
        break;
    case SYS:
        out.sys.address = (u32)(uintptr_t)info->si_call_addr;
        out.sys.call = info->si_syscall;
        out.sys.arch = info->si_arch;
        break;
    }
    memcpy(to, &out, sizeof(out));
}

void signal_get_info(siginfo_t *to, const u8 *from)
{
    struct info32 in;

    memcpy(&in, from, sizeof(in));
    memset(to, 0, sizeof(*to));
    to->si_signo = in.signo;
    to->si_errno = in.error;
    to->si_code = in.code;
    to->si_pid = in.rt.pid;
    to->si_uid = in.rt.uid;
    to->si_ptr = (void *)(uintptr_t)in.rt.value;
}

/* The action for a signal that comes now: another thread may change it at any time. */
static struct action take_action(int sig)
{
    struct action action;

    pthread_mutex_lock(&process.signal_lock);
    action = process.action[sig];
    if (action.handler > 1 && action.flags & SA_RESETHAND) {
        process.action[sig].handler = 0;
        host_action(sig, &process.action[sig]);
    }
    pthread_mutex_unlock(&process.signal_lock);
    return action;
}

/* A handler's frame; false: there is no room for it. */
static bool enter_handler(struct thread *t, int sig, const siginfo_t *info,
                          const struct action *action, u32 trap, u32 error)
{
    struct cpu *cpu = t->cpu;

    if (vm86_on(t))
        vm86_leave(t, VM86_SIGNAL);
    if (t->restarting && !(action->flags & SA_RESTART)) {
        cpu->eip += 2;
        cpu->r[R_EAX] = (u32)-EINTR;
    }
    t->restarting = false;
    if (!frame_push_signal(t, sig, info, action, t->mask, trap, error))
        return false;
    t->mask |= action->mask | (action->flags & SA_NODEFER ? 0 : BIT(sig));
    return true;
}

#define IGNORED (BIT(SIGCHLD) | BIT(SIGURG) | BIT(SIGWINCH) | BIT(SIGCONT)) /* by SIG_DFL */

void signal_deliver_pending(struct thread *t)
{
    while (t->pending) {
        int sig = debug_signal(t, (int)t->pending);
        siginfo_t info = t->info;
        struct action action;

        t->pending = 0;
        if (!sig) {
            signal_set_mask(t, t->mask);
            continue;
        }
        info.si_signo = sig;
        action = take_action(sig);
        if (action.handler == 0 && !(BIT(sig) & IGNORED))
            signal_die(sig);
        if (action.handler > 1 && !enter_handler(t, sig, &info, &action, 0, 0))
            signal_die(SIGSEGV);
        signal_set_mask(t, t->mask);
    }
    t->restarting = false;
}

/* By the x87's status or MXCSR's flags and masks. (Linux, arch/x86/kernel/fpu/core.c) */
static int fp_code(u32 pending)
{
    if (pending & 0x01)
        return FPE_FLTINV;
    if (pending & 0x04)
        return FPE_FLTDIV;
    if (pending & 0x08)
        return FPE_FLTOVF;
    if (pending & 0x12)
        return FPE_FLTUND;
    return pending & 0x20 ? FPE_FLTRES : FPE_FLTINV;
}

/* What Linux makes of an exception. (arch/x86/kernel/traps.c) */
static int signal_of(struct thread *t, siginfo_t *info)
{
    struct cpu *cpu = t->cpu;
    void *eip = (void *)(uintptr_t)cpu->eip;

    switch (t->event.vector) {
    case EXCP_PF:
        info->si_addr = (void *)(uintptr_t)cpu->cr2;
        if (t->bus_code) {
            info->si_code = t->bus_code;
            return SIGBUS;
        }
        info->si_code = cpu->cr2 < TASK_TOP && (space_rights(cpu->cr2) & SPACE_MAPPED)
                            ? SEGV_ACCERR
                            : SEGV_MAPERR;
        return SIGSEGV;
    case EXCP_DE:
        info->si_code = FPE_INTDIV;
        info->si_addr = eip;
        return SIGFPE;
    case EXCP_MF:
        info->si_code = fp_code(cpu->x87.sw & ~cpu->x87.cw);
        info->si_addr = eip;
        return SIGFPE;
    case EXCP_XM:
        info->si_code = fp_code(cpu->mxcsr & ~(cpu->mxcsr >> 7));
        info->si_addr = eip;
        return SIGFPE;
    case EXCP_UD:
        info->si_code = ILL_ILLOPN;
        info->si_addr = eip;
        return SIGILL;
    case EXCP_DB:
        info->si_code = cpu->dr[6] & DR6_BS ? TRAP_TRACE : TRAP_BRKPT;
        info->si_addr = eip;
        if (vm86_on(t)) {
            info->si_code = SI_KERNEL;
            info->si_addr = NULL;
        }
        return SIGTRAP;
    case EXCP_BP: info->si_code = SI_KERNEL; return SIGTRAP;
    case EXCP_AC: info->si_code = BUS_ADRALN; return SIGBUS;
    case EXCP_NP:
    case EXCP_SS: info->si_code = SI_KERNEL; return SIGBUS;
    default: info->si_code = SI_KERNEL; return SIGSEGV;
    }
}

void signal_event(struct thread *t)
{
    siginfo_t info = {0};
    int sig = signal_of(t, &info);
    struct action action;

    t->bus_code = 0;
    sig = debug_signal(t, sig);
    if (!sig)
        return;
    info.si_signo = sig;
    signal_hold(); /* a frame is made without another in its middle */
    action = take_action(sig);
    if (action.handler <= 1 || (t->mask & BIT(sig)))
        signal_die(sig);
    if (!enter_handler(t, sig, &info, &action, (u32)t->event.vector, t->event.error))
        signal_die(SIGSEGV);
    if (!t->pending)
        signal_set_mask(t, t->mask);
}
