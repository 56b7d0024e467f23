/* A guest that calls every service of a BIOS and says on port 0xe9 what came back: "ok NAME" or "FAIL NAME
 * GOT". Booted from a hard disk or a floppy disk whose other sectors it may overwrite; the board is
 * Pagewalk's or QEMU's. Expectations: IBM PS/2 and Personal Computer BIOS Interface Technical Reference;
 * EDD 3.0; APM 1.2; PCI BIOS 2.1. The last line is "end". */

#include "services.h"

void main(u32 drive);
void call(u8 vector, struct regs *r);
extern volatile u32 ticks, alarms, mouse_packets, old15;
extern volatile u16 mouse_words[4];
extern const u8 tick_hook[], mouse_hook[], alarm_hook[], key_hook[];

void print(const char *s)
{
    while (*s)
        outb(0xe9, (u8)*s++);
}

static void print_hex(u32 value)
{
    for (int i = 28; i >= 0; i -= 4)
        outb(0xe9, (u8) "0123456789abcdef"[value >> i & 15]);
}

void check(const char *name, int good, u32 got)
{
    print(good ? "ok " : "FAIL ");
    print(name);
    if (!good) {
        print(" ");
        print_hex(got);
    }
    print("\n");
}

struct regs r;

u32 do_int(u8 vector, u32 ax, u32 bx, u32 cx, u32 dx)
{
    r.eax = ax;
    r.ebx = bx;
    r.ecx = cx;
    r.edx = dx;
    call(vector, &r);
    return r.eax & 0xffff;
}

static u8 peek8(u16 seg, u16 off)
{
    u8 value;
    __asm__ volatile("movw %1, %%es\n\tmovb %%es:(%2), %0\n\txorw %1, %1\n\tmovw %1, %%es"
                     : "=&q"(value), "+r"(seg)
                     : "b"((u32)off)
                     : "memory");
    return value;
}

static u16 peek16(u16 seg, u16 off)
{
    return (u16)(peek8(seg, off) | peek8(seg, off + 1) << 8);
}

