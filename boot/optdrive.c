/* -hda and its kin, and -drive, which all of them are short for.
 *
 * -drive is QEMU's, with the keys that mean something here; those that could only change how fast or how the host
 * does it are accepted with a note. Source: QEMU's manual, "Block device options". */
#include "boot/optdrive.h"

#include <string.h>

#include "boot/optvalue.h"
#include "devices/block/format.h"

#define UNITS 2 /* on an IDE channel */

struct spec {
    struct drive_option drive;
    bool floppy, none, on_error;
    int index, bus, unit; /* -1: not given */
};

#define SPEC ((struct spec *)list->opaque)

KEY(file)
{
    SPEC->drive.path = *value ? value : NULL;
    return OPTIONS_RUN;
}

KEY(if)
{
    if (strcmp(value, "pflash") == 0)
        return keylist_fail(list, value, "firmware goes to -bios");
    if (!value_listed(value, "ide|floppy|none"))
        return keylist_fail(list, value,
                            "give ide or floppy, which are the drives of this machine, or none");
    SPEC->floppy = value[0] == 'f';
    SPEC->none = value[0] == 'n';
    return OPTIONS_RUN;
}

enum options_result optdrive_place(struct keylist *list, const char *value, u64 max, int *to)
{
    u64 n;

    if (!value_number(value, 0, max, &n))
        return keylist_fail(list, value, "not a number from 0 to %llu", (unsigned long long)max);
    *to = (int)n;
    return OPTIONS_RUN;
}

enum options_result optdrive_text(struct keylist *list, const char *value, char *to, size_t size)
{
    for (const char *c = value; *c; c++)
        if (*c < ' ' || *c > '~')
            return keylist_fail(list, value, "only ASCII is possible");
    if (strlen(value) >= size)
        return keylist_fail(list, value, "more than %zu characters", size - 1);
    strcpy(to, value);
    return OPTIONS_RUN;
}

KEY(index)
{
    return optdrive_place(list, value, PC_DRIVES - 1, &SPEC->index);
}

KEY(bus)
{
    return optdrive_place(list, value, PC_DRIVES / UNITS - 1, &SPEC->bus);
}

KEY(unit)
{
    return optdrive_place(list, value, UNITS - 1, &SPEC->unit);
}

KEY(media)
{
    SPEC->drive.cdrom = value[0] == 'c';
    return OPTIONS_RUN;
}

enum options_result optdrive_format(struct keylist *list, const char *value, const char **to)
{
    const struct block_format *format = block_format_named(value);

    if (!format)
        return keylist_fail(list, value, "give raw, qcow2 or cow");
    if (!format->open)
        return keylist_fail(
            list, value,
            "this version reads raw, qcow2 and cow images; qemu-img convert -O qcow2 "
            "makes one");
    *to = format->name;
    return OPTIONS_RUN;
}

KEY(format)
{
    return optdrive_format(list, value, &SPEC->drive.format);
}

