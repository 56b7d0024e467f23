/* The sandbox: a filter of system calls that leaves a running machine what it needs, and nothing else.
 *
 * It is put on when images, outputs and sockets are open, so that a guest which has broken the emulator can
 * read and write what is open and burn time: no file, no connection, no program, no other process. The
 * list is of what pc_run() and the way to exit() call, the C library's own calls included. Screenshots, which
 * come with new files, are opened by another process (broker.c). */
#define _GNU_SOURCE /* AT_EMPTY_PATH, F_OFD_SETLK */
#include "boot/sandbox.h"

#include <stdio.h>

#ifdef PAGEWALK_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "devices/chr/term.h"

static const int allowed[] = {
    /* files and sockets that are open */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(lseek),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(flock),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(recvmsg),
    SCMP_SYS(accept4), /* the next client of a socket that listens */
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(memfd_create),
    /* time, waiting */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    /* signals, the end */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getpgrp),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* What tcgetattr(), tcsetattr(), tcgetpgrp() and the size of a window are made of; TIOCSTI is not among them. */
static const unsigned long terminal[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGPGRP, TIOCGWINSZ};

/* Allows a call when one argument, of which only the bits in mask count, is value. */
static int allow_if(scmp_filter_ctx filter, int call, unsigned arg, u64 mask, u64 value)
{
    struct scmp_arg_cmp test = {arg, SCMP_CMP_MASKED_EQ, mask, value};

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &test);
}

/* The filter's context, or NULL. */
static scmp_filter_ctx make_filter(void)
{
    const u64 whole_int = 0xffffffffu, pointer = ~0ull;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int r = filter ? 0 : -ENOMEM;

    for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < ARRAY_SIZE(terminal) && r == 0; i++)
        r = allow_if(filter, SCMP_SYS(ioctl), 1, whole_int, terminal[i]);
    if (r == 0) /* fstat() by its newer name; of a path it tells what is there, and no more */
        r = allow_if(filter, SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
    if (r == 0) /* fdopen() asks for the mode */
        r = allow_if(filter, SCMP_SYS(fcntl), 1, whole_int, F_GETFL);
    if (r == 0) /* an image of -snapshot that is saved */
        r = allow_if(filter, SCMP_SYS(fcntl), 1, whole_int, F_OFD_SETLK);
    if (r == 0) /* send(), to nobody else than who is connected */
        r = allow_if(filter, SCMP_SYS(sendto), 4, pointer, 0);
    if (r == 0) /* raise() */
        r = allow_if(filter, SCMP_SYS(tgkill), 0, whole_int, (u64)getpid());
    if (r == 0)
        return filter;
    seccomp_release(filter);
    return NULL;
}

static void on_refused(int sig, siginfo_t *info, void *context)
{
    char line[] = "pagewalk: the sandbox has refused system call      : this is a fault of "
                  "Pagewalk's (-sandbox off runs without)\n";
    char *digit = strstr(line, "    : ") + 4;
    unsigned number = (unsigned)info->si_syscall;

    (void)context;
    do
        *--digit = (char)('0' + number % 10);
    while (number /= 10);
    if (write(STDERR_FILENO, line, sizeof(line) - 1) >= 0)
        term_die(sig);
    term_die(sig);
}

const char *sandbox_version(void)
{
    return PAGEWALK_SECCOMP;
}

int sandbox_enter(char *err, size_t err_len)
{
    struct sigaction sa = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    scmp_filter_ctx filter = make_filter();
    int r = filter ? seccomp_load(filter) : -ENOMEM;

    if (filter)
        seccomp_release(filter);
    if (r < 0) {
        snprintf(err, err_len, "the host has no sandbox for this process: %s", strerror(-r));
        return r;
    }
    sigaction(SIGSYS, &sa, NULL);
    return 0;
}

#else

#include <errno.h>

const char *sandbox_version(void)
{
    return NULL;
}

int sandbox_enter(char *err, size_t err_len)
{
    snprintf(err, err_len, "this build has no sandbox: libseccomp was not there");
    return -ENOSYS;
}

#endif
