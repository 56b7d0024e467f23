/* Where a run's time goes, by samples: what passed between two polls of the board is the phase's that the CPU is in
 * at the second, which is a millisecond or a quarter million instructions after the first. */
#include "boot/phases.h"

#include <time.h>

#include "cpu/cpu.h"

#define ROMS_FIRST 0xc0000u
#define ROMS_LAST  0xfffffu
#define ROM_TOP    0xfffc0000u

const char *const phase_names[PHASES] = {"firmware", "loader", "kernel", "user"};

static enum phase phase_of(const struct cpu *cpu)
{
    u32 la = cpu->r[R_BASE + SREG_CS] + cpu->eip;

    if (!(cpu->cr0 & CR0_PG) && ((la >= ROMS_FIRST && la <= ROMS_LAST) || la >= ROM_TOP))
        return PHASE_FIRMWARE;
    if (!(cpu->cr0 & CR0_PE))
        return PHASE_LOADER;
    return cpu->cpl == 3 ? PHASE_USER : PHASE_KERNEL;
}

/* Of the process, the machine's making included. */
static u64 cpu_time_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (u64)ts.tv_sec * 1000000000 + (u64)ts.tv_nsec;
}

void phases_start(struct phases *phases)
{
    u64 now = stats_ns();

    *phases = (struct phases){.on = true, .began_ns = now};
}

void phases_look(struct phases *phases, struct pc *pc)
{
    struct phase_share now, *share = &phases->share[phase_of(pc_cpu(pc))];
    struct pc_account account;

    if (!phases->on)
        return;
    pc_account(pc, &account);
    now = (struct phase_share){stats_ns() - phases->began_ns, cpu_time_ns(), account.ns,
                               account.insns};
    share->host_ns += now.host_ns - phases->last.host_ns;
    share->cpu_ns += now.cpu_ns - phases->last.cpu_ns;
    share->guest_ns += now.guest_ns - phases->last.guest_ns;
    share->insns += now.insns - phases->last.insns;
    phases->last = now;
}
