/* Draws what a monitor on the VGA would show, when asked to: geometry, colours, and the graphics modes.
 *
 * A pixel of the surface is a dot, so 320x200 has 640x400: lines and pixels that the hardware doubles are
 * doubled here. A draw costs little when little changed: registers are compared with those of the last
 * draw (struct vga_look), and lines are drawn again only when memory under them changed.
 *
 * Implemented: planes, chain-4 and mode X, two bits a pixel, 256 colours; rows as banks (CGA); everything
 * of vga_scan.c. Not implemented: blinking in graphics modes, the serializers' slower loads (sequencer
 * register 1, bits 2 and 4), nine dots in graphics modes, the border.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem". */
#include <stdlib.h>
#include <string.h>

#include "devices/video/vga_regs.h"

#define CHARS_MAX 256u

bool vga_shown(const struct vga *vga)
{
    return vga_vbe_on(vga) ||
           (vga->r.seq[SEQ_RESET] == SEQ_RESET_OFF && (vga->r.crtc[CRTC_MODE] & MODE_RUN));
}

/* Else the screen is black, or all border. */
static bool screen_on(const struct vga *vga)
{
    return (vga->r.attr_index & ATTR_DISPLAY) && !(vga->r.seq[SEQ_CLOCKING] & CLOCKING_OFF);
}

static void make_palette(const struct vga *vga, struct vga_palette *palette)
{
    const u8 *attr = vga->r.attr;
    u8 select = attr[ATTR_COLOR_SELECT];

    vga_dac_colors(vga, palette->of256);
    for (unsigned i = 0; i < 16; i++) {
        u8 color = attr[i & attr[ATTR_PLANES]];

        if (attr[ATTR_MODE] & AMODE_P54)
            color = (color & 0x0f) | (u8)((select & 3) << 4);
        palette->of16[i] = palette->of256[color | (select & 0x0c) << 4];
    }
}

static void make_look(struct vga *vga, struct vga_look *look)
{
    const struct vga_regs *r = &vga->r;
    static const u8 of_cursor[] = {CRTC_CURSOR_START, CRTC_CURSOR_END, CRTC_CURSOR_HI,
                                   CRTC_CURSOR_LO,    CRTC_START_HI,   CRTC_START_LO};

    memset(look, 0, sizeof(*look)); /* memcmp() will see the padding */
    memcpy(look->crtc, r->crtc, sizeof(look->crtc));
    for (unsigned i = 0; i < ARRAY_SIZE(of_cursor); i++)
        look->crtc[of_cursor[i]] = 0;
    memcpy(look->attr, r->attr, sizeof(look->attr));
    look->clocking = r->seq[SEQ_CLOCKING];
    look->fonts = r->seq[SEQ_FONTS];
    look->shift = r->gfx[GFX_MODE] & (GMODE_SHIFT | GMODE_SHIFT256);
    look->graphics = r->gfx[GFX_MISC] & GMISC_GRAPHICS;
    memcpy(look->color, r->dac.color, sizeof(look->color));
    look->mask = r->dac.mask;
    memcpy(look->vbe, r->vbe.reg, sizeof(look->vbe));
    look->vbe[DISPI_BANK] = 0;
    look->start = vga_start(vga);
    look->on = screen_on(vga);
    look->chained = vga->chained;
}

void vga_drawn(struct surface *surface, unsigned top, unsigned bottom)
{
    if (surface->dirty_top == surface->dirty_bottom) {
        surface->dirty_top = top;
        surface->dirty_bottom = bottom;
    }
    if (top < surface->dirty_top)
        surface->dirty_top = top;
    if (bottom > surface->dirty_bottom)
        surface->dirty_bottom = bottom;
}

