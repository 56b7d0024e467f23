/* The qcow2 header: read and judged, and changed field by field. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/qcow2/qcow2.h"

#define HEAD_V2 72u
#define HEAD_V3 104u

#define L1_MAX        (32 * MIB) /* bytes; the limits are QEMU's */
#define REFTABLE_MAX  (8 * MIB)
#define SNAPSHOTS_MAX 65536u

enum {
    EXT_END = 0,
    EXT_BASE_FORMAT = 0xe2792acau,
    EXT_FEATURES = 0x6803f857u,
    EXT_BITMAPS = 0x23852875u,
};

static int printf_like(3, 4) bad(char *err, size_t err_len, const char *fmt, ...)
{
    va_list args;
    size_t n = strlen(err);

    va_start(args, fmt);
    vsnprintf(err + n, err_len - n, fmt, args);
    va_end(args);
    return -EINVAL;
}

/* Where extensions lie: from the header's end to the base's name, or the cluster's end. */
static u64 extensions_end(const struct qcow2_header *h, u64 base_offset)
{
    return base_offset ? base_offset : 1ull << h->cluster_bits;
}

/* An extension at *at, which moves behind it. 1: there is one; 0: none any more. */
static int next_extension(struct file *file, u64 *at, u64 end, u32 *type, u32 *len, u64 *data)
{
    u8 head[8];
    int r;

    if (*at + 8 > end)
        return 0;
    r = file_read(file, *at, head, sizeof(head));
    if (r < 0)
        return r;
    *type = get_be32(head);
    *len = get_be32(head + 4);
    *data = *at + 8;
    if (*type == EXT_END)
        return 0;
    if (*len > end - *data)
        return -EINVAL;
    *at = *data + ((*len + 7ull) & ~7ull);
    return 1;
}

/* The names of features that are not known here, by the image's own table of names. */
static void name_features(struct file *file, u64 data, u32 len, u64 unknown, char *err,
                          size_t err_len)
{
    u8 row[48];

    for (u32 i = 0; i + sizeof(row) <= len; i += sizeof(row)) {
        if (file_read(file, data + i, row, sizeof(row)) < 0)
            return;
        if (row[0] == 0 && row[1] < 64 && unknown >> row[1] & 1) {
            char name[47] = "";

            for (unsigned k = 0; k < 46 && row[2 + k] >= ' ' && row[2 + k] < 127; k++)
                name[k] = (char)row[2 + k];
            bad(err, err_len, " (%s)", name);
        }
    }
}

static int read_extensions(struct file *file, struct qcow2_header *h, u64 end, u64 unknown,
                           char *err, size_t err_len)
{
    u64 at = h->length, data;
    u32 type, len;
    u8 bytes[24];
    int r;

    while ((r = next_extension(file, &at, end, &type, &len, &data)) > 0) {
        if (type == EXT_BASE_FORMAT && len < sizeof(h->base_format))
            r = file_read(file, data, h->base_format, len);
        if (type == EXT_FEATURES && unknown)
            name_features(file, data, len, unknown, err, err_len);
        if (type == EXT_BITMAPS && len == sizeof(bytes)) {
            r = file_read(file, data, bytes, sizeof(bytes));
            h->bitmaps = get_be32(bytes);
            h->bitmaps_size = get_be64(bytes + 8);
            h->bitmaps_offset = get_be64(bytes + 16);
        }
        if (r < 0)
            return r;
    }
    return r;
}

