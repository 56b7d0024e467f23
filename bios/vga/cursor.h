/* Cursor and pages. */
#ifndef VGABIOS_CURSOR_H
#define VGABIOS_CURSOR_H

#include "bios/vga/modes.h"

struct position {
    u8 column, row;
};

struct position cursor_get(u8 page);
/* Puts a page's cursor; the page that is shown moves the hardware's cursor too. */
void cursor_set(u8 page, struct position at);
/* The shape as int 10h AH=01h takes it: first line in the high byte, last one in the low byte. */
void cursor_shape_set(u16 shape);
void page_show(u8 page);

#endif
