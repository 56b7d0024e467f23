/* The character back end that writes to a file, made anew; no input ever comes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/chr/fdio.h"

struct chr_file {
    struct chr chr;
    struct fdio io;
    int fd; /* stays open when output has failed and io.out is -1 */
};

static struct chr_file *file_of(struct chr *chr)
{
    return container_of(chr, struct chr_file, chr);
}

static void file_write(struct chr *chr, const u8 *data, size_t len)
{
    fdio_write(&file_of(chr)->io, data, len);
}

static int file_poll_fd(struct chr *chr)
{
    (void)chr;
    return -1;
}

static void file_poll(struct chr *chr)
{
    fdio_flush(&file_of(chr)->io);
}

static void file_close(struct chr *chr)
{
    struct chr_file *file = file_of(chr);

    fdio_flush(&file->io);
    close(file->fd);
    free(file);
}

static const struct chr_ops file_ops = {
    .write = file_write,
    .poll_fd = file_poll_fd,
    .poll = file_poll,
    .close = file_close,
};

struct chr *chr_open_file(const char *path, char *err, size_t err_len)
{
    struct chr_file *file = calloc(1, sizeof(*file));

    if (!file) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file->fd < 0) {
        snprintf(err, err_len, "cannot write %s: %s", path, strerror(errno));
        free(file);
        return NULL;
    }
    fdio_init(&file->io, -1, file->fd, false);
    file->chr.ops = &file_ops;
    return &file->chr;
}
