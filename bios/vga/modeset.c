/* int 10h AH=00h: sets a standard mode.
 *
 * Implemented: registers from the parameter table, palette, font, clearing, BDA; bit 7 of the
 * number keeps display memory; 40:89 chooses a text mode's lines and whether the palette is loaded.
 * A VBE mode ends. Source: IBM PS/2 BIOS reference; order of the writes: IBM VGA XGA Technical
 * Reference, "programming considerations". */
#include "bios/vga/cursor.h"
#include "bios/vga/dispi.h"
#include "bios/vga/fonts.h"
#include "bios/vga/palette.h"
#include "bios/vga/vbe.h"

void screen_off(void)
{
    seq_write(SEQ_CLOCKING, reg_read(PORT_SEQ, SEQ_CLOCKING) | CLOCKING_SCREEN_OFF);
}

void screen_on(void)
{
    seq_write(SEQ_CLOCKING, reg_read(PORT_SEQ, SEQ_CLOCKING) & (u8)~CLOCKING_SCREEN_OFF);
}

u8 ac_read(u8 index)
{
    u8 value;
    ac_index_next();
    out8(PORT_AC, index);
    value = in8(PORT_AC_READ);
    ac_index_next();
    out8(PORT_AC, AC_SCREEN_ON);
    return value;
}

void ac_write(u8 index, u8 value)
{
    ac_index_next();
    out8(PORT_AC, index);
    out8(PORT_AC, value);
    out8(PORT_AC, AC_SCREEN_ON);
}

void mode_load_registers(const struct video_params __seg_gs *p)
{
    u16 crtc;
    u8 keep_palette = bda8(BDA_MODESET) & MODESET_NO_LOAD;

    seq_write(SEQ_RESET, 1);
    seq_write(SEQ_CLOCKING, p->seq[0] | CLOCKING_SCREEN_OFF);
    for (u8 i = 1; i < 4; i++)
        seq_write(i + 1, p->seq[i]);
    out8(PORT_MISC, p->misc);
    seq_write(SEQ_RESET, 3);

    crtc = crtc_port();
    reg_write(crtc, CRTC_RETRACE_END, 0); /* registers 0-7 are writable */
    for (u8 i = 0; i < CRTC_COUNT; i++)
        reg_write(crtc, i, p->crtc[i]);
    for (u8 i = 0; i < 9; i++)
        gc_write(i, p->gc[i]);

    ac_index_next();
    for (u8 i = 0; i < 20; i++) {
        if (keep_palette && (i < 16 || i == AC_OVERSCAN))
            continue;
        out8(PORT_AC, i);
        out8(PORT_AC, p->ac[i]);
    }
    out8(PORT_AC, AC_COLOR_SELECT);
    out8(PORT_AC, 0);
    out8(PORT_AC, AC_SCREEN_ON);
}

static void clear_memory(const struct mode __seg_gs *mode)
{
    switch ((enum model)mode->model) {
    case MODEL_TEXT: far_fill16(mode->segment, 0, 0x4000, 0x0720); break;
    case MODEL_CGA: far_fill16(mode->segment, 0, 0x4000, 0); break;
    case MODEL_PLANAR:
    case MODEL_LINEAR: far_fill16(mode->segment, 0, 0x8000, 0); break;
    }
}

static void set_bda(const struct mode __seg_gs *mode, const struct video_params __seg_gs *p,
                    bool keep)
{
    bda_set8(BDA_MODE, mode->number);
    bda_set16(BDA_COLUMNS, p->columns);
    bda_set16(BDA_PAGE_SIZE, p->page_size);
    bda_set16(BDA_PAGE_START, 0);
    for (u8 i = 0; i < 8; i++)
        bda_set16(BDA_CURSOR + i * 2u, 0);
    bda_set8(BDA_PAGE, 0);
    bda_set16(BDA_CRTC, crtc_port());
    bda_set8(BDA_CGA_MODE, mode->cga_mode);
    bda_set8(BDA_CGA_PALETTE, mode->number == 6 ? 0x3f : 0x30);
    bda_set8(BDA_LAST_ROW, p->last_row);
    bda_set16(BDA_CHAR_HEIGHT, p->char_height);
    bda_set8(BDA_VIDEO, (u8)((bda8(BDA_VIDEO) & 0x7f) | (keep ? VIDEO_NO_CLEAR : 0)));
}

void mode_set(u8 number)
{
    const struct mode __seg_gs *mode = mode_find(number);
    const struct video_params __seg_gs *p;
    bool keep = number & 0x80;
    u8 palette;

    if ((number & 0x7f) == 0x6a && dispi_present())
        vbe_mode_set(vbe_mode_find(0x102), keep ? DISPI_NO_CLEAR : 0);
    if (!mode)
        return;
    p = mode_params(mode);
    dispi_disable();
    mode_load_registers(p);
    palette = mode->palette;
    if (palette == PALETTE_EGA && p->char_height == 8 && mode->model == MODEL_TEXT)
        palette = PALETTE_CGA;
    if (!(bda8(BDA_MODESET) & MODESET_NO_LOAD))
        palette_load(palette);
    if (!keep)
        clear_memory(mode);
    set_bda(mode, p, keep);
    if (mode->model == MODEL_TEXT) {
        font_load(0, font_of_height(p->char_height), 0, 256, p->char_height);
        cursor_shape_set(0x0607);
    } else {
        vector_set(VECTOR_FONT, font_of_height(p->char_height));
        bda_set16(BDA_CURSOR_SHAPE, 0x0607);
    }
    vector_set(VECTOR_FONT_HIGH, rom_far(font_8x8 + 128 * 8));
    screen_on();
}
