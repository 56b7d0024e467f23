/* What an image has over its base, written to the base. */
#include "devices/block/commit.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE 2048u /* sectors */

static int copy(struct block *block, u64 sector, u64 count, u8 *data)
{
    int r = 0;

    while (count && r == 0) {
        u32 n = count < PIECE ? (u32)count : PIECE;

        r = block_read(block, sector, data, n);
        if (r == 0)
            r = block_write(block->base, sector, data, n);
        sector += n;
        count -= n;
    }
    return r;
}

static int copy_all(struct block *block, void (*progress)(void *opaque, u64 done, u64 all),
                    void *opaque, u64 *written)
{
    u8 *data = aligned_alloc(4096, PIECE * BLOCK_SECTOR);
    int r = data ? 0 : -ENOMEM;

    for (u64 at = 0; at < block->sectors && r == 0;) {
        struct block_extent extent;

        r = block_map(block, at, block->sectors - at, &extent);
        if (r < 0)
            break;
        if (extent.kind != BLOCK_ABSENT && extent.count > 16 * PIECE)
            extent.count = 16 * PIECE;
        if (extent.kind == BLOCK_DATA)
            r = copy(block, at, extent.count, data);
        else if (extent.kind == BLOCK_ZERO)
            r = block_zero(block->base, at, extent.count);
        if (extent.kind != BLOCK_ABSENT)
            *written += extent.count;
        at += extent.count;
        if (progress)
            progress(opaque, at, block->sectors);
    }
    free(data);
    return r == 0 ? block_flush(block->base) : r;
}

static int commit(struct block *block, bool empty,
                  void (*progress)(void *opaque, u64 done, u64 all), void *opaque, u64 *written)
{
    int r = 0;

    if (block->base->sectors < block->sectors)
        r = block_resize(block->base, block->sectors);
    if (r == 0)
        r = copy_all(block, progress, opaque, written);
    if (r == 0 && empty && block->ops->empty)
        r = block->ops->empty(block);
    return r;
}

int block_commit(struct block *block, bool empty, void (*progress)(void *opaque, u64 done, u64 all),
                 void *opaque, u64 *written)
{
    bool for_a_while = block->base->read_only;
    int r = for_a_while ? block_set_writable(block->base, true) : 0, after;

    *written = 0;
    if (r < 0)
        return r;
    r = commit(block, empty, progress, opaque, written);
    after = for_a_while ? block_set_writable(block->base, false) : 0;
    return r < 0 ? r : after;
}
