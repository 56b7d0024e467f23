/* The VGA's registers and their bits, and what the vga*.c files have of each other.
 *
 * Sources: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (1992); names are its. */
#ifndef PAGEWALK_VGA_REGS_H
#define PAGEWALK_VGA_REGS_H

#include "devices/video/vga.h"

/* Miscellaneous output (3c2, read at 3cc). */
#define MISC_COLOR 0x01 /* CRTC and status at 3d4 and 3da, else at 3b4 and 3ba */
#define MISC_RAM   0x02
#define MISC_CLOCK 0x0c

/* Sequencer. */
enum { SEQ_RESET, SEQ_CLOCKING, SEQ_MAP_MASK, SEQ_FONTS, SEQ_MEMORY };
#define SEQ_RESET_OFF     0x03 /* neither reset: running */
#define CLOCKING_8_DOTS   0x01
#define CLOCKING_HALF     0x08 /* the dot clock divided by two */
#define CLOCKING_OFF      0x20 /* screen off */
#define MEMORY_NO_ODDEVEN 0x04
#define MEMORY_CHAIN4     0x08

/* CRT controller. */
enum {
    CRTC_H_TOTAL = 0x00,
    CRTC_H_END = 0x01,
    CRTC_V_TOTAL = 0x06,
    CRTC_OVERFLOW = 0x07,
    CRTC_PRESET_ROW = 0x08,
    CRTC_MAX_ROW = 0x09,
    CRTC_CURSOR_START = 0x0a,
    CRTC_CURSOR_END = 0x0b,
    CRTC_START_HI = 0x0c,
    CRTC_START_LO = 0x0d,
    CRTC_CURSOR_HI = 0x0e,
    CRTC_CURSOR_LO = 0x0f,
    CRTC_V_SYNC_START = 0x10,
    CRTC_V_SYNC_END = 0x11,
    CRTC_V_END = 0x12,
    CRTC_OFFSET = 0x13,
    CRTC_UNDERLINE = 0x14,
    CRTC_V_BLANK_START = 0x15,
    CRTC_MODE = 0x17,
    CRTC_LINE_COMPARE = 0x18,
    CRTC_LATCH = 0x22, /* not IBM's, but every clone's: the latch of the plane of read map select */
    CRTC_FLIP_FLOP = 0x24, /* likewise: bit 7: the next write to 3c0 is data */
};
#define OVERFLOW_COMPARE_8 0x10
#define MAX_ROW_DOUBLE     0x80 /* each line twice */
#define CURSOR_OFF         0x20
#define SYNC_END_PROTECT   0x80 /* registers 0 to 7 cannot be written */
#define UNDERLINE_COUNT4   0x20
#define UNDERLINE_DWORD    0x40
#define MODE_ROW0          0x01 /* clear: address bit 13 is row bit 0 */
#define MODE_ROW1          0x02 /* clear: address bit 14 is row bit 1 */
#define MODE_HALF_LINES    0x04 /* the line counter counts every other line */
#define MODE_COUNT2        0x08
#define MODE_WRAP          0x20 /* word addresses: bit 0 is address bit 15, else 13 */
#define MODE_BYTE          0x40
#define MODE_RUN           0x80 /* clear: no retraces */

/* Graphics controller. */
enum {
    GFX_SET_RESET,
    GFX_ENABLE_SET_RESET,
    GFX_COLOR_COMPARE,
    GFX_ROTATE,
    GFX_READ_MAP,
    GFX_MODE,
    GFX_MISC,
    GFX_COLOR_CARE,
    GFX_BIT_MASK,
};
#define GMODE_WRITE     0x03
#define GMODE_READ1     0x08
#define GMODE_ODDEVEN   0x10
#define GMODE_SHIFT     0x20 /* two bits a pixel */
#define GMODE_SHIFT256  0x40
#define GMISC_GRAPHICS  0x01
#define GMISC_ODDEVEN   0x02 /* address bit 0 selects the plane and is not part of the address */
#define GMISC_MAP_SHIFT 2

/* Attribute controller. */
enum {
    ATTR_MODE = 0x10,
    ATTR_OVERSCAN = 0x11,
    ATTR_PLANES = 0x12,
    ATTR_PANNING = 0x13,
    ATTR_COLOR_SELECT = 0x14,
};
#define ATTR_DISPLAY    0x20 /* of the index: the display has the palette */
#define AMODE_GRAPHICS  0x01
#define AMODE_LINE_GFX  0x04
#define AMODE_BLINK     0x08
#define AMODE_PAN_SPLIT 0x20 /* no panning below the line compare */
#define AMODE_8BIT      0x40
#define AMODE_P54       0x80 /* palette bits 5 and 4 from the colour select register */

/* Input status 1 (3da). */
#define STATUS1_DISABLED 0x01 /* in a blanking interval */
#define STATUS1_RETRACE  0x08

/* DISPI_ENABLE. */
#define DISPI_ENABLED  0x01
#define DISPI_GETCAPS  0x02
#define DISPI_8BIT_DAC 0x20
#define DISPI_LFB      0x40
#define DISPI_NOCLEAR  0x80

