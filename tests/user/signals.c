/* Signals, printed: what a handler sees of each exception, and all that sigaction() and its kin promise. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static char *place;
static volatile int count, order[16];

static void on_fault(int sig, siginfo_t *info, void *context)
{
    greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
    unsigned long cr2 = ((ucontext_t *)context)->uc_mcontext.cr2;
    const uint8_t *eip = (const uint8_t *)(uintptr_t)reg[REG_EIP];
    int trap = reg[REG_TRAPNO];

    printf("signal %d code %d trap %d error %x", sig, info->si_code, trap, (unsigned)reg[REG_ERR]);
    if (trap == 14)
        printf(" cr2 %lx address %lx", cr2, (unsigned long)info->si_addr);
    if (eip != (const uint8_t *)place + 4096)
        printf(" at %02x %02x", eip[0], eip[1]);
    printf(" flags %x eax %x\n", (unsigned)reg[REG_EFL] & 0x8d5,
           trap == 14 || trap == 0 ? (unsigned)reg[REG_EAX] : 0);
    siglongjmp(back, 1);
}

#define TRY(code)                                                                                  \
    do {                                                                                           \
        if (!sigsetjmp(back, 1))                                                                   \
            __asm__ volatile(code : : "S"(place) : "memory", "eax", "ecx", "edx");                 \
    } while (0)

static void exceptions(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    FILE *file = tmpfile();
    char *old = place;

    for (unsigned i = 0; i < 5; i++)
        sigaction(signals[i], &sa, NULL);
    TRY("mov $5, %%eax; cmp $7, %%eax; mov %%eax, 0x1234");
    TRY("mov $6, %%eax; mov 0x1238, %%ecx");
    mprotect(place, 4096, PROT_READ);
    TRY("mov $7, %%eax; addl $1, 8(%%esi)");
    TRY("mov $8, %%eax; mov %%eax, 4094(%%esi)");
    mprotect(place, 4096, PROT_NONE);
    TRY("mov $9, %%eax; movb 16(%%esi), %%cl");
    mprotect(place, 4096, PROT_READ | PROT_WRITE);
    TRY("lea 4096(%%esi), %%eax; jmp *%%eax");
    TRY("xor %%edx, %%edx; mov $3, %%eax; xor %%ecx, %%ecx; div %%ecx");
    TRY("mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idiv %%ecx");
    TRY("ud2");
    TRY("int3");
    TRY("int $3");
    TRY("int $4");
    TRY("int $5");
    TRY("int $0x81");
    TRY("hlt");
    TRY("cli");
    TRY("inb $0x80, %%al");
    TRY("mov %%eax, %%cr0");
    TRY("mov $0x1234, %%eax; mov %%eax, %%fs");
    TRY("mov $0x77, %%eax; mov %%eax, %%ss");
    TRY("pushf; orl $0x100, (%%esp); popf; nop; nop");
    TRY("push %%esi; lea 4094(%%esi), %%edi; mov $8, %%ecx; cld; rep stosb");
    fwrite("abc", 1, 3, file);
    fflush(file);
    place = mmap((void *)0x20010000, 8192, PROT_READ, MAP_PRIVATE | MAP_FIXED, fileno(file), 0);
    if (!sigsetjmp(back, 1))
        printf("%c", ((volatile char *)place)[4096]);
    place = old;
    for (unsigned i = 0; i < 5; i++)
        signal(signals[i], SIG_DFL);
}

static void on_change(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    greg_t *reg = uc->uc_mcontext.gregs;

    (void)info;
    reg[REG_EIP] += sig == SIGILL ? 2 : 0;
    reg[REG_EAX] = 0x600d;
    uc->uc_mcontext.fpregs->_st[0].exponent ^= 0x8000; /* negated */
    sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void contexts(void)
{
    struct sigaction sa = {.sa_sigaction = on_change, .sa_flags = SA_SIGINFO};
    sigset_t mask;
    double st = 1.5;
    uint32_t eax;
    float v[4] = {1, 2, 3, 4}, w[4];

    sigaction(SIGILL, &sa, NULL);
    __asm__ volatile("movups %3, %%xmm5; ud2; movups %%xmm5, %2"
                     : "+t"(st), "=a"(eax), "=m"(w)
                     : "m"(v)
                     : "xmm5");
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("changed: %x %g, blocked %d, sse %g %g\n", eax, st, sigismember(&mask, SIGUSR2), w[0],
           w[3]);
    sigdelset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void note(int sig)
{
    if (count < 16)
        order[count] = sig;
    count++;
}

static void note_value(int sig, siginfo_t *info, void *context)
{
    (void)context;
    printf("queued %d value %d code %d\n", sig, info->si_value.sival_int, info->si_code);
}

static void on_stack(int sig)
{
    stack_t now;
    char here;

    sigaltstack(NULL, &now);
    printf("signal %d on the other stack: %d, flags %d\n", sig,
           &here > (char *)now.ss_sp && &here < (char *)now.ss_sp + now.ss_size, now.ss_flags);
}

static void promises(void)
{
    struct sigaction sa = {.sa_handler = note};
    struct itimerval soon = {{0, 20000}, {0, 20000}},
                     never = {{0, 0}, {0, 0}}; /* again and again: one comes in time */
    sigset_t set, old;
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    int fd[2], status;
    char byte;
    pid_t child;

    sigaction(SIGUSR1, &sa, NULL);
    sigaction(SIGUSR2, &sa, NULL);
    sigaction(SIGALRM, &sa, NULL);
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    sigpending(&set);
    printf("pending %d %d, handled %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGALRM),
           count);
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("handled %d\n", count);

    sa = (struct sigaction){.sa_sigaction = note_value, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN + 1, &sa, NULL);
    sigaddset(&old, SIGRTMIN + 1);
    sigprocmask(SIG_SETMASK, &old, NULL);
    for (int i = 0; i < 3; i++)
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 100 + i});
    sigdelset(&old, SIGRTMIN + 1);
    sigprocmask(SIG_SETMASK, &old, NULL);

    sa = (struct sigaction){.sa_handler = on_stack, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &sa, NULL);
    sigaltstack(&stack, NULL);
    raise(SIGUSR1);
    sa = (struct sigaction){.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGUSR1, &sa, NULL);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &sa);
    printf("reset %d\n", sa.sa_handler == SIG_DFL);

    if (pipe(fd) < 0)
        return;
    setitimer(ITIMER_REAL, &soon, NULL);
    errno = 0;
    printf("read interrupted %d", (int)read(fd[0], &byte, 1));
    printf(" %d\n", errno == EINTR);
    sa = (struct sigaction){.sa_handler = note, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &sa, NULL);
    child = fork();
    if (child == 0) {
        usleep(150000);
        _exit(write(fd[1], "x", 1) == 1 ? 7 : 8);
    }
    count = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
    printf("read restarted %d", (int)read(fd[0], &byte, 1));
    printf(" %d\n", count > 0);
    waitpid(child, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
    sigemptyset(&set);
    count = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
    sigsuspend(&set);
    printf("suspended %d %d\n", count > 0, errno == EINTR);

    setitimer(ITIMER_REAL, &soon, NULL); /* in a loop without a call */
    for (count = 0; !count;)
        ;
    printf("loop left\n");
    setitimer(ITIMER_REAL, &never, NULL);
}

