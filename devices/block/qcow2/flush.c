/* What goes to disk, and in which order: see qcow2.h. */
#include <errno.h>
#include <stdlib.h>

#include "devices/block/qcow2/qcow2.h"

#define PIECE 512 /* entries that are turned round at a time */

void qcow2_range_add(struct qcow2_range *range, u32 first, u32 end)
{
    if (range->end == range->first) {
        *range = (struct qcow2_range){first, end};
        return;
    }
    if (first < range->first)
        range->first = first;
    if (end > range->end)
        range->end = end;
}

int qcow2_table_write(struct qcow2 *q, u64 offset, const u64 *table, u32 first, u32 end)
{
    u64 piece[PIECE];
    int r = 0;

    while (first < end && r == 0) {
        u32 n = end - first < PIECE ? end - first : PIECE;

        for (u32 i = 0; i < n; i++)
            piece[i] = __builtin_bswap64(table[first + i]);
        r = file_write(q->file, offset + first * 8ull, piece, n * 8);
        first += n;
    }
    return r;
}

int qcow2_table_read(struct qcow2 *q, u64 offset, u32 entries, u64 **table)
{
    int r;

    *table = malloc(entries * 8ull + 8);
    if (!*table)
        return -ENOMEM;
    r = file_read(q->file, offset, *table, entries * 8ull);
    for (u32 i = 0; i < entries; i++)
        (*table)[i] = __builtin_bswap64((*table)[i]);
    return r;
}

static int write_range(struct qcow2 *q, u64 offset, const u64 *table, struct qcow2_range *range)
{
    int r = qcow2_table_write(q, offset, table, range->first, range->end);

    if (r == 0)
        *range = (struct qcow2_range){0, 0};
    return r;
}

int qcow2_write_metadata(struct qcow2 *q)
{
    bool reftable = q->reftable_dirty.end != 0, l1 = q->l1_dirty.end != 0;
    int r = qcow2_cache_write(q, &q->refblocks);

    if (r == 0 && reftable)
        r = file_sync(q->file);
    if (r == 0 && reftable)
        r = write_range(q, q->header.reftable_offset, q->reftable, &q->reftable_dirty);
    if (r == 0 && (l1 || q->l2.dirty))
        r = file_sync(q->file); /* data, too */
    if (r == 0)
        r = qcow2_cache_write(q, &q->l2);
    if (r == 0 && l1)
        r = file_sync(q->file);
    if (r == 0 && l1)
        r = write_range(q, q->header.l1_offset, q->l1, &q->l1_dirty);
    return r;
}

int qcow2_flush(struct qcow2 *q)
{
    int r = qcow2_write_metadata(q);

    if (r == 0)
        r = file_sync(q->file);
    return r < 0 ? r : qcow2_apply_frees(q);
}
