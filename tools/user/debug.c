/* gdb at the program's threads (-g): where they stop for it, and who talks with it.
 *
 * A thread's loop asks before each run, and behind it. What gdb is to know of stops all threads: the one that it is about
 * waits until each other rests in its loop, and listens to gdb until they go on. Whoever comes to rest meanwhile with
 * something else to tell waits for its turn. System calls are made with the CPU at rest, and those that wait are left by a
 * signal and made again. While the guest runs the host sends SIGBUS for what comes from gdb, which nothing ever holds back;
 * si_code tells it from others. Children and programs that are executed run without a debugger. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tools/user/debug.h"

#define AGAIN_NS 10000000 /* a signal may come just before a call begins to wait */

/* The debugger of this thread's guest; a child that borrows our memory has none. */
static struct debug *debug_of(const struct thread *t)
{
    struct debug *d = process.debug;

    return d && d->fd >= 0 && !t->vforked ? d : NULL;
}

bool debug_is_call(int sig, const siginfo_t *info)
{
    return process.debug && sig == SIGBUS && info->si_code == SI_SIGIO &&
           info->si_fd == process.debug->fd;
}

/* What debug_is_call() knows, to another thread. */
static void call(const struct debug *d, struct thread *t)
{
    siginfo_t info = {.si_signo = SIGBUS, .si_code = SI_SIGIO};

    info.si_fd = d->fd;
    t->cpu->kicked = true;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), t->tid, SIGBUS, &info);
}

/* Calls all that do not rest yet; whether there are some. */
static bool call_others(const struct debug *d, const struct thread *t)
{
    bool some = false;

    pthread_mutex_lock(&process.thread_lock);
    for (struct thread *o = process.threads; o; o = o->next)
        if (o != t && !o->debug.parked && !o->vforked) {
            call(d, o);
            some = true;
        }
    pthread_mutex_unlock(&process.thread_lock);
    return some;
}

static void wait_for_others(struct debug *d, const struct thread *t)
{
    struct timespec until;

    while (call_others(d, t)) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += AGAIN_NS;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&d->changed, &d->lock, &until);
    }
}

/* Until this thread may go on. */
static void rest(struct debug *d, struct thread *t)
{
    t->debug.parked = true;
    pthread_cond_broadcast(&d->changed);
    while (d->fd >= 0 && (d->stopped || t->debug.held))
        pthread_cond_wait(&d->changed, &d->lock);
    t->debug.parked = false;
}

/* All rest but this one, which is what gdb looks at. */
static void stop_all(struct debug *d, struct thread *t)
{
    d->stopped = true;
    gdb_select(&d->gdb, t->debug.number);
    wait_for_others(d, t);
}

static void go_on(struct debug *d)
{
    d->stopped = d->served = false;
    pthread_cond_broadcast(&d->changed);
}

static void hang_up(struct debug *d)
{
    if (!d->stopped)
        stop_all(d, self);
    gdb_reset(&d->gdb);
    close(d->fd);
    d->fd = -1;
    go_on(d);
}

