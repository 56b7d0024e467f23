/* pagewalk-img resize and snapshot. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tools/img/img.h"

static int resize(struct block *block, const char *text, bool shrink)
{
    u64 now = block->sectors * BLOCK_SECTOR, size;
    char sign = *text == '+' || *text == '-' ? *text : '\0';
    int r;

    if (!img_size(sign ? text + 1 : text, &size))
        return img_fail("'%s' is not a size", text);
    if (sign == '-' && size > now)
        return img_fail("the image is smaller than that");
    size = sign == '+' ? now + size : sign == '-' ? now - size : size;
    size = (size + BLOCK_SECTOR - 1) & ~(u64)(BLOCK_SECTOR - 1);
    if (size == 0)
        return img_fail("an image must have a size");
    if (size < now && !shrink)
        return img_fail("shrinking loses what is behind the new end; --shrink does it");
    r = block_resize(block, size / BLOCK_SECTOR);
    if (r == 0)
        r = block_flush(block);
    if (r < 0)
        return img_fail("cannot resize '%s': %s", block->path, strerror(-r));
    return 0;
}

int img_resize(int argc, char **argv)
{
    static const struct option longs[] = {{"shrink", no_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
    const char *format = NULL, *size;
    bool shrink = false, quiet = false;
    struct block *block;
    int option, status;

    /* A size may begin with a minus: it is the last argument. */
    if (argc < 3)
        return img_fail("resize: give a file name and a size");
    size = argv[--argc];
    while ((option = getopt_long(argc, argv, "f:q", longs, NULL)) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 's': shrink = true; break;
        case 'q': quiet = true; break;
        default: return IMG_FAILED;
        }
    if (argc - optind != 1)
        return img_fail("resize: give a file name and a size");
    block = img_open(argv[optind], format, 0);
    if (!block)
        return IMG_FAILED;
    status = resize(block, size, shrink);
    block_close(block);
    if (status == 0 && !quiet)
        puts("Image resized.");
    return status;
}

static int change(struct block *block, int action, const char *name)
{
    struct qcow2 *q = qcow2_of(block);
    u32 index;
    int r = 0;

    if (strcmp(block->format, "qcow2") != 0)
        return img_fail("'%s': only qcow2 images have snapshots", block->path);
    if (action == 'l') {
        if (q->header.snapshots) {
            puts("Snapshot list:");
            img_list_snapshots(q);
        }
        return 0;
    }
    if (action == 'c') {
        r = qcow2_snapshot_create(q, name);
    } else {
        r = qcow2_snapshot_find(q, name, &index);
        if (r < 0)
            return img_fail("'%s' has no snapshot '%s'", block->path, name);
        r = action == 'a' ? qcow2_snapshot_apply(q, index) : qcow2_snapshot_delete(q, index);
    }
    return r < 0 ? img_fail("snapshot '%s' of '%s': %s", name, block->path, strerror(-r)) : 0;
}

int img_snapshot(int argc, char **argv)
{
    const char *format = NULL, *name = NULL;
    unsigned flags = BLOCK_NO_BASE;
    struct block *block;
    int option, action = 'l', status;

    while ((option = getopt(argc, argv, "f:lc:a:d:qU")) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'c':
        case 'a':
        case 'd':
        case 'l':
            if (name)
                return img_fail("snapshot: give one of -l, -c, -a and -d");
            action = option;
            name = optarg;
            break;
        case 'q': break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        default: return IMG_FAILED;
        }
    if (argc - optind != 1)
        return img_fail("snapshot: give one file name");
    block = img_open(argv[optind], format, action == 'l' ? flags | BLOCK_READ_ONLY : flags);
    if (!block)
        return IMG_FAILED;
    status = change(block, action, name);
    block_close(block);
    return status;
}
