/* The character back ends that only write: to a file, made anew, or to standard output. */
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
    fdio_deliver(&file_of(chr)->io, chr);
}

static size_t file_room(struct chr *chr)
{
    return fdio_space(&file_of(chr)->io);
}

static int file_out_fd(struct chr *chr)
{
    return fdio_out_fd(&file_of(chr)->io);
}

static void file_close(struct chr *chr)
{
    struct chr_file *file = file_of(chr);

    fdio_finish(&file->io, chr->hurry);
    fdio_free(&file->io);
    if (file->fd != STDOUT_FILENO)
        close(file->fd);
    free(file);
}

static const struct chr_ops file_ops = {
    .write = file_write,
    .poll_fd = file_poll_fd,
    .poll = file_poll,
    .close = file_close,
    .room = file_room,
    .out_fd = file_out_fd,
};

static struct chr *file_new(int fd, char *err, size_t err_len)
{
    struct chr_file *file = calloc(1, sizeof(*file));

    if (!file) {
        snprintf(err, err_len, "no memory for a serial port");
        return NULL;
    }
    file->fd = fd;
    fdio_init(&file->io, -1, fd, false);
    file->chr.ops = &file_ops;
    return &file->chr;
}

struct chr *chr_open_file(const char *path, bool append, char *err, size_t err_len)
{
    int fd = open(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC) | O_CLOEXEC, 0666);
    struct chr *chr;

    if (fd < 0) {
        snprintf(err, err_len, "cannot write %s: %s", path, strerror(errno));
        return NULL;
    }
    chr = file_new(fd, err, err_len);
    if (!chr)
        close(fd);
    return chr;
}

struct chr *chr_open_stdout(char *err, size_t err_len)
{
    fflush(stdout); /* what was printed before comes before */
    return file_new(STDOUT_FILENO, err, err_len);
}