/* What the fields say is possible, and within limits. */
static int judge(const struct qcow2_header *h, char *err, size_t err_len)
{
    u64 cluster = 1ull << h->cluster_bits;
    u64 entries = cluster / (h->incompatible & QCOW2_SUBCLUSTERS ? 16 : 8);
    u64 tables = h->size / cluster / entries + (h->size % (cluster * entries) != 0);

    if (h->refcount_order > 6)
        return bad(err, err_len, "refcounts of 2^%u bits", h->refcount_order);
    if (h->incompatible & QCOW2_SUBCLUSTERS && h->cluster_bits < 14)
        return bad(err, err_len, "subclusters in clusters of %llu bytes",
                   (unsigned long long)cluster);
    if (h->size > 1ull << 62)
        return bad(err, err_len, "a disk of %llu bytes", (unsigned long long)h->size);
    if (h->l1_size > L1_MAX / 8 || h->l1_offset % cluster || h->l1_offset > QCOW2_OFFSET)
        return bad(err, err_len, "its L1 table has %u entries at %#llx", h->l1_size,
                   (unsigned long long)h->l1_offset);
    if (h->l1_size < tables || (h->l1_size && !h->l1_offset))
        return bad(err, err_len, "its L1 table is too small for its size");
    if (h->reftable_offset % cluster || !h->reftable_offset || h->reftable_offset > QCOW2_OFFSET ||
        h->reftable_clusters == 0 || h->reftable_clusters > REFTABLE_MAX / cluster)
        return bad(err, err_len, "its refcount table has %u clusters at %#llx",
                   h->reftable_clusters, (unsigned long long)h->reftable_offset);
    if (h->snapshots > SNAPSHOTS_MAX || h->snapshots_offset % cluster ||
        h->snapshots_offset > QCOW2_OFFSET)
        return bad(err, err_len, "it has %u snapshots at %#llx", h->snapshots,
                   (unsigned long long)h->snapshots_offset);
    if (h->compression > 1)
        return bad(err, err_len, "its clusters are compressed in an unknown way (type %u)",
                   h->compression);
    return 0;
}

static void parse(const u8 *head, struct qcow2_header *h)
{
    *h = (struct qcow2_header){
        .version = get_be32(head + 4),
        .cluster_bits = get_be32(head + 20),
        .size = get_be64(head + QCOW2_FIELD_SIZE),
        .crypt = get_be32(head + 32),
        .l1_size = get_be32(head + QCOW2_FIELD_L1_SIZE),
        .l1_offset = get_be64(head + 40),
        .reftable_offset = get_be64(head + QCOW2_FIELD_REFTABLE),
        .reftable_clusters = get_be32(head + 56),
        .snapshots = get_be32(head + QCOW2_FIELD_SNAPSHOTS),
        .snapshots_offset = get_be64(head + 64),
        .refcount_order = 4,
        .length = HEAD_V2,
    };
    if (h->version < 3)
        return;
    h->incompatible = get_be64(head + QCOW2_FIELD_INCOMPATIBLE);
    h->compatible = get_be64(head + 80);
    h->autoclear = get_be64(head + QCOW2_FIELD_AUTOCLEAR);
    h->refcount_order = get_be32(head + 96);
    h->length = get_be32(head + 100);
    h->compression = h->length > HEAD_V3 ? head[104] : 0;
}

int qcow2_header_read(struct file *file, struct qcow2_header *h, char *err, size_t err_len)
{
    const u64 known =
        QCOW2_DIRTY | QCOW2_CORRUPT | QCOW2_DATA_FILE | QCOW2_COMPRESSION | QCOW2_SUBCLUSTERS;
    u8 head[112];
    u64 base_offset, unknown;
    u32 base_len;
    int r = file_read(file, 0, head, sizeof(head));

    snprintf(err, err_len, "cannot open qcow2 image '%s': ", file->path);
    if (r < 0)
        return bad(err, err_len, "%s", strerror(-r));
    parse(head, h);
    base_offset = get_be64(head + 8);
    base_len = get_be32(head + 16);
    if (get_be32(head) != 0x514649fb)
        return bad(err, err_len, "it has no qcow2 header");
    if (h->version < 2 || h->version > 3)
        return bad(err, err_len, "version %u of the format", h->version);
    if (h->cluster_bits < 9 || h->cluster_bits > 21)
        return bad(err, err_len, "clusters of 2^%u bytes", h->cluster_bits);
    if (h->length < (h->version == 2 ? HEAD_V2 : HEAD_V3) || h->length % 8 ||
        h->length > 1u << h->cluster_bits)
        return bad(err, err_len, "a header of %u bytes", h->length);
    if (base_offset &&
        (base_len > QCOW2_NAME_MAX || base_offset < h->length ||
         base_offset > (1u << h->cluster_bits) || base_len > (1u << h->cluster_bits) - base_offset))
        return bad(err, err_len, "the name of its backing file is not in its first cluster");
    unknown = h->incompatible & ~known;
    if (unknown)
        bad(err, err_len, "it needs features that this version does not have: %#llx",
            (unsigned long long)unknown);
    r = read_extensions(file, h, extensions_end(h, base_offset), unknown, err, err_len);
    if (unknown)
        return -ENOTSUP;
    if (r == 0 && base_offset)
        r = file_read(file, base_offset, h->base, base_len);
    if (r < 0)
        return bad(err, err_len, "its header cannot be read: %s", strerror(-r));
    if (h->crypt)
        return bad(err, err_len, "it is encrypted (%s), which this version cannot read",
                   h->crypt == 1   ? "AES"
                   : h->crypt == 2 ? "LUKS"
                                   : "unknown method");
    if (h->incompatible & QCOW2_DATA_FILE)
        return bad(err, err_len,
                   "its data is in an external data file, which this version cannot read");
    r = judge(h, err, err_len);
    if (r == 0)
        *err = '\0';
    return r;
}

