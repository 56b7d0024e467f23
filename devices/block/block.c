/* The checked front of every block back end: range, write protection, counts. */
#include "devices/block/block.h"

#include <errno.h>

#include "devices/block/past.h"

static int check_range(const struct block *block, u64 sector, u64 count)
{
    return sector <= block->sectors && count <= block->sectors - sector ? 0 : -EINVAL;
}

bool block_is_zeros(const void *data, size_t len)
{
    typedef u64 wide __attribute__((vector_size(32), aligned(1), may_alias));
    const u8 *p = data;

    if (get64(p))
        return false;
    for (const u8 *end = p + len; p < end; p += 64) {
        wide any = *(const wide *)p | *(const wide *)(p + 32);

        if (any[0] | any[1] | any[2] | any[3])
            return false;
    }
    return true;
}

int block_read(struct block *block, u64 sector, void *data, u32 count)
{
    int r = check_range(block, sector, count);

    if (r < 0 || count == 0)
        return r;
    r = block->past ? block_past_read(block->past, sector, data, count)
                    : block->ops->read(block, sector, data, count);
    if (r == 0)
        block->reads += count;
    return r;
}

int block_write(struct block *block, u64 sector, const void *data, u32 count)
{
    int r = check_range(block, sector, count);
    bool done = false;

    if (block->read_only)
        return -EROFS;
    if (r == 0 && block->past)
        r = block_past_write(block->past, sector, data, count, &done);
    if (r < 0 || count == 0 || done)
        return r;
    if (block->zeroes == BLOCK_ZEROES_MARKED && block_is_zeros(data, (size_t)count * BLOCK_SECTOR))
        return block_zero(block, sector, count);
    r = block->ops->write(block, sector, data, count);
    if (r == 0)
        block->writes += count;
    return r;
}

int block_flush(struct block *block)
{
    return block->ops->flush && !block->read_only ? block->ops->flush(block) : 0;
}

static int write_zeros(struct block *block, u64 sector, u64 count)
{
    static const u8 zeros[128 * BLOCK_SECTOR];

    while (count) {
        u32 n = count < 128 ? (u32)count : 128;
        int r = block->ops->write(block, sector, zeros, n);

        if (r < 0)
            return r;
        sector += n;
        count -= n;
    }
    return 0;
}

int block_zero(struct block *block, u64 sector, u64 count)
{
    int r = check_range(block, sector, count);
    bool done = false;

    if (block->read_only)
        return -EROFS;
    if (r == 0 && block->past)
        r = block_past_write(block->past, sector, NULL, count, &done);
    if (r < 0 || count == 0 || done)
        return r;
    r = block->ops->zero ? block->ops->zero(block, sector, count) : -ENOTSUP;
    if (r == -ENOTSUP)
        r = write_zeros(block, sector, count);
    if (r == 0)
        block->writes += count;
    return r;
}

int block_discard(struct block *block, u64 sector, u64 count)
{
    int r = check_range(block, sector, count);

    if (block->read_only)
        return -EROFS;
    if (r < 0 || count == 0 || !block->ops->discard || block->past) /* the past may need it */
        return r;
    r = block->ops->discard(block, sector, count);
    return r == -ENOTSUP ? 0 : r;
}

int block_resize(struct block *block, u64 sectors)
{
    if (block->read_only)
        return -EROFS;
    return block->ops->resize ? block->ops->resize(block, sectors) : -ENOTSUP;
}

int block_set_writable(struct block *block, bool on)
{
    int r = on ? 0 : block_flush(block);

    if (r == 0)
        r = block->ops->set_writable ? block->ops->set_writable(block, on) : -EROFS;
    if (r == 0)
        block->read_only = !on;
    return r;
}

int block_map(struct block *block, u64 sector, u64 count, struct block_extent *extent)
{
    int r = check_range(block, sector, count);

    *extent = (struct block_extent){.count = count, .owner = block};
    if (r < 0 || count == 0)
        return r;
    if (block->ops->map)
        r = block->ops->map(block, sector, extent);
    if (r == 0 && extent->kind == BLOCK_ABSENT)
        extent->owner = NULL;
    return r;
}

int block_map_chain(struct block *block, const struct block *below, u64 sector, u64 count,
                    struct block_extent *extent)
{
    unsigned depth = 0;
    int r = block_map(block, sector, count, extent);

    while (r == 0 && extent->kind == BLOCK_ABSENT && block->base && block->base != below) {
        block = block->base;
        depth++;
        if (sector >= block->sectors) { /* it is shorter: zeros, which this one stands for */
            *extent = (struct block_extent){
                .count = extent->count, .kind = BLOCK_ZERO, .owner = block, .depth = depth};
            return 0;
        }
        count = extent->count;
        if (count > block->sectors - sector)
            count = block->sectors - sector;
        r = block_map(block, sector, count, extent);
        extent->depth = depth;
    }
    return r;
}

bool block_error_is_full(int error)
{
    return error == -ENOSPC || error == -EDQUOT;
}

static enum block_fate fate_of(const struct block *block, bool write, int error)
{
    enum block_on_error on_error = write ? block->on_write_error : block->on_read_error;

    if (on_error == BLOCK_REPORT || (on_error == BLOCK_ENOSPC && !block_error_is_full(error)))
        return BLOCK_FAILED;
    if (on_error == BLOCK_IGNORE)
        return BLOCK_PASSED;
    return block->failed ? BLOCK_WAITING : BLOCK_FAILED;
}

enum block_fate block_failed(struct block *block, bool write, int error)
{
    enum block_fate fate;

    /* What the guest did wrong is not the host's error, and no retry mends it. */
    if (error == -EROFS || error == -EINVAL || error == -EPERM)
        return BLOCK_FAILED;
    fate = fate_of(block, write, error);
    if (block->failed)
        block->failed(block->failed_opaque, block, write, error, fate);
    return fate;
}

void block_on_error(struct block *block, block_error_fn *failed, void *opaque)
{
    block->failed = failed;
    block->failed_opaque = opaque;
}

void block_close(struct block *block)
{
    if (block)
        block->ops->close(block);
}
