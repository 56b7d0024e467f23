/* Calls the services of VBE, and checks what registers, memory and the adapter say afterwards. (VBE 2.0)
 *
 * What the standard leaves open is not looked at, so that other VGA BIOSes pass for the most part. */
#include "tests/bios/vga_test.h"

static void test_vbe_information(void)
{
    struct regs r;
    u16 list, count = 0;
    buffer[0] = 'V', buffer[1] = 'B', buffer[2] = 'E', buffer[3] = '2';
    r = call(0x4f00, 0, 0, 0);
    expect(r.ax, 0x004f);
    expect(*(u32 *)buffer, 0x41534556);
    expect(buffer[5] >= 2, 1);
    list = *(u16 *)(buffer + 14);
    for (; peek16(*(u16 *)(buffer + 16), list) != 0xffff && count < 200; list += 2)
        count++;
    expect(count > 20 && count < 200, 1);
    expect(*(u16 *)(buffer + 18) >= 64, 1); /* 4 MiB at least */
    r = call(0x4f01, 0, 0x103, 0);
    expect(r.ax, 0x004f);
    expect((*(u16 *)buffer & 0x99), 0x99);
    expect(*(u16 *)(buffer + 0x10), 800);
    expect(*(u16 *)(buffer + 0x12), 800);
    expect(*(u16 *)(buffer + 0x14), 600);
    expect(buffer[0x19], 8);
    expect(buffer[0x1b], 4);
    expect(*(u32 *)(buffer + 0x28) != 0, 1);
    r = call(0x4f01, 0, 0x117, 0); /* 1024x768, 5:6:5 */
    expect(r.ax, 0x004f);
    expect(*(u16 *)(buffer + 0x10), 2048);
    expect(buffer[0x1b], 6);
    expect(buffer[0x1f] << 8 | buffer[0x20], 0x050b);
    expect(buffer[0x21] << 8 | buffer[0x22], 0x0605);
    expect(buffer[0x23] << 8 | buffer[0x24], 0x0500);
    r = call(0x4f01, 0, 0x3ff, 0);
    expect(r.ax != 0x004f, 1);
}

static void test_vbe_mode(void)
{
    struct regs r;
    r = call(0x4f02, 0x0103, 0, 0);
    expect(r.ax, 0x004f);
    r = call(0x4f03, 0, 0, 0);
    expect(r.ax, 0x004f);
    expect(r.bx & 0x3fff, 0x103);
    /* banks: 800 x 600 is 7.3 of them */
    for (u16 bank = 0; bank < 8; bank++) {
        r = call(0x4f05, 0, 0, bank);
        expect(r.ax, 0x004f);
        poke(0xa000, 0x1234, (u8)(bank + 0x30));
    }
    for (u16 bank = 0; bank < 8; bank++) {
        call(0x4f05, 0, 0, bank);
        r = call(0x4f05, 0x0100, 0, 0);
        expect(r.dx, bank);
        expect(peek(0xa000, 0x1234), bank + 0x30u);
    }
    /* the pixel services of int 10h across banks, which leave the bank alone */
    call(0x0c2a, 0, 735, 163); /* 800 * 163 + 735 = 2 * 65536 + 63 */
    expect(call(0x4f05, 0x0100, 0, 0).dx, 7);
    call(0x4f05, 0, 0, 2);
    expect(peek(0xa000, 63), 0x2a);
    expect(call(0x0d00, 0, 735, 163).al, 0x2a);
    /* text across a bank's end: row 5 is lines 80 to 95, and 65536 is pixel 736 of line 81 */
    call(0x0200, 0, 0, 0x055c);
    call(0x0941, 0x0007, 1, 0);
    expect(call(0x0800, 0, 0, 0).al, 0x41);
    call(0x0601, 0, 0, 0x2463);
    call(0x0200, 0, 0, 0x045c);
    expect(call(0x0800, 0, 0, 0).al, 0x41);
    /* logical lines and start */
    r = call(0x4f06, 0, 1024, 0);
    expect(r.ax, 0x004f);
    expect(r.bx, 1024);
    expect(r.cx, 1024);
    r = call(0x4f07, 0, 16, 32);
    expect(r.ax, 0x004f);
    r = call(0x4f07, 1, 0, 0);
    expect(r.cx, 16);
    expect(r.dx, 32);
    /* DAC */
    r = call(0x4f08, 0x0800, 0, 0);
    expect(r.ax, 0x004f);
    expect(r.bh, 8);
    buffer[0] = 0xc0, buffer[1] = 0x81, buffer[2] = 0x42;
    expect(call(0x4f09, 0, 1, 77).ax, 0x004f);
    buffer[0] = 0;
    call(0x4f09, 1, 1, 77);
    expect(buffer[0], 0xc0);
    expect(buffer[2], 0x42);
    r = call(0x4f08, 0x0600, 0, 0);
    expect(r.bh, 6);
    expect(call(0x4f08, 1, 0, 0).bh, 6);
    /* state */
    r = call(0x4f04, 0, 0x0f, 0);
    expect(r.ax, 0x004f);
    call(0x4f07, 0, 16, 32);
    call(0x4f04, (u16)(u32)buffer, 0x0f, 1);
    set_mode(3);
    expect(call(0x4f03, 0, 0, 0).bx & 0x3fff, 3);
    call(0x4f04, (u16)(u32)buffer, 0x0f, 2);
    expect(call(0x4f03, 0, 0, 0).bx & 0x3fff, 0x103);
    expect(call(0x4f07, 1, 0, 0).cx, 16);
    set_mode(3);
    expect(peek16(0xb800, 0), 0x0720);
    expect(call(0x4f02, 0x01fe, 0, 0).ax != 0x004f, 1);
}

