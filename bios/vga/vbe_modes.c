/* The VBE modes, and how one is set.
 *
 * Numbers 100h-11bh are VESA's; from 11ch on they are those that programs for the dispi interface
 * know, and from 180h on our own. A mode is offered if video memory holds it. */
#include "bios/vga/cursor.h"
#include "bios/vga/dispi.h"
#include "bios/vga/fonts.h"
#include "bios/vga/palette.h"
#include "bios/vga/pci.h"
#include "bios/vga/vbe.h"

ROM_DATA struct vbe_mode vbe_modes[] = {
    {0x100, 640, 400, 8},    {0x101, 640, 480, 8},    {0x102, 800, 600, 4},
    {0x103, 800, 600, 8},    {0x104, 1024, 768, 4},   {0x105, 1024, 768, 8},
    {0x106, 1280, 1024, 4},  {0x107, 1280, 1024, 8},  {0x10d, 320, 200, 15},
    {0x10e, 320, 200, 16},   {0x10f, 320, 200, 24},   {0x110, 640, 480, 15},
    {0x111, 640, 480, 16},   {0x112, 640, 480, 24},   {0x113, 800, 600, 15},
    {0x114, 800, 600, 16},   {0x115, 800, 600, 24},   {0x116, 1024, 768, 15},
    {0x117, 1024, 768, 16},  {0x118, 1024, 768, 24},  {0x119, 1280, 1024, 15},
    {0x11a, 1280, 1024, 16}, {0x11b, 1280, 1024, 24}, {0x11c, 1600, 1200, 8},
    {0x11d, 1600, 1200, 15}, {0x11e, 1600, 1200, 16}, {0x11f, 1600, 1200, 24},
    {0x140, 320, 200, 32},   {0x141, 640, 400, 32},   {0x142, 640, 480, 32},
    {0x143, 800, 600, 32},   {0x144, 1024, 768, 32},  {0x145, 1280, 1024, 32},
    {0x146, 320, 200, 8},    {0x147, 1600, 1200, 32}, {0x148, 1152, 864, 8},
    {0x149, 1152, 864, 15},  {0x14a, 1152, 864, 16},  {0x14b, 1152, 864, 24},
    {0x14c, 1152, 864, 32},  {0x180, 1280, 720, 16},  {0x181, 1280, 720, 32},
    {0x182, 1280, 800, 16},  {0x183, 1280, 800, 32},  {0x184, 1280, 960, 16},
    {0x185, 1280, 960, 32},  {0x186, 1440, 900, 16},  {0x187, 1440, 900, 32},
    {0x188, 1400, 1050, 16}, {0x189, 1400, 1050, 32},
};
ROM_DATA u16 vbe_mode_count = ARRAY_LENGTH(vbe_modes);

u16 vbe_memory(void)
{
    u16 units = dispi_read(DISPI_VIDEO_MEMORY_64K);
    return units && units != 0xffff ? units
                                    : 64; /* an interface older than the register has 4 MiB */
}

bool vbe_mode_fits(const struct vbe_mode __seg_gs *m)
{
    u32 bytes = (u32)vbe_pitch(m->width, m->bits) * m->height;
    u16 units = vbe_memory();
    return bytes <= (u32)units << (m->bits == 4 ? 14 : 16);
}

const struct vbe_mode __seg_gs *vbe_mode_find(u16 number)
{
    for (u16 i = 0; i < vbe_mode_count; i++) {
        if (vbe_modes[i].number == number)
            return vbe_mode_fits(&vbe_modes[i]) ? &vbe_modes[i] : 0;
    }
    return 0;
}

const struct vbe_mode __seg_gs *vbe_mode_current(void)
{
    u16 width, height, bits;

    if (!dispi_enabled())
        return 0;
    width = dispi_read(DISPI_XRES);
    height = dispi_read(DISPI_YRES);
    bits = dispi_read(DISPI_BPP);
    for (u16 i = 0; i < vbe_mode_count; i++) {
        const struct vbe_mode __seg_gs *m = &vbe_modes[i];
        if (m->width == width && m->height == height && m->bits == bits)
            return m;
    }
    return 0;
}

u32 vbe_frame_buffer(void)
{
    u32 base = pci_find_bar0(0x1234, 0x1111);
    return base ? base : 0xe0000000;
}

static void set_bda(const struct vbe_mode __seg_gs *m, bool keep)
{
    u8 height = m->height < 400 ? 8 : 16;
    bda_set8(BDA_MODE, m->number == 0x102 ? 0x6a : 0x7f); /* no standard mode */
    bda_set16(BDA_COLUMNS, m->width / 8);
    bda_set8(BDA_LAST_ROW, (u8)(m->height / height - 1));
    bda_set16(BDA_CHAR_HEIGHT, height);
    bda_set16(BDA_PAGE_SIZE, 0);
    bda_set16(BDA_PAGE_START, 0);
    bda_set8(BDA_PAGE, 0);
    for (u8 i = 0; i < 8; i++)
        bda_set16(BDA_CURSOR + i * 2u, 0);
    bda_set16(BDA_CRTC, crtc_port());
    bda_set8(BDA_VIDEO, (u8)((bda8(BDA_VIDEO) & 0x7f) | (keep ? VIDEO_NO_CLEAR : 0)));
    vector_set(VECTOR_FONT, font_of_height(height));
}

void vbe_mode_set(const struct vbe_mode __seg_gs *m, u16 flags)
{
    const struct mode __seg_gs *base = mode_find(m->bits == 4 ? 0x12 : 0x13);

    dispi_write(DISPI_ENABLE, 0);
    mode_load_registers(mode_params(base));
    crtc_write(CRTC_MAX_SCAN, 0x40); /* each line once */
    dispi_write(DISPI_XRES, m->width);
    dispi_write(DISPI_YRES, m->height);
    dispi_write(DISPI_BPP, m->bits);
    dispi_write(DISPI_ENABLE, DISPI_ENABLED | flags);
    dispi_write(DISPI_BANK, 0);
    if (!(bda8(BDA_MODESET) & MODESET_NO_LOAD) && m->bits <= 8)
        palette_load(base->palette);
    set_bda(m, flags & DISPI_NO_CLEAR);
    screen_on();
}
