/* pagewalk-mkcow: makes copy-on-write images, with the command line of 2003's tool of that kind. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/img/img.h"

static int usage(int status)
{
    fputs("usage: pagewalk-mkcow [-f BASE] IMAGE [MEGABYTES]\n"
          "Makes a copy-on-write image: of the disk image BASE, or an empty one of that size.\n",
          status ? stderr : stdout);
    return status;
}

int img_mkcow(int argc, char **argv)
{
    struct block_create create;
    char err[1024], base[PATH_MAX];
    u64 megabytes = 0;
    int option;

    img_create_default(&create);
    while ((option = getopt(argc, argv, "f:h")) != -1)
        switch (option) {
        case 'f': create.base = optarg; break;
        case 'h': return usage(0);
        default: return usage(IMG_FAILED);
        }
    if (argc - optind != (*create.base ? 1 : 2))
        return usage(IMG_FAILED);
    if (!*create.base) {
        if (!img_size(argv[optind + 1], &megabytes) || megabytes == 0 || megabytes > 1 << 20)
            return img_fail("'%s': give a size in megabytes, up to 1048576", argv[optind + 1]);
        create.size = megabytes * MIB;
    } else if (!realpath(create.base, base)) { /* as the shell sees it, not the image */
        return img_fail("'%s': %s", create.base, strerror(errno));
    } else {
        create.base = base;
    }
    return block_create(argv[optind], "cow", &create, err, sizeof(err)) < 0 ? img_fail("%s", err)
                                                                            : 0;
}
