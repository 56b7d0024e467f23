/* Plans and places a Linux kernel. (Linux Documentation/arch/x86/boot.rst; "2.10" is a version)
 *
 * A field is read only when the kernel's protocol version has it. The 16-bit setup code is not run:
 * what it would have found out with BIOS calls goes into boot_params here. */
#include "boot/bzimage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/entry.h"
#include "boot/initrd.h"
#include "boot/setup_header.h"

#define SECTOR          512u
#define PARAGRAPH       16u
#define HIGH_LOAD       0x100000u
#define ZIMAGE_LOW      0x1000u /* zImages are linked to run from here; see zimage_load() */
#define ZIMAGE_END      0x90000u
#define CMDLINE_MAX_OLD 255u
#define HEAP_END        (BZIMAGE_CMDLINE - BZIMAGE_PARAMS)

static int bad(char *err, size_t err_len, const struct image *image, const char *what)
{
    snprintf(err, err_len, "'%s': %s", image->path, what);
    return -EINVAL;
}

bool bzimage_detect(const struct image *image)
{
    return image->size >= HDR_VERSION + 2 &&
           get16(image->data + HDR_BOOT_FLAG) == BOOT_FLAG_VALUE &&
           get32(image->data + HDR_MAGIC) == HDR_MAGIC_VALUE;
}

/* Finds the protected-mode code behind the boot sector and the setup sectors. */
static int find_code(struct bzimage_plan *plan, const struct image *image, char *err,
                     size_t err_len)
{
    u64 sects = image->data[HDR_SETUP_SECTS] ? image->data[HDR_SETUP_SECTS] : 4;
    u64 start = (sects + 1) * SECTOR;
    u64 need;

    if (image->size <= start)
        return bad(err, err_len, image, "the kernel is cut short: its setup code is not all there");
    plan->code = image->data + start;
    plan->code_len = image->size - start;
    /* Before 2.04 syssize has 16 bits, too few for any bzImage. */
    if (plan->protocol >= 0x204)
        need = (u64)get32(image->data + HDR_SYSSIZE) * PARAGRAPH;
    else
        need = plan->high ? 0 : (u64)get16(image->data + HDR_SYSSIZE) * PARAGRAPH;
    /* Rounded up: the last paragraph need not be whole (memtest86+ 6). */
    if (plan->code_len + PARAGRAPH - 1 < need) {
        snprintf(err, err_len, "'%s': the kernel is cut short: %llu bytes of %llu are there",
                 image->path, (unsigned long long)image->size, (unsigned long long)(start + need));
        return -EINVAL;
    }
    return 0;
}

static int read_header(struct bzimage_plan *plan, const struct image *image, char *err,
                       size_t err_len)
{
    if (!bzimage_detect(image))
        return bad(err, err_len, image, "not a Linux kernel of boot protocol 2.00 or later");
    if (image->size < 2 * SECTOR)
        return bad(err, err_len, image, "the kernel is cut short: its setup code is not all there");
    plan->protocol = get16(image->data + HDR_VERSION);
    if (plan->protocol >> 8 != 2) {
        snprintf(err, err_len, "'%s': Linux boot protocol %u.%02u is not supported, only 2.x is",
                 image->path, plan->protocol >> 8, plan->protocol & 0xff);
        return -EINVAL;
    }
    plan->high = image->data[HDR_LOADFLAGS] & LOADED_HIGH;
    return find_code(plan, image, err, err_len);
}

/* A zImage is brought to 0x10000 by a BIOS loader, and its setup code then moves it down to
 * code32_start, 0x1000. Without the setup code it goes there at once. */
static int zimage_load(struct bzimage_plan *plan, const struct image *image, char *err,
                       size_t err_len)
{
    u32 start = get32(image->data + HDR_CODE32_START);

    if (start < ZIMAGE_LOW || start >= ZIMAGE_END || plan->code_len > ZIMAGE_END - start)
        return bad(err, err_len, image, "a zImage must fit between 0x1000 and 0x90000");
    plan->load = start;
    plan->run = (struct ram_span){start, start + plan->code_len};
    return 0;
}

/* Where a bzImage is loaded: at 1 MiB, or, when it can be anywhere, where it would like to be. From
 * 2.10 on the header tells how much memory from its run-time address on it will overwrite. */
