/* What the BIOS's test guest checks of INT 14h (serial ports) and INT 17h (printers). Source: IBM
 * PS/2 and Personal Computer BIOS Interface Technical Reference. */
#include "services.h"

/* COM1 in loopback hears what it says; then a line goes out. */
void test_com(void)
{
    u32 before;

    do_int(0x14, 0x00e3, 0, 0, 0);
    check("int 14h 00", (r.eax & 0x6000) == 0x6000, r.eax);
    check("9600 8N1", inb(0x3fb) == 0x03, inb(0x3fb));
    do_int(0x14, 0x0300, 0, 0, 0);
    check("int 14h 03", (r.eax & 0x6000) == 0x6000, r.eax);
    outb(0x3fc, inb(0x3fc) | 0x10);
    do_int(0x14, 0x0155, 0, 0, 0);
    check("int 14h 01", (r.eax & 0xff) == 0x55 && !(r.eax & 0x8000), r.eax);
    do_int(0x14, 0x0300, 0, 0, 0);
    check("03: a byte is there", r.eax & 0x0100, r.eax);
    do_int(0x14, 0x0200, 0, 0, 0);
    check("int 14h 02", (r.eax & 0xffff) == 0x0055, r.eax);
    before = LOW32(0x46c);
    do_int(0x14, 0x0200, 0, 0, 0);
    check("02 times out",
          (r.eax & 0x8000) && LOW32(0x46c) - before >= 17 && LOW32(0x46c) - before < 60,
          LOW32(0x46c) - before);
    outb(0x3fc, inb(0x3fc) & 0xef);
    do_int(0x14, 0x0400, 0x0001, 0x0207, 0); /* 7 bits, 2 stop bits */
    check("int 14h 04", (r.eax & 0x6000) == 0x6000 && inb(0x3fb) == 0x06, r.eax);
    do_int(0x14, 0x0400, 0x0000, 0x0308, 0); /* 19200 8N1 */
    outb(0x3fb, 0x83);
    check("19200 baud", inb(0x3f8) == 6 && !inb(0x3f9), inb(0x3f8));
    outb(0x3fb, 0x03);
    do_int(0x14, 0x0501, 0x0003, 0, 0);
    do_int(0x14, 0x0500, 0, 0, 0);
    check("int 14h 05", (r.ebx & 0xff) == 3, r.ebx);
    for (const char *s = "sent by int 14h\r\n"; *s; s++)
        do_int(0x14, 0x0100 | (u8)*s, 0, 0, 0);
    check("01 without loopback", !(r.eax & 0x8000), r.eax);
    do_int(0x14, 0x0300, 0, 0, 3);
    check("no COM4", (r.eax & 0xff00) == 0x8000, r.eax);
}

/* Where there is no port, only the time-out says something. */
void test_printer(void)
{
    u32 before = LOW32(0x46c);

    for (u32 port = LOW16(0x410) >> 14; port < 4; port++)
        for (u32 function = 0; function < 3; function++) {
            do_int(0x17, function << 8 | 'x', 0, 0, port);
            check("no printer", (r.eax & 0xff00) == 0x0100, r.eax);
        }
    check("at once", LOW32(0x46c) - before < 4, LOW32(0x46c) - before);
    if (!LOW16(0x408))
        return;
    do_int(0x17, 0x0100, 0, 0, 0);
    do_int(0x17, 0x0000 | 'x', 0, 0, 0);
    check("int 17h 00", !(r.eax & 0x0100), r.eax);
}
