/* Character back ends on sockets: TCP and Unix as a client or a server, and UDP.
 *
 * A server takes one connection at a time and the next when that has gone. While nobody is there output is lost, as on
 * a line with no terminal at its end. Telnet (RFC 854): every byte passes as it is, no line mode, no echo there. */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/chr/fdio.h"
#include "devices/chr/spec.h"
#include "mmu/host/unix_socket.h"

#define IAC 255
#define SB  250
#define SE  240

struct chr_socket {
    struct chr chr;
    struct fdio io;
    int listener, fd; /* -1: none */
    bool telnet, there;
    enum { TELNET_DATA, TELNET_IAC, TELNET_OPTION, TELNET_SUB, TELNET_SUB_IAC } state;
};

static struct chr_socket *socket_of(struct chr *chr)
{
    return container_of(chr, struct chr_socket, chr);
}

static void hang_up(struct chr_socket *s)
{
    fdio_free(&s->io);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    fdio_init(&s->io, -1, -1, false);
    if (s->there && s->chr.connected)
        s->chr.connected(s->chr.opaque, false);
    s->there = false;
}

static void connected(struct chr_socket *s, int fd)
{
    /* WILL ECHO, WILL SUPPRESS-GO-AHEAD, WILL and DO BINARY */
    static const u8 hello[] = {IAC, 251, 1, IAC, 251, 3, IAC, 251, 0, IAC, 253, 0};

    s->fd = fd;
    s->there = true;
    s->state = TELNET_DATA;
    fdio_init(&s->io, fd, fd, false);
    if (s->telnet)
        fdio_write(&s->io, hello, sizeof(hello));
    if (s->chr.connected)
        s->chr.connected(s->chr.opaque, true);
}

static void take_connection(struct chr_socket *s)
{
    int fd;

    if (s->there || s->listener < 0)
        return;
    fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        connected(s, fd);
}

static void socket_write(struct chr *chr, const u8 *data, size_t len)
{
    struct chr_socket *s = socket_of(chr);

    if (!s->there)
        return;
    for (size_t i = 0; i < len; i++) {
        fdio_write(&s->io, &data[i], 1);
        if (s->telnet && data[i] == IAC)
            fdio_write(&s->io, &data[i], 1);
    }
}

/* Options and subnegotiations are not for the guest. */
static void telnet_input(struct chr_socket *s, u8 byte)
{
    switch (s->state) {
    case TELNET_DATA:
        if (byte == IAC)
            s->state = TELNET_IAC;
        else
            fdio_queue(&s->io, byte);
        break;
    case TELNET_IAC:
        s->state = byte == SB                   ? TELNET_SUB
                   : byte >= 251 && byte <= 254 ? TELNET_OPTION
                                                : TELNET_DATA;
        if (byte == IAC)
            fdio_queue(&s->io, byte);
        else if (byte == 243)
            fdio_queue_break(&s->io);
        break;
    case TELNET_OPTION: s->state = TELNET_DATA; break;
    case TELNET_SUB:
        if (byte == IAC)
            s->state = TELNET_SUB_IAC;
        break;
    case TELNET_SUB_IAC: s->state = byte == SE ? TELNET_DATA : TELNET_SUB; break;
    }
}

static int socket_poll_fd(struct chr *chr)
{
    struct chr_socket *s = socket_of(chr);

    if (!s->there)
        return s->listener;
    return fdio_room(&s->io) ? s->io.in : -1;
}

static void socket_poll(struct chr *chr)
{
    struct chr_socket *s = socket_of(chr);
    u8 data[FDIO_IN];
    size_t n;

    take_connection(s);
    n = fdio_read(&s->io, data, sizeof(data));
    for (size_t i = 0; i < n; i++)
        if (s->telnet)
            telnet_input(s, data[i]);
        else
            fdio_queue(&s->io, data[i]);
    fdio_flush(&s->io);
    fdio_deliver(&s->io, chr);
    if (s->there && (s->io.in < 0 || s->io.out < 0) && !s->io.in_len && s->fd >= 0)
        hang_up(s);
}

static size_t socket_room(struct chr *chr)
{
    struct chr_socket *s = socket_of(chr);

    return s->there ? fdio_space(&s->io) / 2 : SIZE_MAX;
}

static int socket_out_fd(struct chr *chr)
{
    return fdio_out_fd(&socket_of(chr)->io);
}

