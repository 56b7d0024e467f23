/* The process's terminal: raw mode, and the promise that it is restored however the process ends.
 *
 * This is the one place under devices/ with file-scope mutable state. A process has one controlling
 * terminal, whoever owns it, and a signal handler gets no argument: what it restores has to be
 * reachable from nowhere. `term` is that place; term_take() refuses a second owner, so two machines
 * in one process still work (one of them has the terminal). Handlers call only functions that POSIX
 * lists as async-signal-safe: tcgetpgrp, getpgrp, tcsetattr, write, sigaction, raise, sigprocmask. */
#include "devices/chr/term.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
    volatile sig_atomic_t taken;  /* someone called term_take() */
    volatile sig_atomic_t is_tty; /* saved and raw are valid */
    volatile sig_atomic_t is_raw; /* raw mode is set now */
    volatile sig_atomic_t resumes;
    int fd;
    int leave_fd;
    const char *volatile leave; /* written to leave_fd at a restore; NULL: nothing */
    size_t leave_len;
    bool at_exit; /* atexit(term_restore) was done */
    struct termios saved, raw;
    u8 stack[64 * KIB];
} term;

/* Signals that end the process by default; each restores the terminal first. The realtime signals do, too. */
static const int fatal_signals[] = {
    SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,   SIGBUS,  SIGFPE, SIGUSR1, SIGSEGV,
    SIGUSR2, SIGALRM, SIGTERM, SIGXCPU, SIGSYS,  SIGVTALRM, SIGPROF, SIGIO,  SIGPWR,  SIGSTKFLT,
};

bool term_background(int fd)
{
    pid_t foreground = tcgetpgrp(fd);

    return foreground >= 0 && foreground != getpgrp();
}

static void term_restore(void)
{
    int saved_errno = errno;

    /* From the background tcsetattr would stop the process, and the terminal is not ours to change:
     * the shell has put its own settings back. */
    if (term.is_raw && !term_background(term.fd)) {
        if (term.leave && write(term.leave_fd, term.leave, term.leave_len) < 0)
            term.leave = NULL; /* nobody is there to see it */
        tcsetattr(term.fd, TCSANOW, &term.saved);
    }
    term.is_raw = 0;
    errno = saved_errno;
}

static void term_set_raw(void)
{
    if (term.taken && term.is_tty && !term_background(term.fd)) {
        term.is_raw = 1; /* first: a signal right after tcsetattr must restore */
        tcsetattr(term.fd, TCSANOW, &term.raw);
        term.resumes++;
    }
}

/* Makes sig act by default, once, now. */
static void term_default(int sig)
{
    struct sigaction sa = {.sa_handler = SIG_DFL};
    sigset_t set;

    sigemptyset(&sa.sa_mask);
    sigaction(sig, &sa, NULL);
    sigemptyset(&set);
    sigaddset(&set, sig);
    raise(sig);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void term_die(int sig)
{
    term_restore();
    term_default(sig);
}

static void term_on_stop(int sig)
{
    int saved_errno = errno;
    struct sigaction sa = {.sa_handler = term_on_stop};

    term_restore();
    term_default(sig); /* returns when the process continues */
    sigemptyset(&sa.sa_mask);
    sa.sa_flags = SA_RESTART;
    sigaction(sig, &sa, NULL);
    term_set_raw();
    errno = saved_errno;
}

static void term_on_continue(int sig)
{
    int saved_errno = errno;

    (void)sig;
    term_set_raw();
    errno = saved_errno;
}

/* Installs a handler where the default action is in force: an ignored signal stays ignored (nohup),
 * and another handler is somebody's decision. */
static void term_handle(int sig, void (*handler)(int))
{
    struct sigaction sa;

    if (sigaction(sig, NULL, &sa) < 0 || (sa.sa_flags & SA_SIGINFO) || sa.sa_handler != SIG_DFL)
        return;
    sa.sa_handler = handler;
    sigemptyset(&sa.sa_mask);
    sa.sa_flags = SA_RESTART | SA_ONSTACK;
    sigaction(sig, &sa, NULL);
}

static void term_unhandle(int sig, void (*handler)(int))
{
    struct sigaction sa;

    if (sigaction(sig, NULL, &sa) < 0 || (sa.sa_flags & SA_SIGINFO) || sa.sa_handler != handler)
        return;
    sa.sa_handler = SIG_DFL;
    sa.sa_flags = 0;
    sigaction(sig, &sa, NULL);
}

static void term_handle_fatal(void (*each)(int sig, void (*handler)(int)))
{
    for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
        each(fatal_signals[i], term_die);
    for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
        each(sig, term_die);
}

/* A stack of their own for the handlers: a signal may come because there is no more of the usual one. */
static void term_signal_stack(void)
{
    stack_t stack = {.ss_sp = term.stack, .ss_size = sizeof(term.stack)}, old;

    if (sigaltstack(NULL, &old) == 0 && old.ss_flags & SS_DISABLE)
        sigaltstack(&stack, NULL);
}

int term_take(int fd, bool keep_signals)
{
    if (term.taken)
        return -EBUSY;
    term.taken = 1;
    term.leave = NULL;
    term.fd = fd;
    term.is_raw = 0;
    term.is_tty = isatty(fd) && tcgetattr(fd, &term.saved) == 0;
    term_handle(SIGPIPE, SIG_IGN);
    if (!term.is_tty)
        return 0;
    term_signal_stack();

    term.raw = term.saved;
    term.raw.c_iflag &=
        ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    term.raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (!keep_signals)
        term.raw.c_lflag &= ~(tcflag_t)ISIG;
    term.raw.c_cflag = (term.raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    /* OPOST stays as it is: our own messages on stderr still begin at the left margin. */
    term.raw.c_cc[VMIN] = 1;
    term.raw.c_cc[VTIME] = 0;

    term_handle_fatal(term_handle);
    term_handle(SIGTSTP, term_on_stop);
    term_handle(SIGCONT, term_on_continue);
    if (!term.at_exit) {
        atexit(term_restore);
        term.at_exit = true;
    }
    term_set_raw();
    return 0;
}

void term_on_restore(int fd, const char *text)
{
    term.leave = NULL; /* a signal may come between any two of these */
    term.leave_fd = fd;
    term.leave_len = strlen(text);
    term.leave = text;
}

unsigned term_resumes(void)
{
    return (unsigned)term.resumes;
}

void term_release(void)
{
    if (!term.taken)
        return;
    term_restore();
    term.leave = NULL;
    term.taken = 0;
    if (!term.is_tty)
        return;
    term_handle_fatal(term_unhandle);
    term_unhandle(SIGTSTP, term_on_stop);
    term_unhandle(SIGCONT, term_on_continue);
    term.is_tty = 0;
}
