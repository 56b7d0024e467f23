/* -smbios and -uuid: what the SMBIOS tables say. */
#include <string.h>

#include "boot/keylist.h"
#include "boot/optvalue.h"

#define VALUES (list->p->o->smbios)

#define FIELD(type, key, name, value_)                                                             \
    KEY(name)                                                                                      \
    {                                                                                              \
        VALUES.text[SMBIOS_##name] = value;                                                        \
        return OPTIONS_RUN;                                                                        \
    }
#include "boot/smbios.def"
#undef FIELD

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* "12345678-1234-1234-1234-123456789abc". */
static bool read_uuid(const char *text, u8 *uuid)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    unsigned digits = 0;

    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (const char *f = form; *f; f++, text++) {
        int digit = hex_digit(*text);

        if (*f == '-' ? *text != '-' : digit < 0)
            return false;
        if (*f == '-')
            continue;
        uuid[digits / 2] = (u8)(uuid[digits / 2] << 4 | digit);
        digits++;
    }
    return true;
}

static enum options_result set_machine_uuid(struct parse *p, const char *what, const char *value)
{
    if (!read_uuid(value, p->o->smbios.uuid))
        return opt_fail(p, "%s %s: a UUID has the form 12345678-1234-1234-1234-123456789abc", what,
                        value);
    p->o->smbios.has_uuid = true;
    return OPTIONS_RUN;
}

SETTER(uuid)
{
    p->o->uuid = value;
    return set_machine_uuid(p, "-uuid", value);
}

KEY(uuid)
{
    return set_machine_uuid(list->p, "-smbios uuid", value);
}

/* "1.2". */
KEY(release)
{
    u64 major, minor;
    char first[8];
    size_t len = strcspn(value, ".");

    snprintf(first, sizeof(first), "%.*s", (int)len, value);
    if (!value[len] || len >= sizeof(first) || !value_number(first, 0, 255, &major) ||
        !value_number(value + len + 1, 0, 255, &minor))
        return keylist_fail(list, value, "give two numbers up to 255, as in 1.2");
    VALUES.release_major = (u8)major;
    VALUES.release_minor = (u8)minor;
    return OPTIONS_RUN;
}

KEY(uefi)
{
    VALUES.uefi = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(oem)
{
    if (VALUES.oems == SMBIOS_OEM_STRINGS)
        return keylist_fail(list, value, "more than %d texts", SMBIOS_OEM_STRINGS);
    VALUES.oem[VALUES.oems++] = value;
    return OPTIONS_RUN;
}

#define TYPE_KEYS 16 /* at most */

/* Keys that are no texts. */
static const struct {
    unsigned type;
    struct key key;
} other_keys[] = {
    {0, {"release", NULL, key_release, NULL}},
    {0, {"uefi", "on|off", key_uefi, NULL}},
    {1, {"uuid", NULL, key_uuid, NULL}},
    {4, {"max-speed", NULL, NULL, NULL}},
    {4, {"current-speed", NULL, NULL, NULL}},
    {4, {"processor-id", NULL, NULL, NULL}},
    {11, {"value", NULL, key_oem, NULL}},
    {11, {"path", NULL, NULL, "give the text itself as value="}},
    {17, {"speed", NULL, NULL, NULL}},
};

static const struct {
    unsigned type;
    struct key key;
} text_keys[] = {
#define FIELD(type, key, name, value) {type, {key, NULL, key_##name, NULL}},
#include "boot/smbios.def"
#undef FIELD
};

SETTER(smbios)
{
    struct key keys[TYPE_KEYS] = {{"type", NULL, keylist_same, NULL}};
    struct keylist list = {.what = "-smbios", .keys = keys, .count = 1, .p = p};
    u64 type = 0;
    char number[8];

    if (strncmp(value, "file=", 5) == 0)
        return opt_fail(p, "-smbios %s: no tables are read from files; give type=N,KEY=VALUE...",
                        value);
    if (value_listed(value, "help|?")) {
        p->o->text = "-smbios takes type=0, 1, 2, 3, 4, 11 or 17 with their keys\n";
        return OPTIONS_TEXT;
    }
    if (strncmp(value, "type=", 5) == 0)
        snprintf(number, sizeof(number), "%.*s", (int)strcspn(value + 5, ","), value + 5);
    if (strncmp(value, "type=", 5) != 0 || !value_number(number, 0, 255, &type))
        return opt_fail(p, "-smbios %s: it begins with type=N", value);
    for (size_t i = 0; i < ARRAY_SIZE(text_keys); i++)
        if (text_keys[i].type == type)
            keys[list.count++] = text_keys[i].key;
    for (size_t i = 0; i < ARRAY_SIZE(other_keys); i++)
        if (other_keys[i].type == type)
            keys[list.count++] = other_keys[i].key;
    if (list.count == 1)
        return opt_fail(p, "-smbios %s: types 0, 1, 2, 3, 4, 11 and 17 can be set here", value);
    return keylist_parse(&list, value);
}
