/* Formats of disk images other than raw, told by their signatures. */
#ifndef PAGEWALK_BLOCK_FORMAT_H
#define PAGEWALK_BLOCK_FORMAT_H

#include "devices/block/block.h"

struct block_format {
    const char *name; /* qemu-img's name for it; the program that unpacks it */
    bool (*probe)(const u8 *head, const u8 *tail); /* tail may be NULL */
    bool packed; /* compressed bytes, which a guest may well want to see */
};

/* The format whose signature is in an image's first BLOCK_SECTOR bytes or in its last ones (NULL: not asked for).
 * NULL: none, it is raw. */
const struct block_format *block_format_find(const u8 *head, const u8 *tail);

/* One line for the user: what `path` is, and how to make a raw image of it. */
void block_format_explain(const struct block_format *format, const char *path, char *err,
                          size_t err_len);

#endif
