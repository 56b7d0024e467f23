/* A new qcow2 image, of no size: header, refcount table, one refcount block. Its owner opens it and makes it larger. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/qcow2/tool.h"

#define HEADER 112u /* bytes: with the type of compression, and filled up to a multiple of 8 */

static const struct {
    u8 type, bit;
    const char *name;
} feature_names[] = {
    {0, 0, "dirty bit"},        {0, 1, "corrupt bit"},         {0, 2, "external data file"},
    {0, 3, "compression type"}, {0, 4, "extended L2 entries"}, {1, 0, "lazy refcounts"},
    {2, 0, "bitmaps"},          {2, 1, "raw external data"},
};

static u8 *put_extension(u8 *to, u32 type, const void *data, size_t len)
{
    put_be32(to, type);
    put_be32(to + 4, (u32)len);
    memcpy(to + 8, data, len);
    return to + 8 + ((len + 7) & ~7u);
}

/* Returns false when it does not fit in a cluster. */
static bool make_header(u8 *cluster, const struct block_create *c)
{
    u8 names[ARRAY_SIZE(feature_names)][48] = {{0}}, *at;
    u64 incompatible =
        (c->compression ? QCOW2_COMPRESSION : 0) | (c->subclusters ? QCOW2_SUBCLUSTERS : 0);
    unsigned bits = (unsigned)__builtin_ctz(c->cluster);

    put_be32(cluster, 0x514649fb);
    put_be32(cluster + 4, c->version);
    put_be32(cluster + 20, bits);
    put_be64(cluster + QCOW2_FIELD_REFTABLE, c->cluster);
    put_be32(cluster + 56, 1);
    at = cluster + 72;
    if (c->version >= 3) {
        put_be64(cluster + QCOW2_FIELD_INCOMPATIBLE, incompatible);
        put_be64(cluster + 80, c->lazy_refcounts ? QCOW2_LAZY : 0);
        put_be32(cluster + 96, (u32)__builtin_ctz(c->refcount_bits));
        put_be32(cluster + 100, HEADER);
        cluster[104] = c->compression;
        at = cluster + HEADER;
    }
    if (*c->base_format)
        at = put_extension(at, 0xe2792acau, c->base_format, strlen(c->base_format));
    if (c->version >= 3 && c->cluster >= 4096) {
        for (unsigned i = 0; i < ARRAY_SIZE(feature_names); i++) {
            names[i][0] = feature_names[i].type;
            names[i][1] = feature_names[i].bit;
            strcpy((char *)names[i] + 2, feature_names[i].name);
        }
        at = put_extension(at, 0x6803f857u, names, sizeof(names));
    }
    at += 8; /* the end of the extensions */
    if (*c->base) {
        size_t len = strlen(c->base);

        if (len > (size_t)(cluster + c->cluster - at))
            return false;
        put_be64(cluster + 8, (u64)(at - cluster));
        put_be32(cluster + 16, (u32)len);
        memcpy(at, c->base, len);
    }
    return true;
}

/* Header, table and block are the clusters 0 to 2. */
int qcow2_create(struct file *file, const struct block_create *c, char *err, size_t err_len)
{
    u64 entries = c->cluster / (c->subclusters ? 16 : 8), table = entries * c->cluster;
    u64 l1_entries = c->size / table + (c->size % table != 0);
    struct qcow2 q = {.cluster = c->cluster,
                      .header.refcount_order = (unsigned)__builtin_ctz(c->refcount_bits)};
    u8 *clusters = calloc(3, c->cluster);
    int r = clusters ? 0 : -ENOMEM;

    if (r == 0 && (l1_entries > 32 * MIB / 8 || strlen(c->base) > QCOW2_NAME_MAX ||
                   !make_header(clusters, c))) {
        snprintf(err, err_len, "'%s': %s", file->path,
                 l1_entries > 32 * MIB / 8 ? "too large for this cluster size"
                                           : "the name of its backing file is too long");
        free(clusters);
        return -EFBIG;
    }
    if (r == 0) {
        put_be64(clusters + c->cluster, 2ull * c->cluster);
        for (u32 i = 0; i < 3; i++)
            qcow2_refcount_put(&q, clusters + 2ull * c->cluster, i, 1);
        r = file_write(file, 0, clusters, 3ull * c->cluster);
    }
    free(clusters);
    if (r < 0)
        snprintf(err, err_len, "cannot write '%s': %s", file->path, strerror(-r));
    return r;
}

/* Clusters for all of a disk that has none yet; nothing is written to them here. */
int qcow2_preallocate(struct block *block, enum block_preallocation how)
{
    struct qcow2 *q = qcow2_of(block);
    u64 all = q->units > 1 ? 0xffffffffull : 0, offset, n, size;
    u8 *l2;
    int r = 0;

    for (u64 at = 0; at < q->size && r == 0; at += n * q->cluster) {
        u64 table = q->l2_entries - qcow2_l2_index(q, at);
        u64 rest = qcow2_align(q, q->size - at) / q->cluster;

        n = 0;
        r = qcow2_own_l2(q, at, &l2);
        if (r == 0)
            r = qcow2_alloc(q, rest < table ? rest : table, &offset, &n);
        for (u64 i = 0; r == 0 && i < n; i++)
            qcow2_entry_set(q, at + i * q->cluster, l2, (offset + i * q->cluster) | QCOW2_COPIED,
                            all);
    }
    size = q->free_hint * q->cluster;
    if (r == 0 && size > q->file->size)
        r = file_resize(q->file, size);
    if (r == 0)
        r = qcow2_flush(q);
    if (r == 0 && how != PREALLOCATE_METADATA)
        r = file_allocate(q->file, q->file->size, how == PREALLOCATE_FULL);
    return r;
}
