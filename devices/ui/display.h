/* What a user interface shows, and what it sends: the seam between display adapters and user interfaces.
 *
 * The adapter draws into a struct surface when it is asked to (pc_display_refresh() calls display->draw);
 * a text mode can also be had as characters. A user interface never touches a device: it calls
 * display_* and input_* of the board. */
#ifndef PAGEWALK_DISPLAY_H
#define PAGEWALK_DISPLAY_H

#include "mmu/host/base.h"

/* A picture, 32 bits a pixel: 0x00rrggbb, rows from the top, width pixels each. */
struct surface {
    unsigned width, height; /* 0: nothing is shown */
    u32 *pixel;
    size_t room;        /* pixels that `pixel` has room for */
    unsigned dirty_top; /* rows [dirty_top, dirty_bottom) changed since the draw before */
    unsigned dirty_bottom;
    bool resized; /* since the draw before */
};

#define TEXT_COLUMNS_MAX 256
#define TEXT_ROWS_MAX    128

/* A text mode's screen. */
struct text_screen {
    unsigned columns, rows; /* 0: not a text mode */
    struct text_cell {
        u8 character, attribute; /* as in display memory: code page 437, IBM's colours */
    } cell[TEXT_ROWS_MAX * TEXT_COLUMNS_MAX]; /* rows of `columns` */
    bool cursor;                              /* it is shown, at */
    unsigned cursor_column, cursor_row;
};

struct display {
    /* Brings the surface up to date. all: every row, whatever changed. */
    void (*draw)(void *opaque, struct surface *surface, bool all);
    void (*text)(void *opaque, struct text_screen *text);
    void *opaque;
};

#endif
