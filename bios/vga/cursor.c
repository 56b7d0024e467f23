/* int 10h AH=01h, 02h, 03h, 05h: the cursor and the shown page.
 *
 * Source: IBM PS/2 BIOS reference; cursor shapes are given for a cell of 8 lines, as a CGA had it,
 * and fitted to the cell's height unless 40:87 bit 0 forbids that. */
#include "bios/vga/cursor.h"

struct position cursor_get(u8 page)
{
    u16 at = bda16(BDA_CURSOR + (page & 7) * 2u);
    return (struct position){LOW(at), HIGH(at)};
}

static bool is_text(void)
{
    const struct mode __seg_gs *mode = mode_find(bda8(BDA_MODE));
    return mode && mode->model == MODEL_TEXT;
}

void cursor_set(u8 page, struct position at)
{
    page &= 7;
    bda_set16(BDA_CURSOR + page * 2u, (u16)(at.row << 8 | at.column));
    if (page == bda8(BDA_PAGE) && is_text()) {
        u16 cell = (u16)(bda16(BDA_PAGE_START) / 2 + at.row * bda16(BDA_COLUMNS) + at.column);
        crtc_write(CRTC_CURSOR_HIGH, HIGH(cell));
        crtc_write(CRTC_CURSOR_LOW, LOW(cell));
    }
}

/* A line of a cell of 8 for one of `height`: the underline's place stays an underline's, the rest
 * is in proportion. */
static u8 fit_line(u8 line, u8 height)
{
    if (line >= 5)
        return (u8)(height - 9 + line);
    return (u8)(line * height / 8);
}

void cursor_shape_set(u16 shape)
{
    u8 first = HIGH(shape), last = LOW(shape) & 0x1f, height = bda8(BDA_CHAR_HEIGHT);

    bda_set16(BDA_CURSOR_SHAPE, shape);
    if (!(bda8(BDA_VIDEO) & VIDEO_NO_EMULATION) && height > 8 && first <= last && last < 8) {
        bool block = first < 4 && last == 7;
        first = fit_line(first, height);
        last = block ? (u8)(height - 1) : fit_line(last, height);
    }
    crtc_write(CRTC_CURSOR_START, first & 0x3f);
    crtc_write(CRTC_CURSOR_END, last);
}

void page_show(u8 page)
{
    const struct mode __seg_gs *mode = mode_find(bda8(BDA_MODE));
    u16 start;

    if (!mode || page >= mode->pages)
        return;
    start = (u16)(page * bda16(BDA_PAGE_SIZE));
    bda_set16(BDA_PAGE_START, start);
    bda_set8(BDA_PAGE, page);
    if (mode->model == MODEL_TEXT)
        start /= 2;
    crtc_write(CRTC_START_HIGH, HIGH(start));
    crtc_write(CRTC_START_LOW, LOW(start));
    cursor_set(page, cursor_get(page));
}
