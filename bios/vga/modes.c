/* Tables of the standard modes: the registers for each timing and memory layout, put together from
 * their parts.
 *
 * Implemented: 0-7, 0d-13 on a colour display; text with 200, 350 and 400 lines. The table has the
 * order of IBM's (0-7, EGA extras, 350-line text, 400-line text, VGA graphics), since programs
 * reach it through 40:a8. Sources: IBM VGA XGA Technical Reference (registers); VESA's industry
 * standard timings: 25.175 MHz and 28.322 MHz, 800 or 900 dots a line of which 640 or 720 are
 * shown, 449 lines (70 Hz) or 525 (60 Hz). */
#include "bios/vga/modes.h"

/* Horizontal timing in characters: CRTC 0-5 (total - 5, shown - 1, blank start, blank end, retrace
 * start and end). */
#define H80_TEXT_CHARS 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81
#define H80_CHARS      0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80
#define H40_TEXT_CHARS 0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0
#define H40_CHARS      0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80
/* Vertical timing in lines: CRTC 6-7 (total - 2, high bits), 10-12 (retrace start and end, shown -
 * 1), 15-16 (blank). */
#define V400_TOTAL   0xbf, 0x1f
#define V400_RETRACE 0x9c, 0x8e, 0x8f
#define V400_BLANK   0x96, 0xb9
#define V350_TOTAL   0xbf, 0x1f
#define V350_RETRACE 0x83, 0x85, 0x5d
#define V350_BLANK   0x63, 0xba
#define V480_TOTAL   0x0b, 0x3e
#define V480_RETRACE 0xea, 0x8c, 0xdf
#define V480_BLANK   0xe7, 0x04
/* The scan byte: lines a row - 1, 0x80 to show each line twice; cursor lines; offset: words (or
 * more) a row. */
#define CRTC(h, v, scan, cursor_first, cursor_last, offset, underline, mode)                       \
    {                                                                                              \
        h##_CHARS, v##_TOTAL, 0, scan, cursor_first, cursor_last, 0, 0, 0, 0, v##_RETRACE, offset, \
            underline, v##_BLANK, mode, 0xff                                                       \
    }
#define CRTC_WORD     0xa3 /* word addresses: text */
#define CRTC_BYTE     0xe3
#define CRTC_CGA      0xa2 /* row scan bit 0 selects the 8 KiB half */
#define CRTC_CGA_BYTE 0xc2

/* Miscellaneous output: colour addresses, RAM, page bit; clock; sync polarities tell the number of
 * lines. */
#define MISC_400_25MHZ 0x63
#define MISC_400_28MHZ 0x67
#define MISC_350_25MHZ 0xa3
#define MISC_350_28MHZ 0xa7
#define MISC_480_25MHZ 0xe3
#define MISC_MONO      0x01 /* subtracted */

/* Attribute controller: 16 palette entries, mode, overscan, planes, panning. */
#define AC_CGA16                                                                                   \
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define AC_EGA16                                                                                   \
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f
#define AC_256                                                                                     \
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f
#define AC_CGA4                                                                                    \
    0x00, 0x13, 0x15, 0x17, 0x02, 0x04, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define AC_TWO(on) 0x00, on, on, on, on, on, on, on, on, on, on, on, on, on, on, on
#define AC_MONO                                                                                    \
    0x00, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18
#define AC_MONO4                                                                                   \
    0x00, 0x08, 0x00, 0x00, 0x18, 0x18, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00
#define AC_TEXT9 0x0c, 0x00, 0x0f, 0x08 /* blinking; column 8 repeated in column 9 for lines */
#define AC_TEXT8 0x08, 0x00, 0x0f, 0x00

/* Graphics controller: set/reset and enable, compare, function, read map, mode, miscellaneous,
 * care, bit mask. */
#define GC(mode, misc, care)                                                                       \
    {                                                                                              \
        0, 0, 0, 0, 0, mode, misc, care, 0xff                                                      \
    }
#define GC_TEXT      GC(0x10, 0x0e, 0x00) /* odd/even, b8000 */
#define GC_TEXT_MONO GC(0x10, 0x0a, 0x00) /* b0000 */
#define GC_PLANAR    GC(0x00, 0x05, 0x0f) /* a0000, 64 KiB */

#define SEQ_TEXT   0x03, 0x00, 0x02
#define SEQ_PLANAR 0x0f, 0x00, 0x06

/* Text modes. scan_doubling and cursor in lines of the character cell. */
#define TEXT_200(columns, page, h, clocking, offset)                                               \
    {                                                                                              \
        columns, 24, 8, page, {clocking, SEQ_TEXT}, MISC_400_25MHZ,                                \
            CRTC(h, V400, 0xc7, 0x06, 0x07, offset, 0x08, CRTC_WORD), {AC_CGA16, AC_TEXT8},        \
            GC_TEXT                                                                                \
    }
