/* Tests of the VGA's pictures: graphics modes against a model that computes each pixel by itself, VBE modes
 * pixel by pixel, and that a draw of what changed gives the same as a draw of everything. */
#include "tests/unit/vga_rig.h"

static struct rig rig;

static void setup(void)
{
    rig_init(&rig);
}

static void teardown(void)
{
    rig_free(&rig);
}

/* A mode as its programmer thinks of it. */
struct picture {
    const struct rig_mode *mode;
    unsigned width, height; /* pixels */
    unsigned wide, high;    /* dots a pixel, lines a pixel */
    unsigned pitch;         /* bytes a row, of a plane or of chain-4 memory */
    enum { PLANAR, CHAIN4, UNCHAINED, CGA4, CGA2 } kind;
};

static const struct picture pictures[] = {
    {&rig_planar640, 640, 480, 1, 1, 80, PLANAR}, {&rig_planar320, 320, 200, 2, 2, 40, PLANAR},
    {&rig_chain4, 320, 200, 2, 2, 320, CHAIN4},   {&rig_modex, 320, 240, 2, 2, 80, UNCHAINED},
    {&rig_cga4, 320, 200, 2, 2, 80, CGA4},        {&rig_cga2, 640, 200, 1, 2, 80, CGA2},
};

static u8 plane(unsigned p, u32 offset)
{
    return rig.vga.memory[vga_index(&rig.vga, offset & 0xffff) + p];
}

/* What is programmed besides the mode. */
struct view {
    u32 start;      /* in the mode's bytes of a plane (chain-4: divided by 4) */
    unsigned shift; /* pixels to the left */
    unsigned split; /* the first line of the lower part */
    bool still;     /* which does not shift */
};

/* The pixel's number in the palette registers, or in the DAC with eight bits. */
static unsigned pixel(const struct picture *pic, const struct view *view, unsigned x, unsigned line)
{
    u32 start = view->start, at;
    unsigned y = line / pic->high, v = 0;

    x += view->shift;
    if (line >= view->split) {
        start = 0;
        y = (line - view->split) / pic->high;
        x -= view->still ? view->shift : 0;
    }
    switch (pic->kind) {
    case PLANAR:
        at = start + y * pic->pitch + x / 8;
        for (unsigned p = 0; p < 4; p++)
            v |= (plane(p, at) >> (7 - x % 8) & 1u) << p;
        return v;
    case UNCHAINED: return plane(x % 4, start + y * pic->pitch + x / 4);
    case CHAIN4: /* addresses wrap where a plane's 16 bits do */
        at = start * 4 + y * pic->pitch + x;
        return plane(at % 4, at & 0xfffc);
    case CGA4: /* even bytes in plane 0, odd ones in plane 1 */
        at = (start * 2 + y / 2 * pic->pitch + x / 4) % 8192 + (y % 2) * 8192;
        return plane(at % 2, at & ~1u) >> (6 - 2 * (x % 4)) & 3;
    case CGA2:
        at = (start + y / 2 * pic->pitch + x / 8) % 8192 + (y % 2) * 8192;
        return plane(0, at) >> (7 - x % 8) & 1;
    }
    return 0;
}

static void check(const struct picture *pic, const struct view *view)
{
    ck_assert_uint_eq(rig.s.width, pic->width * pic->wide);
    ck_assert_uint_eq(rig.s.height, pic->height * pic->high);
    for (unsigned line = 0; line < rig.s.height; line++) {
        for (unsigned x = 0; x < pic->width; x++) {
            unsigned v = pixel(pic, view, x, line);
            bool eight = pic->kind == CHAIN4 || pic->kind == UNCHAINED;
            u32 rgb = rig_rgb(eight ? v : pic->mode->attr[v]);

            for (unsigned i = 0; i < pic->wide; i++)
                if (rig.s.pixel[line * rig.s.width + x * pic->wide + i] != rgb)
                    ck_abort_msg("mode %s: %u, line %u: %06x, not %06x", pic->mode->name, x, line,
                                 rig.s.pixel[line * rig.s.width + x * pic->wide + i], rgb);
        }
    }
}

