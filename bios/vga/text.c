/* int 10h AH=08h, 09h, 0Ah, 0Ch, 0Dh, 0Eh, 13h: characters and pixels.
 *
 * Source: IBM PS/2 BIOS reference. Where it leaves a choice: a run of characters that passes the
 * end of a row goes on in the next one, in graphics modes too; a scrolled-in row has the attribute
 * of the last cell of the row above it. */
#include "bios/vga/cursor.h"
#include "bios/vga/text.h"

void text_read_char(struct regs *r)
{
    struct screen s;
    struct position at = cursor_get(r->bh);
    screen_get(&s, r->bh);
    r->ax = draw_read_char(&s, at.column, at.row);
}

/* As many cells as the screen has from `at` on, at most. */
static u16 cells_from(const struct screen *s, struct position at, u16 count)
{
    u16 all = (u16)((s->last_row + 1) * s->columns),
        before = (u16)(at.row * s->columns + at.column);
    if (before >= all)
        return 0;
    return count > all - before ? all - before : count;
}

void text_write_char(struct regs *r)
{
    struct screen s;
    struct position at = cursor_get(r->bh);
    u16 attribute = r->bl, count;

    screen_get(&s, r->bh);
    if (r->ah == 0x0a && s.model == MODEL_TEXT)
        attribute = KEEP_ATTRIBUTE;
    count = cells_from(&s, at, r->cx);
    if (s.model == MODEL_TEXT && attribute != KEEP_ATTRIBUTE) {
        far_fill16(s.segment, (u16)(s.start + at.row * s.pitch + at.column * 2u), count,
                   (u16)(attribute << 8 | r->al));
        return;
    }
    for (; count; count--) {
        draw_char(&s, at.column, at.row, r->al, attribute);
        if (++at.column >= s.columns) {
            at.column = 0;
            at.row++;
        }
    }
}

void text_write_pixel(struct regs *r)
{
    struct screen s;
    screen_get(&s, r->bh);
    draw_pixel(&s, r->cx, r->dx, r->al);
}

void text_read_pixel(struct regs *r)
{
    struct screen s;
    screen_get(&s, r->bh);
    r->al = draw_read_pixel(&s, r->cx, r->dx);
}

/* One character to a terminal: control characters act, others advance; past the last row the screen
 * scrolls. */
static void teletype(const struct screen *s, struct position *at, u8 character, u16 attribute)
{
    switch (character) {
    case '\a': beep(); return;
    case '\b':
        if (at->column)
            at->column--;
        return;
    case '\r': at->column = 0; return;
    case '\n': at->row++; break;
    default:
        if (at->row <= s->last_row && at->column < s->columns)
            draw_char(s, at->column, at->row, character, attribute);
        if (++at->column >= s->columns) {
            at->column = 0;
            at->row++;
        }
        break;
    }
    if (at->row > s->last_row) {
        u8 fill = 0;
        at->row = s->last_row;
        if (s->model == MODEL_TEXT)
            fill = HIGH(draw_read_char(s, s->columns - 1, s->last_row));
        scroll_window(s, false, 1, 0, 0, s->last_row, s->columns - 1, fill);
    }
}

void text_teletype(struct regs *r)
{
    struct screen s;
    struct position at;

    screen_get(&s, bda8(BDA_PAGE)); /* whatever BH holds: programs keep a pointer there */
    at = cursor_get(s.page);
    teletype(&s, &at, r->al, s.model == MODEL_TEXT ? KEEP_ATTRIBUTE : r->bl);
    cursor_set(s.page, at);
}

void text_write_string(struct regs *r)
{
    struct screen s;
    struct position at = {r->dl, r->dh}, before;
    u16 from = r->bp;

    if (r->al > 3)
        return;
    screen_get(&s, r->bh);
    before = cursor_get(s.page);
    for (u16 n = r->cx; n; n--) {
        u8 character = far_get8(r->es, from++), attribute = r->bl;
        if (r->al & 2)
            attribute = far_get8(r->es, from++);
        teletype(&s, &at, character, attribute);
    }
    cursor_set(s.page, r->al & 1 ? at : before);
}
