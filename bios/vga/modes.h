/* The standard modes, and what the drawing code needs to know about the one that is set. */
#ifndef VGABIOS_MODES_H
#define VGABIOS_MODES_H

#include "bios/vga/regs.h"

/* How display memory is laid out. */
enum model {
    MODEL_TEXT,
    MODEL_CGA,    /* even and odd lines apart, 1 or 2 bits a pixel */
    MODEL_PLANAR, /* four planes */
    MODEL_LINEAR, /* one byte or more a pixel; in VBE modes through the bank window */
};

/* Which colours the DAC gets. */
enum palette {
    PALETTE_CGA,  /* 16 colours, bright ones from index 16 on */
    PALETTE_EGA,  /* 64 colours */
    PALETTE_MONO, /* black, grey, white */
    PALETTE_256,
};

/* One entry of the video parameter table, to which 40:a8 leads (IBM PS/2 BIOS reference, "save
 * pointer table"). */
struct video_params {
    u8 columns, last_row, char_height;
    u16 page_size;
    u8 seq[4]; /* registers 1 to 4 */
    u8 misc;
    u8 crtc[25];
    u8 ac[20];
    u8 gc[9];
} PACKED;

struct mode {
    u8 number;
    u8 model;   /* enum model */
    u8 palette; /* enum palette */
    u8 bits;    /* a pixel */
    u8 pages;
    u8 params;   /* in video_params, for 200 lines where there is a choice */
    u16 segment; /* of display memory */
    u8 cga_mode; /* 40:65 */
};

extern ROM struct video_params video_params[];
extern ROM struct mode modes[];

/* The standard mode of that number (bit 7 is ignored), or null. */
const struct mode __seg_gs *mode_find(u8 number);
/* A text mode's parameters for the lines that 40:89 asks for; a graphics mode's only ones. */
const struct video_params __seg_gs *mode_params(const struct mode __seg_gs *mode);

/* The mode that is set, from the BDA or, in a VBE mode, from the dispi interface. */
struct screen {
    u8 model, bits;
    u8 columns, last_row, char_height;
    u8 page;
    u16 segment;
    u16 start; /* offset of the page */
    u16 pitch; /* bytes from a line to the next (text: from a row) */
    bool vbe;
};
void screen_get(struct screen *s, u8 page);

/* modeset.c */
void mode_set(u8 number);
void mode_load_registers(const struct video_params __seg_gs *p);
void mode_bda_font(u8 char_height);
void screen_off(void);
void screen_on(void);

#endif