static void fill_memory(u64 seed)
{
    for (unsigned i = 0; i < VGA_PLANAR; i += 8)
        put64(rig.vga.memory + i, bench_random(&seed));
}

START_TEST(test_modes)
{
    const struct picture *pic = &pictures[_i];
    struct view view = {.split = 9999};

    rig_set_mode(&rig, pic->mode);
    fill_memory(3);
    rig_draw(&rig, false);
    check(pic, &view);
    ck_assert(rig.s.resized);
    ck_assert_uint_eq(rig.s.dirty_top, 0);
    ck_assert_uint_eq(rig.s.dirty_bottom, rig.s.height);
    rig_draw(&rig, false);
    ck_assert(!rig.s.resized);
    ck_assert_uint_eq(rig.s.dirty_top, rig.s.dirty_bottom);
}
END_TEST

/* Start address, panning by bytes and pixels, line compare. */
START_TEST(test_views)
{
    const struct picture *pic = &pictures[_i % 6];
    u64 seed = 100 + (u64)_i;

    rig_set_mode(&rig, pic->mode);
    fill_memory(4);
    for (unsigned i = 0; i < 6; i++) {
        u64 r = bench_random(&seed);
        bool eight = pic->kind == CHAIN4 || pic->kind == UNCHAINED;
        unsigned bytes = i % 2 && pic->kind < CHAIN4 ? r >> 40 & 3 : 0;
        struct view view = {
            .start = r & (pic->kind >= CGA4 ? 0x7ff : 0xffff),
            .shift = (unsigned)(r >> 16) & (eight ? 3 : 7),
            .split = i < 2 ? 9999 : (unsigned)((r >> 24) % 400),
            .still = r >> 60 & 1,
        };
        unsigned compare = view.split - 1;

        if (view.split == 0)
            compare = view.split = 1;
        compare = view.split - 1;
        rig_index(&rig, 0x3d4, 0x0c, (u8)(view.start >> 8));
        rig_index(&rig, 0x3d4, 0x0d, (u8)view.start);
        rig_index(&rig, 0x3d4, 0x08, (u8)(bytes << 5));
        rig_attr(&rig, 0x13, (u8)(eight ? 2 * view.shift : view.shift));
        rig_attr(&rig, 0x10, pic->mode->attr[0x10] | (view.still ? 0x20 : 0));
        rig_index(&rig, 0x3d4, 0x11, 0);
        rig_index(&rig, 0x3d4, 0x18, (u8)compare);
        rig_index(&rig, 0x3d4, 0x07, (pic->mode->crtc[7] & 0xef) | (compare & 0x100 ? 0x10 : 0));
        rig_index(&rig, 0x3d4, 0x09, (pic->mode->crtc[9] & 0xbf) | (compare & 0x200 ? 0x40 : 0));
        bench_pass(&rig.b, 20000000);
        rig_draw(&rig, false);
        if (bytes) /* a byte is eight pixels; in the lower part only if that moves too */
            view.shift += 8 * bytes;
        check(pic, &view);
    }
}
END_TEST

/* Palette registers by way of colour select, the plane mask, the DAC's mask. */
START_TEST(test_palette)
{
    const u8 *attr = rig_planar640.attr;

    rig_set_mode(&rig, &rig_planar640);
    put32(rig.vga.memory, 0x80800080); /* the first pixel is 13 */
    rig_draw(&rig, true);
    ck_assert_uint_eq(rig.s.pixel[0], rig_rgb(attr[13]));
    ck_assert_uint_eq(rig.s.pixel[1], rig_rgb(0));
    rig_attr(&rig, 0x12, 0x07);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[0], rig_rgb(attr[5]));
    rig_attr(&rig, 0x14, 0x0b); /* bits 7 and 6: 2 */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[0], rig_rgb(attr[5] | 0x80));
    rig_attr(&rig, 0x10, 0x81); /* bits 5 and 4: 3 */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[0], rig_rgb((attr[5] & 15) | 0xb0));
    outb(&rig.b, 0x3c6, 0x31);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[0], rig_rgb(((attr[5] & 15) | 0xb0) & 0x31));
}
END_TEST

