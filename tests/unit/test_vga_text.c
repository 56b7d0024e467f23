/* Tests of the VGA's text modes: characters, attributes, two fonts, nine dots, blinking, cursor, underlining,
 * panning and line compare, against a model of a pixel; and the text itself. */
#include "devices/base/ticks.h"
#include "tests/unit/vga_rig.h"

#define FRAME_NS 14268062ull /* 900 x 449 dots of 28.322 MHz, rounded up */

static struct rig rig;
static struct text_screen text;

/* Makes the upper half's glyphs others: they do not lie beside the text in memory. */
static u8 other_font;

/* Row r of character c in a font of the test's own: different in every font, character and row. */
static u8 glyph(unsigned font, unsigned c, unsigned row)
{
    return (u8)(c * 7 + row * 37 + font * 101 + (c >> 3) * row + (c < 128 ? 0 : other_font));
}

static void put_font(unsigned font)
{
    static const u16 place[8] = {0x0000, 0x4000, 0x8000, 0xc000, 0x2000, 0x6000, 0xa000, 0xe000};

    rig_index(&rig, 0x3c4, 2, 4); /* as a BIOS does it: plane 2 alone, at a0000 */
    rig_index(&rig, 0x3c4, 4, 6);
    rig_index(&rig, 0x3ce, 5, 0);
    rig_index(&rig, 0x3ce, 6, 4);
    for (unsigned c = 0; c < 256; c++)
        for (unsigned row = 0; row < 32; row++)
            rig_poke(&rig, 0xa0000 + place[font] + c * 32 + row, glyph(font, c, row));
    rig_index(&rig, 0x3c4, 2, 3);
    rig_index(&rig, 0x3c4, 4, 2);
    rig_index(&rig, 0x3ce, 5, 0x10);
    rig_index(&rig, 0x3ce, 6, 0x0e);
}

static void setup(void)
{
    u64 seed = 6;

    other_font = 0;
    rig_init(&rig);
    rig_set_mode(&rig, &rig_text);
    put_font(0);
    for (unsigned i = 0; i < 0x8000; i += 8)
        phys_store(&rig.phys, 0xb8000 + i, bench_random(&seed), 8);
    rig_index(&rig, 0x3d4, 0x0a, 0x20); /* no cursor */
}

static void teardown(void)
{
    rig_free(&rig);
}

/* What the model goes by; zero is mode 3 as it was set. */
struct look {
    unsigned start, columns, height, shift, split;
    unsigned font_a, font_b; /* for bit 3 of the attribute set, and clear */
    unsigned dots, wide, underline;
    bool no_line_graphics, background16, off, still;
    int cursor, top, bottom; /* the cursor's address + 1 */
};

static const u8 *cell_of(unsigned address)
{
    return rig.vga.memory + vga_index(&rig.vga, address * 2 & 0xffff);
}

static u32 model(const struct look *l, unsigned x, unsigned line)
{
    unsigned dots = l->dots ? l->dots : 9, height = l->height ? l->height : 16;
    unsigned columns = l->columns ? l->columns : 80, start = l->start, row, address, c, attr, dot;
    bool low = l->split && line >= l->split;
    bool on;

    x = x / (l->wide ? l->wide : 1) + (low && l->still ? 0 : l->shift);
    if (low) {
        line -= l->split;
        start = 0;
    }
    row = line % height;
    address = (start + line / height * columns + x / dots) & 0xffff;
    c = cell_of(address)[0];
    attr = cell_of(address)[1];
    dot = x % dots;
    if (dot < 8)
        on = glyph(attr & 8 ? l->font_a : l->font_b, c, row) >> (7 - dot) & 1;
    else
        on = c >= 0xc0 && c <= 0xdf && !l->no_line_graphics &&
             (glyph(attr & 8 ? l->font_a : l->font_b, c, row) & 1);
    if (l->off && (attr & 0x80))
        on = false;
    if (l->underline == row + 1 && (attr & 0x77) == 1)
        on = true;
    if ((unsigned)l->cursor == address + 1 && (int)row >= l->top && (int)row <= l->bottom)
        on = true;
    return rig_rgb(rig_text.attr[on ? attr & 15 : attr >> 4 & (l->background16 ? 15 : 7)]);
}

