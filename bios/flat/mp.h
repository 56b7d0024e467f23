/* The MultiProcessor tables, which describe a single processor's APICs just as well. */
#ifndef BIOS_MP_H
#define BIOS_MP_H

#include "bios.h"

#define MP_ROOM 768 /* bytes for the pointer and the table */

/* Makes both in writable memory at `place`, on a 16-byte boundary where systems look; only where the CPU has an APIC.
 * After pci_setup(). */
void mp_make(u32 place);

#endif
