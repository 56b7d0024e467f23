/* The dispi interface to modes beyond the VGA's, at ports 1ce (index) and 1cf (data): revisions b0c0 to
 * b0c5.
 *
 * Implemented: 4 (planar), 8, 15, 16, 24 and 32 bits a pixel, virtual screens and offsets, banks of 64
 * KiB at 0xa0000, the linear frame buffer (always there, whatever its enable bit), the capabilities, the
 * DAC of eight bits. While a mode is on, resolution and depth cannot be changed. A mode that does not fit
 * into memory does not come on. Ports 1d0 and 1d1 are the data port too, so that it has an even address.
 * Not implemented: EDID (register 0bh).
 * Source: the interface as the specification in Bochs' documentation (vbe_display_api) has it. */
#include "devices/video/vga_regs.h"

#include <string.h>

#define ID_FIRST 0xb0c0
#define ID_LAST  0xb0c5
#define MAX_XRES 2560u
#define MAX_YRES 1600u
#define MAX_BPP  32u

#define PORT_INDEX 0 /* offset from 1ce; the others are data */

static bool depth_valid(unsigned bpp)
{
    return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

/* Bytes a row of `width` pixels; 4 bits a pixel: bytes of one plane. */
static u32 pitch(unsigned bpp, u32 width)
{
    return bpp == 4 ? width / 8 : width * ((bpp + 7) / 8);
}

/* What a row's bytes come from: one plane, or all memory. */
static u32 room(unsigned bpp)
{
    return bpp == 4 ? VGA_MEMORY / 4 : VGA_MEMORY;
}

unsigned vga_vbe_pitch(const struct vga *vga)
{
    return pitch(vga->r.vbe.reg[DISPI_BPP], vga->r.vbe.reg[DISPI_VIRT_WIDTH]);
}

static bool mode_fits(const u16 *reg)
{
    unsigned bpp = reg[DISPI_BPP];
    u32 xres = reg[DISPI_XRES], yres = reg[DISPI_YRES];

    return depth_valid(bpp) && xres && yres && xres <= MAX_XRES && yres <= MAX_YRES &&
           (bpp != 4 || xres % 8 == 0) && pitch(bpp, xres) * yres <= room(bpp);
}

/* Clears what the mode shows. Pages that are zero already are not touched: memory is lazily backed. */
static void clear(struct vga *vga)
{
    const u16 *reg = vga->r.vbe.reg;
    u32 size = pitch(reg[DISPI_BPP], reg[DISPI_XRES]) * reg[DISPI_YRES];

    if (reg[DISPI_BPP] == 4)
        size *= 4;
    vga_collect_dirty(vga);
    for (u32 at = 0; at < size; at += PAGE_SIZE) {
        u32 page = at / PAGE_SIZE;

        if (!(vga->touched[page / 64] >> page % 64 & 1))
            continue;
        memset(vga->memory + at, 0, PAGE_SIZE);
        vga_set_dirty(vga, at, PAGE_SIZE);
    }
}

/* What follows from the resolution and the virtual width. */
static void set_virtual(u16 *reg, u32 width)
{
    unsigned bpp = reg[DISPI_BPP];
    u32 yres = reg[DISPI_YRES];
    u32 height;

    if (width < reg[DISPI_XRES])
        width = reg[DISPI_XRES];
    if (bpp == 4)
        width &= ~7u;
    while (pitch(bpp, width) * yres > room(bpp)) /* at most 2^16 * 4 * MAX_YRES: no overflow */
        width -= 8;
    height = room(bpp) / pitch(bpp, width);
    reg[DISPI_VIRT_WIDTH] = (u16)width;
    reg[DISPI_VIRT_HEIGHT] = (u16)(height > 0xffff ? 0xffff : height);
}

static u16 at_most(u32 value, u32 most)
{
    return (u16)(value < most ? value : most);
}

static void set_offsets(u16 *reg, u32 x, u32 y)
{
    reg[DISPI_X_OFFSET] = at_most(x, reg[DISPI_VIRT_WIDTH] - reg[DISPI_XRES]);
    reg[DISPI_Y_OFFSET] = at_most(y, reg[DISPI_VIRT_HEIGHT] - reg[DISPI_YRES]);
}

static void write_enable(struct vga *vga, u16 value)
{
    u16 *reg = vga->r.vbe.reg;
    bool was_on = vga_vbe_on(vga);

    value &= DISPI_ENABLED | DISPI_GETCAPS | DISPI_8BIT_DAC | DISPI_LFB | DISPI_NOCLEAR;
    if ((value & DISPI_ENABLED) && !was_on) {
        if (mode_fits(reg)) {
            vga_lay_out(vga, false);
            set_virtual(reg, reg[DISPI_XRES]);
            set_offsets(reg, 0, 0);
            if (!(value & DISPI_NOCLEAR))
                clear(vga);
        } else {
            value &= (u16)~DISPI_ENABLED;
        }
    }
    reg[DISPI_ENABLE] = value;
    if (was_on == vga_vbe_on(vga))
        return;
    reg[DISPI_BANK] = 0;
    vga_timing_changed(vga);
    vga_map_update(vga);
}

static void data_write(struct vga *vga, u16 value)
{
    u16 *reg = vga->r.vbe.reg;
    bool on = vga_vbe_on(vga);

    switch (vga->r.vbe.index) {
    case DISPI_ID:
        if (value >= ID_FIRST && value <= ID_LAST)
            reg[DISPI_ID] = value;
        break;
    case DISPI_XRES:
    case DISPI_YRES:
    case DISPI_BPP:
        if (!on)
            reg[vga->r.vbe.index] = value;
        break;
    case DISPI_ENABLE: write_enable(vga, value); break;
    case DISPI_BANK:
        if (value < room(reg[DISPI_BPP]) / (64 * KIB)) {
            reg[DISPI_BANK] = value;
            vga_map_update(vga);
        }
        break;
    case DISPI_VIRT_WIDTH:
        if (on) {
            set_virtual(reg, value);
            set_offsets(reg, reg[DISPI_X_OFFSET], reg[DISPI_Y_OFFSET]);
        }
        break;
    case DISPI_X_OFFSET:
        if (on)
            set_offsets(reg, value, reg[DISPI_Y_OFFSET]);
        break;
    case DISPI_Y_OFFSET:
        if (on)
            set_offsets(reg, reg[DISPI_X_OFFSET], value);
        break;
    }
}

static u16 data_read(const struct vga *vga)
{
    const u16 *reg = vga->r.vbe.reg;
    u16 index = vga->r.vbe.index;

    if (reg[DISPI_ENABLE] & DISPI_GETCAPS) {
        switch (index) {
        case DISPI_XRES: return MAX_XRES;
        case DISPI_YRES: return MAX_YRES;
        case DISPI_BPP: return MAX_BPP;
        }
    }
    return index < DISPI_REGS ? reg[index] : 0;
}

static void vbe_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct vga *vga = opaque;

    (void)size;
    if (offset == PORT_INDEX)
        vga->r.vbe.index = (u16)value;
    else
        data_write(vga, (u16)value);
}

