/* gdb at the first thread (-g): its socket, and where the guest stops for it.
 *
 * The thread's loop asks before each run, and behind it. While the guest runs the host sends SIGBUS for what comes from gdb,
 * which nothing ever holds back; si_code tells it from others. Other threads, children and programs that are executed run
 * without a debugger. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cpu/gdb/gdb.h"
#include "cpu/peek.h"
#include "tools/user/user.h"

struct debug {
    struct gdb gdb;
    struct thread *thread;
    int fd;
    bool stopped;
    bool step;      /* one instruction is wanted, */
    bool steps_now; /* and is being run */
    bool passes;    /* a breakpoint whose condition does not hold */
    u64 insns;      /* when it began */
};

/* gdb's own numbers of signals, by the kernel's. (gdb, include/gdb/signals.def) */
static const u8 numbers[] = {
    [SIGHUP] = 1,   [SIGINT] = 2,    [SIGQUIT] = 3,  [SIGILL] = 4,   [SIGTRAP] = 5,
    [SIGABRT] = 6,  [SIGFPE] = 8,    [SIGKILL] = 9,  [SIGBUS] = 10,  [SIGSEGV] = 11,
    [SIGSYS] = 12,  [SIGPIPE] = 13,  [SIGALRM] = 14, [SIGTERM] = 15, [SIGURG] = 16,
    [SIGSTOP] = 17, [SIGTSTP] = 18,  [SIGCONT] = 19, [SIGCHLD] = 20, [SIGTTIN] = 21,
    [SIGTTOU] = 22, [SIGIO] = 23,    [SIGXCPU] = 24, [SIGXFSZ] = 25, [SIGVTALRM] = 26,
    [SIGPROF] = 27, [SIGWINCH] = 28, [SIGUSR1] = 30, [SIGUSR2] = 31, [SIGPWR] = 32,
};
#define GDB_UNKNOWN 143
#define GDB_RT_32   77 /* the others of real time are in order, from 33 on */
#define GDB_RT_33   45
#define GDB_RT_64   78

static u8 to_gdb(int sig)
{
    if (sig == 32)
        return GDB_RT_32;
    if (sig == 64)
        return GDB_RT_64;
    if (sig > 32)
        return (u8)(GDB_RT_33 + sig - 33);
    return sig < (int)ARRAY_SIZE(numbers) && numbers[sig] ? numbers[sig] : GDB_UNKNOWN;
}

/* 0: no such signal. */
static int from_gdb(u8 number)
{
    int sig = SIGNALS;

    if (number == GDB_UNKNOWN)
        return 0;
    while (sig > 0 && to_gdb(sig) != number)
        sig--;
    return sig;
}

/* The debugger of this thread's guest; a child that borrows our memory has none. */
static struct debug *debug_of(const struct thread *t)
{
    struct debug *d = process.debug;

    return d && d->thread == t && d->fd >= 0 && !t->vforked ? d : NULL;
}

