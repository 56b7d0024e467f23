/* BIOS images for -bios. */
#ifndef PAGEWALK_ROM_H
#define PAGEWALK_ROM_H

#include "boot/image.h"

#define ROM_UNIT (64 * KIB)
#define ROM_MAX  (4 * MIB)

/* Whether the image can end at the top of the address space: 64 KiB to 4 MiB in steps of 64 KiB.
 * 0, or -EINVAL with one line in err. */
int rom_check(const struct image *image, char *err, size_t err_len);

#endif
