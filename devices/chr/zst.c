/* Streams that are compressed by zstd on their way to a file. (RFC 8878) */
#define _GNU_SOURCE /* fopencookie */
#include "devices/chr/zst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define BUFFER (64 * KIB)

struct zst {
    FILE *to;
    ZSTD_CCtx *packer;
};

bool zst_named(const char *path)
{
    size_t len = strlen(path);

    return len > 4 && strcmp(path + len - 4, ".zst") == 0;
}

static bool pack(struct zst *z, const char *data, size_t len, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {data, len, 0};
    u8 packed[4096];
    size_t left;

    do {
        ZSTD_outBuffer out = {packed, sizeof(packed), 0};

        left = ZSTD_compressStream2(z->packer, &out, &in, how);
        if (ZSTD_isError(left)) {
            errno = EIO;
            return false;
        }
        if (fwrite(packed, 1, out.pos, z->to) != out.pos)
            return false;
    } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return true;
}

static ssize_t zst_write(void *cookie, const char *data, size_t len)
{
    return pack(cookie, data, len, ZSTD_e_continue) ? (ssize_t)len : 0;
}

static int zst_close(void *cookie)
{
    struct zst *z = cookie;
    bool good = pack(z, NULL, 0, ZSTD_e_end);

    good &= fclose(z->to) == 0;
    ZSTD_freeCCtx(z->packer);
    free(z);
    return good ? 0 : -1;
}

FILE *zst_stream(FILE *to)
{
    struct zst *z = malloc(sizeof(*z));
    FILE *stream = NULL;

    if (z) {
        *z = (struct zst){.to = to, .packer = ZSTD_createCCtx()};
        if (z->packer)
            stream = fopencookie(z, "w",
                                 (cookie_io_functions_t){.write = zst_write, .close = zst_close});
    }
    if (stream) {
        setvbuf(stream, NULL, _IOFBF, BUFFER);
        return stream;
    }
    if (z)
        ZSTD_freeCCtx(z->packer);
    free(z);
    fclose(to);
    return NULL;
}
