/* Writing: in place where nobody else refers to a cluster, else to a new one.
 *
 * A new cluster's data is in the file before the table that names it is (qcow2_write_metadata()). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/qcow2/tool.h"

#define UNITS_ALL 0xffffffffull

static u64 units_mask(unsigned first, unsigned count)
{
    return (count < 32 ? (1ull << count) - 1 : UNITS_ALL) << first;
}

/* What an entry names is not needed any more. */
static void free_entry(struct qcow2 *q, u64 entry)
{
    u64 offset, len;

    if (qcow2_entry_extent(q, entry, &offset, &len) &&
        (entry & QCOW2_PACKED || offset % q->cluster == 0))
        qcow2_free(q, offset, len);
}

/* Whether what lies there reads as zeros, as far as the tables tell. */
static bool is_zero(struct qcow2 *q, u64 at, u64 len)
{
    struct qcow2_run run;
    u64 base = q->block.base ? q->block.base->sectors * BLOCK_SECTOR : 0;

    for (; len; at += run.len, len -= run.len)
        if (qcow2_find(q, at, len, &run) < 0 || run.kind == BLOCK_DATA ||
            (run.kind == BLOCK_ABSENT && at < base))
            return false;
    return true;
}

/* Room for the bytes around a write within its clusters, filled with what is there. A NULL iov_base: they are zeros
 * and need not be written. */
static int fill(struct qcow2 *q, u64 at, u64 len, bool fresh, struct iovec *part)
{
    int r;

    *part = (struct iovec){NULL, len};
    if (len == 0 || (fresh && is_zero(q, at, len)))
        return 0;
    part->iov_base = malloc(len);
    if (!part->iov_base)
        return -ENOMEM;
    r = qcow2_read(q, at, part->iov_base, len);
    if (r < 0) {
        free(part->iov_base);
        part->iov_base = NULL;
    }
    return r;
}

/* Writes [at, at + len) and what is around it in [lo, hi) to the file's `offset`, which is lo's place. */
static int write_around(struct qcow2 *q, u64 lo, u64 at, const void *data, u64 len, u64 hi,
                        u64 offset)
{
    bool fresh = offset >= q->file->size; /* nothing was ever there: it reads as zeros */
    struct iovec parts[3], head, tail;
    u64 from = lo;
    int n = 0, r = fill(q, lo, at - lo, fresh, &head);

    if (r < 0)
        return r;
    r = fill(q, at + len, hi - at - len, fresh, &tail);
    if (head.iov_base)
        parts[n++] = head;
    else
        from = at;
    parts[n++] = (struct iovec){(void *)data, len};
    if (tail.iov_base)
        parts[n++] = tail;
    if (r == 0)
        r = file_write_parts(q->file, offset + (from - lo), parts, n);
    free(head.iov_base);
    free(tail.iov_base);
    return r;
}

/* Neighbouring clusters of a table that are written in place, or must be new ones, from `at` on. */
static u64 alike(struct qcow2 *q, const u8 *l2, u64 at, u64 len, bool *in_place, u64 *offset)
{
    u64 first = at & ~(u64)(q->cluster - 1), n = 0;
    u64 most = (at + len - first + q->cluster - 1) >> q->header.cluster_bits;
    u32 index = qcow2_l2_index(q, at);

    if (most > q->l2_entries - index)
        most = q->l2_entries - index;
    for (; n < most; n++) {
        u64 entry = get_be64(l2 + (index + n) * 8), place = entry & QCOW2_OFFSET;
        bool own = entry & QCOW2_COPIED && !(entry & (QCOW2_PACKED | QCOW2_ZERO)) && place &&
                   place % q->cluster == 0;

        if (n == 0) {
            *in_place = own;
            *offset = place;
        }
        if (own != *in_place || (own && place != *offset + n * q->cluster))
            break;
    }
    return n;
}

static int write_in_place(struct qcow2 *q, u64 offset, const void *data, u64 len)
{
    if (qcow2_is_metadata(q, offset, len, false))
        return qcow2_damaged(q, "data at %#llx, where metadata is", (unsigned long long)offset);
    return file_write(q->file, offset, data, len);
}

