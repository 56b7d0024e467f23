/* Internal snapshots: taken, gone back to, deleted.
 *
 * A snapshot is another L1 table, whose L2 tables and data are shared. References are counted before anything has
 * them, and no longer once nothing has: a crash leaves clusters that nobody refers to. Only the COPIED flags cannot
 * change in the same moment as the counts: the image is marked dirty meanwhile, so that the next one to write mends
 * them (version 3). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "devices/block/qcow2/tool.h"

/* One more reference, or one less, to all that an L1 table names. */
static int count_tree(struct qcow2 *q, const u64 *l1, u32 entries, int delta)
{
    int r = 0;

    for (u32 i = 0; i < entries && r == 0; i++) {
        u64 table = l1[i] & QCOW2_OFFSET, offset, len;
        u8 *l2;

        if (!table)
            continue;
        for (u32 k = 0; k < q->l2_entries && r == 0; k++) {
            r = qcow2_cache_get(q, &q->l2, table, &l2);
            if (r < 0)
                break;
            if (!qcow2_entry_extent(q, get_be64(l2 + (size_t)k * q->entry_size), &offset, &len))
                continue;
            if (delta < 0)
                qcow2_free(q, offset, len);
            else
                r = qcow2_refcount_add(q, offset, len, 1);
        }
        if (r == 0 && delta < 0)
            qcow2_free(q, table, q->cluster);
        else if (r == 0)
            r = qcow2_refcount_add(q, table, q->cluster, 1);
    }
    return r;
}

/* The flag of one entry by its cluster's count. */
static int copied(struct qcow2 *q, u64 entry, u64 *to)
{
    u64 count;
    int r;

    *to = entry & ~QCOW2_COPIED;
    if (!(entry & QCOW2_OFFSET) || entry & QCOW2_PACKED)
        return 0;
    r = qcow2_refcount(q, (entry & QCOW2_OFFSET) / q->cluster, &count);
    if (count == 1)
        *to |= QCOW2_COPIED;
    return r;
}

static int mark_table(struct qcow2 *q, u64 table)
{
    u8 *l2;
    int r = 0;

    for (u32 k = 0; k < q->l2_entries && r == 0; k++) {
        u64 entry, now;

        r = qcow2_cache_get(q, &q->l2, table, &l2);
        if (r < 0)
            return r;
        entry = get_be64(l2 + (size_t)k * q->entry_size);
        r = copied(q, entry, &now);
        if (r == 0 && now != entry) {
            put_be64(l2 + (size_t)k * q->entry_size, now);
            qcow2_cache_dirty(&q->l2, table);
        }
    }
    return r;
}

int qcow2_mark_copied(struct qcow2 *q)
{
    int r = 0;

    for (u32 i = 0; i < q->l1_size && r == 0; i++) {
        u64 now;

        if (!(q->l1[i] & QCOW2_OFFSET))
            continue;
        r = mark_table(q, q->l1[i] & QCOW2_OFFSET);
        if (r == 0)
            r = copied(q, q->l1[i], &now);
        if (r == 0 && now != q->l1[i]) {
            q->l1[i] = now;
            qcow2_range_add(&q->l1_dirty, i, i + 1);
        }
    }
    return r == 0 ? qcow2_write_metadata(q) : r;
}

static int begin(struct qcow2 *q)
{
    int r = qcow2_flush(q);

    return r == 0 ? qcow2_set_incompatible(q, QCOW2_DIRTY, true) : r;
}

/* What has become free is so now, and the flags follow. */
static int finish(struct qcow2 *q)
{
    int r = qcow2_flush(q);

    if (r == 0)
        r = qcow2_mark_copied(q);
    if (r == 0)
        r = qcow2_flush(q);
    return r == 0 ? qcow2_set_incompatible(q, QCOW2_DIRTY, false) : r;
}

static char *new_id(const struct qcow2 *q)
{
    unsigned long max = 0;
    char text[24];

    for (u32 i = 0; i < q->header.snapshots; i++) {
        unsigned long id = strtoul(q->snapshots[i].id, NULL, 10);

        if (id > max)
            max = id;
    }
    snprintf(text, sizeof(text), "%lu", max + 1);
    return strdup(text);
}

/* An L1 table of its own, without COPIED flags. */
static int write_l1(struct qcow2 *q, const u64 *l1, u32 entries, u64 *offset)
{
    u64 *plain = malloc(entries * 8ull + 8);
    int r = plain ? qcow2_alloc_table(q, entries * 8ull, offset) : -ENOMEM;

    for (u32 i = 0; r == 0 && i < entries; i++)
        plain[i] = l1[i] & ~QCOW2_COPIED;
    if (r == 0)
        r = qcow2_table_write(q, *offset, plain, 0, entries);
    free(plain);
    return r;
}

