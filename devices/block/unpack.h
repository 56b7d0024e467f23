/* Compressed images: unpacked when they are opened. */
#ifndef PAGEWALK_BLOCK_UNPACK_H
#define PAGEWALK_BLOCK_UNPACK_H

#include "devices/block/file.h"

/* Whether a file of this name and this format ("gzip", "zstd") is unpacked: disk.img.gz, disk.img.zst. */
bool unpack_wanted(const char *path, const char *format);
/* What is in `packed`, in a scratch file that is gone when it is closed; its path is that of `packed`. Shows progress on
 * a terminal. NULL with one line in err. */
struct file *unpack_file(struct file *packed, const char *format, char *err, size_t err_len);

#endif
