/* Plans and places a multiboot kernel. Section numbers are those of the specification, 0.6.96. */
#include "boot/multiboot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/entry.h"

/* The header. (3.1) */
#define SEARCH_SIZE      8192u
#define HEADER_MAGIC     0x1badb002u
#define HEADER_SIZE      12u
#define HEADER_SIZE_AOUT 32u
#define FLAG_VIDEO       0x00000004u
#define FLAG_REQUIRED    0x0000ffffu
#define FLAG_KNOWN       0x00000007u /* align modules, memory information, video */
#define FLAG_AOUT        0x00010000u

/* The information structure. (3.3) */
#define LOADER_MAGIC    0x2badb002u
#define INFO_SIZE       120u
#define INFO_FLAGS      0u
#define INFO_MEM_LOWER  4u
#define INFO_MEM_UPPER  8u
#define INFO_CMDLINE    16u
#define INFO_MODS_COUNT 20u
#define INFO_MODS_ADDR  24u
#define INFO_MMAP_LEN   44u
#define INFO_MMAP_ADDR  48u
#define INFO_LOADER     64u
#define HAS_MEMORY      0x001u
#define HAS_CMDLINE     0x004u
#define HAS_MODS        0x008u
#define HAS_MMAP        0x040u
#define HAS_LOADER      0x200u
#define MODULE_SIZE     16u
#define MMAP_SIZE       24u

#define STACK_SIZE 0x1000u

/* The block of memory that info describes: stack, GDT, structure, and the rest behind them. */
#define INFO_GDT    0u
#define INFO_STRUCT ENTRY_GDT_SIZE

static int bad(char *err, size_t err_len, const struct image *image, const char *what)
{
    snprintf(err, err_len, "'%s': %s", image->path, what);
    return -EINVAL;
}

/* The header's offset, or -1. It lies within the first 8192 bytes, on a multiple of four. */
static i64 find_header(const struct image *image)
{
    u64 end = image->size < SEARCH_SIZE ? image->size : SEARCH_SIZE;

    for (u64 at = 0; at + HEADER_SIZE <= end; at += 4) {
        const u8 *h = image->data + at;

        if (get32(h) == HEADER_MAGIC && get32(h) + get32(h + 4) + get32(h + 8) == 0)
            return (i64)at;
    }
    return -1;
}

bool multiboot_detect(const struct image *image)
{
    return find_header(image) >= 0;
}

/* The header's own addresses, for kernels in other formats than ELF. (3.1.3) */
static int plan_aout(struct multiboot_plan *plan, u64 header, char *err, size_t err_len)
{
    const struct image *image = plan->image;
    const u8 *h = image->data + header;
    u32 header_addr, load_addr, load_end, bss_end;
    u64 start, len, size;

    if (image->size - header < HEADER_SIZE_AOUT)
        return bad(err, err_len, image, "the multiboot header is cut short");
    header_addr = get32(h + 12);
    load_addr = get32(h + 16);
    load_end = get32(h + 20);
    bss_end = get32(h + 24);
    if (load_addr > header_addr || header_addr - load_addr > header)
        return bad(err, err_len, image, "the multiboot header's load address makes no sense");
    start = header - (header_addr - load_addr);
    len = load_end ? (u64)load_end - load_addr : image->size - start;
    if (load_end && load_end < load_addr)
        return bad(err, err_len, image, "the multiboot header's load end is before its start");
    if (len > image->size - start)
        return bad(err, err_len, image, "the kernel is cut short");
    size = len;
    if (bss_end > load_addr && bss_end - load_addr > size)
        size = bss_end - load_addr;
    if (load_addr + size > 1ull << 32 || size == 0)
        return bad(err, err_len, image, "the multiboot header's addresses make no sense");
    plan->load.segment[0] = (struct elf_segment){load_addr, (u32)size, (u32)len, start};
    plan->load.count = 1;
    plan->load.entry = get32(h + 28);
    if (plan->load.entry - load_addr >= size)
        return bad(err, err_len, image, "the multiboot kernel's entry point is outside of it");
    return 0;
}

/* Adds what of a segment lies in [base, end). */
static bool add_piece(struct elf_plan *load, const struct elf_segment *s, u64 base, u64 end)
{
    u32 skip = (u32)(base - s->address), size = (u32)(end - base);
    u32 file_size = s->file_size > skip ? s->file_size - skip : 0;

    if (load->count == ELF_SEGMENTS)
        return false;
    load->segment[load->count++] = (struct elf_segment){
        .address = (u32)base,
        .size = size,
        .file_size = file_size < size ? file_size : size,
        .file_start = file_size ? s->file_start + skip : 0,
    };
    return true;
}

/* Cuts out of the segments what falls between the end of low memory and 1 MiB, on the display and on
 * ROM: linkers put an ELF file's own headers before its first section, so those of a kernel at 1 MiB
 * come to lie there. The kernel is to have RAM everywhere else, and its entry point in it. */
