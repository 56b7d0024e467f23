/* What the BIOS's test guest checks when it was booted from a CD (El Torito): without emulation, as a
 * floppy disk of 1.44 MB, or as a hard disk.
 *
 * The real floppy or hard disk, which the emulated one displaces, begins with the text REAL. Source: "El
 * Torito" Bootable CD-ROM Format Specification 1.0, sections 3 and 4. */
#include "services.h"

#define FIRST_CD 0xe0

int cd_booted(u8 drive)
{
    r.esi = (u32)BUFFER;
    BUFFER[0] = 0;
    do_int(0x13, 0x4b01, 0, 0, drive);
    return !(r.flags & CF) && BUFFER[0] == 0x13;
}

static int is_real(void)
{
    return LOW32(BUFFER) == ('R' | 'E' << 8 | 'A' << 16 | (u32)'L' << 24);
}

/* An emulated disk: what the CD holds, read-only. */
static void test_emulated(u8 drive)
{
    int floppy = drive == 0;

    read_check("02", drive, 0x0001, 0);
    check("02 reads the boot sector", LOW16(BUFFER + 510) == 0xaa55 && BUFFER[0] == 0xfa,
          LOW32(BUFFER));
    do_int(0x13, 0x0401, (u32)BUFFER, 0x0001, drive);
    check("04", !(r.flags & CF), r.eax);
    r.es = 0;
    do_int(0x13, 0x0301, (u32)BUFFER, 0x0001, drive);
    check("03 is refused", (r.flags & CF) && (r.eax >> 8 & 0xff) == 3, r.eax);
    do_int(0x13, 0x0201, (u32)BUFFER, 0xffff, 0xff00 | drive);
    check("off the disk", (r.flags & CF) && (r.eax & 0xff00), r.eax);
    do_int(0x13, 0x0800, 0, 0, drive);
    if (floppy)
        check("08",
              !(r.flags & CF) && (r.ebx & 0xff) == 4 && (r.ecx & 0xffff) == 0x4f12 &&
                  (r.edx & 0xffff) == 0x0102,
              r.edx);
    else
        check("08", !(r.flags & CF) && (r.ecx & 0x3f) == 18 && (r.edx & 0xffff) == 0x0102, r.edx);
    do_int(0x13, 0x1500, 0, 0, drive);
    check("15", !(r.flags & CF) && (r.eax >> 8 & 0xff) == (floppy ? 1 : 3), r.eax);
    r.es = 0;
    do_int(0x13, 0x0201, (u32)BUFFER, 0x0001, drive + 1); /* may say that the disk was changed */
    read_check("the displaced disk", drive + 1, 0x0001, 0);
    check("is one number further", is_real(), LOW32(BUFFER));
    r.esi = (u32)BUFFER2;
    do_int(0x13, 0x4b00, 0, 0, drive);
    check("4B00", !(r.flags & CF) && BUFFER2[0] == 0x13, r.eax);
    read_check("after it", drive, 0x0001, 0);
    check("the real disk is back", is_real(), LOW32(BUFFER));
}

/* The whole disc, in sectors of 2048 bytes. */
static void test_whole(u8 drive)
{
    do_int(0x13, 0x4100, 0x55aa, 0, drive);
    check("41", !(r.flags & CF) && (r.ebx & 0xffff) == 0xaa55 && (r.ecx & 1), r.ebx);
    edd("42", 0x42, drive, 16, 1, 1);
    check("the volume descriptor", BUFFER[1] == 'C' && BUFFER[5] == '1', LOW32(BUFFER));
    edd("43 is refused", 0x43, drive, 16, 1, 0);
    edd("beyond the end", 0x42, drive, 10u << 20, 1, 0);
    LOW16(BUFFER) = 0x1a;
    r.esi = (u32)BUFFER;
    do_int(0x13, 0x4800, 0, 0, drive);
    check("48", !(r.flags & CF) && LOW16(BUFFER + 24) == 2048 && (LOW16(BUFFER + 2) & 0x74) == 0x34,
          LOW32(BUFFER));
    do_int(0x13, 0x1500, 0, 0, drive);
    check("15", !(r.flags & CF) && (r.eax >> 8 & 0xff), r.eax);
    do_int(0x13, 0x4900, 0, 0, drive);
    check("49", !(r.flags & CF), r.eax);
    do_int(0x13, 0x4600, 0, 0, drive);
    check("46", !(r.flags & CF), r.eax);
    edd("42 without a disc", 0x42, drive, 16, 1, 0);
}

void test_cd(u8 drive)
{
    u8 media = drive >= FIRST_CD ? 0 : drive ? 4 : 2;

    check("4B01", BUFFER[2] == drive && LOW16(BUFFER + 12) == 0x7c0, LOW32(BUFFER));
    check("the medium", (BUFFER[1] & 15) == media, BUFFER[1]);
    do_int(0x13, 0x0000, 0, 0, drive);
    check("int 13h 00", !(r.flags & CF) && !(r.eax & 0xff00), r.eax);
    do_int(0x13, 0x7f00, 0, 0, drive);
    check("no such function", (r.flags & CF) && (r.eax >> 8 & 0xff) == 1, r.eax);
    if (media)
        test_emulated(drive);
    else
        test_whole(drive);
}