static void check(const struct look *l)
{
    for (unsigned y = 0; y < rig.s.height; y++)
        for (unsigned x = 0; x < rig.s.width; x++)
            if (rig.s.pixel[y * rig.s.width + x] != model(l, x, y))
                ck_abort_msg("at %u, %u: %06x, not %06x", x, y, rig.s.pixel[y * rig.s.width + x],
                             model(l, x, y));
}

START_TEST(test_mode3)
{
    struct look look = {0};

    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 720);
    ck_assert_uint_eq(rig.s.height, 400);
    check(&look);
    rig_attr(&rig, 0x10, 0x08);
    look.no_line_graphics = true;
    rig_draw(&rig, false);
    check(&look);
    rig_attr(&rig, 0x10, 0x04);
    look.no_line_graphics = false;
    look.background16 = true;
    rig_draw(&rig, false);
    check(&look);
    rig_index(&rig, 0x3c4, 1, 1);
    rig_attr(&rig, 0x13, 0);
    look.dots = 8;
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 640);
    check(&look);
    rig_index(&rig, 0x3c4, 1, 9);
    look.wide = 2;
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.width, 1280);
    check(&look);
}
END_TEST

START_TEST(test_fonts)
{
    for (unsigned a = 0; a < 8; a++) {
        unsigned b = (a * 3 + 1) % 8;
        struct look look = {.font_a = a, .font_b = b};

        put_font(a);
        put_font(b);
        rig_index(&rig, 0x3c4, 3, (u8)((b & 3) | (b & 4) << 2 | (a & 3) << 2 | (a & 4) << 3));
        rig_draw(&rig, false);
        check(&look);
        rig_poke(&rig, 0xb8000, 0x41); /* text alone does not disturb */
        rig_draw(&rig, false);
        check(&look);
    }
}
END_TEST

/* A new font under the same text, and nothing else. */
START_TEST(test_new_font)
{
    rig_draw(&rig, false);
    other_font = 0x55;
    put_font(0);
    rig_draw(&rig, false);
    check(&(struct look){0});
}
END_TEST

/* Scrolling by lines, rows and dots, above a part that stands still. */
START_TEST(test_scrolling)
{
    static const struct {
        u16 start;
        u8 panning, shift;
        u16 split;
        bool still;
    } cases[] = {
        {80, 8, 0, 0, false},     {0x123, 0, 1, 0, false},   {0xfff0, 7, 8, 0, false},
        {0x456, 3, 4, 160, true}, {0x456, 3, 4, 161, false}, {0, 8, 0, 399, true},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct look look = {.start = cases[i].start,
                            .shift = cases[i].shift,
                            .split = cases[i].split,
                            .still = cases[i].still};
        unsigned compare = look.split ? look.split - 1 : 1023;

        rig_index(&rig, 0x3d4, 0x0c, (u8)(look.start >> 8));
        rig_index(&rig, 0x3d4, 0x0d, (u8)look.start);
        rig_attr(&rig, 0x13, cases[i].panning);
        rig_attr(&rig, 0x10, look.still ? 0x2c : 0x0c);
        rig_index(&rig, 0x3d4, 0x18, (u8)compare);
        rig_index(&rig, 0x3d4, 0x07, compare & 0x100 ? 0x1f : 0x0f);
        rig_index(&rig, 0x3d4, 0x09, compare & 0x200 ? 0x4f : 0x0f);
        bench_pass(&rig.b, 2 * FRAME_NS);
        rig_draw(&rig, false);
        check(&look);
    }
}
END_TEST