static void test_tables(void)
{
    static const struct {
        u8 vector;
        u16 offset;
    } fixed[] = {{0x02, 0xe2c3}, {0x05, 0xff54}, {0x08, 0xfea5}, {0x09, 0xe987}, {0x0e, 0xef57},
                 {0x11, 0xf84d}, {0x12, 0xf841}, {0x13, 0xe3fe}, {0x14, 0xe739}, {0x15, 0xf859},
                 {0x16, 0xe82e}, {0x17, 0xefd2}, {0x19, 0xe6f2}, {0x1a, 0xfe6e}, {0x1e, 0xefc7}};

    for (unsigned i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        check("vector at its classical place",
              LOW32(fixed[i].vector * 4) == 0xf0000000u + fixed[i].offset,
              LOW32(fixed[i].vector * 4));
    check("reset vector", peek8(0xf000, 0xfff0) == 0xea && peek16(0xf000, 0xfff1) == 0xe05b, 0);
    check("model byte", peek8(0xf000, 0xfffe) == 0xfc, peek8(0xf000, 0xfffe));
    check("diskette table", peek8(0xf000, 0xefca) == 2, peek8(0xf000, 0xefca));
    check("keyboard buffer's bounds", LOW16(0x480) == 0x1e && LOW16(0x482) == 0x3e, LOW32(0x480));
    check("EBDA", LOW16(0x40e) == 0x9fc0 && peek8(0x9fc0, 0) == 1, LOW16(0x40e));
    check("COM1", LOW16(0x400) == 0x3f8, LOW16(0x400));
    check("int 11h", do_int(0x11, 0, 0, 0, 0) == LOW16(0x410) && (LOW16(0x410) & 0x2),
          LOW16(0x410));
    check("int 12h", do_int(0x12, 0, 0, 0, 0) == 639, r.eax);
}

static void test_time(void)
{
    u32 before, spins = 0;
    u32 old = LOW32(0x1c * 4);

    LOW32(0x1c * 4) = (u32)tick_hook;
    before = LOW32(0x46c);
    while (LOW32(0x46c) - before < 3 && ++spins < 4000000000u)
        ;
    check("int 08h ticks", LOW32(0x46c) - before >= 3, spins);
    check("int 1Ch is called", ticks >= 3, ticks);
    LOW32(0x1c * 4) = old;
    do_int(0x1a, 0x0000, 0, 0, 0);
    check("int 1Ah 00", (r.ecx << 16 | (r.edx & 0xffff)) - LOW32(0x46c) <= 1 && !(r.eax & 0xff),
          r.edx);
    do_int(0x1a, 0x0100, 0, 0x0018, 0x00af);
    before = LOW32(0x46c);
    while (LOW32(0x46c) == before)
        ;
    do_int(0x1a, 0x0000, 0, 0, 0);
    check("int 1Ah 01, midnight", (r.eax & 0xff) == 1 && LOW32(0x46c) < 4, r.eax);
    do_int(0x1a, 0x0000, 0, 0, 0);
    check("midnight once", !(r.eax & 0xff), r.eax);
    do_int(0x1a, 0x0300, 0, 0x2359, 0x5700);
    do_int(0x1a, 0x0200, 0, 0, 0);
    check("int 1Ah 03, 02",
          !(r.flags & CF) && (r.ecx & 0xffff) == 0x2359 && (r.edx >> 8 & 0xff) == 0x57, r.ecx);
    do_int(0x1a, 0x0500, 0, 0x2031, 0x0228);
    do_int(0x1a, 0x0400, 0, 0, 0);
    check("int 1Ah 05, 04",
          !(r.flags & CF) && (r.ecx & 0xffff) == 0x2031 && (r.edx & 0xffff) == 0x0228, r.ecx);
    LOW32(0x4a * 4) = (u32)alarm_hook;
    do_int(0x1a, 0x0300, 0, 0x2359, 0x5700);
    do_int(0x1a, 0x0600, 0, 0x2359, 0x5900);
    check("int 1Ah 06", !(r.flags & CF), r.flags);
    do_int(0x1a, 0x0600, 0, 0x2359, 0x5900);
    check("one alarm only", r.flags & CF, r.flags);
    before = LOW32(0x46c);
    while (!alarms && LOW32(0x46c) - before < 90)
        ;
    check("int 4Ah is called", alarms == 1, alarms);
    do_int(0x1a, 0x0700, 0, 0, 0);
    before = LOW32(0x46c);
    do_int(0x15, 0x8600, 0, 3, 0); /* 196608 us: 3.6 ticks */
    check("int 15h 86h",
          !(r.flags & CF) && LOW32(0x46c) - before >= 3 && LOW32(0x46c) - before <= 6,
          LOW32(0x46c) - before);
    *BUFFER = 0;
    r.es = 0;
    do_int(0x15, 0x8300, (u32)BUFFER, 1, 0);
    check("int 15h 83h", !(r.flags & CF), r.flags);
    do_int(0x15, 0x8300, (u32)BUFFER, 1, 0);
    check("83h is busy", r.flags & CF, r.flags);
    before = LOW32(0x46c);
    while (!(*(volatile u8 *)BUFFER & 0x80) && LOW32(0x46c) - before < 10)
        ;
    check("83h sets the flag", *BUFFER == 0x80, *BUFFER);
}

static void test_system(void)
{
    static u8 table[48] = {
        [0x10] = 0xff, 0xff, 0, 0x10, 0, 0x93, [0x18] = 0xff, 0xff, 0, 0, 0x10, 0x93};
    static u8 back[48] = {
        [0x10] = 0xff, 0xff, 0, 0, 0x10, 0x93, [0x18] = 0xff, 0xff, 0, 0x30, 0, 0x93};
    u32 n = 0, ram = 0, next = 0;

    do {
        r.es = 0;
        r.edi = (u32)BUFFER;
        do_int(0x15, 0xe820, next, 20, 0x534d4150);
        if ((r.flags & CF) || r.eax != 0x534d4150 || r.ecx != 20)
            break;
        if (LOW32(BUFFER + 16) == 1)
            ram += LOW32(BUFFER + 8) >> 10;
        next = r.ebx;
        n++;
    } while (next && n < 20);
    check("E820h ends", !next && n >= 4, n);
    do_int(0x15, 0xe820, 0, 20, 0x12345678);
    check("E820h wants SMAP", r.flags & CF, r.flags);
    do_int(0x15, 0xe801, 0, 0, 0);
    check("E801h agrees with E820h",
          !(r.flags & CF) && 639 + (r.eax & 0xffff) + (r.ebx & 0xffff) * 64 <= ram &&
              ram - (639 + (r.eax & 0xffff) + (r.ebx & 0xffff) * 64) < 64,
          ram);
    do_int(0x15, 0x8800, 0, 0, 0);
    check("88h", !(r.flags & CF) && ((r.eax & 0xffff) == 0xffff || (r.eax & 0xffff) + 639 == ram),
          r.eax);
    for (u32 i = 0; i < 512; i++)
        BUFFER[i] = (u8)(i * 3), BUFFER2[i] = 0;
    r.es = 0;
    r.esi = (u32)table;
    do_int(0x15, 0x8700, 0, 256, 0);
    check("87h up", !(r.flags & CF) && !(r.eax & 0xff00), r.eax);
    r.es = 0;
    r.esi = (u32)back;
    do_int(0x15, 0x8700, 0, 256, 0);
    for (n = 0; n < 512 && BUFFER2[n] == (u8)(n * 3); n++)
        ;
    check("87h down", !(r.flags & CF) && n == 512, n);
    do_int(0x15, 0x2403, 0, 0, 0);
    check("A20 support", !(r.flags & CF) && (r.ebx & 2), r.ebx);
    do_int(0x15, 0x2400, 0, 0, 0);
    LOW8(0x500) = 0x11;
    check("A20 off", !(r.flags & CF) && peek8(0xffff, 0x510) == 0x11, peek8(0xffff, 0x510));
    do_int(0x15, 0x2402, 0, 0, 0);
    check("A20 is off", (r.eax & 0xff) == 0, r.eax);
    do_int(0x15, 0x2401, 0, 0, 0);
    LOW8(0x500) = 0x22;
    check("A20 on", !(r.flags & CF) && peek8(0xffff, 0x510) != 0x22, peek8(0xffff, 0x510));
    do_int(0x15, 0xc000, 0, 0, 0);
    check("C0h", !(r.flags & CF) && r.es == 0xf000 && peek8(r.es, (u16)r.ebx + 2) == 0xfc, r.ebx);
    do_int(0x15, 0xc100, 0, 0, 0);
    check("C1h", !(r.flags & CF) && r.es == 0x9fc0, r.es);
    do_int(0x15, 0x9000, 0, 0, 0);
    check("90h", !(r.flags & CF), r.flags);
    do_int(0x15, 0x7700, 0, 0, 0);
    check("unknown function of int 15h", (r.flags & CF) && (r.eax >> 8 & 0xff) == 0x86, r.eax);
    do_int(0x1a, 0xb101, 0, 0, 0);
    check("PCI BIOS", (r.flags & CF) || (r.edx == 0x20494350 && !(r.eax & 0xff00)), r.edx);
}

static void scan(u8 code)
{
    u32 before = LOW32(0x46c);

    while ((inb(0x64) & 3) && LOW32(0x46c) - before < 20)
        ;
    outb(0x64, 0xd2);
    while ((inb(0x64) & 2) && LOW32(0x46c) - before < 20)
        ;
    outb(0x60, code);
    while ((inb(0x64) & 1) && LOW32(0x46c) - before < 20)
        ;
}

static void expect_key(const char *name, u8 function, u16 want)
{
    do_int(0x16, (u32)(function | 1) << 8, 0, 0, 0);
    if (r.flags & ZF) {
        check(name, 0, 0xffffffff);
        return;
    }
    do_int(0x16, (u32)function << 8, 0, 0, 0);
    check(name, (u16)r.eax == want, r.eax);
}

static void test_keyboard(void)
{
    static const struct {
        const char *name;
        u8 codes[10];
        u8 function;
        u16 key;
    } keys[] = {
        {"a", {0x1e, 0x9e}, 0x00, 0x1e61},
        {"shift A", {0x2a, 0x1e, 0x9e, 0xaa}, 0x00, 0x1e41},
        {"ctrl A", {0x1d, 0x1e, 0x9e, 0x9d}, 0x00, 0x1e01},
        {"alt A", {0x38, 0x1e, 0x9e, 0xb8}, 0x00, 0x1e00},
        {"caps lock a", {0x3a, 0xba, 0x1e, 0x9e, 0x3a, 0xba}, 0x00, 0x1e41},
        {"num lock 7", {0x45, 0xc5, 0x47, 0xc7, 0x45, 0xc5}, 0x00, 0x4737},
        {"pad home", {0x47, 0xc7}, 0x00, 0x4700},
        {"grey home", {0xe0, 0x47, 0xe0, 0xc7}, 0x10, 0x47e0},
        {"grey home, old function", {0xe0, 0x47, 0xe0, 0xc7}, 0x00, 0x4700},
        {"grey enter", {0xe0, 0x1c, 0xe0, 0x9c}, 0x10, 0xe00d},
        {"grey enter, old function", {0xe0, 0x1c, 0xe0, 0x9c}, 0x00, 0x1c0d},
        {"F1", {0x3b, 0xbb}, 0x00, 0x3b00},
        {"shift F1", {0x36, 0x3b, 0xbb, 0xb6}, 0x00, 0x5400},
        {"F12", {0x58, 0xd8}, 0x10, 0x8600},
        {"shift tab", {0x2a, 0x0f, 0x8f, 0xaa}, 0x00, 0x0f00},
        {"alt 6 5", {0x38, 0x4d, 0xcd, 0x4c, 0xcc, 0xb8}, 0x00, 0x0041},
        {"alt 1", {0x38, 0x02, 0x82, 0xb8}, 0x00, 0x7800},
        {"ctrl break", {0x1d, 0xe0, 0x46, 0xe0, 0xc6, 0x9d}, 0x00, 0x0000},
        {"F5 by 4Fh's hook", {0x3f, 0xbf}, 0x00, 0x4000},
    };

    do_int(0x16, 0x0500, 0, 0x3062, 0);
    check("int 16h 05", !(r.eax & 0xff), r.eax);
    expect_key("stored key", 0x00, 0x3062);
    do_int(0x16, 0x0100, 0, 0, 0);
    check("int 16h 01, empty", r.flags & ZF, r.flags);
    old15 = LOW32(0x15 * 4);
    LOW32(0x15 * 4) = (u32)key_hook;
    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        for (unsigned j = 0; j < 10 && keys[i].codes[j]; j++)
            scan(keys[i].codes[j]);
        expect_key(keys[i].name, keys[i].function, keys[i].key);
    }
    LOW32(0x15 * 4) = old15;
    check("ctrl break's flag", LOW8(0x471) & 0x80, LOW8(0x471));
    scan(0x2a);
    do_int(0x16, 0x0200, 0, 0, 0);
    check("int 16h 02", (r.eax & 0xff) == 0x02, r.eax);
    scan(0xaa);
    scan(0xe0), scan(0x38);
    do_int(0x16, 0x1200, 0, 0, 0);
    check("int 16h 12", (r.eax & 0xffff) == 0x0808, r.eax);
    scan(0xe0), scan(0xb8);
    do_int(0x16, 0x0305, 0x0000, 0, 0);
    do_int(0x16, 0x0900, 0, 0, 0);
    check("int 16h 09", (r.eax & 0x20) != 0, r.eax);
    for (unsigned i = 0; i < 15; i++)
        do_int(0x16, 0x0500, 0, 0x1e61, 0);
    check("the buffer has 15 places", !(r.eax & 0xff), r.eax);
    do_int(0x16, 0x0500, 0, 0x1e61, 0);
    check("and no more", (r.eax & 0xff) == 1, r.eax);
    for (unsigned i = 0; i < 15; i++)
        do_int(0x16, 0x0000, 0, 0, 0);
    do_int(0x16, 0x0100, 0, 0, 0);
    check("read empty", r.flags & ZF, r.flags);
}

