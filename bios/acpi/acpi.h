/* ACPI tables for the operating system: acpi.c. */
#ifndef BIOS_ACPI_ACPI_H
#define BIOS_ACPI_ACPI_H

#include "bios.h"

struct acpi_place {
    u32 base, size;         /* the tables: RAM that the system may take back (E820 type 3) */
    u32 nvs_base, nvs_size; /* the FACS, directly behind: RAM that it must keep (type 4) */
    u32 rsdp;
};

/* Makes the tables at the end of RAM, which ends at ram_end, and the pointer to them in segment E000,
 * which must be writable. pm_base: the PM ports. False, with nothing made, when there is too little RAM. */
bool acpi_make(struct acpi_place *place, u32 ram_end, u16 pm_base);

#endif
