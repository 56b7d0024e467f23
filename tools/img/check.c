/* pagewalk-img check: exit status 0 all is well, 1 it could not be checked, 2 errors, 3 leaked clusters only, 63 the
 * format has nothing to check. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tools/img/img.h"

#define STATUS_ERRORS  2
#define STATUS_LEAKS   3
#define STATUS_NOTHING 63

static void say_line(void *opaque, const char *line)
{
    (void)opaque;
    fprintf(stderr, "%s\n", line);
}

static void human(const struct qcow2_check *c)
{
    double all = (double)c->clusters, used = (double)c->allocated;

    if (c->fixed_errors || c->fixed_leaks)
        printf("The following inconsistencies were found and repaired:\n\n"
               "    %llu leaked clusters\n    %llu corruptions\n\n"
               "Double checking the fixed image now...\n",
               (unsigned long long)c->fixed_leaks, (unsigned long long)c->fixed_errors);
    if (!c->errors && !c->leaks)
        puts("No errors were found on the image.");
    if (c->errors)
        printf("\n%llu errors were found on the image.\nData may be corrupted, or further writes "
               "to the image may corrupt it.\n",
               (unsigned long long)c->errors);
    if (c->leaks)
        printf("\n%llu leaked clusters were found on the image.\nThis means waste of disk space, "
               "but no harm to data.\n",
               (unsigned long long)c->leaks);
    if (c->clusters && c->allocated)
        printf("%llu/%llu = %0.2f%% allocated, %0.2f%% fragmented, %0.2f%% compressed clusters\n",
               (unsigned long long)c->allocated, (unsigned long long)c->clusters,
               100.0 * (double)c->allocated / all, 100.0 * (double)c->fragmented / used,
               100.0 * (double)c->packed / used);
    printf("Image end offset: %llu\n", (unsigned long long)c->end);
}

static void field(const char *name, u64 value)
{
    if (value)
        printf("    \"%s\": %llu,\n", name, (unsigned long long)value);
}

static void json(const struct qcow2_check *c, const char *path)
{
    puts("{");
    printf("    \"image-end-offset\": %llu,\n", (unsigned long long)c->end);
    field("total-clusters", c->clusters);
    field("allocated-clusters", c->allocated);
    field("fragmented-clusters", c->fragmented);
    field("compressed-clusters", c->packed);
    field("corruptions", c->errors);
    field("leaks", c->leaks);
    field("corruptions-fixed", c->fixed_errors);
    field("leaks-fixed", c->fixed_leaks);
    printf("    \"check-errors\": 0,\n    \"filename\": ");
    json_string(path);
    puts(",\n    \"format\": \"qcow2\"\n}");
}

static int check(struct block *block, enum qcow2_fix fix, bool as_json, bool quiet)
{
    const struct qcow2_say say = {say_line, NULL};
    struct qcow2_check c;
    int r;

    if (strcmp(block->format, "qcow2") != 0) {
        img_fail("This image format does not support checks");
        return STATUS_NOTHING;
    }
    r = qcow2_check(qcow2_of(block), fix, quiet ? NULL : &say, &c);
    if (r < 0)
        return img_fail("'%s' cannot be checked: %s", block->path, strerror(-r));
    if (as_json)
        json(&c, block->path);
    else if (!quiet)
        human(&c);
    return c.errors ? STATUS_ERRORS : c.leaks ? STATUS_LEAKS : 0;
}

int img_check(int argc, char **argv)
{
    static const struct option longs[] = {{"output", required_argument, NULL, 'O'},
                                          {"repair", required_argument, NULL, 'r'},
                                          {NULL, 0, NULL, 0}};
    unsigned flags = BLOCK_AS_IT_IS | BLOCK_NO_BASE;
    enum qcow2_fix fix = QCOW2_FIX_NONE;
    const char *format = NULL;
    bool as_json = false, quiet = false;
    struct block *block;
    int option, status;

    while ((option = getopt_long(argc, argv, "f:r:qUT:", longs, NULL)) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'O':
            as_json = strcmp(optarg, "json") == 0;
            if (!as_json && strcmp(optarg, "human") != 0)
                return img_fail("--output=%s: give human or json", optarg);
            break;
        case 'r':
            fix = strcmp(optarg, "leaks") == 0 ? QCOW2_FIX_LEAKS
                  : strcmp(optarg, "all") == 0 ? QCOW2_FIX_ALL
                                               : QCOW2_FIX_NONE;
            if (!fix)
                return img_fail("-r %s: give leaks or all", optarg);
            break;
        case 'q': quiet = true; break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        case 'T': break; /* a cache mode */
        default: return IMG_FAILED;
        }
    if (argc - optind != 1)
        return img_fail("check: give one file name");
    block = img_open(argv[optind], format, fix ? flags : flags | BLOCK_READ_ONLY);
    if (!block)
        return IMG_FAILED;
    status = check(block, fix, as_json, quiet);
    block_close(block);
    return status;
}