/* A preset row scan shows the first line's lower part: as if all were moved up by its rows. */
START_TEST(test_preset_row)
{
    struct look look = {0};

    rig_index(&rig, 0x3d4, 0x08, 5);
    rig_draw(&rig, false);
    for (unsigned y = 0; y + 5 < 400; y++)
        for (unsigned x = 0; x < 720; x++)
            ck_assert_uint_eq(rig.s.pixel[y * 720 + x], model(&look, x, y + 5));
}
END_TEST

/* Rows of 8 lines, each line twice: 25 lines of text. */
START_TEST(test_double_scan)
{
    struct look look = {.height = 8};

    rig_index(&rig, 0x3d4, 0x09, 0xc7);
    rig_draw(&rig, false);
    ck_assert_uint_eq(rig.s.height, 400);
    for (unsigned y = 0; y < 400; y++)
        for (unsigned x = 0; x < 720; x++)
            ck_assert_uint_eq(rig.s.pixel[y * 720 + x], model(&look, x, y / 2));
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.rows, 25);
}
END_TEST

START_TEST(test_blinking)
{
    struct look look = {0};
    u64 frame = 0;
    unsigned drawn = 0;

    rig_draw(&rig, true);
    for (; frame < 70; frame++) {
        bench_until(&rig.b, frame * FRAME_NS + 1000000);
        rig_draw(&rig, false);
        look.off = frame / 16 % 2;
        check(&look);
        drawn += rig.s.dirty_top != rig.s.dirty_bottom;
    }
    ck_assert_uint_eq(drawn, 4);             /* when it changed */
    for (unsigned i = 1; i < 0x8000; i += 2) /* nothing blinks: nothing is drawn */
        rig_poke(&rig, 0xb8000 + i, 0x1e);
    rig_draw(&rig, false);
    for (; frame < 140; frame++) {
        bench_until(&rig.b, frame * FRAME_NS + 1000000);
        rig_draw(&rig, false);
        ck_assert_uint_eq(rig.s.dirty_top, rig.s.dirty_bottom);
    }
}
END_TEST

START_TEST(test_cursor)
{
    static const struct {
        u8 start, end;
        int top, bottom;
        unsigned skew;
    } shapes[] = {
        {13, 14, 13, 14, 0}, {0, 15, 0, 15, 0}, {14, 13, 1, 0, 0},      {0x2d, 14, 1, 0, 0},
        {5, 5, 5, 5, 0},     {8, 31, 8, 31, 0}, {6, 7 | 0x40, 6, 7, 2},
    };

    for (unsigned i = 1; i < 0x8000; i += 2)
        rig_poke(&rig, 0xb8000 + i, 0x17);
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        unsigned at = 80 * 12 + i * 75;
        struct look look = {.top = shapes[i].top, .bottom = shapes[i].bottom};
        u64 phase = 16 * (clock_now(&rig.b.clock) / (16 * FRAME_NS) + 1) * FRAME_NS;

        look.cursor = (int)(at + shapes[i].skew + 1);
        rig_index(&rig, 0x3d4, 0x0a, shapes[i].start);
        rig_index(&rig, 0x3d4, 0x0b, shapes[i].end);
        rig_index(&rig, 0x3d4, 0x0e, (u8)(at >> 8));
        rig_index(&rig, 0x3d4, 0x0f, (u8)at);
        bench_until(&rig.b, phase + 1000000); /* on for eight frames */
        rig_draw(&rig, false);
        check(&look);
        bench_until(&rig.b, phase + 8 * FRAME_NS + 1000000); /* and off */
        look.cursor = 0;
        rig_draw(&rig, false);
        check(&look);
        rig.vga.display.text(&rig.vga, &text); /* the text has it all the time */
        ck_assert(text.cursor == (shapes[i].top <= shapes[i].bottom));
        if (text.cursor)
            ck_assert_uint_eq(text.cursor_row * 80 + text.cursor_column, at + shapes[i].skew);
    }
}
END_TEST