int qcow2_snapshot_create(struct qcow2 *q, const char *name)
{
    u32 n = q->header.snapshots;
    struct qcow2_snapshot *table, *s;
    struct timespec now;
    int r;

    if (strlen(name) > 0xffff)
        return -ENAMETOOLONG;
    table = realloc(q->snapshots, (n + 2ull) * sizeof(*table));
    if (!table)
        return -ENOMEM;
    q->snapshots = table;
    s = &table[n];
    clock_gettime(CLOCK_REALTIME, &now);
    *s = (struct qcow2_snapshot){.l1_size = q->l1_size,
                                 .seconds = (u32)now.tv_sec,
                                 .nanoseconds = (u32)now.tv_nsec,
                                 .disk_size = q->size,
                                 .icount = ~0ull,
                                 .id = new_id(q),
                                 .name = strdup(name),
                                 .extra = calloc(1, 1)};
    r = s->id && s->name && s->extra ? begin(q) : -ENOMEM;
    if (r == 0) {
        r = count_tree(q, q->l1, q->l1_size, 1);
        if (r == 0)
            r = write_l1(q, q->l1, q->l1_size, &s->l1_offset);
        if (r == 0)
            r = qcow2_mark_copied(q); /* none any more */
        if (r == 0)
            r = qcow2_snapshots_write(q, table, n + 1);
        if (r == 0) {
            q->header.snapshots = n + 1;
            return finish(q);
        }
    }
    free(s->id);
    free(s->name);
    free(s->extra);
    return r;
}

int qcow2_snapshot_delete(struct qcow2 *q, u32 index)
{
    u32 n = q->header.snapshots;
    struct qcow2_snapshot gone = q->snapshots[index];
    u64 *l1 = NULL;
    struct qcow2_snapshot *rest = malloc((n + 1ull) * sizeof(*rest));
    int r = rest ? qcow2_table_read(q, gone.l1_offset, gone.l1_size, &l1) : -ENOMEM;

    if (r == 0)
        r = begin(q);
    if (r == 0) {
        memcpy(rest, q->snapshots, index * sizeof(*rest));
        memcpy(rest + index, q->snapshots + index + 1, (n - index - 1) * sizeof(*rest));
        r = qcow2_snapshots_write(q, rest, n - 1);
    }
    if (r == 0) {
        free(q->snapshots);
        q->snapshots = rest;
        q->header.snapshots = n - 1;
        rest = NULL;
        r = count_tree(q, l1, gone.l1_size, -1);
        if (gone.l1_size)
            qcow2_free(q, gone.l1_offset, qcow2_align(q, gone.l1_size * 8ull));
        free(gone.id);
        free(gone.name);
        free(gone.extra);
    }
    if (r == 0)
        r = finish(q);
    free(rest);
    free(l1);
    return r;
}

int qcow2_snapshot_apply(struct qcow2 *q, u32 index)
{
    const struct qcow2_snapshot *s = &q->snapshots[index];
    u64 table = (u64)q->l2_entries * q->cluster, tables = s->disk_size / table, offset;
    u64 *l1 = NULL, *old = q->l1, old_offset = q->header.l1_offset;
    u32 entries = s->l1_size, old_size = q->l1_size;
    u8 bytes[24];
    int r;

    tables += s->disk_size % table != 0;
    if (s->disk_size > 1ull << 62 || tables > s->l1_size)
        return -EINVAL;
    r = qcow2_table_read(q, s->l1_offset, entries, &l1);
    if (r == 0)
        r = begin(q);
    if (r == 0)
        r = count_tree(q, l1, entries, 1);
    if (r == 0)
        r = write_l1(q, l1, entries, &offset);
    if (r == 0)
        r = qcow2_flush(q);
    if (r == 0) {
        /* Size, encryption, and the L1 table are neighbours in the header. */
        put_be64(bytes, s->disk_size);
        put_be32(bytes + 8, 0);
        put_be32(bytes + 12, entries);
        put_be64(bytes + 16, offset);
        r = file_write(q->file, QCOW2_FIELD_SIZE, bytes, sizeof(bytes));
    }
    if (r == 0)
        r = file_sync(q->file);
    if (r < 0) {
        free(l1);
        return r;
    }
    q->l1 = l1;
    q->l1_size = q->header.l1_size = entries;
    q->header.l1_offset = offset;
    q->header.size = q->size = s->disk_size;
    q->block.sectors = (q->size + BLOCK_SECTOR - 1) / BLOCK_SECTOR;
    r = count_tree(q, old, old_size, -1);
    if (old_size)
        qcow2_free(q, old_offset, qcow2_align(q, old_size * 8ull));
    free(old);
    return r == 0 ? finish(q) : r;
}
