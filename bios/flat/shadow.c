/* Shadow RAM by the i440FX's PAM registers, and the display adapter's expansion ROM in it.
 *
 * Sources: Intel 82441FX data sheet, section 3.2.18 (PAM); PCI 2.1, section 6.3 (expansion ROMs). */
#include "pciconf.h"

#define I440FX         0x12378086
#define PAM0           0x59 /* upper half: F0000-FFFFF */
#define PAM1           0x5a /* two of 16 KiB each from C0000 on */
#define PAM6           0x5f
#define PAM_READ_WRITE 3

#define ROMS      0xc0000 /* option ROMs that the board has placed */
#define ROMS_SIZE 0x20000
#define BIOS      0xe0000
#define BIOS_SIZE 0x20000
#define HIGH      0xfff00000 /* from there to the same below 4 GiB */
#define BOUNCE    0x10000    /* RAM that POST does not use */

#define VGA_ROM     0xc0000
#define VGA_ROM_MAX 0x10000
#define ROM_ADDRESS 0xfffff800
#define CLASS_VGA   0x0300

bool pci_present(void)
{
    u32 id;

    outl(0xcf8, 0x80000000u);
    if (inl(0xcf8) != 0x80000000u)
        return false;
    id = pciconf_read(0, 0, 0);
    return id != 0xffffffff && id != 0;
}

static inline void copy(u32 to, u32 from, u32 bytes)
{
    for (u32 i = 0; i < bytes; i += 4)
        *(volatile u32 *)(to + i) = *(volatile u32 *)(from + i);
}

/* Runs at the BIOS's place below 4 GiB, where the registers change nothing; and touches no constant. */
static void switch_and_copy(void)
{
    copy(BOUNCE, ROMS, ROMS_SIZE);
    pciconf_write8(0, PAM0, PAM_READ_WRITE << 4);
    for (u8 pam = PAM1; pam <= PAM6; pam++)
        pciconf_write8(0, pam, PAM_READ_WRITE << 4 | PAM_READ_WRITE);
    copy(BIOS, BIOS + HIGH, BIOS_SIZE);
    copy(ROMS, BOUNCE, ROMS_SIZE);
}

void shadow_enable(void)
{
    if (pciconf_read(0, 0, 0) == I440FX)
        ((void (*)(void))((u32)switch_and_copy + HIGH))();
}

void vga_copy_rom(void)
{
    for (unsigned devfn = 0; devfn < 256; devfn += 8) {
        u32 rom, size;

        if (pciconf_read(0, (u8)devfn, 8) >> 16 != CLASS_VGA)
            continue;
        rom = pciconf_read(0, (u8)devfn, 0x30) & ROM_ADDRESS;
        if (!rom)
            continue;
        pciconf_write(0, (u8)devfn, 0x30, rom | 1);
        size = *(volatile u8 *)(rom + 2) * 512u;
        if (*(volatile u16 *)rom == 0xaa55)
            copy(VGA_ROM, rom, size < VGA_ROM_MAX ? size : VGA_ROM_MAX);
        pciconf_write(0, (u8)devfn, 0x30, rom);
        return;
    }
}
