/* Raw images, and any other file of which a guest is to see the bytes. */
#ifndef PAGEWALK_BLOCK_RAW_H
#define PAGEWALK_BLOCK_RAW_H

#include "devices/block/format.h"

/* A file whose bytes are the sectors; takes the file over. With how->probed it only looks raw, and a guest may not
 * make another format of it. NULL with one line in err. */
struct block *raw_open(struct file *file, const struct block_how *how, char *err, size_t err_len);
int raw_create(struct file *file, const struct block_create *create, char *err, size_t err_len);
int raw_preallocate(struct block *block, enum block_preallocation how);

#endif
