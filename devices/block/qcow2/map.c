/* From the guest's addresses to the file's: the L1 and L2 tables. */
#include <errno.h>
#include <string.h>

#include "devices/block/qcow2/qcow2.h"

bool qcow2_entry_extent(const struct qcow2 *q, u64 entry, u64 *offset, u64 *len)
{
    if (entry & QCOW2_PACKED) {
        unsigned shift = 62 - (q->header.cluster_bits - 8);

        *offset = entry & ((1ull << shift) - 1);
        *len = (((entry & (QCOW2_PACKED - 1)) >> shift) + 1) * 512 - *offset % 512;
        return true;
    }
    *offset = entry & QCOW2_OFFSET;
    *len = q->cluster;
    return *offset != 0;
}

void qcow2_entry_set(struct qcow2 *q, u64 at, u8 *l2, u64 entry, u64 bitmap)
{
    u8 *to = l2 + (size_t)qcow2_l2_index(q, at) * q->entry_size;

    put_be64(to, entry);
    if (q->units > 1)
        put_be64(to + 8, bitmap);
    qcow2_cache_dirty(&q->l2, qcow2_l2_offset(q, at));
}

/* One unit of the table's entry for `at`. */
static int look(struct qcow2 *q, const u8 *l2, u64 at, struct qcow2_run *run)
{
    const u8 *p = l2 + (size_t)qcow2_l2_index(q, at) * q->entry_size;
    u64 entry = get_be64(p), in = at & (q->cluster - 1);
    bool zero, data;

    *run = (struct qcow2_run){.kind = BLOCK_DATA, .entry = entry};
    if (entry & QCOW2_PACKED) {
        run->packed = true;
        run->len = q->cluster - in;
        return 0;
    }
    run->len = q->unit - in % q->unit;
    run->offset = (entry & QCOW2_OFFSET) + in;
    if (q->units > 1) {
        u64 bitmap = get_be64(p + 8) >> in / q->unit;

        data = bitmap & 1;
        zero = bitmap >> 32 & 1;
        if (data && (zero || !(entry & QCOW2_OFFSET)))
            return qcow2_damaged(q, "subclusters of two kinds at %#llx", (unsigned long long)at);
    } else {
        zero = entry & QCOW2_ZERO && q->header.version >= 3;
        data = entry & QCOW2_OFFSET;
    }
    run->kind = zero ? BLOCK_ZERO : data ? BLOCK_DATA : BLOCK_ABSENT;
    if (run->kind == BLOCK_DATA && (entry & QCOW2_OFFSET & (q->cluster - 1)))
        return qcow2_damaged(q, "data at %#llx is not on a cluster's border",
                             (unsigned long long)(entry & QCOW2_OFFSET));
    return 0;
}

int qcow2_find(struct qcow2 *q, u64 at, u64 len, struct qcow2_run *run)
{
    u64 table = (u64)q->l2_entries * q->cluster, offset;
    u64 end = at / table * table + table; /* a table's at most */
    struct qcow2_run next;
    u8 *l2;
    int r;

    if (end - at > len)
        end = at + len;
    *run = (struct qcow2_run){.kind = BLOCK_ABSENT, .len = end - at};
    offset = at / table < q->l1_size ? q->l1[at / table] & QCOW2_OFFSET : 0;
    if (!offset)
        return 0;
    if (offset % q->cluster)
        return qcow2_damaged(q, "an L2 table at %#llx", (unsigned long long)offset);
    r = qcow2_cache_get(q, &q->l2, offset, &l2);
    if (r == 0)
        r = look(q, l2, at, run);
    while (r == 0 && at + run->len < end && !run->packed) {
        r = look(q, l2, at + run->len, &next);
        if (r < 0 || next.kind != run->kind || next.packed ||
            (run->kind == BLOCK_DATA && next.offset != run->offset + run->len))
            break;
        run->len += next.len;
    }
    if (run->len > end - at)
        run->len = end - at;
    return r;
}

/* A copy of a table that is shared, or an empty one, at a new place. */
static int copy_l2(struct qcow2 *q, u32 index, u8 **l2)
{
    u64 old = q->l1[index] & QCOW2_OFFSET, offset, got;
    int r = 0;

    if (old) {
        r = qcow2_cache_get(q, &q->l2, old, l2);
        if (r == 0)
            memcpy(q->scratch, *l2, q->cluster);
    }
    if (r == 0)
        r = qcow2_alloc(q, 1, &offset, &got);
    if (r < 0)
        return r;
    r = qcow2_cache_new(q, &q->l2, offset, l2);
    if (r < 0) {
        qcow2_free(q, offset, q->cluster);
        return r;
    }
    if (old) {
        memcpy(*l2, q->scratch, q->cluster);
        qcow2_free(q, old, q->cluster);
    }
    q->l1[index] = offset | QCOW2_COPIED;
    qcow2_range_add(&q->l1_dirty, index, index + 1);
    return 0;
}

int qcow2_own_l2(struct qcow2 *q, u64 at, u8 **l2)
{
    u32 index = (u32)(at / q->cluster / q->l2_entries);
    u64 entry = q->l1[index], offset = entry & QCOW2_OFFSET;

    if (!(entry & QCOW2_COPIED) || !offset)
        return copy_l2(q, index, l2);
    if (offset % q->cluster)
        return qcow2_damaged(q, "an L2 table at %#llx", (unsigned long long)offset);
    return qcow2_cache_get(q, &q->l2, offset, l2);
}
