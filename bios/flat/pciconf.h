/* PCI configuration space by mechanism #1, and what POST does with it before and besides pci_setup(). */
#ifndef BIOS_PCICONF_H
#define BIOS_PCICONF_H

#include "bios.h"

static inline u32 pciconf_read(u8 bus, u8 devfn, u8 offset)
{
    outl(0xcf8, 0x80000000u | (u32)bus << 16 | (u32)devfn << 8 | (offset & 0xfc));
    return inl(0xcfc);
}

static inline void pciconf_write(u8 bus, u8 devfn, u8 offset, u32 value)
{
    outl(0xcf8, 0x80000000u | (u32)bus << 16 | (u32)devfn << 8 | (offset & 0xfc));
    outl(0xcfc, value);
}

static inline void pciconf_write8(u8 devfn, u8 offset, u8 value)
{
    outl(0xcf8, 0x80000000u | (u32)devfn << 8 | (offset & 0xfc));
    outb(0xcfc + (offset & 3), value);
}

bool pci_present(void);
void shadow_enable(void); /* RAM in place of the ROMs from C0000 on, with their contents */
void vga_copy_rom(void);  /* from where pci_setup() has put its expansion ROM to C0000 */

struct pci_rom;
void fetch_rom(struct pci_rom *rom); /* the next card's; see post32.h */

#endif
