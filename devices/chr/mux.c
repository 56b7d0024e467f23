/* Several users of one back end: all write, one has the input, and keys behind an escape key are for the emulator.
 *
 * Keys (after C-a): h lists them; one that it does not know is dropped.
 * They are looked for in pipes too, so that a script can end the machine, and also while the user takes nothing. */
#include <stdlib.h>
#include <string.h>

#include "devices/chr/fdio.h"
#include "devices/chr/spec.h"

#define ENDS 8

struct mux_end {
    struct chr chr;
    struct mux *mux;
    struct fdio io; /* its input */
};

struct mux {
    struct chr *to;
    struct mux_end *end[ENDS];
    unsigned ends, users; /* that were opened, and are not closed */
    unsigned focus;       /* who has the input */
    bool there;           /* somebody is at the back end */
    u8 escape;            /* the key; 0: none */
    bool escaped;         /* the last byte was that */
    void (*key)(void *opaque, enum chr_key key);
    void *key_opaque;
};

static struct mux_end *end_of(struct chr *chr)
{
    return container_of(chr, struct mux_end, chr);
}

static void say(struct mux *mux, const char *text)
{
    mux->to->ops->write(mux->to, (const u8 *)text, strlen(text));
}

static void ask(struct mux *mux, enum chr_key key)
{
    if (mux->key)
        mux->key(mux->key_opaque, key);
}

static void tell(struct mux *mux, bool there)
{
    struct mux_end *end = mux->end[mux->focus];

    if (end && end->chr.connected)
        end->chr.connected(end->chr.opaque, there);
}

static void give_on(struct mux *mux)
{
    if (mux->users < 2) {
        say(mux, "\r\nThere is no monitor here.\r\n");
        return;
    }
    tell(mux, false);
    do
        mux->focus = (mux->focus + 1) % mux->ends;
    while (!mux->end[mux->focus]);
    tell(mux, true);
}

static void escape(struct mux *mux, u8 byte)
{
    struct mux_end *end = mux->end[mux->focus];

    switch (byte) {
    case 'h':
    case '?':
        say(mux, "\r\n"
                 "C-a h    this help\r\n"
                 "C-a x    quit the emulator\r\n"
                 "C-a r    go on after a disk's error\r\n"
                 "C-a b    send a break\r\n"
                 "C-a c    to the monitor, and back\r\n"
                 "C-a s    save what -snapshot has kept from the disks\r\n"
                 "C-a a    put the next floppy disk into drive A\r\n"
                 "C-a d    put the next disc into the CD-ROM drive\r\n"
                 "C-a -    slow the machine's time down\r\n"
                 "C-a +    make it faster\r\n"
                 "C-a 0    as fast as ever\r\n"
                 "C-a C-a  send one C-a\r\n");
        break;
    case 'x': ask(mux, CHR_KEY_QUIT); break;
    case 'r': ask(mux, CHR_KEY_RESUME); break;
    case 'b':
        if (end)
            fdio_queue_break(&end->io);
        break;
    case 'c': give_on(mux); break;
    case 's': ask(mux, CHR_KEY_SAVE); break;
    case 'a': ask(mux, CHR_KEY_FLOPPY); break;
    case 'd': ask(mux, CHR_KEY_DISC); break;
    case '-': ask(mux, CHR_KEY_SLOWER); break;
    case '+':
    case '=': ask(mux, CHR_KEY_FASTER); break;
    case '0': ask(mux, CHR_KEY_NORMAL_SPEED); break;
    default: /* another key is dropped, as a mistyped command should be */
        if (byte == mux->escape && end)
            fdio_queue(&end->io, byte);
        break;
    }
}

static size_t mux_can_receive(void *opaque)
{
    struct mux *mux = opaque;
    struct mux_end *end = mux->end[mux->focus];

    return end ? fdio_room(&end->io) : FDIO_IN;
}

