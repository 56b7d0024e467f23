/* What the BIOS's test guest checks of APM: int 15h 53h, and the entry points for protected mode.
 *
 * It ends by switching the machine off: by the 32-bit entry point when it was booted from a floppy
 * disk, the 16-bit one from a CD, int 15h from a hard disk. Source: Advanced Power Management BIOS
 * Interface Specification 1.2, section 4. */
#include "services.h"

extern u8 gdt_apm16[8], gdt_apm32[8];
extern volatile u32 apm_offset;
void apm_call(u32 bits, struct regs *regs); /* start.S */

static void connect(u32 bits)
{
    u32 base;

    do_int(0x15, bits == 32 ? 0x5303 : 0x5302, 0, 0, 0);
    check("a connection for protected mode", !(r.flags & CF) && (r.eax & 0xffff) == 0xf000, r.eax);
    apm_offset = bits == 32 ? r.ebx : r.ebx & 0xffff;
    base = (r.eax & 0xffff) << 4;
    for (unsigned i = 0; i < 3; i++) {
        gdt_apm16[2 + i] = (u8)(base >> i * 8);
        gdt_apm32[2 + i] = (u8)(base >> i * 8);
    }
}

static u32 apm(u32 bits, u32 ax, u32 bx, u32 cx)
{
    r.eax = ax;
    r.ebx = bx;
    r.ecx = cx;
    apm_call(bits, &r);
    return r.eax & 0xffff;
}

static void disconnect(void)
{
    do_int(0x15, 0x5304, 0, 0, 0);
    check("5304", !(r.flags & CF), r.eax);
}

/* From protected mode, with 16- or 32-bit code. */
static void test_entry(u32 bits)
{
    connect(bits);
    do_int(0x15, 0x5301, 0, 0, 0);
    check("one connection only", (r.flags & CF) && (r.eax >> 8 & 0xff) == (bits == 32 ? 7 : 5),
          r.eax);
    check("entry: 530E", apm(bits, 0x530e, 0, 0x0102) == 0x0102 && !(r.flags & CF), r.eax);
    apm(bits, 0x530a, 1, 0);
    check("entry: 530A", !(r.flags & CF) && (r.ebx >> 8 & 0xff) == 1 && (r.ecx & 0xffff) == 0x80ff,
          r.ebx);
    apm(bits, 0x530b, 0, 0);
    check("entry: 530B", (r.flags & CF) && (r.eax >> 8 & 0xff) == 0x80, r.eax);
    apm(bits, 0x5306, 1, 0);
    check("entry: 5306", !(r.flags & CF), r.eax);
    apm(bits, 0x5377, 0, 0);
    check("entry: no such function", (r.flags & CF) && (r.eax >> 8 & 0xff) == 0x0c, r.eax);
    disconnect();
}

void power_off(u8 drive, int cd)
{
    do_int(0x15, 0x5300, 0, 0, 0);
    check("APM", !(r.flags & CF) && (r.ebx & 0xffff) == 0x504d && (r.eax & 0xffff) >= 0x0101,
          r.ebx);
    check("both interfaces", (r.ecx & 3) == 3, r.ecx);
    do_int(0x15, 0x5307, 1, 3, 0);
    check("5307 wants a connection", r.flags & CF, r.eax);
    test_entry(16);
    test_entry(32);
    do_int(0x15, 0x5301, 0, 0, 0);
    check("5301", !(r.flags & CF), r.eax);
    do_int(0x15, 0x530e, 0, 0x0102, 0);
    check("530E", !(r.flags & CF) && (r.eax & 0xffff) == 0x0102, r.eax);
    do_int(0x15, 0x530a, 1, 0, 0);
    check("530A", !(r.flags & CF) && (r.ebx >> 8 & 0xff) == 1, r.ebx);
    do_int(0x15, 0x530b, 0, 0, 0);
    check("530B", (r.flags & CF) && (r.eax >> 8 & 0xff) == 0x80, r.eax);
    if (cd || !drive) {
        disconnect();
        connect(cd ? 16 : 32);
        print("end\n");
        apm(cd ? 16 : 32, 0x5307, 1, 3);
    } else {
        print("end\n");
        do_int(0x15, 0x5307, 1, 3, 0);
    }
}