#define TEXT_350(columns, page, h, clocking, offset)                                               \
    {                                                                                              \
        columns, 24, 14, page, {clocking, SEQ_TEXT}, MISC_350_25MHZ,                               \
            CRTC(h, V350, 0x4d, 0x0b, 0x0c, offset, 0x1f, CRTC_WORD), {AC_EGA16, AC_TEXT8},        \
            GC_TEXT                                                                                \
    }
#define TEXT_400(columns, page, h, clocking, offset)                                               \
    {                                                                                              \
        columns, 24, 16, page, {clocking, SEQ_TEXT}, MISC_400_28MHZ,                               \
            CRTC(h, V400, 0x4f, 0x0d, 0x0e, offset, 0x1f, CRTC_WORD), {AC_EGA16, AC_TEXT9},        \
            GC_TEXT                                                                                \
    }
#define T40_200 TEXT_200(40, 0x800, H40_TEXT, 0x09, 0x14)
#define T80_200 TEXT_200(80, 0x1000, H80_TEXT, 0x01, 0x28)
#define T40_350 TEXT_350(40, 0x800, H40_TEXT, 0x09, 0x14)
#define T80_350 TEXT_350(80, 0x1000, H80_TEXT, 0x01, 0x28)
#define T40_400 TEXT_400(40, 0x800, H40_TEXT, 0x08, 0x14)
#define T80_400 TEXT_400(80, 0x1000, H80_TEXT, 0x00, 0x28)
#define MONO_350                                                                                   \
    {                                                                                              \
        80, 24, 14, 0x1000, {0x00, SEQ_TEXT}, MISC_350_28MHZ - MISC_MONO,                          \
            CRTC(H80_TEXT, V350, 0x4d, 0x0b, 0x0c, 0x28, 0x0d, CRTC_WORD),                         \
            {AC_MONO, 0x0e, 0x00, 0x0f, 0x08}, GC_TEXT_MONO                                        \
    }
#define MONO_400                                                                                   \
    {                                                                                              \
        80, 24, 16, 0x1000, {0x00, SEQ_TEXT}, MISC_400_28MHZ - MISC_MONO,                          \
            CRTC(H80_TEXT, V400, 0x4f, 0x0d, 0x0e, 0x28, 0x0f, CRTC_WORD),                         \
            {AC_MONO, 0x0e, 0x00, 0x0f, 0x08}, GC_TEXT_MONO                                        \
    }
#define G320X200X4                                                                                 \
    {                                                                                              \
        40, 24, 8, 0x4000, {0x09, 0x03, 0x00, 0x02}, MISC_400_25MHZ,                               \
            CRTC(H40, V400, 0xc1, 0x00, 0x00, 0x14, 0x00, CRTC_CGA),                               \
            {AC_CGA4, 0x01, 0x00, 0x03, 0x00}, GC(0x30, 0x0f, 0x0f)                                \
    }
#define G640X200X2                                                                                 \
    {                                                                                              \
        80, 24, 8, 0x4000, {0x01, 0x01, 0x00, 0x06}, MISC_400_25MHZ,                               \
            CRTC(H80, V400, 0xc1, 0x00, 0x00, 0x28, 0x00, CRTC_CGA_BYTE),                          \
            {AC_TWO(0x17), 0x01, 0x00, 0x01, 0x00}, GC(0x00, 0x0d, 0x0f)                           \
    }
#define G320X200X16                                                                                \
    {                                                                                              \
        40, 24, 8, 0x2000, {0x09, SEQ_PLANAR}, MISC_400_25MHZ,                                     \
            CRTC(H40, V400, 0xc0, 0x00, 0x00, 0x14, 0x00, CRTC_BYTE),                              \
            {AC_CGA16, 0x01, 0x00, 0x0f, 0x00}, GC_PLANAR                                          \
    }
#define G640X200X16                                                                                \
    {                                                                                              \
        80, 24, 8, 0x4000, {0x01, SEQ_PLANAR}, MISC_400_25MHZ,                                     \
            CRTC(H80, V400, 0xc0, 0x00, 0x00, 0x28, 0x00, CRTC_BYTE),                              \
            {AC_CGA16, 0x01, 0x00, 0x0f, 0x00}, GC_PLANAR                                          \
    }
#define G640X350_MONO                                                                              \
    {                                                                                              \
        80, 24, 14, 0x8000, {0x01, SEQ_PLANAR}, MISC_350_25MHZ - MISC_MONO,                        \
            CRTC(H80, V350, 0x40, 0x00, 0x00, 0x28, 0x0f, CRTC_BYTE),                              \
            {AC_MONO4, 0x0b, 0x00, 0x05, 0x00}, GC_PLANAR                                          \
    }
#define G640X350X16                                                                                \
    {                                                                                              \
        80, 24, 14, 0x8000, {0x01, SEQ_PLANAR}, MISC_350_25MHZ,                                    \
            CRTC(H80, V350, 0x40, 0x00, 0x00, 0x28, 0x0f, CRTC_BYTE),                              \
            {AC_EGA16, 0x01, 0x00, 0x0f, 0x00}, GC_PLANAR                                          \
    }
