/* A whole file in memory: kernels, initial ramdisks, modules, ROMs. */
#ifndef PAGEWALK_IMAGE_H
#define PAGEWALK_IMAGE_H

#include "mmu/host/base.h"

struct image {
    const char *path; /* as the user gave it, for messages; not owned */
    u8 *data;         /* never NULL after image_read() */
    u64 size;         /* at least 1 after image_read() */
};

/* Reads the whole file. 0, or -errno with one line in err: missing, unreadable, a directory, empty,
 * or longer than `limit` bytes (-EFBIG; what fits in no guest RAM is not worth reading). */
int image_read(struct image *image, const char *path, u64 limit, char *err, size_t err_len);
void image_free(struct image *image);

#endif
