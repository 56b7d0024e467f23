/* VBE functions 00h and 01h: what the adapter is, and what a mode is like.
 *
 * Source: VBE 2.0, sections 4.3 and 4.4; the fields that version 3.0 added describe the same frame
 * buffer. */
#include "bios/vga/dispi.h"
#include "bios/vga/vbe.h"

static ROM_DATA char oem_name[] = "Pagewalk VGA BIOS";
static ROM_DATA char vendor_name[] = "Pagewalk";
static ROM_DATA char product_name[] = "Pagewalk VGA";
static ROM_DATA char revision_name[] = "1";

struct vbe_info {
    u8 signature[4];
    u16 version;
    struct far oem;
    u32 capabilities;
    struct far modes;
    u16 memory; /* 64 KiB units */
    u16 oem_revision;
    struct far vendor, product, revision;
} PACKED;
#define MODE_LIST_OFFSET 0x22 /* behind the structure, in its reserved part of 222 bytes */

void vbe_information(struct regs *r)
{
    struct vbe_info info;
    u16 at = r->di, list = (u16)(at + MODE_LIST_OFFSET);
    bool version2 = far_get32(r->es, at) == 0x32454256; /* "VBE2": the buffer has 512 bytes */

    far_fill8(r->es, at, version2 ? 512 : 256, 0);
    info = (struct vbe_info){
        .signature = {'V', 'E', 'S', 'A'},
        .version = 0x0200,
        .oem = rom_far(oem_name),
        .capabilities = 0x01, /* the DAC can have 8 bits */
        .modes = {list, r->es},
        .memory = vbe_memory(),
        .oem_revision = 0x0100,
        .vendor = rom_far(vendor_name),
        .product = rom_far(product_name),
        .revision = rom_far(revision_name),
    };
    far_copy8(r->es, at, stack_segment(), (u16)(u32)&info, sizeof(info));
    for (u16 i = 0; i < vbe_mode_count; i++) {
        if (vbe_mode_fits(&vbe_modes[i])) {
            far_set16(r->es, list, vbe_modes[i].number);
            list += 2;
        }
    }
    far_set16(r->es, list, 0xffff);
    r->ax = VBE_OK;
}

struct vbe_mode_info {
    u16 attributes;
    u8 window_a, window_b;
    u16 granularity, window_size, segment_a, segment_b;
    struct far window_function;
    u16 pitch, width, height;
    u8 char_width, char_height, planes, bits, banks, model, bank_size, pages, reserved;
    u8 red_size, red_at, green_size, green_at, blue_size, blue_at, rest_size, rest_at, direct;
    u32 frame_buffer, off_screen;
    u16 off_screen_kib;
    /* VBE 3.0 */
    u16 linear_pitch;
    u8 bank_pages, linear_pages;
    u8 linear_fields[8];
    u32 max_clock;
} PACKED;

/* Attributes: supported, optional fields there, BIOS output, colour, graphics; no VGA registers
 * needed for 8 bits and more; linear frame buffer. */
#define ATTRIBUTES        0x001f
#define ATTRIBUTES_LINEAR 0x00a0 /* linear; not VGA compatible */

enum { MEMORY_PLANAR = 3, MEMORY_PACKED = 4, MEMORY_DIRECT = 6 };

void vbe_window_far(void);

static void direct_fields(struct vbe_mode_info *i, u8 bits)
{
    u8 size = bits < 24 ? 5 : 8;
    i->red_size = i->blue_size = size;
    i->green_size = bits == 16 ? 6 : size;
    i->green_at = size;
    i->red_at = (u8)(size + i->green_size);
    if (bits == 15 || bits == 32) {
        i->rest_size = bits == 15 ? 1 : 8;
        i->rest_at = bits == 15 ? 15 : 24;
    }
}

static void mode_information(struct vbe_mode_info *i, const struct vbe_mode __seg_gs *m)
{
    u32 bytes, memory = (u32)vbe_memory() << (m->bits == 4 ? 14 : 16);

    i->attributes = m->bits == 4 ? ATTRIBUTES : ATTRIBUTES | ATTRIBUTES_LINEAR;
    i->window_a = 0x07; /* there, readable, writable */
    i->granularity = i->window_size = 64;
    i->segment_a = 0xa000;
    i->window_function = (struct far){(u16)(u32)vbe_window_far, rom_segment()};
    i->pitch = i->linear_pitch = vbe_pitch(m->width, m->bits);
    i->width = m->width;
    i->height = m->height;
    i->char_width = 8;
    i->char_height = m->height < 400 ? 8 : 16;
    i->planes = m->bits == 4 ? 4 : 1;
    i->bits = m->bits;
    i->banks = 1;
    i->model = m->bits == 4 ? MEMORY_PLANAR : m->bits == 8 ? MEMORY_PACKED : MEMORY_DIRECT;
    bytes = (u32)i->pitch * m->height;
    memory = memory / bytes - 1;
    i->pages = memory > 255 ? 255 : (u8)memory;
    i->bank_pages = i->linear_pages = i->pages;
    i->reserved = 1;
    if (m->bits > 8) {
        direct_fields(i, m->bits);
        i->direct = m->bits == 32 ? 2 : 0; /* the remaining bits are the program's */
        for (u8 n = 0; n < 8; n++)
            i->linear_fields[n] = (&i->red_size)[n];
    }
    if (m->bits != 4)
        i->frame_buffer = vbe_frame_buffer();
    i->max_clock = 230000000;
}

void vbe_mode_information(struct regs *r)
{
    const struct vbe_mode __seg_gs *m = vbe_mode_find(r->cx & 0x3fff);
    struct vbe_mode_info info;

    r->ax = VBE_FAILED;
    if (!m)
        return;
    far_fill8(r->es, r->di, 256, 0);
    far_fill8(stack_segment(), (u16)(u32)&info, sizeof(info), 0);
    mode_information(&info, m);
    far_copy8(r->es, r->di, stack_segment(), (u16)(u32)&info, sizeof(info));
    r->ax = VBE_OK;
}
