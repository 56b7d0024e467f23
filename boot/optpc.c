/* Setters of what the machine is and does: memory, CPUs, clock, boot order, screen, how it ends. */
#include <string.h>

#include "boot/keylist.h"
#include "boot/optvalue.h"
#include "devices/ui/screenshot.h"

KEY(size)
{
    struct options *o = list->p->o;
    u64 mib;

    if (!value_mebibytes(value, &mib))
        return opt_fail(list->p, "-m %s: not a memory size; give MiB, or a number with M or G",
                        value);
    if (mib * MIB < PC_RAM_MIN)
        return opt_fail(list->p, "-m %s: the machine can have 1 to 3072 MiB of RAM", value);
    if (mib * MIB > PC_RAM_MAX) {
        options_note(o, "m", value, "the machine has 3072 MiB of RAM, the most that there can be");
        mib = PC_RAM_MAX / MIB;
    }
    o->ram_size = mib * MIB;
    return OPTIONS_RUN;
}

SETTER(memory)
{
    static const struct key keys[] = {
        {"size", NULL, key_size, NULL},
        {"slots", NULL, NULL, NULL},
        {"maxmem", NULL, NULL, NULL},
    };
    struct keylist list = KEYLIST("-m", "size", keys, p, NULL);

    return keylist_parse(&list, value);
}

KEY(count)
{
    u64 n;

    if (!value_number(value, 1, 4096, &n))
        return keylist_fail(list, value, "not a number from 1 to 4096");
    if (n > 1)
        options_note(list->p->o, "smp", options_keepf(list->p->o, "%s=%s", list->key, value),
                     "this machine has one CPU");
    return OPTIONS_RUN;
}

SETTER(smp)
{
    static const struct key keys[] = {
        {"cpus", NULL, key_count, NULL},     {"cores", NULL, key_count, NULL},
        {"threads", NULL, key_count, NULL},  {"sockets", NULL, key_count, NULL},
        {"maxcpus", NULL, key_count, NULL},  {"dies", NULL, key_count, NULL},
        {"clusters", NULL, key_count, NULL},
    };
    struct keylist list = KEYLIST("-smp", "cpus", keys, p, NULL);

    return keylist_parse(&list, value);
}

KEY(base)
{
    struct options *o = list->p->o;

    if (strcmp(value, "utc") == 0)
        o->rtc = RTC_UTC;
    else if (strcmp(value, "localtime") == 0)
        o->rtc = RTC_LOCALTIME;
    else if (value_datetime(value, &o->rtc_fixed))
        o->rtc = RTC_FIXED;
    else
        return opt_fail(list->p,
                        "-rtc base=%s: give base=utc, base=localtime or base=YYYY-MM-DDTHH:MM:SS",
                        value);
    return OPTIONS_RUN;
}

SETTER(rtc)
{
    static const struct key keys[] = {
        {"base", NULL, key_base, NULL},
        {"clock", "host|rt|vm", NULL, NULL},
        {"driftfix", "none|slew", NULL, NULL},
    };
    struct keylist list = KEYLIST("-rtc", "base", keys, p, NULL);

    return keylist_parse(&list, value);
}

SETTER(localtime)
{
    p->o->rtc = RTC_LOCALTIME;
    return OPTIONS_RUN;
}

SETTER(clock)
{
    p->o->clock_given = true;
    if (strcmp(value, "host") == 0)
        p->o->clock = CLOCK_HOST;
    else if (strcmp(value, "insn") == 0)
        p->o->clock = CLOCK_INSN;
    else
        return opt_fail(p, "-clock %s: give host or insn", value);
    return OPTIONS_RUN;
}

SETTER(speed)
{
    if (!speed_parse(value, &p->o->speed))
        return opt_fail(p, "-speed %s: give " SPEED_WORDS, value);
    return OPTIONS_RUN;
}

/* Of -icount: the guest is not to be ahead of the host's time. */
KEY(align)
{
    if (keylist_on(value))
        list->p->o->speed = 100;
    return OPTIONS_RUN;
}

/* Its waits take no time. */
KEY(sleep)
{
    if (!keylist_on(value))
        list->p->o->speed = SPEED_MAX;
    return OPTIONS_RUN;
}

