/* Compressed clusters: raw deflate in a window of 4 KiB, or a Zstandard frame. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "devices/block/qcow2/qcow2.h"

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

static bool unpack_zstd(const u8 *from, size_t len, u8 *to, u32 cluster)
{
    ZSTD_inBuffer in = {from, len, 0};
    ZSTD_outBuffer out = {to, cluster, 0};
    ZSTD_DCtx *context = ZSTD_createDCtx();
    bool going = context != NULL;

    while (going && out.pos < out.size) {
        size_t before = out.pos, was = in.pos;

        going = !ZSTD_isError(ZSTD_decompressStream(context, &out, &in)) &&
                (out.pos != before || in.pos != was);
    }
    ZSTD_freeDCtx(context);
    return out.pos == out.size;
}

int qcow2_unpack(struct qcow2 *q, u64 entry)
{
    u64 offset, len;
    bool good;
    int r;

    if (q->unpacked && q->unpacked_entry == entry)
        return 0;
    qcow2_entry_extent(q, entry, &offset, &len);
    /* The number of sectors has a bit more than a cluster needs. */
    if (!q->unpacked)
        q->unpacked = malloc(q->cluster);
    if (!q->packing)
        q->packing = malloc(2ull * q->cluster + 512);
    if (!q->unpacked || !q->packing)
        return -ENOMEM;
    q->unpacked_entry = 0;
    r = file_read(q->file, offset, q->packing, len);
    if (r < 0)
        return r;
    good = q->header.compression ? unpack_zstd(q->packing, len, q->unpacked, q->cluster)
                                 : unpack_zlib(q->packing, len, q->unpacked, q->cluster);
    if (!good) /* its table may be right all the same */
        return -EIO;
    q->unpacked_entry = entry;
    return 0;
}
