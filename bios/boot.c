/* INT 19h: tries the boot drives in their order, and INT 18h when none boots.
 *
 * The order is the configuration port's, or CMOS 3Dh and 38h; F12 during POST asks for the menu, and
 * the configuration for a prompt that says so and waits. A drive without a disk is passed over. Runs
 * on POST's stack. */
#include "boot.h"

#include "bda.h"
#include "int13.h"
#include "optrom.h"

#define BOOT_SEG       0x07c0
#define BOOT_SIGNATURE 0xaa55
#define KEY_F12        0x8600
#define KEY_ESC        0x1b /* the character */
#define PROMPT_TICKS   46   /* 2.5 s */

/* Enters the boot sector at 0000:7C00 with the drive in DL; registers otherwise as most BIOSes. */
_Noreturn static void boot_enter(u16 seg, u16 off, u8 drive)
{
    __asm__ volatile("movl %3, %%esp\n\t"
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
                     : "r"((u32)seg), "r"((u32)off), "d"((u32)drive), "i"(POST_STACK)
                     : "memory");
    __builtin_unreachable();
}

static void say(const char *what, const char *result)
{
    put_string(what);
    put_string(result);
}

/* Reads the first sector by int 13h, as whatever has hooked it wants it. Tries thrice: the first
 * access of a floppy may only report a new disk. INT 13h's status; a time-out is a floppy drive
 * without a disk. */
static u8 read_boot_sector(u8 drive)
{
    struct regs r;
    u8 status = INT13_OK;

    for (unsigned i = 0; i < 3; i++) {
        memset(&r, 0, sizeof(r));
        r.ax = 0x0201;
        r.cx = 0x0001;
        r.dx = drive;
        r.es = BOOT_SEG;
        call_int(0x13, &r);
        status = r.flags & FLAG_CF ? r.ah : INT13_OK;
        if (!status || status == INT13_TIMEOUT)
            break;
        memset(&r, 0, sizeof(r));
        r.dx = drive;
        call_int(0x13, &r);
    }
    return status;
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

static void boot_sector(u8 drive, const char *name, u8 status)
{
    if (status)
        say(name, S(": cannot be read\n"));
    else if (!is_bootable(drive))
        say(name, S(": not bootable\n"));
    else
        boot_enter(0, 0x7c00, drive);
}

bool boot_from(u8 letter, u8 number)
{
    const char *why;
    u8 drive, status;
    u16 segment;

    switch (letter) {
    case 'a':
        if (number >= 2 || !ebda->floppy_type[number])
            break;
        status = read_boot_sector(number);
        if (status == INT13_TIMEOUT)
            return false;
        put_string(S("Booting from floppy disk\n"));
        boot_sector(number, S("Floppy disk"), status);
        break;
    case 'c':
        if (number >= ebda->hd_count)
            break;
        put_string(S("Booting from hard disk\n"));
        boot_sector(FIRST_HD + number, S("Hard disk"), read_boot_sector(FIRST_HD + number));
        break;
    case 'd':
        if (number >= ebda->cdrom_count)
            break;
        if (atapi_ready(ebda->cdrom[number]))
            return false;
        put_string(S("Booting from CD-ROM\n"));
        why = eltorito_load(number, &drive, &segment);
        if (!why)
            boot_enter(segment == BOOT_SEG ? 0 : segment, segment == BOOT_SEG ? 0x7c00 : 0, drive);
        say(S("CD-ROM: "), why);
        put_char('\n');
        break;
    case 'n':
        if (number >= ebda->rom_boots)
            break;
        put_string(S("Booting from "));
        rom_show_name(number);
        put_char('\n');
        rom_boot(number);
        break;
    }
    return true;
}

void boot_say_empty(u8 letter)
{
    put_string(letter == 'a' ? S("Floppy disk: no disk in the drive\n") : S("CD-ROM: no disc\n"));
}

/* The first of the keys that were pressed, if it asks for the menu; others stay. */
static bool menu_key(bool *other)
{
    struct regs r;

    sercon_poll();
    memset(&r, 0, sizeof(r));
    r.ax = 0x1100;
    call_int(0x16, &r);
    *other = false;
    if (r.flags & FLAG_ZF)
        return false;
    if (r.ax != KEY_F12 && !(ebda->boot_menu && r.al == KEY_ESC)) {
        *other = true;
        return false;
    }
    r.ax = 0x1000;
    call_int(0x16, &r);
    return true;
}

/* Whether the menu is wanted: F12 during POST; and when the configuration asks for a prompt, within
 * its time, which any other key ends. */
static bool menu_wanted(void)
{
    u32 start = bda->ticks;
    bool other, menu = menu_key(&other);

    if (!ebda->boot_menu || menu || other)
        return menu;
    put_string(S("Press F12 or Esc for the boot menu.\n"));
    while (!menu && !other && bda->ticks - start < PROMPT_TICKS) {
        irq_wait();
        irq_enable();
        menu = menu_key(&other);
    }
    return menu;
}

/* What is left of the order. An empty drive matters only when nothing else boots. */
static void boot_rest(void)
{
    u8 letter;

    while (ebda->boot_next < sizeof(ebda->boot_order) &&
           (letter = ebda->boot_order[ebda->boot_next]) != 0) {
        u8 bit = (u8)(1u << ebda->boot_next++);

        for (u8 i = 0; i < (letter == 'n' ? ebda->rom_boots : 1); i++)
            if (!boot_from(letter, i))
                ebda->boot_empty |= bit;
    }
    for (unsigned i = 0; i < sizeof(ebda->boot_order); i++)
        if (ebda->boot_empty >> i & 1)
            boot_say_empty(ebda->boot_order[i]);
    ebda->boot_empty = 0;
}

void boot(void)
{
    bool menu = menu_wanted();

    ebda->boot_menu = 0; /* once */
    ebda->boot_tried = 1;
    ebda->emulation.active = 0;
    if (menu)
        boot_menu();
    ebda->boot_next = ebda->boot_empty = 0;
    boot_rest();
    __asm__ volatile("int $0x18" : : : "memory");
    boot_failed();
}

/* INT 18h, where ROM BASIC was: what was booted gives up, and the next in the order is tried; all of them, when it was a
 * kernel that was started directly. */
void boot_failed(void)
{
    struct regs r;

    if (!ebda->boot_tried)
        boot();
    boot_rest();
    put_string(S("No bootable disk. Press a key to try again.\n"));
    memset(&r, 0, sizeof(r));
    call_int(0x16, &r);
    __asm__ volatile("int $0x19" : : : "memory");
}