START_TEST(test_blank)
{
    rig_set_mode(&rig, &rig_chain4);
    fill_memory(1);
    rig_attr(&rig, 0x11, 77);
    inb(&rig.b, 0x3da);
    outb(&rig.b, 0x3c0, 0x00); /* the CPU has the palette: all border */
    rig_draw(&rig, false);
    for (unsigned i = 0; i < 640 * 400; i++)
        ck_assert_uint_eq(rig.s.pixel[i], rig_rgb(77));
    inb(&rig.b, 0x3da);
    outb(&rig.b, 0x3c0, 0x20);
    rig_index(&rig, 0x3c4, 1, 0x21); /* screen off */
    rig_draw(&rig, false);
    for (unsigned i = 0; i < 640 * 400; i++)
        ck_assert_uint_eq(rig.s.pixel[i], 0);
    rig_index(&rig, 0x3c4, 1, 0x01);
    rig_draw(&rig, false);
    check(&pictures[2], &(struct view){.split = 9999});
    rig_index(&rig, 0x3c4, 0, 0x01); /* in reset: no picture */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 0);
}
END_TEST

/* Half the lines, each twice. */
START_TEST(test_half_lines)
{
    rig_set_mode(&rig, &rig_planar640);
    fill_memory(9);
    rig_draw(&rig, false);
    u32 *before = malloc(640 * 480 * 4);
    memcpy(before, rig.s.pixel, 640 * 480 * 4);
    rig_index(&rig, 0x3d4, 0x17, 0xe7);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.height, 960);
    for (unsigned y = 0; y < 960; y++)
        ck_assert_mem_eq(rig.s.pixel + y * 640, before + y / 2 * 640, 640 * 4);
    free(before);
}
END_TEST

static void same_as_all(void)
{
    u64 hash = picture_hash(&rig.s);

    rig_draw(&rig, true);
    ck_assert_uint_eq(picture_hash(&rig.s), hash);
}

/* Random stores, and draws of what they changed. */
START_TEST(test_changes)
{
    u64 seed = 8;

    rig_set_mode(&rig, pictures[_i % 6].mode);
    if (_i == 6) {
        rig_dispi(&rig, DISPI_XRES, 640);
        rig_dispi(&rig, DISPI_YRES, 480);
        rig_dispi(&rig, DISPI_BPP, 16);
        rig_dispi(&rig, DISPI_ENABLE, 1);
        rig_dispi(&rig, DISPI_VIRT_WIDTH, 1000);
    }
    rig_draw(&rig, true);
    for (unsigned i = 0; i < 60; i++) {
        u64 r = bench_random(&seed);
        u32 base = (_i == 4 || _i == 5 ? 0xb8000 : 0xa0000) + (r >> 8 & 0x7fff);

        for (unsigned j = 0; j < (r & 31) + 1; j++)
            phys_store(&rig.phys, base + j * 8, r >> j, 8);
        if (i % 4 == 0)
            phys_store(&rig.phys, RIG_LFB + (r >> 20 & 0xfffff), r, 4);
        if (i % 5 == 0) /* a bank, or nothing */
            rig_dispi(&rig, DISPI_BANK, r >> 40 & 15);
        rig_draw(&rig, false);
        same_as_all();
    }
}
END_TEST