static void aux(u8 code)
{
    u32 before = LOW32(0x46c);

    while ((inb(0x64) & 3) && LOW32(0x46c) - before < 20)
        ;
    outb(0x64, 0xd3);
    while ((inb(0x64) & 2) && LOW32(0x46c) - before < 20)
        ;
    outb(0x60, code);
    while ((inb(0x64) & 1) && LOW32(0x46c) - before < 20)
        ;
}

static void test_mouse(void)
{
    do_int(0x15, 0xc200, 0x0100, 0, 0);
    check("C200 wants a driver", (r.flags & CF) && (r.eax >> 8 & 0xff) == 5, r.eax);
    do_int(0x15, 0xc205, 0x0300, 0, 0);
    check("C205", !(r.flags & CF) && (r.ebx & 0xffff) == 0x00aa, r.ebx);
    do_int(0x15, 0xc201, 0, 0, 0);
    check("C201", !(r.flags & CF) && (r.ebx & 0xffff) == 0x00aa, r.ebx);
    do_int(0x15, 0xc202, 0x0600, 0, 0);
    check("C202", !(r.flags & CF), r.eax);
    do_int(0x15, 0xc202, 0x0700, 0, 0);
    check("C202, no such rate", (r.flags & CF) && (r.eax >> 8 & 0xff) == 2, r.eax);
    do_int(0x15, 0xc203, 0x0300, 0, 0);
    check("C203", !(r.flags & CF), r.eax);
    do_int(0x15, 0xc204, 0, 0, 0);
    check("C204", !(r.flags & CF) && !(r.ebx >> 8 & 0xff), r.ebx);
    do_int(0x15, 0xc206, 0x0000, 0, 0);
    check("C206", !(r.flags & CF) && (r.edx & 0xff) == 200 && (r.ecx & 0xff) == 3, r.edx);
    do_int(0x15, 0xc206, 0x0200, 0, 0);
    check("C206 scaling", !(r.flags & CF), r.eax);
    r.es = 0;
    do_int(0x15, 0xc207, (u32)mouse_hook, 0, 0);
    check("C207", !(r.flags & CF), r.eax);
    do_int(0x15, 0xc200, 0x0100, 0, 0);
    check("C200 on", !(r.flags & CF), r.eax);
    aux(0x09);
    aux(0x05);
    aux(0xfd);
    check("a packet reaches the driver",
          mouse_packets == 1 && mouse_words[0] == 9 && mouse_words[1] == 5 &&
              mouse_words[2] == 0xfd && mouse_words[3] == 0,
          mouse_packets);
    do_int(0x15, 0xc200, 0x0000, 0, 0);
    check("C200 off", !(r.flags & CF), r.eax);
}

