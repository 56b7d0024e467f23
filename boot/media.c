/* The images behind the drives: opened before the machine is made, flushed and closed when it has ended. */
#include "boot/media.h"

#include <string.h>

#include "devices/disk/floppy.h"

const struct drive_option *media_drive(const struct options *o, unsigned unit)
{
    return unit < PC_FLOPPIES ? &o->floppy[unit] : &o->drive[unit - PC_FLOPPIES];
}

struct block **media_place(struct session *s, unsigned unit)
{
    return unit < PC_FLOPPIES ? &s->floppy[unit] : &s->drive[unit - PC_FLOPPIES];
}

struct block *media_in(const struct session *s, unsigned unit)
{
    return unit < PC_FLOPPIES ? s->floppy[unit] : s->drive[unit - PC_FLOPPIES];
}

unsigned media_flags(const struct options *o, const struct drive_option *drive)
{
    unsigned flags =
        (drive->cache.direct ? BLOCK_DIRECT : 0) | (drive->cache.no_flush ? BLOCK_NO_SYNC : 0);

    if (drive->cdrom)
        flags |= BLOCK_DISC;
    /* Under -lockstep two machines keep what they write to themselves. */
    if (o->lockstep[0] || drive->cdrom || drive->read_only)
        return flags | BLOCK_READ_ONLY;
    if (drive->snapshot_given ? drive->snapshot : o->snapshot)
        flags |= BLOCK_SNAPSHOT;
    return flags;
}

/* What the devices are to do with it. */
static void tune(struct block *block, const struct drive_option *drive)
{
    block->on_write_error = drive->on_write_error;
    block->on_read_error = drive->on_read_error;
    block->write_through = drive->cache.write_through;
    block->trims = drive->discard;
    block->zeroes = drive->zeroes == ZEROES_OFF ? BLOCK_ZEROES_WRITTEN : BLOCK_ZEROES_MARKED;
}

static bool is_too_large(struct session *s, struct block *block, const char *path)
{
    if (floppy_format_of(block))
        return false;
    snprintf(s->err, sizeof(s->err),
             "'%s' is too large for a floppy disk: %llu sectors; the largest, of 2880K, has %u",
             path, (unsigned long long)block->sectors, FLOPPY_SECTORS_MAX);
    return true;
}

struct block *media_open_image(struct session *s, unsigned unit, const struct pc_medium *medium)
{
    const struct drive_option *drive = media_drive(&s->options, unit);
    unsigned flags = media_flags(&s->options, drive) | (medium->read_only ? BLOCK_READ_ONLY : 0);
    struct block *block =
        block_open_as(medium->path, medium->format, flags, s->err, sizeof(s->err));

    if (block && unit < PC_FLOPPIES && is_too_large(s, block, medium->path)) {
        block_close(block);
        return NULL;
    }
    if (block)
        tune(block, drive);
    return block;
}

int media_open(struct session *s)
{
    for (unsigned unit = 0; unit < MEDIA_UNITS; unit++) {
        const struct drive_option *drive = media_drive(&s->options, unit);
        struct block **place = media_place(s, unit);

        if (!drive->path)
            continue;
        *place = media_open_image(
            s, unit, &(struct pc_medium){.path = drive->path, .format = drive->format});
        if (!*place)
            return -1;
    }
    return media_list_open(s);
}

/* What the guest has written and not flushed goes to the image now; an error is told. */
static void flush(struct block *block, const char *path)
{
    int r = block_flush(block);

    if (r < 0)
        fprintf(stderr, "pagewalk: '%s' may have lost what was written last: %s\n", path,
                strerror(-r));
}

static void close_image(struct session *s, struct block *block, const char *path)
{
    flush(block, path);
    if (s->options.stats && (s->pc || s->lockstep))
        fprintf(stderr, "pagewalk: '%s': %llu sectors read, %llu written\n", path,
                (unsigned long long)block->reads, (unsigned long long)block->writes);
    block_close(block);
}

void media_release(struct session *s, struct block *block)
{
    if (media_list_has(s, block))
        flush(block, block->path);
    else
        close_image(s, block, block->path);
}

void media_close(struct session *s)
{
    for (unsigned unit = 0; unit < MEDIA_UNITS; unit++) {
        struct block *block = media_in(s, unit);

        if (block && !media_list_has(s, block))
            close_image(s, block, block->path);
    }
    for (unsigned i = 0; i < s->media.count; i++)
        close_image(s, s->media.medium[i].block, s->media.medium[i].path);
}
