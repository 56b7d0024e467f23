/* CPUID, and the memory-type range registers as operating systems expect them from a BIOS.
 *
 * Source: SDM vol. 3A, 11.11. */
#include "cpu.h"

#define EFLAGS_ID 0x200000

#define MTRR_BASE0     0x200
#define MTRR_MASK0     0x201
#define MTRR_64K       0x250 /* 0 to 7ffff */
#define MTRR_16K_80000 0x258
#define MTRR_16K_A0000 0x259
#define MTRR_4K_C0000  0x268 /* and the seven behind it: to fffff */
#define MTRR_DEFAULT   0x2ff

#define TYPE_WP       0x05050505
#define TYPE_WB       0x06060606
#define ALL_ENABLED   0xc00
#define RANGE_VALID   0x800
#define DEVICES       0xc0000000 /* no RAM from here to 4 GiB; uncached, which is type 0 */
#define ADDRESS_ABOVE 0xf        /* bits 32 to 35 of a mask */

static bool have_cpuid(void)
{
    u32 before, after;

    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after)
                     : "i"(EFLAGS_ID)
                     : "cc");
    return (before ^ after) & EFLAGS_ID;
}

static void cpuid(u32 leaf, u32 *a, u32 *d)
{
    u32 b, c;

    __asm__ volatile("cpuid" : "=a"(*a), "=b"(b), "=c"(c), "=d"(*d) : "0"(leaf));
}

/* EAX and EDX of leaf 1. */
static void leaf_1(u32 *a, u32 *d)
{
    u32 max = 0;

    if (have_cpuid())
        cpuid(0, &max, d);
    *a = *d = 0;
    if (max)
        cpuid(1, a, d);
}

u32 cpu_features(void)
{
    u32 signature, features;

    leaf_1(&signature, &features);
    return features;
}

u32 cpu_signature(void)
{
    u32 signature, features;

    leaf_1(&signature, &features);
    return signature;
}

void mtrr_init(void)
{
    if ((cpu_features() & (CPUID_MTRR | CPUID_MSR)) != (CPUID_MTRR | CPUID_MSR))
        return;
    wrmsr(MTRR_DEFAULT, 0, 0);
    wrmsr(MTRR_64K, TYPE_WB, TYPE_WB);
    wrmsr(MTRR_16K_80000, TYPE_WB, TYPE_WB);
    wrmsr(MTRR_16K_A0000, 0, 0);
    for (u32 i = 0; i < 8; i++)
        wrmsr(MTRR_4K_C0000 + i, TYPE_WP, TYPE_WP);
    wrmsr(MTRR_BASE0, 0, DEVICES);
    wrmsr(MTRR_MASK0, ADDRESS_ABOVE, DEVICES | RANGE_VALID);
    wrmsr(MTRR_DEFAULT, 0, ALL_ENABLED | (TYPE_WB & 0xff));
}
