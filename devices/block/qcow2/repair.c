/* Repair: refcounts become what they should be, in place, or in new blocks where the old ones are no good. */
#include <errno.h>
#include <stdlib.h>

#include "devices/block/qcow2/check.h"

/* Counts that are too large, or all that are wrong, in the blocks that there are. -ENOENT: there is none for one. */
static int set_counts(struct qcow2_counter *c, bool errors)
{
    struct qcow2 *q = c->q;
    u32 per = qcow2_refcounts(q);
    int r = 0;

    for (u64 i = 0; i < c->clusters && r == 0; i++) {
        u64 index = i / per, offset, old;
        u8 *block;

        offset = index < q->reftable_size ? q->reftable[index] & QCOW2_OFFSET : 0;
        if (!offset) {
            r = c->counts[i] && errors ? -ENOENT : 0;
            continue;
        }
        r = qcow2_cache_get(q, &q->refblocks, offset, &block);
        if (r < 0)
            return r;
        old = qcow2_refcount_get(q, block, (u32)(i % per));
        if (old == c->counts[i] || (old < c->counts[i] && !errors))
            continue;
        if (c->counts[i] > qcow2_refcount_max(q))
            return -ERANGE;
        qcow2_refcount_put(q, block, (u32)(i % per), c->counts[i]);
        qcow2_cache_dirty(&q->refblocks, offset);
    }
    return r == 0 ? qcow2_write_metadata(q) : r;
}

/* Of cluster i, when the new blocks and table are those up to `end`. */
static u64 new_count(const struct qcow2_counter *c, u64 end, u64 i)
{
    return i < c->clusters ? c->counts[i] : i < end;
}

/* Refcount blocks and a table behind the end of the file, by what was counted without the old ones. */
static int rebuild(struct qcow2_counter *c)
{
    struct qcow2 *q = c->q;
    u64 per = qcow2_refcounts(q), first = c->clusters, blocks = 1, table_clusters, end, *table;
    u8 bytes[12], *block = calloc(1, q->cluster);
    int r = 0;

    for (u64 before = 0; blocks != before;) { /* they count themselves, too */
        before = blocks;
        table_clusters = qcow2_align(q, blocks * 8) / q->cluster;
        end = first + blocks + table_clusters;
        blocks = (end + per - 1) / per;
    }
    table = calloc(table_clusters, q->cluster);
    if (!block || !table || table_clusters * q->cluster > 8 * MIB)
        r = !block || !table ? -ENOMEM : -EFBIG;
    for (u64 b = 0; b < blocks && r == 0; b++) {
        for (u64 i = 0; i < per && r == 0; i++) {
            u64 count = new_count(c, end, b * per + i);

            if (count > qcow2_refcount_max(q))
                r = -ERANGE;
            else
                qcow2_refcount_put(q, block, (u32)i, count);
        }
        table[b] = (first + b) * q->cluster;
        if (r == 0)
            r = file_write(q->file, table[b], block, q->cluster);
    }
    free(block);
    if (r == 0)
        r = qcow2_table_write(q, (first + blocks) * q->cluster, table, 0,
                              (u32)(table_clusters * q->cluster / 8));
    if (r == 0)
        r = file_sync(q->file);
    put_be64(bytes, (first + blocks) * q->cluster);
    put_be32(bytes + 8, (u32)table_clusters);
    if (r == 0)
        r = file_write(q->file, QCOW2_FIELD_REFTABLE, bytes, sizeof(bytes));
    if (r == 0)
        r = file_sync(q->file);
    if (r < 0) {
        free(table);
        return r;
    }
    for (u32 i = 0; i < q->reftable_size; i++)
        qcow2_cache_drop(&q->refblocks, q->reftable[i] & QCOW2_OFFSET);
    free(q->reftable);
    q->reftable = table;
    q->reftable_size = (u32)(table_clusters * q->cluster / 8);
    q->header.reftable_offset = (first + blocks) * q->cluster;
    q->header.reftable_clusters = (u32)table_clusters;
    q->reftable_dirty = (struct qcow2_range){0, 0};
    return 0;
}

/* Without the old blocks among what is counted, which are given up. */
static int rebuild_counted(struct qcow2_counter *c)
{
    struct qcow2 *q = c->q;
    struct qcow2_check ignored, *result = c->result;
    u32 size = q->reftable_size, clusters = q->header.reftable_clusters;
    const struct qcow2_say *say = c->say;
    int r;

    qcow2_count_free(c);
    q->reftable_size = q->header.reftable_clusters = 0;
    c->say = NULL;
    c->result = &ignored;
    r = qcow2_count(c);
    c->say = say;
    c->result = result;
    q->reftable_size = size;
    q->header.reftable_clusters = clusters;
    return r == 0 ? rebuild(c) : r;
}

/* Entries that point behind the end of the file, or beside a cluster's border, are beyond repair. */
static int repair(struct qcow2_counter *c, bool errors)
{
    struct qcow2 *q = c->q;
    bool broken = q->broken;
    int r = 0;

    if (c->bad_blocks && errors)
        r = rebuild_counted(c);
    else if (c->result->errors || c->result->leaks)
        r = set_counts(c, errors);
    if (r == -ENOENT)
        r = rebuild_counted(c);
    q->free_hint = q->packed_at = 0;
    q->broken = false;
    if (r == 0 && errors)
        r = qcow2_mark_copied(q);
    if (r == 0)
        r = qcow2_flush(q);
    q->broken = broken && r < 0;
    return r;
}

int qcow2_check(struct qcow2 *q, enum qcow2_fix fix, const struct qcow2_say *say,
                struct qcow2_check *check)
{
    struct qcow2_check first;
    struct qcow2_counter c = {.q = q, .say = say, .result = check};
    bool errors = fix == QCOW2_FIX_ALL;
    int r = qcow2_count(&c);

    first = *check;
    if (r == 0 && fix && (check->errors || check->leaks)) {
        r = repair(&c, errors);
        qcow2_count_free(&c);
        c.say = NULL;
        if (r == 0)
            r = qcow2_count(&c);
        if (r == 0) {
            check->fixed_errors = first.errors > check->errors ? first.errors - check->errors : 0;
            check->fixed_leaks = first.leaks > check->leaks ? first.leaks - check->leaks : 0;
        }
    }
    qcow2_count_free(&c);
    if (r == 0 && errors && !check->errors)
        r = qcow2_set_incompatible(q, QCOW2_DIRTY | QCOW2_CORRUPT, false);
    return r;
}
