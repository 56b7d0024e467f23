/* New images, and the formats' options for them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/block/format.h"

/* Its header makes it an image; the rest is done by opening it. */
static int fill(const char *path, const struct block_format *format, const struct block_create *c,
                char *err, size_t err_len)
{
    struct block *block =
        block_open_as(path, format->name, BLOCK_NO_BASE | BLOCK_NO_SYNC, err, err_len);
    u64 sectors = c->size / BLOCK_SECTOR;
    int r = 0;

    if (!block)
        return -EINVAL;
    if (block->sectors != sectors)
        r = block_resize(block, sectors);
    if (r == 0 && c->preallocation)
        r = format->preallocate ? format->preallocate(block, c->preallocation) : -ENOTSUP;
    if (r == 0)
        r = block_flush(block);
    if (r < 0)
        snprintf(err, err_len, "cannot make '%s': %s", path, strerror(-r));
    block_close(block);
    return r;
}

int block_create(const char *path, const char *name, const struct block_create *create, char *err,
                 size_t err_len)
{
    const struct block_format *format = block_format_named(name);
    struct file *file;
    int r;

    if (!format || !format->create) {
        snprintf(err, err_len,
                 format ? "no image of format '%s' can be made here" : "there is no format '%s'",
                 name);
        return -EINVAL;
    }
    file = file_create(path, err, err_len);
    if (!file)
        return -EIO;
    r = format->create(file, create, err, err_len);
    file_close(file);
    return r < 0 || create->size == 0 ? r : fill(path, format, create, err, err_len);
}