KEY(snapshot)
{
    SPEC->drive.snapshot_given = true;
    SPEC->drive.snapshot = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(readonly)
{
    SPEC->drive.read_only = keylist_on(value);
    return OPTIONS_RUN;
}

static enum block_on_error on_error(const char *value)
{
    return value[0] == 'r'   ? BLOCK_REPORT
           : value[0] == 'i' ? BLOCK_IGNORE
           : value[0] == 's' ? BLOCK_STOP
                             : BLOCK_ENOSPC;
}

KEY(werror)
{
    SPEC->on_error = true;
    SPEC->drive.on_write_error = on_error(value);
    return OPTIONS_RUN;
}

KEY(rerror)
{
    SPEC->on_error = true;
    SPEC->drive.on_read_error = on_error(value);
    return OPTIONS_RUN;
}

KEY(id)
{
    SPEC->drive.id = value;
    return OPTIONS_RUN;
}

KEY(cache)
{
    SPEC->drive.cache = (struct cache_option){
        .write_through = strcmp(value, "writethrough") == 0 || value[0] == 'd',
        .direct = value[0] == 'n' || value[0] == 'd',
        .no_flush = value[0] == 'u',
    };
    return OPTIONS_RUN;
}

KEY(cache_writeback)
{
    SPEC->drive.cache.write_through = !keylist_on(value);
    return OPTIONS_RUN;
}

KEY(cache_direct)
{
    SPEC->drive.cache.direct = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(cache_no_flush)
{
    SPEC->drive.cache.no_flush = keylist_on(value);
    return OPTIONS_RUN;
}

bool optdrive_unmaps(const char *value)
{
    return value[0] == 'u' || strcmp(value, "on") == 0;
}

enum detect_zeroes optdrive_zeroes(const char *value)
{
    return value[0] == 'u' ? ZEROES_UNMAP : keylist_on(value) ? ZEROES_ON : ZEROES_OFF;
}

KEY(discard)
{
    SPEC->drive.discard = optdrive_unmaps(value);
    return OPTIONS_RUN;
}

KEY(detect_zeroes)
{
    SPEC->drive.zeroes = optdrive_zeroes(value);
    return OPTIONS_RUN;
}

KEY(serial)
{
    return optdrive_text(list, value, SPEC->drive.identity.serial,
                         sizeof(SPEC->drive.identity.serial));
}

static const struct key keys[] = {
    {"file", NULL, key_file, NULL},
    {"if", NULL, key_if, NULL},
    {"index", NULL, key_index, NULL},
    {"bus", NULL, key_bus, NULL},
    {"unit", NULL, key_unit, NULL},
    {"media", "disk|cdrom", key_media, NULL},
    {"format", NULL, key_format, NULL},
    {"driver", NULL, key_format, NULL},
    {"snapshot", "on|off", key_snapshot, NULL},
    {"readonly", "on|off", key_readonly, NULL},
    {"read-only", "on|off", key_readonly, NULL},
    {"cache", "writeback|none|writethrough|directsync|unsafe", key_cache, NULL},
    {"werror", "report|ignore|stop|enospc", key_werror, NULL},
    {"rerror", "report|ignore|stop", key_rerror, NULL},
    {"id", NULL, key_id, NULL},
    {"aio", "threads|native|io_uring", NULL, NULL},
    {"discard", "ignore|off|unmap|on", key_discard, NULL},
    {"detect-zeroes", "off|on|unmap", key_detect_zeroes, NULL},
    {"copy-on-read", "on|off", NULL, NULL},
    {"serial", NULL, key_serial, NULL},
    {"cache.writeback", "on|off", key_cache_writeback, NULL},
    {"cache.direct", "on|off", key_cache_direct, NULL},
    {"cache.no-flush", "on|off", key_cache_no_flush, NULL},
    {"file.locking", "on|off|auto", NULL, NULL},
    {"file.driver", "file|host_device", keylist_same, NULL},
    {"file.filename", NULL, key_file, NULL},
    QCOW2_KEYS,
    {"bps*", NULL, NULL, NULL},
    {"iops*", NULL, NULL, NULL},
    {"throttling.*", NULL, NULL, NULL},
};

/* The place that was asked for, or the next free one; NULL with the line. */
static struct drive_option *find_place(struct parse *p, const struct spec *s)
{
    struct drive_option *places = s->floppy ? p->o->floppy : p->o->drive;
    int count = s->floppy ? PC_FLOPPIES : PC_DRIVES, first = 0, last = count - 1;

    if (s->index >= 0 && (s->bus >= 0 || s->unit >= 0)) {
        opt_fail(p, "-drive: give index=, or bus= and unit=");
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
        opt_fail(p, "-drive: there are %d floppy drives", PC_FLOPPIES);
        return NULL;
    }
    for (int i = first; i < last; i++)
        if (!places[i].name)
            return &places[i];
    return &places[last];
}

enum options_result optdrive_add(struct parse *p, struct drive_option *place,
                                 const struct drive_option *drive)
{
    if (place->name)
        return opt_fail(p, "%s '%s': this drive is %s '%s' already", drive->name,
                        drive->path ? drive->path : "", place->name,
                        place->path ? place->path : "");
    *place = *drive;
    return OPTIONS_RUN;
}

enum options_result optdrive_add_named(struct parse *p, const struct drive_option *drive)
{
    struct options *o = p->o;

    for (unsigned i = 0; i < o->named_count; i++)
        if (strcmp(o->named[i].id, drive->id) == 0)
            return opt_fail(p, "%s: there are two drives with the name '%s'", drive->name,
                            drive->id);
    if (o->named_count == DRIVES_NAMED)
        return opt_fail(p, "%s: more than %d drives with names", drive->name, DRIVES_NAMED);
    o->named[o->named_count++] = *drive;
    return OPTIONS_RUN;
}

SETTER(drive)
{
    struct spec s = {
        .drive = DRIVE_OPTION("-drive", NULL, false), .index = -1, .bus = -1, .unit = -1};
    struct keylist list = KEYLIST("-drive", NULL, keys, p, &s);
    struct drive_option *place;
    enum options_result r = keylist_parse(&list, value);

    if (r != OPTIONS_RUN)
        return r;
    if (s.floppy && s.drive.cdrom)
        return opt_fail(p, "-drive if=floppy: media=cdrom is for if=ide");
    if (s.floppy && s.on_error) /* QEMU's floppy drives report every error, too */
        return opt_fail(p, "-drive if=floppy: werror= and rerror= are for if=ide");
    if (s.drive.zeroes == ZEROES_UNMAP && !s.drive.discard)
        return opt_fail(p, "-drive detect-zeroes=unmap: give discard=unmap, too");
    if (s.none && !s.drive.id)
        return opt_fail(
            p, "-drive if=none: give id=NAME, and -device ide-hd,drive=NAME (or ide-cd, floppy)");
    if (s.none)
        return optdrive_add_named(p, &s.drive);
    place = find_place(p, &s);
    if (!place)
        return OPTIONS_ERROR;
    if (!s.drive.path && !s.drive.cdrom && place != &p->o->floppy[0])
        return opt_fail(p, "-drive: a hard disk and drive B need file=");
    return optdrive_add(p, place, &s.drive);
}

#define DRIVE(option, place, is_cdrom)                                                             \
    SETTER(option)                                                                                 \
    {                                                                                              \
        return optdrive_add(p, &p->o->place, &DRIVE_OPTION("-" #option, value, is_cdrom));         \
    }
DRIVE(hda, drive[0], false)
DRIVE(hdb, drive[1], false)
DRIVE(hdc, drive[2], false)
DRIVE(hdd, drive[3], false)
DRIVE(cdrom, drive[2], true)
DRIVE(fda, floppy[0], false)
DRIVE(fdb, floppy[1], false)

SETTER(medium)
{
    struct medium_option *medium = &p->o->medium[p->o->media];
    const char *equals = strchr(value, '=');
    char name[PC_MEDIA_NAME];

    if (!equals || !equals[1] || (size_t)(equals - value) >= sizeof(name))
        return opt_fail(p, "-medium %s: give DRIVE=FILE, for instance fda=disk2.img", value);
    memcpy(name, value, (size_t)(equals - value));
    name[equals - value] = '\0';
    if (!pc_media_unit(name, &medium->unit))
        return opt_fail(p, "-medium %s: give fda, fdb or cdrom, or floppy0, ide1-cd0 and so on",
                        value);
    if (p->o->media + 1 == MEDIA_OPTIONS)
        return opt_fail(p, "-medium %s: more than %d media", value, MEDIA_OPTIONS - 1);
    medium->path = equals + 1;
    p->o->media++;
    return OPTIONS_RUN;
}

enum options_result optdrive_check_media(struct parse *p)
{
    const struct options *o = p->o;

    for (unsigned i = 0; i < o->media; i++) {
        unsigned unit = o->medium[i].unit;
        bool there = unit == 0 || (unit < PC_FLOPPIES ? o->floppy[unit].name != NULL
                                                      : o->drive[unit - PC_FLOPPIES].cdrom);

        if (!there)
            return opt_fail(p, "-medium: there is no drive for '%s'; -cdrom or -fdb make one",
                            o->medium[i].path);
    }
    if (o->media && o->lockstep[0])
        return opt_fail(p, "-medium: not with -lockstep, whose media stay where they are");
    return OPTIONS_RUN;
}
