/* Checks ROM images before there is a board to put them on. */
#include "boot/rom.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

bool option_rom_is_vga(const struct image *image)
{
    /* PCI Firmware Specification 3.0, section 5.1: at 18h the place of a structure that begins "PCIR" and has
     * the class at 0Dh. IBM's EGA: the letters at 1Eh. */
    static const char ibm[] = "IBM", pcir[] = "PCIR";
    size_t at;

    if (image->size < 0x21)
        return false;
    if (!memcmp(image->data + 0x1e, ibm, sizeof(ibm) - 1))
        return true;
    at = image->data[0x18] | image->data[0x19] << 8;
    return at + 0x10 <= image->size && !memcmp(image->data + at, pcir, sizeof(pcir) - 1) &&
           image->data[at + 0x0f] == 3;
}
