/* A debugger that goes backwards: to a breakpoint or watchpoint that was passed last, or to an instruction.
 *
 * The machine goes to a checkpoint (history.h) and from there forwards again, looking where it would have stopped: the last
 * such place before where it was is the one. */
#ifndef PAGEWALK_REVERSE_H
#define PAGEWALK_REVERSE_H

#include "cpu/debugger.h"

struct pc;

enum reverse_end { REVERSE_STEPPED, REVERSE_AT_POINT, REVERSE_AT_BEGINNING };

struct reverse {
    enum reverse_mode {
        REVERSE_OFF,    /* the machine goes as usual */
        REVERSE_BEGIN,  /* a search is wanted, from where it is */
        REVERSE_SEARCH, /* looks at what lies before `end` */
        REVERSE_GO,     /* goes to `end` and stops there */
    } mode;
    bool one;      /* to the instruction before, rather than to a point */
    u64 goal, end; /* instructions: what is found lies before `goal` */
    bool over;     /* the breakpoint at hand was seen */
    bool found;
    u64 found_at;
    struct debugger_point point;
    enum reverse_end why;
};

/* The debugger wants to go back: by one instruction, or to a point. The machine must be let go then; it tells
 * pc_gdb_reversed() when it is there. */
void reverse_begin(struct pc *pc, bool one);
/* The debugger wants something else. */
void reverse_end(struct pc *pc);

/* For the run loop, at the top of a turn: whether that is done with. */
bool reverse_turn(struct pc *pc);
/* Instructions until it must look again; UINT64_MAX. */
u64 reverse_insns_until(const struct pc *pc);
/* Before a slice: whether breakpoints are passed unseen, and it is to be one instruction. */
bool reverse_passes(const struct pc *pc);
bool reverse_steps(const struct pc *pc);
/* A slice has ended; the point that it has met, or NULL. True: that was nothing to stop at. */
bool reverse_met(struct pc *pc, const struct debugger_point *point);

#endif
