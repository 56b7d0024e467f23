/* Drawing in the modes of a CGA: 1 or 2 bits a pixel, even lines at b8000, odd ones 8 KiB behind.
 * */
#include "bios/vga/draw.h"

static u16 line_offset(const struct screen *s, u16 y)
{
    return (u16)((y & 1) * 0x2000u + (y >> 1) * s->pitch);
}

/* Each bit of a row twice: 8 dots of 2 bits. */
static u16 doubled(u8 bits)
{
    u16 wide = 0;
    for (u16 i = 0; i < 8; i++) {
        if (bits & 1 << i)
            wide |= (u16)(3 << i * 2);
    }
    return wide;
}

/* With 1 bit a pixel there is one colour, whatever is asked for: that is what a CGA's BIOS did. */
void cga_char(const struct screen *s, u8 column, u8 row, struct far glyph, u8 color)
{
    for (u8 i = 0; i < s->char_height; i++) {
        u8 bits = far_get8(glyph.segment, (u16)(glyph.offset + i));
        u16 at = line_offset(s, (u16)(row * s->char_height + i));

        if (s->bits == 1) {
            at += column;
            if (color & 0x80)
                bits ^= far_get8(s->segment, at);
            far_set8(s->segment, at, bits);
        } else {
            u16 wide = doubled(bits) & (u16)((color & 3) * 0x5555u);
            wide = (u16)(wide << 8 | wide >> 8);
            at += column * 2u;
            if (color & 0x80)
                wide ^= far_get16(s->segment, at);
            far_set16(s->segment, at, wide);
        }
    }
}

void cga_read_cell(const struct screen *s, u8 column, u8 row, u8 *rows)
{
    for (u8 i = 0; i < s->char_height; i++) {
        u16 at = line_offset(s, (u16)(row * s->char_height + i));
        if (s->bits == 1) {
            rows[i] = far_get8(s->segment, (u16)(at + column));
        } else {
            u16 wide = far_get16(s->segment, (u16)(at + column * 2u));
            wide = (u16)(wide << 8 | wide >> 8);
            rows[i] = 0;
            for (u8 dot = 0; dot < 8; dot++)
                rows[i] |= (u8)((wide >> dot * 2 & 3 ? 1 : 0) << dot);
        }
    }
}

void cga_move_row(const struct screen *s, u8 left, u8 right, u8 to, u8 from)
{
    for (u8 i = 0; i < s->char_height; i++) {
        u16 x = (u16)(left * s->bits), bytes = (u16)((right - left + 1) * s->bits);
        far_copy8(s->segment, line_offset(s, (u16)(to * s->char_height + i)) + x, s->segment,
                  line_offset(s, (u16)(from * s->char_height + i)) + x, bytes);
    }
}

void cga_blank_row(const struct screen *s, u8 left, u8 right, u8 row, u8 fill)
{
    for (u8 i = 0; i < s->char_height; i++) {
        far_fill8(s->segment, line_offset(s, (u16)(row * s->char_height + i)) + left * s->bits,
                  (u16)((right - left + 1) * s->bits), fill);
    }
}

/* A pixel's byte, and the shift of its bits in it. */
static u16 pixel_at(const struct screen *s, u16 x, u16 y, u8 *shift)
{
    u8 per_byte = 8 / s->bits;
    *shift = (u8)((per_byte - 1 - x % per_byte) * s->bits);
    return (u16)(line_offset(s, y) + x / per_byte);
}

void cga_pixel(const struct screen *s, u16 x, u16 y, u8 color)
{
    u8 shift, mask = (u8)((1 << s->bits) - 1), old;
    u16 at = pixel_at(s, x, y, &shift);
    old = far_get8(s->segment, at);
    if (color & 0x80)
        old ^= (u8)((color & mask) << shift);
    else
        old = (u8)((old & ~(mask << shift)) | (color & mask) << shift);
    far_set8(s->segment, at, old);
}

u8 cga_read_pixel(const struct screen *s, u16 x, u16 y)
{
    u8 shift;
    u16 at = pixel_at(s, x, y, &shift);
    return (u8)(far_get8(s->segment, at) >> shift & ((1 << s->bits) - 1));
}
