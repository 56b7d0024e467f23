/* New clusters: the first free ones, and new refcount blocks where there are none. */
#include <errno.h>
#include <stdlib.h>

#include "devices/block/qcow2/qcow2.h"

static bool meets(u64 a, u64 a_len, u64 b, u64 b_len)
{
    return a < b + b_len && b < a + a_len;
}

bool qcow2_is_metadata(const struct qcow2 *q, u64 offset, u64 len, bool tables)
{
    const struct qcow2_header *h = &q->header;

    if (offset < q->cluster || meets(offset, len, h->l1_offset, h->l1_size * 8ull) ||
        meets(offset, len, h->reftable_offset, (u64)h->reftable_clusters * q->cluster) ||
        (h->snapshots && meets(offset, len, h->snapshots_offset, q->cluster)))
        return true;
    for (u32 i = 0; tables && i < q->l1_size; i++)
        if (q->l1[i] && meets(offset, len, q->l1[i] & QCOW2_OFFSET, q->cluster))
            return true;
    for (u32 i = 0; tables && i < q->reftable_size; i++)
        if (q->reftable[i] && meets(offset, len, q->reftable[i] & QCOW2_OFFSET, q->cluster))
            return true;
    for (u32 i = 0; tables && i < h->snapshots; i++)
        if (meets(offset, len, q->snapshots[i].l1_offset, q->snapshots[i].l1_size * 8ull))
            return true;
    return false;
}

/* Whether what is to be allocated is in use all the same. */
static int check_free(struct qcow2 *q, u64 offset, u64 len)
{
    return qcow2_is_metadata(q, offset, len, true)
               ? qcow2_damaged(q, "metadata at %#llx is counted as free",
                               (unsigned long long)offset)
               : 0;
}

/* A table of refcount blocks that has room for block `index`. It and the blocks that count it lie where the old one
 * counts nothing any more, so that they refer to nothing but each other until the header names them. */
static int grow_reftable(struct qcow2 *q, u64 index)
{
    u64 per = qcow2_refcounts(q), first = q->reftable_size * per, blocks = 1;
    u64 entries = (index + 1) + (index + 1) / 2,
        clusters = qcow2_align(q, entries * 8) / q->cluster;
    u64 old_offset = q->header.reftable_offset, offset;
    u64 old_clusters = q->header.reftable_clusters, *table;
    u8 bytes[12], *block;
    int r = qcow2_write_metadata(q);

    while (blocks * per < blocks + clusters)
        blocks++;
    if (first / per + blocks > clusters * q->cluster / 8 || clusters * q->cluster > 8 * MIB)
        return -EFBIG;
    if (r == 0)
        r = check_free(q, first * q->cluster, (blocks + clusters) * q->cluster);
    if (r < 0)
        return r;
    table = calloc(clusters, q->cluster);
    if (!table)
        return -ENOMEM;
    for (u32 i = 0; i < q->reftable_size; i++)
        table[i] = q->reftable[i];
    for (u64 b = 0; b < blocks && r == 0; b++) {
        u64 begin = b * per, end = blocks + clusters;

        table[first / per + b] = (first + b) * q->cluster;
        r = qcow2_cache_new(q, &q->refblocks, (first + b) * q->cluster, &block);
        for (u64 i = 0; r == 0 && i < per && begin + i < end; i++)
            qcow2_refcount_put(q, block, (u32)i, 1);
    }
    offset = (first + blocks) * q->cluster;
    if (r == 0)
        r = qcow2_cache_write(q, &q->refblocks);
    if (r == 0)
        r = qcow2_table_write(q, offset, table, 0, (u32)(clusters * q->cluster / 8));
    if (r == 0)
        r = file_sync(q->file);
    put_be64(bytes, offset);
    put_be32(bytes + 8, (u32)clusters);
    if (r == 0)
        r = file_write(q->file, QCOW2_FIELD_REFTABLE, bytes, sizeof(bytes));
    if (r == 0)
        r = file_sync(q->file);
    if (r < 0) {
        free(table);
        return r;
    }
    free(q->reftable);
    q->reftable = table;
    q->reftable_size = (u32)(clusters * q->cluster / 8);
    q->header.reftable_offset = offset;
    q->header.reftable_clusters = (u32)clusters;
    qcow2_free(q, old_offset, old_clusters * q->cluster);
    return 0;
}

