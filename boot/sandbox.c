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
#include <limits.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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
    SCMP_SYS(recvfrom),
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

/* A user network's sockets. */
static const int network_allowed[] = {
    SCMP_SYS(socket),     SCMP_SYS(connect),    SCMP_SYS(bind),        SCMP_SYS(listen),
    SCMP_SYS(accept),     SCMP_SYS(shutdown),   SCMP_SYS(sendto),      SCMP_SYS(sendmsg),
    SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(newfstatat), SCMP_SYS(stat),
};
static const u64 network_fcntl[] = {F_GETFD, F_SETFD, F_SETFL};
static const unsigned long network_ioctl[] = {FIONREAD, FIONBIO};

/* What may be opened to read decides landlock_enter(). */
static int allow_network(scmp_filter_ctx filter, u64 whole_int)
{
    int r = 0;

    for (size_t i = 0; i < ARRAY_SIZE(network_allowed) && r == 0; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, network_allowed[i], 0);
    for (size_t i = 0; i < ARRAY_SIZE(network_fcntl) && r == 0; i++)
        r = allow_if(filter, SCMP_SYS(fcntl), 1, whole_int, network_fcntl[i]);
    for (size_t i = 0; i < ARRAY_SIZE(network_ioctl) && r == 0; i++)
        r = allow_if(filter, SCMP_SYS(ioctl), 1, whole_int, network_ioctl[i]);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(openat), 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
    return r;
}

/* The filter's context, or NULL. */
static scmp_filter_ctx make_filter(const struct sandbox_network *network)
{
    const u64 whole_int = 0xffffffffu, pointer = ~0ull;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int r = filter ? 0 : -ENOMEM;

    for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < ARRAY_SIZE(terminal) && r == 0; i++)
        r = allow_if(filter, SCMP_SYS(ioctl), 1, whole_int, terminal[i]);
    if (r == 0 &&
        !network
             ->sockets) /* fstat() by its newer name; of a path it tells what is there, and no more */
        r = allow_if(filter, SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
    if (r == 0) /* fdopen() asks for the mode */
        r = allow_if(filter, SCMP_SYS(fcntl), 1, whole_int, F_GETFL);
    if (r == 0) /* an image of -snapshot that is saved */
        r = allow_if(filter, SCMP_SYS(fcntl), 1, whole_int, F_OFD_SETLK);
    if (r == 0 && network->sockets)
        r = allow_network(filter, whole_int);
    else if (r == 0 && network->datagrams)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 0);
    else if (r == 0) /* send(), to nobody else than who is connected */
        r = allow_if(filter, SCMP_SYS(sendto), 4, pointer, 0);
    if (r == 0) /* raise() */
        r = allow_if(filter, SCMP_SYS(tgkill), 0, whole_int, (u64)getpid());
    if (r == 0)
        return filter;
    seccomp_release(filter);
    return NULL;
}

/* A ruleset that lets files below a few folders be read, and nothing be opened elsewhere. The C library has no calls for
 * it. */
static int landlock_allow(int rules, const char *path, u64 access)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = access};
    long r;

    beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return 0; /* what is not there need not be read */
    r = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(beneath.parent_fd);
    return r < 0 ? -errno : 0;
}

/* Of files, a user network reads the host's list of resolvers, which may be a link into /run, and what TFTP gives. Under a
 * kernel without Landlock any file can be opened for reading. 0 or -errno. */
static int landlock_enter(const struct sandbox_network *network)
{
    struct landlock_ruleset_attr attr = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                             LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE,
    };
    char resolvers[PATH_MAX];
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0), r = 0;

    if (rules < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
    if (realpath("/etc/resolv.conf", resolvers))
        r = landlock_allow(rules, resolvers, LANDLOCK_ACCESS_FS_READ_FILE);
    for (unsigned i = 0; i < network->folders && r == 0; i++)
        r = landlock_allow(rules, network->folder[i], LANDLOCK_ACCESS_FS_READ_FILE);
    if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        r = -errno;
    if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        r = -errno;
    close(rules);
    return r;
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

int sandbox_enter(const struct sandbox_network *network, char *err, size_t err_len)
{
    struct sigaction sa = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    scmp_filter_ctx filter;
    int r = 0;

    if (network->sockets)
        r = landlock_enter(network);
    filter = r < 0 ? NULL : make_filter(network);
    if (r == 0)
        r = filter ? seccomp_load(filter) : -ENOMEM;
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

int sandbox_enter(const struct sandbox_network *network, char *err, size_t err_len)
{
    (void)network;
    snprintf(err, err_len, "this build has no sandbox: libseccomp was not there");
    return -ENOSYS;
}

#endif
