/* What POST's PCI part does and finds: pci_setup.c. */
#ifndef BIOS_PCI_PCI_H
#define BIOS_PCI_PCI_H

#ifndef BIOS_BIOS_H /* a test on the host brings its own */
#include "bios.h"
#endif

#define PCI_PM_BASE 0xb000 /* where pci_setup() puts the ACPI ports */

struct pci_info {
    u8 last_bus;
    u16 pm_base; /* ACPI ports, or 0 */
};

/* Gives every function of bus 0 its addresses and interrupt line and switches decoding on; routes the PCI
 * interrupts; enables the PM ports and IDE. Mechanism #1 must be there. */
void pci_setup(struct pci_info *info);

/* Makes the header in segment E000, which must be writable, that leads to the 32-bit PCI BIOS. */
void pci_make_bios32(void);

#endif
