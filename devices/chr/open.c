/* Opens a character back end by the argument of -serial, and makes a stream of one. */
#define _GNU_SOURCE /* fopencookie */
#include <stdio.h>
#include <string.h>

#include "devices/chr/chr.h"

/* "none" gives NULL with an empty err: nobody is at the port. */
struct chr *chr_open(const char *spec, char *err, size_t err_len)
{
    struct chr *chr;

    if (err_len)
        err[0] = '\0';
    if (!strcmp(spec, "none"))
        return NULL;
    if (!strcmp(spec, "null")) {
        chr = chr_open_null();
        if (!chr)
            snprintf(err, err_len, "no memory for a serial port");
        return chr;
    }
    if (!strcmp(spec, "stdio"))
        return chr_open_stdio(false, NULL, NULL, err, err_len);
    if (!strcmp(spec, "pty"))
        return chr_open_pty(err, err_len);
    if (!strncmp(spec, "file:", 5) && spec[5])
        return chr_open_file(spec + 5, err, err_len);
    snprintf(err, err_len, "unknown serial port '%s': use null, none, stdio, pty or file:PATH",
             spec);
    return NULL;
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
