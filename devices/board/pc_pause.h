/* A machine that stands still: its user wants it, or a disk's host has an error that somebody can mend. */
#ifndef PAGEWALK_PC_PAUSE_H
#define PAGEWALK_PC_PAUSE_H

#include "mmu/host/base.h"

struct block;
struct pc;

struct pc_pause {
    bool held; /* by a debugger or another who looks on: pc_stop() */
    bool on;
    bool full;                 /* a disk's host has no room */
    bool said;                 /* why, since the user last asked to go on */
    u64 retry_ns;              /* host time of the next try when nobody can ask for it */
    const struct block *block; /* which one's; as long as the pause is on */
};

/* Errors of the board's disks come here. */
void pc_pause_init(struct pc *pc);
/* Those of one more; NULL is nothing. */
void pc_pause_watch(struct pc *pc, struct block *block);
void pc_pause_free(struct pc *pc);
/* After a look at the user, while the pause lasts: tries again when it is time and nobody else can say so. */
void pc_pause_wait(struct pc *pc);

#endif