static void deaths(void)
{
    for (int i = 0; i < 4; i++) {
        int status;
        pid_t child = fork();

        if (child == 0) {
            if (i == 0)
                *(volatile int *)16 = 1;
            if (i == 1)
                abort();
            if (i == 2)
                raise(SIGKILL);
            if (i == 3) { /* blocked, it kills all the same */
                sigset_t all;

                sigfillset(&all);
                sigprocmask(SIG_BLOCK, &all, NULL);
                __asm__ volatile("ud2");
            }
            _exit(1);
        }
        waitpid(child, &status, 0);
        printf("death %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
    }
}

static volatile int stop;

static void *bombard(void *main_thread)
{
    for (int i = 0; i < 2000; i++)
        pthread_kill(*(pthread_t *)main_thread, SIGUSR2);
    stop = 1;
    return NULL;
}

/* A signal between any two instructions, but never inside one. */
static void everywhere(void)
{
    pthread_t me = pthread_self(), other;
    uint32_t bad = 0, rounds = 0;
    double x = 1;

    signal(SIGUSR2, note);
    pthread_create(&other, NULL, bombard, &me);
    while (!stop || rounds < 1000) {
        uint32_t a[32], sum = 0;

        for (unsigned i = 0; i < 32; i++)
            a[i] = i * 0x01010101u ^ rounds;
        for (unsigned i = 0; i < 32; i++)
            sum += a[i] ^ rounds;
        bad += sum != 496 * 0x01010101u;
        x = x * 2 / 2;
        bad += x != 1;
        rounds++;
    }
    pthread_join(other, NULL);
    printf("everywhere %u %d\n", bad, count > 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    place = mmap((void *)0x20000000, 4096, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    place[0] = 1; /* present from now on */
    exceptions();
    contexts();
    promises();
    deaths();
    everywhere();
    return 0;
}
