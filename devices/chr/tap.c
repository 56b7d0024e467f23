/* Character back ends in front of another: one that copies the output, and one for a second writer. */
#include <stdlib.h>

#include "devices/chr/spec.h"
#include "mmu/host/log.h"

struct chr_tap {
    struct chr chr;
    struct chr *to;
    bool owns; /* closes `to` */
    FILE *file;
    void (*fn)(void *opaque, const u8 *data, size_t len);
    void *opaque;
};

static struct chr_tap *tap_of(struct chr *chr)
{
    return container_of(chr, struct chr_tap, chr);
}

static void tap_write(struct chr *chr, const u8 *data, size_t len)
{
    struct chr_tap *tap = tap_of(chr);

    if (tap->file) {
        bool before = ferror(tap->file);

        fwrite(data, 1, len, tap->file);
        stream_failed(tap->file, before, "a logfile");
    }
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
    tap->to->opaque = chr->opaque;
    tap->to->held = chr->held;
    tap->to->ops->poll(tap->to);
    if (tap->file)
        fflush(tap->file);
}

static size_t tap_room(struct chr *chr)
{
    return chr_room(tap_of(chr)->to);
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

struct chr *chr_open_writer(struct chr *to, char *err, size_t err_len)
{
    struct chr_tap *tap = tap_new(to, err, err_len);

    return tap ? &tap->chr : NULL;
}
