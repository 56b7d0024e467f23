/* Drawing in modes of a byte or more a pixel: mode 13h, and VBE modes through the 64 KiB bank
 * window at a0000.
 *
 * In modes of 15 bits and more a colour is one of the 16 of text modes. */
#include "bios/vga/dispi.h"
#include "bios/vga/draw.h"
#include "bios/vga/palette.h"

static u32 address(const struct screen *s, u16 x, u16 y)
{
    return (u32)y * s->pitch + (u32)x * ((s->bits + 7u) / 8);
}

/* Shows the 64 KiB around `at` in the window; the offset in it. */
static u16 window(const struct screen *s, u32 at)
{
    if (s->vbe)
        dispi_write(DISPI_BANK, (u16)(at >> 16));
    return (u16)at;
}

static u16 bank_save(const struct screen *s)
{
    return s->vbe ? dispi_read(DISPI_BANK) : 0;
}

static void bank_restore(const struct screen *s, u16 bank)
{
    if (s->vbe)
        dispi_write(DISPI_BANK, bank);
}

static u32 pixel_value(const struct screen *s, u8 color)
{
    struct color c;
    if (s->bits <= 8)
        return color;
    c = palette_color16(color & 0x0f);
    if (s->bits == 15)
        return (u32)(c.red >> 1) << 10 | (u32)(c.green >> 1) << 5 | c.blue >> 1;
    if (s->bits == 16)
        return (u32)(c.red >> 1) << 11 | (u32)c.green << 5 | c.blue >> 1;
    return (u32)c.red << 18 | (u32)c.green << 10 | (u32)c.blue << 2;
}

/* One pixel, whose bytes may lie in two banks. */
static void put_bytes(const struct screen *s, u32 at, u32 value)
{
    for (u8 n = 0; n < s->bits; n += 8, at++, value >>= 8)
        far_set8(s->segment, window(s, at), LOW(value));
}

/* A pixel at an offset in the window. */
static u32 get_near(const struct screen *s, u16 offset)
{
    switch ((s->bits + 7) / 8) {
    case 1: return far_get8(s->segment, offset);
    case 2: return far_get16(s->segment, offset);
    case 3:
        return far_get16(s->segment, offset) | (u32)far_get8(s->segment, (u16)(offset + 2)) << 16;
    default: return far_get32(s->segment, offset);
    }
}

static u32 get_bytes(const struct screen *s, u32 at)
{
    u32 value = 0;
    if ((u16)at <= 0x10000 - 4)
        return get_near(s, window(s, at));
    for (u8 n = 0; n < s->bits; n += 8, at++)
        value |= (u32)far_get8(s->segment, window(s, at)) << n;
    return value;
}

/* Eight pixels in one bank. */
static void glyph_row(const struct screen *s, u16 at, u8 bits, u32 on)
{
    for (u8 dot = 0; dot < 8; dot++, bits <<= 1) {
        u32 value = bits & 0x80 ? on : 0;
        switch ((s->bits + 7) / 8) {
        case 1:
            far_set8(s->segment, at, LOW(value));
            at += 1;
            break;
        case 2:
            far_set16(s->segment, at, (u16)value);
            at += 2;
            break;
        case 3:
            far_set16(s->segment, at, (u16)value);
            far_set8(s->segment, (u16)(at + 2), (u8)(value >> 16));
            at += 3;
            break;
        default:
            far_set32(s->segment, at, value);
            at += 4;
            break;
        }
    }
}

void linear_char(const struct screen *s, u8 column, u8 row, struct far glyph, u8 color)
{
    u32 on = pixel_value(s, color);
    u16 bank = bank_save(s), y = (u16)(row * s->char_height);
    u8 bytes = (u8)((s->bits + 7) / 8);
    bool exclusive = s->bits > 8 && (color & 0x80);

    for (u8 i = 0; i < s->char_height; i++, y++) {
        u8 bits = far_get8(glyph.segment, (u16)(glyph.offset + i));
        u32 at = address(s, (u16)(column * 8u), y);
        u16 offset = window(s, at);
        if (!exclusive && offset <= 0x10000 - 32) {
            glyph_row(s, offset, bits, on);
            continue;
        }
        for (u8 dot = 0; dot < 8; dot++, bits <<= 1, at += bytes) {
            u32 value = bits & 0x80 ? on : 0;
            put_bytes(s, at, exclusive ? value ^ get_bytes(s, at) : value);
        }
    }
    bank_restore(s, bank);
}

