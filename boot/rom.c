/* Reads and checks ROM images before there is a board to put them on. */
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

static int read_option_rom(struct image *image, const char *path, u64 max, char *err,
                           size_t err_len)
{
    int r = image_read(image, path, max, err, err_len);

    return r == 0 ? option_rom_check(image, err, err_len) : r;
}

int roms_read(struct roms *roms, const struct options *o, char *err, size_t err_len)
{
    int r = 0;

    for (unsigned i = 0; i < o->option_roms && r == 0; i++)
        r = read_option_rom(&roms->option[roms->options++], o->option_rom[i], OPTION_ROM_MAX, err,
                            err_len);
    for (unsigned i = 0; i < o->net.nics && r == 0; i++) {
        const struct nic_option *nic = &o->net.nic[i];

        if (nic->romfile && nic->rom_legacy)
            r = read_option_rom(&roms->option[roms->options++], nic->romfile, OPTION_ROM_MAX, err,
                                err_len);
        else if (nic->romfile)
            r = read_option_rom(&roms->nic[i], nic->romfile, PCI_ROM_MAX, err, err_len);
    }
    return r;
}

void roms_free(struct roms *roms)
{
    for (unsigned i = 0; i < roms->options; i++)
        image_free(&roms->option[i]);
    for (unsigned i = 0; i < PC_NICS; i++)
        image_free(&roms->nic[i]);
}
