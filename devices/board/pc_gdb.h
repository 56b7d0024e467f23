/* A debugger at the machine: the remote protocol on a character back end, and what it may do with the run loop. */
#ifndef PAGEWALK_PC_GDB_H
#define PAGEWALK_PC_GDB_H

#include "devices/board/reverse.h"

struct pc;
struct gdb;

struct pc_gdb {
    struct gdb *gdb; /* NULL: the machine has no such port */
    bool attached;   /* somebody is there */
    bool step;       /* one instruction is wanted */
    bool kept;       /* the machine stands, but would have ended */
    int status;      /* with this, and does so when the debugger leaves */
    bool over;       /* the breakpoint at hand was seen, and is passed */
};

/* 0 or -ENOMEM. Only with config.gdb. */
int pc_gdb_init(struct pc *pc);
void pc_gdb_free(struct pc *pc);
/* Fetches what the debugger says, and obeys. Between slices of the guest only. */
void pc_gdb_poll(struct pc *pc);
/* A slice begins; whether it is to be one instruction. */
bool pc_gdb_begin(struct pc *pc);
/* It has ended, having begun when `insns` were retired; whether the machine stands now. */
bool pc_gdb_end(struct pc *pc, u64 insns);
/* It has gone back as far as it was to; `point` is what it met. */
void pc_gdb_reversed(struct pc *pc, enum reverse_end why, const struct debugger_point *point);
/* Whether the machine does not end, but stands: a debugger can go back from there. */
bool pc_gdb_keeps(const struct pc *pc);
/* It can go no further: tells a debugger that can go back, and returns whether there is one. */
bool pc_gdb_ended(struct pc *pc);
/* The machine has ended. */
void pc_gdb_quit(struct pc *pc);

#endif
