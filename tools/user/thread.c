/* Guest threads: each is a host thread with a CPU of its own; what makes and ends them, and their loop. */
#define _GNU_SOURCE
#include "tools/user/vm86.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cpu/cpuid.h"
#include "cpu/excp.h"
#include "cpu/flags.h"

#define BUDGET       (1u << 20)
#define CODE_FIRST   (128u * MIB) /* bytes of native code that a thread keeps: the program's own, */
#define CODE_FEW     (32u * MIB)  /* one of the first others, */
#define CODE_MANY    (2u * MIB)   /* and one of many, which must all lie near our own code */
#define FEW_THREADS  20u
#define HOST_STACK   (1u * MIB) /* half of it for native code's return addresses */
#define SIGNAL_STACK (64u * KIB)

__thread struct thread *self;

static bool on_event(void *opaque, u8 vector, u8 source, u32 error, u32 eip)
{
    struct thread *t = opaque;

    (void)eip;
    /* Gates that a program may use are those of INT3, INTO and INT 80h. */
    if (source == EXCP_BY_INT && vector != 0x80 && vector != EXCP_BP && vector != EXCP_OF)
        cpu_fault(t->cpu, EXCP_GP, vector * 8u + 2, "INT %02x from a program", vector);
    if (vector == 0x80 && syscall_run_inside(t))
        return true;
    t->event.vector = vector;
    t->event.source = source;
    t->event.error = error;
    cpu_kick(t->cpu);
    return true;
}

static u64 read_tsc(void *opaque)
{
    (void)opaque;
#if defined(__x86_64__) || defined(__i386__)
    return __builtin_ia32_rdtsc();
#else
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
#endif
}

static int make_cpu(struct thread *t, u32 code_size)
{
    struct cpu_hooks hooks = {
        .opaque = t,
        .event = on_event,
        .descriptor = segment_descriptor,
        .read_tsc = read_tsc,
    };
    struct translate_options options = process.translate;
    int err = phys_init_bare(&t->phys, t->log, &t->stats);

    if (err)
        return err;
    t->cpu = cpu_new(&t->phys, process.model, &hooks, t->log, &t->stats);
    if (!t->cpu)
        return -ENOMEM;
    t->cpu->mmu.paging.flat = &process.flat;
    t->cpu->host_math = true;
    t->cpu->locks = process.thread_count > 0;
    t->phys.code_set = code_set;
    t->phys.code_opaque = t;
    options.private_code = true;
    if (!options.code_buffer)
        options.code_buffer = code_size;
    err = translator_new(t->cpu, &options);
    if (err == -ENOMEM && !options.engine) { /* no room near the program's text */
        options.engine = "interp";
        err = translator_new(t->cpu, &options);
    }
    segment_start(t);
    return err;
}

struct thread *thread_new(const struct cpu_state *from)
{
    struct thread *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->log = &process.log;
    t->event.vector = -1;
    if (make_cpu(t, !process.thread_count                ? CODE_FIRST
                    : process.thread_count < FEW_THREADS ? CODE_FEW
                                                         : CODE_MANY)) {
        thread_free(t);
        return NULL;
    }
    if (from) {
        u64 tsc = t->cpu->tsc_offset;

        t->cpu->state = *from;
        t->cpu->tsc_offset = tsc;
        t->cpu->lazy.op = LAZY_NONE;
        cpu_update_mode(t->cpu);
    } else {
        t->cpu->eflags = FL_ONE | FL_IF;
        t->cpu->x87.cw = 0x37f;
        t->cpu->x87.tag = 0xffff;
        t->cpu->r[R_EDX] = 0;
    }
    return t;
}

void thread_free(struct thread *t)
{
    if (t->cpu) {
        translator_free(t->cpu);
        cpu_free(t->cpu);
    }
    if (t->phys.page)
        hostmem_sparse_free(t->phys.page, (u64)TLB_PAGES * sizeof(*t->phys.page));
    if (t->alt_stack)
        munmap(t->alt_stack, SIGNAL_STACK);
    free(t->inbox);
    free(t->room);
    free(t->vm86);
    free(t);
}

