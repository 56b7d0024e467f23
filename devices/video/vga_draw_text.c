/* Draws the VGA's text modes, and tells their text.
 *
 * Implemented: fonts in plane 2, two of 256 characters at a time; eight and nine dots with line graphics;
 * blinking, cursor with its rows and skew, underlining; panning and line compare (vga_scan.c). Character
 * and attribute of the cell at a plane offset are the bytes of planes 0 and 1.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem": alphanumeric modes. */
#include <string.h>

#include "devices/video/vga_regs.h"

#define FONT_BYTES 32 /* a character's */

/* Frames: the cursor is on and off for 8 each, blinking characters for 16. */
#define CURSOR_SHIFT 3
#define BLINK_SHIFT  4

#define ATTR_BLINK     0x80
#define ATTR_FONT      0x08
#define ATTR_UNDERLINE 0x01 /* these bits of ATTR_UNDERLINE_BITS */

#define LINE_CHARS 0xe0 /* characters c0 to df, under this mask: */
#define LINE_FIRST 0xc0

#define CELLS_MAX 256u

struct text {
    u32 font[2]; /* of attribute bit 3 clear and set: offsets into plane 2 */
    unsigned dots, wide;
    unsigned underline; /* row */
    bool blink;         /* attribute bit 7 means it */
    bool off;           /* blinking characters are not to be seen now */
    bool line_graphics;
    struct vga_cursor cursor;
};

static u32 font_offset(unsigned number)
{
    return (number & 3) << 14 | (number & 4) << 11;
}

static struct vga_cursor cursor_now(const struct vga *vga)
{
    const u8 *crtc = vga->r.crtc;
    struct vga_cursor cursor = {
        .top = crtc[CRTC_CURSOR_START] & 0x1f,
        .bottom = crtc[CRTC_CURSOR_END] & 0x1f,
    };

    cursor.address = (u16)((crtc[CRTC_CURSOR_HI] << 8 | crtc[CRTC_CURSOR_LO]) +
                           (crtc[CRTC_CURSOR_END] >> 5 & 3));
    cursor.shown = !(crtc[CRTC_CURSOR_START] & CURSOR_OFF) && cursor.top <= cursor.bottom;
    return cursor;
}

static void text_get(const struct vga *vga, struct text *t)
{
    struct vga_geometry g;
    u8 fonts = vga->r.seq[SEQ_FONTS];
    u8 mode = vga->r.attr[ATTR_MODE];
    u64 frame = vga_frame(vga);

    vga_geometry(vga, &g);
    *t = (struct text){
        .font = {font_offset((fonts & 3) | (fonts >> 2 & 4)),
                 font_offset((fonts >> 2 & 3) | (fonts >> 3 & 4))},
        .dots = g.dots,
        .wide = g.wide,
        .underline = vga->r.crtc[CRTC_UNDERLINE] & 0x1f,
        .blink = mode & AMODE_BLINK,
        .off = (mode & AMODE_BLINK) && (frame >> BLINK_SHIFT & 1),
        .line_graphics = mode & AMODE_LINE_GFX,
        .cursor = cursor_now(vga),
    };
    if (frame >> CURSOR_SHIFT & 1)
        t->cursor.shown = false;
}

/* Where the cell at a character's address is in memory: the character, then the attribute. */
static u32 cell_at(const struct vga *vga, u16 address, unsigned row)
{
    return vga_index(vga, vga_scan_offset(vga, address, row));
}

/* A character's dots in one row, the leftmost in bit 8 (with eight dots: in bit 7). */
static u32 char_dots(const struct vga *vga, const struct text *t, const u8 *cell, unsigned row)
{
    u8 character = cell[0], attribute = cell[1];
    u32 glyph = t->font[attribute & ATTR_FONT ? 1 : 0] + character * FONT_BYTES + row;
    u32 dots = vga->memory[vga_index(vga, glyph) + 2];

    if (t->off && (attribute & ATTR_BLINK))
        dots = 0;
    if (row == t->underline && (attribute & 0x77) == ATTR_UNDERLINE)
        dots = t->dots == 9 ? 0x1ff : 0xff;
    else if (t->dots == 9)
        dots =
            dots << 1 | (t->line_graphics && (character & LINE_CHARS) == LINE_FIRST ? dots & 1 : 0);
    return dots;
}

/* The dots of a line's characters, one pixel each. */
static void line_dots(const struct vga *vga, const struct text *t, const struct vga_scan *scan,
                      unsigned chars, const struct vga_palette *palette, u32 *out)
{
    bool cursor_row =
        t->cursor.shown && scan->row >= t->cursor.top && scan->row <= t->cursor.bottom;

    for (unsigned i = 0; i < chars; i++) {
        u16 address = vga_scan_address(vga, scan->address, i);
        const u8 *cell = vga->memory + cell_at(vga, address, scan->row);
        u32 back = palette->of16[cell[1] >> 4 & (t->blink ? 7 : 15)];
        u32 differ = palette->of16[cell[1] & 15] ^ back;
        u32 dots = char_dots(vga, t, cell, scan->row);

        if (cursor_row && address == t->cursor.address)
            dots = 0x1ff;
        if (t->dots == 9)
            *out++ = back ^ (differ & -(dots >> 8 & 1));
        for (unsigned j = 0; j < 8; j++)
            out[j] = back ^ (differ & -(dots >> (7 - j) & 1));
        out += 8;
    }
}

