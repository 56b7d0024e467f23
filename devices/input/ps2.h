/* A PS/2 device's end of its line: what it has to send, and what it sent last.
 *
 * Answers to commands go first and at once; events (scan codes, movement packets) wait behind them
 * and come at the pace of the serial line, which the keyboard controller keeps. */
#ifndef PAGEWALK_PS2_H
#define PAGEWALK_PS2_H

#include "devices/base/state.h"

#define PS2_ACK    0xfa
#define PS2_RESEND 0xfe
#define PS2_BAT_OK 0xaa

#define PS2_EVENTS  17 /* a keyboard's 16 bytes and its overrun code */
#define PS2_ANSWERS 8  /* longest answer: four bytes */

struct ps2_queue {
    u8 bytes[PS2_EVENTS];
    u8 head, count;
};

enum ps2_waiting { PS2_NOTHING, PS2_ANSWER, PS2_EVENT };

struct ps2_line {
    struct ps2_queue answers, events;
    u8 last;    /* last byte sent, for command FE */
    u8 pending; /* command that waits for its parameter, and holds back events; 0: none */
    void (*ready)(void *opaque); /* an event came: the controller shall look */
    void *opaque;
};

void ps2_queue_clear(struct ps2_queue *queue);

/* An answer in full must fit: BUG when not. Call when a command arrives: the answers to the one
 * before that were not sent yet are dropped. */
void ps2_answer(struct ps2_line *line, u8 value);
/* Room for this many bytes of events? */
bool ps2_has_room(const struct ps2_line *line, unsigned bytes, unsigned limit);
void ps2_event(struct ps2_line *line, u8 value);

enum ps2_waiting ps2_waiting(const struct ps2_line *line);
/* Takes the next byte that the device sends; only when one waits. */
u8 ps2_take(struct ps2_line *line);

void ps2_line_reset(struct ps2_line *line);
void ps2_line_state(struct ps2_line *line, struct state *state); /* inside the device's section */

#endif
