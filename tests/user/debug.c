/* What tests/user/debug.gdb looks at: calls to break at, memory that changes, signals, a page that was never touched, children. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int total, handled;
char *untouched;

__attribute__((noinline)) void bump(int by)
{
    total += by;
}

static void handler(int sig)
{
    handled = sig;
}

static void leave(int sig)
{
    _exit(sig);
}

__attribute__((noinline)) void done(void)
{
    printf("%d %s\n", total, untouched);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    pid_t child;
    int status = 0;

    if (argc > 1)
        pause();
    untouched = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    signal(SIGUSR1, handler);
    signal(SIGSEGV, leave);
    for (int i = 0; i < 3; i++)
        bump(10);
    raise(SIGUSR1);
    bump(handled);
    child = fork();
    if (child == 0) {
        bump(1);
        _exit(7);
    }
    waitpid(child, &status, 0);
    bump(WEXITSTATUS(status));
    child = vfork();
    if (child == 0) {
        bump(100);
        _exit(0);
    }
    waitpid(child, &status, 0);
    done();
    *(volatile int *)16 = 1;
    return 0;
}
