/* Character back ends: where a serial port's bytes go and come from.
 *
 * A back end never blocks the machine. Output is written at once or buffered; when its reader stalls the
 * buffer fills, chr_room() says so, and whoever writes waits in the guest's sense. Input is fetched by
 * the board's poll and handed to the receiver when that has room. */
#ifndef PAGEWALK_CHR_H
#define PAGEWALK_CHR_H

#include <stdio.h>

#include "mmu/host/base.h"

struct chr;

struct chr_ops {
    void (*write)(struct chr *chr, const u8 *data, size_t len);
    int (*poll_fd)(struct chr *chr); /* descriptor to wait on for input, or -1 */
    void (*poll)(struct chr *chr);   /* fetch input, deliver what the receiver takes */
    void (*close)(struct chr *chr);  /* flush, restore the terminal, free */
    /* Where a reader may stall; both may be NULL. room: bytes that write() takes now without loss or wait.
     * out_fd: descriptor to wait on until there is more room, -1 while nothing waits to go out. */
    size_t (*room)(struct chr *chr);
    int (*out_fd)(struct chr *chr);
};

struct chr {
    const struct chr_ops *ops;
    /* The receiver (a UART). can_receive says how many bytes it takes now. */
    size_t (*can_receive)(void *opaque);
    void (*receive)(void *opaque, const u8 *data, size_t len);
    void (*send_break)(void *opaque); /* a break condition was sent (C-a b); may be NULL */
    void (*can_send)(void *opaque);   /* there was no room, and is again; may be NULL */
    void (*connected)(void *opaque, bool there); /* a peer has come, or gone; may be NULL */
    void *opaque;
    u64 written; /* bytes of output by the machine so far; one that goes back has written fewer, */
    u64 shown;   /* and what was written once is not written again */
    bool held;   /* the machine stands: poll() hands nothing to the receiver */
    bool hurry;  /* the user wants the end: close() hardly waits for a reader that stalls */
};

/* For a device: one byte of its output. */
static inline void chr_put(struct chr *chr, u8 byte)
{
    if (chr->written++ < chr->shown)
        return;
    chr->shown = chr->written;
    chr->ops->write(chr, &byte, 1);
}

static inline size_t chr_room(struct chr *chr)
{
    return chr->ops->room ? chr->ops->room(chr) : SIZE_MAX;
}

static inline int chr_out_fd(struct chr *chr)
{
    return chr->ops->out_fd ? chr->ops->out_fd(chr) : -1;
}

/* Each opens a back end; returns NULL with a one-line reason in err (no newline). */
struct chr *chr_open_null(void);
struct chr *chr_open_file(const char *path, bool append, char *err, size_t err_len);
struct chr *chr_open_pty(char *err, size_t err_len); /* prints the slave's name on stderr */
/* keep_signals: C-c still ends the program. The terminal is restored at close, at exit and on a fatal signal. */
struct chr *chr_open_stdio(bool keep_signals, char *err, size_t err_len);
/* Standard output alone; the terminal stays as it is. */
struct chr *chr_open_stdout(char *err, size_t err_len);
/* A stream whose bytes go to chr, unbuffered; NULL: no memory. */
FILE *chr_stream(struct chr *chr);
#endif
