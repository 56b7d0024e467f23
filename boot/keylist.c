/* Values of the form "first,key=value,key": QEMU's grammar of options, read by a table of keys. */
#include "boot/keylist.h"

#include <stdarg.h>
#include <string.h>

#include "boot/optvalue.h"

#define ON_OFF "on|off"

enum options_result keylist_fail(struct keylist *list, const char *value, const char *fmt, ...)
{
    char why[400];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    return opt_fail(list->p, "%s %s%s%s: %s", list->what, list->key, value ? "=" : "",
                    value ? value : "", why);
}

enum options_result keylist_same(struct keylist *list, const char *value)
{
    (void)list, (void)value;
    return OPTIONS_RUN;
}

/* Cuts the next item off *text, in place. */
static char *cut_item(char **text)
{
    char *start = *text, *out = start, *in = start;

    while (*in && (*in != ',' || in[1] == ',')) {
        in += *in == ',';
        *out++ = *in++;
    }
    *text = *in ? in + 1 : NULL;
    *out = '\0';
    return start;
}

const char *keylist_first(struct parse *p, const char *text, const char **rest)
{
    char *copy = options_keep(p->o, text), *at = copy;
    const char *first;

    if (!copy)
        return NULL;
    first = cut_item(&at);
    *rest = at ? text + (at - copy) : "";
    return first;
}

static bool is_on_off(const struct key *key)
{
    return key->values && strncmp(key->values, ON_OFF, strlen(ON_OFF)) == 0;
}

static bool takes(const struct key *key, const char *value)
{
    return !key->values || value_listed(value, key->values) ||
           (is_on_off(key) && value_listed(value, "yes|no|true|false"));
}

static bool named(const struct key *key, const char *name)
{
    size_t len = strlen(key->name);

    if (key->name[len - 1] == '*')
        return strncmp(key->name, name, len - 1) == 0;
    return strcmp(key->name, name) == 0;
}

static const struct key *find(const struct keylist *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (named(&list->keys[i], name))
            return &list->keys[i];
    return NULL;
}

/* "a|b|c" as "a, b or c". */
static void spell(char *out, size_t size, const char *values)
{
    size_t used = 0;

    out[0] = '\0';
    while (*values && used < size) {
        size_t len = strcspn(values, "|");
        bool last = !values[len], next_last = !last && !strchr(values + len + 1, '|');

        used += (size_t)snprintf(out + used, size - used, "%.*s%s", (int)len, values,
                                 last        ? ""
                                 : next_last ? " or "
                                             : ", ");
        values += len + !last;
    }
}

static enum options_result apply(struct keylist *list, const struct key *key, const char *value)
{
    char good[256];
    bool taken = takes(key, value);

    if (key->set && taken)
        return key->set(list, value);
    if (!key->set && taken && (key->values || !key->why)) {
        options_note(list->p->o, list->what + 1,
                     options_keepf(list->p->o, "%s=%s", list->key, value), NULL);
        return OPTIONS_RUN;
    }
    if (key->why)
        return keylist_fail(list, value, "%s", key->why);
    spell(good, sizeof(good), key->values);
    return keylist_fail(list, value, "give %s", good);
}

static enum options_result help(struct keylist *list)
{
    char text[1200];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s takes:\n", list->what);

    for (size_t i = 0; i < list->count && used < sizeof(text); i++)
        if (list->keys[i].set || !list->keys[i].why)
            used +=
                (size_t)snprintf(text + used, sizeof(text) - used, "  %s=%s\n", list->keys[i].name,
                                 list->keys[i].values ? list->keys[i].values : "VALUE");
    list->p->o->text = options_keep(list->p->o, text);
    return OPTIONS_TEXT;
}

static enum options_result unknown(struct keylist *list)
{
    char names[400] = "";
    size_t used = 0;

    for (size_t i = 0; i < list->count && used < sizeof(names); i++)
        if (list->keys[i].set || !list->keys[i].why)
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? " " : "",
                                     list->keys[i].name);
    return opt_fail(list->p, "%s %s: no such key here; there are: %s", list->what, list->key,
                    names);
}

static enum options_result item(struct keylist *list, char *text, bool first)
{
    char *value = strchr(text, '=');
    const struct key *key;

    list->key = text;
    if (value_listed(text, "help|?")) {
        key = first && list->first ? find(list, list->first) : NULL;
        /* The values of the first key, where it has a list of them. */
        return key && key->set && key->set(list, text) == OPTIONS_TEXT ? OPTIONS_TEXT : help(list);
    }
    if (!value && first && list->first) {
        list->key = list->first;
        value = text;
    } else if (value) {
        *value++ = '\0';
    }
    key = find(list, list->key);
    if (!value && !key && strncmp(text, "no", 2) == 0) {
        key = find(list, text + 2);
        if (key && is_on_off(key)) {
            list->key = text + 2;
            return apply(list, key, "off");
        }
        key = NULL;
    }
    if (!key)
        return unknown(list);
    if (!value && is_on_off(key))
        return apply(list, key, "on");
    if (!value)
        return opt_fail(list->p, "%s %s: give %s=VALUE", list->what, list->key, list->key);
    return apply(list, key, value);
}

enum options_result keylist_parse(struct keylist *list, const char *text)
{
    char *at = options_keep(list->p->o, text);
    enum options_result r = OPTIONS_RUN;

    if (!at)
        return opt_fail(list->p, "%s: the command line is too long", list->what);
    for (bool first = true; at && (first || *at) && r == OPTIONS_RUN; first = false)
        r = item(list, cut_item(&at), first);
    return r;
}
