/* Compressed images: unpacked to a scratch file when they are opened. Zeros become holes. Sources: RFC 1952 (gzip),
 * RFC 8878 (Zstandard). */
#include "devices/block/unpack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define PIECE 65536u

struct unpacking {
    struct file *from, *to;
    u64 in, out; /* bytes so far */
    u8 packed[PIECE], data[PIECE];
    size_t have; /* bytes of packed[] */
    bool show;
    unsigned percent;
};

static bool is_zeros(const u8 *data, size_t len)
{
    return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

static int put(struct unpacking *u, size_t len)
{
    int r = is_zeros(u->data, len) ? 0 : file_write(u->to, u->out, u->data, len);

    u->out += len;
    return r;
}

/* The next piece of the input; u->have is 0 at its end. */
static int get(struct unpacking *u)
{
    u64 rest = u->from->size - u->in;
    unsigned percent = (unsigned)(100.0 * (double)u->in / (double)u->from->size);
    int r;

    u->have = rest < PIECE ? (size_t)rest : PIECE;
    r = file_read(u->from, u->in, u->packed, u->have);
    u->in += u->have;
    if (u->show && percent != u->percent)
        fprintf(stderr, "\rpagewalk: unpacking '%s': %u %%", u->from->path, percent);
    u->percent = percent;
    return r;
}

/* One member after the other. */
static int unpack_gzip(struct unpacking *u)
{
    z_stream z = {0};
    int r = get(u), state = Z_OK;

    if (inflateInit2(&z, 15 + 16) != Z_OK) /* with gzip's header */
        return -ENOMEM;
    while (u->have && r == 0) {
        z.next_in = u->packed;
        z.avail_in = (u32)u->have;
        while (r == 0 && (z.avail_in || z.avail_out == 0)) {
            if (state == Z_STREAM_END && inflateReset(&z) != Z_OK)
                break;
            z.next_out = u->data;
            z.avail_out = PIECE;
            state = inflate(&z, Z_NO_FLUSH);
            if (state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR)
                r = put(u, PIECE - z.avail_out);
            else
                r = -EINVAL;
            if (state == Z_BUF_ERROR)
                break;
            if (state == Z_STREAM_END && z.avail_in == 0)
                break;
        }
        if (r == 0)
            r = get(u);
    }
    inflateEnd(&z);
    return r == 0 && state != Z_STREAM_END ? -EINVAL : r;
}

static int unpack_zstd(struct unpacking *u)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    size_t left = 1; /* 0: a frame has ended */
    int r = context ? get(u) : -ENOMEM;

    while (r == 0 && u->have) {
        ZSTD_inBuffer in = {u->packed, u->have, 0};
        ZSTD_outBuffer out;

        do {
            out = (ZSTD_outBuffer){u->data, PIECE, 0};
            left = ZSTD_decompressStream(context, &out, &in);
            r = ZSTD_isError(left) ? -EINVAL : put(u, out.pos);
        } while (r == 0 && (in.pos < in.size || (left && out.pos == out.size)));
        if (r == 0)
            r = get(u);
    }
    ZSTD_freeDCtx(context);
    return r == 0 && left != 0 ? -EINVAL : r;
}

bool unpack_wanted(const char *path, const char *format)
{
    const char *ending = strcmp(format, "gzip") == 0   ? ".gz"
                         : strcmp(format, "zstd") == 0 ? ".zst"
                                                       : NULL;
    size_t len = strlen(path);

    return ending && len > strlen(ending) && strcmp(path + len - strlen(ending), ending) == 0;
}

struct file *unpack_file(struct file *packed, const char *format, char *err, size_t err_len)
{
    struct unpacking *u = calloc(1, sizeof(*u));
    struct file *to = u ? file_scratch(packed->path, err, err_len) : NULL;
    int r;

    if (!to) {
        if (!u)
            snprintf(err, err_len, "the host has no memory for disk image '%s'", packed->path);
        free(u);
        return NULL;
    }
    u->from = packed;
    u->to = to;
    u->show = isatty(STDERR_FILENO);
    r = strcmp(format, "gzip") == 0 ? unpack_gzip(u) : unpack_zstd(u);
    if (u->show)
        fputc('\n', stderr);
    if (r == 0)
        r = file_resize(to, u->out);
    free(u);
    if (r == 0)
        return to;
    snprintf(err, err_len, "cannot unpack '%s': %s", packed->path,
             r == -EINVAL ? "it is damaged, or ends too early" : strerror(-r));
    file_close(to);
    return NULL;
}
