/* The monitor's commands for saved machines, and what is known of the machine's past. */
#include <inttypes.h>

#include "devices/board/pc_board.h"
#include "devices/board/snapshots.h"
#include "devices/monitor/command.h"

typedef int snapshots_do(struct pc *pc, const char *name, char *err, size_t err_len);

static void run(struct monitor *m, snapshots_do *does, const char *name)
{
    char err[600];

    if (does(m->pc, name, err, sizeof(err)) < 0)
        monitor_fail(m, "%s", err);
}

MONITOR_COMMAND(savevm)
{
    run(m, snapshots_save, a->arg[0].text);
}

MONITOR_COMMAND(loadvm)
{
    run(m, snapshots_load, a->arg[0].text);
}

MONITOR_COMMAND(delvm)
{
    run(m, snapshots_delete, a->arg[0].text);
}

MONITOR_COMMAND(info_snapshots)
{
    (void)a;
    snapshots_list(m->pc, m->out);
}

MONITOR_COMMAND(info_replay)
{
    const struct history *h = &m->pc->history;
    const char *doing = replay_doing(m->pc);
    u64 insns = cpu_insns(m->pc->cpu);

    (void)a;
    if (!doing && !h->on)
        fputs("Record/replay is not active\n", m->out);
    if (doing)
        fprintf(m->out, "%s: instruction %" PRIu64 "\n", doing, insns);
    if (!h->on || !h->points)
        return;
    fprintf(m->out, "reverse: instruction %" PRIu64 ", back to %" PRIu64 " at most%s\n", insns,
            h->point[0].insns, history_is_behind(m->pc) ? ", in the past" : "");
    fprintf(m->out, "checkpoints: %u, %" PRIu64 " KiB of at most %" PRIu64 " KiB\n", h->points,
            (history_bytes(m->pc) + KIB - 1) / KIB, h->limit / KIB);
}
