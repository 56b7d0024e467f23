/* A local APIC, where the CPU has one, is set to virtual wire mode: the 8259's interrupts pass it. The I/O APIC gets the
 * number that the tables name.
 *
 * Source: Intel MultiProcessor Specification 1.4, section 3.6.2.2; SDM vol. 3A, chapter 10. */
#include "apic.h"
#include "acpi/madt.h"
#include "cpu.h"

#define MSR_APIC_BASE 0x1b

#define APIC_SVR    0xf0
#define APIC_LINT0  0x350
#define APIC_LINT1  0x360
#define SVR_ENABLED 0x100
#define LINT_EXTINT 0x8700
#define LINT_NMI    0x8400

#define IOREGSEL 0x00
#define IOWIN    0x10

void ioapic_init(void)
{
    if (!(cpu_features() & CPUID_APIC))
        return;
    *(volatile u32 *)(IOAPIC_BASE + IOREGSEL) = 0;
    *(volatile u32 *)(IOAPIC_BASE + IOWIN) = (u32)IOAPIC_ID << 24;
}

void apic_init(void)
{
    u32 low, high;

    if (!(cpu_features() & CPUID_APIC))
        return;
    low = LOCAL_APIC;
    if (CPU_FAMILY(cpu_signature()) >= 6) { /* the Pentium's cannot be moved */
        __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_APIC_BASE));
        low &= 0xfffff000;
    }
    *(volatile u32 *)(low + APIC_SVR) |= SVR_ENABLED;
    *(volatile u32 *)(low + APIC_LINT0) = LINT_EXTINT;
    *(volatile u32 *)(low + APIC_LINT1) = LINT_NMI;
}
