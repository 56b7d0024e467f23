/* The MADT: the processor's local APIC, the I/O APIC, and which ISA interrupts are not what they would be.
 *
 * Source: ACPI 1.0b, 5.2.8; the local NMI entry: 5.2.8.3.3. */
#include "madt.h"

#define PCAT_COMPAT 1 /* there are 8259s as well */

enum { ENTRY_LOCAL, ENTRY_IOAPIC, ENTRY_OVERRIDE, ENTRY_LOCAL_NMI = 4 };
#define ALL_PROCESSORS 0xff
#define LINT1          1

static u8 *put(u8 *at, u32 value, unsigned bytes)
{
    while (bytes--) {
        *at++ = (u8)value;
        value >>= 8;
    }
    return at;
}

static u8 *put_override(u8 *at, u8 irq, u8 pin, u16 flags)
{
    at = put(at, ENTRY_OVERRIDE | 10u << 8, 2);
    at = put(at, (u32)irq << 8, 2); /* bus 0 is ISA */
    at = put(at, pin, 4);
    return put(at, flags, 2);
}

void madt_fill(u8 *at)
{
    at = put(at, LOCAL_APIC, 4);
    at = put(at, PCAT_COMPAT, 4);
    at = put(at, ENTRY_LOCAL | 8u << 8, 4); /* processor 0, APIC 0 */
    at = put(at, 1, 4);                     /* enabled */
    at = put(at, ENTRY_IOAPIC | 12u << 8 | IOAPIC_ID << 16, 4);
    at = put(at, IOAPIC_BASE, 4);
    at = put(at, 0, 4); /* its first interrupt */
    at = put_override(at, 0, TIMER_PIN, 0);
    for (u8 irq = 0; irq < 16; irq++)
        if (irq_is_level(irq))
            at = put_override(at, irq, irq, FLAGS_HIGH_LEVEL);
    at = put(at, ENTRY_LOCAL_NMI | 6u << 8 | ALL_PROCESSORS << 16, 4);
    put(at, LINT1 << 8, 2); /* flags 0 come first, a byte of them behind the processor */
}
