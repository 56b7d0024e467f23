/* Copy-on-write images of User-mode Linux, as QEMU had them in 2003. */
#ifndef PAGEWALK_BLOCK_COW_H
#define PAGEWALK_BLOCK_COW_H

#include "devices/block/format.h"

struct block *cow_open(struct file *file, const struct block_how *how, char *err, size_t err_len);
int cow_create(struct file *file, const struct block_create *create, char *err, size_t err_len);

#endif
