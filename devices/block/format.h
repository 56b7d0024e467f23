/* Formats of disk images: how each is told, and opened where it can be. */
#ifndef PAGEWALK_BLOCK_FORMAT_H
#define PAGEWALK_BLOCK_FORMAT_H

#include "devices/block/block.h"
#include "devices/block/file.h"

/* How an image is to be opened. */
struct block_how {
    const char *format;            /* a name of the table; NULL: what its signature says */
    unsigned flags;                /* BLOCK_* */
    bool probed;                   /* the format was not given, but found */
    const struct block_how *above; /* the image that has this one as its base */
    const struct file *file;       /* this image's, for those below */
};

struct block_format {
    const char *name; /* qemu-img's name for it; the program that unpacks it */
    bool (*probe)(const u8 *head,
                  const u8 *tail); /* tail may be NULL; NULL: raw, which has no signature */
    bool packed;                   /* compressed bytes, which a guest may well want to see */
    /* Takes the file over, unless it fails: NULL with one line in err. NULL: a format that is refused. */
    struct block *(*open)(struct file *file, const struct block_how *how, char *err,
                          size_t err_len);
};

/* The format whose signature is in an image's first BLOCK_SECTOR bytes or in its last ones (NULL: not asked for).
 * NULL: none, it is raw. */
const struct block_format *block_format_find(const u8 *head, const u8 *tail);
/* By name; NULL: there is none. */
const struct block_format *block_format_named(const char *name);

/* Opens an image and what lies below it. NULL with one line in err. */
struct block *block_open_how(const char *path, struct block_how how, char *err, size_t err_len);

/* One line for the user: what `path` is, and how to make a raw image of it. */
void block_format_explain(const struct block_format *format, const char *path, char *err,
                          size_t err_len);

#endif
