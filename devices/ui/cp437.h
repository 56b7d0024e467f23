/* Code page 437, the character set of a PC's display, in UTF-8. */
#ifndef PAGEWALK_UI_CP437_H
#define PAGEWALK_UI_CP437_H

#include "mmu/host/base.h"

#define CP437_UTF8 4 /* room for one character */

/* The character's Unicode code point. The control codes have their pictures (1 is a smiling face); 0
 * and 255 are blanks. */
u32 cp437_unicode(u8 character);

/* Writes the character's UTF-8, not terminated; returns its length, 1 to 3. */
size_t cp437_utf8(u8 character, char utf8[CP437_UTF8]);

static inline bool cp437_blank(u8 character)
{
    return character == 0 || character == ' ' || character == 255;
}

#endif
