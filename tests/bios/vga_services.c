/* Calls every service of int 10h but VBE's, and checks what registers, memory and the adapter say afterwards.
 *
 * Expectations: IBM PS/2 BIOS reference; what it leaves open is not looked at, so that other VGA BIOSes pass for the
 * most part. */
#include "tests/bios/vga_test.h"

static void test_bda(void)
{
    static const struct {
        u8 mode, columns, last_row, height;
        u16 page_size, crtc;
        u8 misc, max_scan;
    } expected[] = {
        {0x00, 40, 24, 16, 0x0800, 0x3d4, 0x67, 0x4f},
        {0x01, 40, 24, 16, 0x0800, 0x3d4, 0x67, 0x4f},
        {0x02, 80, 24, 16, 0x1000, 0x3d4, 0x67, 0x4f},
        {0x03, 80, 24, 16, 0x1000, 0x3d4, 0x67, 0x4f},
        {0x04, 40, 24, 8, 0x4000, 0x3d4, 0x63, 0xc1},
        {0x05, 40, 24, 8, 0x4000, 0x3d4, 0x63, 0xc1},
        {0x06, 80, 24, 8, 0x4000, 0x3d4, 0x63, 0xc1},
        {0x07, 80, 24, 16, 0x1000, 0x3b4, 0x66, 0x4f},
        {0x0d, 40, 24, 8, 0x2000, 0x3d4, 0x63, 0xc0},
        {0x0e, 80, 24, 8, 0x4000, 0x3d4, 0x63, 0xc0},
        {0x10, 80, 24, 14, 0x8000, 0x3d4, 0xa3, 0x40},
        {0x11, 80, 29, 16, 0xa000, 0x3d4, 0xe3, 0x40},
        {0x12, 80, 29, 16, 0xa000, 0x3d4, 0xe3, 0x40},
    };
    for (u16 i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct regs r;
        set_mode(expected[i].mode);
        expect(peek(0x40, 0x49), expected[i].mode);
        expect(peek16(0x40, 0x4a), expected[i].columns);
        expect(peek16(0x40, 0x4c), expected[i].page_size);
        expect(peek16(0x40, 0x63), expected[i].crtc);
        expect(peek(0x40, 0x84), expected[i].last_row);
        expect(peek16(0x40, 0x85), expected[i].height);
        expect(in8(0x3cc), expected[i].misc);
        expect(crtc(9), expected[i].max_scan);
        r = call(0x0f00, 0xffff, 0, 0);
        expect(r.ax, (u16)(expected[i].columns << 8 | expected[i].mode));
        expect(r.bh, 0);
    }
}

static void test_cursor(void)
{
    struct regs r;
    set_mode(3);
    r = call(0x0300, 0, 0, 0);
    expect(r.cx, 0x0607);
    expect(crtc(0x0a), 0x0d);
    expect(crtc(0x0b), 0x0e);
    call(0x0200, 0x0000, 0, 0x0c28);
    r = call(0x0300, 0, 0, 0);
    expect(r.dx, 0x0c28);
    expect(crtc(0x0e) << 8 | crtc(0x0f), 12 * 80 + 40);
    call(0x0100, 0, 0x2000, 0); /* off */
    expect(crtc(0x0a) & 0x20, 0x20);
    call(0x0100, 0, 0x0007, 0);
    expect(crtc(0x0a), 0);
    call(0x1201, 0x34, 0, 0); /* no emulation */
    call(0x0100, 0, 0x0305, 0);
    expect(crtc(0x0a), 3);
    expect(crtc(0x0b), 5);
    r = call(0x1200, 0x34, 0, 0);
    expect(r.al, 0x12);
    call(0x0200, 0x0300, 0, 0x0102); /* page 3 is not shown: the hardware's cursor stays */
    expect(crtc(0x0e) << 8 | crtc(0x0f), 12 * 80 + 40);
    call(0x0503, 0, 0, 0);
    expect(crtc(0x0c) << 8 | crtc(0x0d), 0x1800);
    expect(crtc(0x0e) << 8 | crtc(0x0f), 0x1800 + 82);
    expect(peek16(0x40, 0x4e), 0x3000);
    expect(peek(0x40, 0x62), 3);
}

