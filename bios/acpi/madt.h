/* The board's APICs as the BIOS's tables have them: the MADT (madt.c) and the MultiProcessor table (flat/mp.c). */
#ifndef BIOS_ACPI_MADT_H
#define BIOS_ACPI_MADT_H

#include "bios.h"

#define LOCAL_APIC       0xfee00000u /* where a reset puts it */
#define IOAPIC_BASE      0xfec00000u
#define IOAPIC_ID        1
#define TIMER_PIN        2   /* of the I/O APIC: where IRQ 0 is */
#define FLAGS_HIGH_LEVEL 0xd /* polarity and trigger mode: active high, level */
#define SCI_IRQ          9

/* Lines that the tables name as levels: the SCI's, and those that links may be set to (dsdt.asl). */
static inline bool irq_is_level(u8 irq)
{
    return irq == SCI_IRQ || irq == 5 || irq == 10 || irq == 11;
}

/* Size and contents of the MADT behind its header. */
#define MADT_SIZE 84
void madt_fill(u8 *at);

#endif
