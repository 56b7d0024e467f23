/* The CPU's local APIC. */
#ifndef BIOS_APIC_H
#define BIOS_APIC_H

#include "bios.h"

void apic_init(void);
void ioapic_init(void); /* on a board with PCI */

#endif
