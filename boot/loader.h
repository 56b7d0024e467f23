/* What to boot: reads the files of -kernel, -initrd and -bios, tells what kind of kernel it is, and
 * brings it into the machine at every reset. */
#ifndef PAGEWALK_LOADER_H
#define PAGEWALK_LOADER_H

#include "boot/bzimage.h"
#include "boot/multiboot.h"

enum loader_kind { LOADER_NONE, LOADER_LINUX, LOADER_MULTIBOOT };

struct loader {
    enum loader_kind kind;                  /* LOADER_NONE: the BIOS starts the machine */
    struct image kernel, bios;              /* data is NULL when not given */
    struct image module[MULTIBOOT_MODULES]; /* Linux: the initrd is the first */
    struct multiboot_module module_info[MULTIBOOT_MODULES];
    unsigned modules;
    char *module_text; /* owns the modules' strings and paths */
    const char *append;
    struct bzimage_plan linux_plan;
    struct multiboot_plan multiboot;
};

/* Reads the files; kernel, initrd, append and bios may be NULL, but neither initrd nor append
 * without kernel. Returns NULL with one line in err. */
struct loader *loader_new(const char *kernel, const char *initrd, const char *append,
                          const char *bios, u64 ram_size, char *err, size_t err_len);
void loader_free(struct loader *loader);

/* Plans against a memory map; may be repeated with another. 0, or -EINVAL with one line in err. */
int loader_plan(struct loader *loader, const struct ram_map *map, char *err, size_t err_len);

/* Whether the BIOS's text is of use on a serial console: not when the kernel has that for itself. Asked
 * after a plan. */
bool loader_wants_bios_text(const struct loader *loader);

/* Carries the plan out. LOADER_NONE: the CPU stays at its reset vector. */
void loader_place(const struct loader *loader, struct phys *phys, struct cpu *cpu);

#endif
