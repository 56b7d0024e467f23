/* The character back end on standard input and output. Standard input that ends only ends the input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "devices/chr/fdio.h"
#include "devices/chr/term.h"

struct chr_stdio {
    struct chr chr;
    struct fdio io;
    bool tty;
};

static struct chr_stdio *stdio_of(struct chr *chr)
{
    return container_of(chr, struct chr_stdio, chr);
}

static void stdio_write(struct chr *chr, const u8 *data, size_t len)
{
    fdio_write(&stdio_of(chr)->io, data, len);
}

static int stdio_poll_fd(struct chr *chr)
{
    struct chr_stdio *s = stdio_of(chr);

    if (!fdio_room(&s->io) || (s->tty && term_background(s->io.in)))
        return -1;
    return s->io.in;
}

static void stdio_poll(struct chr *chr)
{
    struct chr_stdio *s = stdio_of(chr);
    u8 data[FDIO_IN];
    size_t n = 0;

    if (stdio_poll_fd(chr) >= 0)
        n = fdio_read(&s->io, data, sizeof(data));
    for (size_t i = 0; i < n; i++)
        fdio_queue(&s->io, data[i]);
    fdio_flush(&s->io);
    fdio_deliver(&s->io, chr);
    fdio_flush(&s->io); /* echoes */
}

static size_t stdio_room(struct chr *chr)
{
    return fdio_space(&stdio_of(chr)->io);
}

static int stdio_out_fd(struct chr *chr)
{
    return fdio_out_fd(&stdio_of(chr)->io);
}

static void stdio_close(struct chr *chr)
{
    struct chr_stdio *s = stdio_of(chr);

    fdio_finish(&s->io, chr->hurry);
    fdio_free(&s->io);
    term_release();
    free(s);
}

static const struct chr_ops stdio_ops = {
    .write = stdio_write,
    .poll_fd = stdio_poll_fd,
    .poll = stdio_poll,
    .close = stdio_close,
    .room = stdio_room,
    .out_fd = stdio_out_fd,
};

struct chr *chr_open_stdio(bool keep_signals, char *err, size_t err_len)
{
    struct chr_stdio *s = calloc(1, sizeof(*s));

    if (!s) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    if (term_take(STDIN_FILENO, keep_signals) < 0) {
        snprintf(err, err_len, "standard input and output are in use by another serial port");
        free(s);
        return NULL;
    }
    fflush(stdout); /* what was printed before comes before */
    fdio_init(&s->io, STDIN_FILENO, STDOUT_FILENO, false);
    s->tty = isatty(STDIN_FILENO);
    s->chr.ops = &stdio_ops;
    return &s->chr;
}
