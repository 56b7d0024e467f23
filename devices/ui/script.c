/* Parses a script of keys. */
#include "devices/ui/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS   1000000ull
#define SECONDS_MAX 1000000ull
#define SHOWN       40 /* bytes of a mistake that are repeated to the user */

struct parser {
    struct key_script *script;
    bool serial; /* after <serial> */
    char *err;
    size_t err_len;
};

static struct script_step *add(struct parser *p, enum script_kind kind)
{
    struct script_step *step = &p->script->step[p->script->steps++];

    *step = (struct script_step){.kind = kind};
    return step;
}

/* "500ms", "2s", "1.5s": whole nanoseconds, at most three digits behind the point of seconds. */
static bool parse_time(const char *text, u64 *ns)
{
    u64 whole = 0, part = 0, unit = NS_PER_MS * 1000;

    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        whole = whole * 10 + (u64)(*text - '0');
        if (whole > SECONDS_MAX * 1000)
            return false;
    }
    if (*text == '.') {
        u64 digit = unit;

        for (text++; *text >= '0' && *text <= '9' && digit > NS_PER_MS; text++) {
            digit /= 10;
            part += digit * (u64)(*text - '0');
        }
        if (strcmp(text, "s") != 0)
            return false;
    } else if (strcmp(text, "ms") == 0) {
        unit = NS_PER_MS;
    } else if (strcmp(text, "s") != 0 || whole > SECONDS_MAX) {
        return false;
    }
    *ns = whole * unit + part;
    return true;
}

/* "TEXT" or "TEXT within TIME". */
static void add_see(struct parser *p, char *text)
{
    static const char within[] = " within ";
    struct script_step *step = add(p, SCRIPT_SEE);
    char *last = NULL;

    for (char *at = text; (at = strstr(at, within)); at++)
        last = at;
    if (last && last > text && parse_time(last + sizeof(within) - 1, &step->ns))
        *last = '\0';
    step->text = text;
    step->serial = p->serial;
}

/* "ctrl-a". */
static bool is_control(const char *text)
{
    return strncmp(text, "ctrl-", 5) == 0 && text[5] >= 'a' && text[5] <= 'z' && !text[6];
}

static int add_key(struct parser *p, const char *text)
{
    struct keymap_stroke stroke;

    if (p->serial && is_control(text)) {
        add(p, SCRIPT_SEND)->byte = (u8)(text[5] & 0x1f);
        return 0;
    }
    if (!keymap_name(text, strlen(text), &stroke)) {
        snprintf(p->err, p->err_len,
                 "'<%.*s>' is no key, no time as in <500ms> or <2s>, and not <see TEXT>, "
                 "<screenshot> or <quit>",
                 SHOWN, text);
        return -1;
    }
    if (p->serial) {
        snprintf(p->err, p->err_len,
                 "'<%.*s>' cannot be sent to a serial port; <ctrl-a> to <ctrl-z> can", SHOWN, text);
        return -1;
    }
    add(p, SCRIPT_KEY)->stroke = stroke;
    return 0;
}

/* What stands between < and >, in place and terminated. */
static int parse_command(struct parser *p, char *text)
{
    u64 ns;

    if (strncmp(text, "see ", 4) == 0 && text[4]) {
        add_see(p, text + 4);
    } else if (strcmp(text, "serial") == 0 || strcmp(text, "keyboard") == 0) {
        p->serial = text[0] == 's';
    } else if (strncmp(text, "sleep ", 6) == 0 && parse_time(text + 6, &ns)) {
        add(p, SCRIPT_WAIT)->ns = ns;
    } else if (strcmp(text, "screenshot") == 0) {
        add(p, SCRIPT_SCREENSHOT);
    } else if (strcmp(text, "quit") == 0) {
        add(p, SCRIPT_QUIT);
    } else if (parse_time(text, &ns)) {
        add(p, SCRIPT_WAIT)->ns = ns;
    } else {
        return add_key(p, text);
    }
    return 0;
}

/* What a backslash and this character stand for; false: nothing. */
static bool unescape(char character, u8 *meaning)
{
    static const char escapes[] = "n\nt\tb\be\033\\\\<<";

    for (const char *e = escapes; *e; e += 2)
        if (*e == character) {
            *meaning = (u8)e[1];
            return true;
        }
    return false;
}

static int parse_text(struct parser *p, char *text, const char *end)
{
    while (text < end) {
        u8 character = (u8)*text++;
        struct keymap_stroke stroke;

        if (character == '<') {
            char *close = memchr(text, '>', (size_t)(end - text));

            if (!close) {
                snprintf(p->err, p->err_len, "'<%.*s' has no '>'; \\< types a '<'", SHOWN, text);
                return -1;
            }
            *close = '\0';
            if (parse_command(p, text) < 0)
                return -1;
            text = close + 1;
            continue;
        }
        if (character == '\\' && (text == end || !unescape(*text++, &character))) {
            snprintf(p->err, p->err_len, "a backslash stands before n, t, b, e, \\ or <");
            return -1;
        }
        if (p->serial) {
            add(p, SCRIPT_SEND)->byte = character == '\n' ? '\r' : character;
            continue;
        }
        if (!keymap_char(character, &stroke)) {
            snprintf(p->err, p->err_len, "character %#x is on no key of a US keyboard", character);
            return -1;
        }
        add(p, SCRIPT_KEY)->stroke = stroke;
    }
    return 0;
}

struct key_script *script_parse(const char *text, size_t len, char *err, size_t err_len)
{
    struct key_script *script = calloc(1, sizeof(*script));
    struct parser p = {.script = script, .err = err, .err_len = err_len};

    if (script) {
        script->text = malloc(len + 1);
        script->step = calloc(len + 1, sizeof(*script->step)); /* no step is shorter than a byte */
    }
    if (!script || !script->text || !script->step) {
        snprintf(err, err_len, "no memory for a script of %zu bytes", len);
        script_free(script);
        return NULL;
    }
    memcpy(script->text, text, len);
    script->text[len] = '\0';
    if (parse_text(&p, script->text, script->text + len) < 0) {
        script_free(script);
        return NULL;
    }
    return script;
}

void script_free(struct key_script *script)
{
    if (!script)
        return;
    free(script->text);
    free(script->step);
    free(script);
}
