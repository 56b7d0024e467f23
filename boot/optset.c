/* Setters of options with one plain value: flags, names, words, what the machine is. */
#include <limits.h>
#include <string.h>

#include "boot/optparse.h"
#include "boot/optdrive.h"
#include "boot/optmachine.h"
#include "boot/optvalue.h"
#include "devices/ui/screenshot.h"

#define FLAG(name)                                                                                 \
    SETTER(name)                                                                                   \
    {                                                                                              \
        p->o->name = true;                                                                         \
        return OPTIONS_RUN;                                                                        \
    }
#define STRING(name)                                                                               \
    SETTER(name)                                                                                   \
    {                                                                                              \
        p->o->name = value;                                                                        \
        return OPTIONS_RUN;                                                                        \
    }

FLAG(no_acpi)
FLAG(no_reboot)
FLAG(no_shutdown)
FLAG(nographic)
FLAG(full_screen)
FLAG(snapshot)
STRING(kernel)
STRING(initrd)
STRING(append)
STRING(bios)
STRING(option_rom)
STRING(log_file)

SETTER(help)
{
    return OPTIONS_HELP;
}

SETTER(version)
{
    return OPTIONS_VERSION;
}

SETTER(memory)
{
    u64 mib;

    if (!value_mebibytes(value, &mib))
        return opt_fail(p, "-m %s: not a memory size; give MiB, or a number with M or G", value);
    if (mib * MIB < PC_RAM_MIN || mib * MIB > PC_RAM_MAX)
        return opt_fail(p, "-m %s: the machine can have 1 to 3072 MiB of RAM", value);
    p->o->ram_size = mib * MIB;
    return OPTIONS_RUN;
}

SETTER(cpu)
{
    struct cpu_model *own = &p->o->own_model;

    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_CPU_HELP;
    if (cpu_model_parse(value, own, p->o->cpu_note, sizeof(p->o->cpu_note)) < 0)
        return opt_fail(p, "-cpu %s", p->o->cpu_note);
    p->o->model = cpu_model_find(value) ? cpu_model_find(value) : own;
    return OPTIONS_RUN;
}

SETTER(fpu)
{
    if (!value_listed(value, "exact|host"))
        return opt_fail(p, "-fpu %s: use exact or host", value);
    p->o->host_math = strcmp(value, "host") == 0;
    return OPTIONS_RUN;
}

