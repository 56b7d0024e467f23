/* Writes JSON (RFC 8259). */
#include "boot/json.h"

#include <inttypes.h>
#include <string.h>

static void line(struct json *json)
{
    fputc('\n', json->out);
    for (unsigned i = 0; i < json->depth; i++)
        fputs("  ", json->out);
}

/* Length of the UTF-8 sequence at text; 0: it is none. */
static size_t utf8_length(const u8 *text, size_t len)
{
    size_t n = text[0] < 0x80   ? 1
               : text[0] < 0xc2 ? 0
               : text[0] < 0xe0 ? 2
               : text[0] < 0xf0 ? 3
                                : 0;

    if (n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if (n == 3 && text[0] == 0xe0 && text[1] < 0xa0) /* longer than it must be */
        return 0;
    if (n == 3 && text[0] == 0xed && text[1] >= 0xa0) /* half a surrogate pair */
        return 0;
    return n;
}

static void quoted(FILE *out, const char *text, size_t len)
{
    fputc('"', out);
    for (size_t i = 0; i < len;) {
        u8 c = (u8)text[i];
        size_t n = utf8_length((const u8 *)text + i, len - i);

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (n == 0 || c < ' ' || c == 0x7f)
            fprintf(out, "\\u%04x", c);
        else
            fwrite(text + i, 1, n, out);
        i += n ? n : 1;
    }
    fputc('"', out);
}

static void begin(struct json *json, const char *key)
{
    if (json->more)
        fputc(',', json->out);
    if (json->depth)
        line(json);
    if (key) {
        quoted(json->out, key, strlen(key));
        fputs(": ", json->out);
    }
    json->more = true;
}

void json_text(struct json *json, const char *key, const char *text, size_t len)
{
    begin(json, key);
    quoted(json->out, text, len);
}

void json_str(struct json *json, const char *key, const char *text)
{
    begin(json, key);
    if (text)
        quoted(json->out, text, strlen(text));
    else
        fputs("null", json->out);
}

void json_number(struct json *json, const char *key, u64 value)
{
    begin(json, key);
    fprintf(json->out, "%" PRIu64, value);
}

void json_seconds(struct json *json, const char *key, u64 ns)
{
    begin(json, key);
    fprintf(json->out, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_open(struct json *json, const char *key, char open)
{
    begin(json, key);
    fputc(open, json->out);
    json->depth++;
    json->more = false;
}

void json_close(struct json *json, char close)
{
    json->depth--;
    if (json->more)
        line(json);
    fputc(close, json->out);
    json->more = true;
    if (!json->depth)
        fputc('\n', json->out);
}
