/* The character back end on standard input and output, with escape keys when asked for.
 *
 * Keys (after C-a): h help, x quit, r go on, b break, c monitor, s save, C-a one C-a; any other key is dropped.
 * They are looked for in pipes too, so that a script can end the machine. Standard input that ends
 * only ends the input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/chr/fdio.h"
#include "devices/chr/term.h"

struct chr_stdio {
    struct chr chr;
    struct fdio io;
    bool tty;
    u8 escape;    /* the escape key; 0: none */
    bool escaped; /* the last byte was that */
    void (*key)(void *opaque, enum chr_key key);
    void *key_opaque;
};

static struct chr_stdio *stdio_of(struct chr *chr)
{
    return container_of(chr, struct chr_stdio, chr);
}

static void stdio_say(struct chr_stdio *s, const char *text)
{
    fdio_write(&s->io, (const u8 *)text, strlen(text));
}

static void stdio_ask(struct chr_stdio *s, enum chr_key key)
{
    if (s->key)
        s->key(s->key_opaque, key);
}

static void stdio_escape(struct chr_stdio *s, u8 byte)
{
    switch (byte) {
    case 'h':
    case '?':
        stdio_say(s, "\r\n"
                     "C-a h    this help\r\n"
                     "C-a x    quit the emulator\r\n"
                     "C-a r    go on after a disk's error\r\n"
                     "C-a b    send a break\r\n"
                     "C-a c    monitor (not in this version)\r\n"
                     "C-a s    save what -snapshot has kept from the disks\r\n"
                     "C-a C-a  send one C-a\r\n");
        break;
    case 'x': stdio_ask(s, CHR_KEY_QUIT); break;
    case 'r': stdio_ask(s, CHR_KEY_RESUME); break;
    case 'b': fdio_queue_break(&s->io); break;
    case 'c':
        stdio_say(s, "\r\nThere is no monitor in this version.\r\n");
        stdio_ask(s, CHR_KEY_MONITOR);
        break;
    case 's': stdio_ask(s, CHR_KEY_SAVE); break;
    default: /* another key is dropped, as a mistyped command should be */
        if (byte == s->escape)
            fdio_queue(&s->io, byte);
        break;
    }
}

static void stdio_input(struct chr_stdio *s, u8 byte)
{
    if (!s->escape) {
        fdio_queue(&s->io, byte);
    } else if (s->escaped) {
        s->escaped = false;
        stdio_escape(s, byte);
    } else if (byte == s->escape) {
        s->escaped = true;
    } else {
        fdio_queue(&s->io, byte);
    }
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
        stdio_input(s, data[i]);
    fdio_flush(&s->io);
    fdio_deliver(&s->io, chr);
    fdio_flush(&s->io); /* echoes, answers to escape keys */
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

struct chr *chr_open_stdio(u8 escape, void (*key)(void *opaque, enum chr_key key), void *opaque,
                           char *err, size_t err_len)
{
    struct chr_stdio *s = calloc(1, sizeof(*s));

    if (!s) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    if (term_take(STDIN_FILENO, !escape) < 0) {
        snprintf(err, err_len, "standard input and output are in use by another serial port");
        free(s);
        return NULL;
    }
    fflush(stdout); /* what was printed before comes before */
    fdio_init(&s->io, STDIN_FILENO, STDOUT_FILENO, false);
    s->tty = isatty(STDIN_FILENO);
    s->escape = escape;
    s->key = key;
    s->key_opaque = opaque;
    s->chr.ops = &stdio_ops;
    return &s->chr;
}
