/* What POST's 16-bit and 32-bit parts tell each other. Included by both. */
#ifndef BIOS_POST32_H
#define BIOS_POST32_H

#include "bios.h"

#define POST32_ENTRY 0xe0000

/* A card's expansion ROM. */
struct pci_rom {
    u32 to, room; /* in: where it may be copied to, and how many bytes */
    u16 next;     /* in, out: the first function to look at */
    u16 function; /* out: whose it is */
    bool found;
} PACKED;

struct post32 {
    u32 rom;          /* in: a struct pci_rom that is wanted, and nothing else; 0: all the rest */
    u32 extended_kib; /* in: RAM from 1 MiB on */
    u32 mp_place;     /* in: where mp_make() may put its tables, in segment F000 */
    u32 smbios_place; /* in: where smbios_copy() may put the entry point, likewise */
    u32 acpi_base, acpi_size; /* out: RAM taken for tables (reclaimable) */
    u32 acpi_nvs_base, acpi_nvs_size;
    u16 pm_base;          /* out: ACPI ports, or 0 */
    u8 pci, pci_last_bus; /* out */
};

#endif
