/* Setters of what ends a run that nobody looks at: texts, time, resets. */
#include <stdlib.h>
#include <string.h>

#include "boot/optparse.h"
#include "boot/optvalue.h"
#include "devices/board/snapshots.h"

/* "/regex/", or what is looked for as it is. */
static enum options_result add_text(struct parse *p, const char *value, enum watch_does does)
{
    struct options *o = p->o;
    size_t len = strlen(value);
    bool regex = len > 2 && value[0] == '/' && value[len - 1] == '/';
    char *text = options_keep(o, regex ? value + 1 : value);

    if (!len)
        return opt_fail(p, "-%s: give a text, or /REGEX/", p->name);
    if (o->watch_texts == WATCH_TEXTS || !text)
        return opt_fail(p, "-%s %s: more than %d texts", p->name, value, WATCH_TEXTS);
    if (regex)
        text[len - 2] = '\0';
    o->watch_text[o->watch_texts].text = text;
    o->watch_text[o->watch_texts].regex = regex;
    o->watch_text[o->watch_texts++].does = does;
    return OPTIONS_RUN;
}

SETTER(until)
{
    return add_text(p, value, WATCH_ENDS);
}

SETTER(fail_on)
{
    return add_text(p, value, WATCH_FAILS);
}

static enum options_result state_name(struct parse *p, const char *value, const char **name)
{
    char path[SNAPSHOT_NAME];

    if (!*value || snapshot_path(value, path) < 0)
        return opt_fail(p, "-%s: give a name", p->name);
    *name = value;
    return OPTIONS_RUN;
}

SETTER(loadvm)
{
    return state_name(p, value, &p->o->loadvm);
}

SETTER(savevm)
{
    return state_name(p, value, &p->o->savevm);
}

SETTER(record)
{
    p->o->record = value;
    return OPTIONS_RUN;
}

SETTER(replay)
{
    p->o->replay = value;
    return OPTIONS_RUN;
}

SETTER(savevm_at)
{
    u64 n;

    if (p->o->savevm_at_given)
        return opt_fail(p, "-savevm-at: give one moment");
    p->o->savevm_at_given = true;
    if (strncmp(value, "see:", 4) == 0)
        return add_text(p, value + 4, WATCH_SAVES);
    if (strncmp(value, "insns=", 6) != 0 || !value_number(value + 6, 1, UINT64_MAX >> 2, &n))
        return opt_fail(p, "-savevm-at %s: give see:TEXT, or insns=N", value);
    p->o->savevm_at = n;
    return OPTIONS_RUN;
}

/* "90", "90s", "500ms", "2m", "1h". */
SETTER(timeout)
{
    static const struct {
        const char *name;
        u64 ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    size_t digits = strspn(value, "0123456789");
    char number[16];
    u64 n;

    snprintf(number, sizeof(number), "%.*s", (int)digits, value);
    if (digits < sizeof(number) && value_number(number, 1, 1000000000, &n))
        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
            if (strcmp(value + digits, units[i].name) == 0) {
                p->o->timeout_ms = (i64)(n * units[i].ms);
                return OPTIONS_RUN;
            }
    return opt_fail(p, "-timeout %s: give a time, as 90s, 500ms or 2m", value);
}

SETTER(exit_status)
{
    if (!value_listed(value, "pagewalk|qemu"))
        return opt_fail(p, "-exit-status %s: give pagewalk or qemu", value);
    p->o->exit_qemu = value[0] == 'q';
    return OPTIONS_RUN;
}

SETTER(serial_stamp)
{
    if (!value_listed(value, "guest|host|off"))
        return opt_fail(p, "-serial-stamp %s: give guest, host or off", value);
    p->o->stamp = value[0] == 'g' ? STAMP_GUEST : value[0] == 'h' ? STAMP_HOST : STAMP_OFF;
    return OPTIONS_RUN;
}

SETTER(max_resets)
{
    u64 n;

    if (!value_number(value, 0, 1000000, &n))
        return opt_fail(p, "-max-resets %s: not a number from 0 to 1000000", value);
    p->o->max_resets = (u32)n + 1;
    return OPTIONS_RUN;
}
