/* New images. */
#ifndef PAGEWALK_BLOCK_CREATE_H
#define PAGEWALK_BLOCK_CREATE_H

#include "devices/block/file.h"

struct block_create {
    u64 size;                       /* bytes, whole sectors */
    const char *base, *base_format; /* "": none */
    unsigned version;               /* 2 or 3 */
    u32 cluster;                    /* bytes */
    unsigned refcount_bits;
    u8 compression; /* 0: zlib, 1: zstd */
    bool lazy_refcounts, subclusters;
    enum block_preallocation {
        PREALLOCATE_NONE,
        PREALLOCATE_METADATA, /* of all clusters, which are holes */
        PREALLOCATE_FALLOC,   /* the host sets them aside */
        PREALLOCATE_FULL,     /* zeros are written */
    } preallocation;
};

/* A new image of a format, in place of what was there. 0 or -errno with one line in err. */
int block_create(const char *path, const char *format, const struct block_create *create, char *err,
                 size_t err_len);

#endif
