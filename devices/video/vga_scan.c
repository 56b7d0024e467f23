/* How the CRTC walks through display memory, line by line: start address, rows, panning, line compare.
 *
 * A character is eight dots (or nine), whether it shows text or pixels. Not implemented: skews, blanking
 * inside the displayed part, the border; the two high address bits that doubleword addresses have as their
 * lowest (they are zero, here and for the CPU in chain-4 mode).
 * Source: IBM PS/2 Hardware Interface Technical Reference, "CRT Controller Registers". */
#include "devices/video/vga_regs.h"

static unsigned lines_shown(const u8 *crtc)
{
    u8 overflow = crtc[CRTC_OVERFLOW];

    return 1u +
           (crtc[CRTC_V_END] | (unsigned)(overflow & 0x02) << 7 | (unsigned)(overflow & 0x40) << 3);
}

static unsigned line_compare(const u8 *crtc)
{
    return crtc[CRTC_LINE_COMPARE] | (unsigned)(crtc[CRTC_OVERFLOW] & 0x10) << 4 |
           (unsigned)(crtc[CRTC_MAX_ROW] & 0x40) << 3;
}

void vga_geometry(const struct vga *vga, struct vga_geometry *geometry)
{
    u8 clocking = vga->r.seq[SEQ_CLOCKING];
    bool text = !(vga->r.gfx[GFX_MISC] & GMISC_GRAPHICS);

    geometry->chars = vga->r.crtc[CRTC_H_END] + 1u;
    geometry->lines = lines_shown(vga->r.crtc);
    geometry->dots = text && !(clocking & CLOCKING_8_DOTS) ? 9 : 8;
    geometry->wide = clocking & CLOCKING_HALF ? 2 : 1;
    geometry->repeat = vga->r.crtc[CRTC_MODE] & MODE_HALF_LINES ? 2 : 1;
}

/* How many dots panning hides at the left. With nine dots 8 means none, and 0 one. */
static u8 panning(const struct vga *vga)
{
    u8 dots = vga->r.attr[ATTR_PANNING];
    struct vga_geometry geometry;

    vga_geometry(vga, &geometry);
    if (geometry.dots == 9)
        return dots < 8 ? dots + 1 : 0;
    return dots < 8 ? dots : 0;
}

void vga_scan_start(struct vga *vga, struct vga_scan *scan)
{
    u8 preset = vga->r.crtc[CRTC_PRESET_ROW];

    *scan = (struct vga_scan){
        .address = (u16)(vga_start(vga) + (preset >> 5 & 3)),
        .row = preset & 0x1f,
        .panning = panning(vga),
    };
}

void vga_scan_next(const struct vga *vga, struct vga_scan *scan)
{
    const u8 *crtc = vga->r.crtc;

    if (scan->line++ == line_compare(crtc)) {
        bool still = vga->r.attr[ATTR_MODE] & AMODE_PAN_SPLIT;

        scan->address = still ? 0 : crtc[CRTC_PRESET_ROW] >> 5 & 3;
        scan->row = 0;
        scan->repeats = 0;
        if (still)
            scan->panning = 0;
        return;
    }
    if (++scan->repeats < (crtc[CRTC_MAX_ROW] & MAX_ROW_DOUBLE ? 2u : 1u))
        return;
    scan->repeats = 0;
    if (scan->row == (crtc[CRTC_MAX_ROW] & 0x1f)) {
        scan->row = 0;
        scan->address = (u16)(scan->address + crtc[CRTC_OFFSET] * 2u);
    } else {
        scan->row = (scan->row + 1) & 0x1f;
    }
}

u32 vga_scan_offset(const struct vga *vga, u16 address, unsigned row)
{
    u8 mode = vga->r.crtc[CRTC_MODE];
    u32 offset = address;

    if (vga->r.crtc[CRTC_UNDERLINE] & UNDERLINE_DWORD)
        offset = offset << 2 & 0xffff;
    else if (!(mode & MODE_BYTE))
        offset = (offset << 1 | (offset >> (mode & MODE_WRAP ? 15 : 13) & 1)) & 0xffff;
    if (!(mode & MODE_ROW0))
        offset = (offset & ~0x2000u) | (row & 1) << 13;
    if (!(mode & MODE_ROW1))
        offset = (offset & ~0x4000u) | (row >> 1 & 1) << 14;
    return offset;
}

/* Whether the characters of a line lie one behind the other in memory, but for wrapping. */
static bool contiguous(const struct vga *vga)
{
    u8 linear = MODE_ROW0 | MODE_ROW1;

    return (vga->r.crtc[CRTC_MODE] & linear) == linear &&
           (!vga->chained || (vga->r.crtc[CRTC_UNDERLINE] & UNDERLINE_DWORD));
}

bool vga_scan_dirty(const struct vga *vga, const struct vga_scan *scan, unsigned chars)
{
    u16 end = vga_scan_address(vga, scan->address, chars - 1);
    u32 first = vga_index(vga, vga_scan_offset(vga, scan->address, scan->row));
    u32 last = vga_index(vga, vga_scan_offset(vga, end, scan->row));

    if (first <= last && contiguous(vga))
        return vga_is_dirty(vga, first, last - first + 4);
    for (unsigned i = 0; i < chars; i++) {
        u16 address = vga_scan_address(vga, scan->address, i);

        if (vga_is_dirty(vga, vga_index(vga, vga_scan_offset(vga, address, scan->row)), 4))
            return true;
    }
    return false;
}
