/* The monitor's commands for saved machines. */
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
