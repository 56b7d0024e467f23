/* info block, commit, eject, change: what is in the drives. */
#include "devices/monitor/drives.h"

#include <errno.h>
#include <string.h>

#include "devices/block/commit.h"
#include "devices/block/file.h"
#include "devices/board/pc_media.h"
#include "devices/monitor/command.h"

bool monitor_drive(struct pc *pc, unsigned i, struct monitor_drive *drive)
{
    *drive = (struct monitor_drive){.floppy = i >= PC_DRIVES};
    if (drive->floppy) {
        drive->number = i - PC_DRIVES;
        drive->removable = true;
        drive->block = pc->config.floppy[drive->number];
        snprintf(drive->name, sizeof(drive->name), "floppy%u", drive->number);
        return drive->block || !drive->number;
    }
    drive->number = i;
    drive->block = pc->config.drive[i].block;
    drive->cdrom = drive->removable = pc->config.drive[i].cdrom;
    snprintf(drive->name, sizeof(drive->name), "ide%u-%s%u", i / 2, drive->cdrom ? "cd" : "hd",
             i % 2);
    return drive->block || drive->cdrom;
}

const char *monitor_drive_name(struct pc *pc, const struct block *block, char name[24])
{
    struct monitor_drive drive;

    name[0] = '\0';
    for (unsigned i = 0; i < MONITOR_DRIVES; i++)
        if (monitor_drive(pc, i, &drive) && drive.block == block)
            memcpy(name, drive.name, sizeof(drive.name));
    return name;
}

bool monitor_drive_named(struct pc *pc, const char *name, struct monitor_drive *drive)
{
    for (unsigned i = 0; i < MONITOR_DRIVES; i++)
        if (monitor_drive(pc, i, drive) && strcmp(drive->name, name) == 0)
            return true;
    return false;
}

struct monitor_image monitor_image(const struct block *block)
{
    const struct block *own = block->file || !block->base ? block : block->base;
    struct monitor_image image = {
        .format = own->format ? own->format : "raw",
        .write_back = !block->write_through,
        .direct = own->file && own->file->align,
        .no_flush = own->file && own->file->no_sync,
        .zeroes = block->zeroes == BLOCK_ZEROES_WRITTEN ? "off"
                  : block->trims                        ? "unmap"
                                                        : "on",
    };

    for (; block->base; block = block->base)
        image.depth++;
    return image;
}

static void put_image(FILE *out, const struct block *b)
{
    const struct monitor_image image = monitor_image(b);

    fprintf(out, "    Cache mode:       %s%s%s\n", image.write_back ? "writeback" : "writethrough",
            image.direct ? ", direct" : "", image.no_flush ? ", ignore flushes" : "");
    if (image.depth)
        fprintf(out, "    Backing file:     %s (chain depth: %u)\n", b->base->path, image.depth);
    if (strcmp(image.zeroes, "off") != 0)
        fprintf(out, "    Detect zeroes:    %s\n", image.zeroes);
}

static void put_drive(struct pc *pc, FILE *out, const struct monitor_drive *d)
{
    const struct atapi *cd = d->cdrom ? &pc->ide[d->number / 2].drive[d->number % 2].atapi : NULL;
    const struct block *b = d->block;

    if (b)
        fprintf(out, "%s: %s (%s%s)\n", d->name, b->path ? b->path : "a disk",
                monitor_image(b).format, b->read_only ? ", read-only" : "");
    else
        fprintf(out, "%s: [not inserted]\n", d->name);
    fprintf(out, "    Attached to:      %s\n", d->name);
    if (d->removable)
        fprintf(out, "    Removable device: %slocked, tray %s\n", cd && cd->locked ? "" : "not ",
                cd && cd->open ? "open" : "closed");
    if (b)
        put_image(out, b);
}

MONITOR_COMMAND(info_block)
{
    struct monitor_drive drive;
    bool first = true, found = false;

    for (unsigned i = 0; i < MONITOR_DRIVES; i++) {
        if (!monitor_drive(m->pc, i, &drive) ||
            (a->arg[0].given && strcmp(a->arg[0].text, drive.name) != 0))
            continue;
        if (!first)
            fputc('\n', m->out);
        put_drive(m->pc, m->out, &drive);
        first = false;
        found = true;
    }
    if (a->arg[0].given && !found)
        monitor_fail(m, "Device '%s' not found", a->arg[0].text);
}

static void commit(struct monitor *m, const struct monitor_drive *drive)
{
    u64 written;
    int r = block_commit(drive->block, true, NULL, NULL, &written);

    if (r < 0)
        fprintf(m->out, "'commit' error for '%s': %s\n", drive->name,
                r == -EBUSY ? "another program or drive uses the image" : strerror(-r));
}

/* What lies over a base goes there; of all drives, those that have one. */
MONITOR_COMMAND(commit)
{
    struct monitor_drive drive;

    if (strcmp(a->arg[0].text, "all") == 0) {
        for (unsigned i = 0; i < MONITOR_DRIVES; i++)
            if (monitor_drive(m->pc, i, &drive) && drive.block && drive.block->saves)
                commit(m, &drive);
        return;
    }
    if (!monitor_drive_named(m->pc, a->arg[0].text, &drive))
        fprintf(m->out, "Device '%s' not found\n", a->arg[0].text);
    else if (!drive.block)
        fprintf(m->out, "Device '%s' has no medium\n", drive.name);
    else if (!drive.block->base)
        fprintf(m->out, "'commit' error for '%s': Operation not supported\n", drive.name);
    else
        commit(m, &drive);
}

static bool medium_unit(struct monitor *m, const char *name, unsigned *unit)
{
    struct monitor_drive drive;

    if (pc_media_unit(name, unit) && pc_media_is_there(m->pc, *unit))
        return true;
    monitor_fail(m, "Device '%s' %s", name,
                 monitor_drive_named(m->pc, name, &drive) ? "is not removable" : "not found");
    return false;
}

MONITOR_COMMAND(eject)
{
    unsigned unit;
    char err[600];

    if (medium_unit(m, a->arg[1].text, &unit) &&
        pc_media_eject(m->pc, unit, a->arg[0].given, err, sizeof(err)) < 0)
        monitor_fail(m, "%s", err);
}

MONITOR_COMMAND(change)
{
    const char *mode = a->arg[4].text;
    struct pc_medium medium = {.path = a->arg[2].text,
                               .format = a->arg[3].text,
                               .read_only = mode && strcmp(mode, "read-only") == 0};
    unsigned unit;
    char err[600];

    if (medium_unit(m, a->arg[0].text, &unit) &&
        pc_media_change(m->pc, unit, &medium, a->arg[1].given, err, sizeof(err)) < 0)
        monitor_fail(m, "%s", err);
}
