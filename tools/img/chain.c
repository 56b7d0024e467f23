/* pagewalk-img commit and rebase: what lies between an image and those below it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/block/commit.h"
#include "tools/img/img.h"

static void show(void *opaque, u64 done, u64 all)
{
    img_progress(opaque, done, all);
}

int img_commit(int argc, char **argv)
{
    struct img_common common = {0};
    const char *format = NULL;
    bool keep = false;
    struct block *block;
    u64 written;
    int option, r;

    while ((option = getopt(argc, argv, "f:dpqt:")) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'd': keep = true; break;
        case 'p': common.progress = true; break;
        case 'q': common.quiet = true; break;
        case 't': break; /* a cache mode */
        default: return IMG_FAILED;
        }
    if (argc - optind != 1)
        return img_fail("commit: give one file name");
    block = img_open(argv[optind], format, BLOCK_BASE_RW);
    if (!block)
        return IMG_FAILED;
    r = block->base ? block_commit(block, !keep, show, &common, &written) : -ENODEV;
    block_close(block);
    if (r == -ENODEV)
        return img_fail("'%s' has no backing file", argv[optind]);
    if (r < 0)
        return img_fail("cannot commit '%s': %s", argv[optind], strerror(-r));
    if (!common.quiet)
        puts("Image committed.");
    return 0;
}

#define PIECE (1 * MIB)

/* What a disk has at a place, or zeros behind its end or without one. */
static int read_padded(struct block *block, u64 sector, u8 *data, u32 count)
{
    u64 there = block && sector < block->sectors ? block->sectors - sector : 0;
    int r = 0;

    if (there > count)
        there = count;
    if (there)
        r = block_read(block, sector, data, (u32)there);
    memset(data + there * BLOCK_SECTOR, 0, (count - there) * BLOCK_SECTOR);
    return r;
}

/* Sectors that the image itself has not, and that differ between the bases, become its own. */
static int keep_contents(struct block *block, struct block *to, const struct img_common *common)
{
    u8 *was = aligned_alloc(4096, PIECE), *is = malloc(PIECE);
    u32 grain = qcow2_of(block)->cluster / BLOCK_SECTOR;
    int r = was && is ? 0 : -ENOMEM;

    for (u64 at = 0, n; at < block->sectors && r == 0; at += n) {
        struct block_extent extent;

        r = block_map(block, at, block->sectors - at, &extent);
        n = extent.count < PIECE / BLOCK_SECTOR ? extent.count : PIECE / BLOCK_SECTOR;
        if (r == 0 && extent.kind == BLOCK_ABSENT) {
            if (n > grain)
                n = grain - at % grain;
            r = read_padded(block->base, at, was, (u32)n);
            if (r == 0)
                r = read_padded(to, at, is, (u32)n);
            if (r == 0 && memcmp(was, is, n * BLOCK_SECTOR) != 0)
                r = block_write(block, at, was, (u32)n);
        }
        img_progress(common, at + n, block->sectors);
    }
    free(was);
    free(is);
    return r == 0 ? block_flush(block) : r;
}

static int rebase(struct block *block, const char *name, const char *format, bool unsafe,
                  const struct img_common *common)
{
    char path[4096];
    struct block *to = NULL;
    int r = 0;

    if (strcmp(block->format, "qcow2") != 0)
        return img_fail("only qcow2 images have a backing file that can be changed");
    if (*name && !unsafe) {
        if (!block_base_path(block->path, name, path, sizeof(path)))
            return img_fail("the backing file's name is too long");
        to = img_open(path, *format ? format : NULL, BLOCK_READ_ONLY);
        if (!to)
            return IMG_FAILED;
    }
    if (!unsafe)
        r = keep_contents(block, to, common);
    block_close(to);
    if (r == 0)
        r = qcow2_header_rebase(qcow2_of(block), name, format);
    return r < 0 ? img_fail("cannot rebase '%s': %s", block->path, strerror(-r)) : 0;
}

int img_rebase(int argc, char **argv)
{
    struct img_common common = {0};
    const char *format = NULL, *base = NULL, *base_format = "";
    bool unsafe = false;
    struct block *block;
    int option, status;

    while ((option = getopt(argc, argv, "f:b:F:upqt:T:")) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'b': base = optarg; break;
        case 'F': base_format = optarg; break;
        case 'u': unsafe = true; break;
        case 'p': common.progress = true; break;
        case 'q': common.quiet = true; break;
        case 't':
        case 'T': break; /* cache modes */
        default: return IMG_FAILED;
        }
    if (argc - optind != 1 || !base)
        return img_fail("rebase: give a file name, and -b BASE (-b '' for none)");
    if (*base && !*base_format)
        return img_fail("give the backing file's format (-F)");
    block = img_open(argv[optind], format, unsafe ? BLOCK_NO_BASE : 0);
    if (!block)
        return IMG_FAILED;
    status = rebase(block, base, base_format, unsafe, &common);
    block_close(block);
    return status;
}
