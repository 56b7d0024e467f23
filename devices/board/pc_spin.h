/* A guest that waits by reading the time again and again: the board sleeps for a part of such a wait. */
#ifndef PAGEWALK_PC_SPIN_H
#define PAGEWALK_PC_SPIN_H

#include "mmu/host/base.h"

#define PC_SPIN_SLEEP_NS 60000u /* the host's timers are not finer */

struct pc_spin {
    u64 reads; /* of the TSC, since the slice began */
    u64 uses;  /* of devices, until the slice began */
    u64 since; /* virtual ns at which the guest began to wait; 0: it does not */
};

struct stats;

/* A slice of guest execution begins. */
void pc_spin_begin(struct pc_spin *spin, const struct stats *stats);
/* It has ended at virtual time `now`, having begun at `began` and run so many instructions. Returns for how long the
 * guest may be left alone, in ns; 0: not at all. */
u64 pc_spin_end(struct pc_spin *spin, const struct stats *stats, u64 began, u64 now, u64 insns);

#endif
