/* Files that Pagewalk writes: checked while something may still be refused, emptied only after. */
#ifndef PAGEWALK_OUTPUT_H
#define PAGEWALK_OUTPUT_H

#include <stdio.h>

#include "mmu/host/base.h"

/* Whether path could be opened for writing; creates and changes nothing. 0, or -errno with one line
 * in err. */
int output_check(const char *path, char *err, size_t err_len);

/* Opens path for writing and empties it. NULL with one line in err. */
FILE *output_open(const char *path, char *err, size_t err_len);
/* The same; a file whose name ends in ".zst" is compressed. */
FILE *output_open_packed(const char *path, char *err, size_t err_len);

#endif
