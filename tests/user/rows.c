/* Each row of the system-call list, made from the list itself: with plausible arguments, and then with each argument wrong in
 * turn: pointers that lead nowhere, descriptors that are not open, numbers that are too large. What each returns is printed.
 * usage: rows [more | NAME] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/user/without_rights.h"

static const struct row {
    const char *name, *kinds;
    int number;
} rows[] = {
#define PASS(number, name, host, kinds) {#name, kinds, number},
#define CALL(number, name, kinds)       {#name, kinds, number},
#define CALL_ALIKE                      CALL
#define CALL_OUTSIDE                    CALL
#define NONE(number, name, error, kinds)
#include "tools/user/syscalls.def"
};

/* Not to be tried like this, and why. */
static const struct {
    const char *name, *why;
} left_out[] = {
    {"exit", "ends"},
    {"exit_group", "ends"},
    {"fork", "a child would go on here"},
    {"vfork", "a child would go on here"},
    {"clone", "a child would go on here"},
    {"clone3", "a child would go on here"},
    {"restart_syscall", "only the kernel makes it"},
    {"sigreturn", "there is no frame"},
    {"rt_sigreturn", "there is no frame"},
    {"vm86", "enters another mode"},
    {"vm86old", "enters another mode"},
    {"pause", "waits"},
    {"sigsuspend", "waits"},
    {"rt_sigsuspend", "waits"},
    {"kill", "reaches others"},
    {"vhangup", "reaches others"},
    {"sync", "takes long"},
    {"syncfs", "takes long"},
    {"brk", "moves what the test needs"},
    {"reboot", "too dangerous, even without rights"},
    {"shmget", "leaves something behind"},
    {"semget", "leaves something behind"},
    {"msgget", "leaves something behind"},
};

/* Single arguments that are not, or where pagewalk-i386 is known to be different. */
static const struct {
    const char *name, *what;
    int argument;
    const char *why;
} not_tried[] = {
    {"select", "", 0, "waits"},
    {"_newselect", "null", 4, "waits"},
    {"pselect6", "null", 4, "waits"},
    {"pselect6_time64", "null", 4, "waits"},
    {"poll", "-1", 2, "waits"},
    {"futex", "null", 3, "waits"},
    {"futex_time64", "null", 3, "waits"},
    {"sendmsg", "nowhere", 1, "the message is looked at before the descriptor"},
    {"sendmsg", "high", 1, "the message is looked at before the descriptor"},
    {"sendmsg", "null", 1, "the message is looked at before the descriptor"},
    {"recvmsg", "nowhere", 1, "the message is looked at before the descriptor"},
    {"recvmsg", "high", 1, "the message is looked at before the descriptor"},
    {"recvmsg", "null", 1, "the message is looked at before the descriptor"},
    {"mprotect", "-1", 1, "takes away what lies behind"},
    {"mmap2", "-1", 3, "what is refused first is another's"},
    {"setrlimit", "", 0, "no processor time is left to it"},
    {"prlimit64", "", 0, "no processor time is left to it"},
    {"prlimit64", "nowhere", 3, "no processor time is left to it"},
    {"prlimit64", "high", 3, "no processor time is left to it"},
    {"prlimit64", "null", 3, "no processor time is left to it"},
    {"pidfd_send_signal", "nowhere", 2, "the structure is looked at before the descriptor"},
    {"pidfd_send_signal", "high", 2, "the structure is looked at before the descriptor"},
};

#define FD   5  /* a file, readable and writable */
#define NONE 77 /* not open */
#define BAD  0x10

static char path[] = "/tmp/rows.XXXXXX/file";
static uint32_t *zero; /* 16 KiB, and nothing behind them */

static int more;

static uint32_t plausible(char kind)
{
    switch (kind) {
    case 'f': return FD;
    case 's':
    case 'P':
    case 'L': return (uint32_t)(uintptr_t)path;
    case 'p':
    case 'W': return (uint32_t)(uintptr_t)zero;
    case 'n': return 16;
    default: return 0;
    }
}

/* The wrong values of an argument, one after another; 0: no more. */
static int wrong(char kind, unsigned which, uint32_t *value, const char **what)
{
    static const struct {
        const char *kinds;
        uint32_t value;
        const char *what;
    } all[] = {
        {"spPLW", BAD, "nowhere"}, {"spPLW", 0xfffff000u, "high"},
        {"spPLW", 0, "null"},      {"f", NONE, "closed"},
        {"f", -1u, "-1"},          {"duxoS", -1u, "-1"},
        {"duxoS", 200, "200"},     {"n", 0, "0"},
        {"n", -1u, "-1"},
    };
    unsigned seen = 0;

    for (unsigned i = 0; i < (more ? sizeof(all) / sizeof(*all) : 5); i++)
        if (strchr(all[i].kinds, kind) && seen++ == which) {
            *value = all[i].value;
            *what = all[i].what;
            return 1;
        }
    return 0;
}

/* A file, what the process is and where it stands, anew for each: 0 or errno. */
static int in_child(const struct row *row, const uint32_t *a)
{
    int fd;

    unlink(path);
    rmdir(path);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_LARGEFILE, 0600);
    if (fd != FD && (dup2(fd, FD) < 0 || close(fd)))
        return 255;
    if (write(FD, "some bytes of a file", 20) != 20 || lseek(FD, 0, SEEK_SET))
        return 255;
    alarm(10); /* what waits ends by it */
    errno = 0;
    return syscall(row->number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
}

static void try(const struct row *row, const uint32_t *a, const char *what, unsigned argument)
{
    int status;
    pid_t child;

    for (unsigned i = 0; i < sizeof(not_tried) / sizeof(*not_tried); i++)
        if (!strcmp(row->name, not_tried[i].name) && !strcmp(what, not_tried[i].what) &&
            argument == (unsigned)not_tried[i].argument) {
            printf("%s %u %s: not tried, %s\n", row->name, argument, what, not_tried[i].why);
            return;
        }
    fflush(stdout);
    child = fork();
    if (child == 0)
        _exit(in_child(row, a)); /* 255 is no error of a call's */
    waitpid(child, &status, 0);
    printf("%s", row->name);
    if (*what)
        printf(" %u %s", argument, what);
    if (WIFSIGNALED(status))
        printf(": signal %d\n", WTERMSIG(status));
    else
        printf(": %s\n", WEXITSTATUS(status) ? strerrorname_np(WEXITSTATUS(status)) : "ok");
    fflush(stdout);
}

static void one(const struct row *row)
{
    uint32_t a[6] = {0}, value;
    const char *what;

    for (unsigned i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
        if (!strcmp(row->name, left_out[i].name)) {
            printf("%s: left out, %s\n", row->name, left_out[i].why);
            fflush(stdout);
            return;
        }
    for (unsigned i = 0; i < 6 && row->kinds[i]; i++)
        a[i] = plausible(row->kinds[i]);
    try(row, a, "", 0);
    for (unsigned i = 0; i < 6 && row->kinds[i]; i++) {
        uint32_t was = a[i];

        for (unsigned n = 0; wrong(row->kinds[i], n, &value, &what); n++) {
            a[i] = value;
            try(row, a, what, i);
        }
        a[i] = was;
    }
}

static int all(int argc, char **argv)
{
    signal(SIGTTOU, SIG_IGN);
    more = argc > 1;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (argc < 2 || !strcmp(argv[1], "more") || !strcmp(rows[i].name, argv[1]))
            one(&rows[i]);
    unlink(path);
    return 0;
}

int main(int argc, char **argv)
{
    zero = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(zero + 4096, 4096, PROT_NONE);
    return without_rights(path, all, argc, argv);
}
