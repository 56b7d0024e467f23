/* ELF32 executables for i386, as multiboot kernels are: what goes where, by physical address. */
#ifndef PAGEWALK_ELF_H
#define PAGEWALK_ELF_H

#include "boot/image.h"

#define ELF_SEGMENTS 32

struct elf_segment {
    u32 address;    /* physical */
    u32 size;       /* in memory; what the file does not have is zero */
    u32 file_size;  /* at most size */
    u64 file_start; /* offset in the image; [file_start, +file_size) lies inside it */
};

struct elf_plan {
    struct elf_segment segment[ELF_SEGMENTS];
    unsigned count; /* at least 1; empty segments are left out */
    u32 entry;      /* physical */
};

bool elf_detect(const struct image *image);

/* 0, or -EINVAL with one line in err. */
int elf_plan(struct elf_plan *plan, const struct image *image, char *err, size_t err_len);

#endif
