/* Streams that are compressed by zstd on their way to a file. */
#ifndef PAGEWALK_ZST_H
#define PAGEWALK_ZST_H

#include <stdio.h>

#include "mmu/host/base.h"

/* Whether a file of this name is to be compressed: it ends in ".zst". */
bool zst_named(const char *path);

/* A stream into `to`, which it closes with itself. NULL: there is no memory, and `to` is closed. What it holds is
 * complete only when it is closed. */
FILE *zst_stream(FILE *to);

#endif
