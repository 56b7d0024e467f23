/* The BIOS data area's video part: all the state that this BIOS keeps (IBM PS/2 BIOS reference,
 * "BIOS data area"). */
#ifndef VGABIOS_BDA_H
#define VGABIOS_BDA_H

#include "bios/vga/rom.h"

#define BDA 0x40

enum {
    BDA_EQUIPMENT = 0x10,     /* 16 bits; bits 4-5: the first display */
    BDA_MODE = 0x49,          /* 8 */
    BDA_COLUMNS = 0x4a,       /* 16 */
    BDA_PAGE_SIZE = 0x4c,     /* 16 */
    BDA_PAGE_START = 0x4e,    /* 16: the shown page's offset */
    BDA_CURSOR = 0x50,        /* 16, for each of 8 pages: column, row */
    BDA_CURSOR_SHAPE = 0x60,  /* 16: last line, first line */
    BDA_PAGE = 0x62,          /* 8: the shown page */
    BDA_CRTC = 0x63,          /* 16: 3b4 or 3d4 */
    BDA_CGA_MODE = 0x65,      /* 8: what a CGA's mode register would hold */
    BDA_CGA_PALETTE = 0x66,   /* 8: and its colour register */
    BDA_LAST_ROW = 0x84,      /* 8 */
    BDA_CHAR_HEIGHT = 0x85,   /* 16 */
    BDA_VIDEO = 0x87,         /* 8: VIDEO_* */
    BDA_SWITCHES = 0x88,      /* 8: feature bits, EGA switches */
    BDA_MODESET = 0x89,       /* 8: MODESET_* */
    BDA_DCC_INDEX = 0x8a,     /* 8: the row of dcc_table, config.c */
    BDA_SAVE_POINTERS = 0xa8, /* far pointer */
};

/* 40:87 */
#define VIDEO_NO_EMULATION 0x01 /* cursor shapes are taken as they are */
#define VIDEO_MONO         0x02
#define VIDEO_INACTIVE     0x08
#define VIDEO_256K         0x60
#define VIDEO_NO_CLEAR     0x80 /* the mode was set without clearing */
/* 40:89 */
#define MODESET_VGA     0x01
#define MODESET_GREY    0x02 /* sum colours to grey */
#define MODESET_NO_LOAD 0x08 /* leave palette and DAC as they are */
#define MODESET_400     0x10
#define MODESET_200     0x80 /* neither: 350 lines */
#define MODESET_INIT    (MODESET_VGA | MODESET_400)

static inline u8 bda8(u16 offset)
{
    return far_get8(BDA, offset);
}
static inline u16 bda16(u16 offset)
{
    return far_get16(BDA, offset);
}
static inline void bda_set8(u16 offset, u8 value)
{
    far_set8(BDA, offset, value);
}
static inline void bda_set16(u16 offset, u16 value)
{
    far_set16(BDA, offset, value);
}

#endif
