/* pagewalk-img compare: exit status 0 the disks are the same, 1 they differ, 2 an error. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/img/img.h"

#define STATUS_ERROR 2
#define PIECE        (1 * MIB)

struct compare {
    struct block *block[2];
    u8 *data[2];
    bool strict, quiet;
    struct img_common common;
};

/* Sectors that are alike in both, from `at` on: their number, and whether one is known to be zeros there. */
static u64 piece(struct compare *c, u64 at, u64 count, bool zero[2])
{
    for (unsigned i = 0; i < 2; i++) {
        struct block_extent extent;

        zero[i] = true;
        if (at >= c->block[i]->sectors)
            continue;
        if (count > c->block[i]->sectors - at)
            count = c->block[i]->sectors - at;
        if (block_map_chain(c->block[i], NULL, at, count, &extent) < 0)
            extent = (struct block_extent){.count = count};
        zero[i] = extent.kind != BLOCK_DATA;
        count = extent.count;
    }
    return count;
}

static int differ(const struct compare *c, u64 at, u64 count)
{
    u64 i = 0;

    while (i + 1 < count &&
           memcmp(c->data[0] + i * BLOCK_SECTOR, c->data[1] + i * BLOCK_SECTOR, BLOCK_SECTOR) == 0)
        i++;
    if (!c->quiet)
        printf("Content mismatch at offset %llu!\n", (unsigned long long)(at + i) * BLOCK_SECTOR);
    return 1;
}

static int run(struct compare *c)
{
    u64 sizes[2] = {c->block[0]->sectors, c->block[1]->sectors};
    u64 end = sizes[0] > sizes[1] ? sizes[0] : sizes[1], both = sizes[0] + sizes[1] - end;

    if (sizes[0] != sizes[1] && c->strict) {
        if (!c->quiet)
            puts("Strict mode: Image size mismatch!");
        return 1;
    }
    for (u64 at = 0, n; at < end; at += n) {
        bool zero[2];

        if (at == both && !c->quiet)
            puts("Warning: Image size mismatch!");
        n = piece(c, at, end - at, zero);
        if (zero[0] && zero[1])
            continue;
        if (n > PIECE / BLOCK_SECTOR)
            n = PIECE / BLOCK_SECTOR;
        for (unsigned i = 0; i < 2; i++) {
            int r = 0;

            if (zero[i])
                memset(c->data[i], 0, n * BLOCK_SECTOR);
            else
                r = block_read(c->block[i], at, c->data[i], (u32)n);
            if (r < 0) {
                img_fail("cannot read '%s': %s", c->block[i]->path, strerror(-r));
                return STATUS_ERROR;
            }
        }
        if (memcmp(c->data[0], c->data[1], n * BLOCK_SECTOR) != 0)
            return differ(c, at, n);
        img_progress(&c->common, at + n, end);
    }
    if (!c->quiet)
        puts("Images are identical.");
    return 0;
}

int img_compare(int argc, char **argv)
{
    struct compare c = {0};
    const char *formats[2] = {NULL, NULL};
    unsigned flags = BLOCK_READ_ONLY;
    int option, status = STATUS_ERROR;

    while ((option = getopt(argc, argv, "f:F:T:spqU")) != -1)
        switch (option) {
        case 'f': formats[0] = optarg; break;
        case 'F': formats[1] = optarg; break;
        case 'T': break; /* a cache mode */
        case 's': c.strict = true; break;
        case 'p': c.common.progress = true; break;
        case 'q': c.quiet = c.common.quiet = true; break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        default: return STATUS_ERROR;
        }
    if (argc - optind != 2) {
        img_fail("compare: give two file names");
        return STATUS_ERROR;
    }
    for (unsigned i = 0; i < 2; i++) {
        c.block[i] = img_open(argv[optind + (int)i], formats[i], flags);
        c.data[i] = aligned_alloc(4096, PIECE);
    }
    if (c.block[0] && c.block[1] && c.data[0] && c.data[1])
        status = run(&c);
    for (unsigned i = 0; i < 2; i++) {
        block_close(c.block[i]);
        free(c.data[i]);
    }
    return status;
}