/* Each thing that a picture depends on, changed alone: a draw notices. */
static const struct {
    u16 port;
    u8 index, value;
} alone[] = {
    {0x3d4, 0x0d, 0x21}, {0x3d4, 0x0c, 0x21}, {0x3d4, 0x13, 0x29}, {0x3d4, 0x17, 0xa3},
    {0x3d4, 0x18, 0x80}, {0x3d4, 0x08, 0x20}, {0x3d4, 0x09, 0x02}, {0x3d4, 0x12, 0x80},
    {0x3d4, 0x01, 0x40}, {0x3ce, 0x05, 0x40}, {0x3ce, 0x06, 0x04}, {0x3c4, 0x01, 0x09},
    {0x3c4, 0x01, 0x21}, {0x3c0, 0x05, 0x01}, {0x3c0, 0x10, 0x81}, {0x3c0, 0x12, 0x07},
    {0x3c0, 0x13, 0x03}, {0x3c0, 0x14, 0x04}, {0x3c6, 0x1f, 0x1f}, {0x3c8, 0x05, 0x20},
};

START_TEST(test_alone)
{
    u64 before;

    rig_set_mode(&rig, &rig_planar640);
    rig_index(&rig, 0x3d4, 0x11, 0x0c); /* no protection */
    rig_index(&rig, 0x3d4, 0x07, 0x2e); /* and the line compare can be reached */
    rig_index(&rig, 0x3d4, 0x09, 0x00);
    fill_memory(2);
    rig_draw(&rig, false);
    before = picture_hash(&rig.s);
    switch (alone[_i].port) {
    case 0x3c0: rig_attr(&rig, alone[_i].index, alone[_i].value); break;
    case 0x3c6: outb(&rig.b, 0x3c6, alone[_i].value); break;
    case 0x3c8: rig_color(&rig, alone[_i].index, alone[_i].value, 0, 0); break;
    default: rig_index(&rig, alone[_i].port, alone[_i].index, alone[_i].value);
    }
    bench_pass(&rig.b, 20000000); /* a retrace */
    rig_draw(&rig, false);
    ck_assert_uint_ne(picture_hash(&rig.s), before);
    same_as_all();
}
END_TEST

/* Another surface gets everything, without being asked to. */
START_TEST(test_two_surfaces)
{
    struct surface other = {0};
    u64 hash;

    rig_set_mode(&rig, &rig_planar640);
    fill_memory(2);
    rig_draw(&rig, false);
    hash = picture_hash(&rig.s);
    rig.vga.display.draw(&rig.vga, &other, false);
    ck_assert_uint_eq(picture_hash(&other), hash);
    free(other.pixel);
}
END_TEST

/* Only what was stored to is drawn: at most the lines of the pieces that a dirty bit stands for. */
START_TEST(test_dirty_rows)
{
    rig_set_mode(&rig, &rig_planar640);
    rig_draw(&rig, false);
    rig_poke(&rig, 0xa0000 + 100 * 80 + 40, 0xff);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.dirty_top, 100); /* 64 bytes of a plane: 8000 to 8063 */
    ck_assert_uint_eq(rig.s.dirty_bottom, 101);
    rig_poke(&rig, 0xa0000 + 100 * 80 + 40, 0xff); /* nothing changes */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.dirty_top, rig.s.dirty_bottom);

    rig_dispi(&rig, DISPI_XRES, 1024);
    rig_dispi(&rig, DISPI_YRES, 768);
    rig_dispi(&rig, DISPI_BPP, 32);
    rig_dispi(&rig, DISPI_ENABLE, 1);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.dirty_bottom, 768);
    rig.unmaps = 0;
    phys_store(&rig.phys, RIG_LFB + 500 * 4096 + 12, 1, 4); /* a page is a row here */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.dirty_top, 500);
    ck_assert_uint_eq(rig.s.dirty_bottom, 501);
    ck_assert_uint_eq(rig.unmaps, 1);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.dirty_top, rig.s.dirty_bottom);
    ck_assert_uint_eq(rig.unmaps, 1);
}
END_TEST

static const struct {
    u16 bpp;
    u32 value; /* a pixel's bytes */
    u32 rgb;
} formats[] = {
    {8, 0x5a, 0},
    {15, 0x7fff, 0xffffff},
    {15, 0x7c00, 0xff0000},
    {15, 0x0200, 0x008400},
    {15, 0x8010, 0x000084},
    {16, 0xf800, 0xff0000},
    {16, 0x0400, 0x008200},
    {16, 0x0010, 0x000084},
    {24, 0x123456, 0x123456},
    {32, 0xff123456, 0x123456},
};

