/* The character back end on a new pseudo-terminal, for `screen /dev/pts/N` and the like.
 *
 * The slave stays open here too: without that, reads from the master fail and poll() never waits
 * while no other program has the slave open. So nobody knows whether somebody reads: output fills the kernel's buffer
 * and ours, and then waits for who takes some of it within a second; if nobody does, it is lost, as on a serial
 * line with no terminal at its end. */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "devices/chr/fdio.h"

struct chr_pty {
    struct chr chr;
    struct fdio io;
    int master, slave;
};

static struct chr_pty *pty_of(struct chr *chr)
{
    return container_of(chr, struct chr_pty, chr);
}

static void pty_write(struct chr *chr, const u8 *data, size_t len)
{
    fdio_write(&pty_of(chr)->io, data, len);
}

static int pty_poll_fd(struct chr *chr)
{
    struct chr_pty *pty = pty_of(chr);

    return fdio_room(&pty->io) ? pty->io.in : -1;
}

static size_t pty_room(struct chr *chr)
{
    return fdio_space(&pty_of(chr)->io);
}

static int pty_out_fd(struct chr *chr)
{
    return fdio_out_fd(&pty_of(chr)->io);
}

static void pty_poll(struct chr *chr)
{
    struct chr_pty *pty = pty_of(chr);
    u8 data[FDIO_IN];
    size_t n;

    fdio_flush(&pty->io);
    n = fdio_read(&pty->io, data, sizeof(data));
    for (size_t i = 0; i < n; i++)
        fdio_queue(&pty->io, data[i]);
    fdio_deliver(&pty->io, chr);
}

static void pty_close(struct chr *chr)
{
    struct chr_pty *pty = pty_of(chr);

    fdio_finish(&pty->io, chr->hurry);
    fdio_free(&pty->io);
    close(pty->slave);
    close(pty->master);
    free(pty);
}

static const struct chr_ops pty_ops = {
    .write = pty_write,
    .poll_fd = pty_poll_fd,
    .poll = pty_poll,
    .close = pty_close,
    .room = pty_room,
    .out_fd = pty_out_fd,
};

struct chr *chr_open_pty(char *err, size_t err_len)
{
    struct chr_pty *pty = calloc(1, sizeof(*pty));
    struct termios tio;
    char name[128];

    if (!pty) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    if (openpty(&pty->master, &pty->slave, NULL, NULL, NULL) < 0) {
        snprintf(err, err_len, "cannot make a pseudo-terminal: %s", strerror(errno));
        free(pty);
        return NULL;
    }
    if (ttyname_r(pty->slave, name, sizeof(name)))
        snprintf(name, sizeof(name), "a pseudo-terminal without a name");
    if (tcgetattr(pty->slave, &tio) == 0) {
        cfmakeraw(&tio);
        tcsetattr(pty->slave, TCSANOW, &tio);
    }
    /* The master's open file description is ours alone: O_NONBLOCK disturbs nobody. */
    fcntl(pty->master, F_SETFL, fcntl(pty->master, F_GETFL) | O_NONBLOCK);
    fcntl(pty->master, F_SETFD, FD_CLOEXEC);
    fcntl(pty->slave, F_SETFD, FD_CLOEXEC);
    fprintf(stderr, "char device redirected to %s\n", name);

    fdio_init(&pty->io, pty->master, pty->master, true);
    pty->chr.ops = &pty_ops;
    return &pty->chr;
}
