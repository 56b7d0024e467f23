/* The character back end on named pipes: PATH.in and PATH.out, or PATH for both directions. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/chr/fdio.h"
#include "devices/chr/spec.h"

struct chr_pipe {
    struct chr chr;
    struct fdio io;
    int in, out;
};

static struct chr_pipe *pipe_of(struct chr *chr)
{
    return container_of(chr, struct chr_pipe, chr);
}

static void pipe_write(struct chr *chr, const u8 *data, size_t len)
{
    fdio_write(&pipe_of(chr)->io, data, len);
}

static int pipe_poll_fd(struct chr *chr)
{
    struct chr_pipe *pipe = pipe_of(chr);

    return fdio_room(&pipe->io) ? pipe->io.in : -1;
}

static void pipe_poll(struct chr *chr)
{
    struct chr_pipe *pipe = pipe_of(chr);
    u8 data[FDIO_IN];
    size_t n = fdio_read(&pipe->io, data, sizeof(data));

    for (size_t i = 0; i < n; i++)
        fdio_queue(&pipe->io, data[i]);
    fdio_flush(&pipe->io);
    fdio_deliver(&pipe->io, chr);
}

static size_t pipe_room(struct chr *chr)
{
    return fdio_space(&pipe_of(chr)->io);
}

static int pipe_out_fd(struct chr *chr)
{
    return fdio_out_fd(&pipe_of(chr)->io);
}

static void pipe_close(struct chr *chr)
{
    struct chr_pipe *pipe = pipe_of(chr);

    fdio_finish(&pipe->io, chr->hurry);
    fdio_free(&pipe->io);
    if (pipe->out != pipe->in)
        close(pipe->out);
    close(pipe->in);
    free(pipe);
}

static const struct chr_ops pipe_ops = {
    .write = pipe_write,
    .poll_fd = pipe_poll_fd,
    .poll = pipe_poll,
    .close = pipe_close,
    .room = pipe_room,
    .out_fd = pipe_out_fd,
};

/* Both ways at once, so that nobody has to be at the other end yet. */
static int open_end(const char *path, const char *ending)
{
    char name[PATH_MAX];

    if ((size_t)snprintf(name, sizeof(name), "%s%s", path, ending) >= sizeof(name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(name, O_RDWR | O_CLOEXEC);
}

struct chr *chr_open_pipe(const char *path, char *err, size_t err_len)
{
    struct chr_pipe *pipe = calloc(1, sizeof(*pipe));

    if (!pipe) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    pipe->in = open_end(path, ".in");
    pipe->out = pipe->in >= 0 ? open_end(path, ".out") : -1;
    if (pipe->in >= 0 && pipe->out < 0) {
        close(pipe->in);
        pipe->in = -1;
    }
    if (pipe->in < 0)
        pipe->in = pipe->out = open_end(path, "");
    if (pipe->in < 0) {
        snprintf(err, err_len, "cannot open the pipe '%s': %s", path, strerror(errno));
        free(pipe);
        return NULL;
    }
    fdio_init(&pipe->io, pipe->in, pipe->out, false);
    pipe->chr.ops = &pipe_ops;
    return &pipe->chr;
}
