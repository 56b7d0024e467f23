/* Formats of disk images: how each is told, and opened where it can be. */
#ifndef PAGEWALK_BLOCK_FORMAT_H
#define PAGEWALK_BLOCK_FORMAT_H

#include "devices/block/block.h"
#include "devices/block/create.h"
#include "devices/block/file.h"

/* How an image is to be opened. */
struct block_how {
    const char *format;   /* a name of the table; NULL: what its signature says */
    unsigned flags;       /* BLOCK_* */
    const char *snapshot; /* an internal one, by ID or name, read-only; NULL: the disk as it is */
    bool probed;          /* the format was not given, but found */
    const struct block_how *above; /* the image that has this one as its base */
    const struct file *file;       /* this image's, for those below */
};

struct block_format {
    const char *name; /* qemu-img's name for it; the program that unpacks it */
    bool (*probe)(const u8 *head, const u8 *tail); /* tail may be NULL; NULL: it has no signature */
    bool packed; /* compressed bytes, which a guest may well want to see */
    /* Takes the file over, unless it fails: NULL with one line in err. NULL: a format that is refused. */
    struct block *(*open)(struct file *file, const struct block_how *how, char *err,
                          size_t err_len);
    /* A new image, empty as far as its header goes. 0 or -errno with one line in err. NULL: none can be made. */
    int (*create)(struct file *file, const struct block_create *create, char *err, size_t err_len);
    int (*preallocate)(struct block *block, enum block_preallocation how);
};

/* The format whose signature is in an image's first BLOCK_SECTOR bytes or in its last ones (NULL: not asked for).
 * NULL: none, it is raw. */
const struct block_format *block_format_find(const u8 *head, const u8 *tail);
/* By name; NULL: there is none. */
const struct block_format *block_format_named(const char *name);

/* Opens an image and what lies below it. NULL with one line in err. */
struct block *block_open_how(const char *path, struct block_how how, char *err, size_t err_len);

/* The image below the one that is being opened, by what the header of that says. 0 or -errno with one line in err. */
int block_open_base(const char *name, const char *format, const struct block_how *above,
                    struct block **base, char *err, size_t err_len);
/* Where a base is: names that are not absolute are relative to the image's folder. false: too long. */
bool block_base_path(const char *image, const char *name, char *path, size_t len);

/* One line for the user: what `path` is, and how to make a raw image of it. */
void block_format_explain(const struct block_format *format, const char *path, char *err,
                          size_t err_len);

#endif