#define G640X480X2                                                                                 \
    {                                                                                              \
        80, 29, 16, 0xa000, {0x01, SEQ_PLANAR}, MISC_480_25MHZ,                                    \
            CRTC(H80, V480, 0x40, 0x00, 0x00, 0x28, 0x00, CRTC_BYTE),                              \
            {AC_TWO(0x3f), 0x01, 0x00, 0x0f, 0x00}, GC_PLANAR                                      \
    }
#define G640X480X16                                                                                \
    {                                                                                              \
        80, 29, 16, 0xa000, {0x01, SEQ_PLANAR}, MISC_480_25MHZ,                                    \
            CRTC(H80, V480, 0x40, 0x00, 0x00, 0x28, 0x00, CRTC_BYTE),                              \
            {AC_EGA16, 0x01, 0x00, 0x0f, 0x00}, GC_PLANAR                                          \
    }
#define G320X200X256                                                                               \
    {                                                                                              \
        40, 24, 8, 0x0000, {0x01, 0x0f, 0x00, 0x0e}, MISC_400_25MHZ,                               \
            CRTC(H80, V400, 0x41, 0x00, 0x00, 0x28, 0x40, CRTC_WORD),                              \
            {AC_256, 0x41, 0x00, 0x0f, 0x00}, GC(0x40, 0x05, 0x0f)                                 \
    }

/* ORDER: struct mode's params, and mode_params(). */
ROM_DATA struct video_params video_params[] = {
    /* 00 */ T40_200,
    T40_200,
    T80_200,
    T80_200,
    G320X200X4,
    G320X200X4,
    G640X200X2,
    MONO_350,
    /* 08 */ T80_350,
    T80_350,
    T80_350,
    T80_350,
    T80_350, /* not a mode */
    /* 0d */ G320X200X16,
    G640X200X16,
    G640X350_MONO,
    G640X350X16,
    G640X350_MONO,
    G640X350X16,
    /* 13 */ T40_350,
    T40_350,
    T80_350,
    T80_350,
    /* 17 */ T40_400,
    T80_400,
    MONO_400,
    /* 1a */ G640X480X2,
    G640X480X16,
    G320X200X256,
};

ROM_DATA struct mode modes[] = {
    {0x00, MODEL_TEXT, PALETTE_EGA, 4, 8, 0x00, 0xb800, 0x2c},
    {0x01, MODEL_TEXT, PALETTE_EGA, 4, 8, 0x01, 0xb800, 0x28},
    {0x02, MODEL_TEXT, PALETTE_EGA, 4, 8, 0x02, 0xb800, 0x2d},
    {0x03, MODEL_TEXT, PALETTE_EGA, 4, 8, 0x03, 0xb800, 0x29},
    {0x04, MODEL_CGA, PALETTE_CGA, 2, 1, 0x04, 0xb800, 0x2a},
    {0x05, MODEL_CGA, PALETTE_CGA, 2, 1, 0x05, 0xb800, 0x2e},
    {0x06, MODEL_CGA, PALETTE_CGA, 1, 1, 0x06, 0xb800, 0x1e},
    {0x07, MODEL_TEXT, PALETTE_MONO, 4, 8, 0x07, 0xb000, 0x29},
    {0x0d, MODEL_PLANAR, PALETTE_CGA, 4, 8, 0x0d, 0xa000, 0x29},
    {0x0e, MODEL_PLANAR, PALETTE_CGA, 4, 4, 0x0e, 0xa000, 0x29},
    {0x0f, MODEL_PLANAR, PALETTE_MONO, 1, 2, 0x11, 0xa000, 0x29},
    {0x10, MODEL_PLANAR, PALETTE_EGA, 4, 2, 0x12, 0xa000, 0x29},
    {0x11, MODEL_PLANAR, PALETTE_EGA, 1, 1, 0x1a, 0xa000, 0x29},
    {0x12, MODEL_PLANAR, PALETTE_EGA, 4, 1, 0x1b, 0xa000, 0x29},
    {0x13, MODEL_LINEAR, PALETTE_256, 8, 1, 0x1c, 0xa000, 0x29},
};

const struct mode __seg_gs *mode_find(u8 number)
{
    number &= 0x7f;
    for (unsigned i = 0; i < ARRAY_LENGTH(modes); i++) {
        if (modes[i].number == number)
            return &modes[i];
    }
    return 0;
}

const struct video_params __seg_gs *mode_params(const struct mode __seg_gs *mode)
{
    u8 lines = bda8(BDA_MODESET), i = mode->params;
    if (mode->model == MODEL_TEXT) {
        if (mode->number == 7) {
            i = lines & MODESET_400 ? 0x19 : 0x07;
        } else if (!(lines & MODESET_200)) {
            i = lines & MODESET_400 ? 0x17 + (mode->number >> 1) : 0x13 + mode->number;
        }
    }
    return &video_params[i];
}
