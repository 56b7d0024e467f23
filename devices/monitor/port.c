/* A monitor at a character back end: what it says waits for a slow reader, and so does the next command.
 *
 * Output has CR LF, since a terminal at the end of a socket may be raw. */
#define _GNU_SOURCE /* fopencookie */
#include "devices/monitor/port.h"

#include <stdlib.h>
#include <string.h>

#include "devices/monitor/command.h"
#include "devices/monitor/qmp.h"
#include "mmu/host/version.h"

#define FULL (64 * KIB) /* no further command while so much waits */

static bool add(struct monitor_port *port, const char *data, size_t len)
{
    if (port->out_size - port->out_len < len) {
        size_t size = (port->out_len + len) * 2;
        char *more = realloc(port->out, size);

        if (!more)
            return false;
        port->out = more;
        port->out_size = size;
    }
    memcpy(port->out + port->out_len, data, len);
    port->out_len += len;
    return true;
}

static ssize_t stream_write(void *opaque, const char *data, size_t len)
{
    struct monitor_port *port = opaque;

    for (size_t i = 0; i < len;) {
        const char *newline = memchr(data + i, '\n', len - i);
        size_t n = newline ? (size_t)(newline - data) - i : len - i;

        if (!add(port, data + i, n) || (newline && !add(port, "\r\n", 2)))
            return 0;
        i += n + (newline != NULL);
    }
    return (ssize_t)len;
}

/* What the reader takes now. */
static void push(struct monitor_port *port)
{
    struct chr *chr = port->chr;
    size_t done = 0, room;

    fflush(port->stream);
    while (done < port->out_len && (room = chr_room(chr))) {
        size_t n = port->out_len - done < room ? port->out_len - done : room;

        if (n > 4096)
            n = 4096;
        chr->ops->write(chr, (const u8 *)port->out + done, n);
        done += n;
    }
    if (done)
        memmove(port->out, port->out + done, port->out_len - done);
    port->out_len -= done;
}

static void greet(struct monitor_port *port)
{
    if (port->qmp) {
        qmp_greet(port->qmp);
    } else {
        fputs("Pagewalk " PAGEWALK_VERSION " monitor - type 'help' for more information\n",
              port->stream);
        editor_prompt(&port->editor);
    }
    push(port);
}

static size_t can_receive(void *opaque)
{
    const struct monitor_port *port = opaque;

    return port->out_len < FULL ? 64 : 0;
}

static void receive(void *opaque, const u8 *data, size_t len)
{
    struct monitor_port *port = opaque;

    for (size_t i = 0; i < len; i++) {
        if (port->qmp) {
            qmp_byte(port->qmp, data[i]);
        } else if (editor_byte(&port->editor, data[i])) {
            monitor_line(port->pc, &port->editor, port->stream);
            if (!port->pc->quit)
                editor_prompt(&port->editor);
        }
    }
    push(port);
}

static void connected(void *opaque, bool there)
{
    struct monitor_port *port = opaque;

    fflush(port->stream);
    port->out_len = 0;
    if (there)
        greet(port);
}

static void complete(void *opaque, const char *line, struct editor *editor)
{
    struct monitor_port *port = opaque;

    monitor_complete(port->pc, line, editor);
}

struct monitor_port *monitor_port_new(struct pc *pc, const struct pc_monitor_config *config)
{
    static const cookie_io_functions_t functions = {.write = stream_write};
    struct monitor_port *port = calloc(1, sizeof(*port));
    struct chr *chr = config->chr;

    if (!port)
        return NULL;
    port->pc = pc;
    port->chr = chr;
    port->stream = fopencookie(port, "w", functions);
    if (port->stream && config->qmp)
        port->qmp = qmp_new(pc, port->stream, config->pretty);
    if (!port->stream || (config->qmp && !port->qmp)) {
        if (port->stream)
            fclose(port->stream);
        free(port);
        return NULL;
    }
    editor_init(&port->editor, "(qemu) ", port->stream);
    port->editor.complete = complete;
    port->editor.opaque = port;
    chr->can_receive = can_receive;
    chr->receive = receive;
    chr->connected = connected;
    chr->opaque = port;
    if (!config->later)
        greet(port);
    return port;
}

void monitor_port_free(struct monitor_port *port)
{
    if (!port)
        return;
    port->chr->can_receive = NULL;
    port->chr->receive = NULL;
    port->chr->connected = NULL;
    push(port);
    fclose(port->stream);
    editor_free(&port->editor);
    qmp_free(port->qmp);
    free(port->out);
    free(port);
}

void monitor_port_poll(struct monitor_port *port)
{
    struct chr *chr = port->chr;

    push(port);
    chr->ops->poll(chr);
    push(port);
    if (chr_out_fd(chr) >= 0) /* the answer */
        chr->ops->poll(chr);
}