static void hang_up(struct debug *d)
{
    gdb_reset(&d->gdb);
    close(d->fd);
    d->fd = -1;
    d->stopped = d->step = false;
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

static void op_resume(void *opaque, bool step)
{
    struct debug *d = opaque;

    d->stopped = false;
    d->step = step;
}

static void op_stop(void *opaque)
{
    struct debug *d = opaque;

    d->stopped = true;
    d->step = false;
    gdb_stopped(&d->gdb, GDB_STOP_INTERRUPT);
}

static void op_detach(void *opaque)
{
    op_resume(opaque, false);
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

struct copy {
    u32 la;
    u8 *to;
    const u8 *from;
    size_t len, done;
};

/* A file may end before its mapping does. */
static void copy_out(struct thread *t, void *opaque)
{
    struct copy *c = opaque;

    while (c->done < c->len) {
        size_t part = PAGE_SIZE - ((c->la + c->done) & PAGE_MASK);

        part = part < c->len - c->done ? part : c->len - c->done;
        part = cpu_peek(t->cpu, c->la + c->done, false, c->to + c->done, part);
        if (!part)
            return;
        c->done += part;
    }
}

static size_t op_peek(void *opaque, u64 addr, u8 *data, size_t len)
{
    struct debug *d = opaque;
    struct copy c = {.la = (u32)addr, .to = data, .len = len};

    if (addr >= FLAT_SIZE || len > FLAT_SIZE - addr)
        return 0;
    fault_guarded(d->thread, copy_out, &c);
    return c.done;
}

static void copy_in(struct thread *t, void *opaque)
{
    struct copy *c = opaque;

    (void)t;
    memcpy(g2h(c->la), c->from, c->len);
    c->done = c->len;
}

/* Within one page, whatever the guest may do there: the host may write for a moment. */
static bool poke_page(struct debug *d, u32 la, const u8 *data, size_t len)
{
    struct copy c = {.la = la, .from = data, .len = len};
    void *page = g2h(la & ~PAGE_MASK);
    u8 rights = space_rights(la);
    int host = (rights & FLAT_READ || rights & FLAT_EXEC ? PROT_READ : 0) |
               (rights & FLAT_WRITE ? PROT_WRITE : 0);

    if (!(rights & FLAT_ANY))
        return false;
    code_drop(la, len); /* and the page is not guarded any more */
    if (!(rights & FLAT_WRITE) && mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE) < 0)
        return false;
    fault_guarded(d->thread, copy_in, &c);
    if (!(rights & FLAT_WRITE))
        mprotect(page, PAGE_SIZE, host);
    return c.done == len;
}

static bool op_poke(void *opaque, u64 addr, const u8 *data, size_t len)
{
    if (addr >= FLAT_SIZE || len > FLAT_SIZE - addr)
        return false;
    while (len) {
        size_t part = PAGE_SIZE - (addr & PAGE_MASK);

        part = part < len ? part : len;
        if (!poke_page(opaque, (u32)addr, data, part))
            return false;
        addr += part;
        data += part;
        len -= part;
    }
    return true;
}

static const struct gdb_ops ops = {
    .send = op_send,
    .resume = op_resume,
    .stop = op_stop,
    .detach = op_detach,
    .kill = op_kill,
    .reverse = op_reverse,
    .wrote = op_wrote,
    .command = op_command,
    .peek = op_peek,
    .poke = op_poke,
};

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

/* Until the guest is to go on. */
static void stay(struct debug *d)
{
    while (d->fd >= 0 && d->stopped)
        receive(d, true);
}

u32 debug_begin(struct thread *t, u32 most)
{
    struct debugger *points = &t->cpu->debugger;
    struct debug *d = debug_of(t);

    if (!t->pending)
        t->restarting = false; /* it was for gdb that the call came back */
    if (d) {
        receive(d, false);
        stay(d);
    }
    points->hit = false;
    points->stepping = !d; /* breakpoints are not for a child */
    if (!d || !(d->step || d->passes))
        return most;
    points->stepping = true;
    d->passes = false;
    if (!d->step)
        return 1;
    d->steps_now = true;
    d->insns = cpu_insns(t->cpu);
    return 1;
}

void debug_end(struct thread *t)
{
    struct debug *d = debug_of(t);
    bool hit = t->cpu->debugger.hit, call = t->event.vector == 0x80;

    t->cpu->debugger.hit = t->cpu->debugger.stepping = false;
    if (!d)
        return;
    if (t->event.vector >= 0 && !call) { /* gdb knows by the signal */
        d->steps_now = false;
        return;
    }
    if (hit && !gdb_wants(&d->gdb, &t->cpu->debugger.hit_point)) {
        hit = false;
        d->passes = debugger_on_code(t->cpu->debugger.hit_point.kind);
    }
    if (hit || (d->steps_now && (call || cpu_insns(t->cpu) != d->insns))) {
        d->stopped = true;
        d->step = false;
        gdb_stopped(&d->gdb, hit ? GDB_STOP_POINT : GDB_STOP_STEP);
    }
    d->steps_now = false;
}

int debug_signal(struct thread *t, int sig)
{
    struct debug *d = debug_of(t);

    if (!d)
        return sig;
    d->stopped = true;
    d->step = false;
    gdb_stopped_by(&d->gdb, to_gdb(sig));
    stay(d);
    return d->fd < 0 ? sig : from_gdb(d->gdb.signal);
}

bool debug_is_call(int sig, const siginfo_t *info)
{
    return process.debug && sig == SIGBUS && info->si_code == SI_SIGIO &&
           info->si_fd == process.debug->fd;
}

void debug_ended(const struct thread *t, int status, int sig)
{
    struct debug *d = process.debug;

    if (!d || d->fd < 0 || t->vforked)
        return;
    if (sig)
        gdb_killed(&d->gdb, to_gdb(sig));
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

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof(address.sun_path))
        user_error("-g %s: %s", path, strerror(ENAMETOOLONG));
    strcpy(address.sun_path, path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        user_error("-g %s: %s", path, strerror(errno));
    return fd;
}

static int listen_tcp(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((u16)strtoul(port, NULL, 0)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        user_error("-g %s: %s", port, strerror(errno));
    return fd;
}

void debug_open(struct thread *t, const char *where, u32 load_base)
{
    struct debug *d = calloc(1, sizeof(*d));
    bool is_path = strchr(where, '/');
    int fd = is_path ? listen_unix(where) : listen_tcp(where), on = 1, high;
    struct f_owner_ex owner = {F_OWNER_TID, (pid_t)t->tid};

    if (!d)
        user_error("out of memory");
    if (listen(fd, 1) < 0)
        user_error("-g %s: %s", where, strerror(errno));
    do
        d->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    while (d->fd < 0 && errno == EINTR);
    if (d->fd < 0)
        user_error("-g %s: %s", where, strerror(errno));
    close(fd);
    if (is_path)
        unlink(where);
    high = fcntl(d->fd, F_DUPFD_CLOEXEC, FD_OURS);
    if (high >= 0) {
        close(d->fd);
        d->fd = high;
    }
    setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    gdb_init(&d->gdb, t->cpu, &ops, d);
    d->gdb.offset = load_base;
    d->gdb.auxv = process.auxv;
    d->gdb.auxv_len = process.auxv_count * sizeof(process.auxv[0]);
    d->thread = t;
    d->stopped = true;
    process.debug = d;
    fcntl(d->fd, F_SETOWN_EX, &owner);
    fcntl(d->fd, F_SETSIG, SIGBUS);
    fcntl(d->fd, F_SETFL, fcntl(d->fd, F_GETFL) | O_ASYNC);
}
