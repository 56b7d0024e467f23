/* Checkpoints: which instructions they are at. */
#include "devices/board/pc_checkpoint.h"

static u64 least(u64 a, u64 b)
{
    return a < b ? a : b;
}

u64 pc_checkpoint_next(const struct pc_checkpoints *points, u64 insns)
{
    u64 every = points->every, from = 0, next = UINT64_MAX;

    for (unsigned i = 0; i < points->steps; i++) {
        if (points->step[i].from > insns) {
            next = points->step[i].from;
            break;
        }
        every = points->step[i].every;
        from = points->step[i].from;
    }
    if (points->every)
        next = least(next, from + (insns - from + every - 1) / every * every);
    if (points->end && points->end >= insns)
        next = least(next, points->end);
    return next;
}

bool pc_checkpoint_whole(const struct pc_checkpoints *points, u64 insns)
{
    return insns % points->every == 0 && (!points->steps || insns <= points->step[0].from);
}