static int set(struct qcow2 *q, unsigned field, const u8 *bytes, size_t len)
{
    int r = file_write(q->file, field, bytes, len);

    return r < 0 ? r : file_sync(q->file);
}

int qcow2_header_set32(struct qcow2 *q, unsigned field, u32 value)
{
    u8 bytes[4];

    put_be32(bytes, value);
    return set(q, field, bytes, sizeof(bytes));
}

int qcow2_header_set64(struct qcow2 *q, unsigned field, u64 value)
{
    u8 bytes[8];

    put_be64(bytes, value);
    return set(q, field, bytes, sizeof(bytes));
}

/* Puts an extension at *at of the cluster; false: it does not fit. */
static bool put_extension(struct qcow2 *q, u8 *cluster, u64 *at, u32 type, const void *data,
                          u32 len)
{
    if (*at + 16 + len > q->cluster)
        return false;
    put_be32(cluster + *at, type);
    put_be32(cluster + *at + 4, len);
    memcpy(cluster + *at + 8, data, len);
    *at += 8 + ((len + 7) & ~7u);
    return true;
}

int qcow2_header_rebase(struct qcow2 *q, const char *base, const char *format)
{
    u8 *old = calloc(1, q->cluster), *cluster = calloc(1, q->cluster);
    u64 at = q->header.length, from = at, end, data;
    size_t name = strlen(base), kind = strlen(format);
    u32 type, len;
    int r = old && cluster ? file_read(q->file, 0, old, q->cluster) : -ENOMEM;

    if (r == 0 && (name > QCOW2_NAME_MAX || kind >= sizeof(q->header.base_format)))
        r = -ENAMETOOLONG;
    if (r == 0) {
        bool fits = true;

        memcpy(cluster, old, q->header.length);
        if (name && kind)
            fits = put_extension(q, cluster, &at, EXT_BASE_FORMAT, format, (u32)kind);
        end = extensions_end(&q->header, get_be64(old + 8));
        while (fits && (r = next_extension(q->file, &from, end, &type, &len, &data)) > 0)
            if (type != EXT_BASE_FORMAT)
                fits = put_extension(q, cluster, &at, type, old + data, len);
        if (!fits || at + 8 + name > q->cluster)
            r = -ENOSPC;
    }
    if (r == 0) {
        at += 8; /* the end of the extensions */
        put_be64(cluster + 8, name ? at : 0);
        put_be32(cluster + 16, (u32)name);
        memcpy(cluster + at, base, name);
        r = file_write(q->file, 0, cluster, q->cluster);
    }
    if (r == 0)
        r = file_sync(q->file);
    if (r == 0) {
        strcpy(q->header.base, base);
        strcpy(q->header.base_format, name ? format : "");
    }
    free(old);
    free(cluster);
    return r;
}
