/* process_vm_readv() and process_vm_writev() with a program of its own, begun by execve(), and what they refuse. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

/* Two pages at an address of its own choice, and none behind them. */
static char *pages(void)
{
    char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(p + 2 * PAGE, PAGE);
    return p;
}

/* Says where its pages are, waits, and prints what the other has written. */
static int child(void)
{
    char *p = pages();
    char c;

    strcpy(p, "the child's words");
    strcpy(p + 2 * PAGE - 8, "the end");
    if (write(3, &p, sizeof(p)) != sizeof(p) || read(4, &c, 1) != 1)
        return 1;
    printf("child has '%s' and '%s'\n", p, p + 100);
    return 0;
}

static pid_t pid;

static void both(const char *what, int write, void *local, size_t local_len, void *remote,
                 size_t remote_len, unsigned long flags)
{
    struct iovec here = {local, local_len}, there = {remote, remote_len};
    ssize_t n = write ? process_vm_writev(pid, &here, 1, &there, 1, flags)
                      : process_vm_readv(pid, &here, 1, &there, 1, flags);

    printf("%s: %zd %s\n", what, n, n < 0 ? strerror(errno) : "");
}

int main(int argc, char **argv)
{
    char buf[2 * PAGE] = "", *there, *here = pages();
    struct iovec local[2] = {{buf, 4}, {buf + 10, 5}}, remote[3];
    int up[2], down[2];

    if (argc > 1)
        return child();
    if (pipe(up) < 0 || pipe(down) < 0)
        return 1;
    pid = fork();
    if (pid == 0) {
        dup2(up[1], 100);
        dup2(down[0], 101);
        dup2(100, 3);
        dup2(101, 4);
        execl("/proc/self/exe", argv[0], "child", NULL);
        _exit(1);
    }
    if (read(up[0], &there, sizeof(there)) != sizeof(there))
        return 1;
    both("read", 0, buf, 18, there, 18, 0);
    puts(buf);
    both("over the end", 0, buf, 100, there + 2 * PAGE - 8, 100, 0);
    puts(buf);
    both("behind the end", 0, buf, 8, there + 2 * PAGE, 8, 0);
    both("at the top", 0, buf, 8, (void *)0xfffffffc, 8, 0);
    both("nothing", 0, buf, 0, there, 8, 0);
    both("nothing there", 0, buf, 8, there, 0, 0);
    both("less there", 0, buf, 8, there, 3, 0);
    both("flags", 0, buf, 8, there, 8, 1);
    both("a length that is negative", 0, buf, (size_t)-1, there, 8, 0);
    both("a length there that is negative", 0, buf, 8, there, (size_t)-1, 0);
    both("write", 1, "a new word", 11, there + 100, 11, 0);
    both("write over the end", 1, here, PAGE, there + 2 * PAGE - 4, PAGE, 0);
    both("write to the null page", 1, buf, 4, (void *)16, 4, 0);
    strcpy(buf, "ABCDEFGHIJ");
    remote[0] = (struct iovec){there, 2};
    remote[1] = (struct iovec){there + 3, 6};
    remote[2] = (struct iovec){there + 12, 50};
    printf("pieces %zd\n", process_vm_writev(pid, local, 2, remote, 3, 0));
    memset(buf, 0, sizeof(buf));
    printf("and back %zd\n", process_vm_readv(pid, local, 2, remote, 3, 0));
    puts(buf);
    puts(buf + 10);
    if (write(down[1], "x", 1) != 1)
        return 1;
    waitpid(pid, NULL, 0);
    both("a process that is gone", 0, buf, 8, there, 8, 0);
    pid = getpid();
    both("oneself", 1, "myself", 7, here, 7, 0);
    puts(here);
    return 0;
}
