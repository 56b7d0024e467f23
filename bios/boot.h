/* Booting: INT 19h, the menu, El Torito. All of it runs on POST's stack. */
#ifndef BIOS_BOOT_H
#define BIOS_BOOT_H

#include "services.h"

/* Returns when that drive does not boot. letter: a, c, d, or n for what option ROMs boot; number: of its kind. False: because there
 * is no disk in it; then nothing was said. */
bool boot_from(u8 letter, u8 number);
void boot_say_empty(u8 letter); /* a or d */
void boot_menu(void);

/* Prepares the disc's default entry. NULL, and the number of the drive to boot as and the segment to
 * start at; or why not (ROM text). */
const char *eltorito_load(u8 number, u8 *drive, u16 *segment);

#endif