void linear_read_cell(const struct screen *s, u8 column, u8 row, u8 *rows)
{
    u16 bank = bank_save(s);
    u8 bytes = (u8)((s->bits + 7) / 8);

    for (u8 i = 0; i < s->char_height; i++) {
        u32 at = address(s, (u16)(column * 8u), (u16)(row * s->char_height + i));
        u16 offset = window(s, at);
        bool near = offset <= 0x10000 - 32;
        rows[i] = 0;
        for (u8 dot = 0; dot < 8; dot++, at += bytes, offset += bytes)
            rows[i] = (u8)(rows[i] << 1 | ((near ? get_near(s, offset) : get_bytes(s, at)) != 0));
    }
    bank_restore(s, bank);
}

/* Four bytes at a time, unlike planes, where each byte goes through the latches. */
static void copy_near(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 bytes)
{
    far_copy32(to_segment, to, from_segment, from, bytes / 4);
    far_copy8(to_segment, (u16)(to + (bytes & ~3)), from_segment, (u16)(from + (bytes & ~3)),
              bytes & 3);
}

/* Where source and destination are in different banks, bytes go by way of the stack. */
static void copy(const struct screen *s, u32 to, u32 from, u32 bytes)
{
    u8 buffer[128];

    while (bytes) {
        u32 n = bytes, room = 0x10000 - (to & 0xffff);
        if (n > room)
            n = room;
        room = 0x10000 - (from & 0xffff);
        if (n > room)
            n = room;
        if (to >> 16 == from >> 16) {
            if (n > 0x8000)
                n = 0x8000;
            window(s, to);
            copy_near(s->segment, (u16)to, s->segment, (u16)from, (u16)n);
        } else {
            if (n > sizeof(buffer))
                n = sizeof(buffer);
            copy_near(stack_segment(), (u16)(u32)buffer, s->segment, window(s, from), (u16)n);
            copy_near(s->segment, window(s, to), stack_segment(), (u16)(u32)buffer, (u16)n);
        }
        to += n;
        from += n;
        bytes -= n;
    }
}

void linear_move_row(const struct screen *s, u8 left, u8 right, u8 to, u8 from)
{
    u16 bank = bank_save(s);
    u32 bytes = (u32)(right - left + 1) * 8 * ((s->bits + 7u) / 8);
    for (u8 i = 0; i < s->char_height; i++) {
        copy(s, address(s, (u16)(left * 8u), (u16)(to * s->char_height + i)),
             address(s, (u16)(left * 8u), (u16)(from * s->char_height + i)), bytes);
    }
    bank_restore(s, bank);
}

static void fill_bytes(const struct screen *s, u32 at, u32 bytes, u8 value)
{
    while (bytes) {
        u32 n = 0x10000 - (at & 0xffff);
        if (n > 0x8000)
            n = 0x8000;
        if (n > bytes)
            n = bytes;
        far_fill16(s->segment, window(s, at), (u16)(n / 2), (u16)(value << 8 | value));
        if (n & 1)
            far_fill8(s->segment, (u16)(at + n - 1), 1, value);
        at += n;
        bytes -= n;
    }
}

void linear_blank_row(const struct screen *s, u8 left, u8 right, u8 row, u8 fill)
{
    u16 bank = bank_save(s), width = (u16)((right - left + 1) * 8u);
    u32 value = pixel_value(s, fill);

    for (u8 i = 0; i < s->char_height; i++) {
        u32 at = address(s, (u16)(left * 8u), (u16)(row * s->char_height + i));
        if (s->bits <= 8 || !value) {
            fill_bytes(s, at, (u32)width * ((s->bits + 7u) / 8), LOW(value));
        } else {
            for (u16 x = 0; x < width; x++, at += (s->bits + 7u) / 8)
                put_bytes(s, at, value);
        }
    }
    bank_restore(s, bank);
}

void linear_pixel(const struct screen *s, u16 x, u16 y, u8 color)
{
    u16 bank = bank_save(s);
    u32 at = address(s, x, y), value = pixel_value(s, color);
    if (s->bits > 8 && (color & 0x80))
        value ^= get_bytes(s, at);
    put_bytes(s, at, value);
    bank_restore(s, bank);
}

u8 linear_read_pixel(const struct screen *s, u16 x, u16 y)
{
    u16 bank = bank_save(s);
    u32 value = get_bytes(s, address(s, x, y));
    bank_restore(s, bank);
    if (s->bits > 8) {
        for (u8 i = 0; i < 16; i++) {
            if (pixel_value(s, i) == value)
                return i;
        }
    }
    return LOW(value);
}
