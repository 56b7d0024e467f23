/* Setters of options with one plain value: flags, names, files, and what is QEMU's and changes nothing here. */
#include <string.h>

#include "boot/keylist.h"
#include "boot/optvalue.h"

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
FLAG(quiet)
FLAG(daemonize)
FLAG(gdb_default)
FLAG(starts_held)
FLAG(reverse)
STRING(kernel)
STRING(initrd)
STRING(append)
STRING(bios)
STRING(log_file)
STRING(pidfile)
STRING(report)
STRING(junit)

SETTER(option_rom)
{
    if (p->o->option_roms == OPTION_ROMS)
        return opt_fail(p, "-option-rom: there are %d already", OPTION_ROMS);
    p->o->option_rom[p->o->option_roms++] = value;
    return OPTIONS_RUN;
}

SETTER(help)
{
    return OPTIONS_HELP;
}

/* Both are done with before options are parsed, unless nothing came of them (boot/config.h). */
SETTER(readconfig)
{
    return opt_fail(p, "-readconfig %s: it cannot be read here", value);
}

SETTER(set)
{
    return opt_fail(p,
                    "-set %s: there is no such option with this id before it; give "
                    "GROUP.ID.KEY=VALUE, as in drive.d1.cache=none",
                    value);
}

SETTER(completion)
{
    if (!value_listed(value, "bash|zsh|fish"))
        return opt_fail(p, "-completion %s: give bash, zsh or fish", value);
    p->o->text = value;
    return OPTIONS_COMPLETION;
}

SETTER(version)
{
    return OPTIONS_VERSION;
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

/* The window's title stays what it is; a name of a process is of no use here. */
SETTER(name)
{
    p->o->name = value;
    options_note(p->o, "name", value, NULL);
    return OPTIONS_RUN;
}

SETTER(usbdevice)
{
    if (!value_listed(value, "tablet|mouse|keyboard"))
        return opt_fail(p, "-usbdevice %s: there is no USB here", value);
    options_note(p->o, "usbdevice", value,
                 "there is no USB; the PS/2 keyboard and mouse are there");
    return OPTIONS_RUN;
}

SETTER(script)
{
    p->o->type = options_keepf(p->o, "@%s", strcmp(value, "-") == 0 ? "/dev/stdin" : value);
    return p->o->type ? OPTIONS_RUN : opt_fail(p, "-script: the command line is too long");
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
