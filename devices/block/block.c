/* The checked front of every block back end: range, write protection, counts. */
#include "devices/block/block.h"

#include <errno.h>

static int check_range(const struct block *block, u64 sector, u32 count)
{
    return sector <= block->sectors && count <= block->sectors - sector ? 0 : -EINVAL;
}

int block_read(struct block *block, u64 sector, void *data, u32 count)
{
    int r = check_range(block, sector, count);

    if (r < 0 || count == 0)
        return r;
    r = block->ops->read(block, sector, data, count);
    if (r == 0)
        block->reads += count;
    return r;
}

int block_write(struct block *block, u64 sector, const void *data, u32 count)
{
    int r = check_range(block, sector, count);

    if (block->read_only)
        return -EROFS;
    if (r < 0 || count == 0)
        return r;
    r = block->ops->write(block, sector, data, count);
    if (r == 0)
        block->writes += count;
    return r;
}

int block_flush(struct block *block)
{
    return block->ops->flush && !block->read_only ? block->ops->flush(block) : 0;
}

enum block_fate block_failed(struct block *block, bool write, int error)
{
    /* What the guest did wrong is not the host's error, and no retry mends it. */
    bool own = error == -EROFS || error == -EINVAL || error == -EPERM;
    bool full = error == -ENOSPC || error == -EDQUOT;
    enum block_on_error on_error = write ? block->on_write_error : block->on_read_error;

    if (own || on_error == BLOCK_REPORT || (on_error == BLOCK_ENOSPC && !full))
        return BLOCK_FAILED;
    if (on_error == BLOCK_IGNORE)
        return BLOCK_PASSED;
    if (!block->stop)
        return BLOCK_FAILED;
    block->stop(block->stop_opaque, block, write, error);
    return BLOCK_WAITING;
}

void block_on_stop(struct block *block,
                   void (*stop)(void *opaque, const struct block *block, bool write, int error),
                   void *opaque)
{
    block->stop = stop;
    block->stop_opaque = opaque;
}

void block_close(struct block *block)
{
    if (block)
        block->ops->close(block);
}
