/* Plans a Linux kernel's boot. (Linux Documentation/arch/x86/boot.rst; "2.10" is a version)
 *
 * A field is read only when the kernel's protocol version has it. */
#include "boot/bzimage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/initrd.h"
#include "boot/setup_header.h"
#include "boot/vidmode.h"

#define SECTOR          512u
#define PARAGRAPH       16u
#define HIGH_LOAD       0x100000u
#define ZIMAGE_LOW      0x1000u /* zImages are linked to run from here; see zimage_load() */
#define ZIMAGE_END      0x90000u
#define CMDLINE_MAX_OLD 255u
#define STACK_MIN       0x800u /* what a setup code must have between its end and its stack's */
#define JMP_NEAR        0xe9u

static int bad(char *err, size_t err_len, const struct image *image, const char *what)
{
    snprintf(err, err_len, "'%s': %s", image->path, what);
    return -EINVAL;
}

static bool has_header(const struct image *image)
{
    return image->size >= HDR_VERSION + 2 &&
           get16(image->data + HDR_BOOT_FLAG) == BOOT_FLAG_VALUE &&
           get32(image->data + HDR_MAGIC) == HDR_MAGIC_VALUE;
}

static u64 code_start(const struct image *image)
{
    return ((image->data[HDR_SETUP_SECTS] ? image->data[HDR_SETUP_SECTS] : 4) + 1) * SECTOR;
}

/* A zImage of before 1.3.73 differs from any boot sector only by the sizes in it, which are the file's. */
static bool is_old(const struct image *image)
{
    u64 end;

    if (image->size < 2 * SECTOR || get16(image->data + HDR_BOOT_FLAG) != BOOT_FLAG_VALUE)
        return false;
    end = code_start(image) + get16(image->data + HDR_SYSSIZE) * PARAGRAPH;
    return end > code_start(image) && image->size > end - PARAGRAPH && image->size < end + SECTOR;
}

bool bzimage_detect(const struct image *image)
{
    return has_header(image) || is_old(image);
}

/* Finds the protected-mode code behind the boot sector and the setup sectors. */
static int find_code(struct bzimage_plan *plan, const struct image *image, char *err,
                     size_t err_len)
{
    u64 start = code_start(image);
    u64 need;

    if (image->size <= start)
        return bad(err, err_len, image, "the kernel is cut short: its setup code is not all there");
    plan->setup = image->data;
    plan->setup_len = (u32)start;
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
    if (!has_header(image)) {
        if (!is_old(image))
            return bad(err, err_len, image, "not a Linux kernel");
        plan->header_end = HDR_JUMP;
        return find_code(plan, image, err, err_len);
    }
    if (image->size < 2 * SECTOR)
        return bad(err, err_len, image, "the kernel is cut short: its setup code is not all there");
    plan->protocol = get16(image->data + HDR_VERSION);
    if (plan->protocol >> 8 != 2) {
        snprintf(err, err_len, "'%s': Linux boot protocol %u.%02u is not supported, only 2.x is",
                 image->path, plan->protocol >> 8, plan->protocol & 0xff);
        return -EINVAL;
    }
    plan->high = image->data[HDR_LOADFLAGS] & LOADED_HIGH;
    plan->header_end = HDR_LIMIT;
    if (image->data[HDR_JUMP] == JMP_SHORT && HDR_MAGIC + image->data[HDR_JUMP + 1] < HDR_LIMIT)
        plan->header_end = HDR_MAGIC + image->data[HDR_JUMP + 1];
    /* Only kernels that switch to long mode have this entry point. */
    if (plan->protocol >= 0x20c && get16(image->data + HDR_XLOADFLAGS) & XLF_KERNEL_64)
        return bad(err, err_len, image,
                   "a 64-bit kernel (x86-64): this machine is a 32-bit PC, give it an i386 kernel");
    return find_code(plan, image, err, err_len);
}

/* Where setup code or parameters, stack and command line lie. Setup code that is no code, or more than
 * its segment holds, is not entered. */
static void plan_low_memory(struct bzimage_plan *plan, const struct image *image, bool bios)
{
    u8 jump = image->data[HDR_JUMP];

    if (plan->high && plan->protocol >= 0x202) {
        plan->base = BZIMAGE_SETUP;
        plan->stack = BZIMAGE_SETUP_STACK;
        plan->cmdline_address = BZIMAGE_SETUP_CMDLINE;
    } else {
        plan->base = ZIMAGE_SETUP;
        plan->stack = ZIMAGE_SETUP_STACK;
        plan->cmdline_address = ZIMAGE_SETUP_CMDLINE;
    }
    plan->real_mode = bios && (!plan->protocol || jump == JMP_SHORT || jump == JMP_NEAR) &&
                      plan->setup_len + STACK_MIN <= plan->stack;
    if (!plan->real_mode) {
        plan->base = BZIMAGE_PARAMS;
        plan->stack = BZIMAGE_STACK;
        plan->cmdline_address = BZIMAGE_CMDLINE;
    }
}

/* Setup code moves a zImage down to code32_start, 0x1000. Without it the code goes there at once. */
static int zimage_load(struct bzimage_plan *plan, const struct image *image, char *err,
                       size_t err_len)
{
    u32 start = plan->protocol ? get32(image->data + HDR_CODE32_START) : ZIMAGE_LOW;

    if (plan->real_mode)
        start = ZIMAGE_CODE;
    if (start < ZIMAGE_LOW || start >= ZIMAGE_END || plan->code_len > ZIMAGE_END - start)
        return bad(err, err_len, image, "a zImage must fit between 0x1000 and 0x90000");
    plan->load = start;
    plan->run = (struct ram_span){ZIMAGE_LOW, start + plan->code_len};
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

    if (max > RAM_LOW_END - plan->cmdline_address - 1)
        max = RAM_LOW_END - plan->cmdline_address - 1;
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

    if (!plan->protocol)
        return bad(err, err_len, image, "this kernel is too old for an initrd");
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

int bzimage_plan(struct bzimage_plan *plan, const struct image *image, const struct image *initrd,
                 const char *cmdline, bool bios, const struct ram_map *map, char *err,
                 size_t err_len)
{
    int r;

    memset(plan, 0, sizeof(*plan));
    plan->cmdline = cmdline;
    r = read_header(plan, image, err, err_len);
    if (r < 0)
        return r;
    plan_low_memory(plan, image, bios);
    r = plan->high ? bzimage_load(plan, image, err, err_len)
                   : zimage_load(plan, image, err, err_len);
    if (r == 0)
        r = vid_mode_parse(cmdline, &plan->vid_mode, err, err_len);
    if (r == 0)
        r = check_cmdline(plan, image, err, err_len);
    if (r == 0)
        r = check_ram(plan, image, map, err, err_len);
    if (r == 0 && initrd)
        r = plan_initrd(plan, image, initrd, map, err, err_len);
    if (r < 0)
        return r;
    bzimage_fill_params(plan, image, map);
    return 0;
}