static void test_text(void)
{
    struct regs r;
    set_mode(3);
    call(0x0941, 0x001e, 3, 0);
    expect(peek16(0xb800, 0), 0x1e41);
    expect(peek16(0xb800, 4), 0x1e41);
    expect(peek16(0xb800, 6), 0x0720);
    call(0x0a42, 0x0055, 2, 0); /* the attribute stays */
    expect(peek16(0xb800, 2), 0x1e42);
    r = call(0x0800, 0, 0, 0);
    expect(r.ax, 0x1e42);
    call(0x0a43, 0x0200, 1, 0); /* page 2 */
    expect(peek16(0xb800, 0x2000), 0x0743);
    /* teletype: bell aside, control characters, the end of a row, scrolling */
    call(0x0e0d, 0, 0, 0);
    call(0x0e61, 0, 0, 0);
    call(0x0e08, 0, 0, 0);
    call(0x0e62, 0, 0, 0);
    expect(peek16(0xb800, 0), 0x1e62);
    r = call(0x0300, 0, 0, 0);
    expect(r.dx, 1);
    call(0x0200, 0, 0, 0x184f);
    call(0x0e7a, 0, 0, 0);
    expect(peek16(0xb800, 23 * 160 + 158), 0x077a);
    expect(peek16(0xb800, 24 * 160 + 158), 0x0720);
    r = call(0x0300, 0, 0, 0);
    expect(r.dx, 0x1800);
    call(0x0e0a, 0, 0, 0);
    expect(peek16(0xb800, 22 * 160 + 158), 0x077a);
}

static void test_scroll(void)
{
    set_mode(3);
    for (u16 i = 0; i < 2000; i++)
        poke(0xb800, i * 2, (u8)('a' + i / 80));
    call(0x0602, 0x4000, 0x050a, 0x0a14); /* up by 2: rows 5 to 10, columns 10 to 20 */
    expect(peek(0xb800, 5 * 160 + 20), 'a' + 7);
    expect(peek(0xb800, 5 * 160 + 18), 'a' + 5);
    expect(peek(0xb800, 8 * 160 + 40), 'a' + 10);
    expect(peek16(0xb800, 9 * 160 + 20), 0x4020);
    expect(peek16(0xb800, 10 * 160 + 40), 0x4020);
    expect(peek(0xb800, 10 * 160 + 42), 'a' + 10);
    expect(peek(0xb800, 11 * 160 + 20), 'a' + 11);
    call(0x0701, 0x1f00, 0x0000, 0x184f); /* all down by 1 */
    expect(peek16(0xb800, 0), 0x1f20);
    expect(peek(0xb800, 160), 'a');
    expect(peek(0xb800, 24 * 160), 'a' + 23);
    call(0x0600, 0x0700, 0x0000, 0xffff); /* clear, beyond the screen */
    expect(peek16(0xb800, 24 * 160 + 158), 0x0720);
    expect(peek16(0xb800, 160), 0x0720);
}

static void write_string(u8 form, u16 at)
{
    struct regs r = {.eax = (u16)(0x1300 | form), .ebx = 0x0002, .ecx = 3, .edx = at};
    static const char plain[] = "xyz", pairs[] = "x\001y\002z\003";
    r.ebp = (u32)(form & 2 ? pairs : plain);
    int10(&r);
}

static void test_string(void)
{
    set_mode(3);
    for (u8 form = 0; form < 4; form++) {
        struct regs r;
        call(0x0200, 0, 0, 0x0101);
        write_string(form, (u16)(form << 8 | 5));
        expect(peek16(0xb800, (u16)(form * 160 + 10)), form & 2 ? 0x0178 : 0x0278);
        expect(peek16(0xb800, (u16)(form * 160 + 14)), form & 2 ? 0x037a : 0x027a);
        r = call(0x0300, 0, 0, 0);
        expect(r.dx, form & 1 ? (u16)(form << 8 | 8) : 0x0101);
    }
}

static const u16 graphics[] = {0x04, 0x06, 0x0d, 0x0e, 0x10, 0x11, 0x12, 0x13};

static void test_pixels(void)
{
    for (u16 i = 0; i < sizeof(graphics) / 2; i++) {
        u16 mode = graphics[i], colors = mode == 6 || mode == 0x11 ? 2
                                         : mode == 4               ? 4
                                         : mode == 0x13            ? 256
                                                                   : 16;
        struct regs r;
        set_mode(mode);
        for (u16 c = 0; c < colors; c++)
            call((u16)(0x0c00 | c), 0, (u16)(7 + c % 50), (u16)(100 + c / 50));
        for (u16 c = 0; c < colors; c++) {
            r = call(0x0d00, 0, (u16)(7 + c % 50), (u16)(100 + c / 50));
            expect(r.al, c);
        }
        if (mode != 0x13) {
            call(0x0c81, 0, 7, 100);
            r = call(0x0d00, 0, 7, 100);
            expect(r.al, 1);
            call(0x0c81, 0, 7, 100);
            r = call(0x0d00, 0, 7, 100);
            expect(r.al, 0);
        }
    }
}