SETTER(rtc)
{
    if (strcmp(value, "base=utc") == 0) {
        p->o->rtc = RTC_UTC;
    } else if (strcmp(value, "base=localtime") == 0) {
        p->o->rtc = RTC_LOCALTIME;
    } else if (strncmp(value, "base=", 5) == 0 && value_datetime(value + 5, &p->o->rtc_fixed)) {
        p->o->rtc = RTC_FIXED;
    } else if (value_listed(value, "clock=host|clock=rt|clock=vm")) {
        if (options_note(p->o, p->name, value, p->line, sizeof(p->line)) < 0)
            return OPTIONS_ERROR;
    } else {
        return opt_fail(p, "-rtc %s: give base=utc, base=localtime or base=YYYY-MM-DDTHH:MM:SS",
                        value);
    }
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

/* QEMU's suboptions choose what else is refused; all of that is refused here anyway. */
SETTER(sandbox)
{
    const char *item = value + strcspn(value, ",");

    if (!value_listed_len(value, (size_t)(item - value), "on|off"))
        return opt_fail(p, "-sandbox %s: give on or off", value);
    p->o->sandbox_given = true;
    p->o->sandbox = (size_t)(item - value) == strlen("on");
    while (*item++) {
        size_t len = strcspn(item, ",");

        if (!value_listed_len(item, len,
                              "obsolete=allow|obsolete=deny|elevateprivileges=allow|"
                              "elevateprivileges=deny|elevateprivileges=children|spawn=allow|"
                              "spawn=deny|resourcecontrol=allow|resourcecontrol=deny"))
            return opt_fail(p,
                            "-sandbox: '%.*s': give obsolete=, elevateprivileges=, spawn= or "
                            "resourcecontrol= with allow or deny",
                            (int)len, item);
        item += len;
    }
    return OPTIONS_RUN;
}

/* QEMU's defaults: port 0x501, two bytes. */
SETTER(device)
{
    static const char device[] = "isa-debug-exit";
    u64 iobase = 0x501, iosize = 2;
    const char *item = value + strcspn(value, ",");

    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_DEVICE_HELP;
    if ((size_t)(item - value) != strlen(device) || strncmp(value, device, strlen(device)) != 0)
        return opt_fail(p, "-device %.*s: no such device here; there is: %s", (int)(item - value),
                        value, device);
    while (*item == ',') {
        char text[32];
        size_t len = strcspn(++item, ",");
        bool ok = len < sizeof(text);

        snprintf(text, sizeof(text), "%.*s", ok ? (int)len : 0, item);
        if (strncmp(text, "iobase=", 7) == 0)
            ok = value_number(text + 7, 0, 0xffff, &iobase);
        else if (strncmp(text, "iosize=", 7) == 0)
            ok = value_number(text + 7, 1, 4, &iosize) && iosize != 3;
        else
            ok = false;
        if (!ok)
            return opt_fail(p, "-device %s: '%.*s' is not iobase=PORT or iosize=1|2|4", device,
                            (int)len, item);
        item += len;
    }
    if (iobase + iosize > 0x10000)
        return opt_fail(p, "-device %s: the ports reach beyond 0xffff", value);
    p->o->debug_exit = true;
    p->o->debug_exit_iobase = (u16)iobase;
    p->o->debug_exit_iosize = (u16)iosize;
    return OPTIONS_RUN;
}

static bool is_file(const char *value)
{
    return strncmp(value, "file:", 5) == 0 && value[5];
}

SETTER(debugcon)
{
    if (!is_file(value) && !value_listed(value, "stdio|null"))
        return opt_fail(p, "-debugcon %s: give file:FILE, stdio or null", value);
    p->o->debugcon = value;
    return OPTIONS_RUN;
}

SETTER(global)
{
    static const char name[] = "isa-debugcon.iobase=";
    u64 iobase;

    if (strncmp(value, name, sizeof(name) - 1) != 0)
        return opt_fail(p, "-global %s: the one that there is here is %sPORT", value, name);
    if (!value_number(value + sizeof(name) - 1, 0, 0xffff, &iobase))
        return opt_fail(p, "-global %s: the port is a number up to 0xffff", value);
    p->o->debugcon_iobase = (u16)iobase;
    return OPTIONS_RUN;
}

SETTER(serial)
{
    if (!is_file(value) && !value_listed(value, "stdio|mon:stdio|pty|null|none"))
        return opt_fail(p, "-serial %s: give stdio, file:FILE, pty, null or none", value);
    if (p->o->serial)
        return opt_fail(
            p, "-serial %s: the machine has one serial port, and it has a place already", value);
    p->o->serial = value;
    return OPTIONS_RUN;
}

SETTER(screenshot)
{
    if (!screenshot_ending_known(value))
        return opt_fail(p, "-screenshot %s: the name can end in .png, .ppm or .txt", value);
    p->o->screenshot = value;
    return OPTIONS_RUN;
}

SETTER(display)
{
    if (strcmp(value, "none") == 0)
        p->o->display = UI_NONE;
    else if (strcmp(value, "sdl") == 0)
        p->o->display = UI_SDL;
    else if (strcmp(value, "curses") == 0)
        p->o->display = UI_CURSES;
    else
        return opt_fail(p, "-display %s: give sdl, curses or none", value);
    p->o->display_given = true;
    return OPTIONS_RUN;
}

/* A file's contents are looked at when it is read. */
SETTER(type)
{
    struct key_script *script;
    char why[256];

    p->o->type = value;
    if (value[0] == '@')
        return OPTIONS_RUN;
    script = script_parse(value, strlen(value), why, sizeof(why));
    if (!script)
        return opt_fail(p, "-type: %s", why);
    script_free(script);
    return OPTIONS_RUN;
}

#define DRIVE(option, place, is_cdrom)                                                             \
    SETTER(option)                                                                                 \
    {                                                                                              \
        struct drive_option drive = DRIVE_OPTION("-" #option, value, is_cdrom);                    \
                                                                                                   \
        return optdrive_add(&p->o->place, &drive, p->line, sizeof(p->line)) < 0 ? OPTIONS_ERROR    \
                                                                                : OPTIONS_RUN;     \
    }
DRIVE(hda, drive[0], false)
DRIVE(hdb, drive[1], false)
DRIVE(hdc, drive[2], false)
DRIVE(hdd, drive[3], false)
DRIVE(cdrom, drive[2], true)
DRIVE(fda, floppy[0], false)
DRIVE(fdb, floppy[1], false)

SETTER(drive)
{
    return optdrive_parse(p->o, value, p->line, sizeof(p->line)) < 0 ? OPTIONS_ERROR : OPTIONS_RUN;
}

SETTER(boot)
{
    const char *item = value;

    do {
        size_t len = strcspn(item, ",");
        const char *order = item;
        size_t n = len;

        if (value_listed_len(item, len, "menu=on|menu=off")) {
            p->o->boot_menu = item[len - 1] == 'n';
        } else {
            if (strncmp(item, "order=", 6) == 0) {
                order += 6;
                n -= 6;
            }
            if (!n || n > PC_BOOT_MAX || strspn(order, "acd") < n)
                return opt_fail(p, "-boot %.*s: give an order of a, c and d, or menu=on|off",
                                (int)len, item);
            snprintf(p->o->boot, sizeof(p->o->boot), "%.*s", (int)n, order);
        }
        item += len;
    } while (*item++ == ',');
    return OPTIONS_RUN;
}

SETTER(vga)
{
    if (!value_listed(value, "std|none"))
        return opt_fail(p, "-vga %s: give std or none", value);
    p->o->vga = strcmp(value, "none") == 0 ? PC_VGA_NONE : PC_VGA_STD;
    return OPTIONS_RUN;
}

SETTER(machine)
{
    return optmachine_parse(p->o, p->name, value, p->line, sizeof(p->line)) < 0 ? OPTIONS_ERROR
                                                                                : OPTIONS_RUN;
}

SETTER(accel)
{
    return optaccel_parse(p->o, value, p->line, sizeof(p->line)) < 0 ? OPTIONS_ERROR : OPTIONS_RUN;
}
