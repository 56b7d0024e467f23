/* A PS/2 keyboard with 105 keys. */
#ifndef PAGEWALK_PS2KBD_H
#define PAGEWALK_PS2KBD_H

#include "devices/base/clock.h"
#include "devices/input/input.h"
#include "devices/input/ps2.h"

/* As command ED has them. */
#define PS2KBD_LED_SCROLL 0x01
#define PS2KBD_LED_NUM    0x02
#define PS2KBD_LED_CAPS   0x04

struct ps2kbd {
    struct ps2_line line;
    struct clock *clock;
    struct timer repeat_timer;
    bool enabled; /* scanning */
    bool overrun; /* the overrun code was the last into the buffer */
    u8 scan_set;  /* 1, 2 or 3 */
    u8 leds;
    u8 rate;      /* command F3's byte */
    u8 repeating; /* usage of the key that repeats; 0: none */
    /* By HID usage. */
    bool down[INPUT_KEYS];
    u8 type[INPUT_KEYS];                          /* in set 3: PS2KEY_... */
    void (*on_leds)(void *opaque, unsigned leds); /* may be NULL */
    void *on_leds_opaque;
};

/* `ready` is called when the keyboard has something to send of itself. */
void ps2kbd_init(struct ps2kbd *kbd, struct clock *clock, void (*ready)(void *opaque),
                 void *opaque);
void ps2kbd_reset(struct ps2kbd *kbd); /* power-on; the self-test's answer is not sent */
void ps2kbd_write(struct ps2kbd *kbd, u8 value);
void ps2kbd_key(struct ps2kbd *kbd, u8 usage, bool down);
void ps2kbd_state(struct ps2kbd *kbd, struct state *state);

#endif
