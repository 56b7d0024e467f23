/* The IDE function of a PIIX3: bus master DMA for both channels. */
#ifndef PAGEWALK_IDE_DMA_H
#define PAGEWALK_IDE_DMA_H

#include "devices/disk/ide.h"
#include "devices/pci/pci.h"
#include "mmu/phys.h"

struct ide_dma_channel {
    struct ide_channel *ide;
    struct ide_dma *dma;
    struct irq irq; /* the line that the channel had for itself */
    u8 command, status;
    u32 table;         /* as the guest has set it */
    u32 next;          /* descriptor to read next */
    u32 address, left; /* of the current one */
    u32 descriptors;   /* read since the start */
    bool last;         /* the current one ends the table */
};

struct ide_dma {
    struct pci_device dev;
    struct ioport_bus *ports;
    struct phys *phys;
    struct ide_dma_channel channel[2];
};

/* Takes over the channels' interrupt lines and their DMA. */
void ide_dma_init(struct ide_dma *dma, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                  struct phys *phys, struct ide_channel ide[2]);
void ide_dma_reset(struct ide_dma *dma);
/* After pci_bus_state() and both ide_state(). */
void ide_dma_state(struct ide_dma *dma, struct state *state);

#endif
