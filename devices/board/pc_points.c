/* What is due at an instruction: digests, and saves of the machine. */
#include <inttypes.h>

#include "devices/board/pc_run.h"

/* The one at the machine's end is in no recording. */
static void take_digest(struct pc *pc, bool ended)
{
    const struct pc_checkpoints *points = &pc->config.checkpoints;
    u64 insns = cpu_insns(pc->cpu), cpu = cpu_digest(pc->cpu), ram;

    pc->run.digest_at = pc_checkpoint_next(points, insns + 1);
    ram = pc_checkpoint_whole(points, insns) ? pc_digest_ram(&pc->digest, &pc->cpu->mmu)
                                             : pc_digest_peek(&pc->digest, &pc->phys);
    if (!ended)
        replay_digest(pc, cpu, ram);
    if (!pc->config.digest_silent && !history_is_behind(pc))
        fprintf(pc->config.digest_out, "digest %" PRIu64 " %016" PRIx64 " %016" PRIx64 "\n", insns,
                cpu, ram);
    pc->run.digested = insns;
}

void run_digest(struct pc *pc)
{
    const struct pc_checkpoints *points = &pc->config.checkpoints;
    u64 insns = cpu_insns(pc->cpu);

    if (!points->every || insns < pc->run.digest_at)
        return;
    take_digest(pc, false);
    if (points->end && insns >= points->end)
        pc_quit_because(pc, PC_WHY_ASKED, 0);
}

void run_last_digest(struct pc *pc)
{
    if (pc->config.checkpoints.every && cpu_insns(pc->cpu) != pc->run.digested)
        take_digest(pc, true);
}

/* When somebody wants it, or at its instruction. */
void run_save(struct pc *pc)
{
    bool due = pc->config.save_at && cpu_insns(pc->cpu) >= pc->config.save_at;

    if (!due && !pc->save_wanted)
        return;
    if (due)
        pc->config.save_at = 0;
    pc->save_wanted = false;
    if (pc->config.on_save)
        pc->config.on_save(pc, pc->config.on_save_opaque);
}
