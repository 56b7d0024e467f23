/* How a run ends from outside: the signals that ask for it, and for the registers.
 *
 * A handler only notes the signal and makes a descriptor readable; the board obeys at its next poll, which
 * is a millisecond or a quarter million instructions away. The next signal that asks for the end does not
 * wait for the board, so that a run can be ended whatever it hangs in. It counts only when it comes some time after the
 * first: timeout(1) sends each signal twice, to its child and to the group that the child is in.
 *
 * All other signals that end a process are devices/chr/term.c's, which restores the terminal. */
#include "boot/ends.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "devices/chr/term.h"

#define SECOND_NS 300000000ll /* a second request comes at least so long after the first */

static struct {
    volatile sig_atomic_t end;  /* the signal that asked for the end, 0: none did */
    volatile sig_atomic_t dump; /* SIGUSR2 came */
    struct timespec asked;      /* when `end` was set */
    int fd;
} ends = {.fd = -1};

static const int end_signals[] = {SIGTERM, SIGINT, SIGHUP};

static void wake(void)
{
    static const u64 one = 1;

    if (write(ends.fd, &one, sizeof(one)) < 0)
        return; /* it is readable already */
}

static void on_end(int sig)
{
    int saved_errno = errno;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!ends.end) {
        ends.asked = now;
        ends.end = sig;
        wake();
    } else if ((now.tv_sec - ends.asked.tv_sec) * 1000000000ll + now.tv_nsec - ends.asked.tv_nsec >=
               SECOND_NS) {
        term_die(sig);
    }
    errno = saved_errno;
}

static void on_dump(int sig)
{
    int saved_errno = errno;

    (void)sig;
    ends.dump = 1;
    wake();
    errno = saved_errno;
}

/* No SA_RESTART: a write that nobody takes ends, too. The three block each other. */
static void watch(int sig, void (*handler)(int))
{
    struct sigaction sa;

    if (sigaction(sig, NULL, &sa) < 0 || sa.sa_handler == SIG_IGN)
        return;
    sa = (struct sigaction){.sa_handler = handler};
    for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
        sigaddset(&sa.sa_mask, end_signals[i]);
    sigaction(sig, &sa, NULL);
}

int ends_watch(struct session *s)
{
    ends.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ends.fd < 0) {
        int r = -errno;

        snprintf(s->err, sizeof(s->err), "cannot watch for signals: %s", strerror(errno));
        return r;
    }
    for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
        watch(end_signals[i], on_end);
    watch(SIGUSR2, on_dump);
    return 0;
}

int ends_fd(void)
{
    return ends.fd;
}

void ends_attend(struct pc *pc, void *session)
{
    struct session *s = session;
    u64 count;

    watch_look(&s->watch);
    if (s->pc)
        report_look(s);
    if (!ends.end && !ends.dump)
        return;
    if (read(ends.fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return;
    if (ends.dump) {
        ends.dump = 0;
        pc_report(pc, "SIGUSR2");
    }
    if (ends.end)
        session_quit(session);
}

void ends_at_once(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++) {
        struct sigaction sa;

        if (sigaction(end_signals[i], NULL, &sa) == 0 && sa.sa_handler == on_end)
            signal(end_signals[i], SIG_DFL);
    }
}

int ends_signal(void)
{
    return ends.end;
}

void ends_report(void)
{
    if (ends.end)
        fprintf(stderr, "pagewalk: ended by signal %d (%s)\n", (int)ends.end,
                strsignal((int)ends.end));
}
