/* Multiboot 1 kernels with their modules. (Multiboot Specification 0.6.96)
 *
 * multiboot_plan() decides everything from the files and the memory map and touches no machine;
 * multiboot_place() carries a plan out, as often as the machine is reset. */
#ifndef PAGEWALK_MULTIBOOT_H
#define PAGEWALK_MULTIBOOT_H

#include "boot/elf.h"
#include "boot/ram.h"

#define MULTIBOOT_MODULES 64

struct multiboot_module {
    const struct image *image;
    const char *string; /* "file arguments", as the kernel gets to see it */
    u32 address;        /* set by the plan */
};

struct multiboot_plan {
    const struct image *image;
    struct elf_plan load; /* the address fields of the header come out as one segment */
    struct multiboot_module module[MULTIBOOT_MODULES];
    unsigned modules;
    struct ram_span left_out; /* of the kernel, below 1 MiB, where no RAM is; end 0: nothing */
    bool wants_video;         /* the header asks for a video mode: there is none */
    u32 info_address;         /* the GDT, the information structure and all that it points to */
    u32 info_len;
    u8 *info; /* owned */
};

bool multiboot_detect(const struct image *image);

/* The modules' images and strings are filled in by the caller. 0, or -EINVAL with one line in err;
 * multiboot_free() in either case. */
int multiboot_plan(struct multiboot_plan *plan, const struct image *image, const char *append,
                   const struct multiboot_module *module, unsigned modules,
                   const struct ram_map *map, char *err, size_t err_len);
void multiboot_free(struct multiboot_plan *plan);

void multiboot_place(const struct multiboot_plan *plan, struct phys *phys, struct cpu *cpu);

#endif