static void test_graphics_text(void)
{
    for (u16 i = 0; i < sizeof(graphics) / 2; i++) {
        struct regs r;
        u16 last_row;
        set_mode(graphics[i]);
        last_row = peek(0x40, 0x84);
        for (u16 c = 1; c < 256; c++) {
            call(0x0200, 0, 0, 0x0507);
            call((u16)(0x0900 | c), 0x0003, 2, 0);
            call(0x0200, 0, 0, 0x0508);
            r = call(0x0800, 0, 0, 0);
            if (c != 0xff && c != 0x20) /* all blank */
                expect(r.al, c);
        }
        /* the window scrolls up, and back down */
        call(0x0200, 0, 0, 0x0508);
        call(0x0941, 0x0003, 1, 0);
        call(0x0601, 0, 0x0008, (u16)(last_row << 8 | 0x0a));
        call(0x0200, 0, 0, 0x0408);
        r = call(0x0800, 0, 0, 0);
        expect(r.al, 0x41);
        call(0x0703, 0, 0, (u16)(last_row << 8 | 0x27));
        call(0x0200, 0, 0, 0x0708);
        r = call(0x0800, 0, 0, 0);
        expect(r.al, 0x41);
        /* teletype scrolls the whole screen */
        call(0x0200, 0, 0, (u16)(last_row << 8));
        call(0x0e0a, 1, 0, 0);
        call(0x0200, 0, 0, 0x0608);
        r = call(0x0800, 0, 0, 0);
        expect(r.al, 0x41);
        if (graphics[i] != 0x13) { /* exclusive or, twice */
            call(0x0955, 0x0081, 1, 0);
            r = call(0x0800, 0, 0, 0);
            expect(r.al != 0x41, 1);
            call(0x0955, 0x0081, 1, 0);
            r = call(0x0800, 0, 0, 0);
            expect(r.al, 0x41);
        }
    }
}

static void test_palette(void)
{
    struct regs r;
    set_mode(3);
    r = call(0x1007, 0x0006, 0, 0);
    expect(r.bh, 0x14);
    r = call(0x1015, 0x003f, 0, 0);
    expect(r.dh, 0x3f);
    expect(r.cx, 0x3f3f);
    r = call(0x1015, 0x0014, 0, 0); /* brown */
    expect(r.dh, 0x2a);
    expect(r.cx, 0x1500);
    call(0x1000, 0x2103, 0, 0);
    call(0x1001, 0x0500, 0, 0);
    r = call(0x1009, 0, 0, (u16)(u32)buffer);
    expect(buffer[3], 0x21);
    expect(buffer[4], 0x04);
    expect(buffer[16], 0x05);
    r = call(0x1008, 0, 0, 0);
    expect(r.bh, 5);
    buffer[3] = 0x03;
    call(0x1002, 0, 0, (u16)(u32)buffer);
    r = call(0x1007, 0x0003, 0, 0);
    expect(r.bh, 3);
    call(0x1010, 0x00c8, 0x0203, 0x0100); /* DAC c8 = 1, 2, 3 */
    r = call(0x1017, 0x00c8, 1, (u16)(u32)buffer);
    expect(buffer[0], 1);
    expect(buffer[1], 2);
    expect(buffer[2], 3);
    call(0x1012, 0x00c9, 1, (u16)(u32)buffer);
    r = call(0x1015, 0x00c9, 0, 0);
    expect(r.dh, 1);
    expect(r.cx, 0x0203);
    call(0x101b, 0x00c9, 1, 0); /* 0.30 + 1.18 + 0.33 */
    r = call(0x1015, 0x00c9, 0, 0);
    expect(r.dh, 2);
    expect(r.cx, 0x0202);
    call(0x1003, 0x0000, 0, 0);
    r = call(0x1007, 0x0010, 0, 0);
    expect(r.bh & 8, 0);
    call(0x1013, 0x0100, 0, 0); /* pages of 16 */
    call(0x1013, 0x0501, 0, 0);
    r = call(0x101a, 0, 0, 0);
    expect(r.bx, 0x0501);
    set_mode(0x13);
    r = call(0x1015, 32, 0, 0);
    expect(r.dh, 0);
    expect(r.cx, 0x003f);
    r = call(0x1015, 40, 0, 0);
    expect(r.dh, 0x3f);
    expect(r.cx, 0x0000);
    r = call(0x1015, 48, 0, 0);
    expect(r.dh, 0);
    expect(r.cx, 0x3f00);
    set_mode(4);
    call(0x0b00, 0x0100, 0, 0);
    r = call(0x1007, 0x0001, 0, 0);
    expect(r.bh, 0x12); /* bright green */
}