static void mux_receive(void *opaque, const u8 *data, size_t len)
{
    struct mux *mux = opaque;

    for (size_t i = 0; i < len; i++) {
        struct mux_end *end = mux->end[mux->focus];

        if (mux->escape && mux->escaped) {
            mux->escaped = false;
            escape(mux, data[i]);
        } else if (mux->escape && data[i] == mux->escape) {
            mux->escaped = true;
        } else if (end) {
            fdio_queue(&end->io, data[i]);
        }
    }
}

static void mux_break(void *opaque)
{
    struct mux *mux = opaque;

    if (mux->end[mux->focus])
        fdio_queue_break(&mux->end[mux->focus]->io);
}

static void mux_connected(void *opaque, bool there)
{
    struct mux *mux = opaque;

    mux->there = there;
    tell(mux, there);
}

static void mux_can_send(void *opaque)
{
    struct mux *mux = opaque;

    for (unsigned i = 0; i < mux->ends; i++)
        if (mux->end[i] && mux->end[i]->chr.can_send && !mux->end[i]->chr.held)
            mux->end[i]->chr.can_send(mux->end[i]->chr.opaque);
}

static void end_write(struct chr *chr, const u8 *data, size_t len)
{
    struct chr *to = end_of(chr)->mux->to;

    to->ops->write(to, data, len);
}

static int end_poll_fd(struct chr *chr)
{
    struct chr *to = end_of(chr)->mux->to;

    return to->ops->poll_fd(to);
}

static void end_poll(struct chr *chr)
{
    struct mux_end *end = end_of(chr);
    struct chr *to = end->mux->to;

    to->ops->poll(to);
    fdio_deliver(&end->io, chr);
}

static size_t end_room(struct chr *chr)
{
    return chr_room(end_of(chr)->mux->to);
}

static int end_out_fd(struct chr *chr)
{
    return chr_out_fd(end_of(chr)->mux->to);
}

static void end_close(struct chr *chr)
{
    struct mux_end *end = end_of(chr);
    struct mux *mux = end->mux;

    for (unsigned i = 0; i < mux->ends; i++)
        if (mux->end[i] == end)
            mux->end[i] = NULL;
    if (!--mux->users) {
        mux->to->hurry = chr->hurry;
        mux->to->ops->close(mux->to);
        free(mux);
    }
    fdio_free(&end->io);
    free(end);
}

static const struct chr_ops end_ops = {
    .write = end_write,
    .poll_fd = end_poll_fd,
    .poll = end_poll,
    .close = end_close,
    .room = end_room,
    .out_fd = end_out_fd,
};

static struct chr *add_end(struct mux *mux, char *err, size_t err_len)
{
    struct mux_end *end = mux->ends < ENDS ? calloc(1, sizeof(*end)) : NULL;

    if (!end) {
        snprintf(err, err_len, "no memory for a user of a back end");
        return NULL;
    }
    end->chr.ops = &end_ops;
    end->mux = mux;
    fdio_init(&end->io, -1, -1, false);
    mux->end[mux->ends++] = end;
    mux->users++;
    return &end->chr;
}

struct chr *chr_open_mux(struct chr *to, u8 escape_key, void (*key)(void *opaque, enum chr_key key),
                         void *opaque, char *err, size_t err_len)
{
    struct mux *mux = calloc(1, sizeof(*mux));
    struct chr *chr;

    if (!mux) {
        snprintf(err, err_len, "no memory for a user of a back end");
        return NULL;
    }
    *mux = (struct mux){.to = to, .escape = escape_key, .key = key, .key_opaque = opaque};
    chr = add_end(mux, err, err_len);
    if (!chr) {
        free(mux);
        return NULL;
    }
    to->can_receive = mux_can_receive;
    to->receive = mux_receive;
    to->send_break = mux_break;
    to->can_send = mux_can_send;
    to->connected = mux_connected;
    to->opaque = mux;
    return chr;
}

struct chr *chr_add_to_mux(struct chr *any, char *err, size_t err_len)
{
    return add_end(end_of(any)->mux, err, err_len);
}

bool chr_has_input(struct chr *chr)
{
    const struct mux_end *end = end_of(chr);

    return end->mux->end[end->mux->focus] == end;
}
