/* pagewalk-img create, and the options (-o) of new images. */
#include "tools/img/img.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void img_create_default(struct block_create *c)
{
    *c = (struct block_create){
        .base = "", .base_format = "", .version = 3, .cluster = 64 * KIB, .refcount_bits = 16};
}

static int on_off(const char *key, const char *value, bool *to)
{
    *to = strcmp(value, "on") == 0;
    return *to || strcmp(value, "off") == 0 ? 0 : img_fail("-o %s=%s: give on or off", key, value);
}

static int choose(const char *key, const char *value, const char *const *names, unsigned *to)
{
    for (unsigned i = 0; names[i]; i++)
        if (strcmp(names[i], value) == 0) {
            *to = i;
            return 0;
        }
    return img_fail("-o %s: there is no '%s'", key, value);
}

static int set(struct block_create *c, const char *key, char *value)
{
    static const char *const compat[] = {"0.10", "1.1", NULL}, *const packs[] = {"zlib", "zstd",
                                                                                 NULL};
    static const char *const preallocations[] = {"off", "metadata", "falloc", "full", NULL};
    unsigned n = 0;
    u64 bytes;
    int r = 0;

    if (strcmp(key, "compat") == 0) {
        r = choose(key, value, compat, &n);
        c->version = n + 2;
    } else if (strcmp(key, "cluster_size") == 0) {
        if (!img_size(value, &bytes) || bytes < 512 || bytes > 2 * MIB || bytes & (bytes - 1))
            return img_fail("-o cluster_size=%s: give a power of two from 512 to 2M", value);
        c->cluster = (u32)bytes;
    } else if (strcmp(key, "refcount_bits") == 0) {
        bytes = strtoull(value, NULL, 10);
        if (bytes < 1 || bytes > 64 || bytes & (bytes - 1))
            return img_fail("-o refcount_bits=%s: give a power of two from 1 to 64", value);
        c->refcount_bits = (unsigned)bytes;
    } else if (strcmp(key, "compression_type") == 0) {
        r = choose(key, value, packs, &n);
        c->compression = (u8)n;
    } else if (strcmp(key, "preallocation") == 0) {
        r = choose(key, value, preallocations, &n);
        c->preallocation = (enum block_preallocation)n;
    } else if (strcmp(key, "lazy_refcounts") == 0) {
        r = on_off(key, value, &c->lazy_refcounts);
    } else if (strcmp(key, "extended_l2") == 0) {
        r = on_off(key, value, &c->subclusters);
    } else if (strcmp(key, "backing_file") == 0) {
        c->base = strdup(value);
    } else if (strcmp(key, "backing_fmt") == 0) {
        c->base_format = strdup(value);
    } else if (strcmp(key, "size") == 0) {
        r = img_size(value, &c->size) ? 0 : img_fail("-o size=%s: not a size", value);
    } else {
        r = img_fail("-o %s: there is no such option", key);
    }
    return r;
}

/* What does not go together. */
static int judge(const struct block_create *c)
{
    if (c->version < 3 &&
        (c->lazy_refcounts || c->subclusters || c->compression || c->refcount_bits != 16))
        return img_fail("these options need compat=1.1");
    if (c->subclusters && c->cluster < 16 * KIB)
        return img_fail("-o extended_l2=on: clusters must have 16k at least");
    if (*c->base && c->preallocation && !c->subclusters)
        return img_fail("-o preallocation: not with a backing file");
    return 0;
}

int img_create_options(const char *format, const char *text, struct block_create *c)
{
    char *copy = text ? strdup(text) : NULL, *item, *rest = copy;
    int r = 0;

    while (r == 0 && rest && (item = strsep(&rest, ",")) != NULL) {
        char *value = strchr(item, '=');

        if (!*item)
            continue;
        if (value)
            *value++ = '\0';
        if (!value)
            r = img_fail("-o %s: give %s=VALUE", item, item);
        else if (strcmp(format, "qcow2") != 0 && strcmp(item, "preallocation") != 0 &&
                 strcmp(item, "size") != 0 && strcmp(item, "backing_file") != 0)
            r = img_fail("-o %s: not for images of format %s", item, format);
        else
            r = set(c, item, value);
    }
    free(copy);
    return r == 0 ? judge(c) : r;
}

/* The size of the image that is to lie below; without one, of nothing else. */
static int base_size(const char *path, struct block_create *c, bool check)
{
    char name[4096], err[1024];
    struct block *base;

    if (!block_base_path(path, c->base, name, sizeof(name)))
        return img_fail("the backing file's name is too long");
    base = block_open_as(name, *c->base_format ? c->base_format : NULL, BLOCK_READ_ONLY, err,
                         sizeof(err));
    if (!base)
        return check ? img_fail("%s", err) : 0;
    if (!c->size)
        c->size = base->sectors * BLOCK_SECTOR;
    block_close(base);
    return 0;
}

int img_create(int argc, char **argv)
{
    const char *format = "raw", *options = NULL, *base = NULL, *base_format = NULL, *path;
    bool quiet = false, unsafe = false;
    struct block_create c;
    char err[1024];
    int option;

    img_create_default(&c);
    while ((option = getopt(argc, argv, "f:F:b:o:qu")) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'F': base_format = optarg; break;
        case 'b': base = optarg; break;
        case 'o': options = optarg; break;
        case 'q': quiet = true; break;
        case 'u': unsafe = true; break;
        default: return IMG_FAILED;
        }
    if (argc - optind < 1 || argc - optind > 2)
        return img_fail("create: give a file name, and a size");
    path = argv[optind];
    if (img_create_options(format, options, &c) != 0)
        return IMG_FAILED;
    if (base)
        c.base = base;
    if (base_format)
        c.base_format = base_format;
    if (optind + 1 < argc && !img_size(argv[optind + 1], &c.size))
        return img_fail("'%s' is not a size", argv[optind + 1]);
    if (judge(&c) != 0)
        return IMG_FAILED;
    if (*c.base && strcmp(format, "raw") == 0)
        return img_fail("raw images have no backing file");
    if (*c.base && !*c.base_format && strcmp(format, "qcow2") == 0)
        return img_fail("give the backing file's format (-F)");
    if (*c.base && !(unsafe && c.size) && base_size(path, &c, !unsafe) != 0)
        return IMG_FAILED;
    if (!c.size && optind + 1 == argc && !*c.base)
        return img_fail("create: give a size");
    c.size = (c.size + BLOCK_SECTOR - 1) & ~(u64)(BLOCK_SECTOR - 1);
    if (block_create(path, format, &c, err, sizeof(err)) < 0)
        return img_fail("%s", err);
    if (!quiet)
        printf("Formatting '%s', fmt=%s size=%llu%s%s\n", path, format, (unsigned long long)c.size,
               *c.base ? " backing_file=" : "", c.base);
    return 0;
}
