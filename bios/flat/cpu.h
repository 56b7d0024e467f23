/* What the CPU has, for the 32-bit part of POST. */
#ifndef BIOS_CPU_H
#define BIOS_CPU_H

#include "bios.h"

#define CPUID_MSR  0x20
#define CPUID_APIC 0x200
#define CPUID_MTRR 0x1000

/* EDX of CPUID leaf 1, 0 where there is no CPUID. */
u32 cpu_features(void);
/* EAX of it: family, model, stepping. */
u32 cpu_signature(void);
#define CPU_FAMILY(signature) ((signature) >> 8 & 15)

static inline void wrmsr(u32 msr, u32 high, u32 low)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "d"(high), "a"(low));
}

/* Memory types: RAM is cached, what devices have is not. */
void mtrr_init(void);

#endif
