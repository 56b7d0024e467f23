/* What the keys of set 1 put into the keyboard buffer: scan code and character, by shift state. */
#ifndef BIOS_KEYS_H
#define BIOS_KEYS_H

#include "bios.h"

struct key {
    u16 normal, shift, ctrl, alt; /* 0: nothing */
};

#define KEYS 0x59
extern const struct key key_table[KEYS]; /* ROMDATA */

#define KEY_EXTENDED_ONLY 0xf0 /* as the character: int 16h 00h does not return this key */

#endif
