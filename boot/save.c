/* C-a s: what was written under -snapshot, or to a cow image with a base, since the last time, goes to the images. */
#include "boot/save.h"

#include <errno.h>
#include <string.h>

#include "boot/media.h"
#include "devices/block/commit.h"

struct progress {
    const char *path;
    unsigned percent;
};

static void show(void *opaque, u64 done, u64 all)
{
    struct progress *p = opaque;
    unsigned percent = (unsigned)(100.0 * (double)done / (double)all);

    if (percent / 10 == p->percent / 10)
        return;
    p->percent = percent;
    fprintf(stderr, "\rpagewalk: '%s': %u %%", p->path, percent);
}

/* Counts drives that have something to keep, and sectors that were written. */
static void save(struct block *block, unsigned *drives, u64 *sectors)
{
    struct progress progress = {.path = block ? block->path : NULL};
    u64 written;
    int r;

    if (!block || !block->saves)
        return;
    *drives += 1;
    r = block_commit(block, true, show, &progress, &written);
    *sectors += written;
    if (r < 0)
        fprintf(stderr, "\rpagewalk: '%s' cannot be written to, and stays as it was kept: %s\r\n",
                block->path, r == -EBUSY ? "another program or drive uses it" : strerror(-r));
    else if (written)
        fprintf(stderr, "\rpagewalk: '%s': %llu sectors are saved\r\n", block->path,
                (unsigned long long)written);
}

void save_drives(struct session *s)
{
    unsigned drives = 0;
    u64 sectors = 0;

    fputs("\r\n", stderr);
    for (unsigned i = 0; i < PC_DRIVES; i++)
        save(s->drive[i], &drives, &sectors);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        save(s->floppy[i], &drives, &sectors);
    for (unsigned i = 0; i < s->media.count; i++) /* those that are in no drive */
        if (media_in(s, s->media.medium[i].unit) != s->media.medium[i].block)
            save(s->media.medium[i].block, &drives, &sectors);
    if (!drives)
        fputs("pagewalk: nothing is to be saved: what is written without -snapshot is in the "
              "images\r\n",
              stderr);
    else if (!sectors)
        fputs("pagewalk: nothing was written that could be saved\r\n", stderr);
}