/* QEMU's instruction counter, which ours stands in for with a rate of its own. */
SETTER(icount)
{
    static const struct key keys[] = {
        {"shift", NULL, keylist_same, NULL},
        {"align", "on|off", key_align, NULL},
        {"sleep", "on|off", key_sleep, NULL},
        {"rr*", NULL, NULL,
         "this version cannot record and replay; the same run comes by -clock insn"},
    };
    struct keylist list = KEYLIST("-icount", "shift", keys, p, NULL);
    enum options_result r = keylist_parse(&list, value);

    if (r != OPTIONS_RUN)
        return r;
    options_note(p->o, "icount", value, "this is -clock insn: each instruction takes 10 ns");
    p->o->clock_given = true;
    p->o->clock = CLOCK_INSN;
    return OPTIONS_RUN;
}

/* QEMU's suboptions choose what else is refused; all of that is refused here anyway. */
KEY(enable)
{
    list->p->o->sandbox_given = true;
    list->p->o->sandbox = keylist_on(value);
    return OPTIONS_RUN;
}

SETTER(sandbox)
{
    static const struct key keys[] = {
        {"enable", "on|off", key_enable, NULL},
        {"obsolete", "allow|deny", keylist_same, NULL},
        {"elevateprivileges", "allow|deny|children", keylist_same, NULL},
        {"spawn", "allow|deny", keylist_same, NULL},
        {"resourcecontrol", "allow|deny", keylist_same, NULL},
    };
    struct keylist list = KEYLIST("-sandbox", "enable", keys, p, NULL);

    return keylist_parse(&list, value);
}

static enum options_result order(struct keylist *list, const char *value, const char *from)
{
    struct options *o = list->p->o;
    size_t n = 0;

    if (!*value || strspn(value, from) < strlen(value))
        return opt_fail(list->p, "-boot %s: give an order of a, c, d and n, or menu=on|off", value);
    for (const char *c = value; *c; c++) {
        char drive = *c == 'b' ? 'a' : *c;

        if (!memchr(o->boot, drive, n) && n < PC_BOOT_MAX)
            o->boot[n++] = drive;
        else
            return opt_fail(list->p, "-boot %s: give an order of a, c, d and n, or menu=on|off",
                            value);
    }
    if (n) {
        o->boot[n] = '\0';
        o->boot_given = true;
    }
    return OPTIONS_RUN;
}

KEY(order)
{
    return order(list, value, "acdn");
}

/* A guest that resets itself boots in the other order, which QEMU's board tells its BIOS. */
KEY(once)
{
    options_note(list->p->o, "boot", options_keepf(list->p->o, "once=%s", value),
                 "the order stays after a reset");
    return order(list, value, "acdn");
}

KEY(menu)
{
    list->p->o->boot_menu = keylist_on(value);
    return OPTIONS_RUN;
}

SETTER(boot)
{
    static const struct key keys[] = {
        {"order", NULL, key_order, NULL},     {"once", NULL, key_once, NULL},
        {"menu", "on|off", key_menu, NULL},   {"strict", "on|off", NULL, NULL},
        {"splash", NULL, NULL, NULL},         {"splash-time", NULL, NULL, NULL},
        {"reboot-timeout", NULL, NULL, NULL},
    };
    struct keylist list = KEYLIST("-boot", "order", keys, p, NULL);

    return keylist_parse(&list, value);
}

KEY(kind)
{
    struct options *o = list->p->o;

    if (value_listed(value, "help|?")) {
        o->text = "sdl       a window (default); gtk is taken for it\n"
                  "curses    text modes in this terminal\n"
                  "none      no screen; egl-headless is taken for it\n";
        return OPTIONS_TEXT;
    }
    if (value_listed(value, "gtk|cocoa|default"))
        options_note(o, "display", value, "the window is SDL's");
    if (value_listed(value, "none|egl-headless"))
        o->display = UI_NONE;
    else if (value_listed(value, "sdl|gtk|cocoa|default"))
        o->display = UI_SDL;
    else if (strcmp(value, "curses") == 0)
        o->display = UI_CURSES;
    else
        return opt_fail(list->p, "-display %s: give sdl, curses or none", value);
    o->display_given = true;
    return OPTIONS_RUN;
}

KEY(vnc)
{
    if (strcmp(value, "none") != 0)
        return opt_fail(list->p,
                        "-display vnc=%s: this version has no VNC server; give -display none, "
                        "and -screenshot FILE for the last screen",
                        value);
    list->p->o->display = UI_NONE;
    list->p->o->display_given = true;
    return OPTIONS_RUN;
}

