/* -g: the socket, and gdb's arrival at it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mmu/host/unix_socket.h"
#include "tools/user/debug.h"

static int listen_unix(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const char *why = fd < 0 ? strerror(errno) : unix_socket_bind(fd, path);

    if (why)
        user_error("-g %s: %s", path, why);
    return fd;
}

static int listen_tcp(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((u16)strtoul(port, NULL, 0)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        user_error("-g %s: %s", port, strerror(errno));
    return fd;
}

void debug_open(struct thread *t, const char *where, u32 load_base)
{
    struct debug *d = calloc(1, sizeof(*d));
    bool is_path = strchr(where, '/');
    int fd = is_path ? listen_unix(where) : listen_tcp(where), on = 1, high;

    if (!d)
        user_error("out of memory");
    if (listen(fd, 1) < 0)
        user_error("-g %s: %s", where, strerror(errno));
    do
        d->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    while (d->fd < 0 && errno == EINTR);
    if (d->fd < 0)
        user_error("-g %s: %s", where, strerror(errno));
    close(fd);
    if (is_path)
        unlink(where);
    high = fcntl(d->fd, F_DUPFD_CLOEXEC, FD_OURS);
    if (high >= 0) {
        close(d->fd);
        d->fd = high;
    }
    setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    debug_init(d, t);
    d->gdb.offset = load_base;
    d->gdb.auxv = process.auxv;
    d->gdb.auxv_len = process.auxv_count * sizeof(process.auxv[0]);
    d->stopped = d->served = true;
    process.debug = d;
    fcntl(d->fd, F_SETOWN, getpid());
    fcntl(d->fd, F_SETSIG, SIGBUS);
    fcntl(d->fd, F_SETFL, fcntl(d->fd, F_GETFL) | O_ASYNC);
}
