/* Disks in saved states: which image was there, and whether it is still the same.
 *
 * A disk's sectors are not saved with the machine, but for what -snapshot keeps apart: so an image that was written since
 * cannot go with the state any more, and the state is refused. */
#include <stdio.h>
#include <string.h>

#include "devices/block/file.h"
#include "devices/board/pc_board.h"
#include "devices/board/pc_state.h"

#define NAME 256

struct medium {
    bool there, overlay;
    u64 sectors;
    u64 stamp;       /* sizes and times of the image and those below it; 0: it has none */
    char name[NAME]; /* for messages */
};

struct block *pc_medium(const struct pc *pc, unsigned n)
{
    return n < PC_DRIVES ? pc->config.drive[n].block : pc->config.floppy[n - PC_DRIVES];
}

struct block *pc_medium_overlay(const struct pc *pc, unsigned n)
{
    struct block *block = pc_medium(pc, n);

    return block && block->base && !block->file && block->ops->empty ? block : NULL;
}

u64 pc_medium_stamp(const struct block *block)
{
    u64 stamp = 0;

    for (; block; block = block->base)
        if (block->file)
            stamp = file_stamp_add(stamp, file_stamp(block->file));
    return stamp;
}

static struct medium medium_of(const struct pc *pc, unsigned n)
{
    struct block *block = pc_medium(pc, n);
    struct medium medium = {.there = block != NULL};

    if (!block)
        return medium;
    block_flush(block); /* what it still has to write would change the time */
    medium.overlay = pc_medium_overlay(pc, n) != NULL;
    medium.sectors = block->sectors;
    medium.stamp = pc_medium_stamp(block);
    snprintf(medium.name, sizeof(medium.name), "%s", block->path ? block->path : "a disk");
    return medium;
}

static void compare(const struct medium *was, const struct medium *is, char *why, size_t len)
{
    const char *name = was->there ? was->name : is->name;

    if (was->there && !is->there)
        snprintf(why, len, "it has '%s' in a drive that is empty here", name);
    else if (!was->there && is->there)
        snprintf(why, len, "its drive for '%s' is empty", name);
    else if (was->sectors != is->sectors)
        snprintf(why, len, "'%s' has %llu sectors there, and '%s' %llu here", name,
                 (unsigned long long)was->sectors, is->name, (unsigned long long)is->sectors);
    else if (was->stamp != is->stamp)
        snprintf(why, len, "'%s' has changed since", is->name);
    else if (was->overlay && !is->overlay)
        snprintf(why, len, "what was written to '%s' under -snapshot is in it: give -snapshot",
                 name);
}

void pc_media_state(struct pc *pc, struct state *state, char *why, size_t why_len)
{
    if (!state_begin(state, "media"))
        return;
    for (unsigned i = 0; i < PC_MEDIA; i++) {
        struct medium is = medium_of(pc, i), was = is;

        state_bool(state, &was.there);
        state_bool(state, &was.overlay);
        state_u64(state, &was.sectors);
        state_u64(state, &was.stamp);
        state_bytes(state, was.name, sizeof(was.name));
        was.name[NAME - 1] = '\0';
        if (state->loading && !why[0])
            compare(&was, &is, why, why_len);
    }
    state_end(state);
}
