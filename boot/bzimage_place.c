/* Makes a Linux kernel's parameters, and places it. (Linux Documentation/arch/x86/boot.rst and
 * zero-page.rst; "2.10" is a version) */
#include "boot/bzimage.h"

#include <string.h>

#include "boot/entry.h"
#include "boot/setup_header.h"

#define HEAP_END_BIAS    0x200u /* heap_end_ptr does not count the boot sector */
#define SETUP_PARAGRAPHS 0x20u  /* and neither does the setup code's segment */

/* The setup header's copy, with the fields that a loader fills in. */
static void fill_header(struct bzimage_plan *plan, const struct image *image)
{
    u8 *p = plan->params;
    u32 cmdline = plan->cmdline_address - plan->base;

    memcpy(p + HDR_START, image->data + HDR_START, plan->header_end - HDR_START);

    put16(p + HDR_VID_MODE, plan->vid_mode);
    if (plan->protocol < 0x202) {
        put16(p + BP_CL_MAGIC, CL_MAGIC_VALUE);
        put16(p + BP_CL_OFFSET, (u16)cmdline);
    }
    if (plan->protocol < 0x200)
        return;
    p[HDR_TYPE_OF_LOADER] = 0xff; /* no number is assigned to us */
    p[HDR_LOADFLAGS] &= (u8) ~(QUIET_FLAG | KEEP_SEGMENTS);
    if (plan->high || !plan->real_mode) /* setup code moves a zImage there */
        put32(p + HDR_CODE32_START, plan->load);
    put32(p + HDR_RAMDISK_IMAGE, plan->initrd ? plan->initrd_address : 0);
    put32(p + HDR_RAMDISK_SIZE, plan->initrd ? plan->initrd_len : 0);
    if (plan->protocol >= 0x201) {
        put16(p + HDR_HEAP_END_PTR,
              (u16)((plan->real_mode ? plan->stack : cmdline) - HEAP_END_BIAS));
        p[HDR_LOADFLAGS] |= CAN_USE_HEAP;
    }
    if (plan->protocol >= 0x202) {
        put16(p + HDR_EXT_LOADER, 0);
        put32(p + HDR_CMD_LINE_PTR, plan->cmdline_address);
    } else {
        put16(p + HDR_MOVE_SIZE, (u16)(cmdline + strlen(plan->cmdline) + 1));
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

void bzimage_fill_params(struct bzimage_plan *plan, const struct image *image,
                         const struct ram_map *map)
{
    fill_header(plan, image);
    if (!plan->real_mode)
        fill_machine(plan, map);
}

/* The setup code as it is in the file, but for the header. */
static void place_setup(const struct bzimage_plan *plan, struct phys *phys, struct cpu *cpu)
{
    u16 seg = (u16)(plan->base >> 4);

    phys_write(phys, plan->base, plan->setup, plan->setup_len);
    phys_write(phys, plan->base + HDR_START, plan->params + HDR_START,
               plan->header_end - HDR_START);
    if (plan->protocol < 0x202)
        phys_write(phys, plan->base + BP_CL_MAGIC, plan->params + BP_CL_MAGIC, 4);
    entry_real(cpu, phys, seg + SETUP_PARAGRAPHS, 0, seg, (u16)plan->stack);
}

static void place_params(const struct bzimage_plan *plan, struct phys *phys, struct cpu *cpu)
{
    phys_write(phys, plan->base, plan->params, sizeof(plan->params));
    entry_flat(cpu, phys, BZIMAGE_GDT, ENTRY_CS_LINUX, plan->load, plan->stack);
    cpu->r[R_ESI] = plan->base;
}

void bzimage_place(const struct bzimage_plan *plan, struct phys *phys, struct cpu *cpu)
{
    phys_write(phys, plan->load, plan->code, plan->code_len);
    if (plan->initrd)
        phys_write(phys, plan->initrd_address, plan->initrd, plan->initrd_len);
    phys_write(phys, plan->cmdline_address, plan->cmdline, strlen(plan->cmdline) + 1);
    if (plan->real_mode)
        place_setup(plan, phys, cpu);
    else
        place_params(plan, phys, cpu);
    log_printf(cpu->log, LOG_boot,
               "boot: Linux, protocol %u.%02u: %llu bytes at %08x, runs in %08llx-%08llx\n",
               plan->protocol >> 8, plan->protocol & 0xff, (unsigned long long)plan->code_len,
               plan->load, (unsigned long long)plan->run.base, (unsigned long long)plan->run.end);
    log_printf(cpu->log, LOG_boot, "boot: %s at %08x, command line at %08x: %s\n",
               plan->real_mode ? "setup code" : "parameters", plan->base, plan->cmdline_address,
               plan->cmdline);
    if (plan->initrd)
        log_printf(cpu->log, LOG_boot, "boot: initrd: %u bytes at %08x\n", plan->initrd_len,
                   plan->initrd_address);
}
