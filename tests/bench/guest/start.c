/* The ground under the workloads: program entry, memory functions that gcc may call, 64-bit division for i386. */
#include "bench.h"

int bench_main(int argc, char **argv);
void start_c(long *stack) __attribute__((noreturn, used));
void *memset(void *to, int value, size_t size);
void *memcpy(void *to, const void *from, size_t size);

u8 *arena;

#ifdef __i386__
__asm__(".globl _start\n"
        "_start: movl %esp, %eax\n"
        "        andl $-16, %esp\n"
        "        subl $12, %esp\n"
        "        pushl %eax\n"
        "        call start_c\n");
#else
__asm__(".globl _start\n"
        "_start: movq %rsp, %rdi\n"
        "        andq $-16, %rsp\n"
        "        call start_c\n");
#endif

void start_c(long *stack)
{
    sys1(SYS_exit, bench_main((int)stack[0], (char **)(stack + 1)));
    for (;;)
        sys0(SYS_pause);
}

void *memset(void *to, int value, size_t size)
{
    u8 *byte = to;
    while (size--)
        *byte++ = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
    u8 *out = to;
    const u8 *in = from;
    while (size--)
        *out++ = *in++;
    return to;
}

size_t text_length(const char *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

void print(const char *text)
{
    sys3(SYS_write, 1, (long)text, (long)text_length(text));
}

void *sys_map(size_t size, long rights)
{
    enum { PRIVATE_ANONYMOUS = 0x22 };
    long result;
#ifdef __i386__
    /* The old call, number 90: its six arguments lie in memory, so that EBP stays the compiler's. */
    const long arguments[6] = {0, (long)size, rights, PRIVATE_ANONYMOUS, -1, 0};
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(90), "b"(arguments) : "memory");
#else
    register long r10 __asm__("r10") = PRIVATE_ANONYMOUS;
    register long r8 __asm__("r8") = -1;
    register long r9 __asm__("r9") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(9), "D"(0), "S"(size), "d"(rights), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
#endif
    return result < 0 && result > -4096 ? NULL : (void *)result;
}

int sys_run(const char *const argv[], int out)
{
    static const char *const environment[] = {"PATH=/bin", NULL};
    int status = -1;
    long child = sys0(SYS_fork);
    if (child < 0)
        return -1;
    if (child == 0) {
        if (out != 1)
            sys2(SYS_dup2, out, 1);
        sys3(SYS_execve, (long)argv[0], (long)argv, (long)environment);
        sys1(SYS_exit, 127);
    }
    if (sys(SYS_wait4, child, (long)&status, 0, 0, 0) != child)
        return -1;
    return status & 0x7f ? -1 : status >> 8 & 0xff;
}

#ifdef __i386__
/* What libgcc would give: gcc's names for 64-bit division on a 32-bit machine. */
u64 __udivmoddi4(u64 n, u64 d, u64 *remainder);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);

/* (high:low) / d where high < d, as DIV has it. */
static inline u32 divide_wide(u32 high, u32 low, u32 d, u32 *remainder)
{
    u32 quotient;
    __asm__("divl %4" : "=a"(quotient), "=d"(*remainder) : "0"(low), "1"(high), "r"(d) : "cc");
    return quotient;
}

u64 __udivmoddi4(u64 n, u64 d, u64 *remainder)
{
    u32 n1 = (u32)(n >> 32), n0 = (u32)n, d1 = (u32)(d >> 32), d0 = (u32)d, r, q1, q0;
    if (d1 == 0) {
        q1 = n1 / d0;
        q0 = divide_wide(n1 % d0, n0, d0, &r);
        if (remainder)
            *remainder = r;
        return (u64)q1 << 32 | q0;
    }
    /* The divisor's top 32 bits, normalised, give a quotient that is at most one too large
     * (Hacker's Delight, 9-4). */
    int shift = __builtin_clz(d1);
    u64 half = n >> 1;
    q0 = divide_wide((u32)(half >> 32), (u32)half, (u32)(d << shift >> 32), &r);
    q0 >>= 31 - shift;
    if (q0)
        q0--;
    u64 rest = n - q0 * d;
    if (rest >= d) {
        q0++;
        rest -= d;
    }
    if (remainder)
        *remainder = rest;
    return q0;
}

u64 __udivdi3(u64 n, u64 d)
{
    return __udivmoddi4(n, d, NULL);
}

u64 __umoddi3(u64 n, u64 d)
{
    u64 remainder;
    __udivmoddi4(n, d, &remainder);
    return remainder;
}
#endif
