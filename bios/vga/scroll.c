/* int 10h AH=06h and 07h: scrolls a window up or down, or clears it. */
#include "bios/vga/text.h"

/* Whole rows of text lie one behind the other. */
static void scroll_whole_text(const struct screen *s, bool down, u8 lines, u8 top, u8 bottom)
{
    u16 first = (u16)(s->start + top * s->pitch), distance = (u16)(lines * s->pitch);
    u16 words = (u16)((bottom - top + 1 - lines) * s->columns);
    if (down)
        far_copy16(s->segment, first + distance, s->segment, first, words);
    else
        far_copy16(s->segment, first, s->segment, first + distance, words);
}

void scroll_window(const struct screen *s, bool down, u8 lines, u8 top, u8 left, u8 bottom,
                   u8 right, u8 attribute)
{
    u8 rows, kept;

    if (bottom > s->last_row)
        bottom = s->last_row;
    if (right >= s->columns)
        right = s->columns - 1;
    if (top > bottom || left > right)
        return;
    rows = bottom - top + 1;
    if (lines == 0 || lines > rows)
        lines = rows;
    kept = rows - lines;
    if (kept && s->model == MODEL_TEXT && left == 0 && right == s->columns - 1) {
        scroll_whole_text(s, down, lines, top, bottom);
    } else {
        for (u8 i = 0; i < kept; i++) {
            irq_window(); /* a screen of graphics takes long */
            if (down)
                draw_move_row(s, left, right, bottom - i, bottom - i - lines);
            else
                draw_move_row(s, left, right, top + i, top + i + lines);
        }
    }
    for (u8 i = 0; i < lines; i++)
        draw_blank_row(s, left, right, down ? top + i : bottom - i, attribute);
}

void text_scroll(struct regs *r)
{
    struct screen s;
    screen_get(&s, bda8(BDA_PAGE));
    scroll_window(&s, r->ah == 7, r->al, r->ch, r->cl, r->dh, r->dl, r->bh);
}