START_TEST(test_vbe_formats)
{
    unsigned bytes = (formats[_i].bpp + 7) / 8;
    u32 at = (13 + 2) * 400 * bytes + (17 + 5) * bytes;
    u32 rgb = formats[_i].bpp == 8 ? rig_rgb(0x5a) : formats[_i].rgb;

    rig_set_mode(&rig, &rig_text);
    rig_dispi(&rig, DISPI_XRES, 320);
    rig_dispi(&rig, DISPI_YRES, 200);
    rig_dispi(&rig, DISPI_BPP, formats[_i].bpp);
    rig_dispi(&rig, DISPI_ENABLE, 1);
    rig_dispi(&rig, DISPI_VIRT_WIDTH, 400);
    rig_dispi(&rig, DISPI_X_OFFSET, 5);
    rig_dispi(&rig, DISPI_Y_OFFSET, 2);
    for (unsigned i = 0; i < bytes; i++)
        rig_poke(&rig, RIG_LFB + at + i, (u8)(formats[_i].value >> 8 * i));
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 320);
    ck_assert_uint_eq(rig.s.height, 200);
    for (unsigned i = 0; i < 320 * 200; i++)
        ck_assert_uint_eq(rig.s.pixel[i], i == 13 * 320 + 17     ? rgb
                                          : formats[_i].bpp == 8 ? rig_rgb(0)
                                                                 : 0);
    if (formats[_i].bpp != 8)
        return;
    rig_dispi(&rig, DISPI_ENABLE, 0x21); /* eight bits a colour: 5a is 1a 16 25 */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[13 * 320 + 17], 0x1a1625);
}
END_TEST

START_TEST(test_vbe_planar)
{
    rig_set_mode(&rig, &rig_planar640);
    rig_dispi(&rig, DISPI_XRES, 800);
    rig_dispi(&rig, DISPI_YRES, 600);
    rig_dispi(&rig, DISPI_BPP, 4);
    rig_dispi(&rig, DISPI_ENABLE, 1);
    rig_index(&rig, 0x3c4, 2, 0x0a);
    rig_poke(&rig, 0xa0000 + 3 * 100 + 1, 0x81);
    rig_draw(&rig, false);
    for (unsigned i = 0; i < 800 * 600; i++)
        ck_assert_uint_eq(
            rig.s.pixel[i],
            rig_rgb(rig_planar640.attr[i == 3 * 800 + 8 || i == 3 * 800 + 15 ? 10 : 0]));
    rig_dispi(&rig, DISPI_VIRT_WIDTH, 808);
    rig_dispi(&rig, DISPI_X_OFFSET, 3);
    rig_poke(&rig, 0xa0000 + 5 * 101 + 100, 0x20); /* pixel 802 of row 5 */
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[5 * 800 + 799], rig_rgb(rig_planar640.attr[10]));
    same_as_all();
}
END_TEST

