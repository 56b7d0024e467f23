/* The terminal that a serial port borrows is as it was, however the process ends. */
#define _GNU_SOURCE /* pipe2 */
#include <check.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>

#include "tests/unit/chr_rig.h"

static bool same_tty(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
           a->c_cflag == b->c_cflag && !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

/* How the owner of the terminal ends: 0 closes it, -1 calls exit, else a signal. */
static const int endings[] = {0,       -1,      SIGTERM, SIGINT,    SIGHUP,  SIGQUIT, SIGSEGV,
                              SIGABRT, SIGALRM, SIGBUS,  SIGFPE,    SIGILL,  SIGTRAP, SIGSYS,
                              SIGXCPU, SIGPROF, SIGPWR,  SIGVTALRM, SIGUSR1, SIGUSR2, SIGIO};

START_TEST(terminal_is_restored)
{
    int ending = endings[_i];
    struct termios before, now;
    int master, slave, status, ready[2], seen[2];
    char byte;
    pid_t child;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    ck_assert_int_eq(tcgetattr(slave, &before), 0);
    ck_assert_int_ne(before.c_lflag & ICANON, 0);
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(seen), 0);
    child = fork();
    if (child == 0) {
        char err[200];
        struct chr *chr;

        dup2(slave, 0);
        dup2(slave, 1);
        for (size_t i = 2; i < ARRAY_SIZE(endings); i++)
            signal(endings[i], SIG_DFL);
        chr = open_stdio(true, NULL, NULL, err, sizeof(err));
        if (!chr || write(ready[1], "r", 1) != 1)
            _exit(9);
        if (read(seen[0], &byte, 1) != 1)
            _exit(9);
        while (ending > 0)
            pause();
        if (ending == 0) {
            chr->ops->close(chr);
            _exit(0);
        }
        exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(tcgetattr(slave, &now), 0);
    ck_assert_int_eq(now.c_lflag & (ICANON | ECHO | ISIG), 0);
    ck_assert_int_eq(now.c_iflag & (ICRNL | IXON), 0);
    ck_assert_int_eq(write(seen[1], "s", 1), 1);
    if (ending > 0)
        kill(child, ending);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (ending > 0) {
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(WTERMSIG(status), ending);
    } else {
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(tcgetattr(slave, &now), 0);
    ck_assert(same_tty(&before, &now));
}
END_TEST

START_TEST(terminal_without_escapes_keeps_signals)
{
    struct termios now;
    int master, slave;
    char err[200];
    struct chr *chr;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    dup2(slave, 0);
    chr = open_stdio(false, NULL, NULL, err, sizeof(err));
    ck_assert_ptr_nonnull(chr);
    tcgetattr(slave, &now);
    ck_assert_int_eq(now.c_lflag & (ICANON | ECHO), 0);
    ck_assert_int_ne(now.c_lflag & ISIG, 0);
    chr->ops->close(chr);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("chr_term");

    tcase_set_timeout(tc, 20);
    tcase_add_loop_test(tc, terminal_is_restored, 0, ARRAY_SIZE(endings));
    tcase_add_test(tc, terminal_without_escapes_keeps_signals);
    return bench_main(tc, "chr_term");
}
