/* pagewalk-img map: where each part of a disk is. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tools/img/img.h"

/* Whether two extents that follow each other are one. */
static bool joins(const struct block_extent *a, const struct block_extent *b)
{
    return a->kind == b->kind && a->owner == b->owner && a->depth == b->depth &&
           a->packed == b->packed && a->placed == b->placed &&
           (!a->placed || a->offset + a->count * BLOCK_SECTOR == b->offset);
}

static void json_row(u64 at, const struct block_extent *e, bool first)
{
    printf("%s{ \"start\": %llu, \"length\": %llu, \"depth\": %u, \"present\": %s, \"zero\": %s, "
           "\"data\": %s",
           first ? "[" : ",\n", (unsigned long long)at * BLOCK_SECTOR,
           (unsigned long long)e->count * BLOCK_SECTOR, e->depth,
           e->kind == BLOCK_ABSENT ? "false" : "true", e->kind == BLOCK_DATA ? "false" : "true",
           e->kind == BLOCK_DATA ? "true" : "false");
    if (e->placed)
        printf(", \"offset\": %llu", (unsigned long long)e->offset);
    putchar('}');
}

static int human_row(u64 at, const struct block_extent *e)
{
    if (e->kind != BLOCK_DATA)
        return 0;
    if (e->packed)
        return img_fail("the image has compressed clusters, which are at no place of their own");
    printf("%#-16llx%#-16llx%#-16llx%s\n", (unsigned long long)at * BLOCK_SECTOR,
           (unsigned long long)e->count * BLOCK_SECTOR, (unsigned long long)e->offset,
           e->owner->path);
    return 0;
}

static int map(struct block *block, bool as_json)
{
    u64 at = 0, start = 0;
    struct block_extent run = {0}, next;
    int status = 0;
    bool first = true;

    if (!as_json)
        printf("%-16s%-16s%-16s%s\n", "Offset", "Length", "Mapped to", "File");
    while (status == 0 && at <= block->sectors) {
        bool end = at == block->sectors;

        if (!end && block_map_chain(block, NULL, at, block->sectors - at, &next) < 0)
            return img_fail("'%s' cannot be read", block->path);
        if (at && (end || !joins(&run, &next))) {
            if (as_json)
                json_row(start, &run, first);
            else
                status = human_row(start, &run);
            first = false;
            start = at;
            run = next;
        } else if (at) {
            run.count += next.count;
        } else {
            run = next;
        }
        if (end)
            break;
        at += next.count;
    }
    if (as_json)
        puts("]");
    return status;
}

int img_map(int argc, char **argv)
{
    static const struct option longs[] = {{"output", required_argument, NULL, 'O'},
                                          {NULL, 0, NULL, 0}};
    unsigned flags = BLOCK_READ_ONLY;
    const char *format = NULL;
    bool as_json = false;
    struct block *block;
    int option, status;

    while ((option = getopt_long(argc, argv, "f:U", longs, NULL)) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'O':
            as_json = strcmp(optarg, "json") == 0;
            if (!as_json && strcmp(optarg, "human") != 0)
                return img_fail("--output=%s: give human or json", optarg);
            break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        default: return IMG_FAILED;
        }
    if (argc - optind != 1)
        return img_fail("map: give one file name");
    block = img_open(argv[optind], format, flags);
    if (!block)
        return IMG_FAILED;
    status = map(block, as_json);
    block_close(block);
    return status;
}
