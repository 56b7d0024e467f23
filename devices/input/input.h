/* What a user does: keys and mouse movements on their way from a user interface to the devices.
 *
 * A key is its USB HID usage (HID Usage Tables, page 7, Keyboard/Keypad), which is what SDL calls a
 * scancode: 4 is A, 40 is Enter, 224 is left Control. It says where a key is, not what is printed on it. */
#ifndef PAGEWALK_INPUT_H
#define PAGEWALK_INPUT_H

#include "mmu/host/base.h"

#define INPUT_KEYS 256

#define INPUT_LEFT   0x01
#define INPUT_RIGHT  0x02
#define INPUT_MIDDLE 0x04
#define INPUT_SIDE   0x08 /* the fourth and fifth button, where a mouse has them */
#define INPUT_EXTRA  0x10

struct input {
    /* The key went down, or up. Repetition is the keyboard's own. */
    void (*key)(void *opaque, u8 usage, bool down);
    /* Movement right and down in counts, wheel clicks towards the user, and the buttons as they are now. */
    void (*mouse)(void *opaque, int dx, int dy, int dz, unsigned buttons);
    void *opaque;
};

#endif
