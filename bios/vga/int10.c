/* int 10h: which service does what; and the ROM's start. */
#include "bios/vga/config.h"
#include "bios/vga/cursor.h"
#include "bios/vga/fonts.h"
#include "bios/vga/palette.h"
#include "bios/vga/text.h"
#include "bios/vga/vbe.h"

#define VECTOR_VIDEO 0x10
#define VECTOR_VIDEO_VGA                                                                           \
    0x6d /* where a VGA BIOS leaves its own entry for those who replace int 10h */

extern ROM u8 save_pointers[];
void int10_entry(void);
void init_main(void);
void int10_main(struct regs *r);

static void service_mode(struct regs *r)
{
    u8 mode = r->al & 0x7f;
    mode_set(r->al);
    r->al = mode == 6 ? 0x3f : mode < 8 ? 0x30 : 0x20;
}

static void service_light_pen(struct regs *r)
{
    r->ah = 0; /* there is none: never triggered */
}

void int10_main(struct regs *r)
{
    struct position at;

    switch (r->ah) {
    case 0x00: service_mode(r); break;
    case 0x01: cursor_shape_set(r->cx); break;
    case 0x02: cursor_set(r->bh, (struct position){r->dl, r->dh}); break;
    case 0x03:
        at = cursor_get(r->bh);
        r->dl = at.column;
        r->dh = at.row;
        r->cx = bda16(BDA_CURSOR_SHAPE);
        break;
    case 0x04: service_light_pen(r); break;
    case 0x05: page_show(r->al); break;
    case 0x06:
    case 0x07: text_scroll(r); break;
    case 0x08: text_read_char(r); break;
    case 0x09:
    case 0x0a: text_write_char(r); break;
    case 0x0b: cga_palette_service(r); break;
    case 0x0c: text_write_pixel(r); break;
    case 0x0d: text_read_pixel(r); break;
    case 0x0e: text_teletype(r); break;
    case 0x0f:
        r->al = bda8(BDA_MODE) | (bda8(BDA_VIDEO) & VIDEO_NO_CLEAR);
        r->ah = bda8(BDA_COLUMNS);
        r->bh = bda8(BDA_PAGE);
        break;
    case 0x10: palette_service(r); break;
    case 0x11: font_service(r); break;
    case 0x12: config_select(r); break;
    case 0x13: text_write_string(r); break;
    case 0x1a: config_combination(r); break;
    case 0x1b: config_functionality(r); break;
    case 0x1c: state_service(r); break;
    case 0x4f: vbe_service(r); break;
    default: break;
    }
}

/* The system BIOS has set up the BDA and the vectors; the screen is switched on in mode 3. */
void init_main(void)
{
    struct far entry = {(u16)(u32)int10_entry, rom_segment()};
    struct far tables = rom_far(save_pointers);

    vector_set(VECTOR_VIDEO, entry);
    vector_set(VECTOR_VIDEO_VGA, entry);
    bda_set8(BDA_EQUIPMENT, (u8)((bda8(BDA_EQUIPMENT) & ~0x30) | 0x20)); /* colour, 80 columns */
    bda_set8(BDA_VIDEO, VIDEO_256K);
    bda_set8(BDA_SWITCHES, 0xf9); /* as an EGA's with a colour display of high resolution */
    bda_set8(BDA_MODESET, MODESET_INIT);
    bda_set8(BDA_DCC_INDEX, 1);
    bda_set16(BDA_SAVE_POINTERS, tables.offset);
    bda_set16(BDA_SAVE_POINTERS + 2, tables.segment);
    out8(0x3c3, 1); /* the adapter answers */
    mode_set(3);
}