/* A refcount block, at the first of the clusters that it counts. */
static int new_refblock(struct qcow2 *q, u64 index)
{
    u64 offset = index * qcow2_refcounts(q) * q->cluster;
    u8 *block;
    int r;

    if (index >= q->reftable_size)
        return grow_reftable(q, index);
    r = check_free(q, offset, q->cluster);
    if (r == 0)
        r = qcow2_cache_new(q, &q->refblocks, offset, &block);
    if (r < 0)
        return r;
    qcow2_refcount_put(q, block, 0, 1);
    q->reftable[index] = offset;
    qcow2_range_add(&q->reftable_dirty, (u32)index, (u32)index + 1);
    return 0;
}

/* Takes clusters that are free. 1: a refcount block was missing, and what was free may not be any more. */
static int take(struct qcow2 *q, u64 first, u64 count)
{
    u64 per = qcow2_refcounts(q);
    int r;

    if ((first + count) << q->header.cluster_bits > QCOW2_OFFSET)
        return -EFBIG;
    for (u64 i = first / per; i <= (first + count - 1) / per; i++)
        if (i >= q->reftable_size || !(q->reftable[i] & QCOW2_OFFSET)) {
            r = new_refblock(q, i);
            return r < 0 ? r : 1;
        }
    r = check_free(q, first * q->cluster, count * q->cluster);
    return r < 0 ? r : qcow2_refcount_add(q, first * q->cluster, count * q->cluster, 1);
}

int qcow2_alloc(struct qcow2 *q, u64 want, u64 *offset, u64 *got)
{
    int r;

    do {
        u64 count, n = 1;

        for (;; q->free_hint++) {
            r = qcow2_refcount(q, q->free_hint, &count);
            if (r < 0)
                return r;
            if (count == 0)
                break;
        }
        while (n < want && qcow2_refcount(q, q->free_hint + n, &count) == 0 && count == 0)
            n++;
        r = take(q, q->free_hint, n);
        *offset = q->free_hint * q->cluster;
        *got = n;
    } while (r == 1);
    if (r == 0)
        q->free_hint += *got;
    return r;
}

int qcow2_alloc_table(struct qcow2 *q, u64 len, u64 *offset)
{
    u64 want = qcow2_align(q, len) / q->cluster;
    u64 first = q->file->device ? q->free_hint : qcow2_align(q, q->file->size) / q->cluster;
    int r;

    if (want <= 1) {
        u64 got;

        return qcow2_alloc(q, 1, offset, &got);
    }
    do {
        u64 count, n = 0;

        while (n < want) {
            r = qcow2_refcount(q, first + n, &count);
            if (r < 0)
                return r;
            n++;
            if (count) {
                first += n;
                n = 0;
            }
        }
        r = take(q, first, want);
    } while (r == 1);
    *offset = first * q->cluster;
    return r;
}

int qcow2_alloc_bytes(struct qcow2 *q, u32 len, u64 *offset)
{
    u64 at = q->packed_at, room = at % q->cluster ? q->cluster - at % q->cluster : 0, fresh, got;
    int r = 0;

    if (room < len) {
        r = qcow2_alloc(q, 1, &fresh, &got);
        if (r < 0)
            return r;
        if (!room || fresh != at + room)
            at = fresh, room = 0; /* nothing is shared */
    }
    if (room) {
        r = qcow2_refcount_add(q, at, 1, 1);
        if (r == -ERANGE) { /* no more can share it */
            if (room < len) {
                at = fresh;
                r = 0;
            } else {
                r = qcow2_alloc(q, 1, &at, &got);
            }
        }
    }
    if (r < 0)
        return r;
    *offset = at;
    q->packed_at = (at + len) % q->cluster ? at + len : 0;
    return 0;
}
