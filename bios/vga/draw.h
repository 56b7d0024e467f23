/* Characters, rows and pixels in display memory, for each way it is laid out.
 *
 * Rows and columns are character cells; what lies outside the screen is the caller's to avoid,
 * except that no call writes outside display memory. A colour's bit 7 asks for exclusive or, except
 * where it is a colour of 256. */
#ifndef VGABIOS_DRAW_H
#define VGABIOS_DRAW_H

#include "bios/vga/modes.h"

#define KEEP_ATTRIBUTE 0xffff /* text: the cell's attribute stays */

void draw_char(const struct screen *s, u8 column, u8 row, u8 character, u16 attribute);
/* A cell's character, with the attribute in the high byte in text modes; 0 where no character looks
 * like it. */
u16 draw_read_char(const struct screen *s, u8 column, u8 row);
/* Cells left to right (inclusive) of row `from` go to row `to`. */
void draw_move_row(const struct screen *s, u8 left, u8 right, u8 to, u8 from);
void draw_blank_row(const struct screen *s, u8 left, u8 right, u8 row, u8 attribute);
void draw_pixel(const struct screen *s, u16 x, u16 y, u8 color);
u8 draw_read_pixel(const struct screen *s, u16 x, u16 y);

/* One file for each model: */
#define DRAW_MODEL(model)                                                                          \
    void model##_char(const struct screen *s, u8 column, u8 row, struct far glyph, u8 color);      \
    void model##_read_cell(const struct screen *s, u8 column, u8 row, u8 *rows);                   \
    void model##_move_row(const struct screen *s, u8 left, u8 right, u8 to, u8 from);              \
    void model##_blank_row(const struct screen *s, u8 left, u8 right, u8 row, u8 fill);            \
    void model##_pixel(const struct screen *s, u16 x, u16 y, u8 color);                            \
    u8 model##_read_pixel(const struct screen *s, u16 x, u16 y);
DRAW_MODEL(cga)
DRAW_MODEL(planar)
DRAW_MODEL(linear)

#endif
