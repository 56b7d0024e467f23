/* Linux kernels: bzImage and zImage by the 32-bit entry of the x86 boot protocol, 2.00 and up.
 *
 * bzimage_plan() decides everything from the files and the memory map and touches no machine;
 * bzimage_place() carries a plan out, as often as the machine is reset. */
#ifndef PAGEWALK_BZIMAGE_H
#define PAGEWALK_BZIMAGE_H

#include "boot/image.h"
#include "boot/ram.h"

/* Low memory of a started kernel. The parameters are at 0x90000 because kernels before 2.02
 * look for them there and nowhere else; nothing of ours lies in 0x1000-0x8ffff, where zImages
 * are loaded and where old decompressors keep their output. Nothing lies above RAM_LOW_END. */
#define BZIMAGE_PARAMS      0x90000u
#define BZIMAGE_PARAMS_SIZE 0x1000u
#define BZIMAGE_GDT         0x91000u
#define BZIMAGE_STACK       0x92000u /* grows down, towards the GDT */
#define BZIMAGE_CMDLINE     0x92000u
#define BZIMAGE_CMDLINE_MAX (RAM_LOW_END - BZIMAGE_CMDLINE - 1) /* without the terminator */

struct bzimage_plan {
    u16 protocol;
    bool high;      /* a bzImage: loaded at or above 1 MiB */
    u32 load;       /* where the protected-mode code goes, and the entry point */
    const u8 *code; /* inside the image */
    u64 code_len;
    struct ram_span run; /* what the kernel may write before it knows its memory map */
    const u8 *initrd;    /* NULL: none */
    u32 initrd_address, initrd_len;
    const char *cmdline;
    u8 params[BZIMAGE_PARAMS_SIZE];
};

/* Whether the file claims to be a Linux kernel of protocol 2.00 or later. */
bool bzimage_detect(const struct image *image);

/* initrd may be NULL; cmdline may not. The plan points into its arguments. 0, or -EINVAL with one
 * line in err. */
int bzimage_plan(struct bzimage_plan *plan, const struct image *image, const struct image *initrd,
                 const char *cmdline, const struct ram_map *map, char *err, size_t err_len);

void bzimage_place(const struct bzimage_plan *plan, struct phys *phys, struct cpu *cpu);

#endif