/* As much as goes at once; *len becomes what was written. Without subclusters. */
static int write_clusters(struct qcow2 *q, u64 at, const void *data, u64 *len)
{
    u64 first = at & ~(u64)(q->cluster - 1), offset, n;
    bool in_place = false;
    u8 *l2;
    int r = qcow2_own_l2(q, at, &l2);

    if (r < 0)
        return r;
    n = alike(q, l2, at, *len, &in_place, &offset);
    if (!in_place)
        r = qcow2_alloc(q, n, &offset, &n);
    if (r < 0)
        return r;
    if (*len > first + n * q->cluster - at)
        *len = first + n * q->cluster - at;
    if (in_place)
        return write_in_place(q, offset + (at - first), data, *len);
    r = write_around(q, first, at, data, *len, first + n * q->cluster, offset);
    if (r == 0)
        r = qcow2_own_l2(q, at, &l2);
    if (r < 0) {
        qcow2_free(q, offset, n * q->cluster);
        return r;
    }
    for (u64 i = 0; i < n; i++) {
        u64 to = first + i * q->cluster;

        free_entry(q, get_be64(l2 + (size_t)qcow2_l2_index(q, to) * 8));
        qcow2_entry_set(q, to, l2, (offset + i * q->cluster) | QCOW2_COPIED, 0);
    }
    return 0;
}

/* Within one cluster that has subclusters. */
static int write_subclusters(struct qcow2 *q, u64 at, const void *data, u64 len)
{
    u64 first = at & ~(u64)(q->cluster - 1), in = at - first;
    u64 lo = in / q->unit, hi = (in + len - 1) / q->unit + 1; /* units */
    u64 touched = units_mask((unsigned)lo, (unsigned)(hi - lo)), keep = 0;
    u64 entry, bitmap, offset, got;
    bool own;
    u8 *l2;
    int r = qcow2_own_l2(q, at, &l2);

    if (r < 0)
        return r;
    entry = get_be64(l2 + (size_t)qcow2_l2_index(q, at) * 16);
    bitmap = get_be64(l2 + (size_t)qcow2_l2_index(q, at) * 16 + 8);
    offset = entry & QCOW2_OFFSET;
    own = entry & QCOW2_COPIED && offset && offset % q->cluster == 0 && !(entry & QCOW2_PACKED);
    if (own && (bitmap & touched) == touched)
        return write_in_place(q, offset + in, data, len);
    if (!own) {
        keep = entry & QCOW2_PACKED ? UNITS_ALL : bitmap & UNITS_ALL;
        keep &= ~touched;
        r = qcow2_alloc(q, 1, &offset, &got);
        if (r < 0)
            return r;
        if (keep)
            lo = 0, hi = q->units;
    }
    r = write_around(q, first + lo * q->unit, at, data, len, first + hi * q->unit,
                     offset + lo * q->unit);
    if (r == 0)
        r = qcow2_own_l2(q, at, &l2);
    if (r < 0) {
        if (!own)
            qcow2_free(q, offset, q->cluster);
        return r;
    }
    if (!own)
        free_entry(q, entry);
    bitmap = entry & QCOW2_PACKED ? 0 : bitmap;
    bitmap = (bitmap | keep | touched) & ~(touched << 32);
    qcow2_entry_set(q, at, l2, offset | QCOW2_COPIED, bitmap);
    return 0;
}

int qcow2_write(struct qcow2 *q, u64 at, const void *data, u64 len)
{
    const u8 *from = data;
    int r = 0;

    while (len && r == 0) {
        u64 n = len;

        if (q->units > 1) {
            if (n > q->cluster - (at & (q->cluster - 1)))
                n = q->cluster - (at & (q->cluster - 1));
            r = write_subclusters(q, at, from, n);
        } else {
            r = write_clusters(q, at, from, &n);
        }
        at += n;
        from += n;
        len -= n;
    }
    return r;
}

static int write_zeros(struct qcow2 *q, u64 at, u64 len)
{
    static const u8 zeros[64 * KIB];
    int r = 0;

    while (len && r == 0) {
        u64 n = len < sizeof(zeros) ? len : sizeof(zeros);

        r = qcow2_write(q, at, zeros, n);
        at += n;
        len -= n;
    }
    return r;
}

