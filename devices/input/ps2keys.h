/* The keys of a 105-key PS/2 keyboard: their codes in the three scan code sets. */
#ifndef PAGEWALK_PS2KEYS_H
#define PAGEWALK_PS2KEYS_H

#include "mmu/host/base.h"

enum ps2key_kind {
    PS2KEY_PLAIN,
    PS2KEY_E0,    /* prefixed in sets 1 and 2 */
    PS2KEY_GREY,  /* cursor block: prefixed, and fake shifts by Num Lock and Shift */
    PS2KEY_SLASH, /* keypad slash: prefixed, and fake shifts by Shift */
    PS2KEY_PRINT,
    PS2KEY_PAUSE,
};

/* Set 3: what a key sends beside its make code. */
#define PS2KEY_BREAK     0x01
#define PS2KEY_TYPEMATIC 0x02

struct ps2key {
    u8 set1, set2, set3; /* set2 == 0: no such key */
    u8 type;             /* set 3, by default */
    enum ps2key_kind kind;
};

extern const struct ps2key ps2keys[256]; /* by HID usage */

#endif
