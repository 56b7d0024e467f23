/* Signals by gdb's numbers. */
#include "tools/user/debug.h"

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

u8 debug_to_gdb(int sig)
{
    if (sig == 32)
        return GDB_RT_32;
    if (sig == 64)
        return GDB_RT_64;
    if (sig > 32)
        return (u8)(GDB_RT_33 + sig - 33);
    return sig < (int)ARRAY_SIZE(numbers) && numbers[sig] ? numbers[sig] : GDB_UNKNOWN;
}

int debug_from_gdb(u8 number)
{
    int sig = SIGNALS;

    if (number == GDB_UNKNOWN)
        return 0;
    while (sig > 0 && debug_to_gdb(sig) != number)
        sig--;
    return sig;
}