/* Of units that are whole, within one cluster. */
static int zero_units(struct qcow2 *q, u64 at, u64 len)
{
    u64 in = at & (q->cluster - 1), mask, entry, bitmap;
    u8 *l2;
    int r = qcow2_own_l2(q, at, &l2);

    if (r < 0)
        return r;
    entry = get_be64(l2 + (size_t)qcow2_l2_index(q, at) * q->entry_size);
    if (len == q->cluster) {
        free_entry(q, entry);
        qcow2_entry_set(q, at, l2, q->units > 1 ? 0 : QCOW2_ZERO, UNITS_ALL << 32);
        return 0;
    }
    if (entry & QCOW2_PACKED)
        return write_zeros(q, at, len);
    bitmap = get_be64(l2 + (size_t)qcow2_l2_index(q, at) * q->entry_size + 8);
    mask = units_mask((unsigned)(in / q->unit), (unsigned)(len / q->unit));
    qcow2_entry_set(q, at, l2, entry, (bitmap & ~mask) | mask << 32);
    return 0;
}

/* A cluster that the disk's end is in is whole when the rest of it is. */
static u64 to_border(const struct qcow2 *q, u64 at, u64 len)
{
    return at + len == q->block.sectors * BLOCK_SECTOR ? qcow2_align(q, at + len) - at : len;
}

int qcow2_zero(struct qcow2 *q, u64 at, u64 len)
{
    int r = 0;

    len = to_border(q, at, len);

    while (len && r == 0) {
        struct qcow2_run run;
        u64 in = at & (q->cluster - 1), n = q->cluster - in, part = at % q->unit;

        r = qcow2_find(q, at, len, &run);
        if (r < 0)
            return r;
        if (n > len)
            n = len;
        if (run.kind != BLOCK_DATA && is_zero(q, at, run.len)) {
            n = run.len; /* nothing to do */
        } else if (q->header.version < 3 || part || n < q->unit) {
            u64 border = q->unit - part; /* up to where units are whole, or all of it */

            if (n > border && q->header.version >= 3)
                n = border;
            r = write_zeros(q, at, n);
        } else {
            n -= n % q->unit;
            r = zero_units(q, at, n);
        }
        at += n;
        len -= n;
    }
    return r;
}

/* Each whole cluster that has something gets the entry. */
static int drop(struct qcow2 *q, u64 at, u64 len, u64 new_entry, u64 bitmap)
{
    u64 end = (at + len) & ~(u64)(q->cluster - 1);
    int r = 0;

    at = qcow2_align(q, at);
    while (at < end && r == 0) {
        struct qcow2_run run;
        u64 entry;
        u8 *l2;

        if (!q->l1[at / q->cluster / q->l2_entries]) { /* a whole table has nothing */
            u64 table = (u64)q->l2_entries * q->cluster;

            at += table - at % table;
            continue;
        }
        r = qcow2_find(q, at, 1, &run);
        if (r < 0)
            break;
        entry = run.entry;
        if (entry & (QCOW2_OFFSET | QCOW2_PACKED) || (!new_entry && !bitmap && entry) ||
            (q->units > 1 && run.kind == BLOCK_ZERO && !bitmap)) {
            r = qcow2_own_l2(q, at, &l2);
            if (r == 0) {
                free_entry(q, entry);
                qcow2_entry_set(q, at, l2, new_entry, bitmap);
            }
        }
        at += q->cluster;
    }
    return r;
}

int qcow2_discard(struct qcow2 *q, u64 at, u64 len)
{
    len = to_border(q, at, len);
    /* What the base has must not come back. */
    if (!q->block.base)
        return drop(q, at, len, 0, 0);
    if (q->header.version < 3)
        return 0;
    return q->units > 1 ? drop(q, at, len, 0, UNITS_ALL << 32) : drop(q, at, len, QCOW2_ZERO, 0);
}

int qcow2_forget(struct qcow2 *q, u64 at, u64 len)
{
    return drop(q, at, len, 0, 0);
}

int qcow2_write_packed(struct qcow2 *q, u64 at, const void *packed, u32 len)
{
    unsigned shift = 62 - (q->header.cluster_bits - 8);
    u64 offset, entry, sectors;
    u8 *l2;
    int r = qcow2_alloc_bytes(q, len, &offset);

    if (r == 0)
        r = file_write(q->file, offset, packed, len);
    if (r == 0)
        r = qcow2_own_l2(q, at, &l2);
    if (r < 0)
        return r;
    sectors = (offset + len - 1) / 512 - offset / 512;
    entry = offset | sectors << shift | QCOW2_PACKED;
    free_entry(q, get_be64(l2 + (size_t)qcow2_l2_index(q, at) * q->entry_size));
    qcow2_entry_set(q, at, l2, entry, 0);
    return 0;
}
