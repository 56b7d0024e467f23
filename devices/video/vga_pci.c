/* The VGA as a PCI function: 1234:1111, with the linear frame buffer in BAR 0 and an expansion ROM.
 *
 * The VGA's own ports and the window at 0xa0000 answer whatever the command register says, as they would
 * behind a bridge with its VGA bits set. So does the expansion ROM, by its own enable bit alone, against
 * 6.2.5.2 of the specification: Bochs' BIOS copies it with memory accesses off. Not implemented: the registers of BAR 2 that some such cards have
 * besides the dispi ports.
 * Source: PCI Local Bus Specification 2.1, section 6.3.1, for what an expansion ROM contains. */
#include <string.h>

#include "devices/video/vga_regs.h"

#define VENDOR    0x1234
#define DEVICE    0x1111
#define CLASS_VGA 0x030000

#define ROM_PCI_DATA 0x18 /* 16 bits: where in the image the PCI data structure is */
#define PCI_DATA_LEN 0x18

static void map_frame_buffer(void *opaque, unsigned bar, u32 old, u32 base)
{
    (void)bar, (void)old;
    vga_map_lfb(opaque, base);
}

static void map_rom(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct vga *vga = opaque;
    struct phys *phys = vga->host.phys;

    (void)bar;
    if (old != PCI_UNMAPPED)
        phys_remove(phys, old, VGA_ROM);
    if (base != PCI_UNMAPPED)
        phys_map_rom(phys, base, vga->rom, VGA_ROM);
    vga->host.map_changed(vga->host.opaque);
}

bool vga_pci_set_rom(struct vga *vga, const void *data, size_t len)
{
    const u8 *image = data;
    size_t at;

    if (len > VGA_ROM || len < ROM_PCI_DATA + 2)
        return false;
    at = get16(image + ROM_PCI_DATA);
    if (at + PCI_DATA_LEN > len || memcmp(image + at, "PCIR", 4) != 0 ||
        get16(image + at + 4) != VENDOR || get16(image + at + 6) != DEVICE)
        return false;
    memcpy(vga->rom, image, len);
    return true;
}

void vga_pci_init(struct vga *vga, struct pci_bus *bus, u8 devfn)
{
    _Static_assert(PCI_UNMAPPED == VGA_UNMAPPED, "map_frame_buffer() hands it on");
    pci_device_init(&vga->pci, "vga", VENDOR, DEVICE, CLASS_VGA, vga);
    vga->pci.bar[0] = (struct pci_bar){
        .size = VGA_MEMORY, .prefetch = true, .base = PCI_UNMAPPED, .map = map_frame_buffer};
    vga->pci.bar[PCI_ROM_BAR] =
        (struct pci_bar){.size = VGA_ROM, .always = true, .base = PCI_UNMAPPED, .map = map_rom};
    pci_add(bus, &vga->pci, devfn);
}
