/* The options that give the machine its drives: -hda and its kin, and -drive, which all of them are short for.
 *
 * -drive is QEMU's, with the keys that mean something here; those that could only change how fast or how the host
 * does it are accepted with a note. Source: QEMU's manual, "Block device options". */
#include "boot/optdrive.h"

#include <stdarg.h>
#include <string.h>

#include "boot/optvalue.h"

#define UNITS 2 /* on an IDE channel */

struct spec {
    struct drive_option drive;
    bool floppy, on_error;
    int index, bus, unit; /* -1: not given */
    struct options *o;
    char *err;
    size_t err_len;
};

static int printf_like(2, 3) fail(const struct spec *s, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(s->err, s->err_len, fmt, args);
    va_end(args);
    return -1;
}

static int bad_value(const struct spec *s, const char *key, const char *value, const char *good)
{
    return fail(s, "-drive %s=%s: give %s", key, value, good);
}

/* Keys: 0, or -1 with the line. */
#define KEY(name) static int key_##name(struct spec *s, const char *key, const char *value)

KEY(file)
{
    if (snprintf(s->drive.own_path, sizeof(s->drive.own_path), "%s", value) >=
        (int)sizeof(s->drive.own_path))
        return fail(s, "-drive %s=: the name is too long", key);
    s->drive.path = *value ? s->drive.own_path : NULL;
    return 0;
}

KEY(if)
{
    if (strcmp(value, "none") == 0)
        return fail(
            s, "-drive %s=none: this version has no -device for disks; give if=ide or if=floppy",
            key);
    if (!value_listed(value, "ide|floppy"))
        return bad_value(s, key, value, "ide or floppy, which are the drives of this machine");
    s->floppy = value[0] == 'f';
    return 0;
}

static int place(const struct spec *s, const char *key, const char *value, u64 max, int *to)
{
    u64 n;

    if (!value_number(value, 0, max, &n))
        return fail(s, "-drive %s=%s: not a number from 0 to %llu", key, value,
                    (unsigned long long)max);
    *to = (int)n;
    return 0;
}

KEY(index)
{
    return place(s, key, value, PC_DRIVES - 1, &s->index);
}

KEY(bus)
{
    return place(s, key, value, PC_DRIVES / UNITS - 1, &s->bus);
}

KEY(unit)
{
    return place(s, key, value, UNITS - 1, &s->unit);
}

KEY(media)
{
    if (!value_listed(value, "disk|cdrom"))
        return bad_value(s, key, value, "disk or cdrom");
    s->drive.cdrom = value[0] == 'c';
    return 0;
}

KEY(format)
{
    if (strcmp(value, "raw") != 0)
        return fail(
            s, "-drive %s=%s: this version reads raw images; qemu-img convert -O raw makes one",
            key, value);
    s->drive.raw = true;
    return 0;
}

static int on_off(const struct spec *s, const char *key, const char *value, bool *to)
{
    if (!value_listed(value, "on|off|yes|no"))
        return bad_value(s, key, value, "on or off");
    *to = value[1] == 'n' || value[0] == 'y';
    return 0;
}

KEY(snapshot)
{
    s->drive.snapshot_given = true;
    return on_off(s, key, value, &s->drive.snapshot);
}

KEY(readonly)
{
    return on_off(s, key, value, &s->drive.read_only);
}

KEY(werror)
{
    static const char names[] = "report|ignore|stop|enospc";

    s->on_error = true;
    if (!value_listed(value, names))
        return bad_value(s, key, value, "report, ignore, stop or enospc");
    s->drive.on_write_error = value[0] == 'r'   ? BLOCK_REPORT
                              : value[0] == 'i' ? BLOCK_IGNORE
                              : value[0] == 's' ? BLOCK_STOP
                                                : BLOCK_ENOSPC;
    return 0;
}

KEY(rerror)
{
    s->on_error = true;
    if (!value_listed(value, "report|ignore|stop"))
        return bad_value(s, key, value, "report, ignore or stop");
    s->drive.on_read_error = value[0] == 'r'   ? BLOCK_REPORT
                             : value[0] == 'i' ? BLOCK_IGNORE
                                               : BLOCK_STOP;
    return 0;
}

KEY(id)
{
    (void)s, (void)key, (void)value; /* nothing here has a name */
    return 0;
}

/* Host caches: writeback is what there is. */
KEY(cache)
{
    static const char *const others[] = {"cache=none", "cache=writethrough", "cache=directsync",
                                         "cache=unsafe"};

    if (strcmp(value, "writeback") == 0)
        return 0;
    for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
        if (strcmp(value, strchr(others[i], '=') + 1) == 0)
            return options_note(s->o, "drive", others[i], s->err, s->err_len);
    return bad_value(s, key, value, "writeback, none, writethrough, directsync or unsafe");
}

