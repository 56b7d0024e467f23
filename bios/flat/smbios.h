/* The SMBIOS tables, which the board makes. */
#ifndef BIOS_SMBIOS_H
#define BIOS_SMBIOS_H

#include "bios.h"

#define SMBIOS_ROOM 32 /* bytes for the entry point */

/* Copies them into shadow RAM, the entry point to `place`, on a 16-byte boundary in segment F000; nothing on a board
 * without them. */
void smbios_copy(u32 place);

#endif
