/* Draws a text screen with ECMA-48 control sequences: changed cells only, in sixteen colours and UTF-8.
 *
 * The attribute is IBM's with blinking: foreground in bits 0-3, background in bits 4-6, bit 7 blinks. The
 * bright colours are SGR 90-97, which terminals other than the oldest have. A screen larger than the
 * terminal is seen through a window that follows the cursor.
 * Source: ECMA-48 8.3.14 (CUP), 8.3.117 (SGR); the VGA's attributes as in IBM's PS/2 Hardware Interface
 * Technical Reference, Video Subsystem. */
#include "devices/ui/text_view.h"

#include <stdio.h>
#include <string.h>

#include "devices/ui/cp437.h"

#define ATTRIBUTE_NONE 0x100 /* whatever the terminal has now, it is not what is wanted */
#define ATTRIBUTE_NOTE 0x70

/* Where the terminal's own cursor and attribute are while a picture is sent. */
struct pen {
    struct fdio *out;
    unsigned column, row;
    bool placed;
    unsigned attribute;
};

static void send(struct pen *pen, const char *text)
{
    fdio_write(pen->out, (const u8 *)text, strlen(text));
}

static void move(struct pen *pen, unsigned column, unsigned row)
{
    char text[32];

    if (pen->placed && pen->column == column && pen->row == row)
        return;
    snprintf(text, sizeof(text), "\033[%u;%uH", row + 1, column + 1);
    send(pen, text);
    pen->column = column;
    pen->row = row;
    pen->placed = true;
}

/* IBM counts blue, green, red from bit 0, ECMA-48 red, green, blue. */
static unsigned colour(unsigned ibm)
{
    return (ibm & 1) << 2 | (ibm & 2) | (ibm >> 2 & 1);
}

static void set_attribute(struct pen *pen, u8 attribute)
{
    char text[32];

    if (pen->attribute == attribute)
        return;
    snprintf(text, sizeof(text), "\033[0;%s%u;%um", attribute & 0x80 ? "5;" : "",
             (attribute & 8 ? 90 : 30) + colour(attribute & 7u), 40 + colour(attribute >> 4 & 7u));
    send(pen, text);
    pen->attribute = attribute;
}

static void put(struct pen *pen, unsigned column, unsigned row, struct text_cell cell)
{
    char utf8[CP437_UTF8];

    move(pen, column, row);
    set_attribute(pen, cell.attribute);
    fdio_write(pen->out, (const u8 *)utf8, cp437_utf8(cell.character, utf8));
    pen->column++; /* never the last column's successor: there the place is unknown */
}

/* The first column or row to show, so that `at` is seen. */
static unsigned follow(unsigned first, unsigned at, unsigned size, unsigned seen)
{
    if (size <= seen)
        return 0;
    if (first > size - seen) /* the screen has become smaller */
        first = size - seen;
    if (at < first)
        return at;
    return at < first + seen ? first : at - seen + 1;
}

static void put_cells(struct text_view *view, const struct text_screen *text, struct pen *pen)
{
    for (unsigned y = 0; y < view->rows && view->top + y < text->rows; y++) {
        size_t row = (size_t)(view->top + y) * text->columns;

        if (y + 1 == view->rows && view->note[0])
            break;
        for (unsigned x = 0; x < view->columns && view->left + x < text->columns; x++) {
            const struct text_cell *want = &text->cell[row + view->left + x];
            struct text_cell *have = &view->shown.cell[row + view->left + x];

            if (!view->clear && want->character == have->character &&
                want->attribute == have->attribute)
                continue;
            put(pen, x, y, *want);
            if (x + 1 == view->columns)
                pen->placed = false;
            *have = *want;
        }
    }
}

static void put_note(struct text_view *view, struct pen *pen)
{
    size_t len = strlen(view->note);

    if (!view->note[0] || (!view->clear && strcmp(view->note, view->noted) == 0))
        return;
    for (unsigned x = 0; x < view->columns; x++)
        put(pen, x, view->rows - 1,
            (struct text_cell){x < len ? (u8)view->note[x] : ' ', ATTRIBUTE_NOTE});
    pen->placed = false;
}

static void put_cursor(struct text_view *view, const struct text_screen *text, struct pen *pen,
                       bool changed)
{
    unsigned column = text->cursor_column - view->left, row = text->cursor_row - view->top;
    bool show = text->columns && text->cursor && text->cursor_column >= view->left &&
                text->cursor_row >= view->top && column < view->columns && row < view->rows;

    if (show != view->cursor) {
        send(pen, show ? "\033[?25h" : "\033[?25l");
        changed = true; /* what was sent while it was hidden has moved it */
    }
    view->cursor = show;
    if (show && (changed || column != view->shown.cursor_column || row != view->shown.cursor_row)) {
        pen->placed = false;
        move(pen, column, row);
        view->shown.cursor_column = column;
        view->shown.cursor_row = row;
    }
}

void text_view_resize(struct text_view *view, unsigned columns, unsigned rows)
{
    if (view->columns == columns && view->rows == rows)
        return;
    view->columns = columns;
    view->rows = rows;
    view->clear = true;
}

void text_view_update(struct text_view *view, const struct text_screen *text, struct fdio *out)
{
    struct pen pen = {.out = out, .attribute = ATTRIBUTE_NONE};
    unsigned left = 0, top = 0;

    if (text->columns) {
        left = follow(view->left, text->cursor_column, text->columns, view->columns);
        top = follow(view->top, text->cursor_row, text->rows, view->rows);
    }
    if (left != view->left || top != view->top || text->columns != view->shown.columns ||
        text->rows != view->shown.rows || (view->noted[0] && !view->note[0]))
        view->clear = true;
    view->left = left;
    view->top = top;
    view->shown.columns = text->columns;
    view->shown.rows = text->rows;
    if (view->clear) {
        send(&pen, "\033[?25l\033[0m\033[2J");
        view->cursor = false;
    }
    put_cells(view, text, &pen);
    put_note(view, &pen);
    put_cursor(view, text, &pen, pen.attribute != ATTRIBUTE_NONE);
    snprintf(view->noted, sizeof(view->noted), "%s", view->note);
    view->clear = false;
}
