/* ROM images: of -bios and -option-rom, and of network cards. */
#ifndef PAGEWALK_ROM_H
#define PAGEWALK_ROM_H

#include "boot/options.h"
#include "boot/image.h"

#define ROM_UNIT (64 * KIB)
#define ROM_MAX  (4 * MIB)

#define OPTION_ROM_MAX (128 * KIB)

/* Whether the image can end at the top of the address space: 64 KiB to 4 MiB in steps of 64 KiB.
 * 0, or -EINVAL with one line in err. */
int rom_check(const struct image *image, char *err, size_t err_len);
/* What lies in the board's ROM area, and cards' own. */
struct roms {
    struct image
        option[OPTION_ROMS + PC_NICS]; /* -option-rom's, then those of cards with rombar=0 */
    unsigned options;
    struct image nic[PC_NICS]; /* data NULL: that card has none */
};

/* Reads and checks the files. 0, or -errno with one line in err. */
int roms_read(struct roms *roms, const struct options *o, char *err, size_t err_len);
void roms_free(struct roms *roms);

/* Whether it begins as an option ROM does: 55 AA and its length. */
int option_rom_check(const struct image *image, char *err, size_t err_len);
/* Whether it is the display adapter's: by its PCI class, or, in one without PCI, by the mark that drivers
 * of an EGA look for. Of an image that option_rom_check() has passed. */
bool option_rom_is_vga(const struct image *image);

#endif
