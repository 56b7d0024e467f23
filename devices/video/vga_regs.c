/* The VGA's ports 3b0 to 3df: every register's write and read.
 *
 * Implemented: miscellaneous output with both sets of addresses, both input status registers, sequencer,
 * CRTC with its write protection, graphics and attribute controllers, DAC (vga_dac.c). Bits that a
 * register does not have read as zero. A register that does not exist reads as zero and ignores writes;
 * the CRTC's address bits 5 (22h and 24h) are as in clones. Port 3c3 switches the adapter off for the
 * CPU. Not implemented: the vertical retrace interrupt (its bits are kept), the diagnostic bits of input
 * status 1, the light pen of the EGA, adapter enabling through port 46e8.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem". */
#include "devices/video/vga_regs.h"

#define VGA_BASE 0x3b0

#define STATUS0_SENSE 0x10 /* a monitor is there */

/* The bits that a register has. */
static const u8 seq_bits[5] = {0x03, 0x3d, 0x0f, 0x3f, 0x0e};
static const u8 gfx_bits[9] = {0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff};
static const u8 attr_bits[21] = {0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
                                 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f};
static const u8 crtc_bits[VGA_CRTC_REGS] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0x3f, 0x7f, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xef, 0xff,
};

static void misc_write(struct vga *vga, u8 value)
{
    u8 changed = vga->r.misc ^ value;

    vga->r.misc = value;
    if (changed & MISC_CLOCK)
        vga_timing_changed(vga);
    vga_map_update(vga);
}

static void seq_write(struct vga *vga, u8 value)
{
    u8 index = vga->r.seq_index;
    u8 old;

    if (index >= ARRAY_SIZE(vga->r.seq))
        return;
    old = vga->r.seq[index];
    vga->r.seq[index] = value & seq_bits[index];
    if (index == SEQ_CLOCKING && ((old ^ value) & (CLOCKING_8_DOTS | CLOCKING_HALF)))
        vga_timing_changed(vga);
    vga_map_update(vga);
}

static void gfx_write(struct vga *vga, u8 value)
{
    u8 index = vga->r.gfx_index;

    if (index >= ARRAY_SIZE(vga->r.gfx))
        return;
    vga->r.gfx[index] = value & gfx_bits[index];
    vga_map_update(vga);
}

static void crtc_write(struct vga *vga, u8 value)
{
    u8 index = vga->r.crtc_index;
    u8 old;

    if (index >= VGA_CRTC_REGS)
        return;
    old = vga->r.crtc[index];
    value &= crtc_bits[index];
    if (index <= CRTC_OVERFLOW && (vga->r.crtc[CRTC_V_SYNC_END] & SYNC_END_PROTECT)) {
        if (index != CRTC_OVERFLOW) /* of which the line compare's bit can always be written */
            return;
        value = (u8)((old & ~OVERFLOW_COMPARE_8) | (value & OVERFLOW_COMPARE_8));
    }
    if (index == CRTC_START_HI || index == CRTC_START_LO)
        vga_start_written(vga);
    vga->r.crtc[index] = value;
    if (old != value && (index == CRTC_H_TOTAL || index == CRTC_V_TOTAL || index == CRTC_OVERFLOW))
        vga_timing_changed(vga);
}

static u8 crtc_read(const struct vga *vga)
{
    u8 index = vga->r.crtc_index;

    if (index == CRTC_LATCH)
        return (u8)(vga->r.latch >> 8 * vga->r.gfx[GFX_READ_MAP]);
    if (index == CRTC_FLIP_FLOP)
        return vga->r.attr_data ? 0x80 : 0;
    return index < VGA_CRTC_REGS ? vga->r.crtc[index] : 0;
}

static void attr_write(struct vga *vga, u8 value)
{
    u8 index = vga->r.attr_index & 0x1f;

    if (!vga->r.attr_data)
        vga->r.attr_index = value & (0x1f | ATTR_DISPLAY);
    else if (index < ARRAY_SIZE(vga->r.attr))
        vga->r.attr[index] = value & attr_bits[index];
    vga->r.attr_data = !vga->r.attr_data;
}

static u8 attr_read(const struct vga *vga)
{
    u8 index = vga->r.attr_index & 0x1f;

    return index < ARRAY_SIZE(vga->r.attr) ? vga->r.attr[index] : 0;
}

/* The port that an access goes to, with the CRTC's at 3d4 to 3da; 0: nobody is there now. */
static unsigned decode(const struct vga *vga, u16 offset)
{
    unsigned port = VGA_BASE + offset;
    bool color = vga->r.misc & MISC_COLOR;

    if (!(vga->r.enable & 1) && port != 0x3c3)
        return 0;
    if ((port & 0x3f0) == 0x3c0)
        return port;
    return (port >= 0x3d0) == color ? 0x3d0 | (port & 15) : 0;
}

static void vga_write(void *opaque, u16 offset, u32 value32, unsigned size)
{
    struct vga *vga = opaque;
    u8 value = (u8)value32;
    unsigned port = decode(vga, offset);

    (void)size;
    switch (port) {
    case 0x3c0: attr_write(vga, value); break;
    case 0x3c2: misc_write(vga, value); break;
    case 0x3c3:
        vga->r.enable = value;
        vga_map_update(vga);
        break;
    case 0x3c4: vga->r.seq_index = value & 0x07; break;
    case 0x3c5: seq_write(vga, value); break;
    case 0x3c6:
    case 0x3c7:
    case 0x3c8:
    case 0x3c9: vga_dac_write(&vga->r.dac, port - 0x3c6, value); break;
    case 0x3ce: vga->r.gfx_index = value & 0x0f; break;
    case 0x3cf: gfx_write(vga, value); break;
    case 0x3d4: vga->r.crtc_index = value & 0x3f; break;
    case 0x3d5: crtc_write(vga, value); break;
    case 0x3da: vga->r.feature = value & 0x0b; break;
    }
}

static u8 read_port(struct vga *vga, unsigned port)
{
    switch (port) {
    case 0x3c0: return vga->r.attr_index;
    case 0x3c1: return attr_read(vga);
    case 0x3c2: return STATUS0_SENSE;
    case 0x3c3: return vga->r.enable;
    case 0x3c4: return vga->r.seq_index;
    case 0x3c5: return vga->r.seq_index < ARRAY_SIZE(vga->r.seq) ? vga->r.seq[vga->r.seq_index] : 0;
    case 0x3c6:
    case 0x3c7:
    case 0x3c8:
    case 0x3c9: return vga_dac_read(&vga->r.dac, port - 0x3c6);
    case 0x3ca: return vga->r.feature;
    case 0x3cc: return vga->r.misc;
    case 0x3ce: return vga->r.gfx_index;
    case 0x3cf: return vga->r.gfx_index < ARRAY_SIZE(vga->r.gfx) ? vga->r.gfx[vga->r.gfx_index] : 0;
    case 0x3d4: return vga->r.crtc_index;
    case 0x3d5: return crtc_read(vga);
    case 0x3da: vga->r.attr_data = false; return vga_read_status1(vga);
    }
    return 0xff;
}

static u32 vga_read(void *opaque, u16 offset, unsigned size)
{
    struct vga *vga = opaque;

    (void)size;
    return read_port(vga, decode(vga, offset));
}

const struct ioport_ops vga_ports = {vga_read, vga_write, 1};
