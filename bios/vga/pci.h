/* PCI configuration space, as far as finding the frame buffer needs it. */
#ifndef VGABIOS_PCI_H
#define VGABIOS_PCI_H

#include "bios/vga/rom.h"

/* The address in BAR 0 of the first function with that vendor and device on buses 0 to 3, or 0. */
u32 pci_find_bar0(u16 vendor, u16 device);

#endif
