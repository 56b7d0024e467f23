/* What two machines in lockstep print and are told: hashes of their output, and one tape of input. */
#define _GNU_SOURCE /* fopencookie */
#include "boot/lockstep_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void output_add(struct output *output, const u8 *data, size_t len)
{
    output->bytes += len;
    for (size_t i = 0; i < len; i++)
        output->hash = (output->hash ^ data[i]) * 0x100000001b3ull; /* FNV-1a's step */
}

static void tape_add(struct tape *tape, struct tape_event event)
{
    if (tape->count == tape->capacity) {
        size_t capacity = tape->capacity ? 2 * tape->capacity : 256;
        struct tape_event *more = realloc(tape->event, capacity * sizeof(*more));

        if (!more)
            BUG("out of memory");
        tape->event = more;
        tape->capacity = capacity;
    }
    tape->event[tape->count++] = event;
}

void tape_free(struct tape *tape)
{
    free(tape->event);
    *tape = (struct tape){0};
}

static struct lockstep_port *port_of(struct chr *chr)
{
    return container_of(chr, struct lockstep_port, chr);
}

/* The inner back end's receiver: writes down what comes, and hands it on. */

static size_t port_can_receive(void *opaque)
{
    struct lockstep_port *port = opaque;

    return port->chr.can_receive ? port->chr.can_receive(port->chr.opaque) : 0;
}

static void port_receive(void *opaque, const u8 *data, size_t len)
{
    struct lockstep_port *port = opaque;

    for (size_t i = 0; i < len; i++)
        tape_add(port->tape, (struct tape_event){.poll = port->polls, .byte = data[i]});
    port->chr.receive(port->chr.opaque, data, len);
}

static void port_break(void *opaque)
{
    struct lockstep_port *port = opaque;

    tape_add(port->tape, (struct tape_event){.poll = port->polls, .is_break = true});
    if (port->chr.send_break)
        port->chr.send_break(port->chr.opaque);
}

static void port_replay(struct lockstep_port *port)
{
    struct chr *chr = &port->chr;

    while (port->at < port->tape->count && port->tape->event[port->at].poll <= port->polls) {
        const struct tape_event *event = &port->tape->event[port->at++];

        if (!event->is_break) {
            /* Room was there when this was recorded; a machine that has gone astray may have none. */
            if (chr->receive && chr->can_receive(chr->opaque))
                chr->receive(chr->opaque, &event->byte, 1);
        } else if (chr->send_break) {
            chr->send_break(chr->opaque);
        }
    }
}

static void port_write(struct chr *chr, const u8 *data, size_t len)
{
    struct lockstep_port *port = port_of(chr);

    output_add(&port->output, data, len);
    if (port->inner)
        port->inner->ops->write(port->inner, data, len);
}

static int port_poll_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void port_poll(struct chr *chr)
{
    struct lockstep_port *port = port_of(chr);

    if (chr->held) { /* at no instruction of its own: a replay has no such poll */
        if (port->inner) {
            port->inner->held = true;
            port->inner->ops->poll(port->inner);
            port->inner->held = false;
        }
        return;
    }
    port->polls++;
    if (port->inner)
        port->inner->ops->poll(port->inner);
    else
        port_replay(port);
}

static size_t port_room(struct chr *chr)
{
    struct lockstep_port *port = port_of(chr);

    return port->inner ? chr_room(port->inner) : SIZE_MAX;
}

static int port_out_fd(struct chr *chr)
{
    struct lockstep_port *port = port_of(chr);

    return port->inner ? chr_out_fd(port->inner) : -1;
}

static void port_close(struct chr *chr)
{
    (void)chr;
}

static const struct chr_ops port_ops = {
    .write = port_write,
    .poll_fd = port_poll_fd,
    .poll = port_poll,
    .close = port_close,
    .room = port_room,
    .out_fd = port_out_fd,
};

void lockstep_port_init(struct lockstep_port *port, struct tape *tape, struct chr *inner)
{
    *port = (struct lockstep_port){.chr.ops = &port_ops, .inner = inner, .tape = tape};
    if (inner) {
        inner->can_receive = port_can_receive;
        inner->receive = port_receive;
        inner->send_break = port_break;
        inner->opaque = port;
    }
}

void lockstep_port_detach(struct lockstep_port *port)
{
    if (port->inner) {
        port->inner->can_receive = NULL;
        port->inner->receive = NULL;
        port->inner->send_break = NULL;
    }
    port->inner = NULL;
}

static ssize_t console_write(void *opaque, const char *data, size_t len)
{
    struct lockstep_console *console = opaque;

    output_add(&console->output, (const u8 *)data, len);
    if (console->inner) {
        fwrite(data, 1, len, console->inner);
        fflush(console->inner);
    }
    return (ssize_t)len;
}

int lockstep_console_open(struct lockstep_console *console, FILE *inner)
{
    *console = (struct lockstep_console){.inner = inner};
    console->stream = fopencookie(console, "w", (cookie_io_functions_t){.write = console_write});
    return console->stream ? 0 : -ENOMEM;
}

void lockstep_console_close(struct lockstep_console *console)
{
    if (console->stream)
        fclose(console->stream);
    console->stream = NULL;
}
