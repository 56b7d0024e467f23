/* Drives in two parts, as QEMU's newer command lines have them: the image by -drive if=none or -blockdev, and the
 * drive in which it is by -device ide-hd, ide-cd or floppy. They find each other by a name, in whatever order. */
#include <string.h>

#include "boot/optdrive.h"
#include "boot/optjson.h"
#include "boot/optvalue.h"

/* -blockdev: */
#define NODE ((struct drive_option *)list->opaque)

KEY(node_name)
{
    NODE->id = value;
    return OPTIONS_RUN;
}

KEY(driver)
{
    return value_listed(value, "file|host_device") ? OPTIONS_RUN
                                                   : optdrive_format(list, value, &NODE->format);
}

KEY(filename)
{
    NODE->path = value;
    return OPTIONS_RUN;
}

KEY(file)
{
    NODE->node = value;
    return OPTIONS_RUN;
}

KEY(read_only)
{
    NODE->read_only = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(node_discard)
{
    NODE->discard = optdrive_unmaps(value);
    return OPTIONS_RUN;
}

KEY(node_zeroes)
{
    NODE->zeroes = optdrive_zeroes(value);
    return OPTIONS_RUN;
}

KEY(node_direct)
{
    NODE->cache.direct = keylist_on(value);
    return OPTIONS_RUN;
}

KEY(node_no_flush)
{
    NODE->cache.no_flush = keylist_on(value);
    return OPTIONS_RUN;
}

static const struct key node_keys[] = {
    {"driver", NULL, key_driver, NULL},
    {"node-name", NULL, key_node_name, NULL},
    {"filename", NULL, key_filename, NULL},
    {"file", NULL, key_file, NULL},
    {"file.driver", NULL, key_driver, NULL},
    {"file.filename", NULL, key_filename, NULL},
    {"read-only", "on|off", key_read_only, NULL},
    {"auto-read-only", "on|off", NULL, NULL},
    {"force-share", "on|off", NULL, NULL},
    {"discard", "ignore|unmap", key_node_discard, NULL},
    {"detect-zeroes", "off|on|unmap", key_node_zeroes, NULL},
    {"locking", "on|off|auto", NULL, NULL},
    {"aio", "threads|native|io_uring", NULL, NULL},
    {"cache.direct", "on|off", key_node_direct, NULL},
    {"cache.no-flush", "on|off", key_node_no_flush, NULL},
    {"file.*", NULL, NULL, NULL},
    QCOW2_KEYS,
};

SETTER(blockdev)
{
    struct drive_option node = DRIVE_OPTION("-blockdev", NULL, false);
    struct keylist list = KEYLIST("-blockdev", "driver", node_keys, p, &node);
    enum options_result r;

    value = optjson_list(p, "-blockdev", value);
    if (!value)
        return OPTIONS_ERROR;
    r = keylist_parse(&list, value);
    if (r != OPTIONS_RUN)
        return r;
    if (!node.id)
        return opt_fail(p, "-blockdev: give node-name=NAME, by which -device finds it");
    if (!node.path == !node.node)
        return opt_fail(p, "-blockdev %s: give filename=FILE, or file=NODE", node.id);
    return optdrive_add_named(p, &node);
}

/* -device: */
#define ATTACH ((struct attach_option *)list->opaque)

KEY(drive)
{
    ATTACH->drive = value;
    return OPTIONS_RUN;
}

KEY(bus)
{
    bool floppy = ATTACH->floppy;

    if (floppy ? strcmp(value, "floppy-bus.0") == 0 : strncmp(value, "ide.", 4) == 0)
        return floppy ? OPTIONS_RUN
                      : (list->key = "bus",
                         optdrive_place(list, value + 4, PC_DRIVES / 2 - 1, &ATTACH->bus));
    return keylist_fail(list, value,
                        floppy ? "the one that there is is floppy-bus.0" : "give ide.0 or ide.1");
}

KEY(unit)
{
    return optdrive_place(list, value, 1, &ATTACH->unit);
}

KEY(bootindex)
{
    return optdrive_place(list, value, 0x7fffffff, &ATTACH->bootindex);
}

KEY(serial)
{
    return optdrive_text(list, value, ATTACH->identity.serial, sizeof(ATTACH->identity.serial));
}

KEY(model)
{
    return optdrive_text(list, value, ATTACH->identity.model, sizeof(ATTACH->identity.model));
}

KEY(ver)
{
    return optdrive_text(list, value, ATTACH->identity.firmware, sizeof(ATTACH->identity.firmware));
}

/* A whole number into a field of the drive's identity. */
static enum options_result number(struct keylist *list, const char *value, u64 min, u64 max,
                                  u64 *to)
{
    if (value_number(value, min, max, to))
        return OPTIONS_RUN;
    return keylist_fail(list, value, "not a number from %llu to %llu", (unsigned long long)min,
                        (unsigned long long)max);
}

KEY(wwn)
{
    return number(list, value, 1, UINT64_MAX, &ATTACH->identity.wwn);
}

#define NUMBER_KEY(name, min, max, field)                                                          \
    KEY(name)                                                                                      \
    {                                                                                              \
        u64 n = 0;                                                                                 \
        enum options_result r = number(list, value, min, max, &n);                                 \
                                                                                                   \
        ATTACH->identity.field = (__typeof__(ATTACH->identity.field))n;                            \
        return r;                                                                                  \
    }
NUMBER_KEY(rotation_rate, 0, 0xfffe, rotation_rate)
NUMBER_KEY(cyls, 1, 0xffff, geometry.cylinders)
NUMBER_KEY(heads, 1, 16, geometry.heads)
NUMBER_KEY(secs, 1, 255, geometry.track)

KEY(write_cache)
{
    ATTACH->write_cache_given = strcmp(value, "auto") != 0;
    ATTACH->write_cache = keylist_on(value);
    return OPTIONS_RUN;
}

static const struct key attach_keys[] = {
    {"drive", NULL, key_drive, NULL},
    {"bus", NULL, key_bus, NULL},
    {"unit", NULL, key_unit, NULL},
    {"bootindex", NULL, key_bootindex, NULL},
    {"id", NULL, keylist_same, NULL},
    {"drive-type", "120|144|288|auto", NULL, NULL},
    {"serial", NULL, key_serial, NULL},
    {"model", NULL, key_model, NULL},
    {"ver", NULL, key_ver, NULL},
    {"wwn", NULL, key_wwn, NULL},
    {"cyls", NULL, key_cyls, NULL},
    {"heads", NULL, key_heads, NULL},
    {"secs", NULL, key_secs, NULL},
    {"share-rw", "on|off", NULL, NULL},
    {"write-cache", "on|off|auto", key_write_cache, NULL},
    {"rotation_rate", NULL, key_rotation_rate, NULL},
    {"logical_block_size", "512", NULL, "this machine's drives have sectors of 512 bytes"},
    {"physical_block_size", "512", NULL, "this machine's drives have sectors of 512 bytes"},
};

enum options_result optattach_parse(struct parse *p, const char *driver, const char *items)
{
    struct options *o = p->o;
    struct attach_option attach = {.driver = driver,
                                   .floppy = strcmp(driver, "floppy") == 0,
                                   .cdrom = strcmp(driver, "ide-cd") == 0,
                                   .hard_disk = strcmp(driver, "ide-hd") == 0,
                                   .bus = -1,
                                   .unit = -1,
                                   .bootindex = -1};
    struct keylist list =
        KEYLIST(options_keepf(o, "-device %s:", driver), NULL, attach_keys, p, &attach);
    enum options_result r = *items ? keylist_parse(&list, items) : OPTIONS_RUN;

    const struct ide_geometry *g = &attach.identity.geometry;

    if (r != OPTIONS_RUN)
        return r;
    if ((g->cylinders || g->heads || g->track) && !(g->cylinders && g->heads && g->track))
        return opt_fail(p, "-device %s: give cyls=, heads= and secs=, or none of them", driver);
    if (!attach.drive && !attach.cdrom && !attach.floppy)
        return opt_fail(p, "-device %s: give drive=NAME, and -drive if=none,id=NAME,file=FILE",
                        driver);
    if (o->attach_count == DRIVES_NAMED)
        return opt_fail(p, "-device %s: more than %d drives", driver, DRIVES_NAMED);
    o->attach[o->attach_count++] = attach;
    return OPTIONS_RUN;
}

/* The named drive, through the nodes of -blockdev to its image. NULL with the line. */
static struct drive_option *find_named(struct parse *p, const char *driver, const char *name)
{
    struct options *o = p->o;
    const char *wanted = name;
    struct drive_option *found = NULL;
    bool read_only = false, discard = false;
    struct cache_option cache = {0};
    enum detect_zeroes zeroes = ZEROES_OFF;

    for (unsigned steps = 0; steps <= o->named_count; steps++) {
        struct drive_option *next = NULL;

        for (unsigned i = 0; i < o->named_count; i++)
            if (strcmp(o->named[i].id, wanted) == 0)
                next = &o->named[i];
        if (!next)
            break;
        read_only |= next->read_only;
        discard |= next->discard;
        zeroes = next->zeroes > zeroes ? next->zeroes : zeroes;
        cache.direct |= next->cache.direct;
        cache.no_flush |= next->cache.no_flush;
        cache.write_through |= next->cache.write_through;
        if (!next->node) {
            found = next;
            found->read_only = read_only;
            found->discard = discard;
            found->zeroes = zeroes;
            found->cache = cache;
            return found;
        }
        wanted = next->node;
    }
    opt_fail(p, "-device %s: there is no drive '%s'; give -drive if=none,id=%s,file=FILE", driver,
             wanted, wanted);
    return NULL;
}

static struct drive_option *attach_place(struct parse *p, const struct attach_option *a)
{
    struct drive_option *places = a->floppy ? p->o->floppy : p->o->drive;
    int count = a->floppy ? PC_FLOPPIES : PC_DRIVES;

    for (int i = 0; i < count; i++) {
        bool fits = (a->bus < 0 || i / 2 == a->bus) && (a->unit < 0 || i % 2 == a->unit);

        if (fits && (!places[i].name || (a->bus >= 0 && a->unit >= 0)))
            return &places[i];
    }
    opt_fail(p, "-device %s: no place is free there", a->driver);
    return NULL;
}

/* What has the smallest bootindex that is more than *index, as a letter of the boot order; 0: nothing has. */
static char next_by_bootindex(const struct options *o, int *index)
{
    int least = -1;
    char letter = 0;

    for (unsigned i = 0; i < o->attach_count; i++) {
        const struct attach_option *a = &o->attach[i];

        if (a->bootindex > *index && (least < 0 || a->bootindex < least)) {
            least = a->bootindex;
            letter = a->floppy ? 'a' : a->cdrom ? 'd' : 'c';
        }
    }
    for (unsigned i = 0; i < o->net.nics; i++) {
        int own = o->net.nic[i].bootindex;

        if (own > *index && (least < 0 || own < least)) {
            least = own;
            letter = 'n';
        }
    }
    *index = least;
    return letter;
}

static void order_by_bootindex(struct options *o)
{
    char order[PC_BOOT_MAX + 1] = "", letter;
    unsigned n = 0;
    int index = -1;

    while ((letter = next_by_bootindex(o, &index)) != 0)
        if (!strchr(order, letter))
            order[n++] = letter;
    if (n && !o->boot_given)
        memcpy(o->boot, order, sizeof(order));
}

enum options_result optattach_resolve(struct parse *p)
{
    struct options *o = p->o;

    for (unsigned i = 0; i < o->attach_count; i++) {
        struct attach_option *a = &o->attach[i];
        struct drive_option drive = DRIVE_OPTION("-device", NULL, a->cdrom);
        struct drive_option *place;

        if (a->drive) {
            const struct drive_option *named = find_named(p, a->driver, a->drive);

            if (!named)
                return OPTIONS_ERROR;
            drive = *named;
            drive.cdrom = a->cdrom || (!a->hard_disk && !a->floppy && named->cdrom);
            a->cdrom = drive.cdrom;
        }
        if (a->write_cache_given)
            drive.cache.write_through = !a->write_cache;
        if (!*a->identity.serial)
            strcpy(a->identity.serial, drive.identity.serial);
        drive.identity = a->identity;
        place = attach_place(p, a);
        if (!place || optdrive_add(p, place, &drive) != OPTIONS_RUN)
            return OPTIONS_ERROR;
    }
    order_by_bootindex(o);
    return OPTIONS_RUN;
}
