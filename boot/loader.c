/* Recognises kernels and dispatches to their loaders. Linux comes first: a kernel with both headers
 * is a Linux kernel. */
#include "boot/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/rom.h"
#include "boot/setup_header.h"

static bool has_magic(const struct image *image, const char *magic, size_t len)
{
    return image->size >= len && memcmp(image->data, magic, len) == 0;
}

#define PACKED(name) "packed by " name ": unpack it first (an initrd belongs to -initrd)"

static const struct {
    const char *magic;
    size_t len;
    const char *what;
} packers[] = {
    {"\x1f\x8b", 2, PACKED("gzip")},         {"BZh", 3, PACKED("bzip2")},
    {"\3757zXZ", 5, PACKED("xz")},           {"\x5d\0\0", 3, PACKED("lzma")},
    {"\x28\xb5\x2f\xfd", 4, PACKED("zstd")}, {"\x02\x21\x4c\x18", 4, PACKED("lz4")},
    {"\x04\x22\x4d\x18", 4, PACKED("lz4")},
};

/* Why a file that no loader takes is not a kernel for this machine, as exactly as can be told. */
static const char *why_not_kernel(const struct image *image)
{
    if (elf_detect(image) && image->data[4] == 2)
        return "a 64-bit ELF file without a multiboot header: this machine is a 32-bit PC";
    if (elf_detect(image))
        return "an ELF file without a multiboot header; for Linux, give the bzImage";
    for (size_t i = 0; i < ARRAY_SIZE(packers); i++)
        if (has_magic(image, packers[i].magic, packers[i].len))
            return packers[i].what;
    if (has_magic(image, "MZ", 2))
        return "a DOS or EFI program, not a kernel";
    if (image->size >= 512 && get16(image->data + HDR_BOOT_FLAG) == BOOT_FLAG_VALUE)
        return "a boot sector, or an old kernel that is cut short";
    return "neither a Linux kernel (bzImage) nor a multiboot kernel";
}

static int detect(struct loader *loader, char *err, size_t err_len)
{
    if (bzimage_detect(&loader->kernel)) {
        loader->kind = LOADER_LINUX;
        return 0;
    }
    if (multiboot_detect(&loader->kernel)) {
        loader->kind = LOADER_MULTIBOOT;
        return 0;
    }
    snprintf(err, err_len, "'%s': %s", loader->kernel.path, why_not_kernel(&loader->kernel));
    return -EINVAL;
}

static int read_module(struct loader *loader, const char *path, const char *string, u64 ram_size,
                       char *err, size_t err_len)
{
    struct image *image = &loader->module[loader->modules];
    int r = image_read(image, path, ram_size, err, err_len);

    if (r < 0)
        return r;
    loader->module_info[loader->modules++] = (struct multiboot_module){image, string, 0};
    return 0;
}

/* Multiboot: "file arguments,file arguments"; a comma that is doubled belongs to the text. */
static int read_modules(struct loader *loader, const char *list, u64 ram_size, char *err,
                        size_t err_len)
{
    size_t len = strlen(list) + 1;
    char *string, *path, *out;
    const char *in = list;

    loader->module_text = malloc(2 * len);
    if (!loader->module_text) {
        snprintf(err, err_len, "%s", strerror(ENOMEM));
        return -ENOMEM;
    }
    string = out = loader->module_text;
    path = loader->module_text + len;
    for (;; in++) {
        bool end = *in == '\0' || (*in == ',' && in[1] != ',');
        int r;

        if (!end) {
            in += *in == ',';
            *out++ = *in;
            continue;
        }
        *out++ = '\0';
        if (loader->modules == MULTIBOOT_MODULES) {
            snprintf(err, err_len, "-initrd: more than %u modules", MULTIBOOT_MODULES);
            return -EINVAL;
        }
        string += strspn(string, " ");
        memcpy(path, string, (size_t)(out - string));
        path[strcspn(path, " ")] = '\0';
        r = read_module(loader, path, string, ram_size, err, err_len);
        if (r < 0)
            return r;
        path += out - string;
        string = out;
        if (*in == '\0')
            return 0;
    }
}

static int read_files(struct loader *loader, const char *kernel, const char *initrd,
                      const char *bios, u64 ram_size, char *err, size_t err_len)
{
    int r = 0;

    if (bios) {
        r = image_read(&loader->bios, bios, ROM_MAX, err, err_len);
        if (r == 0)
            r = rom_check(&loader->bios, err, err_len);
    }
    if (r == 0 && kernel) {
        r = image_read(&loader->kernel, kernel, ram_size, err, err_len);
        if (r == 0)
            r = detect(loader, err, err_len);
    }
    if (r == 0 && initrd)
        r = loader->kind == LOADER_LINUX
                ? read_module(loader, initrd, initrd, ram_size, err, err_len)
                : read_modules(loader, initrd, ram_size, err, err_len);
    return r;
}

struct loader *loader_new(const char *kernel, const char *initrd, const char *append,
                          const char *bios, u64 ram_size, char *err, size_t err_len)
{
    struct loader *loader = calloc(1, sizeof(*loader));

    if (!loader) {
        snprintf(err, err_len, "%s", strerror(ENOMEM));
        return NULL;
    }
    loader->append = append ? append : "";
    if (read_files(loader, kernel, initrd, bios, ram_size, err, err_len) < 0) {
        loader_free(loader);
        return NULL;
    }
    return loader;
}

void loader_free(struct loader *loader)
{
    if (!loader)
        return;
    multiboot_free(&loader->multiboot);
    image_free(&loader->kernel);
    image_free(&loader->bios);
    for (unsigned i = 0; i < loader->modules; i++)
        image_free(&loader->module[i]);
    free(loader->module_text);
    free(loader);
}

int loader_plan(struct loader *loader, const struct ram_map *map, char *err, size_t err_len)
{
    switch (loader->kind) {
    case LOADER_NONE: return 0;
    case LOADER_LINUX:
        return bzimage_plan(&loader->linux_plan, &loader->kernel,
                            loader->modules ? &loader->module[0] : NULL, loader->append,
                            !loader->bios.data, map, err, err_len);
    case LOADER_MULTIBOOT:
        multiboot_free(&loader->multiboot);
        return multiboot_plan(&loader->multiboot, &loader->kernel, loader->append,
                              loader->module_info, loader->modules, map, err, err_len);
    }
    BUG("loader kind %d", (int)loader->kind);
}

bool loader_wants_bios_text(const struct loader *loader)
{
    switch (loader->kind) {
    case LOADER_NONE: return true;
    case LOADER_LINUX: /* iPXE, memdisk, vga=ask */
        return loader->linux_plan.real_mode && !strstr(loader->append, "console=ttyS");
    case LOADER_MULTIBOOT: return false;
    }
    BUG("loader kind %d", (int)loader->kind);
}

void loader_place(const struct loader *loader, struct phys *phys, struct cpu *cpu)
{
    switch (loader->kind) {
    case LOADER_NONE: break;
    case LOADER_LINUX: bzimage_place(&loader->linux_plan, phys, cpu); break;
    case LOADER_MULTIBOOT: multiboot_place(&loader->multiboot, phys, cpu); break;
    }
}
