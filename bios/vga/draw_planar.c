/* Drawing in the modes of four planes, a byte of each for eight pixels.
 *
 * The graphics controller is left as a mode set leaves it: write mode 0, no set/reset, bit mask ff,
 * map mask 0f. */
#include "bios/vga/draw.h"

static u16 cell_offset(const struct screen *s, u8 column, u8 row)
{
    return (u16)(s->start + row * s->char_height * s->pitch + column);
}

/* Write mode 3: the byte written chooses the pixels that get the set/reset colour, the others come
 * from the latches. Those hold background all the while, or the cell's own row for exclusive or.
 * The map mask stays as it is. */
void planar_char(const struct screen *s, u8 column, u8 row, struct far glyph, u8 color)
{
    u16 at = cell_offset(s, column, row);

    if (color & 0x80) {
        gc_write(GC_FUNCTION, FUNCTION_XOR);
    } else {
        far_set8(s->segment, at, 0);
        far_get8(s->segment, at);
    }
    gc_write(GC_SET_RESET, color & 0x0f);
    gc_write(GC_MODE, 3);
    for (u8 i = 0; i < s->char_height; i++) {
        u8 bits = far_get8(glyph.segment, (u16)(glyph.offset + i));
        if (color & 0x80)
            far_get8(s->segment, at);
        far_set8(s->segment, at, bits);
        at += s->pitch;
    }
    gc_write(GC_MODE, 0);
    gc_write(GC_SET_RESET, 0);
    gc_write(GC_FUNCTION, 0);
}

/* Read mode 1 compares with colour 0: what is not background is the glyph. */
void planar_read_cell(const struct screen *s, u8 column, u8 row, u8 *rows)
{
    u16 at = cell_offset(s, column, row);

    gc_write(GC_MODE, 0x08);
    gc_write(GC_COMPARE, 0);
    gc_write(GC_DONT_CARE, 0x0f);
    for (u8 i = 0; i < s->char_height; i++) {
        rows[i] = (u8)~far_get8(s->segment, at);
        at += s->pitch;
    }
    gc_write(GC_MODE, 0);
}

/* Write mode 1 moves all planes through the latches, a byte of each at a time. */
void planar_move_row(const struct screen *s, u8 left, u8 right, u8 to, u8 from)
{
    u16 to_at = cell_offset(s, left, to), from_at = cell_offset(s, left, from);
    u16 width = (u16)(right - left + 1);

    gc_write(GC_MODE, 1);
    if (width == s->pitch) {
        far_copy8(s->segment, to_at, s->segment, from_at, (u16)(width * s->char_height));
    } else {
        for (u8 i = 0; i < s->char_height; i++) {
            far_copy8(s->segment, to_at, s->segment, from_at, width);
            to_at += s->pitch;
            from_at += s->pitch;
        }
    }
    gc_write(GC_MODE, 0);
}

void planar_blank_row(const struct screen *s, u8 left, u8 right, u8 row, u8 fill)
{
    u16 at = cell_offset(s, left, row), width = (u16)(right - left + 1);

    gc_write(GC_SET_RESET, fill & 0x0f);
    gc_write(GC_ENABLE_SET_RESET, 0x0f);
    for (u8 i = 0; i < s->char_height; i++) {
        far_fill8(s->segment, at, width, 0);
        at += s->pitch;
    }
    gc_write(GC_ENABLE_SET_RESET, 0);
    gc_write(GC_SET_RESET, 0);
}

void planar_pixel(const struct screen *s, u16 x, u16 y, u8 color)
{
    u16 at = (u16)(s->start + y * s->pitch + (x >> 3));

    gc_write(GC_BIT_MASK, (u8)(0x80 >> (x & 7)));
    gc_write(GC_SET_RESET, color & 0x0f);
    gc_write(GC_ENABLE_SET_RESET, 0x0f);
    if (color & 0x80)
        gc_write(GC_FUNCTION, FUNCTION_XOR);
    far_get8(s->segment, at);
    far_set8(s->segment, at, 0);
    gc_write(GC_FUNCTION, 0);
    gc_write(GC_ENABLE_SET_RESET, 0);
    gc_write(GC_SET_RESET, 0);
    gc_write(GC_BIT_MASK, 0xff);
}

u8 planar_read_pixel(const struct screen *s, u16 x, u16 y)
{
    u16 at = (u16)(s->start + y * s->pitch + (x >> 3));
    u8 color = 0;

    for (u8 plane = 0; plane < 4; plane++) {
        gc_write(GC_READ_MAP, plane);
        if (far_get8(s->segment, at) & 0x80 >> (x & 7))
            color |= (u8)(1 << plane);
    }
    gc_write(GC_READ_MAP, 0);
    return color;
}
