/* Fonts: the ROM's own, and the ones in the character generator. */
#ifndef VGABIOS_FONTS_H
#define VGABIOS_FONTS_H

#include "bios/vga/modes.h"

extern ROM u8 font_8x8[], font_8x14[], font_8x16[];

#define VECTOR_FONT_HIGH 0x1f /* characters 80-ff of CGA graphics modes */
#define VECTOR_FONT      0x43 /* the font of graphics modes */

/* Loads characters [first, first + count) of `height` rows from `font` into a block of the
 * character generator. */
void font_load(u8 block, struct far font, u16 first, u16 count, u8 height);
/* The ROM's font of 8, 14 or 16 rows (of 16 for any other height). */
struct far font_of_height(u8 height);
/* Makes text rows as high as a font: shown lines, cursor, BDA. */
void font_set_height(u8 height);
void font_service(struct regs *r);

#endif