static u32 vbe_read(void *opaque, u16 offset, unsigned size)
{
    struct vga *vga = opaque;

    (void)size;
    return offset == PORT_INDEX ? vga->r.vbe.index : data_read(vga);
}

const struct ioport_ops vga_vbe_ports = {vbe_read, vbe_write, 2};

void vga_vbe_reset(struct vga *vga)
{
    memset(&vga->r.vbe, 0, sizeof(vga->r.vbe));
    vga->r.vbe.reg[DISPI_ID] = ID_LAST;
    vga->r.vbe.reg[DISPI_MEMORY_64K] = VGA_MEMORY / (64 * KIB);
}

void vga_vbe_check(struct vga *vga)
{
    u16 *reg = vga->r.vbe.reg;

    reg[DISPI_MEMORY_64K] = VGA_MEMORY / (64 * KIB);
    if (reg[DISPI_BANK] >= room(reg[DISPI_BPP]) / (64 * KIB))
        reg[DISPI_BANK] = 0;
    if (!vga_vbe_on(vga))
        return;
    if (!mode_fits(reg)) {
        reg[DISPI_ENABLE] &= (u16)~DISPI_ENABLED;
        return;
    }
    set_virtual(reg, reg[DISPI_VIRT_WIDTH]);
    set_offsets(reg, reg[DISPI_X_OFFSET], reg[DISPI_Y_OFFSET]);
}