static void socket_close(struct chr *chr)
{
    struct chr_socket *s = socket_of(chr);

    fdio_finish(&s->io, chr->hurry);
    hang_up(s);
    if (s->listener >= 0)
        close(s->listener);
    free(s);
}

static const struct chr_ops socket_ops = {
    .write = socket_write,
    .poll_fd = socket_poll_fd,
    .poll = socket_poll,
    .close = socket_close,
    .room = socket_room,
    .out_fd = socket_out_fd,
};

static int fail(const struct chr_spec *spec, const char *why, char *err, size_t err_len)
{
    snprintf(err, err_len, "'%s': %s", spec->text, why);
    return -1;
}

/* A socket that is connected (client) or bound, by host and service. */
static int open_inet(const struct chr_spec *spec, const char *host, const char *port, int type,
                     bool server, char *err, size_t err_len)
{
    struct addrinfo hints = {.ai_socktype = type, .ai_flags = server ? AI_PASSIVE : 0}, *found;
    int r = getaddrinfo(host && *host ? host : NULL, port, &hints, &found), fd = -1, on = 1,
        error = 0;

    if (r)
        return fail(spec, gai_strerror(r), err, err_len);
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, type | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        if (server)
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if ((server ? bind : connect)(fd, a->ai_addr, a->ai_addrlen) < 0) {
            error = errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd < 0 ? fail(spec, strerror(error), err, err_len) : fd;
}

static int open_unix(const struct chr_spec *spec, char *err, size_t err_len)
{
    struct sockaddr_un name;
    const char *why;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return fail(spec, strerror(errno), err, err_len);
    why = spec->server ? unix_socket_bind(fd, spec->path) : unix_socket_name(&name, spec->path);
    if (!why && !spec->server && connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
        why = strerror(errno);
    if (why) {
        close(fd);
        return fail(spec, why, err, err_len);
    }
    return fd;
}

static struct chr *start(int fd, const struct chr_spec *spec, char *err, size_t err_len)
{
    struct chr_socket *s = calloc(1, sizeof(*s));

    if (!s || (spec->server && listen(fd, 1) < 0)) {
        fail(spec, strerror(errno), err, err_len);
        close(fd);
        free(s);
        return NULL;
    }
    s->chr.ops = &socket_ops;
    s->telnet = spec->telnet;
    s->listener = s->fd = -1;
    fdio_init(&s->io, -1, -1, false);
    if (!spec->server) {
        connected(s, fd);
        return &s->chr;
    }
    s->listener = fd;
    if (spec->wait) {
        fprintf(stderr, "pagewalk: waiting for a connection on '%s'\n", spec->text);
        take_connection(s);
        if (!s->there) { /* a signal */
            fail(spec, strerror(errno), err, err_len);
            socket_close(&s->chr);
            return NULL;
        }
    }
    /* Later only when somebody is there. */
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
        fail(spec, strerror(errno), err, err_len);
        socket_close(&s->chr);
        return NULL;
    }
    return &s->chr;
}

struct chr *chr_open_socket(const struct chr_spec *spec, char *err, size_t err_len)
{
    int fd = spec->kind == CHR_UNIX
                 ? open_unix(spec, err, err_len)
                 : open_inet(spec, spec->host, spec->port, SOCK_STREAM, spec->server, err, err_len);

    return fd < 0 ? NULL : start(fd, spec, err, err_len);
}

struct chr *chr_open_udp(const struct chr_spec *spec, char *err, size_t err_len)
{
    bool bound = spec->local_host || spec->local_port;
    int fd = bound ? open_inet(spec, spec->local_host, spec->local_port ? spec->local_port : "0",
                               SOCK_DGRAM, true, err, err_len)
                   : open_inet(spec, spec->host, spec->port, SOCK_DGRAM, false, err, err_len);

    if (fd >= 0 && bound) {
        struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
        int r = getaddrinfo(*spec->host ? spec->host : NULL, spec->port, &hints, &found);

        if (!r && connect(fd, found->ai_addr, found->ai_addrlen) < 0)
            r = EAI_SYSTEM;
        if (r) {
            fail(spec, r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r), err, err_len);
            close(fd);
            return NULL;
        }
        freeaddrinfo(found);
    }
    return fd < 0 ? NULL : start(fd, spec, err, err_len);
}
