/* At which instructions a machine prints digests, and at which it ends. */
#ifndef PAGEWALK_PC_CHECKPOINT_H
#define PAGEWALK_PC_CHECKPOINT_H

#include "mmu/host/base.h"

#define PC_CHECKPOINT_STEPS 12

struct pc_checkpoints {
    u64 every; /* print a digest to digest_out at power-on and every so many instructions; 0: never, and no steps */
    /* From instruction `from` on, and there, one every so many instead; these leave the machine as it is, as whole
     * digests do not (pc_digest_ram()). Ascending. */
    struct pc_checkpoint_step {
        u64 every, from;
    } step[PC_CHECKPOINT_STEPS];
    unsigned steps;
    u64 end; /* the machine ends in front of this instruction, counted from 0; 0: it does not */
};

/* The first checkpoint at instruction `insns` or behind it. */
u64 pc_checkpoint_next(const struct pc_checkpoints *points, u64 insns);
/* Whether the digest at that checkpoint is a whole one. */
bool pc_checkpoint_whole(const struct pc_checkpoints *points, u64 insns);

#endif