static void draw_line(const struct vga *vga, const struct text *t, const struct vga_scan *scan,
                      unsigned chars, const struct vga_palette *palette, u32 *pixel)
{
    u32 colors[(CELLS_MAX + 1) * 9];
    const u32 *from = colors + scan->panning;

    if (!scan->panning && t->wide == 1) {
        line_dots(vga, t, scan, chars, palette, pixel);
        return;
    }
    line_dots(vga, t, scan, chars + (scan->panning != 0), palette, colors);
    for (unsigned i = 0; i < chars * t->dots; i++)
        for (unsigned j = 0; j < t->wide; j++)
            *pixel++ = from[i];
}

static bool has_blinking(const struct vga *vga, const struct vga_scan *scan, unsigned chars)
{
    for (unsigned i = 0; i < chars; i++)
        if (vga->memory[cell_at(vga, vga_scan_address(vga, scan->address, i), scan->row) + 1] &
            ATTR_BLINK)
            return true;
    return false;
}

/* The cells where the cursor was and is count as changed. */
static void move_cursor(struct vga *vga, const struct vga_cursor *now)
{
    struct vga_cursor *before = &vga->cursor;

    if (before->shown == now->shown && before->address == now->address && before->top == now->top &&
        before->bottom == now->bottom)
        return;
    for (unsigned row = 0; row < 4; row++) { /* rows may select memory */
        vga_set_dirty(vga, cell_at(vga, before->address, row), 4);
        vga_set_dirty(vga, cell_at(vga, now->address, row), 4);
    }
    *before = *now;
}

void vga_draw_text(struct vga *vga, struct surface *surface, const struct vga_palette *palette,
                   bool all)
{
    struct vga_geometry g;
    struct vga_scan scan, before = {0};
    struct text t;
    bool blinked, drawn = false;
    u32 *pixel = surface->pixel;
    size_t bytes = surface->width * sizeof(*pixel);

    text_get(vga, &t);
    vga_geometry(vga, &g);
    all |= vga->font_dirty;
    blinked = t.off != vga->blinked;
    vga->blinked = t.off;
    move_cursor(vga, &t.cursor);
    if (!all && !blinked && !vga->any_dirty)
        return;
    vga_scan_start(vga, &scan);
    for (unsigned line = 0; line < g.lines; line++) {
        if (line && scan.address == before.address && scan.panning == before.panning &&
            scan.row == before.row) {
            if (drawn)
                memcpy(pixel, pixel - surface->width, bytes);
        } else {
            unsigned chars = g.chars + (scan.panning != 0);

            drawn = all || vga_scan_dirty(vga, &scan, chars) ||
                    (blinked && has_blinking(vga, &scan, chars));
            if (drawn)
                draw_line(vga, &t, &scan, g.chars, palette, pixel);
        }
        if (drawn) {
            if (g.repeat == 2)
                memcpy(pixel + surface->width, pixel, bytes);
            vga_drawn(surface, line * g.repeat, (line + 1) * g.repeat);
        }
        pixel += (size_t)surface->width * g.repeat;
        before = scan;
        vga_scan_next(vga, &scan);
    }
}

void vga_read_text(struct vga *vga, struct text_screen *text)
{
    struct vga_geometry g;
    struct vga_scan scan;
    struct vga_cursor cursor = cursor_now(vga);

    vga_geometry(vga, &g);
    text->columns = g.chars < TEXT_COLUMNS_MAX ? g.chars : TEXT_COLUMNS_MAX;
    vga_scan_start(vga, &scan);
    for (unsigned line = 0; line < g.lines && text->rows < TEXT_ROWS_MAX; line++) {
        struct text_cell *cell = text->cell + (size_t)text->rows * text->columns;

        if (line == 0 || (scan.row == 0 && scan.repeats == 0)) {
            for (unsigned i = 0; i < text->columns; i++) {
                u16 address = vga_scan_address(vga, scan.address, i);
                const u8 *at = vga->memory + cell_at(vga, address, scan.row);

                cell[i] = (struct text_cell){.character = at[0], .attribute = at[1]};
                if (cursor.shown && address == cursor.address) {
                    text->cursor = true;
                    text->cursor_column = i;
                    text->cursor_row = text->rows;
                }
            }
            text->rows++;
        }
        vga_scan_next(vga, &scan);
    }
}
