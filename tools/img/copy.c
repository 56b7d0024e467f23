/* A disk's contents to another image: runs of data are read in large pieces, zeros are looked for and left out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/img/img.h"

#define PIECE (2 * MIB) /* bytes read at a time */

static int write_zeros(const struct img_copy *copy, u64 to, u64 count)
{
    return copy->fresh ? 0 : block_zero(copy->to, to, count);
}

/* Zeros of at least copy->sparse become holes; the rest is written in runs. */
static int write_piece(const struct img_copy *copy, u64 to, const u8 *data, u32 count)
{
    u32 grain = copy->sparse / BLOCK_SECTOR, run = 0;
    int r = 0;

    if (!grain)
        return block_write(copy->to, to, data, count);
    for (u32 i = 0; i < count && r == 0;) {
        u32 n = grain - (u32)((to + i) % grain);

        if (n > count - i)
            n = count - i;
        if (block_is_zeros(data + (size_t)i * BLOCK_SECTOR, (size_t)n * BLOCK_SECTOR)) {
            if (i > run)
                r = block_write(copy->to, to + run, data + (size_t)run * BLOCK_SECTOR, i - run);
            if (r == 0)
                r = write_zeros(copy, to + i, n);
            run = i + n;
        }
        i += n;
    }
    if (r == 0 && count > run)
        r = block_write(copy->to, to + run, data + (size_t)run * BLOCK_SECTOR, count - run);
    return r;
}

/* Pieces that end where the next one begins evenly. */
static int copy_data(const struct img_copy *copy, u64 to, u64 count, u8 *data)
{
    int r = 0;

    while (count && r == 0) {
        u32 n = PIECE / BLOCK_SECTOR - (u32)(to % (PIECE / BLOCK_SECTOR));

        if (n > count)
            n = (u32)count;
        r = block_read(copy->from, copy->skip + to, data, n);
        if (r == 0)
            r = write_piece(copy, to, data, n);
        to += n;
        count -= n;
        img_progress(&copy->common, to, copy->count);
    }
    return r;
}

int img_copy(const struct img_copy *copy)
{
    u8 *data = aligned_alloc(4096, PIECE); /* the kernel copies pages faster than bytes */
    u64 done = 0;
    int r = data ? 0 : -ENOMEM;

    while (done < copy->count && r == 0) {
        struct block_extent extent;

        r = block_map_chain(copy->from, copy->below, copy->skip + done, copy->count - done,
                            &extent);
        if (r == 0 && extent.kind == BLOCK_DATA)
            r = copy_data(copy, done, extent.count, data);
        else if (r == 0 && (extent.kind == BLOCK_ZERO || !copy->below))
            r = write_zeros(copy, done, extent.count);
        done += extent.count;
        img_progress(&copy->common, done, copy->count);
    }
    free(data);
    return r;
}
