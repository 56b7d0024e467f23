/* The expansion ROM of a PCI card: an image behind the card's ROM BAR. */
#ifndef PAGEWALK_PCI_ROM_H
#define PAGEWALK_PCI_ROM_H

#include "devices/pci/pci.h"
#include "mmu/phys.h"

#define PCI_ROM_MAX (1u * MIB)

struct pci_rom {
    const u8 *image;
    u32 len, size; /* of the image, and of the BAR */
    struct phys *phys;
    void (*map_changed)(void *opaque); /* the board's: memory is elsewhere now */
    void *map_opaque;
};

/* Gives dev, which is on the bus, an image of up to PCI_ROM_MAX bytes, which stays the caller's. One that is another card's of
 * the same kind is made this one's: drivers for a family come with one number, or none. */
void pci_rom_init(struct pci_rom *rom, struct pci_device *dev, u8 *image, u32 len,
                  struct phys *phys, void (*map_changed)(void *opaque), void *map_opaque);

#endif
