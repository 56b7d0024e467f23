/* qcow2 as a format of the block layer: opened and closed, and its operations. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/qcow2/tool.h"

#define CACHE_BYTES  (32 * MIB) /* of L2 tables */
#define CACHE_TABLES 16         /* at least */
#define CACHE_BLOCKS (4 * MIB)  /* of refcount blocks */

int qcow2_damaged(struct qcow2 *q, const char *fmt, ...)
{
    va_list args;

    if (q->broken)
        return -EIO;
    q->broken = true;
    va_start(args, fmt);
    fprintf(stderr, "pagewalk: '%s' is damaged: ", q->file->path);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    if (!q->block.read_only && q->header.version >= 3)
        qcow2_set_incompatible(q, QCOW2_CORRUPT, true);
    return -EIO;
}

int qcow2_set_incompatible(struct qcow2 *q, u64 bits, bool on)
{
    u64 now = on ? q->header.incompatible | bits : q->header.incompatible & ~bits;
    int r;

    if (now == q->header.incompatible || q->header.version < 3)
        return 0;
    r = qcow2_header_set64(q, QCOW2_FIELD_INCOMPATIBLE, now);
    if (r == 0)
        q->header.incompatible = now;
    return r;
}

static int read_op(struct block *block, u64 sector, void *data, u32 count)
{
    return qcow2_read(qcow2_of(block), sector * BLOCK_SECTOR, data, (u64)count * BLOCK_SECTOR);
}

static int write_op(struct block *block, u64 sector, const void *data, u32 count)
{
    struct qcow2 *q = qcow2_of(block);

    return q->broken ? -EIO
                     : qcow2_write(q, sector * BLOCK_SECTOR, data, (u64)count * BLOCK_SECTOR);
}

static int flush_op(struct block *block)
{
    return qcow2_flush(qcow2_of(block));
}

static int zero_op(struct block *block, u64 sector, u64 count)
{
    struct qcow2 *q = qcow2_of(block);

    return q->broken ? -EIO : qcow2_zero(q, sector * BLOCK_SECTOR, count * BLOCK_SECTOR);
}

static int discard_op(struct block *block, u64 sector, u64 count)
{
    struct qcow2 *q = qcow2_of(block);

    return q->broken ? -EIO : qcow2_discard(q, sector * BLOCK_SECTOR, count * BLOCK_SECTOR);
}

static int map_op(struct block *block, u64 sector, struct block_extent *extent)
{
    struct qcow2_run run;
    int r = qcow2_find(qcow2_of(block), sector * BLOCK_SECTOR, extent->count * BLOCK_SECTOR, &run);

    extent->count = run.len / BLOCK_SECTOR;
    extent->kind = run.kind;
    extent->packed = run.packed;
    extent->placed = run.kind == BLOCK_DATA && !run.packed;
    extent->offset = run.offset;
    return r;
}

static int empty_op(struct block *block)
{
    struct qcow2 *q = qcow2_of(block);
    int r = qcow2_forget(q, 0, qcow2_align(q, q->size));

    return r == 0 ? qcow2_flush(q) : r;
}

/* A larger L1 table lies at another place, and the header then names it. */
int qcow2_grow_l1(struct qcow2 *q, u32 entries)
{
    u64 old_offset = q->header.l1_offset, old_len = q->header.l1_size * 8ull, offset, *l1;
    u8 bytes[12];
    int r = qcow2_write_metadata(q);

    if (r < 0 || entries <= q->l1_size)
        return r;
    if (entries > 32 * MIB / 8)
        return -EFBIG;
    l1 = calloc(entries, 8);
    if (!l1)
        return -ENOMEM;
    memcpy(l1, q->l1, q->l1_size * 8ull);
    r = qcow2_alloc_table(q, entries * 8ull, &offset);
    if (r == 0)
        r = qcow2_table_write(q, offset, l1, 0, entries);
    if (r == 0)
        r = qcow2_flush(q);
    put_be32(bytes, entries);
    put_be64(bytes + 4, offset);
    if (r == 0)
        r = file_write(q->file, QCOW2_FIELD_L1_SIZE, bytes, sizeof(bytes));
    if (r < 0) {
        free(l1);
        return r;
    }
    free(q->l1);
    q->l1 = l1;
    q->l1_size = q->header.l1_size = entries;
    q->header.l1_offset = offset;
    if (old_len)
        qcow2_free(q, old_offset, qcow2_align(q, old_len));
    return qcow2_flush(q);
}

static int resize_op(struct block *block, u64 sectors)
{
    struct qcow2 *q = qcow2_of(block);
    u64 size = sectors * BLOCK_SECTOR, old = block->sectors * BLOCK_SECTOR;
    u64 table = (u64)q->l2_entries * q->cluster, tables = size / table + (size % table != 0);
    u64 base = block->base ? block->base->sectors * BLOCK_SECTOR : 0;
    int r = tables > 32 * MIB / 8 ? -EFBIG : qcow2_grow_l1(q, (u32)tables);

    if (r == 0 && size < old) {
        u64 border = qcow2_align(q, size), rest = border < old ? border : old;

        r = qcow2_zero(q, size, rest - size); /* a larger disk must not find it again */
        if (r == 0)
            r = qcow2_forget(q, border, qcow2_align(q, old) - rest);
    }
    if (r == 0)
        r = qcow2_flush(q);
    if (r == 0)
        r = qcow2_header_set64(q, QCOW2_FIELD_SIZE, size);
    if (r < 0)
        return r;
    q->header.size = q->size = size;
    block->sectors = sectors;
    if (base > size)
        base = size;
    return base > old ? qcow2_zero(q, old, base - old) : 0;
}

