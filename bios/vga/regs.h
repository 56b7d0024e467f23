/* The VGA's ports and registers (IBM VGA XGA Technical Reference, 1992), and ways to write them. */
#ifndef VGABIOS_REGS_H
#define VGABIOS_REGS_H

#include "bios/vga/bda.h"

enum {
    PORT_AC =
        0x3c0, /* attribute controller: index and data by turns; read of the status port: index next */
    PORT_AC_READ = 0x3c1,
    PORT_MISC = 0x3c2, /* write */
    PORT_SEQ = 0x3c4,  /* sequencer: index, data */
    PORT_DAC_MASK = 0x3c6,
    PORT_DAC_READ = 0x3c7,
    PORT_DAC_WRITE = 0x3c8,
    PORT_DAC_DATA = 0x3c9,
    PORT_MISC_READ = 0x3cc,
    PORT_GC = 0x3ce, /* graphics controller: index, data */
    PORT_CRTC_MONO = 0x3b4,
    PORT_CRTC_COLOR = 0x3d4,
    CRTC_TO_STATUS = 6, /* input status 1 is at CRTC + 6 */
};

enum { /* sequencer */
       SEQ_RESET = 0,
       SEQ_CLOCKING = 1,
       SEQ_MAP_MASK = 2,
       SEQ_CHAR_MAP = 3,
       SEQ_MEMORY = 4,
};
#define CLOCKING_8_DOTS     0x01
#define CLOCKING_SCREEN_OFF 0x20

enum { /* graphics controller */
       GC_SET_RESET = 0,
       GC_ENABLE_SET_RESET = 1,
       GC_COMPARE = 2,
       GC_FUNCTION = 3,
       GC_READ_MAP = 4,
       GC_MODE = 5,
       GC_MISC = 6,
       GC_DONT_CARE = 7,
       GC_BIT_MASK = 8,
};
#define FUNCTION_XOR 0x18

enum { /* CRT controller */
       CRTC_DISPLAY_END_H = 0x01,
       CRTC_OVERFLOW = 0x07,
       CRTC_MAX_SCAN = 0x09,
       CRTC_CURSOR_START = 0x0a,
       CRTC_CURSOR_END = 0x0b,
       CRTC_START_HIGH = 0x0c,
       CRTC_START_LOW = 0x0d,
       CRTC_CURSOR_HIGH = 0x0e,
       CRTC_CURSOR_LOW = 0x0f,
       CRTC_RETRACE_END = 0x11,
       CRTC_DISPLAY_END_V = 0x12,
       CRTC_OFFSET = 0x13,
       CRTC_UNDERLINE = 0x14,
       CRTC_MODE = 0x17,
       CRTC_COUNT = 0x19,
};

enum { /* attribute controller */
       AC_MODE = 0x10,
       AC_OVERSCAN = 0x11,
       AC_PLANES = 0x12,
       AC_PANNING = 0x13,
       AC_COLOR_SELECT = 0x14,
       AC_COUNT = 0x15,
       AC_SCREEN_ON = 0x20, /* in the index */
};

static inline void reg_write(u16 port, u8 index, u8 value)
{
    out16(port, (u16)(value << 8 | index));
}
static inline u8 reg_read(u16 port, u8 index)
{
    out8(port, index);
    return in8(port + 1);
}
static inline void seq_write(u8 index, u8 value)
{
    reg_write(PORT_SEQ, index, value);
}
static inline void gc_write(u8 index, u8 value)
{
    reg_write(PORT_GC, index, value);
}

/* The CRTC's port by the miscellaneous output register, which always tells the truth. */
static inline u16 crtc_port(void)
{
    return in8(PORT_MISC_READ) & 1 ? PORT_CRTC_COLOR : PORT_CRTC_MONO;
}
static inline void crtc_write(u8 index, u8 value)
{
    reg_write(crtc_port(), index, value);
}
static inline u8 crtc_read(u8 index)
{
    return reg_read(crtc_port(), index);
}
static inline void ac_index_next(void)
{
    in8(crtc_port() + CRTC_TO_STATUS);
}

/* Attribute controller registers; the screen stays on. */
u8 ac_read(u8 index);
void ac_write(u8 index, u8 value);

#endif
