/* Options whose keys and values may also be given as a JSON object: it becomes the list that says the same. */
#define _GNU_SOURCE /* open_memstream */
#include "boot/optjson.h"

#ifdef PAGEWALK_JANSSON

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 128

struct listing {
    FILE *out;
    bool more; /* a value stands before */
    bool bad;  /* a key is none */
};

static bool is_key(const char *key)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    return *key && strspn(key, letters) == strlen(key);
}

static void add(struct listing *l, const char *key, const char *value)
{
    if (l->more)
        fputc(',', l->out);
    l->more = true;
    fprintf(l->out, "%s=", key);
    for (; *value; value++) {
        if (*value == ',')
            fputc(',', l->out);
        fputc(*value, l->out);
    }
}

static void add_value(struct listing *l, const char *key, const json_t *value);

/* The member `name` of the object or array that `key` is. */
static void add_member(struct listing *l, const char *key, const char *name, const json_t *value)
{
    char full[KEY_MAX];

    if (!is_key(name) ||
        snprintf(full, sizeof(full), "%s%s%s", key, *key ? "." : "", name) >= KEY_MAX)
        l->bad = true;
    else
        add_value(l, full, value);
}

static void add_value(struct listing *l, const char *key, const json_t *value)
{
    char text[32];
    const char *name;
    json_t *member;
    size_t i;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        /* jansson's macros take no const; nothing is changed. */
        json_object_foreach((json_t *)(uintptr_t)value, name, member)
            add_member(l, key, name, member);
        break;
    case JSON_ARRAY:
        json_array_foreach(value, i, member)
        {
            snprintf(text, sizeof(text), "%zu", i);
            add_member(l, key, text, member);
        }
        break;
    case JSON_STRING: add(l, key, json_string_value(value)); break;
    case JSON_INTEGER:
        snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
        add(l, key, text);
        break;
    case JSON_REAL:
        snprintf(text, sizeof(text), "%g", json_real_value(value));
        add(l, key, text);
        break;
    case JSON_TRUE: add(l, key, "on"); break;
    case JSON_FALSE: add(l, key, "off"); break;
    case JSON_NULL: add(l, key, ""); break;
    }
}

const char *optjson_list(struct parse *p, const char *name, const char *text)
{
    struct listing l = {0};
    json_error_t error;
    char *list = NULL;
    const char *kept;
    json_t *object, *driver;
    size_t len;

    if (*text != '{')
        return text;
    object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!object) {
        opt_fail(p, "%s: JSON: %s (character %d)", name, error.text, error.position);
        return NULL;
    }
    l.out = open_memstream(&list, &len);
    BUG_ON(!l.out);
    driver = json_object_get(object, "driver");
    if (driver) {
        add_value(&l, "driver", driver);
        json_object_del(object, "driver");
    }
    add_value(&l, "", object);
    json_decref(object);
    fclose(l.out);
    kept = l.bad ? NULL : options_keep(p->o, list);
    free(list);
    if (!kept)
        opt_fail(p, "%s: JSON: %s", name, l.bad ? "a key is none" : "the command line is too long");
    return kept;
}

#else

const char *optjson_list(struct parse *p, const char *name, const char *text)
{
    if (*text != '{')
        return text;
    opt_fail(p, "%s: this build has no library for JSON; give KEY=VALUE,...", name);
    return NULL;
}

#endif