static int bzimage_load(struct bzimage_plan *plan, const struct image *image, char *err,
                        size_t err_len)
{
    const u8 *h = image->data;
    u64 preferred = plan->protocol >= 0x20a ? get64(h + HDR_PREF_ADDRESS) : 0;
    u64 init_size = plan->protocol >= 0x20a ? get32(h + HDR_INIT_SIZE) : 0;
    bool relocatable = plan->protocol >= 0x205 && h[HDR_RELOCATABLE];
    u64 load = HIGH_LOAD, start;

    if (preferred && preferred < HIGH_LOAD)
        return bad(err, err_len, image, "the kernel's preferred address is below 1 MiB");
    if (preferred > UINT32_MAX)
        return bad(err, err_len, image, "the kernel's preferred address is above 4 GiB");
    if (relocatable) {
        u64 align = get32(h + HDR_ALIGNMENT);

        if (align == 0 || align & (align - 1))
            return bad(err, err_len, image, "the kernel's alignment is not a power of two");
        if (preferred)
            load = preferred;
        load = (load + align - 1) & ~(align - 1);
        start = load;
    } else {
        /* It moves itself to the preferred address. */
        start = preferred ? preferred : load;
    }
    if (load > UINT32_MAX)
        return bad(err, err_len, image, "the kernel's load address is above 4 GiB");
    plan->load = (u32)load;
    /* Older kernels do not say what they need: their image at least. */
    plan->run = (struct ram_span){start, start + (init_size ? init_size : plan->code_len)};
    return 0;
}

static int check_ram(const struct bzimage_plan *plan, const struct image *image,
                     const struct ram_map *map, char *err, size_t err_len)
{
    u64 end = plan->load + plan->code_len;

    if (ram_covers(map, plan->load, plan->code_len) &&
        ram_covers(map, plan->run.base, plan->run.end - plan->run.base))
        return 0;
    if (plan->run.end > end)
        end = plan->run.end;
    snprintf(err, err_len,
             "'%s': the kernel needs RAM up to %llu MiB to start: give the machine more with -m",
             image->path, (unsigned long long)((end + MIB - 1) / MIB));
    return -EINVAL;
}

static int check_cmdline(const struct bzimage_plan *plan, const struct image *image, char *err,
                         size_t err_len)
{
    u64 max = plan->protocol >= 0x206 ? get32(image->data + HDR_CMDLINE_SIZE) : CMDLINE_MAX_OLD;
    size_t len = strlen(plan->cmdline);

    if (max > BZIMAGE_CMDLINE_MAX)
        max = BZIMAGE_CMDLINE_MAX;
    if (len <= max)
        return 0;
    snprintf(err, err_len, "-append: %zu characters, and this kernel takes at most %llu", len,
             (unsigned long long)max);
    return -EINVAL;
}

static int plan_initrd(struct bzimage_plan *plan, const struct image *image,
                       const struct image *initrd, const struct ram_map *map, char *err,
                       size_t err_len)
{
    u64 last = plan->protocol >= 0x203 ? get32(image->data + HDR_INITRD_MAX) : INITRD_ADDR_MAX_OLD;
    u64 limit = initrd_mem_limit(plan->cmdline);
    struct ram_span kernel[] = {plan->run, {plan->load, plan->load + plan->code_len}};

    if (limit - 1 < last)
        last = limit - 1;
    if (initrd_place(map, initrd->size, last, kernel, ARRAY_SIZE(kernel), &plan->initrd_address)) {
        snprintf(err, err_len,
                 "'%s': no room for an initrd of %llu KiB beside the kernel: give the machine more "
                 "RAM with -m",
                 initrd->path, (unsigned long long)((initrd->size + KIB - 1) / KIB));
        return -EINVAL;
    }
    plan->initrd = initrd->data;
    plan->initrd_len = (u32)initrd->size;
    return 0;
}

/* The setup header's copy, with the fields that a loader fills in. */
static void fill_header(struct bzimage_plan *plan, const struct image *image)
{
    u8 *p = plan->params;
    u32 end = HDR_LIMIT;

    if (image->data[HDR_JUMP] == JMP_SHORT && HDR_MAGIC + image->data[HDR_JUMP + 1] < HDR_LIMIT)
        end = HDR_MAGIC + image->data[HDR_JUMP + 1];
    memcpy(p + HDR_START, image->data + HDR_START, end - HDR_START);

    put16(p + HDR_VID_MODE, 0xffff); /* "normal" */
    p[HDR_TYPE_OF_LOADER] = 0xff;    /* no number is assigned to us */
    p[HDR_LOADFLAGS] &= (u8) ~(QUIET_FLAG | KEEP_SEGMENTS);
    put32(p + HDR_CODE32_START, plan->load);
    put32(p + HDR_RAMDISK_IMAGE, plan->initrd ? plan->initrd_address : 0);
    put32(p + HDR_RAMDISK_SIZE, plan->initrd ? plan->initrd_len : 0);
    if (plan->protocol >= 0x201) {
        put16(p + HDR_HEAP_END_PTR, HEAP_END - 0x200);
        p[HDR_LOADFLAGS] |= CAN_USE_HEAP;
    }
    if (plan->protocol >= 0x202) {
        put16(p + HDR_EXT_LOADER, 0);
        put32(p + HDR_CMD_LINE_PTR, BZIMAGE_CMDLINE);
    } else {
        put16(p + BP_CL_MAGIC, CL_MAGIC_VALUE);
        put16(p + BP_CL_OFFSET, BZIMAGE_CMDLINE - BZIMAGE_PARAMS);
    }
    if (plan->protocol >= 0x207)
        memset(p + HDR_SUBARCH, 0, 12); /* an ordinary PC */
    if (plan->protocol >= 0x209)
        put64(p + HDR_SETUP_DATA, 0);
}

