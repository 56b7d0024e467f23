/* The expansion ROM of a PCI card: an image behind the card's ROM BAR.
 *
 * BIOSes copy it before they run it, so it is read as a device is, and takes no memory of the guest's. Source: PCI Local
 * Bus Specification 2.1, 6.2.5.2. */
#include "devices/pci/pci_rom.h"

#include <string.h>

#define ROM_CHECKSUM 0x06 /* a byte that ROMs leave for it */
#define ROM_PCI_DATA 0x18 /* 16 bits: where the data structure is */
#define PCIR_ID      0x04 /* vendor and device, 16 bits each */
#define PCIR_LEN     0x18

static u32 rom_read(void *opaque, u32 offset, unsigned size)
{
    const struct pci_rom *rom = opaque;
    u32 value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (u32)(offset + i < rom->len ? rom->image[offset + i] : 0xff) << 8 * i;
    return value;
}

static void rom_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    (void)opaque, (void)offset, (void)value, (void)size;
}

static const struct phys_mmio_ops rom_ops = {rom_read, rom_write};

static void map_rom(void *opaque, unsigned bar, u32 old, u32 base)
{
    struct pci_rom *rom = opaque;

    (void)bar;
    if (old != PCI_UNMAPPED)
        phys_remove(rom->phys, old, rom->size);
    if (base != PCI_UNMAPPED)
        phys_add_mmio(rom->phys, base, rom->size, &rom_ops, rom);
    rom->map_changed(rom->map_opaque);
}

static void adopt(u8 *image, u32 len, const u8 id[4])
{
    u32 at = len >= ROM_PCI_DATA + 2 ? get16(image + ROM_PCI_DATA) : len;

    if (at + PCIR_LEN > len || memcmp(image + at, "PCIR", 4) != 0)
        return;
    for (unsigned i = 0; i < 4; i++) {
        u8 *byte = &image[at + PCIR_ID + i];

        image[ROM_CHECKSUM] = (u8)(image[ROM_CHECKSUM] + *byte - id[i]);
        *byte = id[i];
    }
}

void pci_rom_init(struct pci_rom *rom, struct pci_device *dev, u8 *image, u32 len,
                  struct phys *phys, void (*map_changed)(void *opaque), void *map_opaque)
{
    BUG_ON(!len || len > PCI_ROM_MAX);
    *rom = (struct pci_rom){image, len, PAGE_SIZE, phys, map_changed, map_opaque};
    while (rom->size < len)
        rom->size *= 2;
    adopt(image, len, dev->config + PCI_VENDOR_ID);
    pci_add_rom_bar(dev, &(struct pci_bar){.size = rom->size, .map = map_rom, .opaque = rom});
}
