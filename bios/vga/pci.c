/* Finds a PCI function by configuration mechanism #1 (PCI 2.1, section 3.7.4.1). */
#include "bios/vga/pci.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define ENABLE       0x80000000u
#define BUSES        4

static u32 config_read(u16 bus_function, u8 offset)
{
    out32(PORT_ADDRESS, ENABLE | (u32)bus_function << 8 | offset);
    return in32(PORT_DATA);
}

u32 pci_find_bar0(u16 vendor, u16 device)
{
    u32 before = in32(PORT_ADDRESS), found = 0;

    out32(PORT_ADDRESS, ENABLE);
    if (in32(PORT_ADDRESS) != ENABLE) /* no PCI */
        return 0;
    for (u16 f = 0; f < BUSES * 256 && !found; f++) {
        if (config_read(f, 0) == ((u32)device << 16 | vendor))
            found = config_read(f, 0x10) & 0xfffffff0u;
    }
    out32(PORT_ADDRESS, before);
    return found;
}
