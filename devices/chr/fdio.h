/* Buffered bytes in and out of a descriptor: what the stdio, pty and file back ends share.
 *
 * Output is gathered and written at poll, when the buffer is full and at close, since a system call
 * for each byte of a serial line would dominate a boot. Input waits in a buffer of its own, so that
 * escape keys are seen even while the guest's receiver is full. */
#ifndef PAGEWALK_CHR_FDIO_H
#define PAGEWALK_CHR_FDIO_H

#include "devices/chr/chr.h"

#define FDIO_OUT 4096
#define FDIO_IN  1024

struct fdio {
    int in;     /* -1: no input, or at its end */
    int out;    /* -1: no output, or it failed */
    bool lossy; /* nobody may be reading: drop output rather than wait for a reader */
    size_t out_len;
    size_t in_len;
    size_t break_at; /* a break comes after so many bytes of input; only with break_pending */
    bool break_pending;
    u8 out_buf[FDIO_OUT];
    u8 in_buf[FDIO_IN];
};

void fdio_init(struct fdio *io, int in, int out, bool lossy);

void fdio_write(struct fdio *io, const u8 *data, size_t len);
/* Waits for a slow reader unless lossy. A reader that has gone away ends the output, silently when it
 * closed its end (EPIPE), with one line on stderr otherwise. */
void fdio_flush(struct fdio *io);

/* Reads what is there, never waiting, at most max bytes and what the input buffer has room for.
 * Returns the number of bytes, 0 for none. End of file and errors set io->in to -1. */
size_t fdio_read(struct fdio *io, u8 *data, size_t max);

/* Input on its way to the receiver. Bytes that do not fit are dropped: check fdio_room() before. */
void fdio_queue(struct fdio *io, u8 byte);
void fdio_queue_break(struct fdio *io);
static inline size_t fdio_room(const struct fdio *io)
{
    return FDIO_IN - io->in_len;
}

/* Hands queued input to chr's receiver, as much as that takes. */
void fdio_deliver(struct fdio *io, struct chr *chr);

#endif
