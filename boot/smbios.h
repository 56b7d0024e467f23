/* SMBIOS: what a machine says of its maker, board, CPU and memory. */
#ifndef PAGEWALK_SMBIOS_H
#define PAGEWALK_SMBIOS_H

#include "mmu/host/base.h"

#define SMBIOS_ANCHOR      31
#define SMBIOS_TABLES      8192
#define SMBIOS_OEM_STRINGS 16

/* The texts of boot/smbios.def. */
enum smbios_field {
#define FIELD(type, key, name, value) SMBIOS_##name,
#include "boot/smbios.def"
#undef FIELD
    SMBIOS_FIELDS
};

struct smbios_values {
    const char *text[SMBIOS_FIELDS]; /* NULL: the default */
    const char *oem[SMBIOS_OEM_STRINGS];
    unsigned oems;
    u8 release_major, release_minor; /* of the BIOS */
    bool uefi;                       /* it claims to be one */
    bool has_uuid;
    u8 uuid[16]; /* as it is written, byte by byte */
};

struct smbios {
    u8 anchor
        [SMBIOS_ANCHOR]; /* the entry point; where the tables lie is the firmware's to fill in */
    u8 tables[SMBIOS_TABLES];
    u32 size;
};

/* 0, or -ENOSPC: more than SMBIOS_TABLES bytes. */
int smbios_make(struct smbios *smbios, const struct smbios_values *values, u64 ram_size);

#endif
