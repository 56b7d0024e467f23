/* The board's memory: RAM, the ROM areas below 1 MiB and 4 GiB, and the map of it for E820.
 *
 *     00000000-0009ffff  RAM; the last KiB is kept for the EBDA
 *     000a0000-000bffff  the display adapter's window
 *     000c0000-000dffff  option ROMs
 *     000e0000-000fffff  ROM: zeros, or the last 128 KiB of the BIOS
 *                        (RAM with another BIOS and no PCI bus, see pc_add_bios())
 *     000c0000-000fffff  with a PCI bus: RAM under these, which the host bridge can switch in
 *     00100000-ram_size  RAM; the 384 KiB that would lie under the hole are lost
 *     ...-ffffffff       the BIOS image ends here */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/board/pc_board.h"

#define LOW_RAM_END  0xa0000u
#define EBDA_BASE    0x9fc00u
#define OPTION_ROMS  0xc0000u
#define BIOS_LOW     0xe0000u
#define BIOS_LOW_LEN 0x20000u
#define BIOS_MAX     (4u * MIB)
#define CARDS        (BIOS_LOW - OPTION_ROMS + VGA_TAKES)
#define TOP          (1ull << 32)

int pc_memory_init(struct pc *pc, char *err, size_t err_len)
{
    u64 size = pc->config.ram_size;
    struct phys *phys = &pc->phys;
    int rc;

    if (size < PC_RAM_MIN || size > PC_RAM_MAX || size % MIB) {
        snprintf(err, err_len, "memory must be 1 to %llu MiB, in whole MiB", PC_RAM_MAX / MIB);
        return -EINVAL;
    }
    rc = phys_init(phys, size + CARDS + BIOS_LOW_LEN + BIOS_MAX + I440FX_SHADOW_SIZE,
                   pc->config.log, &pc->stats);
    if (rc < 0) {
        snprintf(err, err_len, "cannot get %llu MiB of memory for the guest: %s",
                 (unsigned long long)(size / MIB), strerror(-rc));
        return rc;
    }
    rc = phys_add_ram(phys, 0, LOW_RAM_END);
    if (!rc)
        rc = phys_add_rom(phys, BIOS_LOW, BIOS_LOW_LEN, NULL, 0);
    if (!rc && size > MIB)
        rc = phys_add_ram(phys, MIB, size - MIB);
    if (!rc && !pc->config.isa_only)
        rc = phys_add_shadow(phys, I440FX_SHADOW_BASE, I440FX_SHADOW_SIZE);
    if (rc < 0) {
        snprintf(err, err_len, "cannot lay out the guest's memory: %s", strerror(-rc));
        phys_free(phys);
    }
    return rc;
}

/* Below 1 MiB a BIOS is ROM, which the host bridge can put RAM over. Without a bridge nobody could, and
 * BIOSes keep variables there (SeaBIOS): another BIOS than ours is already in RAM then, as boards of that time
 * copied it. It stays as the guest leaves it until the machine is switched off. */
static int add_low_bios(struct pc *pc, const u8 *image, size_t len)
{
    size_t low = len < BIOS_LOW_LEN ? len : BIOS_LOW_LEN;
    int rc;

    if (!pc->config.isa_only || pc->config.own_bios)
        return phys_add_alias(&pc->phys, MIB - low, TOP - low, low);
    rc = phys_add_ram(&pc->phys, MIB - low, low);
    if (!rc)
        phys_poke(&pc->phys, MIB - low, image + len - low, low);
    return rc;
}

int pc_add_bios(struct pc *pc, const void *data, size_t len)
{
    size_t rounded = (len + PAGE_MASK) & ~(size_t)PAGE_MASK;
    u8 *image;
    int rc;

    if (!len || len > BIOS_MAX)
        return -EINVAL;
    image = calloc(1, rounded);
    if (!image)
        return -ENOMEM;
    memcpy(image + rounded - len, data, len); /* the image ends at 4 GiB, whatever its length */
    rc = phys_add_rom(&pc->phys, TOP - rounded, rounded, image, rounded);
    if (!rc)
        rc = add_low_bios(pc, image, rounded);
    free(image);
    mmu_flush(&pc->cpu->mmu, true);
    return rc;
}

int pc_add_option_rom(struct pc *pc, const void *data, size_t len)
{
    const u8 *bytes = data;
    size_t rounded = (len + PAGE_MASK) & ~(size_t)PAGE_MASK;
    u32 base = pc->option_rom_end ? pc->option_rom_end : OPTION_ROMS;
    int rc;

    if (len < 3 || bytes[0] != 0x55 || bytes[1] != 0xaa || bytes[2] * 512u > len)
        return -EINVAL;
    if (rounded > BIOS_LOW - base)
        return -ENOSPC;
    rc = phys_add_rom(&pc->phys, base, rounded, data, len);
    if (!rc)
        pc->option_rom_end = base + (u32)rounded;
    if (!rc && base == OPTION_ROMS && pc->config.vga == PC_VGA_STD)
        vga_pci_set_rom(&pc->vga, data, len); /* a BIOS may look there instead */
    mmu_flush(&pc->cpu->mmu, true);
    return rc;
}

/* The part of [base, base + size) at the top of RAM that the BIOS keeps, as it says. It lies above 1
 * MiB, in whole pages, below what was kept before: anything else is not believed. */
static u64 kept_range(const struct pc *pc, unsigned n, u64 end, struct pc_memory_range *range)
{
    u32 base, size;

    if (!pc->config.own_bios)
        return end;
    bioscfg_range(&pc->bioscfg, n, &base, &size);
    if (!size || base <= MIB || (base | size) & PAGE_MASK || (u64)base + size != end)
        return end;
    *range = (struct pc_memory_range){base, size, n == 0 ? 3 : 4};
    return base;
}

unsigned pc_memory_map(const struct pc *pc, struct pc_memory_range *range, unsigned max)
{
    struct pc_memory_range all[] = {
        {0, EBDA_BASE, 1},
        {EBDA_BASE, LOW_RAM_END - EBDA_BASE, 2},
        {0xf0000, 0x10000, 2},
        {MIB, 0, 1},
        {0, 0, 3},
        {0, 0, 4},
    };
    unsigned n = 0;
    u64 end = pc->config.ram_size;

    end = kept_range(pc, 1, end, &all[5]);
    end = kept_range(pc, 0, end, &all[4]);
    all[3].size = end - MIB;
    for (unsigned i = 0; i < ARRAY_SIZE(all) && n < max; i++)
        if (all[i].size)
            range[n++] = all[i];
    return n;
}
