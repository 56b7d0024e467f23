/* dyngen: takes the object of templates apart and writes them as C tables of code and patches.
 *
 * usage: dyngen [-s LISTING.s] OBJECT.o >STENCILS.c
 *
 * LISTING.s, the assembler text that the object was made of, becomes comments. Exit status: 0, 1 something is refused (a line
 * for each template says why, and nothing is written), 2 usage, or a file that cannot be read. */
#include "tools/dyngen/dyngen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (64u * MIB)

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "dyngen: %s: %s\n", what, why);
    exit(2);
}

/* A whole file, with a zero behind it. */
static char *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    char *data = malloc(FILE_MAX + 1);

    if (!file)
        die(name, strerror(errno));
    if (!data)
        die(name, "no memory");
    *size = fread(data, 1, FILE_MAX + 1, file);
    if (ferror(file))
        die(name, strerror(errno));
    if (*size > FILE_MAX)
        die(name, "too large");
    data[*size] = '\0';
    fclose(file);
    return data;
}

int main(int argc, char **argv)
{
    char *object, *listing = NULL;
    size_t size, listing_size;
    bool made;

    if (argc == 4 && strcmp(argv[1], "-s") == 0) {
        listing = read_file(argv[2], &listing_size);
        argv += 2;
    } else if (argc != 2) {
        fputs("usage: dyngen [-s LISTING.s] OBJECT.o >STENCILS.c\n", stderr);
        return 2;
    }
    object = read_file(argv[1], &size);
    made = dyngen((const u8 *)object, size, listing, stdout, stderr);
    free(object);
    free(listing);
    if (made && (fflush(stdout) != 0 || ferror(stdout)))
        die("standard output", strerror(errno));
    return made ? 0 : 1;
}