void read_check(const char *name, u8 drive, u16 cx, u8 head)
{
    r.es = 0;
    do_int(0x13, 0x0201, (u32)BUFFER, cx, (u32)head << 8 | drive);
    check(name, !(r.flags & CF) && (r.eax & 0xffff) == 1, r.eax);
}

static void test_disk_common(u8 drive)
{
    do_int(0x13, 0x0000, 0, 0, drive);
    check("int 13h 00", !(r.flags & CF) && !(r.eax & 0xff00), r.eax);
    read_check("02", drive, 0x0001, 0);
    check("02 reads the boot sector", LOW16(BUFFER + 510) == 0xaa55 && BUFFER[0] == 0xfa,
          LOW16(BUFFER));
    do_int(0x13, 0x0100, 0, 0, drive);
    check("01", !(r.flags & CF), r.eax);
    do_int(0x13, 0x0201, (u32)BUFFER, 0x0000, drive);
    check("sector 0", (r.flags & CF) && (r.eax & 0xff00), r.eax);
    do_int(0x13, 0x0201, (u32)BUFFER, 0xffff, 0xff00 | drive);
    check("off the disk", (r.flags & CF) && (r.eax & 0xff00), r.eax);
    do_int(0x13, 0x0401, (u32)BUFFER, 0x0001, drive);
    check("04", !(r.flags & CF), r.eax);
    do_int(0x13, 0x7f00, 0, 0, drive);
    check("no such function", (r.flags & CF) && (r.eax >> 8 & 0xff) == 1, r.eax);
    for (unsigned i = 0; i < 512; i++)
        BUFFER[i] = (u8)(i ^ 0x5a);
    r.es = 0;
    do_int(0x13, 0x0301, (u32)BUFFER, 0x0a03, 0x0100 | drive);
    check("03", !(r.flags & CF) && (r.eax & 0xffff) == 1, r.eax);
    for (unsigned i = 0; i < 512; i++)
        BUFFER[i] = 0;
    read_check("02 behind 03", drive, 0x0a03, 1);
    check("what was written", BUFFER[0] == 0x5a && BUFFER[511] == (u8)(511 ^ 0x5a), BUFFER[0]);
}

