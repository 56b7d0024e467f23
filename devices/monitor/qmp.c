/* QMP's language: finds where each command ends, reads it, checks its arguments by its row, and writes answers.
 *
 * Whatever a client sends, it gets one error for it and goes on. */
#include "devices/monitor/qmp.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "devices/monitor/qmp_command.h"

#define LONGEST (256 * KIB) /* of a command */
#define DEEPEST 64u         /* of brackets in it */

struct qmp {
    struct pc *pc;
    FILE *out;
    bool pretty;
    bool ready; /* capabilities were negotiated */
    char *text; /* of a command, as far as it is there */
    size_t len, size;
    unsigned depth;
    bool in_string, escaped;
    bool skip; /* what comes is no command until the line's end */
};

const struct qmp_command qmp_commands[] = {
#define COMMAND(name, args, function) {name, args, qmp_##function},
#include "devices/monitor/qmp.def"
#undef COMMAND
};
const unsigned qmp_commands_count = ARRAY_SIZE(qmp_commands);

struct qmp *qmp_new(struct pc *pc, FILE *out, bool pretty)
{
    struct qmp *q = calloc(1, sizeof(*q));

    if (q)
        *q = (struct qmp){.pc = pc, .out = out, .pretty = pretty};
    return q;
}

void qmp_free(struct qmp *q)
{
    if (q)
        free(q->text);
    free(q);
}

static void say(struct qmp *q, json_t *object)
{
    char *text =
        object ? json_dumps(object, JSON_ENSURE_ASCII | (q->pretty ? JSON_INDENT(4) : 0)) : NULL;

    if (text)
        fprintf(q->out, "%s\n", text);
    free(text);
    json_decref(object);
}

static void forget(struct qmp *q)
{
    q->len = 0;
    q->depth = 0;
    q->in_string = q->escaped = false;
}

void qmp_greet(struct qmp *q)
{
    forget(q);
    q->skip = q->ready = false;
    say(q, json_pack("{s:{s:o,s:[]}}", "QMP", "version", qmp_version(), "capabilities"));
}

static void fail(struct qmp *q, json_t *id, const char *class, const char *text)
{
    json_t *answer = json_pack("{s:{s:s,s:s}}", "error", "class", class, "desc", text);

    if (id)
        json_object_set(answer, "id", id);
    say(q, answer);
}

void qmp_fail(struct qmp_call *call, const char *fmt, ...)
{
    va_list list;

    va_start(list, fmt);
    vsnprintf(call->error, sizeof(call->error), fmt, list);
    va_end(list);
    call->error[strcspn(call->error, "\r\n")] = '\0';
}

static bool has_type(const json_t *value, char type)
{
    switch (type) {
    case 's': return json_is_string(value);
    case 'i': return json_is_integer(value);
    case 'b': return json_is_boolean(value);
    case 'a': return json_is_array(value);
    default: return json_is_object(value);
    }
}

static const char *type_name(char type)
{
    switch (type) {
    case 's': return "string";
    case 'i': return "integer";
    case 'b': return "boolean";
    case 'a': return "array";
    default: return "object";
    }
}

bool qmp_argument(const char **row, struct qmp_argument *argument)
{
    const char *at = *row;
    size_t len;

    if (!*at)
        return false;
    argument->optional = *at == '[';
    at += argument->optional;
    len = strcspn(at, ":");
    snprintf(argument->name, sizeof(argument->name), "%.*s", (int)len, at);
    at += len + 1;
    argument->type = *at++;
    *row = at + strspn(at, " ]");
    return true;
}

