/* The character back end where output vanishes and no input ever comes. */
#include <stdlib.h>

#include "devices/chr/chr.h"

static void null_write(struct chr *chr, const u8 *data, size_t len)
{
    (void)chr;
    (void)data;
    (void)len;
}

static int null_poll_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void null_poll(struct chr *chr)
{
    (void)chr;
}

static void null_close(struct chr *chr)
{
    free(chr);
}

static const struct chr_ops null_ops = {
    .write = null_write,
    .poll_fd = null_poll_fd,
    .poll = null_poll,
    .close = null_close,
};

struct chr *chr_open_null(void)
{
    struct chr *chr = calloc(1, sizeof(*chr));

    if (chr)
        chr->ops = &null_ops;
    return chr;
}