static struct {
    u8 size, zero;
    u16 count, off, seg;
    u32 lba, high;
} packet;
static u32 packet_to = (u32)BUFFER; /* segment and offset */

void edd(const char *name, u8 function, u8 drive, u32 lba, u16 count, int good)
{
    packet.size = 16;
    packet.count = count;
    packet.off = (u16)packet_to;
    packet.seg = packet_to >> 16;
    packet.lba = lba;
    packet.high = 0;
    r.esi = (u32)&packet;
    do_int(0x13, (u32)function << 8, 0, 0, drive);
    check(name, (r.flags & CF ? 0 : 1) == good, r.eax);
}

static void test_hard_disk(u8 drive, u8 count)
{
    u32 spt, heads, sectors;

    check("number of disks", LOW8(0x475) == count, LOW8(0x475));
    r.es = 0;
    r.edi = 0x1234;
    do_int(0x13, 0x0800, 0x9876, 0, drive);
    check("08 keeps BX and ES:DI", r.ebx == 0x9876 && r.edi == 0x1234 && !r.es, r.ebx);
    spt = r.ecx & 0x3f;
    heads = (r.edx >> 8 & 0xff) + 1;
    check("08", !(r.flags & CF) && spt == 63 && heads == 16 && (r.edx & 0xff) == count, r.edx);
    do_int(0x13, 0x1500, 0, 0, drive);
    sectors = r.ecx << 16 | (r.edx & 0xffff);
    check("15", !(r.flags & CF) && (r.eax >> 8 & 0xff) == 3 && sectors == 20 * 16 * 63, sectors);
    do_int(0x13, 0x4100, 0x55aa, 0, drive);
    check("41", !(r.flags & CF) && (r.ebx & 0xffff) == 0xaa55 && (r.ecx & 1), r.ebx);
    edd("42", 0x42, drive, 0, 1, 1);
    check("42 reads the boot sector", LOW16(BUFFER + 510) == 0xaa55 && packet.count == 1,
          packet.count);
    for (unsigned i = 0; i < 1024; i++)
        BUFFER[i] = (u8)(i >> 3);
    edd("43", 0x43, drive, 5000, 2, 1);
    for (unsigned i = 0; i < 1024; i++)
        BUFFER[i] = 0xff;
    /* 5000 = cylinder 4, head 15, sector 24 */
    r.es = 0;
    do_int(0x13, 0x0202, (u32)BUFFER, 0x0400 | 24, 0x0f00 | drive);
    check("42 and 02 mean the same sectors",
          !(r.flags & CF) && BUFFER[8] == 1 && BUFFER[1023] == 127, r.eax);
    /* Long ones over 64 KiB, up to sector 5001: from cylinder 4, head 13, sector 24; by EDD's number. */
    r.es = 0x1fc0;
    do_int(0x13, 0x0280, 0, 0x0400 | 24, 0x0d00 | drive);
    check("02 of 128 sectors", !(r.flags & CF) && (r.eax & 0xff) == 128, r.eax);
    check("their last one", peek8(0x1fc0 + 126 * 32, 8) == 1, peek8(0x1fc0 + 126 * 32, 8));
    packet_to = 0x3fc00008;
    edd("42 of 200 sectors", 0x42, drive, 5002 - 200, 200, 1);
    packet_to = (u32)BUFFER;
    check("their last ones", packet.count == 200 && peek8(0x3fc0 + 198 * 32, 16) == 1,
          packet.count);
    edd("44", 0x44, drive, 5000, 2, 1);
    edd("47", 0x47, drive, 5000, 1, 1);
    edd("beyond the end", 0x42, drive, 10u << 21, 1, 0);
    check("count 0 when nothing was read", packet.count == 0, packet.count);
    LOW16(BUFFER) = 0x42;
    r.esi = (u32)BUFFER;
    do_int(0x13, 0x4800, 0, 0, drive);
    check("48",
          !(r.flags & CF) && LOW32(BUFFER + 16) == 20160 && LOW16(BUFFER + 24) == 512 &&
              LOW16(BUFFER + 30) == 0xbedd,
          LOW32(BUFFER + 16));
    do_int(0x13, 0x4b01, 0, 0, drive);
    check("4B without a CD", r.flags & CF, r.eax);
    do_int(0x13, 0x0800, 0, 0, 0x9f);
    check("no such disk", r.flags & CF, r.eax);
    check("vector 41h", peek8(LOW16(0x41 * 4 + 2), LOW16(0x41 * 4) + 14) == 63, LOW32(0x41 * 4));
}

