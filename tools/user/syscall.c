/* The system-call table, and how one is made. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "tools/user/calls.h"

typedef i64 call_fn(struct thread *t, const u32 *a);

struct call {
    const char *name, *kinds;
    call_fn *fn;  /* or NULL: */
    i32 host;     /* passed on, if not negative; else -errno */
    bool outside; /* of the CPU's run */
};

static const struct call calls[] = {
#if HOST_IS_I386
#define PASS(number, name, host, kinds) [number] = {#name, kinds, NULL, number, false},
#define CALL_ALIKE(number, name, kinds) PASS(number, name, , kinds)
#else
#define PASS(number, name, host, kinds) [number] = {#name, kinds, NULL, SYS_##host, false},
#define CALL_ALIKE                      CALL
#endif
#define CALL(number, name, kinds)         [number] = {#name, kinds, call_##name, 0, false},
#define CALL_OUTSIDE(number, name, kinds) [number] = {#name, kinds, call_##name, 0, true},
#define NONE(number, name, error, kinds)  [number] = {#name, kinds, NULL, -error, false},
#include "tools/user/syscalls.def"
#undef PASS
#undef CALL
#undef CALL_ALIKE
#undef CALL_OUTSIDE
#undef NONE
};

static const struct call *call_of(u32 number)
{
    static const struct call unknown = {"syscall", "xxxxxx", NULL, -ENOSYS, false};

    return number < ARRAY_SIZE(calls) && calls[number].name ? &calls[number] : &unknown;
}

i64 host_call(i64 number, const i64 *a)
{
    if (HOST_IS_FOREIGN)
        return foreign_call(number, a);
    return safe_syscall(&self->pending, number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Arguments as the host wants them, by their kinds (syscalls.def). */
static i64 pass(struct thread *t, const struct call *call, const u32 *a)
{
    i64 host[6] = {0}, result;
    unsigned paths = 0;

    for (unsigned i = 0; i < 6 && call->kinds[i]; i++)
        switch (call->kinds[i]) {
        case 'P':
        case 'L': host[i] = PTR(path_of(t, a[i], paths++ & 1, call->kinds[i] == 'P')); break;
        case 'W': code_will_write(a[i], a[i + 1]); /* fall through */
        case 's':
        case 'p':
            if (HOST_IS_I386 && unlikely(process.guarded))
                code_drop_all(); /* what cannot be made twice is among them */
            host[i] = PTR(g2h0(a[i]));
            break;
        case 'd':
        case 'f':
        case 'S': host[i] = INT(a[i]); break;
        default: host[i] = a[i]; break;
        }
    result = host_call(call->host, host);
    if (result == -EFAULT &&
        process.guarded) { /* the kernel meets pages that the guest may write */
        code_drop_all();
        result = host_call(call->host, host);
    }
    return result;
}

static i64 make(struct thread *t, const struct call *call, const u32 *a)
{
    if (call->fn)
        return call->fn(t, a);
    if (call->host < 0)
        return call->host;
    return pass(t, call, a);
}

struct making {
    const struct call *call;
    const u32 *a;
    i64 result;
};

static void make_guarded(struct thread *t, void *opaque)
{
    struct making *m = opaque;

    m->result = make(t, m->call, m->a);
}

/* Whether we look at the guest's memory for it, and not the kernel alone. */
static bool follows_pointers(const struct call *call)
{
    const char *kind = call->kinds;

    while (*kind && *kind != 'P' && *kind != 'L')
        kind++;
    return call->fn || *kind || HOST_IS_FOREIGN;
}

#define SIGRETURN    119
#define RT_SIGRETURN 173

void syscall_run(struct thread *t)
{
    struct cpu *cpu = t->cpu;
    u32 number = cpu->r[R_EAX];
    const u32 a[6] = {cpu->r[R_EBX], cpu->r[R_ECX], cpu->r[R_EDX],
                      cpu->r[R_ESI], cpu->r[R_EDI], cpu->r[R_EBP]};
    const struct call *call = call_of(number);
    struct making m = {call, a, -EFAULT};

    if (unlikely(process.strace))
        strace_call(t, number, call->name, call->kinds, a);
    if (!follows_pointers(call))
        m.result = make(t, call, a);
    else if (!fault_guarded(t, make_guarded, &m))
        m.result = -EFAULT;
    if (number == SIGRETURN || number == RT_SIGRETURN)
        return;
    if (unlikely(process.strace))
        strace_result(m.result);
    if (unlikely(m.result == -ERESTARTSYS || m.result == -EUNBEGUN)) {
        t->restarting = m.result == -ERESTARTSYS;
        cpu->eip -= 2; /* INT 80h */
        return;
    }
    cpu->r[R_EAX] = (u32)m.result;
}

bool syscall_run_inside(struct thread *t)
{
    bool shared = t->in_guest;

    /* Code that the kernel writes to might be what is running. */
    if (process.strace || process.guarded || process.debug || call_of(t->cpu->r[R_EAX])->outside)
        return false;
    if (shared)
        code_leave(t);
    syscall_run(t);
    if (t->pending || t->restarting || (shared && !code_try_enter(t)))
        cpu_kick(t->cpu);
    return true;
}
