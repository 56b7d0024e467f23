/* Buffered bytes in and out of a descriptor.
 *
 * Descriptors may be shared with other processes (a terminal is), so O_NONBLOCK is never set on them.
 * Output to a pipe or a terminal goes through an open file description of its own, which may have it;
 * where there is none to be had (somebody else's terminal), poll() says whether a little can be written. */
#include "devices/chr/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS       5000 /* for a reader that takes nothing, at the end */
#define PATIENCE_HURRY_MS 200
#define PATIENCE_LOSSY_MS 1000 /* for one that may not be there, at any time */

/* Opens what out is once more, without waiting. */
static int open_own(int out)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", out);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void choose_way(struct fdio *io)
{
    struct stat st;

    io->way = FDIO_PLAIN;
    if (io->out < 0 || fcntl(io->out, F_GETFL) & O_NONBLOCK || fstat(io->out, &st) < 0)
        return;
    if (S_ISSOCK(st.st_mode)) {
        io->way = FDIO_SOCKET;
    } else if (S_ISFIFO(st.st_mode) || isatty(io->out)) {
        io->own = open_own(io->out);
        if (io->own >= 0)
            io->out = io->own;
        else
            io->way = S_ISFIFO(st.st_mode) ? FDIO_PIPE : FDIO_TERMINAL;
    }
}

void fdio_init(struct fdio *io, int in, int out, bool lossy)
{
    memset(io, 0, sizeof(*io));
    io->in = in;
    io->out = out;
    io->own = -1;
    io->lossy = lossy;
    choose_way(io);
}

void fdio_free(struct fdio *io)
{
    if (io->own >= 0)
        close(io->own);
    io->own = io->out = -1;
    free(io->out_buf);
    io->out_buf = NULL;
    io->out_len = io->out_size = 0;
}

/* What write() returns; -1 with EAGAIN when it would wait. */
static ssize_t write_some(struct fdio *io, const u8 *data, size_t len)
{
    struct pollfd pfd = {.fd = io->out, .events = POLLOUT};
    size_t most = io->way == FDIO_PIPE ? PIPE_BUF : 1;

    switch (io->way) {
    case FDIO_PLAIN: break;
    case FDIO_SOCKET: return send(io->out, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    case FDIO_PIPE:
    case FDIO_TERMINAL:
        if (poll(&pfd, 1, 0) <= 0) {
            errno = EAGAIN;
            return -1;
        }
        if (len > most)
            len = most;
        break;
    }
    return write(io->out, data, len);
}

static i64 now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (i64)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Nobody reads, it seems. */
static bool given_up(const struct fdio *io)
{
    return io->lossy && io->refused_ms && now_ms() - io->refused_ms > PATIENCE_LOSSY_MS;
}

void fdio_flush(struct fdio *io)
{
    size_t done = 0;

    while (done < io->out_len && io->out >= 0) {
        ssize_t n = write_some(io, io->out_buf + done, io->out_len - done);

        if (n > 0) {
            done += (size_t)n;
            io->refused_ms = 0;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!io->refused_ms)
                io->refused_ms = now_ms();
            break;
        } else if (n < 0 && errno != EINTR) {
            if (errno != EPIPE)
                fprintf(stderr, "pagewalk: serial output stopped: %s\n", strerror(errno));
            io->out = -1;
        }
    }
    if (io->out < 0)
        done = io->out_len;
    if (done)
        memmove(io->out_buf, io->out_buf + done, io->out_len - done);
    io->out_len -= done;
}

void fdio_finish(struct fdio *io, bool hurry)
{
    i64 patience = hurry ? PATIENCE_HURRY_MS : io->lossy ? PATIENCE_LOSSY_MS : PATIENCE_MS;
    i64 until = now_ms() + patience;

    for (;;) {
        struct pollfd pfd = {.events = POLLOUT};
        size_t before = io->out_len;
        i64 left;

        fdio_flush(io);
        if (!io->out_len || given_up(io))
            return;
        if (io->out_len < before && !hurry)
            until = now_ms() + patience;
        left = until - now_ms();
        pfd.fd = io->out;
        if (left <= 0 || poll(&pfd, 1, (int)left) <= 0)
            return;
    }
}

/* Room for len more bytes in the buffer, as far as that may grow. */
static void make_room(struct fdio *io, size_t len)
{
    size_t most = io->lossy ? FDIO_OUT : FDIO_OUT_MAX,
           size = io->out_size ? io->out_size : FDIO_OUT;
    u8 *larger;

    while (size < io->out_len + len && size < most)
        size *= 2;
    if (size == io->out_size)
        return;
    larger = realloc(io->out_buf, size);
    if (!larger)
        return;
    io->out_buf = larger;
    io->out_size = size;
}

void fdio_write(struct fdio *io, const u8 *data, size_t len)
{
    if (io->out_len + len > FDIO_OUT)
        fdio_flush(io);
    if (io->out < 0)
        return;
    if (io->out_len + len > io->out_size)
        make_room(io, len);
    if (len > io->out_size - io->out_len)
        len = io->out_size - io->out_len; /* nobody reads, for long */
    memcpy(io->out_buf + io->out_len, data, len);
    io->out_len += len;
}

size_t fdio_space(struct fdio *io)
{
    if (io->out < 0 || given_up(io))
        return SIZE_MAX;
    if (io->out_len > FDIO_OUT / 2)
        fdio_flush(io);
    return io->out_len < FDIO_OUT ? FDIO_OUT - io->out_len : 0;
}

int fdio_out_fd(const struct fdio *io)
{
    return io->out_len && !given_up(io) ? io->out : -1;
}

size_t fdio_read(struct fdio *io, u8 *data, size_t max)
{
    struct pollfd pfd = {.fd = io->in, .events = POLLIN};
    ssize_t n;

    if (max > fdio_room(io))
        max = fdio_room(io);
    if (io->in < 0 || !max || poll(&pfd, 1, 0) <= 0)
        return 0;
    n = read(io->in, data, max);
    if (n > 0)
        return (size_t)n;
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        io->in = -1;
    return 0;
}

void fdio_queue(struct fdio *io, u8 byte)
{
    if (io->in_len < FDIO_IN)
        io->in_buf[io->in_len++] = byte;
}

void fdio_queue_break(struct fdio *io)
{
    io->break_at = io->in_len;
    io->break_pending = true;
}

void fdio_deliver(struct fdio *io, struct chr *chr)
{
    if (chr->held)
        return;
    if (chr->can_send)
        chr->can_send(chr->opaque);
    if (!chr->receive || !chr->can_receive)
        return;
    for (;;) {
        size_t n = io->break_pending ? io->break_at : io->in_len;
        size_t room = n ? chr->can_receive(chr->opaque) : 0;
        u8 data[FDIO_IN];

        if (n > room)
            n = room;
        if (n) {
            /* Off the queue first: the receiver may call back into the back end. */
            memcpy(data, io->in_buf, n);
            io->in_len -= n;
            memmove(io->in_buf, io->in_buf + n, io->in_len);
            if (io->break_pending)
                io->break_at -= n;
            chr->receive(chr->opaque, data, n);
        } else if (io->break_pending && io->break_at == 0) {
            io->break_pending = false;
            if (chr->send_break)
                chr->send_break(chr->opaque);
        } else {
            return;
        }
    }
}
