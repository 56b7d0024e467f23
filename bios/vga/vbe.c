/* int 10h AH=4Fh: VBE 2.0.
 *
 * Implemented: 00h-0ah. Not implemented: supplements; 15h (DDC) says that there is no such function,
 * so that nobody waits for a display's EDID.
 *
 * Source: VBE 2.0 (VESA, 1994). AL = 4fh: the function exists; AH: 0 done, 1 failed, 2 the hardware
 * cannot, 3 not in this mode. */
#include "bios/vga/config.h"
#include "bios/vga/dispi.h"
#include "bios/vga/palette.h"
#include "bios/vga/vbe.h"

#define VBE_NOT_IN_MODE 0x034f
#define MODE_LINEAR     0x4000
#define MODE_NO_CLEAR   0x8000

static void set_mode(struct regs *r)
{
    u16 number = r->bx & 0x1ff, flags = 0;
    const struct vbe_mode __seg_gs *m;

    r->ax = VBE_FAILED;
    if (number < 0x100) {
        if (!mode_find(LOW(number)) || number > 0x7f)
            return;
        mode_set((u8)(number | (r->bx & MODE_NO_CLEAR ? 0x80 : 0)));
        r->ax = VBE_OK;
        return;
    }
    m = vbe_mode_find(number);
    if (!m || (m->bits == 4 && (r->bx & MODE_LINEAR)))
        return;
    if (r->bx & MODE_LINEAR)
        flags |= DISPI_LINEAR;
    if (r->bx & MODE_NO_CLEAR)
        flags |= DISPI_NO_CLEAR;
    vbe_mode_set(m, flags);
    r->ax = VBE_OK;
}

static void get_mode(struct regs *r)
{
    const struct vbe_mode __seg_gs *m = vbe_mode_current();
    u16 enable;

    if (m) {
        enable = dispi_read(DISPI_ENABLE);
        r->bx = (u16)(m->number | (enable & DISPI_LINEAR ? MODE_LINEAR : 0) |
                      (enable & DISPI_NO_CLEAR ? MODE_NO_CLEAR : 0));
    } else {
        r->bx = bda8(BDA_MODE);
    }
    r->ax = VBE_OK;
}

static void saved_state(struct regs *r)
{
    u16 parts = r->cx & 0x0f;

    r->ax = VBE_OK;
    switch (r->dl) {
    case 0: r->bx = state_blocks(parts); break;
    case 1: state_save(parts, r->es, r->bx); break;
    case 2: state_restore(parts, r->es, r->bx); break;
    default: r->ax = VBE_FAILED; break;
    }
}

/* Function 05h, and what WinFuncPtr leads to (entry.S): the window's place in units of 64 KiB. */
void vbe_window(struct regs *r)
{
    u16 enable = dispi_read(DISPI_ENABLE);

    r->ax = VBE_FAILED;
    if (!(enable & DISPI_ENABLED)) {
        r->ax = VBE_NOT_IN_MODE;
    } else if (enable & DISPI_LINEAR) {
        r->ax = VBE_NOT_IN_MODE;
    } else if (r->bl == 0 && r->bh == 0) {
        if (r->dx < vbe_memory()) {
            dispi_write(DISPI_BANK, r->dx);
            r->ax = VBE_OK;
        }
    } else if (r->bl == 0 && r->bh == 1) {
        r->dx = dispi_read(DISPI_BANK);
        r->ax = VBE_OK;
    }
}

/* Function 06h: the length of a line, in pixels or bytes; CX and BX say what it is then, DX how
 * many lines there are. */
static void line_length(struct regs *r)
{
    u16 bits = dispi_read(DISPI_BPP), bytes_each = (u16)((bits + 7) / 8), shown, width, pitch;
    u32 memory = (u32)vbe_memory() << (bits == 4 ? 14 : 16), lines;

    r->ax = VBE_NOT_IN_MODE;
    if (!dispi_enabled())
        return;
    r->ax = VBE_FAILED;
    shown = dispi_read(DISPI_XRES);
    switch (r->bl) {
    case 0: width = r->cx; break;
    case 1: width = 0; break;
    case 2:
        width = bits == 4 ? (u16)(r->cx * 8) : (u16)((r->cx + bytes_each - 1u) / bytes_each);
        break;
    case 3: /* the longest possible */
        lines = memory / dispi_read(DISPI_YRES);
        lines = bits == 4 ? lines * 8 : lines / bytes_each;
        width = lines > 0x3ff8 ? 0x3ff8 : (u16)(lines & ~7u);
        pitch = vbe_pitch(width, LOW(bits));
        r->bx = pitch;
        r->cx = width;
        r->dx = (u16)(memory / pitch);
        r->ax = VBE_OK;
        return;
    default: return;
    }
    if (r->bl != 1) {
        width = (u16)((width + 7) & ~7);
        if (width < shown || width > 0x3ff8 ||
            (u32)vbe_pitch(width, LOW(bits)) * dispi_read(DISPI_YRES) > memory) {
            r->ax = 0x024f; /* the hardware cannot */
            return;
        }
        dispi_write(DISPI_VIRT_WIDTH, width);
    }
    width = dispi_read(DISPI_VIRT_WIDTH);
    pitch = vbe_pitch(width, LOW(bits));
    r->bx = pitch;
    r->cx = width;
    lines = memory / pitch;
    r->dx = lines > 0xffff ? 0xffff : (u16)lines;
    r->ax = VBE_OK;
}