static void test_floppy(u8 drive)
{
    r.es = 0;
    r.edi = 0;
    do_int(0x13, 0x0800, 0, 0, drive);
    check("08",
          !(r.flags & CF) && (r.ebx & 0xff) == 4 && (r.ecx & 0xffff) == 0x4f12 &&
              (r.edx >> 8 & 0xff) == 1 && r.es == 0xf000 && (r.edi & 0xffff) == 0xefc7,
          r.ecx);
    do_int(0x13, 0x1500, 0, 0, drive);
    check("15", !(r.flags & CF) && (r.eax >> 8 & 0xff) == 2, r.eax);
    do_int(0x13, 0x1600, 0, 0, drive);
    check("16", !(r.flags & CF), r.eax);
    do_int(0x13, 0x1800, 0, 0x4f12, drive);
    check("18", !(r.flags & CF), r.eax);
    do_int(0x13, 0x1800, 0, 0x2708, drive);
    check("18, no such disk", r.flags & CF, r.eax);
    for (u8 i = 0; i < 18; i++) {
        BUFFER[i * 4] = 20;
        BUFFER[i * 4 + 1] = 0;
        BUFFER[i * 4 + 2] = i + 1;
        BUFFER[i * 4 + 3] = 2;
    }
    r.es = 0;
    do_int(0x13, 0x0512, (u32)BUFFER, 0x1401, drive);
    check("05", !(r.flags & CF), r.eax);
    read_check("02 of a formatted track", drive, 0x1412, 0);
    /* QEMU's controller formats with zeros, whatever it is told */
    check("the fill byte", (BUFFER[0] == 0xf6 || !BUFFER[0]) && BUFFER[511] == BUFFER[0],
          BUFFER[0]);
    r.es = 0;
    do_int(0x13, 0x0212, (u32)BUFFER2, 0x0001, drive);
    check("a whole track",
          !(r.flags & CF) && (r.eax & 0xff) == 18 && LOW16(BUFFER2 + 510) == 0xaa55, r.eax);
    r.es = 0x0ff0;
    do_int(0x13, 0x0202, 0, 0x0001, drive);
    check("DMA over 64 KiB", (r.flags & CF) && (r.eax >> 8 & 0xff) == 9, r.eax);
}

