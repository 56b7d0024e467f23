/* ROM images for -bios and -option-rom. */
#ifndef PAGEWALK_ROM_H
#define PAGEWALK_ROM_H

#include "boot/image.h"

#define ROM_UNIT (64 * KIB)
#define ROM_MAX  (4 * MIB)

#define OPTION_ROM_MAX   (128 * KIB)
#define OPTION_ROM_COUNT 8 /* so many -option-rom */

/* Whether the image can end at the top of the address space: 64 KiB to 4 MiB in steps of 64 KiB.
 * 0, or -EINVAL with one line in err. */
int rom_check(const struct image *image, char *err, size_t err_len);
/* Whether it begins as an option ROM does: 55 AA and its length. */
int option_rom_check(const struct image *image, char *err, size_t err_len);
/* Whether it is the display adapter's: by its PCI class, or, in one without PCI, by the mark that drivers
 * of an EGA look for. Of an image that option_rom_check() has passed. */
bool option_rom_is_vga(const struct image *image);

#endif
