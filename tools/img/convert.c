/* pagewalk-img convert and dd. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/img/img.h"

struct convert {
    struct img_copy copy;
    const char *to_format, *options, *snapshot, *base, *base_format;
    bool no_create;
};

/* Makes the output and opens it. */
static struct block *open_output(struct convert *v, const char *path)
{
    const char *format = v->to_format ? v->to_format : "raw";
    struct block_create create;
    char err[1024];

    img_create_default(&create);
    if (img_create_options(format, v->options, &create) != 0)
        return NULL;
    if (v->base)
        create.base = v->base;
    if (v->base_format)
        create.base_format = v->base_format;
    create.size = v->copy.count * BLOCK_SECTOR;
    v->copy.fresh = !v->no_create && !*create.base;
    if (*create.base)
        v->copy.below = v->copy.from->base;
    if (*create.base && (!*create.base_format || !v->copy.below)) {
        img_fail(v->copy.below ? "give the backing file's format (-F)"
                               : "-B: the source has no backing file");
        return NULL;
    }
    if (v->copy.packed && strcmp(format, "qcow2") != 0) {
        img_fail("-c: only qcow2 images can be compressed");
        return NULL;
    }
    if (!v->no_create && block_create(path, format, &create, err, sizeof(err)) < 0) {
        img_fail("%s", err);
        return NULL;
    }
    return img_open(path, v->no_create ? v->to_format : format, BLOCK_NO_SYNC);
}

static int run(struct convert *v, const char *to)
{
    struct block *out = open_output(v, to);
    int r;

    if (!out)
        return IMG_FAILED;
    v->copy.to = out;
    if (out->sectors < v->copy.count) {
        block_close(out);
        return img_fail("'%s' is smaller than what is to be copied", to);
    }
    r = v->copy.packed ? img_copy_packed(&v->copy) : img_copy(&v->copy);
    if (r == 0)
        r = block_flush(out);
    block_close(out);
    return r < 0 ? img_fail("cannot copy to '%s': %s", to, strerror(-r)) : 0;
}

int img_convert(int argc, char **argv)
{
    struct convert v = {.copy.sparse = 4096};
    const char *format = NULL;
    unsigned flags = BLOCK_READ_ONLY;
    u64 sparse;
    int option, status;

    while ((option = getopt(argc, argv, "f:O:o:cB:F:l:S:npqUt:T:W m:")) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'O': v.to_format = optarg; break;
        case 'o': v.options = optarg; break;
        case 'c': v.copy.packed = true; break;
        case 'B': v.base = optarg; break;
        case 'F': v.base_format = optarg; break;
        case 'l':
            v.snapshot = strncmp(optarg, "snapshot.", 9) == 0 && strchr(optarg, '=')
                             ? strchr(optarg, '=') + 1
                             : optarg;
            break;
        case 'S':
            if (!img_size(optarg, &sparse) || sparse % BLOCK_SECTOR || sparse > MIB)
                return img_fail("-S %s: give a multiple of 512 up to 1M, or 0", optarg);
            v.copy.sparse = (u32)sparse;
            break;
        case 'n': v.no_create = true; break;
        case 'p': v.copy.common.progress = true; break;
        case 'q': v.copy.common.quiet = true; break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        case 't': /* caches, order, requests at a time: as it does these here */
        case 'T':
        case 'W':
        case 'm': break;
        default: return IMG_FAILED;
        }
    if (argc - optind != 2)
        return img_fail("convert: give an input file and an output file");
    if (v.copy.packed && v.base)
        return img_fail("convert: -c and -B do not go together here");
    v.copy.from = img_open_snapshot(argv[optind], format, v.snapshot, flags);
    if (!v.copy.from)
        return IMG_FAILED;
    v.copy.count = v.copy.from->sectors;
    status = run(&v, argv[optind + 1]);
    block_close(v.copy.from);
    return status;
}

/* dd's operands. */
struct operands {
    const char *in, *out;
    u64 bs, count, skip;
};

static int operand(struct operands *o, const char *text)
{
    const char *value = strchr(text, '=');
    size_t n = value ? (size_t)(value - text) : 0;
    bool good = value && value[1];
    u64 *number = NULL;

    if (good)
        value++;
    if (good && strncmp(text, "if=", 3) == 0)
        o->in = value;
    else if (good && strncmp(text, "of=", 3) == 0)
        o->out = value;
    else if (good && n == 2 && strncmp(text, "bs", 2) == 0)
        number = &o->bs;
    else if (good && n == 5 && strncmp(text, "count", 5) == 0)
        number = &o->count;
    else if (good && n == 4 && strncmp(text, "skip", 4) == 0)
        number = &o->skip;
    else
        return img_fail("dd: '%s': there is no such operand", text);
    return number && !img_size(value, number) ? img_fail("dd: '%s': not a number", text) : 0;
}

int img_dd(int argc, char **argv)
{
    struct convert v = {.copy.sparse = 4096};
    struct operands o = {.bs = 512, .count = ~0ull};
    const char *format = NULL;
    unsigned flags = BLOCK_READ_ONLY;
    u64 skip, bytes, all;
    int option, status;

    while ((option = getopt(argc, argv, "f:O:U")) != -1)
        switch (option) {
        case 'f': format = optarg; break;
        case 'O': v.to_format = optarg; break;
        case 'U': flags |= BLOCK_NO_LOCK; break;
        default: return IMG_FAILED;
        }
    for (; optind < argc; optind++)
        if (operand(&o, argv[optind]) != 0)
            return IMG_FAILED;
    if (!o.in || !o.out)
        return img_fail("dd: give if=FILE and of=FILE");
    if (o.bs == 0 || o.bs % BLOCK_SECTOR || o.bs > 1ull << 31)
        return img_fail("dd: bs= must be a multiple of 512");
    v.copy.from = img_open(o.in, format, flags);
    if (!v.copy.from)
        return IMG_FAILED;
    all = v.copy.from->sectors * BLOCK_SECTOR;
    skip = o.skip > all / o.bs ? all : o.skip * o.bs;
    bytes = o.count > (all - skip) / o.bs ? all - skip : o.count * o.bs;
    v.copy.skip = skip / BLOCK_SECTOR;
    v.copy.count = bytes / BLOCK_SECTOR;
    status = v.copy.count ? run(&v, o.out) : img_fail("dd: nothing is to be copied");
    block_close(v.copy.from);
    return status;
}
