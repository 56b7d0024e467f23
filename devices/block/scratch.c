/* Scratch files: in $TMPDIR, without a name, so that nothing of them remains however the process ends. */
#define _GNU_SOURCE /* mkostemp */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/file.h"

int scratch_open(char *err, size_t err_len)
{
    const char *dir = getenv("TMPDIR");
    char path[PATH_MAX];
    int fd;

    if (!dir || !*dir)
        dir = "/var/tmp";
    if ((size_t)snprintf(path, sizeof(path), "%s/pagewalk-XXXXXX", dir) >= sizeof(path)) {
        snprintf(err, err_len, "no scratch file for -snapshot: $TMPDIR is too long a name");
        return -ENAMETOOLONG;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        int r = -errno;

        snprintf(err, err_len, "no scratch file for -snapshot in '%s': %s", dir, strerror(-r));
        return r;
    }
    unlink(path);
    return fd;
}

struct file *file_scratch(const char *path, char *err, size_t err_len)
{
    struct file *file = calloc(1, sizeof(*file));

    if (file)
        file->path = strdup(path);
    if (file && file->path) {
        file->no_sync = true; /* nobody sees it after a crash */
        file->fd = scratch_open(err, err_len);
        if (file->fd >= 0)
            return file;
    } else {
        snprintf(err, err_len, "the host has no memory for disk image '%s'", path);
    }
    if (file)
        free(file->path);
    free(file);
    return NULL;
}
