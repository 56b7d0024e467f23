/* int 10h AH=11h: fonts.
 *
 * Implemented: 00-04 and 10-14 (load into the character generator; 10-14 also change the height of
 * the rows), 03 (choose blocks), 20-24 (fonts of graphics modes), 30 (where the fonts are). Not
 * implemented: the 9-dot alternate sets 14h and 16h differ from the 8-dot ones in nothing: their
 * list is empty. Source: IBM PS/2 BIOS reference, interrupt 10h, function 11h. */
#include "bios/vga/cursor.h"
#include "bios/vga/fonts.h"

/* No characters: a character's number and its rows for each change, and a zero. */
static ROM_DATA u8 no_alternates[1] = {0};

struct far font_of_height(u8 height)
{
    return rom_far(height == 8 ? font_8x8 : height == 14 ? font_8x14 : font_8x16);
}

/* Plane 2 alone, at a0000, byte after byte. */
static void generator_open(u8 saved[4])
{
    saved[0] = reg_read(PORT_SEQ, SEQ_MAP_MASK);
    saved[1] = reg_read(PORT_SEQ, SEQ_MEMORY);
    saved[2] = reg_read(PORT_GC, GC_MODE);
    saved[3] = reg_read(PORT_GC, GC_MISC);
    seq_write(SEQ_RESET, 1);
    seq_write(SEQ_MAP_MASK, 0x04);
    seq_write(SEQ_MEMORY, 0x06);
    seq_write(SEQ_RESET, 3);
    gc_write(GC_READ_MAP, 2);
    gc_write(GC_MODE, 0);
    gc_write(GC_MISC, 0x04);
}

static void generator_close(const u8 saved[4])
{
    seq_write(SEQ_RESET, 1);
    seq_write(SEQ_MAP_MASK, saved[0]);
    seq_write(SEQ_MEMORY, saved[1]);
    seq_write(SEQ_RESET, 3);
    gc_write(GC_READ_MAP, 0);
    gc_write(GC_MODE, saved[2]);
    gc_write(GC_MISC, saved[3]);
}

void font_load(u8 block, struct far font, u16 first, u16 count, u8 height)
{
    u8 saved[4];
    u16 to = (u16)((block & 3) << 14 | (block & 4) << 11);
    if (height > 32)
        height = 32;
    if (first > 256)
        first = 256;
    if (count > 256 - first)
        count = 256 - first;
    generator_open(saved);
    to += first * 32u;
    for (; count; count--) {
        far_copy8(0xa000, to, font.segment, font.offset, height);
        font.offset += height;
        to += 32;
    }
    generator_close(saved);
}

/* Lines that the CRTC shows, of those that a row is made of. */
static u16 shown_lines(void)
{
    u8 overflow = crtc_read(CRTC_OVERFLOW);
    u16 lines = crtc_read(CRTC_DISPLAY_END_V) | (overflow & 0x02) << 7 | (overflow & 0x40) << 3;
    lines++;
    return crtc_read(CRTC_MAX_SCAN) & 0x80 ? lines / 2 : lines;
}

void font_set_height(u8 height)
{
    u8 scan = crtc_read(CRTC_MAX_SCAN), overflow, rows;
    u16 lines, columns = bda16(BDA_COLUMNS), page;

    if (height == 0 || height > 32)
        return;
    /* 350 or 400 lines, though a font of a height that does not divide them shows fewer: from the
     * timing. */
    lines = shown_lines();
    lines = lines > 400 ? 480 : lines > 350 ? 400 : lines > 200 ? 350 : 200;
    rows = (u8)(lines / height);
    crtc_write(CRTC_MAX_SCAN, (u8)((scan & 0xe0) | (height - 1)));
    lines = rows * height;
    if (scan & 0x80)
        lines *= 2;
    lines--;
    overflow = crtc_read(CRTC_OVERFLOW) & (u8)~0x42;
    crtc_write(CRTC_OVERFLOW, (u8)(overflow | (lines >> 7 & 0x02) | (lines >> 3 & 0x40)));
    crtc_write(CRTC_DISPLAY_END_V, LOW(lines));
    if (bda8(BDA_MODE) == 7)
        crtc_write(CRTC_UNDERLINE, height - 1);

    page = (u16)(rows * columns * 2u);
    /* Some room behind the page, as the standard modes have it: up to the next 256 bytes for 25
     * rows, 2 KiB more. */
    bda_set16(BDA_PAGE_SIZE,
              rows == 25 ? (columns == 40 ? 0x800 : 0x1000) : (u16)((page + 0x1ff) & 0xff00));
    bda_set8(BDA_LAST_ROW, rows - 1);
    bda_set16(BDA_CHAR_HEIGHT, height);
    cursor_shape_set(height > 8 ? (u16)((height - 3) << 8 | (height - 2)) : 0x0607);
}

static void graphics_font(struct far font, u8 height, u8 rows_code, u8 rows)
{
    static ROM_DATA u8 by_code[4] = {0, 14, 25, 43};
    if (rows_code)
        rows = by_code[rows_code & 3];
    vector_set(VECTOR_FONT, font);
    bda_set16(BDA_CHAR_HEIGHT, height);
    bda_set8(BDA_LAST_ROW, rows - 1);
}

static void font_information(struct regs *r)
{
    struct far p;
    switch (r->bh) {
    case 0: p = vector_get(VECTOR_FONT_HIGH); break;
    case 1: p = vector_get(VECTOR_FONT); break;
    case 2: p = rom_far(font_8x14); break;
    case 3: p = rom_far(font_8x8); break;
    case 4: p = rom_far(font_8x8 + 128 * 8); break;
    case 5:
    case 7: p = rom_far(no_alternates); break;
    case 6: p = rom_far(font_8x16); break;
    default: return;
    }
    r->es = p.segment;
    r->bp = p.offset;
    r->cx = bda16(BDA_CHAR_HEIGHT);
    r->dl = bda8(BDA_LAST_ROW);
}

void font_service(struct regs *r)
{
    static ROM_DATA u8 height_of[5] = {0, 14, 8, 0, 16};
    u8 what = r->al & 0x0f, height;

    switch (r->al) {
    case 0x00:
    case 0x10:
        font_load(r->bl & 7, (struct far){r->bp, r->es}, r->dx, r->cx, r->bh);
        if (r->al == 0x10)
            font_set_height(r->bh);
        break;
    case 0x01:
    case 0x02:
    case 0x04:
    case 0x11:
    case 0x12:
    case 0x14:
        height = height_of[what];
        font_load(r->bl & 7, font_of_height(height), 0, 256, height);
        if (r->al >= 0x10)
            font_set_height(height);
        break;
    case 0x03:
        seq_write(SEQ_RESET, 1);
        seq_write(SEQ_CHAR_MAP, r->bl);
        seq_write(SEQ_RESET, 3);
        break;
    case 0x20: vector_set(VECTOR_FONT_HIGH, (struct far){r->bp, r->es}); break;
    case 0x21: graphics_font((struct far){r->bp, r->es}, LOW(r->cx), r->bl, r->dl); break;
    case 0x22:
    case 0x23:
    case 0x24:
        height = height_of[what == 2 ? 1 : what == 3 ? 2 : 4];
        graphics_font(font_of_height(height), height, r->bl, r->dl);
        break;
    case 0x30: font_information(r); break;
    default: break;
    }
}