static int keep_ram(struct multiboot_plan *plan, const struct ram_map *map, char *err,
                    size_t err_len)
{
    struct elf_plan all = plan->load;
    bool entry_found = false;

    plan->load.count = 0;
    for (unsigned i = 0; i < all.count; i++) {
        const struct elf_segment *s = &all.segment[i];
        u64 at = s->address, end = at + s->size;

        while (at < end) {
            u64 stop = ram_end_from(map, at);

            if (stop == at && at >= MIB) {
                snprintf(err, err_len,
                         "'%s': the kernel goes to %#x-%#llx, where the machine has no RAM",
                         plan->image->path, s->address, (unsigned long long)end);
                return -EINVAL;
            }
            if (stop > at) {
                stop = stop < end ? stop : end;
                if (!add_piece(&plan->load, s, at, stop))
                    return bad(err, err_len, plan->image, "more than 32 segments to load");
                entry_found |= all.entry >= at && all.entry < stop;
            } else {
                stop = end < MIB ? end : MIB;
                if (!plan->left_out.end || at < plan->left_out.base)
                    plan->left_out.base = at;
                if (stop > plan->left_out.end)
                    plan->left_out.end = stop;
            }
            at = stop;
        }
    }
    if (!entry_found)
        return bad(err, err_len, plan->image,
                   "the kernel's entry point is below 1 MiB, where the machine has no RAM");
    return 0;
}

static int plan_kernel(struct multiboot_plan *plan, const struct ram_map *map, char *err,
                       size_t err_len)
{
    const struct image *image = plan->image;
    i64 header = find_header(image);
    u32 flags;
    int r;

    if (header < 0)
        return bad(err, err_len, image, "no multiboot header");
    flags = get32(image->data + header + 4);
    if (flags & FLAG_REQUIRED & ~FLAG_KNOWN) {
        snprintf(err, err_len, "'%s': the kernel requires unknown multiboot features (flags %#x)",
                 image->path, flags);
        return -EINVAL;
    }
    plan->wants_video = flags & FLAG_VIDEO;
    r = flags & FLAG_AOUT ? plan_aout(plan, (u64)header, err, err_len)
                          : elf_plan(&plan->load, image, err, err_len);
    return r < 0 ? r : keep_ram(plan, map, err, err_len);
}

/* Modules follow the kernel, in order, each on a page of its own. */
static int plan_modules(struct multiboot_plan *plan, const struct ram_map *map, char *err,
                        size_t err_len)
{
    u64 at = MIB;

    for (unsigned i = 0; i < plan->load.count; i++) {
        u64 end = (u64)plan->load.segment[i].address + plan->load.segment[i].size;

        at = end > at ? end : at;
    }
    for (unsigned i = 0; i < plan->modules; i++) {
        struct multiboot_module *m = &plan->module[i];

        at = (at + PAGE_MASK) & ~(u64)PAGE_MASK;
        if (!ram_covers(map, at, m->image->size)) {
            snprintf(err, err_len,
                     "'%s': no room for this module behind the kernel: give the machine more RAM "
                     "with -m",
                     m->image->path);
            return -EINVAL;
        }
        m->address = (u32)at;
        at += m->image->size;
    }
    return 0;
}

/* Finds room for the information below 1 MiB, or above when the kernel left none there. */
static int place_info(struct multiboot_plan *plan, const struct ram_map *map, char *err,
                      size_t err_len)
{
    struct ram_span taken[ELF_SEGMENTS + MULTIBOOT_MODULES];
    unsigned n = 0;
    u64 at, size = STACK_SIZE + plan->info_len;

    for (unsigned i = 0; i < plan->load.count; i++) {
        const struct elf_segment *s = &plan->load.segment[i];

        taken[n++] = (struct ram_span){s->address, (u64)s->address + s->size};
    }
    for (unsigned i = 0; i < plan->modules; i++) {
        const struct multiboot_module *m = &plan->module[i];

        taken[n++] = (struct ram_span){m->address, m->address + m->image->size};
    }
    /* The first page is the real-mode interrupt table's and the BIOS's. */
    if (ram_place_top(map, size, PAGE_SIZE, RAM_LOW_END - 1, taken, n, &at) &&
        ram_place_top(map, size, MIB, UINT32_MAX, taken, n, &at))
        return bad(err, err_len, plan->image,
                   "no room for the multiboot information: give the "
                   "machine more RAM with -m");
    plan->info_address = (u32)at + STACK_SIZE;
    return 0;
}

/* Appends a string at *at (an offset in info) and returns its guest address. */
static u32 put_string(struct multiboot_plan *plan, u32 *at, const char *a, const char *b)
{
    u32 address = plan->info_address + *at;

    *at += (u32)sprintf((char *)plan->info + *at, "%s%s%s", a, *b ? " " : "", b) + 1;
    return address;
}

