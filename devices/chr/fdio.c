/* Buffered bytes in and out of a descriptor.
 *
 * Descriptors may be shared with other processes (a terminal is), so O_NONBLOCK is never set here:
 * reads ask poll() first, and writes wait with poll() when the descriptor turns out to be nonblocking. */
#include "devices/chr/fdio.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void fdio_init(struct fdio *io, int in, int out, bool lossy)
{
    memset(io, 0, sizeof(*io));
    io->in = in;
    io->out = out;
    io->lossy = lossy;
}

void fdio_flush(struct fdio *io)
{
    size_t done = 0;

    while (done < io->out_len && io->out >= 0) {
        ssize_t n = write(io->out, io->out_buf + done, io->out_len - done);

        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd pfd = {.fd = io->out, .events = POLLOUT};

            if (io->lossy)
                break;
            poll(&pfd, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            if (errno != EPIPE)
                fprintf(stderr, "pagewalk: serial output stopped: %s\n", strerror(errno));
            io->out = -1;
        }
    }
    if (io->out < 0)
        done = io->out_len;
    memmove(io->out_buf, io->out_buf + done, io->out_len - done);
    io->out_len -= done;
}

void fdio_write(struct fdio *io, const u8 *data, size_t len)
{
    while (len && io->out >= 0) {
        size_t n = FDIO_OUT - io->out_len;

        if (!n) {
            fdio_flush(io);
            n = FDIO_OUT - io->out_len;
            if (!n)
                return; /* lossy, and nobody reads */
        }
        if (n > len)
            n = len;
        memcpy(io->out_buf + io->out_len, data, n);
        io->out_len += n;
        data += n;
        len -= n;
    }
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
