/* int 10h AH=12h, 1Ah, 1Bh: alternate select, display combination, functionality.
 *
 * Implemented: 12h/10h, 30h-34h, 36h; 1Ah both ways; 1Bh with the static table. Not implemented:
 * 12h/20h (print screen is the system BIOS's), 35h (there is one display adapter). Source: IBM PS/2
 * BIOS reference. */
#include "bios/vga/config.h"

extern ROM u8 dcc_table[];

/* Display combinations that 40:8a chooses from: entries, version, the highest code, and then pairs.
 * */
ROM_DATA u8 dcc_table[] = {3, 1, 8, 0, 0x00, 0x00, 0x08, 0x00, 0x07, 0x00};

/* What the adapter can do, for AH=1Bh. */
static ROM_DATA u8 static_functionality[16] = {
    0xff, 0xe0, 0x0f,          /* modes 0-7, 0d-0f, 10-13 */
    0,    0,    0,    0, 0x07, /* 200, 350, 400 lines */
    8,    2,                   /* character blocks, active at once */
    0xfe, /* grey summing, fonts, palettes, cursor emulation, EGA and DAC palette, DAC pages */
    0x0e, /* save and restore, blinking or bright, display combinations */
    0,    0,    0,    0,
};

static void flag_set(u16 where, u8 bit, bool on)
{
    u8 value = bda8(where);
    bda_set8(where, on ? value | bit : value & (u8)~bit);
}

static void select_lines(struct regs *r)
{
    static ROM_DATA u8 bits[3] = {MODESET_200, 0, MODESET_400};
    if (r->al < 3) {
        u8 value = bda8(BDA_MODESET) & (u8) ~(MODESET_200 | MODESET_400);
        bda_set8(BDA_MODESET, value | bits[r->al]);
        r->al = 0x12;
    }
}

void config_select(struct regs *r)
{
    u8 misc;

    switch (r->bl) {
    case 0x10:
        r->bh = bda16(BDA_CRTC) == PORT_CRTC_MONO;
        r->bl = 3; /* 256 KiB */
        r->ch = bda8(BDA_SWITCHES) >> 4;
        r->cl = bda8(BDA_SWITCHES) & 0x0f;
        break;
    case 0x30: select_lines(r); break;
    case 0x31:
        flag_set(BDA_MODESET, MODESET_NO_LOAD, r->al & 1);
        r->al = 0x12;
        break;
    case 0x32:
        misc = in8(PORT_MISC_READ);
        out8(PORT_MISC, r->al & 1 ? misc & (u8)~2 : misc | 2);
        r->al = 0x12;
        break;
    case 0x33:
        flag_set(BDA_MODESET, MODESET_GREY, !(r->al & 1));
        r->al = 0x12;
        break;
    case 0x34:
        flag_set(BDA_VIDEO, VIDEO_NO_EMULATION, r->al & 1);
        r->al = 0x12;
        break;
    case 0x36:
        if (r->al & 1)
            screen_off();
        else
            screen_on();
        r->al = 0x12;
        break;
    default: break;
    }
}

void config_combination(struct regs *r)
{
    u8 index = bda8(BDA_DCC_INDEX);

    if (r->al == 0) {
        r->bx = 0;
        if (index < dcc_table[0])
            r->bx = (u16)(dcc_table[4 + index * 2] | dcc_table[5 + index * 2] << 8);
    } else if (r->al == 1) {
        for (index = 0; index < dcc_table[0]; index++) {
            if (dcc_table[4 + index * 2] == r->bl && dcc_table[5 + index * 2] == r->bh)
                bda_set8(BDA_DCC_INDEX, index);
        }
    } else {
        return;
    }
    r->al = 0x1a;
}

/* 0 to 3 for 200, 350, 400, 480 lines, by the sync polarities and double scanning. */
static u8 lines_code(void)
{
    switch (in8(PORT_MISC_READ) >> 6) {
    case 2: return 1;
    case 3: return 3;
    default:
        return crtc_read(CRTC_MAX_SCAN) & 0x80 || (crtc_read(CRTC_MAX_SCAN) & 0x1f) == 1 ? 0 : 2;
    }
}

void config_functionality(struct regs *r)
{
    const struct mode __seg_gs *mode = mode_find(bda8(BDA_MODE));
    struct far table = rom_far(static_functionality);
    u16 at = r->di, es = r->es, colors;
    u8 blocks = reg_read(PORT_SEQ, SEQ_CHAR_MAP), flags = bda8(BDA_MODESET), index;

    if (r->bx != 0)
        return;
    far_fill8(es, at, 64, 0);
    far_set16(es, at, table.offset);
    far_set16(es, (u16)(at + 2), table.segment);
    far_copy8(es, (u16)(at + 4), BDA, BDA_MODE, 0x1e);
    far_set8(es, (u16)(at + 0x22), bda8(BDA_LAST_ROW) + 1);
    far_set16(es, (u16)(at + 0x23), bda16(BDA_CHAR_HEIGHT));
    index = bda8(BDA_DCC_INDEX);
    if (index < dcc_table[0]) {
        far_set8(es, (u16)(at + 0x25), dcc_table[4 + index * 2]);
        far_set8(es, (u16)(at + 0x26), dcc_table[5 + index * 2]);
    }
    if (mode) {
        colors = mode->number == 7 ? 0 : (u16)(1 << mode->bits);
        far_set16(es, (u16)(at + 0x27), colors);
        far_set8(es, (u16)(at + 0x29), mode->pages);
    }
    far_set8(es, (u16)(at + 0x2a), lines_code());
    far_set8(es, (u16)(at + 0x2b), (u8)((blocks & 3) | (blocks >> 2 & 4)));
    far_set8(es, (u16)(at + 0x2c), (u8)((blocks >> 2 & 3) | (blocks >> 3 & 4)));
    far_set8(es, (u16)(at + 0x2d),
             (u8)((flags & MODESET_GREY) | (flags & MODESET_NO_LOAD) |
                  (bda8(BDA_VIDEO) & VIDEO_NO_EMULATION ? 0x00 : 0x10) |
                  (bda8(BDA_CGA_MODE) & 0x20) | 0x01));
    far_set8(es, (u16)(at + 0x31), 3); /* 256 KiB */
    r->al = 0x1b;
}