/* What the setup code would have asked the BIOS: screen and memory. The screen is described as a
 * VGA in 80x25 text mode; a kernel looks for the adapter itself before it uses one. */
static void fill_machine(struct bzimage_plan *plan, const struct ram_map *map)
{
    u8 *p = plan->params;
    u64 extended = ram_kib_from(map, MIB);

    put16(p + BP_EXT_MEM_K, extended < 0xffff ? (u16)extended : 0xffff); /* INT 15h AH=88h */
    put32(p + BP_ALT_MEM_K, (u32)extended);                              /* INT 15h AX=E801h */
    p[BP_VIDEO_MODE] = 3;
    p[BP_VIDEO_COLS] = 80;
    p[BP_VIDEO_LINES] = 25;
    p[BP_VIDEO_IS_VGA] = 1;
    put16(p + BP_VIDEO_EGA_BX, 3); /* INT 10h AH=12h BL=10h: colour, 256 KiB */
    put16(p + BP_VIDEO_POINTS, 16);

    p[BP_E820_ENTRIES] = (u8)map->count;
    for (unsigned i = 0; i < map->count; i++) {
        u8 *entry = p + BP_E820_TABLE + i * BP_E820_ENTRY;

        put64(entry, map->range[i].base);
        put64(entry + 8, map->range[i].size);
        put32(entry + 16, map->range[i].type);
    }
}

int bzimage_plan(struct bzimage_plan *plan, const struct image *image, const struct image *initrd,
                 const char *cmdline, const struct ram_map *map, char *err, size_t err_len)
{
    int r;

    memset(plan, 0, sizeof(*plan));
    plan->cmdline = cmdline;
    r = read_header(plan, image, err, err_len);
    if (r == 0)
        r = plan->high ? bzimage_load(plan, image, err, err_len)
                       : zimage_load(plan, image, err, err_len);
    if (r == 0)
        r = check_cmdline(plan, image, err, err_len);
    if (r == 0)
        r = check_ram(plan, image, map, err, err_len);
    if (r == 0 && initrd)
        r = plan_initrd(plan, image, initrd, map, err, err_len);
    if (r < 0)
        return r;
    fill_header(plan, image);
    fill_machine(plan, map);
    return 0;
}

void bzimage_place(const struct bzimage_plan *plan, struct phys *phys, struct cpu *cpu)
{
    phys_write(phys, plan->load, plan->code, plan->code_len);
    if (plan->initrd)
        phys_write(phys, plan->initrd_address, plan->initrd, plan->initrd_len);
    phys_write(phys, BZIMAGE_CMDLINE, plan->cmdline, strlen(plan->cmdline) + 1);
    phys_write(phys, BZIMAGE_PARAMS, plan->params, sizeof(plan->params));
    entry_flat(cpu, phys, BZIMAGE_GDT, plan->load, BZIMAGE_STACK);
    cpu->r[R_ESI] = BZIMAGE_PARAMS;
    log_printf(cpu->log, LOG_boot,
               "boot: Linux, protocol %u.%02u: %llu bytes at %08x, runs in %08llx-%08llx\n",
               plan->protocol >> 8, plan->protocol & 0xff, (unsigned long long)plan->code_len,
               plan->load, (unsigned long long)plan->run.base, (unsigned long long)plan->run.end);
    log_printf(cpu->log, LOG_boot, "boot: parameters at %08x, command line at %08x: %s\n",
               BZIMAGE_PARAMS, BZIMAGE_CMDLINE, plan->cmdline);
    if (plan->initrd)
        log_printf(cpu->log, LOG_boot, "boot: initrd: %u bytes at %08x\n", plan->initrd_len,
                   plan->initrd_address);
}
