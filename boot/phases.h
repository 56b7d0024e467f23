/* Where a run's time goes: firmware, loader, kernel, user. */
#ifndef PAGEWALK_PHASES_H
#define PAGEWALK_PHASES_H

#include "devices/board/pc.h"

enum phase { PHASE_FIRMWARE, PHASE_LOADER, PHASE_KERNEL, PHASE_USER, PHASES };

struct phase_share {
    u64 host_ns, cpu_ns, guest_ns, insns;
};

struct phases {
    bool on;
    struct phase_share share[PHASES];
    struct phase_share last; /* at the last look, since the start */
    u64 began_ns;            /* host's clock */
};

extern const char *const phase_names[PHASES];

/* From now on. */
void phases_start(struct phases *phases);
/* Gives what has passed since the last look to where the CPU is now. At each of the board's polls, and at the end. */
void phases_look(struct phases *phases, struct pc *pc);

#endif
