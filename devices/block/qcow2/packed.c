/* Compressed clusters: raw deflate in a window of 4 KiB, or a Zstandard frame. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "devices/block/qcow2/qcow2.h"

#define UNPACKED_BYTES (8u << 20) /* of clusters that are kept, */
#define UNPACKED_MAX   1024u      /* and so many at most */

#define ZLIB_WINDOW -12 /* negative: without a header */

static size_t pack_zlib(u32 cluster, const void *data, void *packed)
{
    z_stream z = {
        .next_in = (u8 *)data, .avail_in = cluster, .next_out = packed, .avail_out = cluster};
    size_t len = 0;

    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, ZLIB_WINDOW, 9, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return 0;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END)
        len = z.total_out;
    deflateEnd(&z);
    return len;
}

size_t qcow2_pack(u8 compression, u32 cluster, const void *data, void *packed)
{
    size_t len;

    if (compression == 0) {
        len = pack_zlib(cluster, data, packed);
    } else {
        len = ZSTD_compress(packed, cluster, data, cluster, ZSTD_CLEVEL_DEFAULT);
        if (ZSTD_isError(len))
            len = 0;
    }
    return len < cluster ? len : 0;
}

/* Behind the stream, up to a sector's end, is anything. */
static bool unpack_zlib(const u8 *from, size_t len, u8 *to, u32 cluster)
{
    z_stream z = {
        .next_in = (u8 *)from, .avail_in = (u32)len, .next_out = to, .avail_out = cluster};
    int r;

    if (inflateInit2(&z, ZLIB_WINDOW) != Z_OK)
        return false;
    r = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return (r == Z_STREAM_END || r == Z_BUF_ERROR) && z.avail_out == 0;
}

static bool unpack_zstd(struct qcow2_unpacked *u, size_t len, u8 *to, u32 cluster)
{
    ZSTD_inBuffer in = {u->packed, len, 0};
    ZSTD_outBuffer out = {to, cluster, 0};
    bool going;

    if (!u->zstd)
        u->zstd = ZSTD_createDCtx();
    going = u->zstd && !ZSTD_isError(ZSTD_DCtx_reset(u->zstd, ZSTD_reset_session_only));
    while (going && out.pos < out.size) {
        size_t before = out.pos, was = in.pos;

        going = !ZSTD_isError(ZSTD_decompressStream(u->zstd, &out, &in)) &&
                (out.pos != before || in.pos != was);
    }
    return out.pos == out.size;
}

static int init(struct qcow2 *q)
{
    struct qcow2_unpacked *u = &q->unpacked;

    if (u->packed)
        return 0;
    u->count = q->cluster < UNPACKED_BYTES ? UNPACKED_BYTES / q->cluster : 1;
    if (u->count > UNPACKED_MAX)
        u->count = UNPACKED_MAX;
    if (!u->clusters)
        u->clusters = calloc(u->count, sizeof(*u->clusters));
    /* The number of sectors has a bit more than a cluster needs. */
    if (u->clusters)
        u->packed = malloc(2ull * q->cluster + 512);
    return u->packed ? 0 : -ENOMEM;
}

void qcow2_unpacked_forget(struct qcow2 *q)
{
    for (u32 i = 0; q->unpacked.clusters && i < q->unpacked.count; i++)
        q->unpacked.clusters[i].entry = 0;
}

void qcow2_unpacked_free(struct qcow2 *q)
{
    struct qcow2_unpacked *u = &q->unpacked;

    for (u32 i = 0; u->clusters && i < u->count; i++)
        free(u->clusters[i].data);
    free(u->clusters);
    free(u->packed);
    ZSTD_freeDCtx(u->zstd);
}

static struct qcow2_unpacked_cluster *place_of(const struct qcow2_unpacked *u, u64 entry)
{
    return &u->clusters[(entry * 0x9e3779b97f4a7c15ull >> 32) & (u->count - 1)];
}

int qcow2_unpack(struct qcow2 *q, u64 entry, const u8 **data)
{
    struct qcow2_unpacked *u = &q->unpacked;
    struct qcow2_unpacked_cluster *to;
    u64 offset, len;
    bool good;
    int r = init(q);

    if (r < 0)
        return r;
    to = place_of(u, entry);
    *data = to->data;
    if (to->entry == entry)
        return 0;
    qcow2_entry_extent(q, entry, &offset, &len);
    if (!to->data)
        *data = to->data = malloc(q->cluster);
    if (!to->data)
        return -ENOMEM;
    to->entry = 0;
    r = file_read(q->file, offset, u->packed, len);
    if (r < 0)
        return r;
    good = q->header.compression ? unpack_zstd(u, len, to->data, q->cluster)
                                 : unpack_zlib(u->packed, len, to->data, q->cluster);
    if (!good) /* its table may be right all the same */
        return -EIO;
    to->entry = entry;
    return 0;
}
