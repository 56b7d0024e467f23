/* The images behind the drives: opened before the machine is made, flushed and closed when it has ended. */
#include "boot/media.h"

#include <string.h>

#include "devices/disk/floppy.h"

unsigned media_flags(const struct options *o, const struct drive_option *drive)
{
    unsigned flags =
        (drive->cache.direct ? BLOCK_DIRECT : 0) | (drive->cache.no_flush ? BLOCK_NO_SYNC : 0);

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

static int open_drives(struct session *s)
{
    const struct options *o = &s->options;

    for (unsigned i = 0; i < PC_DRIVES; i++) {
        const struct drive_option *drive = &o->drive[i];

        if (!drive->path)
            continue;
        s->drive[i] = block_open_as(drive->path, drive->format, media_flags(o, drive), s->err,
                                    sizeof(s->err));
        if (!s->drive[i])
            return -1;
        tune(s->drive[i], drive);
    }
    return 0;
}

/* The same for floppy disks, whose images must fit on one. */
static int open_floppies(struct session *s)
{
    const struct options *o = &s->options;

    for (unsigned i = 0; i < PC_FLOPPIES; i++) {
        const struct drive_option *floppy = &o->floppy[i];
        const char *path = floppy->path;

        if (!path)
            continue;
        s->floppy[i] =
            block_open_as(path, floppy->format, media_flags(o, floppy), s->err, sizeof(s->err));
        if (!s->floppy[i])
            return -1;
        tune(s->floppy[i], floppy);
        if (!floppy_format_of(s->floppy[i])) {
            snprintf(
                s->err, sizeof(s->err),
                "'%s' is too large for a floppy disk: %llu sectors; the largest, of 2880K, has %u",
                path, (unsigned long long)s->floppy[i]->sectors, FLOPPY_SECTORS_MAX);
            return -1;
        }
    }
    return 0;
}

int media_open(struct session *s)
{
    return open_drives(s) < 0 || open_floppies(s) < 0 ? -1 : 0;
}

/* What the guest has written and not flushed goes to the image now; an error is told. */
static void close_image(struct session *s, struct block *block, const char *path)
{
    int r = block ? block_flush(block) : 0;

    if (r < 0)
        fprintf(stderr, "pagewalk: '%s' may have lost what was written last: %s\n", path,
                strerror(-r));
    if (block && s->options.stats && (s->pc || s->lockstep))
        fprintf(stderr, "pagewalk: '%s': %llu sectors read, %llu written\n", path,
                (unsigned long long)block->reads, (unsigned long long)block->writes);
    block_close(block);
}

void media_close(struct session *s)
{
    for (unsigned i = 0; i < PC_DRIVES; i++)
        close_image(s, s->drive[i], s->options.drive[i].path);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        close_image(s, s->floppy[i], s->options.floppy[i].path);
}
