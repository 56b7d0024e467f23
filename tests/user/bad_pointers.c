/* Each system call of the list with pointers that lead nowhere, and with ones to constants. Each returns or waits: none ends
 * its process. */
#define _GNU_SOURCE
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

static const struct call {
    const char *name, *kinds;
    int number;
} calls[] = {
#define PASS(number, name, host, kinds) {#name, kinds, number},
#define CALL(number, name, kinds)       {#name, kinds, number},
#define CALL_ALIKE                      CALL
#define CALL_OUTSIDE                    CALL
#define NONE(number, name, error, kinds)
#include "tools/user/syscalls.def"
};

/* They end, change or wait for more than themselves (vm86 by a structure that cannot be written to), or take their
 * pointers for numbers. */
static const char *const left_out[] = {"restart_syscall",
                                       "exit",
                                       "exit_group",
                                       "fork",
                                       "vfork",
                                       "clone",
                                       "clone3",
                                       "sigreturn",
                                       "rt_sigreturn",
                                       "brk",
                                       "mmap",
                                       "mmap2",
                                       "munmap",
                                       "mprotect",
                                       "mremap",
                                       "madvise",
                                       "msync",
                                       "mlock",
                                       "mlock2",
                                       "munlock",
                                       "reboot",
                                       "remap_file_pages",
                                       "pkey_mprotect",
                                       "shmat",
                                       "ipc",
                                       "get_robust_list",
                                       "set_robust_list",
                                       "set_tid_address",
                                       "vm86",
                                       "vm86old"};

static int tried, died;

static int is_left_out(const char *name)
{
    for (unsigned i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
        if (!strcmp(name, left_out[i]))
            return 1;
    return 0;
}

static void one(const struct call *call, uint32_t pointer, const char *what)
{
    uint32_t a[6] = {0};
    int pointers = 0, status;
    pid_t child;

    for (unsigned i = 0; i < 6 && call->kinds[i]; i++)
        switch (call->kinds[i]) {
        case 'p':
        case 's':
        case 'W':
        case 'P':
        case 'L':
            a[i] = pointer;
            pointers++;
            break;
        case 'n': a[i] = 16; break;
        case 'f': a[i] = 5; break;
        default: a[i] = 1; break;
        }
    if (!pointers)
        return;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        char name[] = "/tmp/bad_pointers.XXXXXX";

        alarm(1); /* some wait */
        dup2(mkstemp64(name), 5);
        unlink(name);
        if (write(5, "some bytes of a file", 20) == 20)
            syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (status && status != SIGALRM) {
        printf("%s %s: status %x\n", call->name, what, status);
        died++;
    }
    tried++;
}

int main(void)
{
    char *page = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    /* What only root may do is to be refused. */
    if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
        return 1;
    for (unsigned i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        if (is_left_out(calls[i].name))
            continue;
        one(&calls[i], 0, "null");
        one(&calls[i], 1, "low");
        one(&calls[i], 0xfffff000, "high");
        one(&calls[i], (uint32_t)page + 4096, "none");
        one(&calls[i], (uint32_t)page + 4092, "across");
        one(&calls[i], (uint32_t)&calls, "constant");
    }
    printf("%s, %d died\n", tried > 1000 ? "many" : "few", died);
    return died != 0;
}
