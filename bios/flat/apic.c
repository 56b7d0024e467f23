/* A local APIC, where the CPU has one, is set to virtual wire mode: the 8259's interrupts pass it.
 *
 * Source: Intel MultiProcessor Specification 1.4, section 3.6.2.2; SDM vol. 3A, chapter 10. */
#include "apic.h"

#define EFLAGS_ID  0x200000
#define CPUID_APIC 0x200
#define CPUID_MSR  0x20

#define MSR_APIC_BASE 0x1b
#define BASE_ENABLED  0x800

#define APIC_SVR    0xf0
#define APIC_LINT0  0x350
#define APIC_LINT1  0x360
#define SVR_ENABLED 0x100
#define LINT_EXTINT 0x8700
#define LINT_NMI    0x8400

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

void apic_init(void)
{
    u32 max, features, low, high, b, c;

    if (!have_cpuid())
        return;
    __asm__ volatile("cpuid" : "=a"(max), "=b"(b), "=c"(c), "=d"(features) : "0"(0));
    if (!max)
        return;
    __asm__ volatile("cpuid" : "=a"(low), "=b"(b), "=c"(c), "=d"(features) : "0"(1));
    if ((features & (CPUID_APIC | CPUID_MSR)) != (CPUID_APIC | CPUID_MSR))
        return;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_APIC_BASE));
    if (!(low & BASE_ENABLED))
        return;
    low &= 0xfffff000;
    *(volatile u32 *)(low + APIC_SVR) |= SVR_ENABLED;
    *(volatile u32 *)(low + APIC_LINT0) = LINT_EXTINT;
    *(volatile u32 *)(low + APIC_LINT1) = LINT_NMI;
}
