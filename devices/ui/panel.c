/* A panel of text: rows in two columns, drawn into pixels by the font of the VGA BIOS. */
#include "devices/ui/panel.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH      8 /* of a character */
#define HEIGHT     16
#define CHARACTERS 128
#define MARGIN     16
#define GAP        3 /* characters between the columns */
#define BACK       0x00202830u
#define FRAME      0x00a0b0c0u
#define LEFT       0x00ffd060u
#define RIGHT      0x00f0f0f0u

static const u8 font[CHARACTERS * HEIGHT] = {
#include "font8x16-low.inc"
};

/* Where the right column begins, in characters. */
static size_t right_column(const struct panel_row *row, unsigned rows)
{
    size_t width = 0;

    for (unsigned i = 0; i < rows; i++)
        if (strlen(row[i].left) > width)
            width = strlen(row[i].left);
    return width ? width + GAP : 0;
}

void panel_size(const struct panel_row *row, unsigned rows, unsigned *width, unsigned *height)
{
    size_t right = 0;

    for (unsigned i = 0; i < rows; i++)
        if (strlen(row[i].right) > right)
            right = strlen(row[i].right);
    *width = (unsigned)(right_column(row, rows) + right) * WIDTH + 2 * MARGIN;
    *height = rows * HEIGHT + 2 * MARGIN;
}

static void draw_text(u32 *pixel, unsigned stride, const char *text, u32 colour)
{
    for (; *text; text++, pixel += WIDTH) {
        const u8 *rows = font + ((u8)*text % CHARACTERS) * HEIGHT;

        for (unsigned y = 0; y < HEIGHT; y++)
            for (unsigned x = 0; x < WIDTH; x++)
                if (rows[y] & 0x80 >> x)
                    pixel[y * stride + x] = colour;
    }
}

u32 *panel_draw(const struct panel_row *row, unsigned rows)
{
    size_t column = right_column(row, rows) * WIDTH;
    unsigned width, height;
    u32 *pixel;

    panel_size(row, rows, &width, &height);
    pixel = malloc((size_t)width * height * sizeof(*pixel));
    if (!pixel)
        return NULL;
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++)
            pixel[y * width + x] = !x || !y || x + 1 == width || y + 1 == height ? FRAME : BACK;
    for (unsigned i = 0; i < rows; i++) {
        u32 *at = pixel + (size_t)(MARGIN + i * HEIGHT) * width + MARGIN;

        draw_text(at, width, row[i].left, LEFT);
        draw_text(at + column, width, row[i].right, RIGHT);
    }
    return pixel;
}