/* What gdb has said; wait: until it says something. */
static void receive(struct debug *d, bool wait)
{
    u8 data[4096];
    ssize_t n;

    do
        n = recv(d->fd, data, sizeof(data), wait ? 0 : MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        gdb_receive(&d->gdb, data, (size_t)n);
    else if (n == 0 || errno != EAGAIN)
        hang_up(d);
}

/* Listens to gdb until the guest is to go on, and this thread with it. */
static void serve(struct debug *d, struct thread *t)
{
    d->served = true;
    while (d->fd >= 0 && d->served)
        receive(d, true);
    rest(d, t);
}

static void op_send(void *opaque, const void *data, size_t len)
{
    const struct debug *d = opaque;
    const u8 *at = data;

    while (len) {
        ssize_t n = send(d->fd, at, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* what is read next finds it closed */
        at += n;
        len -= (size_t)n;
    }
}

static struct thread *find(u32 number)
{
    struct thread *t;

    pthread_mutex_lock(&process.thread_lock);
    for (t = process.threads; t && t->debug.number != number; t = t->next)
        ;
    pthread_mutex_unlock(&process.thread_lock);
    return t;
}

static struct cpu *op_thread_cpu(void *opaque, u32 number)
{
    struct thread *t = find(number);

    (void)opaque;
    return t ? t->cpu : NULL;
}

static u32 op_next_thread(void *opaque, u32 number)
{
    u32 next = 0;

    (void)opaque;
    pthread_mutex_lock(&process.thread_lock);
    for (struct thread *t = process.threads; t; t = t->next)
        if (t->debug.number > number && (!next || t->debug.number < next))
            next = t->debug.number;
    pthread_mutex_unlock(&process.thread_lock);
    return next;
}

static void op_thread_goes(void *opaque, u32 number, bool goes, bool step, u8 signal)
{
    struct thread *t = find(number);

    (void)opaque;
    t->debug.held = !goes;
    t->debug.step = step;
    t->debug.signal = signal;
}

static void op_resume(void *opaque, bool step)
{
    (void)step; /* each thread has been told */
    go_on(opaque);
}

static void op_stop(void *opaque)
{
    struct debug *d = opaque;

    if (!d->stopped)
        stop_all(d, self);
    self->debug.step = false;
    d->served = true;
    gdb_stopped(&d->gdb, GDB_STOP_INTERRUPT);
}

static void op_detach(void *opaque)
{
    for (u32 n = op_next_thread(opaque, 0); n; n = op_next_thread(opaque, n))
        op_thread_goes(opaque, n, true, false, 0);
    go_on(opaque);
}

static _Noreturn void op_kill(void *opaque)
{
    (void)opaque;
    signal_die(SIGKILL);
}

static bool op_reverse(void *opaque, bool step)
{
    (void)opaque;
    (void)step;
    return false;
}

static void op_wrote(void *opaque)
{
    (void)opaque;
}

static void op_command(void *opaque, const char *line, FILE *out)
{
    (void)opaque;
    (void)line;
    fputs("there is no monitor\n", out);
}

void debug_init(struct debug *d, struct thread *t)
{
    static const struct gdb_ops ops = {
        .send = op_send,
        .resume = op_resume,
        .stop = op_stop,
        .detach = op_detach,
        .kill = op_kill,
        .reverse = op_reverse,
        .wrote = op_wrote,
        .command = op_command,
        .peek = debug_peek,
        .poke = debug_poke,
        .thread_cpu = op_thread_cpu,
        .next_thread = op_next_thread,
        .thread_goes = op_thread_goes,
    };

    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    gdb_init(&d->gdb, t->cpu, &ops, d);
}

u32 debug_begin(struct thread *t, u32 most)
{
    struct debugger *points = &t->cpu->debugger;
    struct debug *d = debug_of(t);

    if (!t->pending)
        t->restarting = false; /* it was for gdb that the call came back */
    points->hit = false;
    points->stepping = !d; /* breakpoints are not for a child */
    if (!d)
        return most;
    pthread_mutex_lock(&d->lock);
    if (!d->stopped)
        receive(d, false);
    if (d->served && d->gdb.thread == t->debug.number) /* the first stop, or Ctrl-C's */
        serve(d, t);
    else
        rest(d, t);
    pthread_mutex_unlock(&d->lock);
    if (!(t->debug.step || t->debug.passes))
        return most;
    points->stepping = true;
    t->debug.passes = false;
    if (!t->debug.step)
        return 1;
    t->debug.steps_now = true;
    t->debug.insns = cpu_insns(t->cpu);
    return 1;
}

/* Whether gdb wants to know of the breakpoint; it is the CPU's that gdb looks at, for a moment. */
static bool wants(struct debug *d, struct thread *t)
{
    struct cpu *cpu = d->gdb.cpu;
    bool yes;

    d->gdb.cpu = t->cpu;
    yes = gdb_wants(&d->gdb, &t->cpu->debugger.hit_point);
    d->gdb.cpu = cpu;
    return yes;
}

/* This thread's turn; false: it had to wait. */
static bool turn(struct debug *d, struct thread *t)
{
    bool waits = d->stopped || t->debug.held;

    rest(d, t);
    return !waits;
}

void debug_end(struct thread *t)
{
    struct debugger *points = &t->cpu->debugger;
    struct debug *d = debug_of(t);
    bool hit = points->hit, call = t->event.vector == 0x80, stepped;

    points->hit = points->stepping = false;
    stepped = t->debug.steps_now && (call || cpu_insns(t->cpu) != t->debug.insns);
    t->debug.steps_now = false;
    if (!d || (t->event.vector >= 0 && !call)) /* gdb knows by the signal */
        return;
    pthread_mutex_lock(&d->lock);
    if (hit && !wants(d, t)) {
        hit = false;
        t->debug.passes = debugger_on_code(points->hit_point.kind);
    }
    /* Who has waited at a breakpoint on code comes to it once more, if it is still there. */
    if ((hit || stepped) && (turn(d, t) || !hit || !debugger_on_code(points->hit_point.kind)) &&
        d->fd >= 0) {
        t->debug.step = false;
        stop_all(d, t);
        gdb_stopped(&d->gdb, hit ? GDB_STOP_POINT : GDB_STOP_STEP);
        serve(d, t);
    }
    pthread_mutex_unlock(&d->lock);
}

int debug_signal(struct thread *t, int sig)
{
    struct debug *d = debug_of(t);

    if (!d)
        return sig;
    pthread_mutex_lock(&d->lock);
    turn(d, t);
    if (d->fd >= 0) {
        t->debug.step = false;
        stop_all(d, t);
        gdb_stopped_by(&d->gdb, debug_to_gdb(sig));
        serve(d, t);
        if (d->fd >= 0)
            sig = debug_from_gdb(t->debug.signal);
    }
    pthread_mutex_unlock(&d->lock);
    return sig;
}

void debug_new_thread(const struct thread *from, struct thread *t)
{
    const struct debugger *points = &from->cpu->debugger;

    for (unsigned i = 0; debug_of(from) && i < points->points; i++)
        debugger_insert(t->cpu, points->point[i].kind, points->point[i].la, points->point[i].len);
}

/* Those that were to wait for it alone would wait for ever. */
void debug_thread_gone(void)
{
    struct debug *d = process.debug;
    bool some = false;

    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    pthread_mutex_lock(&process.thread_lock);
    for (struct thread *t = process.threads; t; t = t->next)
        some |= !t->debug.held;
    for (struct thread *t = process.threads; t && !some; t = t->next)
        t->debug.held = false;
    pthread_mutex_unlock(&process.thread_lock);
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

void debug_ended(const struct thread *t, int status, int sig)
{
    struct debug *d = process.debug;

    if (!d || d->fd < 0 || t->vforked)
        return;
    pthread_mutex_trylock(&d->lock); /* ours already, when gdb kills it */
    if (sig)
        gdb_killed(&d->gdb, debug_to_gdb(sig));
    else
        gdb_exited(&d->gdb, status);
}

void debug_after_fork(struct thread *t)
{
    struct debug *d = process.debug;

    if (!d)
        return;
    process.debug = NULL;
    debugger_clear(t->cpu);
    if (d->fd >= 0)
        close(d->fd);
    free(d);
}
