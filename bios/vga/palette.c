/* The default colours of each mode, and int 10h AH=0Bh: border and palette as a CGA has them.
 *
 * Sources: IBM VGA XGA Technical Reference ("color palettes"); the 256 colours of mode 13h: 16 of a
 * CGA, 16 greys, and three brightnesses of three saturations of 24 hues. */
#include "bios/vga/palette.h"

struct color dac_get(u8 index)
{
    struct color c;
    out8(PORT_DAC_READ, index);
    c.red = in8(PORT_DAC_DATA);
    c.green = in8(PORT_DAC_DATA);
    c.blue = in8(PORT_DAC_DATA);
    return c;
}

static void dac_next(struct color c)
{
    out8(PORT_DAC_DATA, c.red);
    out8(PORT_DAC_DATA, c.green);
    out8(PORT_DAC_DATA, c.blue);
}

void dac_set(u8 index, struct color c)
{
    out8(PORT_DAC_WRITE, index);
    dac_next(c);
}

/* Luminance as a monochrome display would show it: 30 % red, 59 % green, 11 % blue. */
static struct color grey_of(struct color c)
{
    u8 y = (u8)((c.red * 77u + c.green * 151u + c.blue * 28u + 128) >> 8);
    return (struct color){y, y, y};
}

/* Bits rgbRGB: the EGA's 64 colours, two thirds for a capital, one third for a small letter. */
static struct color color64(u8 i)
{
    return (struct color){
        (u8)((i & 4 ? 0x2a : 0) + (i & 0x20 ? 0x15 : 0)),
        (u8)((i & 2 ? 0x2a : 0) + (i & 0x10 ? 0x15 : 0)),
        (u8)((i & 1 ? 0x2a : 0) + (i & 0x08 ? 0x15 : 0)),
    };
}

struct color palette_color16(u8 i)
{
    if (i == 6)
        return color64(0x14); /* brown rather than dark yellow */
    return color64((u8)((i & 7) | (i & 8 ? 0x38 : 0)));
}

/* The 24 hues go from blue over red and green back to blue: one component rises from low to high in
 * four steps, then another falls. */
static void hues(ROM u8 level[5])
{
    /* Which component moves (0 red, 1 green, 2 blue) in each of the six stretches; it rises first.
     * */
    static ROM_DATA u8 moves[6] = {0, 2, 1, 0, 2, 1};
    u8 c[3] = {level[0], level[0], level[4]};

    for (u8 stretch = 0; stretch < 6; stretch++) {
        for (u8 step = 0; step < 4; step++) {
            dac_next((struct color){c[0], c[1], c[2]});
            c[moves[stretch]] = stretch & 1 ? level[3 - step] : level[step + 1];
        }
    }
}

static void load_256(void)
{
    static ROM_DATA u8 greys[16] = {0x00, 0x05, 0x08, 0x0b, 0x0e, 0x11, 0x14, 0x18,
                                    0x1c, 0x20, 0x24, 0x28, 0x2d, 0x32, 0x38, 0x3f};
    static ROM_DATA u8 levels[9][5] = {
        {0x00, 0x10, 0x1f, 0x2f, 0x3f}, {0x1f, 0x27, 0x2f, 0x37, 0x3f},
        {0x2d, 0x31, 0x36, 0x3a, 0x3f}, {0x00, 0x07, 0x0e, 0x15, 0x1c},
        {0x0e, 0x11, 0x15, 0x18, 0x1c}, {0x14, 0x16, 0x18, 0x1a, 0x1c},
        {0x00, 0x04, 0x08, 0x0c, 0x10}, {0x08, 0x0a, 0x0c, 0x0e, 0x10},
        {0x0b, 0x0c, 0x0d, 0x0f, 0x10},
    };
    for (u8 i = 0; i < 16; i++)
        dac_next(palette_color16(i));
    for (u8 i = 0; i < 16; i++)
        dac_next((struct color){greys[i], greys[i], greys[i]});
    for (u8 i = 0; i < 9; i++)
        hues(levels[i]);
    for (u8 i = 0; i < 8; i++)
        dac_next((struct color){0, 0, 0});
}

static void sum_to_grey(u8 first, u16 count)
{
    for (; count; count--, first++)
        dac_set(first, grey_of(dac_get(first)));
}

void palette_load(u8 palette)
{
    static ROM_DATA u8 mono[4] = {0x00, 0x2a, 0x00, 0x3f};

    out8(PORT_DAC_MASK, 0xff);
    out8(PORT_DAC_WRITE, 0);
    switch ((enum palette)palette) {
    case PALETTE_CGA:
        for (u8 i = 0; i < 64; i++)
            dac_next(palette_color16((u8)((i & 7) | (i & 0x10) >> 1)));
        break;
    case PALETTE_EGA:
        for (u8 i = 0; i < 64; i++)
            dac_next(color64(i));
        break;
    case PALETTE_MONO:
        for (u8 i = 0; i < 64; i++) {
            u8 y = mono[i >> 3 & 3];
            dac_next((struct color){y, y, y});
        }
        break;
    case PALETTE_256: load_256(); break;
    }
    if (bda8(BDA_MODESET) & MODESET_GREY)
        sum_to_grey(0, palette == PALETTE_256 ? 256 : 64);
}