static void test_vbe_text(void)
{
    static const u16 mode[] = {0x101, 0x111, 0x112, 0x142, 0x110};
    for (u16 i = 0; i < 5; i++) {
        expect(call(0x4f02, mode[i], 0, 0).ax, 0x004f);
        for (u16 c = 0x21; c < 0x7f; c++) {
            call(0x0200, 0, 0, 0x0a20);
            call((u16)(0x0900 | c), 0x000e, 1, 0);
            expect(call(0x0800, 0, 0, 0).al, c);
        }
        call(0x0601, 0, 0, 0x1d4f);
        call(0x0200, 0, 0, 0x0920);
        expect(call(0x0800, 0, 0, 0).al, 0x7e);
        call(0x0c0c, 0, 100, 400);
        expect(call(0x0d00, 0, 100, 400).al, 0x0c);
    }
    set_mode(3);
}

/* The protected-mode functions, copied to where a program might have them. */
static void test_vbe_protected(void)
{
    struct regs r = call(0x4f0a, 0, 0, 0), call_regs = {0};
    u32 code = 0x20004;

    expect(r.ax, 0x004f);
    expect(r.cx > 8 && r.cx < 1024, 1);
    for (u16 i = 0; i < r.cx; i++)
        poke(0x2000, (u16)(i + 4), peek(r.es, (u16)(r.edi + i)));
    call(0x4f02, 0x0103, 0, 0);
    call_regs.edx = 3;
    call_regs.eax = 0x4f05;
    pm_call(&call_regs, code + peek16(0x2000, 4));
    expect(call_regs.ax, 0x004f);
    expect(call(0x4f05, 0x0100, 0, 0).dx, 3);
    call_regs.ebx = 0x0100;
    call_regs.edx = 0;
    pm_call(&call_regs, code + peek16(0x2000, 4));
    expect(call_regs.dx, 3);
    call_regs.ebx = 0;
    call_regs.ecx = (800 * 90 + 80) / 4 & 0xffff;
    call_regs.edx = (800 * 90 + 80) / 4 >> 16;
    pm_call(&call_regs, code + peek16(0x2000, 6));
    expect(call_regs.ax, 0x004f);
    r = call(0x4f07, 1, 0, 0);
    expect(r.cx, 80);
    expect(r.dx, 90);
    buffer[0] = 0x11, buffer[1] = 0x22, buffer[2] = 0x33;
    call_regs.ebx = 0;
    call_regs.ecx = 1;
    call_regs.edx = 99;
    call_regs.edi = (u32)buffer;
    pm_call(&call_regs, code + peek16(0x2000, 8));
    r = call(0x1015, 99, 0, 0);
    expect(r.dh, 0x33);
    expect(r.cx, 0x2211);
    set_mode(3);
}

void test_main(void)
{
    static const struct test tests[] = {
        {"vbe information", test_vbe_information},
        {"vbe mode", test_vbe_mode},
        {"vbe text", test_vbe_text},
        {"vbe protected mode", test_vbe_protected},
    };

    run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
