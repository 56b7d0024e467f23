/* Mode X: mode 13h by the BIOS, then 320x240 in four planes by the registers, as programs do it.
 *
 * Each plane is written on its own: a pattern of all 256 colours, a frame at the edges, and text from
 * the BIOS's 8x8 font. Writes a full stop to port e9 when it is done. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

struct regs {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 es;
};
void int10(struct regs *r);
void test_main(void);

static void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static void out_index(u16 port, u8 index, u8 value)
{
    out8(port, index);
    out8(port + 1, value);
}
static void poke(u16 segment, u16 offset, u8 value)
{
    __asm__ volatile("movw %1, %%fs; movb %0, %%fs:(%2)"
                     :
                     : "q"(value), "r"(segment), "r"((u32)offset)
                     : "memory");
}
static u8 peek(u16 segment, u16 offset)
{
    u8 value;
    __asm__ volatile("movw %1, %%fs; movb %%fs:(%2), %0"
                     : "=q"(value)
                     : "r"(segment), "r"((u32)offset)
                     : "memory");
    return value;
}

static void pixel(u16 x, u16 y, u8 color)
{
    out_index(0x3c4, 2, (u8)(1 << (x & 3)));
    poke(0xa000, (u16)(y * 80 + x / 4), color);
}

/* Timing of 480 lines, each pixel row twice; no chain 4, byte addresses (Abrash's well-known mode). */
static void set_mode_x(void)
{
    static const u8 crtc[][2] = {{0x11, 0x2c}, {0x06, 0x0d}, {0x07, 0x3e}, {0x09, 0x41},
                                 {0x10, 0xea}, {0x11, 0xac}, {0x12, 0xdf}, {0x14, 0x00},
                                 {0x15, 0xe7}, {0x16, 0x06}, {0x17, 0xe3}};
    struct regs r = {.eax = 0x13};
    int10(&r);
    out_index(0x3c4, 4, 0x06);
    out_index(0x3c4, 0, 0x01);
    out8(0x3c2, 0xe3);
    out_index(0x3c4, 0, 0x03);
    for (u8 i = 0; i < sizeof(crtc) / 2; i++)
        out_index(0x3d4, crtc[i][0], crtc[i][1]);
    out_index(0x3c4, 2, 0x0f);
    for (u16 i = 0; i < 320 / 4 * 240; i++)
        poke(0xa000, i, 0);
}

void test_main(void)
{
    static const char text[] = "Mode X, 320 x 240";
    struct regs r = {.eax = 0x1130, .ebx = 0x0300};

    set_mode_x();
    for (u16 y = 0; y < 128; y++) {
        for (u16 x = 0; x < 256; x++)
            pixel(x + 32, y + 60, (u8)((y & 0xf8) << 1 | x >> 4));
    }
    for (u16 x = 0; x < 320; x++) {
        pixel(x, 0, 15);
        pixel(x, 239, 15);
    }
    for (u16 y = 0; y < 240; y++) {
        pixel(0, y, 12);
        pixel(319, y, 12);
    }
    int10(&r);
    for (u16 i = 0; text[i]; i++) {
        for (u16 y = 0; y < 8; y++) {
            u8 bits = peek(r.es, (u16)(r.ebp + (u8)text[i] * 8 + y));
            for (u16 x = 0; x < 8; x++) {
                if (bits & 0x80 >> x)
                    pixel(92 + i * 8 + x, 20 + y, 14);
            }
        }
    }
    out8(0xe9, '.');
    for (;;)
        __asm__ volatile("hlt");
}
