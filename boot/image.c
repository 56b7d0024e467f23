/* Reads whole files, with every way in which that can fail.
 *
 * Regular files are read in one piece; anything else (a pipe, /dev/stdin) grows as it comes. */
#include "boot/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_GUESS (256 * KIB)

/* Reads until the end of the file or one byte past the limit. */
static int read_all(struct image *image, int fd, u64 guess, u64 limit)
{
    u64 room = guess < limit ? guess + 1 : limit + 1; /* one more, to see the end */

    image->data = malloc(room);
    if (!image->data)
        return -ENOMEM;
    for (;;) {
        ssize_t n;

        if (image->size == room) {
            u64 more = room * 2 < limit + 1 ? room * 2 : limit + 1;
            u8 *data;

            if (room > limit)
                return -EFBIG;
            data = realloc(image->data, more);
            if (!data)
                return -ENOMEM;
            image->data = data;
            room = more;
        }
        n = read(fd, image->data + image->size, room - image->size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        image->size += (u64)n;
    }
}

static int read_fd(struct image *image, int fd, u64 limit)
{
    struct stat st;
    u64 guess = FIRST_GUESS;
    int r;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (S_ISREG(st.st_mode)) {
        if ((u64)st.st_size > limit)
            return -EFBIG;
        guess = (u64)st.st_size;
    }
    r = read_all(image, fd, guess, limit);
    if (r < 0)
        return r;
    return image->size ? 0 : -ENODATA;
}

int image_read(struct image *image, const char *path, u64 limit, char *err, size_t err_len)
{
    int fd, r;

    *image = (struct image){.path = path};
    fd = open(path, O_RDONLY | O_CLOEXEC);
    r = fd < 0 ? -errno : read_fd(image, fd, limit);
    if (fd >= 0)
        close(fd);
    if (r == 0)
        return 0;
    image_free(image);
    if (r == -ENODATA)
        snprintf(err, err_len, "'%s' is empty", path);
    else if (r == -EFBIG)
        snprintf(err, err_len, "'%s' is larger than %llu %s, the most that it can be here", path,
                 (unsigned long long)(limit / (limit < MIB ? KIB : MIB)),
                 limit < MIB ? "KiB" : "MiB");
    else
        snprintf(err, err_len, "cannot read '%s': %s", path, strerror(-r));
    return r;
}

void image_free(struct image *image)
{
    free(image->data);
    image->data = NULL;
    image->size = 0;
}
