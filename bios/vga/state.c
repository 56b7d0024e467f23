/* int 10h AH=1Ch, and the saved state for VBE: registers, BDA, DAC, dispi registers.
 *
 * The layout is this BIOS's own; the parts follow each other, each in whole units of 64 bytes.
 * Source: IBM PS/2 BIOS reference, function 1Ch; VBE 2.0, function 04h. */
#include "bios/vga/config.h"
#include "bios/vga/dispi.h"
#include "bios/vga/fonts.h"
#include "bios/vga/palette.h"

#define SEQ_COUNT   5
#define GC_COUNT    9
#define DISPI_COUNT 9 /* registers XRES to Y_OFFSET */

/* Units of each part, by its bit. */
static ROM_DATA u8 part_blocks[4] = {2, 1, 13, 1};

static struct far part_far(u16 parts, u8 bit, u16 segment, u16 offset)
{
    for (u8 i = 0; i < bit; i++) {
        if (parts & 1 << i)
            offset += part_blocks[i] * 64;
    }
    return (struct far){offset, segment};
}

u16 state_blocks(u16 parts)
{
    u16 blocks = 0;
    for (u8 i = 0; i < 4; i++) {
        if (parts & 1 << i)
            blocks += part_blocks[i];
    }
    return blocks;
}

static void put8(struct far *p, u8 value)
{
    far_set8(p->segment, p->offset++, value);
}
static u8 get8(struct far *p)
{
    return far_get8(p->segment, p->offset++);
}
static void put16(struct far *p, u16 value)
{
    put8(p, LOW(value));
    put8(p, HIGH(value));
}
static u16 get16(struct far *p)
{
    u8 low = get8(p);
    return (u16)(low | get8(p) << 8);
}

static void hardware_save(struct far p)
{
    u16 crtc = crtc_port();
    put8(&p, in8(PORT_MISC_READ));
    /* Indices first: reading changes them. */
    put8(&p, in8(PORT_SEQ));
    put8(&p, in8(crtc));
    put8(&p, in8(PORT_GC));
    for (u8 i = 0; i < SEQ_COUNT; i++)
        put8(&p, reg_read(PORT_SEQ, i));
    for (u8 i = 0; i < CRTC_COUNT; i++)
        put8(&p, reg_read(crtc, i));
    for (u8 i = 0; i < AC_COUNT; i++)
        put8(&p, ac_read(i));
    for (u8 i = 0; i < GC_COUNT; i++)
        put8(&p, reg_read(PORT_GC, i));
}

static void hardware_restore(struct far p)
{
    u8 misc = get8(&p), seq_index = get8(&p), crtc_index = get8(&p), gc_index = get8(&p);
    u16 crtc, first;

    reg_write(PORT_SEQ, SEQ_RESET, 1);
    get8(&p); /* the reset register itself */
    for (u8 i = 1; i < SEQ_COUNT; i++)
        reg_write(PORT_SEQ, i, get8(&p));
    out8(PORT_MISC, misc);
    reg_write(PORT_SEQ, SEQ_RESET, 3);
    crtc = crtc_port();
    reg_write(crtc, CRTC_RETRACE_END, 0);
    first = p.offset;
    for (u8 i = 0; i < CRTC_COUNT; i++) {
        u8 value = get8(&p);
        if (i != CRTC_RETRACE_END)
            reg_write(crtc, i, value);
    }
    /* Last, as it protects the others. */
    reg_write(crtc, CRTC_RETRACE_END, far_get8(p.segment, (u16)(first + CRTC_RETRACE_END)));
    for (u8 i = 0; i < AC_COUNT; i++)
        ac_write(i, get8(&p));
    for (u8 i = 0; i < GC_COUNT; i++)
        reg_write(PORT_GC, i, get8(&p));
    out8(PORT_SEQ, seq_index);
    out8(crtc, crtc_index);
    out8(PORT_GC, gc_index);
}

