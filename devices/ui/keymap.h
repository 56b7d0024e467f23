/* Keys by what is printed on a US keyboard, and by name. */
#ifndef PAGEWALK_UI_KEYMAP_H
#define PAGEWALK_UI_KEYMAP_H

#include "mmu/host/base.h"

/* Usages that code has to name (HID Usage Tables 1.12, section 10). */
#define KEY_A         4
#define KEY_ENTER     40
#define KEY_ESC       41
#define KEY_BACKSPACE 42
#define KEY_TAB       43
#define KEY_SPACE     44
#define KEY_CTRL      224
#define KEY_SHIFT     225
#define KEY_ALT       226

/* A key with what is held down for it. */
struct keymap_stroke {
    u8 usage; /* 0: no key */
    bool ctrl, shift, alt;
};

/* What types the ASCII character on a US keyboard: printable ones, \b \t \n \r and escape. False for
 * any other. */
bool keymap_char(u8 character, struct keymap_stroke *stroke);

/* A name as in "f1", "up", "ctrl-alt-delete", "shift-a"; letters in either case. */
bool keymap_name(const char *name, size_t len, struct keymap_stroke *stroke);

#endif