/* Whether the arguments are those of the row, and no others. */
static void check(struct qmp_call *call, const char *row)
{
    const char *at = row, *name;
    struct qmp_argument a;
    size_t known = 0;
    json_t *value;

    while (qmp_argument(&at, &a)) {
        value = json_object_get(call->args, a.name);
        if (!value && !a.optional)
            qmp_fail(call, "Parameter '%s' is missing", a.name);
        else if (value && !has_type(value, a.type))
            qmp_fail(call, "Invalid parameter type for '%s', expected: %s", a.name,
                     type_name(a.type));
        if (call->error[0])
            return;
        known += value != NULL;
    }
    if (known == json_object_size(call->args))
        return;
    json_object_foreach((json_t *)call->args, name, value)
    {
        char part[60];
        const char *found;

        snprintf(part, sizeof(part), "%.50s:", name);
        found = strstr(row, part);
        if (!found || (found > row && found[-1] != ' ' && found[-1] != '['))
            qmp_fail(call, "Parameter '%.100s' is unexpected", name);
    }
}

static const struct qmp_command *find(const char *name)
{
    for (unsigned i = 0; i < qmp_commands_count; i++)
        if (strcmp(qmp_commands[i].name, name) == 0)
            return &qmp_commands[i];
    return NULL;
}

static void run(struct qmp *q, const char *name, const json_t *args, json_t *id)
{
    const struct qmp_command *command = find(name);
    bool first = strcmp(name, "qmp_capabilities") == 0;
    struct qmp_call call = {.pc = q->pc, .qmp = q, .args = args};
    json_t *answer;
    char text[200];

    if (!q->ready && !first) {
        fail(q, id, "CommandNotFound",
             "Expecting capabilities negotiation with 'qmp_capabilities'");
        return;
    }
    if (q->ready && first) {
        fail(q, id, "CommandNotFound",
             "Capabilities negotiation is already complete, command ignored");
        return;
    }
    if (!command) {
        snprintf(text, sizeof(text), "The command %.100s has not been found", name);
        fail(q, id, "CommandNotFound", text);
        return;
    }
    check(&call, command->args);
    answer = call.error[0] ? NULL : command->run(&call);
    if (call.error[0]) {
        json_decref(answer);
        fail(q, id, call.class ? call.class : "GenericError", call.error);
        return;
    }
    answer = json_pack("{s:o}", "return", answer ? answer : json_object());
    if (id)
        json_object_set(answer, "id", id);
    say(q, answer);
}

/* What is wrong with a command's frame, in text; NULL: nothing. */
static const char *check_frame(json_t *command, char *text, size_t size)
{
    json_t *execute = json_object_get(command, "execute"), *value;
    const char *key;

    if (!json_is_object(command))
        return "QMP input must be a JSON object";
    json_object_foreach(command, key, value)
    {
        if (strcmp(key, "execute") == 0 || strcmp(key, "id") == 0)
            continue;
        if (strcmp(key, "arguments") == 0 && json_is_object(value))
            continue;
        snprintf(text, size,
                 strcmp(key, "arguments") == 0 ? "QMP input member '%.100s' must be an object"
                                               : "QMP input member '%.100s' is unexpected",
                 key);
        return text;
    }
    if (!execute)
        return "QMP input lacks member 'execute'";
    return json_is_string(execute) ? NULL : "QMP input member 'execute' must be a string";
}

static void obey(struct qmp *q)
{
    json_error_t error;
    json_t *command = json_loadb(q->text, q->len, JSON_REJECT_DUPLICATES, &error);
    json_t *id = json_object_get(command, "id"), *args, *none = json_object();
    const char *wrong;
    char text[300];

    forget(q);
    if (!command) {
        snprintf(text, sizeof(text), "JSON parse error, %.200s", error.text);
        fail(q, NULL, "GenericError", text);
    } else if ((wrong = check_frame(command, text, sizeof(text)))) {
        fail(q, id, "GenericError", wrong);
    } else {
        args = json_object_get(command, "arguments");
        run(q, json_string_value(json_object_get(command, "execute")), args ? args : none, id);
    }
    json_decref(command);
    json_decref(none);
}

/* One error for the rest of the line. */
static void refuse(struct qmp *q, const char *why)
{
    forget(q);
    q->skip = true;
    fail(q, NULL, "GenericError", why);
}

static bool keep(struct qmp *q, u8 byte)
{
    if (q->len == q->size) {
        size_t size = q->size ? 2 * q->size : 4096;
        char *more = size <= LONGEST ? realloc(q->text, size) : NULL;

        if (!more)
            return false;
        q->text = more;
        q->size = size;
    }
    q->text[q->len++] = (char)byte;
    return true;
}

