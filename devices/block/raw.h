/* The raw back end, as block.c opens it. */
#ifndef PAGEWALK_BLOCK_RAW_H
#define PAGEWALK_BLOCK_RAW_H

#include "devices/block/block.h"

/* A file or block device whose bytes are the sectors. BLOCK_READ_ONLY and BLOCK_RAW count here. NULL with a one-line reason in err. */
struct block *block_open_raw(const char *path, unsigned flags, char *err, size_t err_len);

#endif