/* The BDA's bytes, and the vectors of the fonts. */
static void bda_transfer(struct far p, bool save)
{
    static ROM_DATA u16 range[5][3] = {
        /* segment, offset, bytes */
        {BDA, BDA_MODE, 0x1e},        {BDA, BDA_LAST_ROW, 7},  {BDA, BDA_SAVE_POINTERS, 4},
        {0, VECTOR_FONT_HIGH * 4, 4}, {0, VECTOR_FONT * 4, 4},
    };
    for (u8 i = 0; i < 5; i++) {
        u16 bytes = range[i][2];
        if (save)
            far_copy8(p.segment, p.offset, range[i][0], range[i][1], bytes);
        else
            far_copy8(range[i][0], range[i][1], p.segment, p.offset, bytes);
        p.offset += bytes;
    }
    if (save)
        put8(&p, bda8(BDA_EQUIPMENT) & 0x30);
    else
        bda_set8(BDA_EQUIPMENT, (u8)((bda8(BDA_EQUIPMENT) & ~0x30) | get8(&p)));
}

static void dac_save(struct far p)
{
    put8(&p, in8(PORT_DAC_MASK));
    for (u16 i = 0; i < 256; i++) {
        struct color c = dac_get(LOW(i));
        put8(&p, c.red);
        put8(&p, c.green);
        put8(&p, c.blue);
    }
}

static void dac_restore(struct far p)
{
    out8(PORT_DAC_MASK, get8(&p));
    for (u16 i = 0; i < 256; i++) {
        struct color c;
        c.red = get8(&p);
        c.green = get8(&p);
        c.blue = get8(&p);
        dac_set(LOW(i), c);
    }
}

static void dispi_save(struct far p)
{
    for (u16 i = 0; i < DISPI_COUNT; i++)
        put16(&p, dispi_read(DISPI_XRES + i));
}

/* The size comes first, while the mode is off; the virtual width, offsets and bank only count once
 * it is on. */
static void dispi_restore(struct far p)
{
    u16 value[DISPI_COUNT];

    for (u16 i = 0; i < DISPI_COUNT; i++)
        value[i] = get16(&p);
    dispi_write(DISPI_ENABLE, 0);
    for (u16 i = 0; i < 3; i++)
        dispi_write(DISPI_XRES + i, value[i]);
    if (!(value[DISPI_ENABLE - DISPI_XRES] & DISPI_ENABLED))
        return;
    dispi_write(DISPI_ENABLE, value[DISPI_ENABLE - DISPI_XRES] | DISPI_NO_CLEAR);
    dispi_write(DISPI_BANK, value[DISPI_BANK - DISPI_XRES]);
    dispi_write(DISPI_VIRT_WIDTH, value[DISPI_VIRT_WIDTH - DISPI_XRES]);
    dispi_write(DISPI_X_OFFSET, value[DISPI_X_OFFSET - DISPI_XRES]);
    dispi_write(DISPI_Y_OFFSET, value[DISPI_Y_OFFSET - DISPI_XRES]);
}

void state_save(u16 parts, u16 segment, u16 offset)
{
    if (parts & STATE_HARDWARE)
        hardware_save(part_far(parts, 0, segment, offset));
    if (parts & STATE_BDA)
        bda_transfer(part_far(parts, 1, segment, offset), true);
    if (parts & STATE_DAC)
        dac_save(part_far(parts, 2, segment, offset));
    if ((parts & STATE_DISPI) && dispi_present())
        dispi_save(part_far(parts, 3, segment, offset));
}

/* The dispi registers come first: switching them on changes the VGA's. */
void state_restore(u16 parts, u16 segment, u16 offset)
{
    if ((parts & STATE_DISPI) && dispi_present())
        dispi_restore(part_far(parts, 3, segment, offset));
    if (parts & STATE_HARDWARE)
        hardware_restore(part_far(parts, 0, segment, offset));
    if (parts & STATE_BDA)
        bda_transfer(part_far(parts, 1, segment, offset), false);
    if (parts & STATE_DAC)
        dac_restore(part_far(parts, 2, segment, offset));
}

void state_service(struct regs *r)
{
    u16 parts = r->cx & (STATE_HARDWARE | STATE_BDA | STATE_DAC);

    switch (r->al) {
    case 0: r->bx = state_blocks(parts); break;
    case 1: state_save(parts, r->es, r->bx); break;
    case 2: state_restore(parts, r->es, r->bx); break;
    default: return;
    }
    r->al = 0x1c;
}
