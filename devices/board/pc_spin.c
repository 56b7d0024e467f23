/* A guest that waits by reading the time again and again: Linux's udelay(), its calibration of the local APIC's timer.
 *
 * The time is the host's, so the wait takes as long whether the guest runs or not, and what it runs is the host's
 * power. A sleep is short against the wait so far, so that no wait gets longer by more than that part of it. Waits that
 * look at a device are left alone: what they wait for may come at once. */
#include "devices/board/pc_spin.h"

#include "mmu/host/stats.h"

#define INSNS_A_READ 64 /* at most, in a loop that does nothing else */
#define USES_A_SLICE 4  /* of devices: the end of an interrupt, the start of the wait */
#define SLEEP_PART   8  /* of the wait so far */

static u64 uses(const struct stats *stats)
{
    return stats->io + stats->mmio;
}

void pc_spin_begin(struct pc_spin *spin, const struct stats *stats)
{
    spin->reads = 0;
    spin->uses = uses(stats);
}

u64 pc_spin_end(struct pc_spin *spin, const struct stats *stats, u64 began, u64 now, u64 insns)
{
    u64 used = uses(stats) - spin->uses;
    u64 ns;

    if (insns > spin->reads * INSNS_A_READ || used > USES_A_SLICE) {
        spin->since = 0;
        return 0;
    }
    if (!spin->since || used)
        spin->since = began;
    ns = (now - spin->since) / SLEEP_PART;
    return ns < PC_SPIN_SLEEP_NS ? 0 : ns;
}
