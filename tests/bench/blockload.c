/* A load for a guest's disk, past its page cache: pieces of 4 KiB, in order or at random places.
 *
 * usage: blockload DEVICE read|write|randread|randwrite MEGABYTES COUNT     COUNT: pieces
 *
 * Writes end in fsync. Exit status 0 when all of it went well. */
#define _GNU_SOURCE /* O_DIRECT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int random = argc == 5 && strncmp(argv[2], "rand", 4) == 0;
    const char *what = argc == 5 ? argv[2] + (random ? 4 : 0) : "";
    int writes = strcmp(what, "write") == 0, fd;
    size_t piece = 4096;
    unsigned long count, pieces, state = 12345;
    unsigned char *data = aligned_alloc(4096, piece);

    if (argc != 5 || !data)
        return 2;
    pieces = strtoul(argv[3], NULL, 10) * 1048576 / piece;
    count = strtoul(argv[4], NULL, 10);
    fd = open(argv[1], (writes ? O_RDWR : O_RDONLY) | O_DIRECT);
    if (fd < 0) {
        perror(argv[1]);
        return 1;
    }
    for (size_t i = 0; i < piece; i++)
        data[i] = (unsigned char)(i * 7 + i / 256);
    for (unsigned long i = 0; i < count; i++) {
        unsigned long at = i % pieces;

        if (random) {
            state = state * 1103515245u + 12345;
            at = (state >> 4) % pieces;
        }
        data[0] = (unsigned char)i;
        if (lseek(fd, (off_t)(at * piece), SEEK_SET) < 0 ||
            (writes ? write(fd, data, piece) : read(fd, data, piece)) != (ssize_t)piece) {
            perror(what);
            return 1;
        }
    }
    return writes && fsync(fd) < 0;
}
