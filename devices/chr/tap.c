/* Character back ends in front of another: one that copies the output, one that puts the time in front of lines, and one
 * for a second writer. */
#include <stdlib.h>
#include <string.h>

#include "devices/chr/spec.h"
#include "mmu/host/log.h"

struct chr_tap {
    struct chr chr;
    struct chr *to;
    bool owns; /* closes `to` */
    FILE *file;
    void (*fn)(void *opaque, const u8 *data, size_t len);
    void *opaque;
    u64 (*now)(void *opaque); /* NULL: no stamps */
    bool in_line;             /* the line at hand has one */
};

#define STAMP 32 /* bytes that one takes at most */
#define LINES 16 /* that may come at once */

static struct chr_tap *tap_of(struct chr *chr)
{
    return container_of(chr, struct chr_tap, chr);
}

/* A line's stamp comes with its first byte. */
static void write_stamped(struct chr_tap *tap, const u8 *data, size_t len)
{
    while (len) {
        const u8 *newline = memchr(data, '\n', len);
        size_t n = newline ? (size_t)(newline - data) + 1 : len;

        if (!tap->in_line) {
            u64 us = tap->now(tap->opaque) / 1000;
            char stamp[STAMP];
            int width = snprintf(stamp, sizeof(stamp), "[%5llu.%06llu] ",
                                 (unsigned long long)(us / 1000000 % 1000000000),
                                 (unsigned long long)(us % 1000000));

            tap->to->ops->write(tap->to, (const u8 *)stamp, (size_t)width);
        }
        tap->to->ops->write(tap->to, data, n);
        tap->in_line = !newline;
        data += n;
        len -= n;
    }
}

static void tap_write(struct chr *chr, const u8 *data, size_t len)
{
    struct chr_tap *tap = tap_of(chr);

    if (tap->file) {
        bool before = ferror(tap->file);

        fwrite(data, 1, len, tap->file);
        stream_failed(tap->file, before, "a logfile");
    }
    if (tap->now)
        write_stamped(tap, data, len);
    else
        tap->to->ops->write(tap->to, data, len);
    if (tap->fn)
        tap->fn(tap->opaque, data, len);
}

static int tap_poll_fd(struct chr *chr)
{
    struct chr_tap *tap = tap_of(chr);

    return tap->owns ? tap->to->ops->poll_fd(tap->to) : -1;
}

/* The receiver is the tap's; `to` calls it as its own. */
static void tap_poll(struct chr *chr)
{
    struct chr_tap *tap = tap_of(chr);

    if (!tap->owns)
        return;
    tap->to->can_receive = chr->can_receive;
    tap->to->receive = chr->receive;
    tap->to->send_break = chr->send_break;
    tap->to->can_send = chr->can_send;
    tap->to->connected = chr->connected;
    tap->to->opaque = chr->opaque;
    tap->to->held = chr->held;
    tap->to->ops->poll(tap->to);
    if (tap->file)
        fflush(tap->file);
}

static size_t tap_room(struct chr *chr)
{
    struct chr_tap *tap = tap_of(chr);
    size_t room = chr_room(tap->to);

    if (!tap->now || room == SIZE_MAX)
        return room;
    return room > STAMP * LINES ? room - STAMP * LINES : 0;
}

static int tap_out_fd(struct chr *chr)
{
    struct chr_tap *tap = tap_of(chr);

    return tap->owns ? chr_out_fd(tap->to) : -1;
}

static void tap_close(struct chr *chr)
{
    struct chr_tap *tap = tap_of(chr);

    if (tap->owns) {
        tap->to->hurry = chr->hurry;
        tap->to->ops->close(tap->to);
    }
    if (tap->file)
        fclose(tap->file);
    free(tap);
}

static const struct chr_ops tap_ops = {
    .write = tap_write,
    .poll_fd = tap_poll_fd,
    .poll = tap_poll,
    .close = tap_close,
    .room = tap_room,
    .out_fd = tap_out_fd,
};

static struct chr_tap *tap_new(struct chr *to, char *err, size_t err_len)
{
    struct chr_tap *tap = calloc(1, sizeof(*tap));

    if (!tap) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    tap->chr.ops = &tap_ops;
    tap->to = to;
    return tap;
}

struct chr *chr_open_tap(struct chr *to, FILE *file,
                         void (*fn)(void *opaque, const u8 *data, size_t len), void *opaque,
                         char *err, size_t err_len)
{
    struct chr_tap *tap = tap_new(to, err, err_len);

    if (!tap)
        return NULL;
    tap->owns = true;
    tap->file = file;
    tap->fn = fn;
    tap->opaque = opaque;
    return &tap->chr;
}

struct chr *chr_open_stamp(struct chr *to, u64 (*now)(void *opaque), void *opaque, char *err,
                           size_t err_len)
{
    struct chr_tap *tap = tap_new(to, err, err_len);

    if (!tap)
        return NULL;
    tap->owns = true;
    tap->now = now;
    tap->opaque = opaque;
    return &tap->chr;
}

struct chr *chr_open_writer(struct chr *to, char *err, size_t err_len)
{
    struct chr_tap *tap = tap_new(to, err, err_len);

    return tap ? &tap->chr : NULL;
}