static void test_fonts(void)
{
    struct regs r;
    set_mode(3);
    r = call(0x1130, 0x0600, 0, 0);
    expect(r.cx, 16);
    expect(r.dl, 24);
    expect(peek(r.es, (u16)(r.ebp + 0x20 * 16)), 0);
    expect(peek(r.es, (u16)(r.ebp + 0xdb * 16)), 0xff);
    r = call(0x1130, 0x0300, 0, 0);
    expect(peek(r.es, (u16)(r.ebp + 0xdb * 8)), 0xff);
    r = call(0x1130, 0x0400, 0, 0);
    expect(peek(r.es, (u16)(r.ebp + 0x5b * 8)), 0xff);
    r = call(0x1130, 0x0200, 0, 0);
    expect(peek(r.es, (u16)(r.ebp + 0xdb * 14)), 0xff);
    call(0x1112, 0, 0, 0);
    expect(peek(0x40, 0x84), 49);
    expect(peek16(0x40, 0x85), 8);
    expect(crtc(9) & 0x1f, 7);
    expect(crtc(0x12) | (crtc(7) & 2) << 7 | (crtc(7) & 0x40) << 3, 399);
    call(0x1111, 0, 0, 0);
    expect(peek(0x40, 0x84), 27);
    expect(crtc(0x12) | (crtc(7) & 2) << 7 | (crtc(7) & 0x40) << 3, 391);
    call(0x1114, 0, 0, 0);
    expect(peek(0x40, 0x84), 24);
    expect(crtc(0x12) | (crtc(7) & 2) << 7 | (crtc(7) & 0x40) << 3, 399);
    call(0x1202, 0x30, 0, 0);
    set_mode(0x12);
    call(0x1123, 3, 0, 0);
    expect(peek(0x40, 0x84), 42);
    expect(peek16(0x40, 0x85), 8);
}

static void test_lines(void)
{
    static const u8 height[3] = {8, 14, 16};
    for (u16 i = 0; i < 3; i++) {
        struct regs r = call((u16)(0x1200 | i), 0x30, 0, 0);
        expect(r.al, 0x12);
        set_mode(3);
        expect(peek16(0x40, 0x85), height[i]);
        expect((crtc(9) & 0x1f) + 1u, height[i]);
    }
}

static void test_information(void)
{
    struct regs r;
    set_mode(3);
    r = call(0x1200, 0xff10, 0, 0);
    expect(r.bh, 0);
    expect(r.bl, 3);
    expect(r.cl, 9);
    r = call(0x1a00, 0, 0, 0);
    expect(r.al, 0x1a);
    expect(r.bx, 0x0008);
    r = call(0x1b00, 0, 0, 0);
    expect(r.al, 0x1b);
    expect(buffer[4], 3);
    expect(buffer[5], 80);
    expect(buffer[0x22], 25);
    expect(buffer[0x23], 16);
    expect(buffer[0x25], 8);
    expect(buffer[0x27], 16);
    expect(buffer[0x29], 8);
    expect(buffer[0x2a], 2);
    expect(buffer[0x31], 3);
    expect(peek((u16)(buffer[2] | buffer[3] << 8), (u16)(buffer[0] | buffer[1] << 8)), 0xff);
}

static u32 sum_registers(void)
{
    u32 sum = in8(0x3cc);
    for (u8 i = 0; i < 0x19; i++)
        sum = sum * 33 + crtc(i);
    for (u16 i = 0x49; i < 0x67; i++)
        sum = sum * 33 + peek(0x40, i);
    for (u8 i = 0; i < 0x15; i++)
        sum = sum * 33 + call(0x1007, i, 0, 0).bh;
    for (u16 i = 0; i < 256; i++) {
        struct regs r = call(0x1015, i, 0, 0);
        sum = (sum * 33 + r.cx) * 33 + r.dh;
    }
    return sum;
}

static void test_state(void)
{
    static const u16 mode[] = {3, 0x13, 0x12, 7, 4};
    for (u16 i = 0; i < 5; i++) {
        struct regs r;
        u32 before;
        set_mode(mode[i]);
        call(0x0200, 0, 0, 0x0304);
        call(0x1010, 0x0011, 0x0203, 0x0100);
        before = sum_registers();
        r = call(0x1c00, 0, 7, 0);
        expect(r.al, 0x1c);
        expect(r.bx * 64 <= sizeof(buffer), 1);
        call(0x1c01, (u16)(u32)buffer, 7, 0);
        set_mode(mode[(i + 1) % 5]);
        expect(sum_registers() != before, 1);
        call(0x1c02, (u16)(u32)buffer, 7, 0);
        expect(sum_registers(), before);
    }
}

void test_main(void)
{
    static const struct test tests[] = {
        {"bda", test_bda},
        {"cursor", test_cursor},
        {"text", test_text},
        {"scroll", test_scroll},
        {"string", test_string},
        {"pixels", test_pixels},
        {"graphics text", test_graphics_text},
        {"palette", test_palette},
        {"fonts", test_fonts},
        {"lines", test_lines},
        {"information", test_information},
        {"state", test_state},
    };

    run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
