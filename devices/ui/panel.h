/* A panel of text: rows in two columns, drawn into pixels by the font of the VGA BIOS. */
#ifndef PAGEWALK_UI_PANEL_H
#define PAGEWALK_UI_PANEL_H

#include "mmu/host/base.h"

struct panel_row {
    const char *left, *right;
};

void panel_size(const struct panel_row *row, unsigned rows, unsigned *width, unsigned *height);
/* Pixels of that size, 0x00rrggbb, to be freed; NULL: no memory. */
u32 *panel_draw(const struct panel_row *row, unsigned rows);

#endif
