/* What POST's PCI part does and finds: pci_setup.c. */
#ifndef BIOS_PCI_PCI_H
#define BIOS_PCI_PCI_H

#include "bios.h"

#define PCI_PM_BASE 0xb000 /* where pci_setup() puts the ACPI ports */

struct pci_info {
    u8 last_bus;
    u16 pm_base; /* ACPI ports, or 0 */
};

/* Gives every function of bus 0 its addresses and interrupt line and switches decoding on; routes the PCI
 * interrupts; enables the PM ports and IDE. Mechanism #1 must be there. */
void pci_setup(struct pci_info *info);

#endif