void qmp_byte(struct qmp *q, u8 byte)
{
    if (q->skip) {
        q->skip = byte != '\n';
        return;
    }
    if (!q->depth && isspace(byte))
        return;
    if (!q->depth && byte != '{' && byte != '[') {
        refuse(q, "JSON parse error, a command begins with '{'");
        return;
    }
    if (!keep(q, byte)) {
        refuse(q, "JSON parse error, the command is too long");
        return;
    }
    if (q->in_string) {
        q->in_string = q->escaped || byte != '"';
        q->escaped = !q->escaped && byte == '\\';
    } else if (byte == '"') {
        q->in_string = true;
    } else if (byte == '{' || byte == '[') {
        if (++q->depth > DEEPEST)
            refuse(q, "JSON parse error, the command is nested too deeply");
    } else if (byte == '}' || byte == ']') {
        if (!--q->depth)
            obey(q);
    }
}

void qmp_negotiated(struct qmp *q)
{
    q->ready = true;
}

const char *qmp_event_name(enum monitor_event event)
{
    static const char *const names[MONITOR_EVENTS] = {
        [MONITOR_STOP] = "STOP",
        [MONITOR_RESUME] = "RESUME",
        [MONITOR_RESET] = "RESET",
        [MONITOR_SHUTDOWN] = "SHUTDOWN",
        [MONITOR_POWERDOWN] = "POWERDOWN",
        [MONITOR_PANICKED] = "GUEST_PANICKED",
        [MONITOR_BLOCK_ERROR] = "BLOCK_IO_ERROR",
        [MONITOR_TRAY_MOVED] = "DEVICE_TRAY_MOVED",
    };

    return names[event];
}

static json_t *block_error(const struct monitor_told *told)
{
    static const char *const action[] = {
        [BLOCK_FAILED] = "report", [BLOCK_PASSED] = "ignore", [BLOCK_WAITING] = "stop"};

    return json_pack("{s:s,s:s,s:s,s:b,s:s}", "device", told->text, "operation",
                     told->write ? "write" : "read", "action", action[told->fate], "nospace",
                     block_error_is_full(told->error), "reason", strerror(-told->error));
}

void qmp_event(struct qmp *q, const struct monitor_told *told)
{
    const char *text = told->text;
    struct timespec now;
    json_t *data = NULL, *object;

    if (!q->ready)
        return;
    switch (told->event) {
    case MONITOR_STOP:
    case MONITOR_RESUME:
    case MONITOR_POWERDOWN:
    case MONITOR_EVENTS: break;
    case MONITOR_RESET:
        text = told->guest ? "guest-reset" : "host-qmp-system-reset";
        data = json_pack("{s:b,s:s}", "guest", told->guest, "reason", text);
        break;
    case MONITOR_SHUTDOWN:
        data = json_pack("{s:b,s:s}", "guest", told->guest, "reason", text);
        break;
    case MONITOR_PANICKED: data = json_pack("{s:s}", "action", text); break;
    case MONITOR_BLOCK_ERROR: data = block_error(told); break;
    case MONITOR_TRAY_MOVED:
        data = json_pack("{s:s,s:s,s:b}", "device", text, "id", text, "tray-open", told->open);
        break;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    object = json_pack("{s:{s:I,s:I},s:s}", "timestamp", "seconds", (json_int_t)now.tv_sec,
                       "microseconds", (json_int_t)(now.tv_nsec / 1000), "event",
                       qmp_event_name(told->event));
    if (data)
        json_object_set_new(object, "data", data);
    say(q, object);
}

const char *qmp_text(const struct qmp_call *call, const char *name, const char *without)
{
    const char *text = json_string_value(json_object_get(call->args, name));

    return text ? text : without;
}

json_int_t qmp_number(const struct qmp_call *call, const char *name, json_int_t without)
{
    const json_t *value = json_object_get(call->args, name);

    return value ? json_integer_value(value) : without;
}
