/* What a BAR's map function does when all of it is one range of ports or registers: they go along with it. */
#ifndef PAGEWALK_PCI_BAR_H
#define PAGEWALK_PCI_BAR_H

#include "devices/base/ioport.h"
#include "devices/pci/pci.h"
#include "mmu/phys.h"

/* From old to base; either may be PCI_UNMAPPED. */
static inline void pci_bar_ports(struct ioport_bus *bus, u32 old, u32 base, u16 count,
                                 const struct ioport_ops *ops, void *opaque, const char *name)
{
    if (old != PCI_UNMAPPED)
        ioport_remove(bus, (u16)old, count, opaque);
    if (base != PCI_UNMAPPED)
        ioport_add(bus, (u16)base, count, ops, opaque, name);
}

/* Likewise; whoever has MMUs on the map must hear of it. */
static inline void pci_bar_mmio(struct phys *phys, u32 old, u32 base, u32 size,
                                const struct phys_mmio_ops *ops, void *opaque)
{
    if (old != PCI_UNMAPPED)
        phys_remove(phys, old, size);
    if (base != PCI_UNMAPPED)
        phys_add_mmio(phys, base, size, ops, opaque);
}

#endif
