/* Opening an image: its file, its format, and a scratch file over it for -snapshot. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/block/cd.h"
#include "devices/block/fat.h"
#include "devices/block/format.h"
#include "devices/block/unpack.h"

/* Reads the file's first and last sector, and finds the format that they tell. */
static int probe(struct file *file, const struct block_format **format)
{
    u64 last = file->size > BLOCK_SECTOR ? file->size - BLOCK_SECTOR : 0;
    u8 head[BLOCK_SECTOR], tail[BLOCK_SECTOR];
    int r = file_read(file, 0, head, sizeof(head));

    if (r == 0)
        r = file_read(file, last, tail, sizeof(tail));
    if (r == 0)
        *format = block_format_find(head, tail);
    return r;
}

static struct block *open_file(struct file *file, struct block_how *how, char *err, size_t err_len);

/* What is in it takes its place; what is written to that is gone in the end. */
static struct block *open_packed(struct file *file, struct block_how how, const char *packed,
                                 char *err, size_t err_len)
{
    struct file *unpacked = unpack_file(file, packed, err, err_len);
    struct block *block;

    if (!unpacked)
        return NULL;
    unpacked->origin = file_stamp(file);
    unpacked->read_only = how.flags & BLOCK_READ_ONLY;
    how.flags &= ~BLOCK_UNPACK;
    block = open_file(unpacked, &how, err, err_len);
    if (!block) {
        file_close(unpacked);
        return NULL;
    }
    file_close(file);
    block->unpacked = packed;
    return block;
}

static struct block *open_file(struct file *file, struct block_how *how, char *err, size_t err_len)
{
    const struct block_format *format = how->format ? block_format_named(how->format) : NULL;
    const struct block_format *found = NULL;
    struct block *block;
    int r;

    if (how->format && !format) {
        snprintf(err, err_len, "'%s': there is no format '%s'", file->path, how->format);
        return NULL;
    }
    if (!format) {
        how->probed = true;
        r = probe(file, &found);
        if (r < 0) {
            snprintf(err, err_len, "cannot read disk image '%s': %s", file->path, strerror(-r));
            return NULL;
        }
        format = found && !found->packed ? found : block_format_named("raw");
    }
    if (found && found->packed && !how->above && how->flags & BLOCK_UNPACK &&
        unpack_wanted(file->path, found->name))
        return open_packed(file, *how, found->name, err, err_len);
    if (!format->open) {
        block_format_explain(format, file->path, err, err_len);
        return NULL;
    }
    how->file = file;
    block = format->open(file, how, err, err_len);
    if (!block)
        return NULL;
    block->file = file;
    block->path = file->path;
    block->format = format->name;
    block->read_only = block->read_only || file->read_only;
    block->packed = found && found->packed ? found->name : NULL;
    return block;
}

/* Whether a file is one of those that lie above it. */
static bool is_loop(const struct file *file, const struct block_how *how)
{
    for (const struct block_how *above = how->above; above; above = above->above)
        if (above->file->dev == file->dev && above->file->ino == file->ino)
            return true;
    return false;
}

/* What an image says, the name of its base for one, may be any bytes: the reason stays one line. */
static void one_line(char *err)
{
    for (; *err; err++)
        if ((unsigned char)*err < ' ' || *err == 0x7f)
            *err = '?';
}

/* A folder's contents on a disk of their own; with rw: the guest may write to that, and the folder stays as it is. */
static struct block *open_folder(const char *folder, struct block_how how, char *err,
                                 size_t err_len)
{
    bool writable = strncmp(folder, "rw:", 3) == 0;
    struct file *file = fat_file(folder + (writable ? 3 : 0), err, err_len);
    struct block *block;

    if (!file)
        return NULL;
    file->read_only = !writable || how.flags & BLOCK_READ_ONLY;
    how.format = "raw";
    block = open_file(file, &how, err, err_len);
    if (block)
        block->unpacked = "fat";
    else
        file_close(file);
    return block;
}

struct block *block_open_how(const char *path, struct block_how how, char *err, size_t err_len)
{
    size_t prefix = strlen(FAT_PREFIX);
    struct block *block = NULL;
    struct file *file;

    if (!how.above && strncmp(path, FAT_PREFIX, prefix) == 0)
        return open_folder(path + prefix, how, err, err_len);
    if (!how.format && how.flags & BLOCK_DISC && cue_is_name(path))
        how.format = "cue";
    file = file_open(path, how.flags, err, err_len);
    if (!file)
        return NULL;
    if (is_loop(file, &how))
        snprintf(err, err_len, "'%s' is its own backing file", path);
    else
        block = open_file(file, &how, err, err_len);
    if (!block) {
        one_line(err);
        file_close(file);
    }
    return block;
}

struct block *block_open_as(const char *path, const char *format, unsigned flags, char *err,
                            size_t err_len)
{
    /* Under a snapshot the image itself is only read, so that several may share it. */
    unsigned read_only = flags & BLOCK_SNAPSHOT ? BLOCK_READ_ONLY | BLOCK_UPGRADE : 0;
    struct block_how how = {.format = flags & BLOCK_RAW ? "raw" : format,
                            .flags = flags | read_only | BLOCK_UNPACK};
    struct block *block = block_open_how(path, how, err, err_len);

    if (!block || !(flags & BLOCK_SNAPSHOT) || flags & BLOCK_READ_ONLY)
        return block;
    return block_snapshot(block, err, err_len);
}

struct block *block_open(const char *path, unsigned flags, char *err, size_t err_len)
{
    return block_open_as(path, NULL, flags, err, err_len);
}
