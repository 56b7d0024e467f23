/* Commands that stop the machine, let it go on, press its buttons, and end it. */
#include "devices/monitor/command.h"

MONITOR_COMMAND(info_status)
{
    (void)a;
    fprintf(m->out, "VM status: %s\n", pc_is_stopped(m->pc) ? "paused" : "running");
}

MONITOR_COMMAND(stop)
{
    (void)a;
    pc_stop(m->pc);
}

MONITOR_COMMAND(cont)
{
    (void)a;
    pc_cont(m->pc);
}

MONITOR_COMMAND(system_reset)
{
    (void)a;
    pc_request_reset(m->pc);
}

MONITOR_COMMAND(system_powerdown)
{
    (void)a;
    if (!pc_power_button(m->pc))
        fputs("nobody in the guest hears of the power button\n", m->out);
}

MONITOR_COMMAND(nmi)
{
    (void)a;
    pc_nmi(m->pc);
}

MONITOR_COMMAND(quit)
{
    (void)a;
    pc_quit(m->pc, 0);
}