KEY(aio)
{
    if (!value_listed(value, "threads|native|io_uring"))
        return bad_value(s, key, value, "threads, native or io_uring");
    return options_note(s->o, "drive", "aio=", s->err, s->err_len);
}

KEY(discard)
{
    if (!value_listed(value, "ignore|off|unmap|on"))
        return bad_value(s, key, value, "ignore or unmap");
    return options_note(s->o, "drive", "discard=", s->err, s->err_len);
}

static const struct key {
    const char *name;
    int (*set)(struct spec *s, const char *key, const char *value);
} keys[] = {
    {"file", key_file},         {"if", key_if},
    {"index", key_index},       {"bus", key_bus},
    {"unit", key_unit},         {"media", key_media},
    {"format", key_format},     {"snapshot", key_snapshot},
    {"readonly", key_readonly}, {"read-only", key_readonly},
    {"cache", key_cache},       {"werror", key_werror},
    {"rerror", key_rerror},     {"id", key_id},
    {"aio", key_aio},           {"discard", key_discard},
};

/* One "key=value". */
static int set_item(struct spec *s, char *item)
{
    char *value = strchr(item, '=');

    if (value)
        *value++ = '\0';
    for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
        if (strcmp(keys[i].name, item) != 0)
            continue;
        if (!value)
            return fail(s, "-drive %s: give %s=VALUE", item, item);
        return keys[i].set(s, item, value);
    }
    return fail(s, "-drive %s: no such key here", item);
}

static int set_items(struct spec *s, const char *text)
{
    char item[sizeof(s->drive.own_path) + 16];
    size_t len = 0;

    for (const char *p = text;; p++) {
        bool end = *p == '\0' || (*p == ',' && p[1] != ',');

        if (!end) {
            if (len == sizeof(item) - 1)
                return fail(s, "-drive: a value is too long");
            p += *p == ',';
            item[len++] = *p;
            continue;
        }
        item[len] = '\0';
        len = 0;
        if (set_item(s, item) < 0)
            return -1;
        if (*p == '\0')
            return 0;
    }
}

/* The place that was asked for, or the next free one; NULL with the line. */
static struct drive_option *find_place(struct spec *s)
{
    struct drive_option *places = s->floppy ? s->o->floppy : s->o->drive;
    int count = s->floppy ? PC_FLOPPIES : PC_DRIVES, first = 0, last = count - 1;

    if (s->index >= 0 && (s->bus >= 0 || s->unit >= 0)) {
        fail(s, "-drive: give index=, or bus= and unit=");
        return NULL;
    }
    if (s->index >= 0) {
        first = last = s->index;
    } else if (s->unit >= 0) {
        first = last = (s->bus > 0 ? s->bus * UNITS : 0) + s->unit;
    } else if (s->bus >= 0) {
        first = s->bus * UNITS;
    }
    if (last >= count || first >= count) {
        fail(s, "-drive: there are %d floppy drives", PC_FLOPPIES);
        return NULL;
    }
    for (int i = first; i < last; i++)
        if (!places[i].name)
            return &places[i];
    return &places[last];
}

int optdrive_add(struct drive_option *place, const struct drive_option *drive, char *err,
                 size_t err_len)
{
    if (place->name) {
        snprintf(err, err_len, "%s '%s': this drive is %s '%s' already", drive->name,
                 drive->path ? drive->path : "", place->name, place->path ? place->path : "");
        return -1;
    }
    *place = *drive;
    if (drive->path == drive->own_path)
        place->path = place->own_path;
    return 0;
}

int optdrive_parse(struct options *o, const char *value, char *err, size_t err_len)
{
    struct spec s = {.drive = DRIVE_OPTION("-drive", NULL, false),
                     .index = -1,
                     .bus = -1,
                     .unit = -1,
                     .o = o,
                     .err = err,
                     .err_len = err_len};
    struct drive_option *place;

    if (set_items(&s, value) < 0)
        return -1;
    place = find_place(&s);
    if (!place)
        return -1;
    if (s.floppy && s.drive.cdrom)
        return fail(&s, "-drive if=floppy: media=cdrom is for if=ide");
    if (s.floppy && s.on_error) /* QEMU's floppy drives report every error, too */
        return fail(&s, "-drive if=floppy: werror= and rerror= are for if=ide");
    if (!s.drive.path && !s.drive.cdrom && place != &o->floppy[0])
        return fail(&s, "-drive: a hard disk and drive B need file=");
    return optdrive_add(place, &s.drive, err, err_len);
}
