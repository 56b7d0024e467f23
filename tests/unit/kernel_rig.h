/* Linux kernels made up for tests of their loader, of any protocol version. */
#ifndef PAGEWALK_TESTS_KERNEL_RIG_H
#define PAGEWALK_TESTS_KERNEL_RIG_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/bzimage.h"
#include "boot/entry.h"
#include "boot/initrd.h"
#include "boot/setup_header.h"
#include "boot/vidmode.h"

#define SETUP_SECTS 2u
#define CODE_START  ((SETUP_SECTS + 1) * 512)
#define CODE_LEN    0x3000u
#define KERNEL_LEN  (CODE_START + CODE_LEN)

static char err[512];

/* A kernel as the build tools of its protocol version would have made it. */
static inline struct image make_kernel(u16 protocol)
{
    struct image image = {.path = "kernel", .data = calloc(1, KERNEL_LEN), .size = KERNEL_LEN};
    u8 *h = image.data;

    h[HDR_SETUP_SECTS] = SETUP_SECTS;
    put32(h + HDR_SYSSIZE, CODE_LEN / 16);
    put16(h + HDR_BOOT_FLAG, BOOT_FLAG_VALUE);
    h[HDR_JUMP] = JMP_SHORT;
    h[HDR_JUMP + 1] = 0x6a; /* to 0x26c, the end of the header in 2.15 */
    put32(h + HDR_MAGIC, HDR_MAGIC_VALUE);
    put16(h + HDR_VERSION, protocol);
    h[HDR_LOADFLAGS] = LOADED_HIGH | KEEP_SEGMENTS;
    put32(h + HDR_CODE32_START, 0x100000);
    /* Fields that older protocols do not have are filled with what must not be looked at. */
    memset(h + HDR_HEAP_END_PTR, 0xee, 0x26c - HDR_HEAP_END_PTR);
    if (protocol >= 0x203)
        put32(h + HDR_INITRD_MAX, 0x37ffffff);
    if (protocol >= 0x205) {
        put32(h + HDR_ALIGNMENT, 0x200000);
        h[HDR_RELOCATABLE] = 1;
    }
    if (protocol >= 0x206)
        put32(h + HDR_CMDLINE_SIZE, 2047);
    if (protocol >= 0x20a) {
        put64(h + HDR_PREF_ADDRESS, 0x1000000);
        put32(h + HDR_INIT_SIZE, 0x800000);
    }
    for (u32 i = 0; i < CODE_LEN; i++)
        h[CODE_START + i] = (u8)(i * 7 + 1);
    h[CODE_START] = 0xfc;
    return image;
}

static inline struct ram_map ram(u64 mib)
{
    struct ram_map map;

    ram_map_expect(&map, mib * MIB);
    return map;
}

static inline int plan_on(bool bios, struct bzimage_plan *p, const struct image *image,
                          const struct image *initrd, const char *cmdline, u64 mib)
{
    struct ram_map map = ram(mib);

    err[0] = '\0';
    return bzimage_plan(p, image, initrd, cmdline, bios, &map, err, sizeof(err));
}

static inline int plan(struct bzimage_plan *p, const struct image *image,
                       const struct image *initrd, const char *cmdline, u64 mib)
{
    return plan_on(false, p, image, initrd, cmdline, mib);
}

#endif
