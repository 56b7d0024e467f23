/* -machine and -accel: what kind of board, and what executes its code.
 *
 * Code is always translated, which QEMU calls tcg. Of several accelerators the first that works is taken, so that
 * command lines for "KVM where there is one" are good here: "-accel kvm -accel tcg", "-machine accel=kvm:tcg". */
#include "boot/optmachine.h"

#include <string.h>

#include "boot/optvalue.h"

#define ABSENT "kvm|hvf|whpx|xen|nvmm|hax|qtest" /* QEMU's others */

/* One name of len characters, which may be first of its properties. */
static bool take_accel(struct options *o, const char *name, size_t len)
{
    if (value_listed_len(name, len, "tcg"))
        o->accel_found = true;
    else if (!value_listed_len(name, len, ABSENT))
        return false;
    if (!o->accel)
        o->accel = name;
    return true;
}

static int unknown_accel(const char *option, const char *name, size_t len, char *err,
                         size_t err_len)
{
    snprintf(err, err_len,
             "%s%.*s: no such accelerator; code is always translated here, which is 'tcg'", option,
             (int)len, name);
    return -1;
}

/* tcg's properties: how QEMU goes about it. */
static bool is_property(const char *item, size_t len)
{
    static const char *const names[] = {"thread=", "tb-size=", "split-wx=", "one-insn-per-tb="};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (len > strlen(names[i]) && strncmp(item, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

int optaccel_parse(struct options *o, const char *value, char *err, size_t err_len)
{
    size_t len = strcspn(value, ",");
    const char *name = value;
    bool tcg;

    if (strncmp(name, "accel=", 6) == 0) {
        name += 6;
        len -= 6;
    }
    tcg = value_listed_len(name, len, "tcg");
    if (!take_accel(o, name, len))
        return unknown_accel("-accel ", name, len, err, err_len);
    for (const char *item = name + len; *item == ',';) {
        size_t n = strcspn(++item, ",");

        if (tcg && !is_property(item, n)) { /* another's properties are nothing to us */
            snprintf(err, err_len, "-accel tcg: '%.*s' is no property of it", (int)n, item);
            return -1;
        }
        item += n;
    }
    return options_note(o, "accel", value, err, err_len);
}

/* "accel=kvm:tcg". */
static int parse_accels(struct options *o, const char *list, size_t len, char *err, size_t err_len)
{
    const char *end = list + len;

    for (const char *name = list;; name++) {
        size_t n = strcspn(name, ":,");

        if (!take_accel(o, name, n))
            return unknown_accel("-machine accel=", name, n, err, err_len);
        name += n;
        if (name >= end)
            return 0;
    }
}

int optmachine_parse(struct options *o, const char *option, const char *value, char *err,
                     size_t err_len)
{
    const char *item = value;

    do {
        size_t len = strcspn(item, ",");
        size_t skip = strncmp(item, "type=", 5) == 0 ? 5 : 0;

        if (value_listed_len(item + skip, len - skip, "pc|isapc")) {
            o->isa_only = item[skip] == 'i';
        } else if (value_listed_len(item, len, "acpi=on|acpi=off")) {
            o->no_acpi = item[len - 1] == 'f';
        } else if (strncmp(item, "accel=", 6) == 0) {
            if (parse_accels(o, item + 6, len - 6, err, err_len) < 0)
                return -1;
        } else {
            snprintf(err, err_len, "-%s %.*s: give pc or isapc, acpi=on|off, or accel=tcg", option,
                     (int)len, item);
            return -1;
        }
        item += len;
    } while (*item++ == ',');
    return 0;
}

int optaccel_check(const struct options *o, char *err, size_t err_len)
{
    if (!o->accel || o->accel_found)
        return 0;
    snprintf(err, err_len, "-accel %.*s: code is always translated here; add -accel tcg",
             (int)strcspn(o->accel, ":,"), o->accel);
    return -1;
}