static void test_video(void)
{
    if (peek16(0xc000, 0) != 0xaa55) /* no adapter */
        return;
    do_int(0x10, 0x0f00, 0, 0, 0);
    check("int 10h 0F", (r.eax & 0xffff) == 0x5003, r.eax);
    do_int(0x10, 0x0200, 0, 0, 0x0502);
    do_int(0x10, 0x0e41, 7, 0, 0);
    do_int(0x10, 0x0300, 0, 0, 0);
    check("int 10h 02, 0E, 03", (r.edx & 0xffff) == 0x0503, r.edx);
}

/* ACPI's tables are there when the chip is whose registers they tell of. */
static void test_acpi(void)
{
    int tables = 0, chip;

    for (u32 at = 0; at < 0x20000 && !tables; at += 16) {
        u16 seg = (u16)(0xe000 + (at >> 4));

        tables = peek16(seg, 0) == ('R' | 'S' << 8) && peek16(seg, 2) == ('D' | ' ' << 8) &&
                 peek16(seg, 4) == ('P' | 'T' << 8) && peek16(seg, 6) == ('R' | ' ' << 8);
    }
    r.esi = 0;
    do_int(0x1a, 0xb102, 0, 0x7113, 0x8086);
    chip = !(r.flags & CF);
    check("ACPI tables", tables == chip, (u32)tables);
    print(tables ? "ACPI\n" : "no ACPI\n");
}

/* The services' stack, as the EBDA describes it (bios/stack.inc), is zero where it was never used. */
static void test_stack(void)
{
    u16 seg = peek16(0x9fc0, 0x64), size = peek16(0x9fc0, 0x66);
    u16 low = peek16(0x9fc0, 0x68), unused = low;

    while (unused < size && !peek8(seg, unused))
        unused++;
    print("own stack: ");
    print_hex(size - unused);
    print("\n");
    check("own stack", peek16(0x9fc0, 0x60) == 0x734f && unused > low + 64, unused);
}

void main(u32 drive)
{
    int cd = cd_booted((u8)drive);

    if (cd) {
        test_cd((u8)drive);
    } else {
        test_tables();
        test_system();
        test_acpi();
        test_disk_common((u8)drive);
        if (drive & 0x80)
            test_hard_disk((u8)drive, LOW8(0x475));
        else
            test_floppy((u8)drive);
        test_time();
        test_keyboard();
        test_mouse();
        test_com();
        test_printer();
        test_video();
    }
    test_stack();
    power_off((u8)drive, cd);
}
