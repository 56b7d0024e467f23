/* INT 19h: tries the boot drives in their order, and INT 18h when none boots.
 *
 * The order is the configuration port's, or CMOS 3Dh and 38h; F12 or the configuration asks for the
 * menu. Runs on POST's stack. */
#include "boot.h"

#include "bda.h"
#include "int13.h"

#define BOOT_SEG       0x07c0
#define BOOT_SIGNATURE 0xaa55
#define KEY_F12        0x8600

/* Enters the boot sector at 0000:7C00 with the drive in DL; registers otherwise as most BIOSes. */
_Noreturn static void boot_enter(u16 seg, u16 off, u8 drive)
{
    __asm__ volatile("movl $0x7c00, %%esp\n\t"
                     "pushw $0x202\n\t" /* flags: interrupts on */
                     "pushw %w0\n\t"
                     "pushw %w1\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movw %%ax, %%ds\n\t"
                     "movw %%ax, %%es\n\t"
                     "movw %%ax, %%fs\n\t"
                     "movw %%ax, %%gs\n\t"
                     "movl %%eax, %%ebx\n\t"
                     "movl %%eax, %%ecx\n\t"
                     "movl %%eax, %%esi\n\t"
                     "movl %%eax, %%edi\n\t"
                     "movl %%eax, %%ebp\n\t"
                     "movw $0xaa55, %%ax\n\t" /* some loaders of old looked at it */
                     "iretw"
                     :
                     : "r"((u32)seg), "r"((u32)off), "d"((u32)drive)
                     : "memory");
    __builtin_unreachable();
}

static void say(const char *what, const char *result)
{
    put_string(what);
    put_string(result);
}

/* Reads the first sector by int 13h, as whatever has hooked it wants it. Tries thrice: the first
 * access of a floppy may only report a new disk. */
static bool read_boot_sector(u8 drive)
{
    struct regs r;

    for (unsigned i = 0; i < 3; i++) {
        memset(&r, 0, sizeof(r));
        r.ax = 0x0201;
        r.cx = 0x0001;
        r.dx = drive;
        r.es = BOOT_SEG;
        call_int(0x13, &r);
        if (!(r.flags & FLAG_CF))
            return true;
        memset(&r, 0, sizeof(r));
        r.dx = drive;
        call_int(0x13, &r);
    }
    return false;
}

/* A hard disk's sector must have the signature; a floppy's need not, but must hold something. */
static bool is_bootable(u8 drive)
{
    u16 first = far_read16(BOOT_SEG, 0);

    if (drive >= FIRST_HD)
        return far_read16(BOOT_SEG, 510) == BOOT_SIGNATURE;
    for (unsigned i = 2; i < 16; i += 2)
        if (far_read16(BOOT_SEG, i) != first)
            return true;
    return far_read16(BOOT_SEG, 510) == BOOT_SIGNATURE;
}

static void boot_sector(u8 drive, const char *name)
{
    if (!read_boot_sector(drive))
        say(name, S(": cannot be read\n"));
    else if (!is_bootable(drive))
        say(name, S(": not bootable\n"));
    else
        boot_enter(0, 0x7c00, drive);
}

void boot_from(u8 letter, u8 number)
{
    u8 drive;
    u16 segment;

    switch (letter) {
    case 'a':
        if (number < 2 && ebda->floppy_type[number]) {
            put_string(S("Booting from floppy disk\n"));
            boot_sector(number, S("Floppy disk"));
        }
        break;
    case 'c':
        if (number < ebda->hd_count) {
            put_string(S("Booting from hard disk\n"));
            boot_sector(FIRST_HD + number, S("Hard disk"));
        }
        break;
    case 'd':
        if (number < ebda->cdrom_count) {
            const char *why;

            put_string(S("Booting from CD-ROM\n"));
            why = eltorito_load(number, &drive, &segment);
            if (!why)
                boot_enter(segment == BOOT_SEG ? 0 : segment, segment == BOOT_SEG ? 0x7c00 : 0,
                           drive);
            say(S("CD-ROM: "), why);
            put_char('\n');
        }
        break;
    }
}

/* F12, among the keys that were pressed during POST; the others stay. */
static bool menu_key(void)
{
    struct regs r;

    sercon_poll();
    memset(&r, 0, sizeof(r));
    r.ax = 0x1100;
    call_int(0x16, &r);
    if ((r.flags & FLAG_ZF) || r.ax != KEY_F12)
        return false;
    r.ax = 0x1000;
    call_int(0x16, &r);
    return true;
}

void boot(void)
{
    bool menu = menu_key() || ebda->boot_menu;

    ebda->boot_menu = 0; /* once */
    ebda->emulation.active = 0;
    if (menu)
        boot_menu();
    for (unsigned i = 0; i < sizeof(ebda->boot_order) && ebda->boot_order[i]; i++)
        boot_from(ebda->boot_order[i], 0);
    __asm__ volatile("int $0x18");
    boot_failed();
}

/* INT 18h, where ROM BASIC was. */
void boot_failed(void)
{
    struct regs r;

    put_string(S("No bootable disk. Press a key to try again.\n"));
    memset(&r, 0, sizeof(r));
    call_int(0x16, &r);
    __asm__ volatile("int $0x19");
}
