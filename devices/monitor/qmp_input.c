/* QMP's commands that are a user's at keyboard and mouse, and those with files. */
#include <string.h>

#include "devices/monitor/qmp_command.h"

#define KEYS 16

/* "{'type': 'qcode', 'data': 'a'}"; 0: that was no key, and was said. */
static u8 key_of(struct qmp_call *call, const json_t *value)
{
    const char *type = json_string_value(json_object_get(value, "type"));
    const char *name = json_string_value(json_object_get(value, "data"));
    u8 usage =
        type && name && strcmp(type, "qcode") == 0 ? monitor_key_named(name, strlen(name)) : 0;

    if (!usage)
        qmp_fail(call, "Invalid parameter '%.60s'", name ? name : "key");
    return usage;
}

QMP_COMMAND(send_key)
{
    const json_t *keys = json_object_get(call->args, "keys");
    json_int_t hold = qmp_number(call, "hold-time", 100);
    size_t count = json_array_size(keys);
    u8 usage[KEYS];

    if (count > KEYS || hold < 0 || hold > 60000) {
        qmp_fail(call, "at most %d keys, for at most 60000 ms", KEYS);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        usage[i] = key_of(call, json_array_get(keys, i));
        if (!usage[i])
            return NULL;
    }
    if (!monitor_keys_press(&call->pc->keys, usage, (unsigned)count, (u64)hold * 1000000))
        qmp_fail(call, "too many keys wait to be pressed");
    return NULL;
}

/* What a mouse does, gathered from several events. */
struct movement {
    int dx, dy, dz;
    bool any;
};

static void button(struct qmp_call *call, const json_t *data, struct movement *mouse)
{
    static const struct {
        const char *name;
        unsigned bit;
        int wheel;
    } names[] = {{"left", INPUT_LEFT, 0}, {"middle", INPUT_MIDDLE, 0}, {"right", INPUT_RIGHT, 0},
                 {"side", INPUT_SIDE, 0}, {"extra", INPUT_EXTRA, 0},   {"wheel-up", 0, -1},
                 {"wheel-down", 0, 1}};
    const char *name = json_string_value(json_object_get(data, "button"));
    bool down = json_is_true(json_object_get(data, "down"));
    struct monitor_keys *keys = &call->pc->keys;

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        if (!name || strcmp(names[i].name, name) != 0)
            continue;
        keys->buttons = down ? keys->buttons | names[i].bit : keys->buttons & ~names[i].bit;
        mouse->dz += down ? names[i].wheel : 0;
        mouse->any = true;
        return;
    }
    qmp_fail(call, "Invalid parameter 'button'");
}

static void relative(struct qmp_call *call, const json_t *data, struct movement *mouse)
{
    const char *axis = json_string_value(json_object_get(data, "axis"));
    const json_t *value = json_object_get(data, "value");
    json_int_t by = json_integer_value(value);

    if (!axis || (strcmp(axis, "x") != 0 && strcmp(axis, "y") != 0) || !json_is_integer(value) ||
        by < -10000 || by > 10000) {
        qmp_fail(call, "Invalid parameter 'axis'");
        return;
    }
    *(axis[0] == 'x' ? &mouse->dx : &mouse->dy) += (int)by;
    mouse->any = true;
}

QMP_COMMAND(input_send_event)
{
    const json_t *events = json_object_get(call->args, "events");
    const struct input *input = pc_input(call->pc);
    struct movement mouse = {0};

    for (size_t i = 0; i < json_array_size(events) && i < 64 && !call->error[0]; i++) {
        const json_t *event = json_array_get(events, i), *data = json_object_get(event, "data");
        const char *type = json_string_value(json_object_get(event, "type"));

        if (type && strcmp(type, "key") == 0) {
            u8 usage = key_of(call, json_object_get(data, "key"));

            if (usage)
                input->key(input->opaque, usage, json_is_true(json_object_get(data, "down")));
        } else if (type && strcmp(type, "btn") == 0) {
            button(call, data, &mouse);
        } else if (type && strcmp(type, "rel") == 0) {
            relative(call, data, &mouse);
        } else {
            qmp_fail(call, "Invalid parameter 'type': key, btn and rel are known");
        }
    }
    if (mouse.any && !call->error[0])
        input->mouse(input->opaque, mouse.dx, mouse.dy, mouse.dz, call->pc->keys.buttons);
    return NULL;
}

/* A text as a word of a line: in quotes. NULL: it is too long. */
static const char *quoted(struct qmp_call *call, const char *name, char text[4200])
{
    const char *value = qmp_text(call, name, "");
    char *to = text;

    *to++ = '"';
    for (; *value && to < text + 4100; value++) {
        if (*value == '"' || *value == '\\')
            *to++ = '\\';
        *to++ = *value;
    }
    *to++ = '"';
    *to = '\0';
    if (*value)
        qmp_fail(call, "'%s' is too long", name);
    return *value ? NULL : text;
}

QMP_COMMAND(screendump)
{
    const char *format = qmp_text(call, "format", "ppm");
    char text[4200];

    if (strcmp(format, "ppm") != 0 && strcmp(format, "png") != 0)
        qmp_fail(call, "Invalid parameter '%.40s'", format);
    else if (quoted(call, "filename", text))
        qmp_by_line(call, "screendump %s -f %s", text, format);
    return NULL;
}

static json_t *save(struct qmp_call *call, const char *command)
{
    char text[4200];

    if (quoted(call, "filename", text))
        qmp_by_line(call, "%s %lld %lld %s", command, (long long)qmp_number(call, "val", 0),
                    (long long)qmp_number(call, "size", 0), text);
    return NULL;
}

QMP_COMMAND(memsave)
{
    return save(call, "memsave");
}

QMP_COMMAND(pmemsave)
{
    return save(call, "pmemsave");
}

QMP_COMMAND(dump_guest_memory)
{
    const char *protocol = qmp_text(call, "protocol", ""),
               *format = qmp_text(call, "format", "elf");
    bool linear = json_is_true(json_object_get(call->args, "paging"));
    char text[4200], range[64] = "";

    if (strncmp(protocol, "file:", 5) != 0 || strcmp(format, "elf") != 0) {
        qmp_fail(call, "the protocol is file:NAME, and the format elf");
        return NULL;
    }
    if (json_object_get(call->args, "begin"))
        snprintf(range, sizeof(range), " %lld %lld", (long long)qmp_number(call, "begin", 0),
                 (long long)qmp_number(call, "length", 0));
    if (quoted(call, "protocol", text))
        qmp_by_line(call, "dump-guest-memory %s\"%s%s", linear ? "-p " : "", text + 6, range);
    return NULL;
}

QMP_COMMAND(set_link)
{
    char text[4200];

    if (quoted(call, "name", text))
        qmp_by_line(call, "set_link %s %s", text,
                    json_is_true(json_object_get(call->args, "up")) ? "on" : "off");
    return NULL;
}
