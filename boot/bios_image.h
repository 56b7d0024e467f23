/* The images of the bundled BIOS and VGA BIOS. */
#ifndef PAGEWALK_BIOS_IMAGE_H
#define PAGEWALK_BIOS_IMAGE_H

#include "mmu/host/base.h"

extern const u8 bios_image[], bios_image_end[];
extern const u8 vga_bios_image[], vga_bios_image_end[];

#endif
