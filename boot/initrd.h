/* Where the initial ramdisk of a Linux kernel goes. */
#ifndef PAGEWALK_INITRD_H
#define PAGEWALK_INITRD_H

#include "boot/ram.h"

/* The last address that an initrd may occupy before protocol 2.03 said so itself. (boot.rst,
 * "initrd_addr_max") */
#define INITRD_ADDR_MAX_OLD 0x37ffffffu

/* The memory limit that the command line's last "mem=" sets, in bytes; UINT64_MAX when none does.
 * It is an option to the loader too, since the initrd lies near the end of memory. */
u64 initrd_mem_limit(const char *cmdline);

/* Places size bytes as high as `last` and the map allow, above 1 MiB, on a page of their own, clear
 * of the kernel. 0, or -ENOSPC. */
int initrd_place(const struct ram_map *map, u64 size, u64 last, const struct ram_span *kernel,
                 unsigned kernel_spans, u32 *address);

#endif
