/* Linux kernels, and what comes in their clothes (iPXE, memdisk, memtest86+): bzImage and zImage by the
 * x86 boot protocol.
 *
 * Over a BIOS a kernel is entered at its 16-bit setup code, as boot loaders do: that asks the BIOS for
 * memory, drives and the screen. Without a BIOS, or without setup code, it is entered at its 32-bit
 * code, and boot_params are made here.
 *
 * bzimage_plan() decides everything from the files and the memory map and touches no machine;
 * bzimage_place() carries a plan out, as often as the machine is reset. */
#ifndef PAGEWALK_BZIMAGE_H
#define PAGEWALK_BZIMAGE_H

#include "boot/image.h"
#include "boot/ram.h"

/* Low memory of a kernel that is entered at its 32-bit code. The parameters are at 0x90000 because
 * kernels before 2.02 look for them there and nowhere else; nothing of ours lies in 0x1000-0x8ffff,
 * where zImages are loaded and where old decompressors keep their output. Nothing lies above
 * RAM_LOW_END. */
#define BZIMAGE_PARAMS      0x90000u
#define BZIMAGE_PARAMS_SIZE 0x1000u
#define BZIMAGE_GDT         0x91000u
#define BZIMAGE_STACK       0x92000u /* grows down, towards the GDT */
#define BZIMAGE_CMDLINE     0x92000u

/* Low memory of one that is entered at its setup code: a segment with the code, the heap behind it, and
 * the stack, which grows down from its end; then the command line. zImages are loaded at 0x10000 and
 * all before 2.02 want their setup code at 0x90000. */
#define BZIMAGE_SETUP         0x10000u
#define BZIMAGE_SETUP_STACK   0xfff0u
#define BZIMAGE_SETUP_CMDLINE 0x20000u
#define ZIMAGE_CODE           0x10000u
#define ZIMAGE_SETUP          0x90000u
#define ZIMAGE_SETUP_STACK    0x9800u
#define ZIMAGE_SETUP_CMDLINE  0x99800u

struct bzimage_plan {
    u16 protocol;    /* 0: before 2.00, a zImage without a header of its own */
    bool high;       /* a bzImage: loaded at or above 1 MiB */
    bool real_mode;  /* enters the setup code */
    const u8 *setup; /* boot sector and setup code, inside the image */
    u32 setup_len;
    u32 header_end; /* offset in the image and in params */
    u32 load;       /* where the protected-mode code goes; without real_mode the entry point */
    const u8 *code; /* inside the image */
    u64 code_len;
    struct ram_span run; /* what the kernel may write before it knows its memory map */
    const u8 *initrd;    /* NULL: none */
    u32 initrd_address, initrd_len;
    const char *cmdline;
    u32 base;  /* of setup, or of params */
    u32 stack; /* its end: an offset in the segment at base; without real_mode an address */
    u32 cmdline_address;
    u16 vid_mode;                   /* real_mode: what "vga=" asks for */
    u8 params[BZIMAGE_PARAMS_SIZE]; /* real_mode: only the header counts */
};

/* Whether the file claims to be a Linux kernel. */
bool bzimage_detect(const struct image *image);

/* initrd may be NULL; cmdline may not. bios: there is one that the setup code can run on. The plan
 * points into its arguments. 0, or -EINVAL with one line in err. */
int bzimage_plan(struct bzimage_plan *plan, const struct image *image, const struct image *initrd,
                 const char *cmdline, bool bios, const struct ram_map *map, char *err,
                 size_t err_len);
/* Part of bzimage_plan(): makes params, when all else is decided. */
void bzimage_fill_params(struct bzimage_plan *plan, const struct image *image,
                         const struct ram_map *map);

void bzimage_place(const struct bzimage_plan *plan, struct phys *phys, struct cpu *cpu);

#endif
