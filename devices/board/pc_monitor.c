/* The monitors of a board: who looks on, and gives commands. */
#include "devices/board/pc_monitor.h"

#include <errno.h>

#include "devices/board/pc_board.h"
#include "devices/monitor/port.h"

int pc_monitor_init(struct pc *pc)
{
    monitor_keys_init(&pc->keys, &pc->clock, pc_input(pc));
    for (unsigned i = 0; i < PC_MONITORS; i++) {
        if (!pc->config.monitor[i].chr)
            continue;
        pc->monitor[i] = monitor_port_new(pc, &pc->config.monitor[i]);
        if (!pc->monitor[i])
            return -ENOMEM;
    }
    return 0;
}

void pc_monitor_free(struct pc *pc)
{
    for (unsigned i = 0; i < PC_MONITORS; i++) {
        monitor_port_free(pc->monitor[i]);
        pc->monitor[i] = NULL;
    }
}

void pc_monitor_poll(struct pc *pc)
{
    for (unsigned i = 0; i < PC_MONITORS; i++)
        if (pc->monitor[i])
            monitor_port_poll(pc->monitor[i]);
}

void pc_monitor_wait(const struct pc *pc, struct pollset *set)
{
    for (unsigned i = 0; i < PC_MONITORS; i++) {
        struct chr *chr = pc->config.monitor[i].chr;

        if (!pc->monitor[i])
            continue;
        pollset_add(set, chr->ops->poll_fd(chr), POLLIN);
        pollset_add(set, chr_out_fd(chr), POLLOUT);
    }
}

bool pc_monitor_there(const struct pc *pc)
{
    for (unsigned i = 0; i < PC_MONITORS; i++) {
        struct chr *chr = pc->config.monitor[i].chr;

        if (pc->monitor[i] && chr->ops->poll_fd(chr) >= 0)
            return true;
    }
    return false;
}
