/* The monitor: finds a line's command in the table, runs it, and tells what there is. */
#include "devices/monitor/command.h"

#include <ctype.h>
#include <string.h>

#include "devices/monitor/editor.h"

const struct monitor_command monitor_commands[] = {
#define COMMAND(names, args, name, help) {names, args, monitor_##name, help},
#include "devices/monitor/monitor.def"
#undef COMMAND
};
const unsigned monitor_commands_count = ARRAY_SIZE(monitor_commands);

int monitor_name_len(const struct monitor_command *command)
{
    return (int)strcspn(command->names, "|");
}

/* How much of the line is this name, whose words may have any blanks between; 0: it is another. */
static size_t match(const char *line, const char *name, size_t len)
{
    const char *at = line;

    for (size_t i = 0; i < len; i++) {
        if (name[i] != ' ') {
            if (*at++ != name[i])
                return 0;
            continue;
        }
        if (!isspace((u8)*at))
            return 0;
        while (isspace((u8)*at))
            at++;
    }
    return !*at || isspace((u8)*at) || *at == '/' ? (size_t)(at - line) : 0;
}

const struct monitor_command *monitor_find(const char *line, const char **rest)
{
    for (unsigned i = 0; i < monitor_commands_count; i++) {
        const struct monitor_command *c = &monitor_commands[i];

        for (const char *name = c->names; *name;) {
            size_t len = strcspn(name, "|"), matched = match(line, name, len);

            if (matched) {
                *rest = line + matched;
                return c;
            }
            name += len + (name[len] == '|');
        }
    }
    return NULL;
}

static void print_help(struct monitor *m, const struct monitor_command *c)
{
    fputs(c->names, m->out);
    monitor_usage(c, m->out);
    fprintf(m->out, " -- %s\n", c->help);
}

/* Of all commands, of one, or of "info" all. False: there is none such. */
static bool print_list(struct monitor *m, const char *what, size_t len)
{
    unsigned found = 0;

    for (unsigned i = 0; i < monitor_commands_count; i++) {
        const struct monitor_command *c = &monitor_commands[i];

        for (const char *name = c->names; *name;) {
            size_t n = strcspn(name, "|");

            if (!len ||
                (n >= len && strncmp(name, what, len) == 0 && (n == len || name[len] == ' '))) {
                print_help(m, c);
                found++;
                break;
            }
            name += n + (name[n] == '|');
        }
    }
    return found;
}

/* Without spaces at its end. */
static size_t text_len(const char *text)
{
    size_t len = strlen(text);

    while (len && isspace((u8)text[len - 1]))
        len--;
    return len;
}

MONITOR_COMMAND(help)
{
    const char *what = a->arg[0].given ? a->arg[0].text : "";
    size_t len = text_len(what);

    if (!print_list(m, what, len))
        fprintf(m->out, "unknown command: '%.*s'\n", (int)len, what);
}

static void run(struct monitor m, const char *line)
{
    const struct monitor_command *command;
    struct monitor_args args;
    const char *rest;

    while (isspace((u8)*line))
        line++;
    if (!*line || *line == '#')
        return;
    if (strlen(line) >= MONITOR_LINE) {
        monitor_fail(&m, "a line has at most %d characters", MONITOR_LINE - 1);
        return;
    }
    command = monitor_find(line, &rest);
    if (!command && text_len(line) == 4 && strncmp(line, "info", 4) == 0)
        print_list(&m, line, 4);
    else if (!command)
        fprintf(m.out, "unknown command: '%.*s'\n", (int)strcspn(line, "\r\n"), line);
    else if (monitor_parse(&m, command, rest, &args))
        command->run(&m, &args);
}

void monitor_command(struct pc *pc, const char *line, FILE *out)
{
    run((struct monitor){pc, out, NULL}, line);
}

void monitor_line(struct pc *pc, struct editor *editor, FILE *out)
{
    run((struct monitor){pc, out, editor}, editor->line);
}
