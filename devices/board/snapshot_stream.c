/* The bytes of a saved machine on their way to a file and back, as they are or compressed by zstd. */
#include "devices/board/snapshot_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define BUFFER (256 * KIB)
#define LEVEL  1 /* of compression: a machine's user waits */
/* Bytes that zstd goes on by where it finds nothing: what cannot be packed costs half, text is a third longer. */
#define QUICK_STEP 8
/* Where it found next to nothing it need not look: so many bytes go out nearly as they are before it is tried again. */
#define QUICK_TRY   (64 * KIB)
#define QUICK_BLIND (2 * MIB)

int snapshot_pwrite(int fd, const void *data, size_t len, u64 at)
{
    const u8 *from = data;

    while (len) {
        ssize_t n = pwrite(fd, from, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        from += n;
        at += (u64)n;
        len -= (size_t)n;
    }
    return 0;
}

int snapshot_pread(int fd, void *data, size_t len, u64 at)
{
    u8 *to = data;

    while (len) {
        ssize_t n = pread(fd, to, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EBADMSG;
        to += n;
        at += (u64)n;
        len -= (size_t)n;
    }
    return 0;
}

static void begin(struct snapshot_stream *s, int fd, u64 at)
{
    *s = (struct snapshot_stream){.fd = fd, .at = at};
    s->buffer = malloc(BUFFER);
    if (!s->buffer)
        s->error = -ENOMEM;
}

void snapshot_write_begin(struct snapshot_stream *s, int fd, u64 at, bool packed)
{
    begin(s, fd, at);
    if (!packed)
        return;
    s->packer = ZSTD_createCCtx();
    if (!s->packer) {
        s->error = -ENOMEM;
        return;
    }
    ZSTD_CCtx_setParameter(s->packer, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(s->packer, ZSTD_c_checksumFlag, 1);
}

void snapshot_write_quick(struct snapshot_stream *s)
{
    s->quick = s->packer;
    s->begun = s->at;
    if (s->quick)
        ZSTD_CCtx_setParameter(s->packer, ZSTD_c_targetLength, QUICK_STEP);
}

static void write_out(struct snapshot_stream *s)
{
    if (!s->error)
        s->error = snapshot_pwrite(s->fd, s->buffer, s->held, s->at);
    s->at += s->held;
    s->held = 0;
}

static void pack(struct snapshot_stream *s, const void *data, size_t len, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {data, len, 0};
    size_t left;

    do {
        ZSTD_outBuffer out = {s->buffer, BUFFER, s->held};

        left = ZSTD_compressStream2(s->packer, &out, &in, how);
        s->held = out.pos;
        if (ZSTD_isError(left))
            s->error = -EIO;
        else if (s->held == BUFFER)
            write_out(s);
    } while (!s->error && (in.pos < in.size || (how != ZSTD_e_continue && left)));
}

/* What is packed quickly may go on by the other way, in a frame of its own, since a frame has one way only. */
static void choose_way(struct snapshot_stream *s)
{
    bool blind;

    if (!s->quick || s->given < (s->blind ? QUICK_BLIND : QUICK_TRY))
        return;
    blind = !s->blind && s->at + s->held - s->begun > s->given / 8 * 7;
    if (blind != s->blind) {
        pack(s, NULL, 0, ZSTD_e_end);
        ZSTD_CCtx_setParameter(s->packer, ZSTD_c_targetLength,
                               blind ? ZSTD_cParam_getBounds(ZSTD_c_targetLength).upperBound
                                     : QUICK_STEP);
        s->blind = blind;
    }
    s->given = 0;
    s->begun = s->at + s->held;
}

void snapshot_write(struct snapshot_stream *s, const void *data, size_t len)
{
    if (s->error || !len)
        return;
    s->unflushed += len;
    if (s->packer) {
        s->given += len;
        pack(s, data, len, ZSTD_e_continue);
        return;
    }
    if (len > BUFFER - s->held)
        write_out(s);
    if (len <= BUFFER) {
        memcpy(s->buffer + s->held, data, len);
        s->held += len;
    } else if (!s->error) {
        s->error = snapshot_pwrite(s->fd, data, len, s->at);
        s->at += len;
    }
}

void snapshot_write_flush(struct snapshot_stream *s)
{
    s->unflushed = 0;
    if (s->packer && !s->error)
        pack(s, NULL, 0, ZSTD_e_flush);
    if (!s->error)
        choose_way(s);
    if (!s->error)
        write_out(s);
}

int snapshot_write_end(struct snapshot_stream *s)
{
    if (s->packer && !s->error)
        pack(s, NULL, 0, ZSTD_e_end);
    if (!s->error)
        write_out(s);
    ZSTD_freeCCtx(s->packer);
    free(s->buffer);
    s->packer = NULL;
    s->buffer = NULL;
    return s->error;
}

void snapshot_read_begin(struct snapshot_stream *s, int fd, u64 at, u64 end, bool packed)
{
    begin(s, fd, at);
    s->end = end;
    if (!packed)
        return;
    s->unpacker = ZSTD_createDCtx();
    if (!s->unpacker)
        s->error = -ENOMEM;
}

/* More of the file into the buffer, which is used up. */
static void fill(struct snapshot_stream *s)
{
    u64 left = s->at < s->end ? s->end - s->at : 0;

    s->held = left < BUFFER ? (size_t)left : BUFFER;
    s->taken = 0;
    s->error = s->held ? snapshot_pread(s->fd, s->buffer, s->held, s->at) : -EBADMSG;
    s->at += s->held;
}

static void unpack(struct snapshot_stream *s, u8 *data, size_t len)
{
    ZSTD_outBuffer out = {data, len, 0};

    while (out.pos < out.size && !s->error) {
        ZSTD_inBuffer in = {s->buffer, s->held, s->taken};
        size_t before = out.pos, r = ZSTD_decompressStream(s->unpacker, &out, &in);

        s->taken = in.pos;
        if (ZSTD_isError(r))
            s->error = -EBADMSG;
        else if (out.pos == before && s->taken == s->held)
            fill(s);
    }
}

int snapshot_read(struct snapshot_stream *s, void *data, size_t len)
{
    u8 *to = data;

    if (s->unpacker && !s->error) {
        unpack(s, to, len);
        return s->error;
    }
    while (len && !s->error) {
        size_t n = s->held - s->taken < len ? s->held - s->taken : len;

        if (!n) {
            fill(s);
            continue;
        }
        memcpy(to, s->buffer + s->taken, n);
        s->taken += n;
        to += n;
        len -= n;
    }
    return s->error;
}

void snapshot_read_end(struct snapshot_stream *s)
{
    ZSTD_freeDCtx(s->unpacker);
    free(s->buffer);
    s->unpacker = NULL;
    s->buffer = NULL;
}
