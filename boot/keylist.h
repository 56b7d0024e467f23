/* Values of the form "first,key=value,key": QEMU's grammar of options, read by a table of keys. */
#ifndef PAGEWALK_KEYLIST_H
#define PAGEWALK_KEYLIST_H

#include "boot/optparse.h"

struct keylist;

struct key {
    const char *name; /* "throttling.*" is all that begin so */
    const char *
        values; /* "a|b": what it takes, where "on|off" takes yes, no, true and false too; NULL: any */
    /* Reads the value. NULL: it changes nothing, and is noted. */
    enum options_result (*set)(struct keylist *list, const char *value);
    const char *
        why; /* only without set: other values than these are refused, for this reason; and all, without any */
};

struct keylist {
    const char *what;  /* "-drive": how lines begin */
    const char *first; /* the key of a first item that has none; NULL: it must have one */
    const struct key *keys;
    size_t count;
    struct parse *p;
    void *opaque;
    const char *key; /* the one at hand */
};

/* A key's function; and one that keeps the value as it is. */
#define KEY(name) static enum options_result key_##name(struct keylist *list, const char *value)
#define KEY_TEXT(name, where)                                                                      \
    KEY(name)                                                                                      \
    {                                                                                              \
        where = value;                                                                             \
        return OPTIONS_RUN;                                                                        \
    }

#define KEYLIST(what_, first_, keys_, p_, opaque_)                                                 \
    ((struct keylist){.what = what_,                                                               \
                      .first = first_,                                                             \
                      .keys = keys_,                                                               \
                      .count = ARRAY_SIZE(keys_),                                                  \
                      .p = p_,                                                                     \
                      .opaque = opaque_})

/* Reads the items of text one after the other: a doubled comma is one in a value, "key" alone means "key=on", "nokey"
 * "key=off" where on and off are what it takes, and "help" lists the keys (OPTIONS_TEXT). Values that setters get stay
 * as long as the options do. */
enum options_result keylist_parse(struct keylist *list, const char *text);

/* The item before the first comma, and what follows behind it in *rest, which may be empty. */
const char *keylist_first(struct parse *p, const char *text, const char **rest);

/* "-drive key=value: ..." */
enum options_result printf_like(3, 4)
    keylist_fail(struct keylist *list, const char *value, const char *fmt, ...);

/* A setter for what may be said and is so anyway. */
enum options_result keylist_same(struct keylist *list, const char *value);

/* Of an on|off key. */
static inline bool keylist_on(const char *value)
{
    return value[0] == 'y' || value[0] == 't' || value[1] == 'n';
}

#endif
