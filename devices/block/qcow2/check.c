/* Checking: what refers to each cluster is counted anew, and compared with the refcounts.
 *
 * Each table is read once, however often it is referred to: an image that names one table a million times takes no
 * more time than its file is long. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "devices/block/qcow2/check.h"

#define CLUSTERS_MAX (1ull << 32) /* 2^32 counts are as many as are tried */

void qcow2_say(struct qcow2_counter *c, const char *fmt, ...)
{
    char line[256];
    va_list args;

    if (!c->say)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    c->say->line(c->say->opaque, line);
}

/* Counts `times` references to the clusters of these bytes. False: they are not in the file. */
static bool refer(struct qcow2_counter *c, u64 offset, u64 len, u32 times, const char *what)
{
    struct qcow2 *q = c->q;
    u64 first = offset / q->cluster, last;

    if (len == 0)
        return true;
    last = (offset + len - 1) / q->cluster;
    if (offset + len < offset || last >= c->clusters) {
        qcow2_say(c, "ERROR %s at %#llx: behind the end of the file", what,
                  (unsigned long long)offset);
        c->result->errors++;
        return false;
    }
    for (u64 i = first; i <= last; i++)
        c->counts[i] = c->counts[i] > UINT32_MAX - times ? UINT32_MAX : c->counts[i] + times;
    if ((last + 1) * q->cluster > c->result->end)
        c->result->end = (last + 1) * q->cluster;
    return true;
}

/* References of an L1 table to L2 tables; an L1 table that was counted before is not again. */
static int count_l1(struct qcow2_counter *c, u64 offset, u32 entries, const char *what)
{
    u64 *l1;
    int r;

    if (entries == 0)
        return 0;
    if (offset / c->q->cluster < c->clusters && c->counts[offset / c->q->cluster]) {
        qcow2_say(c, "ERROR %s at %#llx: something else is there", what,
                  (unsigned long long)offset);
        c->result->errors++;
        refer(c, offset, entries * 8ull, 1, what);
        return 0;
    }
    if (!refer(c, offset, entries * 8ull, 1, what))
        return 0;
    r = qcow2_table_read(c->q, offset, entries, &l1);
    for (u32 i = 0; r == 0 && i < entries; i++) {
        u64 table = l1[i] & QCOW2_OFFSET;

        if (!table)
            continue;
        if (table % c->q->cluster) {
            qcow2_say(c, "ERROR L2 table at %#llx: not on a cluster's border",
                      (unsigned long long)table);
            c->result->errors++;
        } else if (refer(c, table, c->q->cluster, 1, "L2 table")) {
            c->l2_refs[table / c->q->cluster]++;
        }
    }
    free(l1);
    return r;
}

/* What an L2 table refers to, as often as it is referred to itself. */
static int count_l2(struct qcow2_counter *c, u64 table, u32 times)
{
    struct qcow2 *q = c->q;
    int r = file_read(q->file, table, q->scratch, q->cluster);

    for (u32 k = 0; r == 0 && k < q->l2_entries; k++) {
        u64 entry = get_be64(q->scratch + (size_t)k * q->entry_size), offset, len;

        if (!qcow2_entry_extent(q, entry, &offset, &len))
            continue;
        if (!(entry & QCOW2_PACKED) && offset % q->cluster) {
            qcow2_say(c, "ERROR data at %#llx: not on a cluster's border",
                      (unsigned long long)offset);
            c->result->errors++;
            continue;
        }
        refer(c, offset, len, times, entry & QCOW2_PACKED ? "compressed data" : "data");
    }
    return r;
}

/* Bitmaps, where the image says that they are kept: their directory, tables and data. */
static int count_bitmaps(struct qcow2_counter *c)
{
    const struct qcow2_header *h = &c->q->header;
    u64 at = h->bitmaps_offset, end = at + h->bitmaps_size;
    int r = 0;

    if (!(h->autoclear & QCOW2_BITMAPS) || !h->bitmaps)
        return 0;
    if (h->bitmaps_size > 64 * MIB || !refer(c, at, h->bitmaps_size, 1, "bitmap directory"))
        return 0;
    for (u32 i = 0; i < h->bitmaps && at + 24 <= end && r == 0; i++) {
        u64 *table, offset;
        u32 size;
        u8 head[24];

        r = file_read(c->q->file, at, head, sizeof(head));
        if (r < 0)
            break;
        offset = get_be64(head);
        size = get_be32(head + 8);
        at += (24ull + get_be16(head + 18) + get_be32(head + 20) + 7) & ~7ull;
        if (size > 4 * MIB || !refer(c, offset, size * 8ull, 1, "bitmap table"))
            continue;
        r = qcow2_table_read(c->q, offset, size, &table);
        for (u32 k = 0; r == 0 && k < size; k++)
            if (table[k] & QCOW2_OFFSET)
                refer(c, table[k] & QCOW2_OFFSET, c->q->cluster, 1, "bitmap");
        free(table);
    }
    return r;
}

static void count_refblocks(struct qcow2_counter *c)
{
    struct qcow2 *q = c->q;

    refer(c, q->header.reftable_offset, (u64)q->header.reftable_clusters * q->cluster, 1,
          "refcount table");
    for (u32 i = 0; i < q->reftable_size; i++) {
        u64 offset = q->reftable[i] & QCOW2_OFFSET;

        if (!offset)
            continue;
        if (offset % q->cluster) {
            qcow2_say(c, "ERROR refcount block at %#llx: not on a cluster's border",
                      (unsigned long long)offset);
            c->result->errors++;
            c->bad_blocks = true;
        } else if (!refer(c, offset, q->cluster, 1, "refcount block")) {
            c->bad_blocks = true;
        } else if (c->counts[offset / q->cluster] != 1) {
            qcow2_say(c, "ERROR refcount block at %#llx: something else is there",
                      (unsigned long long)offset);
            c->result->errors++;
            c->bad_blocks = true;
        }
    }
}

