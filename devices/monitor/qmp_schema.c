/* query-qmp-schema: QMP's commands, their arguments and the events, as QEMU describes its own (docs/devel/qapi-code-gen).
 *
 * What qmp.def has is told: names, types, and what may be left out. Answers are of any type. */
#include <string.h>

#include "devices/monitor/qmp_command.h"

/* By the letter of qmp.def: the type's name, and JSON's. */
static const struct {
    char letter;
    const char *name, *json; /* NULL: an array */
} types[] = {
    {'s', "str", "string"}, {'i', "int", "int"},   {'b', "bool", "boolean"},
    {'a', "[any]", NULL},   {'o', "any", "value"},
};

static const char *type_of(char letter)
{
    for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
        if (types[i].letter == letter)
            return types[i].name;
    BUG("type '%c'", letter);
}

static json_t *members(const char *row)
{
    json_t *list = json_array();
    struct qmp_argument a;

    while (qmp_argument(&row, &a)) {
        json_t *member = json_pack("{s:s,s:s}", "name", a.name, "type", type_of(a.type));

        if (a.optional)
            json_object_set_new(member, "default", json_null());
        json_array_append_new(list, member);
    }
    return list;
}

static void add_object(json_t *schema, const char *name, json_t *list)
{
    json_array_append_new(
        schema, json_pack("{s:s,s:s,s:o}", "name", name, "meta-type", "object", "members", list));
}

QMP_COMMAND(query_schema)
{
    json_t *schema = json_array();

    (void)call;
    for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
        json_array_append_new(
            schema, types[i].json ? json_pack("{s:s,s:s,s:s}", "name", types[i].name, "meta-type",
                                              "builtin", "json-type", types[i].json)
                                  : json_pack("{s:s,s:s,s:s}", "name", types[i].name, "meta-type",
                                              "array", "element-type", "any"));
    add_object(schema, "none", json_array());
    for (unsigned i = 0; i < qmp_commands_count; i++) {
        char type[80];

        snprintf(type, sizeof(type), "q_obj_%s-arg", qmp_commands[i].name);
        if (*qmp_commands[i].args)
            add_object(schema, type, members(qmp_commands[i].args));
        json_array_append_new(schema,
                              json_pack("{s:s,s:s,s:s,s:s}", "name", qmp_commands[i].name,
                                        "meta-type", "command", "arg-type",
                                        *qmp_commands[i].args ? type : "none", "ret-type", "any"));
    }
    for (unsigned i = 0; i < MONITOR_EVENTS; i++)
        json_array_append_new(schema, json_pack("{s:s,s:s,s:s}", "name",
                                                qmp_event_name((enum monitor_event)i), "meta-type",
                                                "event", "arg-type", "any"));
    return schema;
}
