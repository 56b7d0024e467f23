/* Commands of QEMU's human monitor. */
#include "devices/monitor/monitor.h"

#include <string.h>

#include "devices/board/pc.h"

static void help(struct pc *pc, FILE *out);

static void info_registers(struct pc *pc, FILE *out)
{
    cpu_dump(pc_cpu(pc), out);
}

static void info_status(struct pc *pc, FILE *out)
{
    fprintf(out, "VM status: %s\n", pc_is_stopped(pc) ? "paused" : "running");
}

static void stop(struct pc *pc, FILE *out)
{
    (void)out;
    pc_stop(pc);
}

static void cont(struct pc *pc, FILE *out)
{
    (void)out;
    pc_cont(pc);
}

static void system_reset(struct pc *pc, FILE *out)
{
    (void)out;
    pc_request_reset(pc);
}

static void system_powerdown(struct pc *pc, FILE *out)
{
    if (!pc_power_button(pc))
        fputs("nobody in the guest hears of the power button\n", out);
}

static void nmi(struct pc *pc, FILE *out)
{
    (void)out;
    pc_nmi(pc);
}

static void quit(struct pc *pc, FILE *out)
{
    (void)out;
    pc_quit(pc, 0);
}

static const struct command {
    const char *name, *other; /* other: a second spelling, or NULL */
    void (*run)(struct pc *pc, FILE *out);
    const char *what;
} commands[] = {
    {"help", "?", help, "this list"},
    {"info registers", NULL, info_registers, "the processor's registers"},
    {"info status", NULL, info_status, "whether the machine runs"},
    {"stop", "s", stop, "stop the machine"},
    {"cont", "c", cont, "let it go on"},
    {"system_reset", NULL, system_reset, "press the reset button"},
    {"system_powerdown", NULL, system_powerdown, "press the power button"},
    {"nmi", NULL, nmi, "press an NMI button"},
    {"quit", "q", quit, "end Pagewalk"},
};

static void help(struct pc *pc, FILE *out)
{
    (void)pc;
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
        fprintf(out, "%-18s %s\n", commands[i].name, commands[i].what);
}

/* The line without blanks around it, and with one between words. */
static void tidy(char *to, size_t size, const char *line)
{
    size_t n = 0;

    for (; *line && n + 1 < size; line++)
        if (!strchr(" \t\r\n", *line))
            to[n++] = *line;
        else if (n && to[n - 1] != ' ')
            to[n++] = ' ';
    n -= n && to[n - 1] == ' ';
    to[n] = '\0';
}

void monitor_command(struct pc *pc, const char *line, FILE *out)
{
    char text[256];

    tidy(text, sizeof(text), line);
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        const struct command *c = &commands[i];

        if (strcmp(text, c->name) == 0 || (c->other && strcmp(text, c->other) == 0)) {
            c->run(pc, out);
            return;
        }
    }
    if (*text)
        fprintf(out, "unknown command: '%s'; help lists them\n", text);
}
