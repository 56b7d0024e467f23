/* Two PCs from one configuration, each with its own engine, compared as they run.
 *
 * Both follow the instruction clock, so that they must be alike at every instruction: registers,
 * memory, virtual time and what they print. The first is the one that the user sees; what is typed at
 * it reaches the second at the same instruction. Both begin with the disks as they are and keep what
 * they write to themselves. There is no saved state: to look back, both are run
 * again from power-on, with the same input. */
#ifndef PAGEWALK_LOCKSTEP_H
#define PAGEWALK_LOCKSTEP_H

#include <stdio.h>

#include "devices/board/pc.h"

#define LOCKSTEP_SLICE 1000000u

struct lockstep_config {
    /* Of both machines. The engine, the clock and digests are not taken from here; the serial port,
     * the debug console and the log are the first machine's only. */
    struct pc_config pc;
    const char *engine[2];
    u64 slice; /* instructions between comparisons */
    u64 limit; /* ends after so many instructions; 0: when the machines end */
    /* What pc_new() leaves to be done: a BIOS, the reset hook. May be called again later. 0 or -errno
     * with one line in err. */
    int (*setup)(struct pc *pc, void *opaque, char *err, size_t err_len);
    /* For tests, or NULL: called when the second machine has run from instruction `from` to `to` in
     * one go, to disturb it. */
    void (*disturb)(struct pc *second, u64 from, u64 to, void *opaque);
    void *opaque;
};

struct lockstep;

/* NULL with one line in err. */
struct lockstep *lockstep_new(const struct lockstep_config *config, char *err, size_t err_len);
void lockstep_free(struct lockstep *ls);

/* Runs both to their end. True when they were alike all the time; else lockstep_explain() tells more. */
bool lockstep_run(struct lockstep *ls);

/* Ends lockstep_run() soon, the machines being alike so far. Callable from the serial port's keys. */
void lockstep_quit(struct lockstep *ls);

/* Lets go of the serial port and the debug console of the configuration, which may then be closed. */
void lockstep_release(struct lockstep *ls);

/* After a difference, and lockstep_release(): finds the instruction by running both again, and prints it with the states around
 * it. 0 or -errno with one line in err. */
int lockstep_explain(struct lockstep *ls, FILE *out, char *err, size_t err_len);

/* What the last run came to: instructions, comparisons, and how the machines ended. */
void lockstep_summary(const struct lockstep *ls, FILE *out);
/* Event counters of both machines. */
void lockstep_stats(const struct lockstep *ls, FILE *out);

#endif
