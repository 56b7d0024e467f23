/* One counter of an 8254: its count and OUT as functions of its state and the tick number. */
#ifndef PAGEWALK_PIT_CHANNEL_H
#define PAGEWALK_PIT_CHANNEL_H

#include "devices/base/state.h"

#define PIT_NEVER UINT64_MAX

/* Control word. */
#define PIT_ACCESS(control) ((control) >> 4 & 3)
#define PIT_MODE(control)   ((control) >> 1 & 7)
enum { PIT_ACCESS_LATCH, PIT_ACCESS_LOW, PIT_ACCESS_HIGH, PIT_ACCESS_BOTH };

struct pit_channel {
    u8 control; /* the control word's low six bits, as written: access, mode, BCD */
    u8 mode;    /* 0 to 5 */
    bool gate;
    u32 cr;       /* count register: 1 to 65536 (BCD: 10000); 0: none since the control word */
    bool waiting; /* cr was written and nothing moved it to the counting element yet */
    u64 start;    /* tick at which the counting element held n; PIT_NEVER: not loaded */
    u32 n;
    u64 next_at;    /* modes 2 and 3: tick at which a new count takes over; PIT_NEVER: none */
    u64 next_start; /* what start and n become then */
    u32 next_n;
    bool frozen;     /* counting is stopped by the gate, */
    u64 frozen_at;   /* so many ticks after start */
    bool out_before; /* OUT and the count while the tick number is below start */
    u32 ce_before;
    bool write_high, read_high; /* the next byte is the high one */
    u8 write_low;
    u8 latched; /* bytes of the latched count still to be read */
    u16 latch;
    bool status_latched;
    u8 status;
};

/* Takes over the new count of modes 2 and 3 whose time has come. */
void pit_channel_settle(struct pit_channel *ch, u64 t);

bool pit_channel_out(const struct pit_channel *ch, u64 t);

/* The tick after t at which OUT rises or, in mode 3 where it stays low for long, falls too;
 * PIT_NEVER when nothing but a gate or a write can make that happen. */
u64 pit_channel_next_edge(const struct pit_channel *ch, u64 t);

/* A control word for this channel: access is not PIT_ACCESS_LATCH. */
void pit_channel_program(struct pit_channel *ch, u64 t, u8 control);
void pit_channel_write(struct pit_channel *ch, u64 t, u8 value);
u8 pit_channel_read(struct pit_channel *ch, u64 t);
void pit_channel_latch_count(struct pit_channel *ch, u64 t);
void pit_channel_latch_status(struct pit_channel *ch, u64 t);
void pit_channel_set_gate(struct pit_channel *ch, u64 t, bool gate);
/* Inside the timer's section; t is the tick number now. */
void pit_channel_state(struct pit_channel *ch, u64 t, struct state *state);

#endif
