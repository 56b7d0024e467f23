/* QMP's commands that do something to the machine: each is a line of the monitor's. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "devices/monitor/qmp_command.h"

/* What the line's command says. */
static char *answer_of(struct pc *pc, const char *line)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    monitor_command(pc, line, out);
    fclose(out);
    return text;
}

json_t *qmp_by_line(struct qmp_call *call, const char *fmt, ...)
{
    char line[4096], *said;
    const char *error;
    va_list list;
    int len;

    va_start(list, fmt);
    len = vsnprintf(line, sizeof(line), fmt, list);
    va_end(list);
    said = len < (int)sizeof(line) ? answer_of(call->pc, line) : NULL;
    error = said && strncmp(said, "Error: ", 7) == 0 ? said + 7 : said;
    if (!said)
        qmp_fail(call, "the arguments are too long");
    else if (*said)
        qmp_fail(call, "%s", error);
    free(said);
    return NULL;
}

QMP_COMMAND(capabilities)
{
    if (json_array_size(json_object_get(call->args, "enable"))) {
        qmp_fail(call, "Capability is not available");
        return NULL;
    }
    qmp_negotiated(call->qmp);
    return NULL;
}

/* Lines end in CR LF, as QEMU's do. */
static json_t *lines(const char *text)
{
    char *copy = malloc(2 * strlen(text) + 1), *to = copy;
    json_t *answer;

    if (!copy)
        return NULL;
    for (; *text; text++) {
        if (*text == '\n')
            *to++ = '\r';
        *to++ = *text;
    }
    *to = '\0';
    answer = json_string(copy);
    free(copy);
    return answer;
}

QMP_COMMAND(human)
{
    char *text = answer_of(call->pc, qmp_text(call, "command-line", ""));
    json_t *answer;

    if (!text) {
        qmp_fail(call, "no memory");
        return NULL;
    }
    answer = lines(text);
    if (!answer) /* what is no UTF-8 */
        answer = json_string("");
    free(text);
    return answer;
}

QMP_COMMAND(stop)
{
    return qmp_by_line(call, "stop");
}

QMP_COMMAND(cont)
{
    return qmp_by_line(call, "cont");
}

QMP_COMMAND(quit)
{
    return qmp_by_line(call, "quit");
}

QMP_COMMAND(system_reset)
{
    return qmp_by_line(call, "system_reset");
}

/* A guest that hears of no button is no error there. */
QMP_COMMAND(system_powerdown)
{
    pc_power_button(call->pc);
    monitor_event(call->pc, MONITOR_POWERDOWN, NULL, false);
    return NULL;
}

QMP_COMMAND(inject_nmi)
{
    return qmp_by_line(call, "nmi");
}
