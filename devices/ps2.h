/* What hangs on the keyboard controller's two ports: a keyboard and a mouse that nobody touches.
 *
 * Both answer every command as the real ones do, so that drivers find them at once; neither ever
 * sends a key or a movement. A command aborts what is left of the answer to the one before. */
#ifndef PAGEWALK_PS2_H
#define PAGEWALK_PS2_H

#include "mmu/host/base.h"

#define PS2_QUEUE 8 /* longest answer: four bytes */

struct ps2 {
    bool mouse;
    u8 queue[PS2_QUEUE];
    u8 head, count;
    u8 last;                  /* last byte sent, for command FE */
    u8 pending;               /* command that waits for its parameter; 0: none */
    bool enabled;             /* scanning, or reporting in stream mode */
    u8 scan_set;              /* keyboard */
    bool wrap, remote, scale; /* mouse */
    u8 resolution, rate;
};

void ps2_init(struct ps2 *ps2, bool mouse);
void ps2_reset(struct ps2 *ps2); /* power-on; the self-test's answer is not sent */
void ps2_write(struct ps2 *ps2, u8 value);

/* Takes the next byte that the device sends; false when it has none. */
bool ps2_next(struct ps2 *ps2, u8 *value);

#endif
