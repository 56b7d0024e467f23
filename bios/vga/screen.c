/* What is on the screen: the mode's properties for the code that draws, gathered from where they
 * are kept. */
#include "bios/vga/dispi.h"
#include "bios/vga/modes.h"

/* In a VBE mode the dispi interface knows all but the size of the characters. */
static bool screen_get_vbe(struct screen *s)
{
    u16 bits;

    if (!dispi_enabled())
        return false;
    s->vbe = true;
    bits = dispi_read(DISPI_BPP);
    s->bits = LOW(bits);
    s->model = bits == 4 ? MODEL_PLANAR : MODEL_LINEAR;
    s->segment = 0xa000;
    s->pitch = dispi_read(DISPI_VIRT_WIDTH);
    s->pitch = bits == 4 ? s->pitch / 8 : (u16)(s->pitch * ((bits + 7u) / 8));
    s->start = 0;
    return true;
}

void screen_get(struct screen *s, u8 page)
{
    const struct mode __seg_gs *mode;

    s->columns = bda8(BDA_COLUMNS);
    s->last_row = bda8(BDA_LAST_ROW);
    s->char_height = bda8(BDA_CHAR_HEIGHT);
    s->page = page & 7;
    s->vbe = false;
    mode = mode_find(bda8(BDA_MODE));
    if (!mode && screen_get_vbe(s))
        return;
    if (!mode)
        mode = mode_find(3);
    s->model = mode->model;
    s->bits = mode->bits;
    s->segment = mode->segment;
    s->start = (u16)(s->page * bda16(BDA_PAGE_SIZE));
    switch ((enum model)s->model) {
    case MODEL_TEXT: s->pitch = (u16)(s->columns * 2u); break;
    case MODEL_CGA:
        s->pitch = 80;
        s->start = 0;
        break;
    case MODEL_PLANAR: s->pitch = s->columns; break;
    case MODEL_LINEAR:
        s->pitch = 320;
        s->start = 0;
        break;
    }
}
