/* The host CPU as an oracle: runs a few instructions natively with given registers and flags.
 *
 * Code and data lie below 4 GiB, at the same addresses as in the guest. In 64-bit mode the eight
 * guest registers are the host's first eight and r8 to r15 are out of the reach of code without REX
 * prefixes: they hold the way back, so even ESP is free for the code under test. No signal handler
 * may run meanwhile. */
#ifndef PAGEWALK_TESTS_HOST_ORACLE_H
#define PAGEWALK_TESTS_HOST_ORACLE_H

#include <string.h>
#include <sys/mman.h>

#include "mmu/host/base.h"

#define ORACLE_BASE 0x10000000u /* code; one page */
#define ORACLE_DATA 0x10010000u /* data; two pages */
#define ORACLE_SIZE 0x20000u

struct oracle_state {
    u32 r[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    u64 flags;
};
_Static_assert(offsetof(struct oracle_state, flags) == 32, "oracle_enter knows the layout");

void oracle_enter(const void *code, struct oracle_state *state);

__asm__(".text\n"
        ".globl oracle_enter\n"
        ".type oracle_enter, @function\n"
        "oracle_enter:\n"
        "    push %rbx\n"
        "    push %rbp\n"
        "    mov %rdi, %r10\n"
        "    mov %rsi, %r9\n"
        "    mov %rsp, %r8\n"
        "    lea 1f(%rip), %r11\n"
        "    push 32(%r9)\n"
        "    popfq\n"
        "    mov 0(%r9), %eax\n"
        "    mov 4(%r9), %ecx\n"
        "    mov 8(%r9), %edx\n"
        "    mov 12(%r9), %ebx\n"
        "    mov 20(%r9), %ebp\n"
        "    mov 24(%r9), %esi\n"
        "    mov 28(%r9), %edi\n"
        "    mov 16(%r9), %esp\n"
        "    jmp *%r10\n"
        "1:  mov %eax, 0(%r9)\n"
        "    mov %ecx, 4(%r9)\n"
        "    mov %edx, 8(%r9)\n"
        "    mov %ebx, 12(%r9)\n"
        "    mov %esp, 16(%r9)\n"
        "    mov %ebp, 20(%r9)\n"
        "    mov %esi, 24(%r9)\n"
        "    mov %edi, 28(%r9)\n"
        "    mov %r8, %rsp\n"
        "    pushfq\n"
        "    pop 32(%r9)\n"
        "    cld\n"
        "    pop %rbp\n"
        "    pop %rbx\n"
        "    ret\n"
        ".size oracle_enter, . - oracle_enter\n");

/* Maps the oracle's memory. False when the addresses are taken. */
static inline bool oracle_map(void)
{
    void *want = (void *)(uintptr_t)ORACLE_BASE;

    return mmap(want, ORACLE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == want;
}

/* Runs len bytes of code, which must leave at its end. */
static inline void oracle_run(const u8 *code, unsigned len, struct oracle_state *state)
{
    static const u8 back[3] = {0x41, 0xff, 0xe3}; /* jmp *%r11 */
    u8 *at = (u8 *)(uintptr_t)ORACLE_BASE;

    memcpy(at, code, len);
    memcpy(at + len, back, sizeof(back));
    oracle_enter(at, state);
}

#endif