/* All references, to c->counts. */
static int count_all(struct qcow2_counter *c)
{
    struct qcow2 *q = c->q;
    int r = 0;

    refer(c, 0, q->cluster, 1, "header");
    r = count_l1(c, q->header.l1_offset, q->header.l1_size, "L1 table");
    for (u32 i = 0; i < q->header.snapshots && r == 0; i++)
        r = count_l1(c, q->snapshots[i].l1_offset, q->snapshots[i].l1_size, "snapshot's L1 table");
    if (r == 0 && q->header.snapshots)
        refer(c, q->header.snapshots_offset, qcow2_snapshots_size(q), 1, "snapshot table");
    for (u64 i = 0; i < c->clusters && r == 0; i++)
        if (c->l2_refs[i])
            r = count_l2(c, i * q->cluster, c->l2_refs[i]);
    if (r == 0)
        r = count_bitmaps(c);
    if (r == 0)
        count_refblocks(c);
    return r;
}

static int compare(struct qcow2_counter *c)
{
    struct qcow2 *q = c->q;

    for (u64 i = 0; i < c->clusters; i++) {
        u64 count;
        int r = 0;

        if (i / qcow2_refcounts(q) < q->reftable_size &&
            (q->reftable[i / qcow2_refcounts(q)] & QCOW2_OFFSET) % q->cluster)
            count = 0; /* told already */
        else
            r = qcow2_refcount(q, i, &count);
        if (r < 0)
            return r;
        if (count == c->counts[i])
            continue;
        if (count > c->counts[i]) {
            qcow2_say(c, "Leaked cluster %llu refcount=%llu reference=%u", (unsigned long long)i,
                      (unsigned long long)count, c->counts[i]);
            c->result->leaks++;
        } else {
            qcow2_say(c, "ERROR cluster %llu refcount=%llu reference=%u", (unsigned long long)i,
                      (unsigned long long)count, c->counts[i]);
            c->result->errors++;
        }
    }
    return 0;
}

static u64 count_of(const struct qcow2_counter *c, u64 offset)
{
    return offset / c->q->cluster < c->clusters ? c->counts[offset / c->q->cluster] : 0;
}

static void check_flag(struct qcow2_counter *c, u64 entry, const char *what)
{
    u64 offset = entry & QCOW2_OFFSET, count;

    if (!offset || offset % c->q->cluster || entry & QCOW2_PACKED ||
        qcow2_refcount(c->q, offset / c->q->cluster, &count) < 0)
        return;
    if ((count == 1) == !!(entry & QCOW2_COPIED))
        return;
    qcow2_say(c, "ERROR OFLAG_COPIED %s: entry=%#llx refcount=%llu", what,
              (unsigned long long)entry, (unsigned long long)count);
    c->result->errors++;
    c->bad_flags = true;
}

/* The active tables: their COPIED flags, and what the disk has. */
static int look_at_disk(struct qcow2_counter *c)
{
    struct qcow2 *q = c->q;
    u64 n = qcow2_align(q, q->size) / q->cluster;
    int r = 0;

    c->result->clusters = n;
    for (u32 i = 0; i < q->l1_size && r == 0; i++) {
        u64 table = q->l1[i] & QCOW2_OFFSET, next = 0; /* pieces are a table's */

        if (!table || table % q->cluster || !count_of(c, table))
            continue;
        check_flag(c, q->l1[i], "L2 table");
        r = file_read(q->file, table, q->scratch, q->cluster);
        for (u32 k = 0; r == 0 && k < q->l2_entries; k++) {
            u64 entry = get_be64(q->scratch + (size_t)k * q->entry_size), offset, len;

            if (!qcow2_entry_extent(q, entry, &offset, &len))
                continue;
            check_flag(c, entry, "data cluster");
            c->result->allocated++;
            if (entry & QCOW2_PACKED) { /* in pieces by their nature */
                c->result->packed++;
                c->result->fragmented++;
                continue;
            }
            c->result->fragmented += next && offset != next;
            next = offset + len;
        }
        if (c->seen_tables++ > c->clusters) /* one table, named again and again */
            break;
    }
    return r;
}

static void *zeros(u64 len)
{
    void *p = mmap(NULL, len + 1, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

static void drop(void *p, u64 len)
{
    if (p)
        munmap(p, len + 1);
}

int qcow2_count(struct qcow2_counter *c)
{
    int r;

    c->clusters = qcow2_align(c->q, c->q->file->size) / c->q->cluster;
    if (c->clusters > CLUSTERS_MAX)
        return -EFBIG;
    *c->result = (struct qcow2_check){.end = c->q->cluster};
    c->bad_blocks = c->bad_flags = false;
    c->counts = zeros(c->clusters * sizeof(*c->counts));
    c->l2_refs = zeros(c->clusters * sizeof(*c->l2_refs));
    r = c->counts && c->l2_refs ? count_all(c) : -ENOMEM;
    if (r == 0)
        r = compare(c);
    return r == 0 ? look_at_disk(c) : r;
}

void qcow2_count_free(struct qcow2_counter *c)
{
    drop(c->counts, c->clusters * sizeof(*c->counts));
    drop(c->l2_refs, c->clusters * sizeof(*c->l2_refs));
    c->counts = c->l2_refs = NULL;
}
