/* Checks ROM images before there is a board to put them on. */
#include "boot/rom.h"

#include <errno.h>
#include <stdio.h>

int rom_check(const struct image *image, char *err, size_t err_len)
{
    if (image->size >= ROM_UNIT && image->size <= ROM_MAX && image->size % ROM_UNIT == 0)
        return 0;
    snprintf(err, err_len,
             "'%s': a BIOS image has 64 KiB to 4 MiB in steps of 64 KiB; this one has %llu bytes",
             image->path, (unsigned long long)image->size);
    return -EINVAL;
}

int option_rom_check(const struct image *image, char *err, size_t err_len)
{
    if (image->size < 3 || image->data[0] != 0x55 || image->data[1] != 0xaa) {
        snprintf(err, err_len, "'%s': not an option ROM: it does not begin with 55 AA",
                 image->path);
        return -EINVAL;
    }
    if (image->size < image->data[2] * 512u) {
        snprintf(err, err_len, "'%s': an option ROM that says it has %u bytes; the file has %llu",
                 image->path, image->data[2] * 512u, (unsigned long long)image->size);
        return -EINVAL;
    }
    return 0;
}
