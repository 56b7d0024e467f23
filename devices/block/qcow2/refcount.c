/* Refcounts: how often each cluster of the file is referred to, in blocks that a table names. */
#include <errno.h>
#include <stdlib.h>

#include "devices/block/qcow2/qcow2.h"

u64 qcow2_refcount_max(const struct qcow2 *q)
{
    return q->header.refcount_order == 6 ? ~0ull : (1ull << (1u << q->header.refcount_order)) - 1;
}

u32 qcow2_refcounts(const struct qcow2 *q)
{
    return q->cluster * 8 >> q->header.refcount_order;
}

u64 qcow2_refcount_get(const struct qcow2 *q, const u8 *block, u32 i)
{
    unsigned order = q->header.refcount_order, bits = 1u << order;

    switch (order) {
    case 3: return block[i];
    case 4: return get_be16(block + i * 2);
    case 5: return get_be32(block + i * 4);
    case 6: return get_be64(block + i * 8);
    default: return block[i * bits / 8] >> i * bits % 8 & ((1u << bits) - 1);
    }
}

void qcow2_refcount_put(const struct qcow2 *q, u8 *block, u32 i, u64 count)
{
    unsigned order = q->header.refcount_order, bits = 1u << order, shift = i * bits % 8;
    u8 *byte = block + i * bits / 8;

    switch (order) {
    case 3: *byte = (u8)count; break;
    case 4: put_be16(byte, (u16)count); break;
    case 5: put_be32(byte, (u32)count); break;
    case 6: put_be64(byte, count); break;
    default: *byte = (u8)((*byte & ~(((1u << bits) - 1) << shift)) | count << shift); break;
    }
}

/* The block with a cluster's refcount; *data is NULL where there is none. */
static int find_block(struct qcow2 *q, u64 cluster, u64 *offset, u8 **data)
{
    u64 index = cluster / qcow2_refcounts(q);

    *data = NULL;
    *offset = index < q->reftable_size ? q->reftable[index] & QCOW2_OFFSET : 0;
    if (!*offset)
        return 0;
    if (*offset % q->cluster)
        return qcow2_damaged(q, "a refcount block at %#llx", (unsigned long long)*offset);
    return qcow2_cache_get(q, &q->refblocks, *offset, data);
}

int qcow2_refcount(struct qcow2 *q, u64 cluster, u64 *count)
{
    u64 offset;
    u8 *block;
    int r = find_block(q, cluster, &offset, &block);

    *count = r == 0 && block ? qcow2_refcount_get(q, block, cluster % qcow2_refcounts(q)) : 0;
    return r;
}

static int add_one(struct qcow2 *q, u64 cluster, int delta)
{
    u64 offset, count;
    u8 *block;
    int r = find_block(q, cluster, &offset, &block);

    if (r < 0)
        return r;
    count = block ? qcow2_refcount_get(q, block, cluster % qcow2_refcounts(q)) : 0;
    if (!block || (delta < 0 && count == 0))
        return qcow2_damaged(q, "cluster %#llx is in use and counted as free",
                             (unsigned long long)cluster * q->cluster);
    if (delta > 0 && count == qcow2_refcount_max(q))
        return -ERANGE;
    count += (u64)delta;
    qcow2_refcount_put(q, block, cluster % qcow2_refcounts(q), count);
    qcow2_cache_dirty(&q->refblocks, offset);
    if (count == 0) {
        if (cluster < q->free_hint)
            q->free_hint = cluster;
        if (q->packed_at / q->cluster == cluster)
            q->packed_at = 0;
        qcow2_unpacked_forget(q);
        qcow2_cache_drop(&q->l2, cluster * q->cluster);
        file_punch(q->file, cluster * q->cluster, q->cluster); /* the room is only saved */
    }
    return 0;
}

int qcow2_refcount_add(struct qcow2 *q, u64 offset, u64 len, int delta)
{
    u64 first = offset >> q->header.cluster_bits;
    u64 last = (offset + len - 1) >> q->header.cluster_bits;

    for (u64 cluster = first; cluster <= last; cluster++) {
        int r = add_one(q, cluster, delta);

        if (r < 0) {
            while (cluster-- > first)
                add_one(q, cluster, -delta);
            return r;
        }
    }
    return 0;
}

void qcow2_free(struct qcow2 *q, u64 offset, u64 len)
{
    struct qcow2_free_range *last = q->frees_count ? &q->frees[q->frees_count - 1] : NULL;

    /* What does not fit in memory is lost room, no more. Ranges of whole clusters grow. */
    if (last && last->offset + last->len == offset && offset % q->cluster == 0) {
        last->len += len;
        return;
    }
    if (q->frees_count == q->frees_room) {
        size_t room = q->frees_room * 2 + 64;
        struct qcow2_free_range *more = realloc(q->frees, room * sizeof(*more));

        if (!more)
            return;
        q->frees = more;
        q->frees_room = room;
    }
    q->frees[q->frees_count++] = (struct qcow2_free_range){offset, len};
}

int qcow2_apply_frees(struct qcow2 *q)
{
    int r = 0;

    for (size_t i = 0; i < q->frees_count && r == 0; i++)
        r = qcow2_refcount_add(q, q->frees[i].offset, q->frees[i].len, -1);
    q->frees_count = 0;
    return r;
}
