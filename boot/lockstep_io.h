/* What two machines in lockstep print and are told: hashes of their output, and one tape of input.
 *
 * Under the instruction clock the board polls its serial port at instruction counts that the guest alone
 * decides, so input is reproduced by giving it at the same poll, counted from power-on. Neither machine
 * ever waits for input: one that sleeps with no timer running ends. */
#ifndef PAGEWALK_LOCKSTEP_IO_H
#define PAGEWALK_LOCKSTEP_IO_H

#include <stdio.h>

#include "devices/chr/chr.h"

struct tape_event {
    u64 poll; /* number of the poll that brought it; the first is 1 */
    bool is_break;
    u8 byte;
};

struct tape {
    struct tape_event *event;
    size_t count, capacity;
};

void tape_free(struct tape *tape);

struct output {
    u64 bytes, hash;
};

/* A serial back end that records onto the tape what its inner one brings, or replays the tape. */
struct lockstep_port {
    struct chr chr;
    struct chr *inner; /* NULL: replays */
    struct tape *tape;
    struct output output;
    u64 polls;
    size_t at; /* replaying: next event */
};

/* inner: the user's back end, or NULL to replay. */
void lockstep_port_init(struct lockstep_port *port, struct tape *tape, struct chr *inner);
/* Lets go of the inner back end, which the user closes. */
void lockstep_port_detach(struct lockstep_port *port);

/* The debug console: a stream that counts into output, and passes on to inner unless that is NULL. */
struct lockstep_console {
    struct output output;
    FILE *inner;
    FILE *stream;
};

/* 0 or -ENOMEM. */
int lockstep_console_open(struct lockstep_console *console, FILE *inner);
void lockstep_console_close(struct lockstep_console *console);

#endif