/* False when the host has no memory for it. */
static bool set_size(struct surface *surface, unsigned width, unsigned height)
{
    size_t pixels = (size_t)width * height;

    surface->dirty_top = surface->dirty_bottom = 0;
    surface->resized = surface->width != width || surface->height != height;
    if (pixels > surface->room) {
        u32 *pixel = realloc(surface->pixel, pixels * sizeof(*pixel));

        if (!pixel)
            return false;
        surface->pixel = pixel;
        surface->room = pixels;
    }
    surface->width = width;
    surface->height = height;
    return true;
}

/* Eight bytes, the first for the highest bit: 1 where the bit is set. */
static u64 spread(u8 bits)
{
    u64 each = bits * 0x0101010101010101ull & 0x0102040810204080ull;

    return (each + 0x7f7f7f7f7f7f7f7full) >> 7 & 0x0101010101010101ull;
}

/* A character's eight dots, by the three ways to shift four bytes out. */
static void dots_planar(u8 *dot, u32 data)
{
    u64 dots = spread((u8)data) | spread((u8)(data >> 8)) << 1 | spread((u8)(data >> 16)) << 2 |
               spread((u8)(data >> 24)) << 3;

    put64(dot, dots);
}

static void dots_pairs(u8 *dot, u32 data)
{
    for (unsigned i = 0; i < 8; i++) {
        u32 planes = data >> (i < 4 ? 0 : 8); /* plane 0 then 1; 2 and 3 have the higher bits */
        unsigned at = 6 - 2 * (i & 3);

        dot[i] = (u8)((planes >> at & 3) | (planes >> 16 >> at & 3) << 2);
    }
}

static void dots_nibbles(u8 *dot, u32 data)
{
    for (unsigned i = 0; i < 4; i++, data >>= 8) {
        dot[2 * i] = (u8)data >> 4;
        dot[2 * i + 1] = data & 15;
    }
}

static void dots_bytes(u8 *dot, u32 data)
{
    for (unsigned i = 0; i < 4; i++, data >>= 8)
        dot[2 * i] = dot[2 * i + 1] = (u8)data;
}

static void line_dots(const struct vga *vga, const struct vga_scan *scan, unsigned chars, u8 *dot)
{
    u8 shift = vga->r.gfx[GFX_MODE] & (GMODE_SHIFT | GMODE_SHIFT256);
    bool eight = vga->r.attr[ATTR_MODE] & AMODE_8BIT;

    for (unsigned i = 0; i < chars; i++, dot += 8) {
        u16 address = vga_scan_address(vga, scan->address, i);
        u32 offset = vga_scan_offset(vga, address, scan->row);
        u32 data = get32(vga->memory + vga_index(vga, offset));

        if (shift & GMODE_SHIFT256) {
            if (eight)
                dots_bytes(dot, data);
            else
                dots_nibbles(dot, data);
            continue;
        }
        if (shift)
            dots_pairs(dot, data);
        else
            dots_planar(dot, data);
        if (eight) /* the attribute controller makes a pixel of two dots */
            for (unsigned j = 0; j < 8; j += 2)
                dot[j] = dot[j + 1] = (u8)(dot[j] << 4 | dot[j + 1]);
    }
}

static void draw_line(const struct vga *vga, const struct vga_scan *scan,
                      const struct vga_geometry *g, const struct vga_palette *palette, u32 *pixel)
{
    u8 dots[(CHARS_MAX + 1) * 8];
    const u8 *dot = dots + scan->panning;
    const u32 *colors = vga->r.attr[ATTR_MODE] & AMODE_8BIT ? palette->of256 : palette->of16;
    unsigned count = g->chars * 8;

    line_dots(vga, scan, g->chars + (scan->panning != 0), dots);
    if (g->wide == 1) {
        for (unsigned i = 0; i < count; i++)
            pixel[i] = colors[dot[i]];
    } else {
        for (unsigned i = 0; i < count; i++)
            pixel[2 * i] = pixel[2 * i + 1] = colors[dot[i]];
    }
}

static bool same_line(const struct vga *vga, const struct vga_scan *a, const struct vga_scan *b)
{
    u8 linear = MODE_ROW0 | MODE_ROW1;

    return a->address == b->address && a->panning == b->panning &&
           (a->row == b->row || (vga->r.crtc[CRTC_MODE] & linear) == linear);
}

