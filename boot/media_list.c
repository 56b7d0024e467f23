/* Media that are changed while the machine runs: those of -medium, in a list for each drive, and others by their name. */
#include "boot/media_list.h"

#include <string.h>

#include "boot/media.h"
#include "devices/block/file.h"

static void add(struct session *s, unsigned unit, const char *path, struct block *block)
{
    s->media.medium[s->media.count++] = (struct medium){unit, path, block};
}

int media_list_open(struct session *s)
{
    const struct options *o = &s->options;

    for (unsigned unit = 0; unit < MEDIA_UNITS; unit++)
        if (media_in(s, unit) && (unit < PC_FLOPPIES || media_drive(&s->options, unit)->cdrom))
            add(s, unit, media_drive(&s->options, unit)->path, media_in(s, unit));
    for (unsigned i = 0; i < o->media; i++) {
        const struct medium_option *m = &o->medium[i];
        struct block *block = media_open_image(s, m->unit, &(struct pc_medium){.path = m->path});

        if (!block)
            return -1;
        add(s, m->unit, m->path, block);
    }
    return 0;
}

static const struct medium *find(const struct session *s, const struct block *block)
{
    for (unsigned i = 0; i < s->media.count; i++)
        if (s->media.medium[i].block == block)
            return &s->media.medium[i];
    return NULL;
}

bool media_list_has(const struct session *s, const struct block *block)
{
    return find(s, block) != NULL;
}

/* Whether a block that is open can be that medium. */
static bool fits(const struct block *block, const struct pc_medium *medium)
{
    return block->read_only || !medium->read_only;
}

/* Whether it is in the drive already: nobody can have it open for writing twice. */
static bool is_in(const struct block *now, const struct pc_medium *medium)
{
    const struct block *image = now && !now->file ? now->base : now; /* -snapshot lies over it */

    return image && image->file && file_is(image->file, medium->path) && fits(now, medium) &&
           (!medium->format || strcmp(medium->format, image->format) == 0);
}

static struct block *host_open(void *opaque, unsigned unit, const struct pc_medium *medium,
                               char *err, size_t err_len)
{
    struct session *s = opaque;
    const char *path = medium->path;

    for (unsigned i = 0; i < s->media.count; i++) {
        const struct medium *m = &s->media.medium[i];

        if (m->unit == unit && strcmp(m->path, path) == 0 && fits(m->block, medium))
            return m->block;
    }
    if (s->sandboxed) {
        snprintf(err, err_len,
                 "'%s': the sandbox is on, so only media that were named by -medium can be put in",
                 path);
        return NULL;
    }
    if (is_in(media_in(s, unit), medium))
        return media_in(s, unit);
    s->media.opened = media_open_image(s, unit, medium);
    if (!s->media.opened)
        snprintf(err, err_len, "%s", s->err);
    return s->media.opened;
}

/* What is neither in a drive nor in the list is closed. */
static void host_moved(void *opaque, unsigned unit, struct block *block)
{
    struct session *s = opaque;
    struct block *old = media_in(s, unit), *opened = s->media.opened;

    *media_place(s, unit) = block;
    s->media.opened = NULL;
    if (old && old != block)
        media_release(s, old);
    if (opened && opened != block)
        media_release(s, opened);
}

struct pc_media_host media_list_host(struct session *s)
{
    return (struct pc_media_host){host_open, host_moved, s};
}

/* The drive that the key is for: drive A, or the first one for CDs. */
static bool unit_for(const struct session *s, bool disc, unsigned *unit)
{
    for (*unit = disc ? PC_FLOPPIES : 0; *unit < MEDIA_UNITS; ++*unit)
        if (pc_media_is_there(s->pc, *unit))
            return disc || *unit < PC_FLOPPIES;
    return false;
}

/* The one behind what is in the drive now; NULL: that one is to be taken out, or there is none. */
static const struct medium *next(const struct session *s, unsigned unit)
{
    const struct block *now = media_in(s, unit);
    const struct medium *first = NULL, *here = find(s, now);

    for (unsigned i = 0; i < s->media.count; i++) {
        const struct medium *m = &s->media.medium[i];

        if (m->unit != unit)
            continue;
        if (!first)
            first = m;
        if (here && m > here)
            return m;
    }
    return first == here ? NULL : first;
}

const char *media_list_next(struct session *s, bool disc)
{
    char name[PC_MEDIA_NAME], err[900];
    const struct medium *m;
    unsigned unit;
    int r;

    if (!s->pc || !unit_for(s, disc, &unit))
        return disc ? "there is no CD-ROM drive" : "there is no floppy drive";
    pc_media_name(unit, name);
    m = next(s, unit);
    if (!m && !media_in(s, unit)) {
        snprintf(s->err, sizeof(s->err), "%s: no medium was given for it; give -medium %s=FILE",
                 name, name);
        return s->err;
    }
    r = m ? pc_media_change(s->pc, unit, &(struct pc_medium){.path = m->path}, false, err,
                            sizeof(err))
          : pc_media_eject(s->pc, unit, false, err, sizeof(err));
    if (r < 0)
        snprintf(s->err, sizeof(s->err), "%s", err);
    else if (m)
        snprintf(s->err, sizeof(s->err), "%s: '%.800s' is in the drive", name, m->path);
    else
        snprintf(s->err, sizeof(s->err), "%s: the drive is empty", name);
    return s->err;
}