static void fill_info(struct multiboot_plan *plan, const char *append, const struct ram_map *map)
{
    u8 *info = plan->info + INFO_STRUCT;
    u32 mods = INFO_STRUCT + INFO_SIZE;
    u32 mmap = mods + plan->modules * MODULE_SIZE;
    u32 strings = mmap + map->count * MMAP_SIZE;

    put32(info + INFO_FLAGS, HAS_MEMORY | HAS_CMDLINE | HAS_MODS | HAS_MMAP | HAS_LOADER);
    put32(info + INFO_MEM_LOWER, (u32)ram_kib_from(map, 0));
    put32(info + INFO_MEM_UPPER, (u32)ram_kib_from(map, MIB));
    put32(info + INFO_MODS_COUNT, plan->modules);
    put32(info + INFO_MODS_ADDR, plan->info_address + mods);
    put32(info + INFO_MMAP_LEN, map->count * MMAP_SIZE);
    put32(info + INFO_MMAP_ADDR, plan->info_address + mmap);
    for (unsigned i = 0; i < map->count; i++) {
        u8 *entry = plan->info + mmap + i * MMAP_SIZE;

        put32(entry, MMAP_SIZE - 4); /* does not count itself */
        put64(entry + 4, map->range[i].base);
        put64(entry + 12, map->range[i].size);
        put32(entry + 20, map->range[i].type);
    }
    put32(info + INFO_LOADER, put_string(plan, &strings, "Pagewalk", ""));
    put32(info + INFO_CMDLINE, put_string(plan, &strings, plan->image->path, append));
    for (unsigned i = 0; i < plan->modules; i++) {
        const struct multiboot_module *m = &plan->module[i];
        u8 *entry = plan->info + mods + i * MODULE_SIZE;

        put32(entry, m->address);
        put32(entry + 4, m->address + (u32)m->image->size);
        put32(entry + 8, put_string(plan, &strings, m->string, ""));
    }
    BUG_ON(strings > plan->info_len);
}

int multiboot_plan(struct multiboot_plan *plan, const struct image *image, const char *append,
                   const struct multiboot_module *module, unsigned modules,
                   const struct ram_map *map, char *err, size_t err_len)
{
    u64 len = INFO_STRUCT + INFO_SIZE + map->count * MMAP_SIZE + sizeof("Pagewalk") +
              strlen(image->path) + strlen(append) + 2;
    int r;

    memset(plan, 0, sizeof(*plan));
    plan->image = image;
    if (modules > MULTIBOOT_MODULES)
        return bad(err, err_len, image, "more than 64 multiboot modules");
    for (unsigned i = 0; i < modules; i++) {
        plan->module[i] = module[i];
        len += MODULE_SIZE + strlen(module[i].string) + 1;
    }
    plan->modules = modules;
    plan->info_len = (u32)len; /* the strings were command-line arguments: far below 4 GiB */
    plan->info = calloc(1, len);
    if (!plan->info)
        return bad(err, err_len, image, strerror(ENOMEM));
    r = plan_kernel(plan, map, err, err_len);
    if (r == 0)
        r = plan_modules(plan, map, err, err_len);
    if (r == 0)
        r = place_info(plan, map, err, err_len);
    if (r == 0)
        fill_info(plan, append, map);
    return r;
}

void multiboot_free(struct multiboot_plan *plan)
{
    free(plan->info);
    plan->info = NULL;
}

static void fill_zero(struct phys *phys, u64 pa, u64 len)
{
    static const u8 zero[PAGE_SIZE];

    while (len) {
        u64 n = len < sizeof(zero) ? len : sizeof(zero);

        phys_write(phys, pa, zero, n);
        pa += n;
        len -= n;
    }
}

void multiboot_place(const struct multiboot_plan *plan, struct phys *phys, struct cpu *cpu)
{
    for (unsigned i = 0; i < plan->load.count; i++) {
        const struct elf_segment *s = &plan->load.segment[i];

        phys_write(phys, s->address, plan->image->data + s->file_start, s->file_size);
        fill_zero(phys, (u64)s->address + s->file_size, s->size - s->file_size);
        log_printf(cpu->log, LOG_boot, "boot: multiboot: segment at %08x-%08llx\n", s->address,
                   (unsigned long long)s->address + s->size);
    }
    for (unsigned i = 0; i < plan->modules; i++) {
        const struct multiboot_module *m = &plan->module[i];

        phys_write(phys, m->address, m->image->data, m->image->size);
        log_printf(cpu->log, LOG_boot, "boot: multiboot: module at %08x: %s\n", m->address,
                   m->string);
    }
    phys_write(phys, plan->info_address, plan->info, plan->info_len);
    entry_flat(cpu, phys, plan->info_address + INFO_GDT, ENTRY_CS_MULTIBOOT, plan->load.entry,
               plan->info_address);
    cpu->r[R_EAX] = LOADER_MAGIC;
    cpu->r[R_EBX] = plan->info_address + INFO_STRUCT;
    log_printf(cpu->log, LOG_boot, "boot: multiboot: information at %08x, entry at %08x\n",
               plan->info_address + INFO_STRUCT, plan->load.entry);
}
