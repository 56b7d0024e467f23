/* Catches host page faults, tells planned ones from bugs. */
#define _GNU_SOURCE /* REG_RIP */
#include "mmu/host/fault.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

bool fault_has_gs(void)
{
#ifdef __x86_64__
    return getauxval(AT_HWCAP2) >> 1 & 1; /* HWCAP2_FSGSBASE */
#else
    return false;
#endif
}

#ifdef __x86_64__
/* What SIGSEGV did before; as a signal's action itself, it belongs to the process. */
static struct sigaction before;

static const struct fault_head *head_of_thread(void)
{
    const struct fault_head *head;
    u64 gs;

    __asm__ volatile("rdgsbase %0" : "=r"(gs));
    head = (const struct fault_head *)(uintptr_t)(gs - sizeof(*head));
    return gs && head->magic == FAULT_MAGIC ? head : NULL;
}

/* Sixteen digits at to. */
static void put_hex(char *to, u64 value)
{
    for (unsigned i = 0; i < 16; i++)
        to[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
}

static void die(u64 pc, u64 address)
{
    char line[] = "pagewalk: bug: host fault at 0000000000000000, address 0000000000000000\n";

    put_hex(strstr(line, "at ") + 3, pc);
    put_hex(strstr(line, "ss ") + 3, address);
    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0 || before.sa_handler == SIG_DFL)
        abort();
    sigaction(SIGSEGV, &before, NULL); /* the instruction faults again */
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
    u64 address =
        info->si_code > 0 && info->si_code != SI_KERNEL ? (u64)(uintptr_t)info->si_addr : 0;
    const struct fault_head *head = head_of_thread();
    u64 pc = (u64)reg[REG_RIP];
    int saved_errno = errno;

    (void)sig;
    if (head && info->si_code > 0 &&
        head->handle(head->opaque, &pc, address, reg[REG_ERR] >> 1 & 1))
        reg[REG_RIP] = (greg_t)pc;
    else
        die(pc, address);
    errno = saved_errno;
}

#define STACK_SIZE (64u * KIB)

int fault_catch(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK}, old;
    stack_t stack = {.ss_size = STACK_SIZE};

    if (sigaltstack(NULL, &stack) < 0)
        return -errno;
    if (stack.ss_flags & SS_DISABLE) {
        stack = (stack_t){.ss_size = STACK_SIZE};
        stack.ss_sp =
            mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) < 0)
            return -errno;
    }
    sigemptyset(&sa.sa_mask);
    if (sigaction(SIGSEGV, NULL, &old) < 0)
        return -errno;
    if (old.sa_flags & SA_SIGINFO && old.sa_sigaction == on_fault)
        return 0;
    before = old;
    return sigaction(SIGSEGV, &sa, NULL) < 0 ? -errno : 0;
}
#else
int fault_catch(void)
{
    return -ENOSYS;
}
#endif
