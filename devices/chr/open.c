/* Opens a character back end as it was asked for, and makes a stream of one. */
#define _GNU_SOURCE /* fopencookie */
#include <stdio.h>
#include <string.h>

#include "devices/chr/spec.h"

struct chr *chr_open(const struct chr_spec *spec, char *err, size_t err_len)
{
    struct chr *chr = NULL;

    switch (spec->kind) {
    case CHR_NULL:
        chr = chr_open_null();
        if (!chr)
            snprintf(err, err_len, "no memory for a serial port");
        break;
    case CHR_FILE: chr = chr_open_file(spec->path, spec->append, err, err_len); break;
    case CHR_PIPE: chr = chr_open_pipe(spec->path, err, err_len); break;
    case CHR_PTY: chr = chr_open_pty(err, err_len); break;
    case CHR_TCP:
    case CHR_UNIX: chr = chr_open_socket(spec, err, err_len); break;
    case CHR_UDP: chr = chr_open_udp(spec, err, err_len); break;
    case CHR_NONE:
    case CHR_STDIO: BUG("a back end that is not opened here");
    }
    return chr;
}

static ssize_t stream_write(void *opaque, const char *data, size_t len)
{
    struct chr *chr = opaque;

    chr->ops->write(chr, (const u8 *)data, len);
    return (ssize_t)len;
}

FILE *chr_stream(struct chr *chr)
{
    FILE *stream = fopencookie(chr, "w", (cookie_io_functions_t){.write = stream_write});

    if (stream)
        setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}