/* A CGA's three colours beside the background: green, red, brown or cyan, magenta, white, both also
 * bright. */
static void cga_colors(u8 color)
{
    for (u8 i = 1; i < 4; i++)
        ac_write(i, (u8)((i << 1 | (color & 0x20) >> 5) | (color & 0x10)));
}

void cga_palette_service(struct regs *r)
{
    u8 color = bda8(BDA_CGA_PALETTE), mode = bda8(BDA_MODE), value;

    if (mode > 7 || mode == 7)
        return;
    if (r->bh == 0) {
        color = (u8)((color & 0x20) | (r->bl & 0x1f));
        value = (u8)((r->bl & 7) | (r->bl & 8) << 1);
        ac_write(AC_OVERSCAN, value);
        if (mode == 6) {
            for (u8 i = 1; i < 16; i++)
                ac_write(i, value);
        } else if (mode > 3) {
            ac_write(0, value);
        }
    } else {
        color = (u8)((color & ~0x20) | (r->bl & 1) << 5);
    }
    if (mode == 4 || mode == 5)
        cga_colors(color);
    bda_set8(BDA_CGA_PALETTE, color);
}

static void table_get(struct regs *r)
{
    for (u8 i = 0; i < 16; i++)
        far_set8(r->es, (u16)(r->dx + i), ac_read(i));
    far_set8(r->es, (u16)(r->dx + 16), ac_read(AC_OVERSCAN));
}

static void table_set(struct regs *r)
{
    for (u8 i = 0; i < 16; i++)
        ac_write(i, far_get8(r->es, (u16)(r->dx + i)));
    ac_write(AC_OVERSCAN, far_get8(r->es, (u16)(r->dx + 16)));
}

static void dac_block(struct regs *r, bool set)
{
    u16 at = r->dx;
    u8 index = r->bl;
    for (u16 n = r->cx > 256 ? 256 : r->cx; n; n--, index++, at += 3) {
        if (set) {
            dac_set(index, (struct color){far_get8(r->es, at), far_get8(r->es, (u16)(at + 1)),
                                          far_get8(r->es, (u16)(at + 2))});
        } else {
            struct color c = dac_get(index);
            far_set8(r->es, at, c.red);
            far_set8(r->es, (u16)(at + 1), c.green);
            far_set8(r->es, (u16)(at + 2), c.blue);
        }
    }
}

/* Pages of the DAC: 4 of 64 colours or 16 of 16, in the attribute controller's colour select. */
static void page_select(struct regs *r)
{
    u8 mode = ac_read(AC_MODE), select;
    if (r->bl == 0) {
        ac_write(AC_MODE, (u8)((mode & 0x7f) | r->bh << 7));
    } else if (r->bl == 1) {
        select = r->bh;
        if (!(mode & 0x80))
            select <<= 2;
        ac_write(AC_COLOR_SELECT, select & 0x0f);
    }
}

void palette_service(struct regs *r)
{
    u8 mode;
    struct color c;

    switch (r->al) {
    case 0x00:
        if (r->bl < AC_COUNT)
            ac_write(r->bl, r->bh);
        break;
    case 0x01: ac_write(AC_OVERSCAN, r->bh); break;
    case 0x02: table_set(r); break;
    case 0x03:
        mode = ac_read(AC_MODE) & (u8)~8;
        ac_write(AC_MODE, (u8)(mode | (r->bl & 1) << 3));
        bda_set8(BDA_CGA_MODE, (u8)((bda8(BDA_CGA_MODE) & ~0x20) | (r->bl & 1) << 5));
        break;
    case 0x07:
        if (r->bl < AC_COUNT)
            r->bh = ac_read(r->bl);
        break;
    case 0x08: r->bh = ac_read(AC_OVERSCAN); break;
    case 0x09: table_get(r); break;
    case 0x10: dac_set(r->bl, (struct color){r->dh, r->ch, r->cl}); break;
    case 0x12: dac_block(r, true); break;
    case 0x13: page_select(r); break;
    case 0x15:
        c = dac_get(r->bl);
        r->dh = c.red;
        r->ch = c.green;
        r->cl = c.blue;
        break;
    case 0x17: dac_block(r, false); break;
    case 0x18: out8(PORT_DAC_MASK, r->bl); break;
    case 0x19: r->bl = in8(PORT_DAC_MASK); break;
    case 0x1a:
        mode = ac_read(AC_MODE);
        r->bl = mode >> 7;
        r->bh = ac_read(AC_COLOR_SELECT);
        if (!r->bl)
            r->bh >>= 2;
        break;
    case 0x1b: sum_to_grey(r->bl, r->cx > 256 ? 256 : r->cx); break;
    default: break;
    }
}
