/* What the firmware's tables have in common: the MultiProcessor tables and those of ACPI. */
#ifndef BIOS_FLAT_TABLE_H
#define BIOS_FLAT_TABLE_H

#include "bios.h"

void table_copy(void *to, const void *from, u32 len);

/* What makes the sum of len bytes 0, when it stands in the one among them that is 0 now. */
u8 table_checksum(const void *p, u32 len);

#endif
