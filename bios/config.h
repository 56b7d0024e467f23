/* The configuration port of Pagewalk's board: an index, and a byte behind it.
 *
 * On a machine without it the signature reads as all ones, and there are defaults. */
#ifndef BIOS_CONFIG_H
#define BIOS_CONFIG_H

#include "bios.h"

#define CONFIG_INDEX 0x8b00
#define CONFIG_DATA  0x8b01

#define CONFIG_SIGNATURE     0x00 /* 'P' */
#define CONFIG_FLAGS         0x01
#define CONFIG_BOOT          0x02 /* boot order: 'a' 'c' 'd' 'n' or 0, in CONFIG_BOOTS bytes */
#define CONFIG_BOOTS         4
#define CONFIG_RANGE         0x10 /* base and size of the ACPI tables' RAM, then of ACPI NVS's */
#define CONFIG_START_KERNEL  0x80 /* write 1: the board starts the kernel it has loaded */
#define CONFIG_FLAG_KERNEL   0x01
#define CONFIG_FLAG_SERIAL   0x02
#define CONFIG_FLAG_BOOTMENU 0x04

static inline u8 config_read(u8 index)
{
    outb(CONFIG_INDEX, index);
    return inb(CONFIG_DATA);
}

static inline bool config_present(void)
{
    return config_read(CONFIG_SIGNATURE) == 'P';
}

#endif
