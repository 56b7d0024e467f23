/* What a keyboard sends for a key. */
#ifndef PAGEWALK_PS2CODES_H
#define PAGEWALK_PS2CODES_H

#include "devices/input/ps2kbd.h"

/* One event's bytes; the longest are eleven. */
struct ps2codes {
    u8 bytes[16];
    u8 len;
};

/* By the keyboard's scan code set, lights and the keys that are down. `repeat`: by typematic, not
 * because it was pressed. */
void ps2codes_make(struct ps2codes *codes, const struct ps2kbd *kbd, u8 usage, bool down,
                   bool repeat);

#endif
