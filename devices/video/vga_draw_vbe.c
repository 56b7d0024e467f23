/* Draws the modes of the dispi interface: 4 (planar), 8, 15, 16, 24 and 32 bits a pixel. */
#include "devices/video/vga_regs.h"

/* Five or six bits as eight. */
static u32 widen5(u32 v)
{
    return (v & 31) << 3 | (v & 31) >> 2;
}

static u32 widen6(u32 v)
{
    return (v & 63) << 2 | (v & 63) >> 4;
}

static void row_planar(const u8 *from, unsigned skip, unsigned width, const u32 *colors, u32 *pixel)
{
    for (unsigned i = 0; i < width; i++) {
        u32 planes = get32(from + (i + skip) / 8 * 4) >> (7 - (i + skip) % 8) & 0x01010101;

        pixel[i] = colors[(planes | planes >> 7 | planes >> 14 | planes >> 21) & 15];
    }
}

static void row_packed(unsigned bpp, const u8 *from, unsigned width, const u32 *colors, u32 *pixel)
{
    switch (bpp) {
    case 8:
        for (unsigned i = 0; i < width; i++)
            pixel[i] = colors[from[i]];
        break;
    case 15:
        for (unsigned i = 0; i < width; i++) {
            u32 v = get16(from + 2 * i);

            pixel[i] = widen5(v >> 10) << 16 | widen5(v >> 5) << 8 | widen5(v);
        }
        break;
    case 16:
        for (unsigned i = 0; i < width; i++) {
            u32 v = get16(from + 2 * i);

            pixel[i] = widen5(v >> 11) << 16 | widen6(v >> 5) << 8 | widen5(v);
        }
        break;
    case 24:
        for (unsigned i = 0; i < width; i++)
            pixel[i] = get16(from + 3 * i) | (u32)from[3 * i + 2] << 16;
        break;
    case 32:
        for (unsigned i = 0; i < width; i++)
            pixel[i] = get32(from + 4 * i) & 0xffffff;
        break;
    }
}

void vga_draw_vbe(struct vga *vga, struct surface *surface, const struct vga_palette *palette,
                  bool all)
{
    const u16 *reg = vga->r.vbe.reg;
    unsigned bpp = reg[DISPI_BPP], bytes = (bpp + 7) / 8;
    u32 pitch = vga_vbe_pitch(vga);
    u32 x = reg[DISPI_X_OFFSET], width = surface->width;
    u32 skip = bpp == 4 ? x % 8 : 0;

    if (!all && !vga->any_dirty)
        return;
    for (unsigned row = 0; row < surface->height; row++) {
        u32 at = (reg[DISPI_Y_OFFSET] + row) * pitch;
        u32 len;

        if (bpp == 4) { /* a plane's bytes lie four apart */
            at = (at + x / 8) * 4;
            len = (skip + width + 7) / 8 * 4;
        } else {
            at += x * bytes;
            len = width * bytes;
        }
        if (!all && !vga_is_dirty(vga, at, len))
            continue;
        if (bpp == 4)
            row_planar(vga->memory + at, skip, width, palette->of16,
                       surface->pixel + (size_t)row * width);
        else
            row_packed(bpp, vga->memory + at, width, palette->of256,
                       surface->pixel + (size_t)row * width);
        vga_drawn(surface, row, row + 1);
    }
}