static inline bool vga_vbe_on(const struct vga *vga)
{
    return vga->r.vbe.reg[DISPI_ENABLE] & DISPI_ENABLED;
}

/* A VBE mode in which memory is linear. */
static inline bool vga_vbe_packed(const struct vga *vga)
{
    return vga_vbe_on(vga) && vga->r.vbe.reg[DISPI_BPP] > 4;
}

/* Where the four bytes at a plane offset are. */
static inline u32 vga_index(const struct vga *vga, u32 offset)
{
    return vga->chained ? (offset & 3) << 16 | (offset >> 2 & 0x3fff) << 2 : offset << 2;
}

/* vga_timing.c */
u64 vga_frame(const struct vga *vga); /* frames since the timing was last set */
u8 vga_read_status1(const struct vga *vga);
u16 vga_start(struct vga *vga);          /* the start address that the display goes by now */
void vga_start_written(struct vga *vga); /* call before the change */
void vga_timing_changed(struct vga *vga);

/* vga_dac.c: offset from port 3c6 */
void vga_dac_write(struct vga_dac *dac, unsigned offset, u8 value);
u8 vga_dac_read(struct vga_dac *dac, unsigned offset);
void vga_dac_colors(const struct vga *vga, u32 *rgb); /* 256 colours as a surface has them */

/* vga_vbe.c */
void vga_vbe_reset(struct vga *vga);
void vga_vbe_check(struct vga *vga); /* after loading a state: nothing outside of memory */
unsigned vga_vbe_pitch(
    const struct vga *vga); /* bytes a row; 4 bits a pixel: bytes a row of a plane */
extern const struct ioport_ops vga_vbe_ports;

/* vga_regs.c */
extern const struct ioport_ops vga_ports;

/* vga_window.c */
extern const struct phys_mmio_ops vga_window_ops;
/* Whether the registers make the 64 KiB at 0xa0000 linear chain-4 memory. */
bool vga_window_linear(const struct vga *vga);

/* vga_map.c */
void vga_map_update(struct vga *vga); /* after a change of registers that decide what is where */
void vga_map_direct(
    struct vga *vga); /* the window is linear chain-4 memory: give it to the guest */
void vga_lay_out(struct vga *vga, bool chained);
void vga_collect_dirty(struct vga *vga);
/* That [at, at + len) of memory changed; the range must lie within. */
void vga_set_dirty(struct vga *vga, u32 at, u32 len);
bool vga_is_dirty(const struct vga *vga, u32 at, u32 len);
void vga_clear_dirty(struct vga *vga);

/* vga_scan.c */
struct vga_geometry {
    unsigned chars, lines; /* what is displayed, in characters and lines of memory */
    unsigned dots;         /* of a character */
    unsigned wide;         /* pixels a dot: 2 with half the dot clock */
    unsigned repeat;       /* pixels a line, downwards */
};
struct vga_scan {
    unsigned line;    /* 0 is the top */
    unsigned repeats; /* of this row, so far */
    u16 address;      /* of the line's first character */
    u8 row;           /* of the character */
    u8 panning;       /* dots that are not shown at the left */
};
void vga_geometry(const struct vga *vga, struct vga_geometry *geometry);
void vga_scan_start(struct vga *vga, struct vga_scan *scan);
void vga_scan_next(const struct vga *vga, struct vga_scan *scan);
/* The plane offset that the CRTC reads for the character at `address` in row `row`. */
u32 vga_scan_offset(const struct vga *vga, u16 address, unsigned row);
/* The address of the i-th character. */
static inline u16 vga_scan_address(const struct vga *vga, u16 address, unsigned i)
{
    if (vga->r.crtc[CRTC_UNDERLINE] & UNDERLINE_COUNT4)
        i >>= 2;
    else if (vga->r.crtc[CRTC_MODE] & MODE_COUNT2)
        i >>= 1;
    return (u16)(address + i);
}

/* Whether memory under a line's characters, first to last, changed. */
bool vga_scan_dirty(const struct vga *vga, const struct vga_scan *scan, unsigned chars);

/* vga_draw.c */
struct vga_palette {
    u32 of16[16];   /* pixels of four bits, by way of the attribute controller */
    u32 of256[256]; /* of eight */
};
void vga_display_init(struct vga *vga);
bool vga_shown(const struct vga *vga); /* the adapter produces a picture, be it a blank one */
/* Rows [top, bottom) were drawn. */
void vga_drawn(struct surface *surface, unsigned top, unsigned bottom);

/* vga_draw_text.c, vga_draw_vbe.c: draw what changed, or all. */
void vga_draw_text(struct vga *vga, struct surface *surface, const struct vga_palette *palette,
                   bool all);
void vga_read_text(struct vga *vga, struct text_screen *text);
void vga_draw_vbe(struct vga *vga, struct surface *surface, const struct vga_palette *palette,
                  bool all);

#endif
