/* The image below another one: found by its name, and opened once in a chain. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/block/format.h"

#define CHAIN_MAX 200

bool block_base_path(const char *image, const char *name, char *path, size_t len)
{
    const char *slash = strrchr(image, '/');
    int folder = *name == '/' || !slash ? 0 : (int)(slash + 1 - image);

    return (size_t)snprintf(path, len, "%.*s%s", folder, image, name) < len;
}

/* A name that is no file's: QEMU's "nbd://...", "json:{...}". */
static bool is_protocol(const char *name)
{
    size_t n = strcspn(name, ":/");

    return name[n] == ':';
}

int block_open_base(const char *name, const char *format, const struct block_how *above,
                    struct block **base, char *err, size_t err_len)
{
    unsigned kept = BLOCK_NO_LOCK | BLOCK_NO_SYNC | BLOCK_AS_IT_IS | BLOCK_UPGRADE | BLOCK_DIRECT;
    struct block_how how = {
        .format = *format ? format : NULL, .flags = above->flags & kept, .above = above};
    char path[4096], reason[1024];
    unsigned depth = 0;

    *base = NULL;
    if (above->flags & BLOCK_NO_BASE)
        return 0;
    if (!(above->flags & BLOCK_BASE_RW))
        how.flags |= BLOCK_READ_ONLY;
    if (!(above->flags & BLOCK_READ_ONLY)) /* it may be committed to */
        how.flags |= BLOCK_UPGRADE;
    if (strncmp(name, "file:", 5) == 0)
        name += 5;
    if (is_protocol(name)) {
        snprintf(err, err_len, "'%s': its backing file is '%s', and this version knows files only",
                 above->file->path, name);
        return -ENOTSUP;
    }
    for (const struct block_how *a = above; a; a = a->above)
        depth++;
    if (depth > CHAIN_MAX || !block_base_path(above->file->path, name, path, sizeof(path))) {
        snprintf(err, err_len, "'%s': %s", above->file->path,
                 depth > CHAIN_MAX ? "too many backing files, one below the other"
                                   : "the name of its backing file is too long");
        return -ELOOP;
    }
    *base = block_open_how(path, how, reason, sizeof(reason));
    if (*base)
        return 0;
    snprintf(err, err_len, "'%s': its backing file: %s", above->file->path, reason);
    return -EINVAL;
}
