/* Arguments of the monitor's commands, read by their row in monitor.def. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "devices/monitor/command.h"

struct reader {
    struct monitor *m;
    const struct monitor_command *command;
    const char *at;
    struct monitor_args *args;
    size_t used; /* of args->pool */
};

bool monitor_spec_next(const char **spec, struct monitor_spec *arg)
{
    const char *at = *spec + strspn(*spec, " "), *end, *colon;
    size_t len;

    if (!*at)
        return false;
    *arg = (struct monitor_spec){.optional = *at == '['};
    if (*at == '[') {
        end = strchr(++at, ']');
        *spec = end + 1;
    } else {
        end = at + strcspn(at, " ");
        *spec = end;
    }
    arg->is_switch = *at == '-';
    len = (size_t)(end - at);
    colon = memchr(at, ':', len);
    snprintf(arg->name, sizeof(arg->name), "%.*s", (int)(colon ? (size_t)(colon - at) : len), at);
    if (colon)
        snprintf(arg->type, sizeof(arg->type), "%.*s", (int)(end - colon - 1), colon + 1);
    return true;
}

void monitor_usage(const struct monitor_command *command, FILE *out)
{
    const char *spec = command->args;
    struct monitor_spec arg;

    while (monitor_spec_next(&spec, &arg)) {
        bool words = strchr(arg.type, '|');

        fprintf(out, " %s%s%s%s%s", arg.optional ? "[" : "",
                words && !arg.is_switch ? arg.type : arg.name, words && arg.is_switch ? " " : "",
                words && arg.is_switch ? arg.type : "", arg.optional ? "]" : "");
    }
}

void monitor_fail(struct monitor *m, const char *fmt, ...)
{
    va_list list;

    va_start(list, fmt);
    fputs("Error: ", m->out);
    vfprintf(m->out, fmt, list);
    fputc('\n', m->out);
    va_end(list);
}

static void skip(struct reader *r)
{
    while (isspace((u8)*r->at))
        r->at++;
}

static const char *keep(struct reader *r, const char *text, size_t len)
{
    char *copy = r->args->pool + r->used;

    memcpy(copy, text, len);
    copy[len] = '\0';
    r->used += len + 1;
    return copy;
}

static bool fail(struct reader *r, const char *what, const char *name)
{
    fprintf(r->m->out, "%.*s: %s%s\n", monitor_name_len(r->command), r->command->names, what, name);
    fprintf(r->m->out, "Try \"help %.*s\" for more information\n", monitor_name_len(r->command),
            r->command->names);
    return false;
}

/* A word, or what stands between quotes with C's \n, \r, \", \' and \\. NULL: a quote is missing. */
static const char *read_word(struct reader *r)
{
    char *to = r->args->pool + r->used;
    const char *word = to;
    bool quoted = *r->at == '"';

    if (!quoted) {
        size_t len = 0;

        while (r->at[len] && !isspace((u8)r->at[len]))
            len++;
        r->at += len;
        return keep(r, r->at - len, len);
    }
    for (r->at++; *r->at != '"'; r->at++) {
        bool escaped = *r->at == '\\';

        r->at += escaped;
        if (!*r->at)
            return NULL;
        *to++ = !escaped ? *r->at : *r->at == 'n' ? '\n' : *r->at == 'r' ? '\r' : *r->at;
    }
    r->at++;
    *to++ = '\0';
    r->used = (size_t)(to - r->args->pool);
    return word;
}

/* Whether the word is one of "a|b|c". */
static bool is_listed(const char *word, const char *list)
{
    size_t len = strlen(word);

    for (; list; list = strchr(list, '|') ? strchr(list, '|') + 1 : NULL)
        if (strncmp(list, word, len) == 0 && (list[len] == '|' || !list[len]))
            return len > 0;
    return false;
}

static bool read_format(struct reader *r)
{
    struct monitor_format *f = &r->args->format;

    *f = (struct monitor_format){.count = 1, .format = 'x'};
    if (*r->at != '/')
        return true;
    r->at++;
    if (isdigit((u8)*r->at)) {
        char *end;
        unsigned long count = strtoul(r->at, &end, 10);

        f->count = count > MONITOR_COUNT_MAX ? MONITOR_COUNT_MAX : (u32)count;
        r->at = end;
    }
    for (; *r->at && !isspace((u8)*r->at); r->at++) {
        const char *sizes = "bhwg", *size = strchr(sizes, *r->at);

        if (strchr("xduocis", *r->at))
            f->format = *r->at;
        else if (size)
            f->size = (u8)(1 << (size - sizes));
        else
            return fail(r, "a format is count, one of xduocis and one of bhwg", "");
    }
    return true;
}

static bool read_value(struct reader *r, const struct monitor_spec *spec, struct monitor_arg *arg)
{
    char err[100];

    switch (spec->type[0]) {
    case 'S':
        if (!spec->type[1]) {
            arg->text = keep(r, r->at, strlen(r->at));
            r->at += strlen(r->at);
            return true;
        }
        break;
    case 'i':
        if (!spec->type[1])
            return monitor_expression(r->m->pc, &r->at, &arg->number, err, sizeof(err)) ||
                   fail(r, err, "");
        break;
    }
    arg->text = read_word(r);
    if (!arg->text)
        return fail(r, "a text's second quote is missing", "");
    if (spec->type[0] == 'n' && !spec->type[1]) {
        char *end;

        arg->number = (u64)strtoll(arg->text, &end, 0);
        return (end != arg->text && !*end) || fail(r, "not a number: ", arg->text);
    }
    if (strchr(spec->type, '|') && !is_listed(arg->text, spec->type))
        return fail(r, "one of these is expected: ", spec->type);
    return true;
}

/* Whether the switch is what comes next. */
static bool take_switch(struct reader *r, const struct monitor_spec *spec)
{
    bool there =
        r->at[0] == '-' && r->at[1] == spec->name[1] && (!r->at[2] || isspace((u8)r->at[2]));

    if (there)
        r->at += 2;
    skip(r);
    return there;
}

bool monitor_parse(struct monitor *m, const struct monitor_command *command, const char *text,
                   struct monitor_args *args)
{
    struct reader r = {m, command, text, args, 0};
    struct monitor_arg *arg = args->arg;
    const char *specs = command->args;
    struct monitor_spec spec;

    memset(args->arg, 0, sizeof(args->arg));
    args->format = (struct monitor_format){.count = 1, .format = 'x'};
    while (monitor_spec_next(&specs, &spec)) {
        skip(&r);
        if (spec.name[0] == '/') {
            if (!read_format(&r))
                return false;
            continue;
        }
        arg->given = spec.is_switch ? take_switch(&r, &spec) : *r.at;
        if (!arg->given && !spec.optional)
            return fail(&r, "an argument is missing: ", spec.name);
        if (arg->given && spec.type[0] && !*r.at)
            return fail(&r, "an argument is missing behind ", spec.name);
        if (arg->given && spec.type[0] && !read_value(&r, &spec, arg))
            return false;
        arg++;
    }
    skip(&r);
    if (*r.at)
        return fail(&r, "extraneous characters at the end of line", "");
    return true;
}
