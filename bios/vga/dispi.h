/* The Bochs display interface ("dispi"): index in port 1ce, 16-bit data in 1cf; modes beyond the
 * VGA's.
 *
 * Source: the interface of Bochs, as its VBE BIOS documents it and several emulators have it. */
#ifndef VGABIOS_DISPI_H
#define VGABIOS_DISPI_H

#include "bios/vga/rom.h"

enum {
    PORT_DISPI_INDEX = 0x1ce,
    PORT_DISPI_DATA = 0x1cf,
};
enum {
    DISPI_ID = 0,
    DISPI_XRES = 1,
    DISPI_YRES = 2,
    DISPI_BPP = 3,
    DISPI_ENABLE = 4,
    DISPI_BANK = 5,
    DISPI_VIRT_WIDTH = 6,
    DISPI_VIRT_HEIGHT = 7,
    DISPI_X_OFFSET = 8,
    DISPI_Y_OFFSET = 9,
    DISPI_VIDEO_MEMORY_64K = 0x0a,
};
#define DISPI_ID_OLDEST 0xb0c0 /* b0c2 and up: 15 to 32 bits a pixel, linear frame buffer */
#define DISPI_ID_NEWEST 0xb0cf
/* DISPI_ENABLE */
#define DISPI_ENABLED  0x01
#define DISPI_8BIT_DAC 0x20
#define DISPI_LINEAR   0x40
#define DISPI_NO_CLEAR 0x80

static inline u16 dispi_read(u16 index)
{
    out16(PORT_DISPI_INDEX, index);
    return in16(PORT_DISPI_DATA);
}
static inline void dispi_write(u16 index, u16 value)
{
    out16(PORT_DISPI_INDEX, index);
    out16(PORT_DISPI_DATA, value);
}
static inline bool dispi_present(void)
{
    u16 id = dispi_read(DISPI_ID);
    return id >= DISPI_ID_OLDEST && id <= DISPI_ID_NEWEST;
}
/* Whether a VBE mode is set. */
static inline bool dispi_enabled(void)
{
    return dispi_present() && (dispi_read(DISPI_ENABLE) & DISPI_ENABLED);
}
static inline void dispi_disable(void)
{
    if (dispi_present())
        dispi_write(DISPI_ENABLE, 0);
}

#endif
