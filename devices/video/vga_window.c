/* What the CPU sees of display memory between 0xa0000 and 0xbffff, through planes and latches.
 *
 * Implemented: the four places of the window; sequential, odd/even and chain-4 addressing; write modes 0
 * to 3 with set/reset, rotation, the four functions and the bit mask; both read modes; the latches; the
 * banks of planar VBE modes. Linear memory (chain-4 with nothing that changes the data, and the other VBE
 * modes) is given to the guest as RAM: vga_map.c. Reads from there do not load the latches. Not
 * implemented: the page bit of odd/even addressing (bit 5 of the miscellaneous output register), and that
 * with less than 256 KiB (sequencer register 4, bit 1) addresses wrap.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem". */
#include "devices/video/vga_regs.h"

/* Accesses to a linear window before it becomes RAM: guests that toggle the mode never get there. */
#define LINEAR_PATIENCE 64

#define BANK 0x10000u

/* An access to one byte. */
struct place {
    u32 offset; /* into each plane */
    u8 planes;  /* a write's */
    u8 plane;   /* a read's (mode 0) */
};

/* Where the window is: one of four places, by the graphics controller. */
static bool in_window(const struct vga *vga, u32 *at)
{
    static const struct {
        u32 base, size;
    } windows[4] = {{0, 0x20000}, {0, 0x10000}, {0x10000, 0x8000}, {0x18000, 0x8000}};
    unsigned map = vga->r.gfx[GFX_MISC] >> GMISC_MAP_SHIFT & 3;

    if (!(vga->r.misc & MISC_RAM) || !(vga->r.enable & 1))
        return false;
    if (vga_vbe_on(vga))
        map = 1;
    *at -= windows[map].base; /* wraps below it */
    return *at < windows[map].size;
}

static struct place locate(const struct vga *vga, u32 at)
{
    bool chain4 = vga->r.seq[SEQ_MEMORY] & MEMORY_CHAIN4;
    u8 planes = vga->r.seq[SEQ_MAP_MASK];
    struct place place = {at & 0xffff, planes, vga->r.gfx[GFX_READ_MAP]};

    if (vga_vbe_on(vga)) { /* planar: the others have no window */
        place.offset += vga->r.vbe.reg[DISPI_BANK] * BANK;
        return place;
    }
    if (chain4) {
        place.plane = at & 3;
        place.planes &= (u8)(1 << (at & 3));
        place.offset &= ~3u;
        return place;
    }
    if (!(vga->r.seq[SEQ_MEMORY] & MEMORY_NO_ODDEVEN))
        place.planes &= at & 1 ? 0x0a : 0x05;
    if (vga->r.gfx[GFX_MODE] & GMODE_ODDEVEN)
        place.plane = (place.plane & 2) | (at & 1);
    if (vga->r.gfx[GFX_MISC] & GMISC_ODDEVEN)
        place.offset &= ~1u;
    return place;
}

/* 0xff in the byte of each plane of the set. */
static u32 plane_bytes(unsigned planes)
{
    return ((planes & 1 ? 0xffu : 0) | (planes & 2 ? 0xff00u : 0) | (planes & 4 ? 0xff0000u : 0) |
            (planes & 8 ? 0xff000000u : 0));
}

static u32 four_times(u8 byte)
{
    return byte * 0x01010101u;
}

static u8 rotate(u8 value, unsigned by)
{
    return (u8)(value >> by | value << (8 - by));
}

/* The four bytes that a write would put into the planes. */
static u32 write_data(const struct vga *vga, u8 value)
{
    const u8 *gfx = vga->r.gfx;
    u32 set_reset = plane_bytes(gfx[GFX_SET_RESET]);
    u32 latch = vga->r.latch;
    u8 mask = gfx[GFX_BIT_MASK];
    u32 data, bits;

    switch (gfx[GFX_MODE] & GMODE_WRITE) {
    case 0:
        bits = plane_bytes(gfx[GFX_ENABLE_SET_RESET]);
        data = four_times(rotate(value, gfx[GFX_ROTATE] & 7));
        data = (data & ~bits) | (set_reset & bits);
        break;
    case 1: return latch;
    case 2: data = plane_bytes(value & 15); break;
    default: mask &= rotate(value, gfx[GFX_ROTATE] & 7); data = set_reset;
    }
    switch (gfx[GFX_ROTATE] >> 3 & 3) {
    case 1: data &= latch; break;
    case 2: data |= latch; break;
    case 3: data ^= latch; break;
    }
    bits = four_times(mask);
    return (data & bits) | (latch & ~bits);
}

static void write_byte(struct vga *vga, u32 at, u8 value)
{
    struct place place = locate(vga, at);
    u32 bits = plane_bytes(place.planes);
    u32 index = vga_index(vga, place.offset);
    u32 old = get32(vga->memory + index);
    u32 data = (write_data(vga, value) & bits) | (old & ~bits);

    if (data == old)
        return;
    put32(vga->memory + index, data);
    vga_set_dirty(vga, index, 4);
    if (place.planes & 0x0c)
        vga->font_dirty = true;
}

static u8 read_byte(struct vga *vga, u32 at)
{
    struct place place = locate(vga, at);
    u32 differ;

    vga->r.latch = get32(vga->memory + vga_index(vga, place.offset));
    if (!(vga->r.gfx[GFX_MODE] & GMODE_READ1))
        return (u8)(vga->r.latch >> 8 * place.plane);
    differ = (vga->r.latch ^ plane_bytes(vga->r.gfx[GFX_COLOR_COMPARE])) &
             plane_bytes(vga->r.gfx[GFX_COLOR_CARE]);
    return (u8) ~(differ | differ >> 8 | differ >> 16 | differ >> 24);
}

bool vga_window_linear(const struct vga *vga)
{
    const u8 *gfx = vga->r.gfx;

    return (vga->r.misc & MISC_RAM) && (vga->r.enable & 1) && !vga_vbe_on(vga) &&
           (vga->r.seq[SEQ_MEMORY] & MEMORY_CHAIN4) && vga->r.seq[SEQ_MAP_MASK] == 0x0f &&
           (gfx[GFX_MISC] >> GMISC_MAP_SHIFT & 3) == 1 && gfx[GFX_ENABLE_SET_RESET] == 0 &&
           gfx[GFX_ROTATE] == 0 && (gfx[GFX_MODE] & (GMODE_WRITE | GMODE_READ1)) == 0 &&
           gfx[GFX_BIT_MASK] == 0xff;
}

/* The window answers; when it has been linear for long enough it becomes RAM. */
static void be_patient(struct vga *vga)
{
    if (vga_window_linear(vga) && ++vga->linear >= LINEAR_PATIENCE)
        vga_map_direct(vga);
}

static u32 window_read(void *opaque, u32 offset, unsigned size)
{
    struct vga *vga = opaque;
    u32 value = 0;

    for (unsigned i = 0; i < size; i++) {
        u32 at = offset + i;

        value |= (u32)(in_window(vga, &at) ? read_byte(vga, at) : 0xff) << 8 * i;
    }
    be_patient(vga);
    return value;
}

static void window_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct vga *vga = opaque;

    for (unsigned i = 0; i < size; i++) {
        u32 at = offset + i;

        if (in_window(vga, &at))
            write_byte(vga, at, (u8)(value >> 8 * i));
    }
    be_patient(vga);
}

const struct phys_mmio_ops vga_window_ops = {window_read, window_write};
