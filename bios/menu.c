/* The boot menu: every drive that could boot, by a digit. */
#include "boot.h"

#include "bda.h"
#include "optrom.h"

#define CHOICES 9

struct choice {
    u8 letter, number;
};

static void show_name(u8 index)
{
    for (unsigned i = 0; ebda->drive[index].name[i]; i++)
        put_char((u8)ebda->drive[index].name[i]);
    put_char('\n');
}

static void show_number(unsigned n)
{
    put_char(' ');
    put_dec(n);
    put_string(S(". "));
}

void boot_menu(void)
{
    struct choice choice[CHOICES];
    unsigned n = 0;
    struct regs r;

    put_string(S("\nBoot from:\n"));
    for (u8 i = 0; i < 2; i++) {
        if (!ebda->floppy_type[i])
            continue;
        choice[n++] = (struct choice){'a', i};
        show_number(n);
        put_string(S("Floppy disk "));
        put_char('A' + i);
        put_char('\n');
    }
    for (u8 i = 0; i < ebda->hd_count; i++) {
        choice[n++] = (struct choice){'c', i};
        show_number(n);
        put_string(S("Hard disk "));
        show_name(ebda->hd[i]);
    }
    for (u8 i = 0; i < ebda->cdrom_count && n < CHOICES; i++) {
        choice[n++] = (struct choice){'d', i};
        show_number(n);
        put_string(S("CD-ROM "));
        show_name(ebda->cdrom[i]);
    }
    for (u8 i = 0; i < ebda->rom_boots && n < CHOICES; i++) {
        choice[n++] = (struct choice){'n', i};
        show_number(n);
        rom_show_name(i);
        put_char('\n');
    }
    put_string(S("Number, or Esc for the usual order: "));
    for (;;) {
        memset(&r, 0, sizeof(r));
        call_int(0x16, &r);
        if (r.al == 0x1b)
            break;
        if (r.al > '0' && r.al <= '0' + n) {
            put_char(r.al);
            put_char('\n');
            if (!boot_from(choice[r.al - '1'].letter, choice[r.al - '1'].number))
                boot_say_empty(choice[r.al - '1'].letter);
            return;
        }
    }
    put_char('\n');
}
