/* -readconfig and -set, which change the command line before it is parsed.
 *
 * A configuration file has sections, [GROUP] or [GROUP "ID"], of lines KEY = "VALUE"; each section is the option -GROUP.
 * Source: QEMU's manual, "-readconfig". */
#define _GNU_SOURCE /* vasprintf */
#include "boot/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/image.h"

#define CONFIG_MAX (256u * KIB)

static const struct {
    const char *group, *option;
} groups[] = {
    {"memory", "m"},
    {"smp-opts", "smp"},
    {"boot-opts", "boot"},
};

/* The key whose value comes first and alone. */
static const struct {
    const char *option, *key;
} firsts[] = {
    {"device", "driver"}, {"chardev", "backend"}, {"netdev", "type"},
    {"accel", "accel"},   {"machine", "type"},    {"m", "size"},
};

static int add(struct config *config, char *arg)
{
    if (config->argc == CONFIG_ARGS)
        return -1;
    config->argv[config->argc++] = arg;
    config->argv[config->argc] = NULL;
    return 0;
}

/* NULL: no memory, or too many. */
static char *printf_like(2, 3) make(struct config *config, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    if (config->owneds == CONFIG_ARGS)
        return NULL;
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    va_end(args);
    if (text)
        config->owned[config->owneds++] = text;
    return text;
}

/* One section on its way to an option. */
struct section {
    bool open;
    char option[32], id[64];
    char first[1024], rest[4096]; /* rest: ",key=value..." */
};

static int finish_section(struct config *config, struct section *section)
{
    char *value;

    if (!section->open)
        return 0;
    section->open = false;
    if (section->id[0])
        value = make(config, "%s%s,id=%s", section->first, section->rest, section->id);
    else
        value = make(config, "%s%s", section->first, section->rest);
    if (!value)
        return -1;
    if (add(config, make(config, "-%s", section->option)) < 0)
        return -1;
    return add(config, section->first[0] ? value : value + (value[0] == ','));
}

/* Doubles commas. */
static void append_value(char *out, size_t size, const char *value, size_t len)
{
    size_t used = strlen(out);

    for (size_t i = 0; i < len && used + 2 < size; i++) {
        if (value[i] == ',')
            out[used++] = ',';
        out[used++] = value[i];
    }
    out[used] = '\0';
}

static void begin_section(struct section *section, const char *group, const char *id)
{
    *section = (struct section){.open = true};
    snprintf(section->option, sizeof(section->option), "%s", group);
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        if (strcmp(groups[i].group, group) == 0)
            snprintf(section->option, sizeof(section->option), "%s", groups[i].option);
    snprintf(section->id, sizeof(section->id), "%s", id);
}

static void add_key(struct section *section, const char *key, const char *value, size_t len)
{
    for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
        if (strcmp(firsts[i].option, section->option) != 0 || strcmp(firsts[i].key, key) != 0)
            continue;
        append_value(section->first, sizeof(section->first), value, len);
        return;
    }
    snprintf(section->rest + strlen(section->rest), sizeof(section->rest) - strlen(section->rest),
             ",%s=", key);
    append_value(section->rest, sizeof(section->rest), value, len);
}

/* false: it is no line of such a file. */
static bool read_line(struct config *config, struct section *section, const char *line, bool *full)
{
    char group[32], id[64] = "", key[64];
    int end = 0, value = 0;

    line += strspn(line, " \t\r");
    if (!*line || *line == '#')
        return true;
    if (sscanf(line, "[%31[a-z0-9_-] \"%63[^\"]\" ] %n", group, id, &end) == 2 ||
        sscanf(line, "[%31[a-z0-9_-] ] %n", group, &end) == 1) {
        *full = finish_section(config, section) < 0;
        begin_section(section, group, id);
        return end && !line[end];
    }
    if (!section->open || sscanf(line, "%63[A-Za-z0-9_.-] = \"%n", key, &value) != 1 || !value)
        return false;
    line += value;
    if (!strchr(line, '"'))
        return false;
    add_key(section, key, line, strcspn(line, "\""));
    line += strcspn(line, "\"") + 1;
    return !line[strspn(line, " \t\r")];
}

static int read_config(struct config *config, const char *path, char *err, size_t err_len)
{
    struct section section = {.open = false};
    struct image image;
    unsigned number = 0;
    bool full = false;

    if (image_read(&image, path, CONFIG_MAX, err, err_len) < 0)
        return -1;
    for (size_t at = 0; at < image.size && !full;) {
        const u8 *newline = memchr(image.data + at, '\n', image.size - at);
        size_t len = newline ? (size_t)(newline - image.data) - at : image.size - at;
        char line[2048];

        number++;
        if (len >= sizeof(line))
            len = sizeof(line) - 1;
        memcpy(line, image.data + at, len);
        line[len] = '\0';
        if (!read_line(config, &section, line, &full)) {
            snprintf(err, err_len, "'%s', line %u: give [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\"",
                     path, number);
            image_free(&image);
            return -1;
        }
        at = newline ? (size_t)(newline - image.data) + 1 : image.size;
    }
    image_free(&image);
    if (!full && finish_section(config, &section) == 0)
        return 0;
    snprintf(err, err_len, "'%s': too many options", path);
    return -1;
}

/* Whether one of value's items is id=ID. */
static bool has_id(const char *value, const char *id, size_t len)
{
    for (const char *item = value; item; item = strchr(item, ',')) {
        item += *item == ',';
        if (strncmp(item, "id=", 3) == 0 && strncmp(item + 3, id, len) == 0 &&
            (item[3 + len] == ',' || !item[3 + len]))
            return true;
    }
    return false;
}

/* "GROUP.ID.KEY=VALUE". */
static bool apply_set(struct config *config, const char *text)
{
    size_t group = strcspn(text, ".");
    const char *id = text + group + (text[group] == '.');
    size_t id_len = strcspn(id, ".");
    const char *key = id + id_len + (id[id_len] == '.');

    if (!group || !id_len || !strchr(key, '=') || *key == '=')
        return false;
    for (int i = 1; i + 1 < config->argc; i++) {
        const char *name = config->argv[i];
        char *value;

        name += strspn(name, "-");
        if (name == config->argv[i] || strncmp(name, text, group) != 0 || name[group] ||
            !has_id(config->argv[i + 1], id, id_len))
            continue;
        value = make(config, "%s,%s", config->argv[i + 1], key);
        if (!value)
            return false;
        config->argv[i + 1] = value;
        return true;
    }
    return false;
}

static bool is_option(const char *arg, const char *name)
{
    return arg[0] == '-' && strcmp(arg + 1 + (arg[1] == '-'), name) == 0;
}

int config_expand(struct config *config, int argc, char **argv, char *err, size_t err_len)
{
    *config = (struct config){.argc = 0};
    for (int i = 0; i < argc; i++) {
        if (i && i + 1 < argc && is_option(argv[i], "readconfig")) {
            if (read_config(config, argv[++i], err, err_len) < 0)
                return -1;
            continue;
        }
        if (i && i + 1 < argc && is_option(argv[i], "set") && apply_set(config, argv[i + 1])) {
            i++;
            continue;
        }
        if (add(config, argv[i]) < 0) {
            snprintf(err, err_len, "the command line has more than %d words", CONFIG_ARGS);
            return -1;
        }
    }
    return 0;
}

void config_free(struct config *config)
{
    while (config->owneds)
        free(config->owned[--config->owneds]);
}