/* Function 07h: which pixel is the upper left one. */
static void display_start(struct regs *r)
{
    r->ax = VBE_NOT_IN_MODE;
    if (!dispi_enabled())
        return;
    r->ax = VBE_FAILED;
    if (r->bl == 0x80)
        r->bl = 0; /* at the vertical retrace: at once is as good, nothing is seen torn */
    if (r->bl == 0) {
        dispi_write(DISPI_X_OFFSET, r->cx);
        dispi_write(DISPI_Y_OFFSET, r->dx);
        if (dispi_read(DISPI_X_OFFSET) == r->cx && dispi_read(DISPI_Y_OFFSET) == r->dx)
            r->ax = VBE_OK;
    } else if (r->bl == 1) {
        r->bh = 0;
        r->cx = dispi_read(DISPI_X_OFFSET);
        r->dx = dispi_read(DISPI_Y_OFFSET);
        r->ax = VBE_OK;
    }
}

static u8 dac_bits(void)
{
    return dispi_read(DISPI_ENABLE) & DISPI_8BIT_DAC ? 8 : 6;
}

static void dac_width(struct regs *r)
{
    u16 enable = dispi_read(DISPI_ENABLE);

    r->ax = VBE_NOT_IN_MODE;
    if (!(enable & DISPI_ENABLED) || dispi_read(DISPI_BPP) > 8)
        return;
    r->ax = VBE_FAILED;
    if (r->bl > 1)
        return;
    if (r->bl == 0) {
        enable &= (u16)~DISPI_8BIT_DAC;
        if (r->bh >= 8)
            enable |= DISPI_8BIT_DAC;
        dispi_write(DISPI_ENABLE, enable | DISPI_NO_CLEAR);
    }
    r->bh = dac_bits();
    r->ax = VBE_OK;
}

/* Function 09h: CX colours from DX on, four bytes each: blue, green, red, nothing. */
static void palette_data(struct regs *r)
{
    u16 at = r->di, index = r->dx;

    r->ax = VBE_FAILED;
    if ((r->bl > 1 && r->bl != 0x80) || index > 255 || r->cx > 256 - index)
        return;
    for (u16 n = r->cx; n; n--, index++, at += 4) {
        if (r->bl == 1) {
            struct color c = dac_get(LOW(index));
            far_set8(r->es, at, c.blue);
            far_set8(r->es, (u16)(at + 1), c.green);
            far_set8(r->es, (u16)(at + 2), c.red);
            far_set8(r->es, (u16)(at + 3), 0);
        } else {
            dac_set(LOW(index),
                    (struct color){far_get8(r->es, (u16)(at + 2)), far_get8(r->es, (u16)(at + 1)),
                                   far_get8(r->es, at)});
        }
    }
    r->ax = VBE_OK;
}

/* Function 0Ah, vbe_pm.S. */
extern ROM u8 vbe_pm[], vbe_pm_end[];

static void protected_mode(struct regs *r)
{
    struct far code = rom_far(vbe_pm);

    r->ax = VBE_FAILED;
    if (r->bl != 0)
        return;
    r->es = code.segment;
    r->di = code.offset;
    r->cx = (u16)((u32)vbe_pm_end - (u32)vbe_pm);
    r->ax = VBE_OK;
}

void vbe_service(struct regs *r)
{
    if (!dispi_present())
        return; /* AL is not 4fh: there is no VBE */
    switch (r->al) {
    case 0x00: vbe_information(r); break;
    case 0x01: vbe_mode_information(r); break;
    case 0x02: set_mode(r); break;
    case 0x03: get_mode(r); break;
    case 0x04: saved_state(r); break;
    case 0x05: vbe_window(r); break;
    case 0x06: line_length(r); break;
    case 0x07: display_start(r); break;
    case 0x08: dac_width(r); break;
    case 0x09: palette_data(r); break;
    case 0x0a: protected_mode(r); break;
    default: r->ax = 0x0100; break;
    }
}
