/* The expansion ROMs of PCI cards, for POST's 16-bit part to initialise: found, and copied where it wants them.
 *
 * Of a ROM's images it is the first for a PC that is the card's: by its number, or from revision 3 of the data structure on
 * by the list of those that the image also serves. Display adapters' are not among them (vga_copy_rom()). What is copied
 * is the size in the image's own header, which is what initialisation needs. Sources: PCI 2.1, 6.3; PCI Firmware
 * Specification 3.0, 5.1. */
#include "pciconf.h"
#include "post32.h"

#define REG_COMMAND 0x04
#define REG_CLASS   0x08
#define REG_HEADER  0x0c
#define REG_ROM     0x30
#define COMMAND_MEM 0x02
#define ROM_ADDRESS 0xfffff800
#define ROM_ENABLE  1
#define CLASS_VGA   0x0300
#define MULTI       0x00800000
#define FUNCTIONS   256

#define ROM_MARK   0xaa55
#define PCIR       0x52494350
#define MAX_IMAGES 8
#define LAST_IMAGE 0x80
#define CODE_PC    0

/* The data structure's fields. */
#define PCIR_ID       0x04
#define PCIR_LIST     0x08 /* 16: from revision 3 on */
#define PCIR_REVISION 0x0c
#define PCIR_LENGTH   0x10 /* 16, of 512 bytes */
#define PCIR_CODE     0x14
#define PCIR_LAST     0x15

static u8 at8(u32 address)
{
    return *(volatile u8 *)address;
}

static u16 at16(u32 address)
{
    return *(volatile u16 *)address;
}

static u32 at32(u32 address)
{
    return at16(address) | (u32)at16(address + 2) << 16; /* it may lie anywhere */
}

static bool is_for(u32 data, u32 id)
{
    u32 list = data + at16(data + PCIR_LIST);

    if (at32(data + PCIR_ID) == id)
        return true;
    if (at8(data + PCIR_REVISION) < 3 || list == data || at16(data + PCIR_ID) != (u16)id)
        return false;
    for (unsigned i = 0; i < 64 && at16(list + 2 * i); i++)
        if (at16(list + 2 * i) == id >> 16)
            return true;
    return false;
}

/* 0: it has none for us. */
static u32 find_image(u32 base, u32 size, u32 id)
{
    u32 at = base;

    for (unsigned i = 0; i < MAX_IMAGES; i++) {
        u32 data = at + at16(at + 0x18), length;

        if (at16(at) != ROM_MARK || data - base > size - 0x18 || at32(data) != PCIR)
            return 0;
        if (at8(data + PCIR_CODE) == CODE_PC && is_for(data, id))
            return at;
        length = at16(data + PCIR_LENGTH) * 512u;
        if (at8(data + PCIR_LAST) & LAST_IMAGE || !length || at + length - base > size - 0x20)
            return 0;
        at += length;
    }
    return 0;
}

/* Copies it, if there is one and it fits. */
static bool fetch(struct pci_rom *rom, u8 devfn)
{
    u32 command = pciconf_read(0, devfn, REG_COMMAND);
    u32 base = pciconf_read(0, devfn, REG_ROM) & ROM_ADDRESS, image, bytes = 0, size;

    if (!base)
        return false;
    pciconf_write(0, devfn, REG_ROM, ROM_ADDRESS);
    size = ~(pciconf_read(0, devfn, REG_ROM) & ROM_ADDRESS) + 1;
    pciconf_write(0, devfn, REG_ROM, base | ROM_ENABLE);
    pciconf_write(0, devfn, REG_COMMAND, (command & 0xffff) | COMMAND_MEM);
    image = find_image(base, size, pciconf_read(0, devfn, 0));
    if (image)
        bytes = at8(image + 2) * 512u;
    if (bytes > rom->room)
        bytes = 0;
    for (u32 i = 0; i < bytes; i += 4)
        *(volatile u32 *)(rom->to + i) = *(volatile u32 *)(image + i);
    pciconf_write(0, devfn, REG_COMMAND, command & 0xffff);
    pciconf_write(0, devfn, REG_ROM, base);
    return bytes != 0;
}

void fetch_rom(struct pci_rom *rom)
{
    rom->found = false;
    while (rom->next < FUNCTIONS && !rom->found) {
        u8 devfn = (u8)rom->next;
        u32 id = pciconf_read(0, devfn, 0), header = pciconf_read(0, devfn, REG_HEADER);

        if (id == 0xffffffff || (!(devfn & 7) && !(header & MULTI)))
            rom->next += devfn & 7 ? 1 : 8; /* no function 0: an empty slot */
        else
            rom->next++;
        if (id == 0xffffffff || (header >> 16 & 0x7f) != 0 ||
            pciconf_read(0, devfn, REG_CLASS) >> 16 == CLASS_VGA)
            continue;
        rom->found = fetch(rom, devfn);
        rom->function = devfn;
    }
}