int thread_attach(struct thread *t)
{
    stack_t stack = {.ss_size = SIGNAL_STACK};

    t->alt_stack =
        mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t->alt_stack == MAP_FAILED)
        return -ENOMEM;
    stack.ss_sp = t->alt_stack;
    if (sigaltstack(&stack, NULL) < 0)
        return -errno;
    self = t;
    t->tid = (u32)syscall(SYS_gettid);
    pthread_mutex_lock(&process.thread_lock);
    t->next = process.threads;
    t->debug.number = ++process.threads_made;
    process.threads = t;
    process.thread_count++;
    pthread_mutex_unlock(&process.thread_lock);
    return 0;
}

static void detach(struct thread *t)
{
    struct thread **p;

    pthread_mutex_lock(&process.thread_lock);
    for (p = &process.threads; *p != t; p = &(*p)->next)
        ;
    *p = t->next;
    process.thread_count--;
    pthread_mutex_unlock(&process.thread_lock);
    debug_thread_gone();
}

/* A robust futex of a thread that is gone. (Linux, Documentation/locking/robust-futexes.rst) */
static void mark_dead(const struct thread *t, u32 address)
{
    u32 *word = g2h(address), old = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    if ((old & FUTEX_TID_MASK) != t->tid)
        return;
    while (!__atomic_compare_exchange_n(word, &old, (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        if ((old & FUTEX_TID_MASK) != t->tid)
            return;
    if (old & FUTEX_WAITERS)
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

#define ROBUST_MOST 2048

static void walk_robust_list(struct thread *t, void *unused)
{
    const u32 *head = g2h(t->robust_list);
    u32 entry = head[0], offset = head[1], pending = head[2];

    (void)unused;
    for (unsigned i = 0; i < ROBUST_MOST && (entry & ~1u) != t->robust_list; i++) {
        u32 next = *(const u32 *)g2h(entry & ~1u);

        if ((entry & ~1u) != (pending & ~1u))
            mark_dead(t, (entry & ~1u) + offset);
        entry = next;
    }
    if (pending & ~1u)
        mark_dead(t, (pending & ~1u) + offset);
}

static void clear_word(struct thread *t, void *unused)
{
    u32 *word = g2h(t->clear_tid);

    (void)unused;
    __atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* What the kernel does for a thread that ends; bad pointers are passed over. */
static void clean_up(struct thread *t)
{
    if (t->robust_list)
        fault_guarded(t, walk_robust_list, NULL);
    if (t->clear_tid && process.thread_count > 1)
        fault_guarded(t, clear_word, NULL);
}

int thread_run(struct thread *t)
{
    struct cpu *cpu = t->cpu;
    u32 budget;

    for (;;) {
        if (unlikely(t->pending))
            signal_deliver_pending(t);
        if (unlikely(t->leaving))
            break;
        t->event.vector = -1;
        budget = process.debug ? debug_begin(t, BUDGET) : BUDGET;
        if (process.thread_count > 1) {
            code_enter(t);
            cpu_run(cpu, budget);
            code_leave(t);
        } else {
            cpu_run(cpu, budget);
        }
        if (t->event.vector == 0x80)
            syscall_run(t);
        else if (t->event.vector >= 0 && !(vm86_on(t) && vm86_event(t)))
            signal_event(t);
        if (process.debug)
            debug_end(t);
    }
    return t->exit_status;
}

/* A new thread's beginning: its creator waits until it is there. */
struct start {
    struct thread *t;
    u32 there;
    u64 mask;
    u32 flags, parent_tid, child_tid, tid;
};

/* Now, since it may be gone and its word cleared before its creator looks. */
static void put_tid(struct thread *t, void *opaque)
{
    const struct start *start = opaque;

    if (start->flags & CLONE_PARENT_SETTID)
        *(u32 *)g2h(start->parent_tid) = t->tid;
    if (start->flags & CLONE_CHILD_SETTID)
        *(u32 *)g2h(start->child_tid) = t->tid;
}

static void *thread_main(void *opaque)
{
    struct start *start = opaque;
    struct thread *t = start->t;

    if (thread_attach(t))
        BUG("a thread without a signal stack");
    t->mask = start->mask;
    start->tid = t->tid;
    fault_guarded(t, put_tid, start);
    __atomic_store_n(&start->there, 1, __ATOMIC_SEQ_CST); /* and it is gone */
    syscall(SYS_futex, &start->there, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    signal_set_mask(t, t->mask);
    thread_run(t);
    signal_hold();
    clean_up(t);
    detach(t);
    self = NULL;
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    thread_free(t);
    return NULL;
}

/* Threads that are there already go on with the host's locked instructions, too. */
static void share_memory(struct thread *t)
{
    if (t->cpu->locks)
        return;
    t->cpu->locks = true;
    cpu_update_mode(t->cpu);
}

int thread_start(struct thread *parent, u32 flags, u32 stack, u32 parent_tid, u32 child_tid,
                 u32 tls)
{
    struct start start = {
        .mask = parent->mask, .flags = flags, .parent_tid = parent_tid, .child_tid = child_tid};
    struct cpu_state state;
    struct thread *t;
    pthread_attr_t attr;
    pthread_t id;
    int err;

    share_memory(parent);
    cpu_state_get(parent->cpu, &state);
    t = thread_new(&state);
    if (!t)
        return -EAGAIN;
    memcpy(t->tls, parent->tls, sizeof(t->tls));
    t->cpu->r[R_EAX] = 0;
    if (stack)
        t->cpu->r[R_ESP] = stack;
    for (unsigned s = 0; s < SREG_COUNT; s++)
        if (s != SREG_CS && s != SREG_SS)
            segment_load(t, (enum sreg)s, t->cpu->seg[s].sel);
    if (flags & CLONE_SETTLS) {
        err = (int)segment_set_thread_area(t, tls, false);
        if (err) {
            thread_free(t);
            return err;
        }
    }
    if (flags & CLONE_CHILD_CLEARTID)
        t->clear_tid = child_tid;
    debug_new_thread(parent, t);
    start.t = t;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HOST_STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    signal_hold(); /* a new thread starts with its creator's mask */
    err = pthread_create(&id, &attr, thread_main, &start);
    pthread_attr_destroy(&attr);
    if (err) {
        thread_free(t);
        signal_set_mask(parent, parent->mask);
        return -err;
    }
    while (!__atomic_load_n(&start.there, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, &start.there, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    if (!parent->pending)
        signal_set_mask(parent, parent->mask);
    return (int)start.tid;
}

void thread_exit_group(struct thread *t, int status)
{
    debug_ended(t, status, 0);
    if (process.stats && !t->vforked)
        stats_print(&t->stats, stderr);
    if (process.trace)
        fflush(process.trace);
    if (t->robust_list || t->clear_tid)
        clean_up(t);
    syscall(SYS_exit_group, status);
    abort();
}

void thread_after_fork(struct thread *t)
{
    t->tid = (u32)syscall(SYS_gettid);
    debug_after_fork(t);
    process.threads = t;
    process.flat.split = false;
    t->next = NULL;
    process.thread_count = 1;
    pthread_mutex_init(&process.map_lock, NULL);
    pthread_mutex_init(&process.signal_lock, NULL);
    pthread_mutex_init(&process.thread_lock, NULL);
    pthread_mutex_init(&process.open_lock, NULL);
    pthread_mutex_init(&process.code_lock, NULL);
    t->inbox_count = 0;
    t->must_flush = false;
}
