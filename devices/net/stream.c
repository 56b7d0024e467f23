/* The back ends `socket` (listen, connect) and `stream`: frames on a TCP or Unix connection, each behind its length in four
 * bytes, the high one first, as QEMU sends them.
 *
 * A server takes one connection at a time. While nobody is there the cable is out. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/net/netdev.h"
#include "devices/net/sockaddr.h"

#define LENGTH 4u
#define BUFFER (4 * (NET_FRAME_MAX + LENGTH))

struct stream {
    struct netdev dev;
    int listener, fd; /* -1: none */
    size_t in_len, out_len;
    u8 in[BUFFER], out[BUFFER];
};

static struct stream *stream_of(struct netdev *dev)
{
    return container_of(dev, struct stream, dev);
}

static void hang_up(struct stream *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->in_len = s->out_len = 0;
    net_set_link(&s->dev.port, false);
}

static void connected(struct stream *s, int fd)
{
    s->fd = fd;
    net_set_link(&s->dev.port, true);
}

static void flush(struct stream *s)
{
    ssize_t n;

    if (s->fd < 0 || !s->out_len)
        return;
    n = send(s->fd, s->out, s->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
        s->out_len -= (size_t)n;
        memmove(s->out, s->out + n, s->out_len);
        net_flush(&s->dev.port);
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        hang_up(s);
    }
}

/* Whole frames go on; a length that no frame has ends the connection. */
static void take_frames(struct stream *s)
{
    size_t at = 0;

    while (s->in_len - at >= LENGTH && net_room(&s->dev.port)) {
        u32 len = ntohl(get32(s->in + at));

        if (len > NET_FRAME_MAX) {
            hang_up(s);
            return;
        }
        if (s->in_len - at - LENGTH < len)
            break;
        net_send(&s->dev.port, s->in + at + LENGTH, len);
        at += LENGTH + len;
    }
    s->in_len -= at;
    memmove(s->in, s->in + at, s->in_len);
}

static void stream_poll(struct netdev *dev)
{
    struct stream *s = stream_of(dev);
    ssize_t n;

    if (s->fd < 0 && s->listener >= 0) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0)
            connected(s, fd);
    }
    flush(s);
    if (s->fd < 0 || !net_connected(&dev->port))
        return;
    take_frames(s);
    if (s->fd < 0 || s->in_len == sizeof(s->in) || !net_room(&dev->port))
        return;
    n = recv(s->fd, s->in + s->in_len, sizeof(s->in) - s->in_len, MSG_DONTWAIT);
    if (n > 0) {
        s->in_len += (size_t)n;
        take_frames(s);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        hang_up(s);
    }
}

static void stream_wait(struct netdev *dev, struct pollset *set)
{
    struct stream *s = stream_of(dev);

    if (s->fd < 0)
        pollset_add(set, s->listener, POLLIN);
    else
        pollset_add(set, s->fd,
                    (short)((net_room(&dev->port) ? POLLIN : 0) | (s->out_len ? POLLOUT : 0)));
}

static bool stream_has_room(void *opaque, size_t len)
{
    struct stream *s = opaque;

    if (s->out_len + LENGTH + len > sizeof(s->out))
        flush(s);
    return s->out_len + LENGTH + len <= sizeof(s->out);
}

static void stream_receive(void *opaque, const u8 *frame, size_t len)
{
    struct stream *s = opaque;

    if (s->fd < 0)
        return;
    put32(s->out + s->out_len, htonl((u32)len));
    memcpy(s->out + s->out_len + LENGTH, frame, len);
    s->out_len += LENGTH + len;
}

static void stream_look(void *opaque)
{
    struct stream *s = opaque;

    stream_poll(&s->dev);
}

static const struct net_port_ops port_ops = {.has_room = stream_has_room,
                                             .receive = stream_receive,
                                             .received = stream_look,
                                             .can_send = stream_look};

static int fail(const char *what, char *err, size_t err_len)
{
    snprintf(err, err_len, "cannot %s: %s", what, strerror(errno));
    return -1;
}

static int start(struct stream *s, const struct netdev_spec *spec, char *err, size_t err_len)
{
    bool server = spec->listen || spec->server;
    const char *text = spec->listen ? spec->listen : spec->connect;
    struct net_address a;
    int r, one = 1, fd;

    if (text)
        r = net_address_text(&a, text, false, err, err_len);
    else if (spec->remote_path)
        r = net_address_unix(&a, spec->remote_path, err, err_len);
    else
        r = net_address_inet(&a, spec->remote_host, spec->remote_port, false, err, err_len);
    if (r < 0)
        return -1;
    fd = socket(a.addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | (server ? SOCK_NONBLOCK : 0), 0);
    if (fd < 0)
        return fail("open a socket", err, err_len);
    /* A server's connections take it over; a Unix socket knows no such thing. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (!server) {
        s->fd = fd; /* closed with the rest */
        if (connect(fd, (struct sockaddr *)&a.addr, a.len) < 0)
            return fail("connect", err, err_len);
        connected(s, fd);
        return 0;
    }
    s->listener = fd;
    if (net_address_bind(fd, &a, err, err_len) < 0)
        return -1;
    if (listen(fd, 1) < 0)
        return fail("listen", err, err_len);
    net_set_link(&s->dev.port, false);
    return 0;
}

static void stream_close(struct netdev *dev)
{
    struct stream *s = stream_of(dev);

    flush(s);
    if (s->fd >= 0)
        close(s->fd);
    if (s->listener >= 0)
        close(s->listener);
    free(s);
}

static const struct netdev_ops stream_ops = {
    .wait = stream_wait, .poll = stream_poll, .close = stream_close};

struct netdev *netdev_open_stream(const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct stream *s = calloc(1, sizeof(*s));

    if (!s) {
        snprintf(err, err_len, "the host has no memory for a network");
        return NULL;
    }
    s->listener = s->fd = -1;
    s->dev.ops = &stream_ops;
    net_port_init(&s->dev.port, &port_ops, s);
    if (start(s, spec, err, err_len) == 0)
        return &s->dev;
    stream_close(&s->dev);
    return NULL;
}
