/* A PS/2 mouse: standard, with a wheel, or with a wheel and five buttons. */
#ifndef PAGEWALK_PS2MOUSE_H
#define PAGEWALK_PS2MOUSE_H

#include "devices/base/clock.h"
#include "devices/input/input.h"
#include "devices/input/ps2.h"

/* What the mouse is, or which of those that it can be it has been told to be: its identity. */
enum ps2mouse_kind {
    PS2MOUSE_STANDARD = 0,
    PS2MOUSE_WHEEL = 3, /* four-byte packets */
    PS2MOUSE_FIVE = 4,  /* and two more buttons in the fourth byte */
};

struct ps2mouse {
    struct ps2_line line;
    struct clock *clock;
    struct timer report_timer;
    u8 best; /* enum ps2mouse_kind: the most that a driver can switch on */
    u8 kind; /* enum ps2mouse_kind */
    bool enabled, wrap, remote, scale;
    u8 resolution, rate;
    u8 rates[2];     /* set before the present one: three in a row switch the wheel on */
    u8 buttons;      /* as INPUT_LEFT ... */
    u8 reported;     /* buttons of the last packet */
    i32 dx, dy, dz;  /* since the last packet; right, down, towards the user */
    u64 reported_at; /* time of the last packet in stream mode */
    u8 packet[4];    /* the last one, for command FE */
    u8 packet_len;   /* 0: none, or an answer came after it */
};

/* `ready` is called when the mouse has something to send of itself. */
void ps2mouse_init(struct ps2mouse *mouse, struct clock *clock, enum ps2mouse_kind best,
                   void (*ready)(void *opaque), void *opaque);
void ps2mouse_reset(struct ps2mouse *mouse); /* power-on; the self-test's answer is not sent */
void ps2mouse_write(struct ps2mouse *mouse, u8 value);
void ps2mouse_move(struct ps2mouse *mouse, int dx, int dy, int dz, unsigned buttons);
void ps2mouse_state(struct ps2mouse *mouse, struct state *state);

#endif
