/* The bundled BIOS image. */
#ifndef PAGEWALK_BIOS_IMAGE_H
#define PAGEWALK_BIOS_IMAGE_H

#include "mmu/host/base.h"

extern const u8 bios_image[], bios_image_end[];

#endif
