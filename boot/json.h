/* Writes JSON, one value after the other: a comma and a line's indentation are put where they belong. */
#ifndef PAGEWALK_JSON_H
#define PAGEWALK_JSON_H

#include <stdio.h>

#include "mmu/host/base.h"

struct json {
    FILE *out;
    unsigned depth;
    bool more; /* a value stands before this one */
};

/* key NULL: an array's element. Bytes of a text that are not UTF-8 are taken for Latin-1. */
void json_text(struct json *json, const char *key, const char *text, size_t len);
/* NULL: null. (jansson has a json_string().) */
void json_str(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, u64 value);
void json_seconds(struct json *json, const char *key,
                  u64 ns); /* with nine digits behind the point */
void json_bool(struct json *json, const char *key, bool value);
/* open: '{' or '['; the one that is closed must be the last opened. */
void json_open(struct json *json, const char *key, char open);
void json_close(struct json *json, char close);

#endif
