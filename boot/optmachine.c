/* -machine and -accel: what kind of board, and what executes its code.
 *
 * Code is always translated, which QEMU calls tcg. Of several accelerators the first that works is taken, so that
 * command lines for "KVM where there is one" are good here: "-accel kvm -accel tcg", "-machine accel=kvm:tcg". */
#include "boot/optmachine.h"

#include <string.h>

#include "boot/keylist.h"
#include "boot/optvalue.h"

#define ABSENT "kvm|hvf|whpx|xen|nvmm|hax|qtest" /* QEMU's others */

/* One name of len characters. */
static bool take_accel(struct options *o, const char *name, size_t len)
{
    if (value_listed_len(name, len, "tcg"))
        o->accel_found = true;
    else if (!value_listed_len(name, len, ABSENT))
        return false;
    if (!o->accel)
        o->accel = name;
    return true;
}

static enum options_result unknown_accel(struct parse *p, const char *option, const char *name,
                                         size_t len)
{
    return opt_fail(p,
                    "%s%.*s: no such accelerator; code is always translated here, which is 'tcg'",
                    option, (int)len, name);
}

/* tcg's properties: how QEMU goes about it. */
static const struct key tcg_keys[] = {
    {"thread", NULL, NULL, NULL},
    {"tb-size", NULL, NULL, NULL},
    {"split-wx", "on|off", NULL, NULL},
    {"one-insn-per-tb", "on|off", NULL, NULL},
};

SETTER(accel)
{
    const char *rest, *name = keylist_first(p, value, &rest);

    if (!name)
        return opt_fail(p, "-accel: the command line is too long");
    if (strncmp(name, "accel=", 6) == 0)
        name += 6;
    if (value_listed(name, "help|?")) {
        p->o->text = "tcg\n";
        return OPTIONS_TEXT;
    }
    if (!take_accel(p->o, name, strlen(name)))
        return unknown_accel(p, "-accel ", name, strlen(name));
    if (strcmp(name, "tcg") == 0 && *rest) { /* another's properties are nothing to us */
        struct keylist list = KEYLIST("-accel tcg:", NULL, tcg_keys, p, NULL);
        unsigned notes = p->o->notes;
        enum options_result r = keylist_parse(&list, rest);

        p->o->notes = notes; /* it is one note for all of it */
        if (r != OPTIONS_RUN)
            return r;
    }
    options_note(p->o, "accel", value, NULL);
    return OPTIONS_RUN;
}

/* "accel=kvm:tcg". */
KEY(accel)
{
    for (const char *name = value;; name++) {
        size_t n = strcspn(name, ":");

        if (!take_accel(list->p->o, name, n))
            return unknown_accel(list->p, "-machine accel=", name, n);
        name += n;
        if (!*name)
            return OPTIONS_RUN;
    }
}

static const char machines[] =
    "pc       PC with an i440FX and a PIIX3, PCI bus (default)\n"
    "isapc    PC with an ISA bus only\n"
    "q35      taken for pc, as are QEMU's pc-i440fx-VERSION and pc-q35-VERSION\n"
    "none     pc with nothing to boot, for programs that only ask (with -S)\n";

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

KEY(type)
{
    struct options *o = list->p->o;

    if (value_listed(value, "help|?")) {
        o->text = machines;
        return OPTIONS_TEXT;
    }
    if (strcmp(value, "q35") == 0 || starts(value, "pc-q35-"))
        options_note(o, "machine", value, "the board is 'pc', with an i440FX and IDE");
    else if (starts(value, "pc-i440fx-"))
        options_note(o, "machine", value, "the board is 'pc' as it is now");
    else if (strcmp(value, "none") == 0)
        o->only_asked = true;
    else if (!value_listed(value, "pc|isapc"))
        return opt_fail(list->p,
                        "%s %s: give pc or isapc, or properties as acpi=on|off and accel=tcg",
                        list->what, value);
    o->isa_only = value[0] == 'i';
    return OPTIONS_RUN;
}

KEY(acpi)
{
    list->p->o->no_acpi = !keylist_on(value);
    return OPTIONS_RUN;
}

KEY(pcspk)
{
    options_note(list->p->o, "machine", options_keepf(list->p->o, "pcspk-audiodev=%s", value),
                 "this version has no sound");
    return OPTIONS_RUN;
}

KEY(graphics)
{
    if (!keylist_on(value))
        list->p->o->nographic = true;
    return OPTIONS_RUN;
}

static const struct key machine_keys[] = {
    {"type", NULL, key_type, NULL},
    {"acpi", "on|off", key_acpi, NULL},
    {"accel", NULL, key_accel, NULL},
    {"graphics", "on|off", key_graphics, NULL},
    {"usb", "off", NULL, "this version has no USB"},
    {"vmport", "off|auto", NULL, "there is no VMware backdoor here"},
    {"hpet", "off", NULL, "there is no HPET here"},
    {"smm", "off|auto", NULL, "there is no system management mode here"},
    {"nvdimm", "off", NULL, "there are no NVDIMMs here"},
    {"pit", "on", NULL, "the PIT is always there"},
    {"pic", "on|auto", NULL, "the interrupt controllers are always there"},
    {"i8042", "on", NULL, "the keyboard's controller is always there"},
    {"fd-bootchk", "on|off", NULL, NULL},
    {"dump-guest-core", "on|off", NULL, NULL},
    {"mem-merge", "on|off", NULL, NULL},
    {"kernel-irqchip", "on|off|split", NULL, NULL},
    {"kernel_irqchip", "on|off|split", NULL, NULL},
    {"kvm-shadow-mem", NULL, NULL, NULL},
    {"suppress-vmdesc", "on|off", NULL, NULL},
    {"hmat", "off", NULL, "there is no NUMA here"},
    {"sata", "on|off", NULL, NULL},
    {"smbus", "on|off", NULL, NULL},
    {"max-ram-below-4g", NULL, NULL, NULL},
    {"igd-passthru", "off", NULL, "no device of the host is given to a guest"},
    {"pcspk-audiodev", NULL, key_pcspk, NULL},
};

SETTER(machine)
{
    struct keylist list =
        KEYLIST(options_keepf(p->o, "-%s", p->name), "type", machine_keys, p, NULL);

    return keylist_parse(&list, value);
}

enum options_result optaccel_check(struct parse *p)
{
    const struct options *o = p->o;

    if (!o->accel || o->accel_found)
        return OPTIONS_RUN;
    return opt_fail(p, "-accel %.*s: code is always translated here; add -accel tcg",
                    (int)strcspn(o->accel, ":,"), o->accel);
}