static void free_all(struct qcow2 *q)
{
    block_close(q->block.base);
    qcow2_snapshots_free(q);
    qcow2_cache_free(&q->l2);
    qcow2_cache_free(&q->refblocks);
    free(q->l1);
    free(q->reftable);
    free(q->frees);
    free(q->scratch);
    qcow2_unpacked_free(q);
    free(q);
}

static void close_op(struct block *block)
{
    struct qcow2 *q = qcow2_of(block);

    if (!block->read_only && !q->broken && qcow2_flush(q) == 0) {
        qcow2_cache_write(q, &q->refblocks); /* what has become free */
        if (!q->file->device && q->file->size % BLOCK_SECTOR)
            file_resize(q->file, q->file->size + BLOCK_SECTOR - q->file->size % BLOCK_SECTOR);
    }
    file_close(q->file);
    free_all(q);
}

/* For writing: marks that this version does not keep are taken away, and refcounts that were left behind mended. */
static int prepare_writes(struct qcow2 *q)
{
    struct qcow2_check check;
    int r = 0;

    if (q->header.incompatible & QCOW2_CORRUPT)
        return -EUCLEAN;
    if (q->header.autoclear)
        r = qcow2_header_set64(q, QCOW2_FIELD_AUTOCLEAR, 0);
    if (r == 0)
        q->header.autoclear = 0;
    if (r == 0 && q->header.incompatible & QCOW2_DIRTY)
        r = qcow2_check(q, QCOW2_FIX_ALL, NULL, &check);
    return r;
}

static int set_writable_op(struct block *block, bool on)
{
    struct qcow2 *q = qcow2_of(block);
    int r = file_set_writable(q->file, on);

    if (r == 0 && on)
        r = prepare_writes(q);
    if (r < 0 && on)
        file_set_writable(q->file, false);
    return r;
}

static const struct block_ops qcow2_ops = {
    .read = read_op,
    .write = write_op,
    .flush = flush_op,
    .close = close_op,
    .discard = discard_op,
    .zero = zero_op,
    .resize = resize_op,
    .empty = empty_op,
    .set_writable = set_writable_op,
    .map = map_op,
};

static int read_tables(struct qcow2 *q)
{
    const struct qcow2_header *h = &q->header;
    u64 tables = CACHE_BYTES / q->cluster, blocks = CACHE_BLOCKS / q->cluster;
    int r;

    if (tables > h->l1_size)
        tables = h->l1_size;
    q->reftable_size = (u32)((u64)h->reftable_clusters * q->cluster / 8);
    q->l1_size = h->l1_size;
    r = qcow2_cache_init(&q->l2, tables < CACHE_TABLES ? CACHE_TABLES : tables);
    if (r == 0)
        r = qcow2_cache_init(&q->refblocks, blocks < CACHE_TABLES ? CACHE_TABLES : blocks);
    if (r == 0)
        r = qcow2_table_read(q, h->l1_offset, h->l1_size, &q->l1);
    if (r == 0)
        r = qcow2_table_read(q, h->reftable_offset, q->reftable_size, &q->reftable);
    q->scratch = malloc(q->cluster);
    return r == 0 && !q->scratch ? -ENOMEM : r;
}

struct block *qcow2_open(struct file *file, const struct block_how *how, char *err, size_t err_len)
{
    struct qcow2 *q = calloc(1, sizeof(*q));
    int r = q ? qcow2_header_read(file, &q->header, err, err_len) : -ENOMEM;

    if (!q)
        snprintf(err, err_len, "the host has no memory for disk image '%s'", file->path);
    if (r < 0) {
        free(q);
        return NULL;
    }
    q->file = file;
    q->cluster = 1u << q->header.cluster_bits;
    q->units = q->header.incompatible & QCOW2_SUBCLUSTERS ? 32 : 1;
    q->unit = q->cluster / q->units;
    q->entry_size = q->units > 1 ? 16 : 8;
    q->l2_entries = q->cluster / q->entry_size;
    q->size = q->header.size;
    q->block.ops = &qcow2_ops;
    q->block.read_only = file->read_only || how->snapshot;
    q->block.sectors = q->size / BLOCK_SECTOR + (q->size % BLOCK_SECTOR != 0);
    r = read_tables(q);
    if (r < 0)
        snprintf(err, err_len, "cannot open qcow2 image '%s': %s", file->path, strerror(-r));
    if (r == 0)
        r = qcow2_snapshots_read(q, err, err_len);
    if (r == 0 && *q->header.base)
        r = block_open_base(q->header.base, q->header.base_format, how, &q->block.base, err,
                            err_len);
    if (r == 0 && how->snapshot)
        r = qcow2_snapshot_look(q, how->snapshot, err, err_len);
    if (r == 0 && !q->block.read_only && !(how->flags & BLOCK_AS_IT_IS)) {
        r = prepare_writes(q);
        if (r == -EUCLEAN)
            snprintf(err, err_len,
                     "'%s' is marked as damaged: it can be read only, or mended by pagewalk-img "
                     "check -r all",
                     file->path);
        else if (r < 0)
            snprintf(err, err_len, "cannot write to '%s': %s", file->path, strerror(-r));
    }
    if (r == 0)
        return &q->block;
    free_all(q);
    return NULL;
}