/* The dispi registers: what sticks, and what follows. */
START_TEST(test_vbe_registers)
{
    static const u16 bad[][3] = {{0, 480, 8},    {640, 0, 8},    {640, 480, 7},
                                 {2561, 480, 8}, {640, 1601, 8}, {2560, 1600, 32 + 1},
                                 {804, 600, 4},  {640, 480, 0}};

    rig_dispi(&rig, DISPI_ID, 0xb0c2);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_ID), 0xb0c2);
    rig_dispi(&rig, DISPI_ID, 0xb0c6);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_ID), 0xb0c2);
    rig_dispi(&rig, DISPI_ID, 0xb0c5);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_MEMORY_64K), 256);
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        rig_dispi(&rig, DISPI_XRES, bad[i][0]);
        rig_dispi(&rig, DISPI_YRES, bad[i][1]);
        rig_dispi(&rig, DISPI_BPP, bad[i][2]);
        rig_dispi(&rig, DISPI_ENABLE, 0x41);
        ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_ENABLE), 0x40);
    }
    rig_dispi(&rig, DISPI_XRES, 1600);
    rig_dispi(&rig, DISPI_YRES, 1200);
    rig_dispi(&rig, DISPI_BPP, 32);
    rig_dispi(&rig, DISPI_ENABLE, 0x41);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_ENABLE), 0x41);
    rig_dispi(&rig, DISPI_XRES, 640); /* not while it is on */
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_XRES), 1600);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_VIRT_WIDTH), 1600);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_VIRT_HEIGHT), 2621);
    rig_dispi(&rig, DISPI_VIRT_WIDTH, 2000);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_VIRT_HEIGHT), 2097);
    rig_dispi(&rig, DISPI_X_OFFSET, 500); /* 400 are to be had */
    rig_dispi(&rig, DISPI_Y_OFFSET, 800);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_X_OFFSET), 400);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_Y_OFFSET), 800);
    rig_draw(&rig, true);
    rig_dispi(&rig, DISPI_VIRT_WIDTH, 0xffff); /* as wide as 1200 rows fit */
    ck_assert_uint_le(rig_dispi_get(&rig, DISPI_VIRT_WIDTH) * 1200u * 4, VGA_MEMORY);
    ck_assert_uint_ge(rig_dispi_get(&rig, DISPI_VIRT_WIDTH), 3480);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_VIRT_HEIGHT),
                      1200 + rig_dispi_get(&rig, DISPI_VIRT_HEIGHT) % 1200);
    rig_dispi(&rig, DISPI_X_OFFSET, 0xffff);
    rig_dispi(&rig, DISPI_Y_OFFSET, 0xffff);
    rig_draw(&rig, true);
    rig_dispi(&rig, DISPI_VIRT_WIDTH, 1);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_VIRT_WIDTH), 1600);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_X_OFFSET), 0);
    rig_dispi(&rig, DISPI_ENABLE, 2); /* what there is */
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_XRES), 2560);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_YRES), 1600);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_BPP), 32);
    ck_assert_uint_eq(rig_dispi_get(&rig, 11), 0);
    ioport_write(&rig.b.bus, 0x1ce, DISPI_YRES, 2); /* the other data port */
    rig_dispi(&rig, DISPI_ENABLE, 0);
    ioport_write(&rig.b.bus, 0x1ce, 0x03210000 | DISPI_YRES, 4);
    ck_assert_uint_eq(rig_dispi_get(&rig, DISPI_YRES), 0x321);
}
END_TEST

/* The display is off in a VBE mode as well when the attribute controller says so. */
START_TEST(test_vbe_blank)
{
    rig_dispi(&rig, DISPI_XRES, 64);
    rig_dispi(&rig, DISPI_YRES, 64);
    rig_dispi(&rig, DISPI_BPP, 32);
    rig_dispi(&rig, DISPI_ENABLE, 1);
    phys_store(&rig.phys, RIG_LFB, 0x123456, 4);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 64);
    ck_assert_uint_eq(rig.s.pixel[0], 0);
    outb(&rig.b, 0x3c0, 0x20);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.pixel[0], 0x123456);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("vga_draw");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_modes, 0, ARRAY_SIZE(pictures));
    tcase_add_loop_test(tc, test_views, 0, 12);
    tcase_add_test(tc, test_palette);
    tcase_add_test(tc, test_blank);
    tcase_add_test(tc, test_half_lines);
    tcase_add_loop_test(tc, test_changes, 0, 7);
    tcase_add_loop_test(tc, test_alone, 0, ARRAY_SIZE(alone));
    tcase_add_test(tc, test_two_surfaces);
    tcase_add_test(tc, test_dirty_rows);
    tcase_add_loop_test(tc, test_vbe_formats, 0, ARRAY_SIZE(formats));
    tcase_add_test(tc, test_vbe_planar);
    tcase_add_test(tc, test_vbe_registers);
    tcase_add_test(tc, test_vbe_blank);
    return bench_main(tc, "vga_draw");
}
