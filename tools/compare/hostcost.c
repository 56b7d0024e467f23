/* Measures what a host fault and a mapping cost here, for pagewalk-compare: one line of JSON, nanoseconds. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define ROUNDS 15u
#define TIMES  2000u
#define PAGES  512u
#define PAGE   4096u

static unsigned char *page; /* of no rights */

static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* The load goes on at another address, as where a window's fault leads elsewhere. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
    greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)sig;
    (void)info;
    reg[REG_RAX] = (greg_t)(uintptr_t)(page + PAGE);
}

static double fault_ns(void)
{
    double start = now_ns();

    for (unsigned i = 0; i < TIMES; i++) {
        unsigned value;

        __asm__ volatile("movl (%%rax), %0" : "=r"(value) : "a"(page) : "memory");
    }
    return (now_ns() - start) / TIMES;
}

static double map_ns(int fd, unsigned char *at)
{
    double start = now_ns();

    for (unsigned i = 0; i < PAGES; i++) /* every other page, so that none are joined */
        if (mmap(at + 2 * i * PAGE, PAGE, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, i * PAGE) == MAP_FAILED)
            exit(1);
    return (now_ns() - start) / PAGES;
}

static double unmap_ns(unsigned char *at)
{
    double start = now_ns();

    for (unsigned i = 0; i < PAGES; i++)
        if (mmap(at + 2 * i * PAGE, PAGE, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
            exit(1);
    return (now_ns() - start) / PAGES;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), compare);
    return values[ROUNDS / 2];
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t stack = {.ss_size = 65536, .ss_sp = malloc(65536)};
    double fault[ROUNDS], map[ROUNDS], unmap[ROUNDS];
    int fd = memfd_create("hostcost", MFD_CLOEXEC);
    unsigned char *at =
        mmap(NULL, 2 * PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    page = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fd < 0 || ftruncate(fd, PAGES * PAGE) < 0 || at == MAP_FAILED || page == MAP_FAILED ||
        mprotect(page + PAGE, PAGE, PROT_READ) < 0 || sigaltstack(&stack, NULL) < 0 ||
        sigaction(SIGSEGV, &sa, NULL) < 0)
        return 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        fault[i] = fault_ns();
        map[i] = map_ns(fd, at);
        unmap[i] = unmap_ns(at);
    }
    printf("{\"fault\": %.0f, \"map\": %.0f, \"unmap\": %.0f}\n", median(fault), median(map),
           median(unmap));
    return 0;
}