static void draw_graphics(struct vga *vga, struct surface *surface,
                          const struct vga_palette *palette, bool all)
{
    struct vga_geometry g;
    struct vga_scan scan, before = {0};
    bool drawn = false; /* the line before */
    u32 *pixel = surface->pixel;
    size_t bytes = surface->width * sizeof(*pixel);

    if (!all && !vga->any_dirty)
        return;
    vga_geometry(vga, &g);
    vga_scan_start(vga, &scan);
    for (unsigned line = 0; line < g.lines; line++) {
        if (line && same_line(vga, &scan, &before)) {
            if (drawn)
                memcpy(pixel, pixel - surface->width, bytes);
        } else {
            drawn = all || vga_scan_dirty(vga, &scan, g.chars + (scan.panning != 0));
            if (drawn)
                draw_line(vga, &scan, &g, palette, pixel);
        }
        if (drawn) {
            if (g.repeat == 2)
                memcpy(pixel + surface->width, pixel, bytes);
            vga_drawn(surface, line * g.repeat, (line + 1) * g.repeat);
        }
        pixel += (size_t)surface->width * g.repeat;
        before = scan;
        vga_scan_next(vga, &scan);
    }
}

static void draw_blank(const struct vga *vga, struct surface *surface,
                       const struct vga_palette *palette)
{
    bool border = !(vga->r.seq[SEQ_CLOCKING] & CLOCKING_OFF) && !vga_vbe_on(vga);
    u32 color = border ? palette->of256[vga->r.attr[ATTR_OVERSCAN]] : 0;

    for (size_t i = 0; i < (size_t)surface->width * surface->height; i++)
        surface->pixel[i] = color;
    vga_drawn(surface, 0, surface->height);
}

static void size_of_picture(const struct vga *vga, unsigned *width, unsigned *height)
{
    struct vga_geometry g;

    if (vga_vbe_on(vga)) {
        *width = vga->r.vbe.reg[DISPI_XRES];
        *height = vga->r.vbe.reg[DISPI_YRES];
        return;
    }
    vga_geometry(vga, &g);
    *width = g.chars * g.dots * g.wide;
    *height = g.lines * g.repeat;
}

static void vga_draw(void *opaque, struct surface *surface, bool all)
{
    struct vga *vga = opaque;
    struct vga_palette palette;
    struct vga_look look;
    unsigned width = 0, height = 0;

    vga_collect_dirty(vga);
    if (vga_shown(vga))
        size_of_picture(vga, &width, &height);
    if (!set_size(surface, width, height) || !width) {
        memset(&vga->look, 0, sizeof(vga->look));
        return;
    }
    make_look(vga, &look);
    all |= surface->resized || memcmp(&look, &vga->look, sizeof(look)) != 0;
    vga->look = look;
    make_palette(vga, &palette);
    if (!look.on) {
        if (all)
            draw_blank(vga, surface, &palette);
    } else if (vga_vbe_on(vga)) {
        vga_draw_vbe(vga, surface, &palette, all);
    } else if (vga->r.gfx[GFX_MISC] & GMISC_GRAPHICS) {
        draw_graphics(vga, surface, &palette, all);
    } else {
        vga_draw_text(vga, surface, &palette, all);
    }
    vga_clear_dirty(vga);
}

static void vga_text(void *opaque, struct text_screen *text)
{
    struct vga *vga = opaque;

    text->columns = text->rows = 0;
    text->cursor = false;
    if (vga_shown(vga) && screen_on(vga) && !vga_vbe_on(vga) &&
        !(vga->r.gfx[GFX_MISC] & GMISC_GRAPHICS))
        vga_read_text(vga, text);
}

void vga_display_init(struct vga *vga)
{
    vga->display = (struct display){.draw = vga_draw, .text = vga_text, .opaque = vga};
}
