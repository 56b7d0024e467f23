/* Commands that stop the machine, let it go on, press its buttons, and end it. */
#include <string.h>

#include "devices/monitor/command.h"

const char *monitor_status(const struct pc *pc)
{
    if (pc->pause.on)
        return "io-error";
    if (pc->stands)
        return pc->why == PC_WHY_PANIC ? "guest-panicked" : "shutdown";
    if (pc->pause.held)
        return pc->config.starts_held && !pc->began ? "prelaunch" : "paused";
    return "running";
}

MONITOR_COMMAND(info_status)
{
    const char *status = monitor_status(m->pc);
    bool plain = strcmp(status, "running") == 0 || strcmp(status, "paused") == 0;

    (void)a;
    fprintf(m->out, "VM status: %s%s%s%s\n", plain ? status : "paused", plain ? "" : " (",
            plain ? "" : status, plain ? "" : ")");
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
    pc_resume(m->pc);
}

MONITOR_COMMAND(info_speed)
{
    u32 reached = clock_speed_reached(&m->pc->clock);
    char text[SPEED_TEXT];

    (void)a;
    fprintf(m->out, "speed: %s", speed_text(pc_speed(m->pc), text));
    if (reached)
        fprintf(m->out, " (%u %% since it is)", reached);
    fputc('\n', m->out);
}

MONITOR_COMMAND(speed)
{
    u32 speed;

    if (!a->arg[0].given)
        monitor_info_speed(m, a);
    else if (speed_parse(a->arg[0].text, &speed))
        pc_set_speed(m->pc, speed);
    else
        monitor_fail(m, "speed %s: give " SPEED_WORDS, a->arg[0].text);
}

MONITOR_COMMAND(system_reset)
{
    (void)a;
    pc_reset_button(m->pc);
}

MONITOR_COMMAND(system_powerdown)
{
    (void)a;
    monitor_event(m->pc, MONITOR_POWERDOWN, NULL, false);
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
    m->pc->asked_by = "host-qmp-quit";
    pc_quit(m->pc, 0);
}