KEY(full_screen)
{
    list->p->o->full_screen = keylist_on(value);
    return OPTIONS_RUN;
}

SETTER(display)
{
    static const struct key keys[] = {
        {"type", NULL, key_kind, NULL},
        {"vnc", NULL, key_vnc, NULL},
        {"full-screen", "on|off", key_full_screen, NULL},
        {"gl", "on|off|core|es", NULL, NULL},
        {"grab-mod", NULL, NULL, NULL},
        {"alt_grab", "on|off", NULL, NULL},
        {"ctrl_grab", "on|off", NULL, NULL},
        {"show-cursor", "on|off", NULL, NULL},
        {"window-close", "on|off", NULL, NULL},
        {"window_close", "on|off", NULL, NULL},
        {"grab-on-hover", "on|off", NULL, NULL},
        {"zoom-to-fit", "on|off", NULL, NULL},
        {"show-tabs", "on|off", NULL, NULL},
        {"show-menubar", "on|off", NULL, NULL},
        {"charset", NULL, NULL, NULL},
    };
    struct keylist list = KEYLIST("-display", "type", keys, p, NULL);

    return keylist_parse(&list, value);
}

static enum options_result display_kind(struct parse *p, enum ui_kind kind)
{
    p->o->display = kind;
    p->o->display_given = true;
    return OPTIONS_RUN;
}

SETTER(sdl)
{
    return display_kind(p, UI_SDL);
}

SETTER(curses)
{
    return display_kind(p, UI_CURSES);
}

SETTER(vnc)
{
    if (strcmp(value, "none") != 0)
        return opt_fail(p,
                        "-vnc %s: this version has no VNC server; give -display none, and "
                        "-screenshot FILE for the last screen",
                        value);
    return display_kind(p, UI_NONE);
}

SETTER(vga)
{
    if (value_listed(value, "help|?")) {
        p->o->text =
            "std     VGA with VESA BIOS extensions (default)\nnone    no display adapter\n";
        return OPTIONS_TEXT;
    }
    if (value_listed(value, "cirrus|vmware|qxl|virtio"))
        options_note(p->o, "vga", value, "the display adapter is 'std', a VGA with VESA modes");
    else if (!value_listed(value, "std|none"))
        return opt_fail(p, "-vga %s: give std or none", value);
    p->o->vga = strcmp(value, "none") == 0 ? PC_VGA_NONE : PC_VGA_STD;
    return OPTIONS_RUN;
}

KEY(reboot)
{
    list->p->o->no_reboot = value[0] == 's';
    return OPTIONS_RUN;
}

KEY(shutdown)
{
    list->p->o->no_shutdown = strcmp(value, "pause") == 0;
    return OPTIONS_RUN;
}

KEY(panic)
{
    list->p->o->panic = value[0] == 's'   ? PC_PANIC_SHUTDOWN
                        : value[0] == 'e' ? PC_PANIC_EXIT_FAILURE
                        : value[0] == 'p' ? PC_PANIC_PAUSE
                                          : PC_PANIC_NONE;
    return OPTIONS_RUN;
}

SETTER(action)
{
    static const struct key keys[] = {
        {"reboot", "reset|shutdown", key_reboot, NULL},
        {"shutdown", "poweroff|pause", key_shutdown, NULL},
        {"panic", "pause|shutdown|exit-failure|none", key_panic, NULL},
        {"watchdog", NULL, NULL, NULL},
    };
    struct keylist list = KEYLIST("-action", NULL, keys, p, NULL);

    return keylist_parse(&list, value);
}

SETTER(screenshot)
{
    if (!screenshot_ending_known(value))
        return opt_fail(p, "-screenshot %s: the name can end in .png, .ppm or .txt", value);
    p->o->screenshot = value;
    return OPTIONS_RUN;
}

SETTER(echr)
{
    u64 n;

    if (value[0] && !value[1] && (value[0] < '0' || value[0] > '9'))
        n = (u8)value[0];
    else if (!value_number(value, 1, 255, &n))
        return opt_fail(p, "-echr %s: give a character, or its number from 1 to 255", value);
    p->o->escape = (u8)n;
    return OPTIONS_RUN;
}
