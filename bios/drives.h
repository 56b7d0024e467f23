/* Detection of ATA and ATAPI drives in POST. */
#ifndef BIOS_DRIVES_H
#define BIOS_DRIVES_H

#include "bios.h"

void drives_init(void); /* fills ebda->drive[], hd[], cdrom[] and vectors 41h, 46h; POST's stack */

#endif
