/* Buffered bytes in and out of a descriptor: what the stdio, pty and file back ends share.
 *
 * Output is gathered and written at poll, when the buffer is full and at close, since a system call
 * for each byte of a serial line would dominate a boot. Writing never waits: what a pipe, a terminal or a
 * socket does not take stays in the buffer. Input waits in a buffer of its own, so that escape keys
 * are seen even while the guest's receiver is full. */
#ifndef PAGEWALK_CHR_FDIO_H
#define PAGEWALK_CHR_FDIO_H

#include "devices/chr/chr.h"

#define FDIO_OUT     4096 /* gathered before a write, and fdio_space() with a reader that stalls */
#define FDIO_OUT_MAX (1u << 20) /* what is written without asking for space is lost beyond this */
#define FDIO_IN      1024

enum fdio_way {
    FDIO_PLAIN,    /* a file, or a descriptor with O_NONBLOCK: write() returns soon */
    FDIO_SOCKET,   /* send() can be told not to wait */
    FDIO_PIPE,     /* after poll() PIPE_BUF bytes go in */
    FDIO_TERMINAL, /* after poll() one byte goes in */
};

struct fdio {
    int in;  /* -1: no input, or at its end */
    int out; /* -1: no output, or it failed */
    int own; /* a description of our own to close, or -1 */
    enum fdio_way way;
    bool
        lossy; /* nobody may be reading: who takes nothing for a while is no reader, and output is dropped */
    i64 refused_ms; /* lossy: when the reader had no room, and has taken nothing since; 0: it takes all */
    size_t out_len;
    size_t in_len;
    size_t break_at; /* a break comes after so many bytes of input; only with break_pending */
    bool break_pending;
    size_t out_size;
    u8 *out_buf;
    u8 in_buf[FDIO_IN];
};

void fdio_init(struct fdio *io, int in, int out, bool lossy);
/* Frees what fdio_init() made. What was not written is lost: fdio_finish() before. in and out stay open. */
void fdio_free(struct fdio *io);

void fdio_write(struct fdio *io, const u8 *data, size_t len);
/* Writes what the reader takes now. A reader that has gone away ends the output, silently when it closed
 * its end (EPIPE), with one line on stderr otherwise. */
void fdio_flush(struct fdio *io);
/* The same at the end: waits for a slow reader, in a hurry only for a moment, and never for one that
 * takes nothing for seconds. A signal that is handled ends the wait. */
void fdio_finish(struct fdio *io, bool hurry);
/* Bytes that may be written before something has to wait or to be dropped. */
size_t fdio_space(struct fdio *io);
/* For chr_ops.out_fd. */
int fdio_out_fd(const struct fdio *io);

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

/* Tells chr's user when there is space for output, and hands queued input to it, as much as it takes. */
void fdio_deliver(struct fdio *io, struct chr *chr);

#endif
