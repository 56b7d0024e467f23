/* Drawing by model: text modes here, the others in files of their own. */
#include "bios/vga/draw.h"
#include "bios/vga/fonts.h"

static u16 text_cell(const struct screen *s, u8 column, u8 row)
{
    return (u16)(s->start + row * s->pitch + column * 2u);
}

/* Where a character's rows are in a graphics mode. */
static struct far glyph_of(const struct screen *s, u8 character)
{
    struct far font = vector_get(VECTOR_FONT);
    if (s->model == MODEL_CGA && character >= 0x80) {
        font = vector_get(VECTOR_FONT_HIGH);
        character -= 0x80;
    }
    font.offset += character * s->char_height;
    return font;
}

void draw_char(const struct screen *s, u8 column, u8 row, u8 character, u16 attribute)
{
    u16 cell;

    switch ((enum model)s->model) {
    case MODEL_TEXT:
        cell = text_cell(s, column, row);
        if (attribute == KEEP_ATTRIBUTE)
            far_set8(s->segment, cell, character);
        else
            far_set16(s->segment, cell, (u16)(attribute << 8 | character));
        break;
    case MODEL_CGA: cga_char(s, column, row, glyph_of(s, character), LOW(attribute)); break;
    case MODEL_PLANAR: planar_char(s, column, row, glyph_of(s, character), LOW(attribute)); break;
    case MODEL_LINEAR: linear_char(s, column, row, glyph_of(s, character), LOW(attribute)); break;
    }
}

/* A cell's shape is looked up in the font. */
static u8 match_char(const struct screen *s, const u8 *rows)
{
    for (unsigned c = 0; c < 256; c++) {
        struct far glyph = glyph_of(s, LOW(c));
        unsigned i = 0;
        while (i < s->char_height && far_get8(glyph.segment, (u16)(glyph.offset + i)) == rows[i])
            i++;
        if (i == s->char_height)
            return LOW(c);
    }
    return 0;
}

u16 draw_read_char(const struct screen *s, u8 column, u8 row)
{
    u8 rows[32];

    if (s->char_height > sizeof(rows))
        return 0;
    switch ((enum model)s->model) {
    case MODEL_TEXT: return far_get16(s->segment, text_cell(s, column, row));
    case MODEL_CGA: cga_read_cell(s, column, row, rows); break;
    case MODEL_PLANAR: planar_read_cell(s, column, row, rows); break;
    case MODEL_LINEAR: linear_read_cell(s, column, row, rows); break;
    }
    return match_char(s, rows);
}

void draw_move_row(const struct screen *s, u8 left, u8 right, u8 to, u8 from)
{
    switch ((enum model)s->model) {
    case MODEL_TEXT:
        far_copy16(s->segment, text_cell(s, left, to), s->segment, text_cell(s, left, from),
                   (u16)(right - left + 1));
        break;
    case MODEL_CGA: cga_move_row(s, left, right, to, from); break;
    case MODEL_PLANAR: planar_move_row(s, left, right, to, from); break;
    case MODEL_LINEAR: linear_move_row(s, left, right, to, from); break;
    }
}

void draw_blank_row(const struct screen *s, u8 left, u8 right, u8 row, u8 attribute)
{
    switch ((enum model)s->model) {
    case MODEL_TEXT:
        far_fill16(s->segment, text_cell(s, left, row), (u16)(right - left + 1),
                   (u16)(attribute << 8 | ' '));
        break;
    case MODEL_CGA: cga_blank_row(s, left, right, row, attribute); break;
    case MODEL_PLANAR: planar_blank_row(s, left, right, row, attribute); break;
    case MODEL_LINEAR: linear_blank_row(s, left, right, row, attribute); break;
    }
}

void draw_pixel(const struct screen *s, u16 x, u16 y, u8 color)
{
    switch ((enum model)s->model) {
    case MODEL_TEXT: break;
    case MODEL_CGA: cga_pixel(s, x, y, color); break;
    case MODEL_PLANAR: planar_pixel(s, x, y, color); break;
    case MODEL_LINEAR: linear_pixel(s, x, y, color); break;
    }
}

u8 draw_read_pixel(const struct screen *s, u16 x, u16 y)
{
    switch ((enum model)s->model) {
    case MODEL_TEXT: break;
    case MODEL_CGA: return cga_read_pixel(s, x, y);
    case MODEL_PLANAR: return planar_read_pixel(s, x, y);
    case MODEL_LINEAR: return linear_read_pixel(s, x, y);
    }
    return 0;
}
