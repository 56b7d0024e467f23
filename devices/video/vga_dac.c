/* The VGA's DAC, ports 3c6 to 3c9: 256 colours of 18 bits, or of 24 when the dispi interface says so.
 *
 * A colour is taken over when its third part was written. Source: IBM PS/2 Hardware Interface Technical
 * Reference, "Video Digital-to-Analog Converter". */
#include "devices/video/vga_regs.h"

enum { DAC_MASK, DAC_READ_INDEX, DAC_WRITE_INDEX, DAC_DATA }; /* offsets from port 3c6 */

#define STATE_READING                                                                              \
    0x03 /* of port 3c7; writing: 0. Some documents have it the other way round. */

static void data_write(struct vga_dac *dac, u8 value)
{
    if (dac->part < 2) {
        dac->written[dac->part++] = value;
        return;
    }
    dac->color[dac->write_index][0] = dac->written[0];
    dac->color[dac->write_index][1] = dac->written[1];
    dac->color[dac->write_index][2] = value;
    dac->write_index++;
    dac->part = 0;
}

static u8 data_read(struct vga_dac *dac)
{
    u8 value = dac->color[dac->read_index][dac->part];

    if (++dac->part == 3) {
        dac->part = 0;
        dac->read_index++;
    }
    return value;
}

void vga_dac_write(struct vga_dac *dac, unsigned offset, u8 value)
{
    switch (offset) {
    case DAC_MASK: dac->mask = value; break;
    case DAC_READ_INDEX:
        dac->read_index = value;
        dac->part = 0;
        dac->reading = true;
        break;
    case DAC_WRITE_INDEX:
        dac->write_index = value;
        dac->part = 0;
        dac->reading = false;
        break;
    case DAC_DATA: data_write(dac, value); break;
    }
}

u8 vga_dac_read(struct vga_dac *dac, unsigned offset)
{
    switch (offset) {
    case DAC_MASK: return dac->mask;
    case DAC_READ_INDEX: return dac->reading ? STATE_READING : 0;
    case DAC_WRITE_INDEX: return dac->write_index;
    case DAC_DATA: return data_read(dac);
    }
    return 0xff;
}

/* Six bits as eight: full intensity must be 255. */
static u32 widen(u8 six)
{
    six &= 0x3f;
    return (u32)(six << 2 | six >> 4);
}

void vga_dac_colors(const struct vga *vga, u32 *rgb)
{
    bool eight = vga->r.vbe.reg[DISPI_ENABLE] & DISPI_8BIT_DAC;

    for (unsigned i = 0; i < 256; i++) {
        const u8 *c = vga->r.dac.color[i & vga->r.dac.mask];

        if (eight)
            rgb[i] = (u32)c[0] << 16 | (u32)c[1] << 8 | c[2];
        else
            rgb[i] = widen(c[0]) << 16 | widen(c[1]) << 8 | widen(c[2]);
    }
}