/* A cursor that moves leaves no trace. */
START_TEST(test_cursor_moves)
{
    struct look look = {.top = 2, .bottom = 9};

    rig_index(&rig, 0x3d4, 0x0a, 2);
    rig_index(&rig, 0x3d4, 0x0b, 9);
    for (unsigned at = 7; at < 2000; at += 333) {
        rig_index(&rig, 0x3d4, 0x0e, (u8)(at >> 8));
        rig_index(&rig, 0x3d4, 0x0f, (u8)at);
        look.cursor = (int)at + 1;
        rig_draw(&rig, false);
        check(&look);
    }
    look.top = 5;
    rig_index(&rig, 0x3d4, 0x0a, 5);
    rig_draw(&rig, false);
    check(&look);
}
END_TEST

START_TEST(test_underline)
{
    struct look look = {.underline = 13 + 1};

    rig_index(&rig, 0x3d4, 0x14, 13);
    rig_draw(&rig, false);
    check(&look);
}
END_TEST

START_TEST(test_text)
{
    static const char line[] = "Pagewalk";

    for (unsigned i = 0; i < sizeof(line) - 1; i++) {
        rig_poke(&rig, 0xb8000 + (80 * 3 + 5 + i) * 2, (u8)line[i]);
        rig_poke(&rig, 0xb8000 + (80 * 3 + 5 + i) * 2 + 1, (u8)(0x10 + i));
    }
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.columns, 80);
    ck_assert_uint_eq(text.rows, 25);
    ck_assert(!text.cursor);
    for (unsigned i = 0; i < 80 * 25; i++) {
        ck_assert_uint_eq(text.cell[i].character, cell_of(i)[0]);
        ck_assert_uint_eq(text.cell[i].attribute, cell_of(i)[1]);
    }
    for (unsigned i = 0; i < sizeof(line) - 1; i++) {
        ck_assert_uint_eq(text.cell[80 * 3 + 5 + i].character, (u8)line[i]);
        ck_assert_uint_eq(text.cell[80 * 3 + 5 + i].attribute, 0x10 + i);
    }
    rig_index(&rig, 0x3d4, 0x0d, 80); /* one line down, after the retrace */
    bench_pass(&rig.b, FRAME_NS);
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.cell[80 * 2 + 5].character, 'P');
    rig_index(&rig, 0x3d4, 0x09, 0x47); /* rows of 8 lines */
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.rows, 50);
    rig_index(&rig, 0x3d4, 0x09, 0x40); /* of one: not more than there is room for */
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.rows, TEXT_ROWS_MAX);
    rig_index(&rig, 0x3d4, 0x11, 0);
    rig_index(&rig, 0x3d4, 0x01, 0xff);
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.columns, TEXT_COLUMNS_MAX);
    rig_set_mode(&rig, &rig_planar640);
    rig.vga.display.text(&rig.vga, &text);
    ck_assert_uint_eq(text.columns, 0);
    ck_assert_uint_eq(text.rows, 0);
}
END_TEST

/* One character draws its own row of characters alone, or that and a neighbour. */
START_TEST(test_dirty_rows)
{
    rig_draw(&rig, false);
    rig_poke(&rig, 0xb8000 + 80 * 2 * 10, (u8)~cell_of(80 * 10)[0]);
    rig_draw(&rig, false);
    ck_assert_uint_ge(rig.s.dirty_top, 9 * 16);
    ck_assert_uint_le(rig.s.dirty_bottom, 12 * 16);
    ck_assert_uint_ne(rig.s.dirty_top, rig.s.dirty_bottom);
    check(&(struct look){0});
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("vga_text");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_mode3);
    tcase_add_test(tc, test_fonts);
    tcase_add_test(tc, test_new_font);
    tcase_add_test(tc, test_scrolling);
    tcase_add_test(tc, test_preset_row);
    tcase_add_test(tc, test_double_scan);
    tcase_add_test(tc, test_blinking);
    tcase_add_test(tc, test_cursor);
    tcase_add_test(tc, test_cursor_moves);
    tcase_add_test(tc, test_underline);
    tcase_add_test(tc, test_text);
    tcase_add_test(tc, test_dirty_rows);
    return bench_main(tc, "vga_text");
}
