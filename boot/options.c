/* Parses the command line by the list in options.def. A later option overrides an earlier one; a drive has one image. */
#include "boot/options.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "boot/optdrive.h"
#include "boot/optmachine.h"
#include "boot/optvalue.h"
#include "devices/ui/screenshot.h"
#include "translate/translate.h"

#define DEFAULT_RAM_MIB 128u

struct parse {
    struct options *o;
    const char *name; /* of the option at hand, without dashes */
    char *err;
    size_t err_len;
};

static enum options_result printf_like(2, 3) fail(const struct parse *p, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(p->err, p->err_len, fmt, args);
    va_end(args);
    return OPTIONS_ERROR;
}

int options_note(struct options *o, const char *name, const char *value, char *err, size_t err_len)
{
    if (o->notes == OPTIONS_NOTES) {
        snprintf(err, err_len, "more than %d options that change nothing here", OPTIONS_NOTES);
        return -1;
    }
    o->note[o->notes].name = name;
    o->note[o->notes++].value = value;
    return 0;
}

/* Setters: OPTIONS_RUN to go on. A flag's value is NULL. */
#define SETTER(name)                                                                               \
    static enum options_result set_##name(struct parse *p __attribute__((unused)),                 \
                                          const char *value __attribute__((unused)))
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
FLAG(stats)
FLAG(no_chain)
FLAG(slow_mem)
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
        return fail(p, "-m %s: not a memory size; give MiB, or a number with M or G", value);
    if (mib * MIB < PC_RAM_MIN || mib * MIB > PC_RAM_MAX)
        return fail(p, "-m %s: the machine can have 1 to 3072 MiB of RAM", value);
    p->o->ram_size = mib * MIB;
    return OPTIONS_RUN;
}

SETTER(cpu)
{
    struct cpu_model *own = &p->o->own_model;

    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_CPU_HELP;
    if (cpu_model_parse(value, own, p->o->cpu_note, sizeof(p->o->cpu_note)) < 0)
        return fail(p, "-cpu %s", p->o->cpu_note);
    p->o->model = cpu_model_find(value) ? cpu_model_find(value) : own;
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
        if (options_note(p->o, p->name, value, p->err, p->err_len) < 0)
            return OPTIONS_ERROR;
    } else {
        return fail(p, "-rtc %s: give base=utc, base=localtime or base=YYYY-MM-DDTHH:MM:SS", value);
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
        return fail(p, "-clock %s: give host or insn", value);
    return OPTIONS_RUN;
}

/* QEMU's suboptions choose what else is refused; all of that is refused here anyway. */
SETTER(sandbox)
{
    const char *item = value + strcspn(value, ",");

    if (!value_listed_len(value, (size_t)(item - value), "on|off"))
        return fail(p, "-sandbox %s: give on or off", value);
    p->o->sandbox_given = true;
    p->o->sandbox = (size_t)(item - value) == strlen("on");
    while (*item++) {
        size_t len = strcspn(item, ",");

        if (!value_listed_len(item, len,
                              "obsolete=allow|obsolete=deny|elevateprivileges=allow|"
                              "elevateprivileges=deny|elevateprivileges=children|spawn=allow|"
                              "spawn=deny|resourcecontrol=allow|resourcecontrol=deny"))
            return fail(p,
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
        return fail(p, "-device %.*s: no such device here; there is: %s", (int)(item - value),
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
            return fail(p, "-device %s: '%.*s' is not iobase=PORT or iosize=1|2|4", device,
                        (int)len, item);
        item += len;
    }
    if (iobase + iosize > 0x10000)
        return fail(p, "-device %s: the ports reach beyond 0xffff", value);
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
        return fail(p, "-debugcon %s: give file:FILE, stdio or null", value);
    p->o->debugcon = value;
    return OPTIONS_RUN;
}

SETTER(global)
{
    static const char name[] = "isa-debugcon.iobase=";
    u64 iobase;

    if (strncmp(value, name, sizeof(name) - 1) != 0)
        return fail(p, "-global %s: the one that there is here is %sPORT", value, name);
    if (!value_number(value + sizeof(name) - 1, 0, 0xffff, &iobase))
        return fail(p, "-global %s: the port is a number up to 0xffff", value);
    p->o->debugcon_iobase = (u16)iobase;
    return OPTIONS_RUN;
}

SETTER(serial)
{
    if (!is_file(value) && !value_listed(value, "stdio|mon:stdio|pty|null|none"))
        return fail(p, "-serial %s: give stdio, file:FILE, pty, null or none", value);
    if (p->o->serial)
        return fail(p, "-serial %s: the machine has one serial port, and it has a place already",
                    value);
    p->o->serial = value;
    return OPTIONS_RUN;
}

SETTER(screenshot)
{
    if (!screenshot_ending_known(value))
        return fail(p, "-screenshot %s: the name can end in .png, .ppm or .txt", value);
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
        return fail(p, "-display %s: give sdl, curses or none", value);
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
        return fail(p, "-type: %s", why);
    script_free(script);
    return OPTIONS_RUN;
}

#define DRIVE(option, place, is_cdrom)                                                             \
    SETTER(option)                                                                                 \
    {                                                                                              \
        struct drive_option drive = DRIVE_OPTION("-" #option, value, is_cdrom);                    \
                                                                                                   \
        return optdrive_add(&p->o->place, &drive, p->err, p->err_len) < 0 ? OPTIONS_ERROR          \
                                                                          : OPTIONS_RUN;           \
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
    return optdrive_parse(p->o, value, p->err, p->err_len) < 0 ? OPTIONS_ERROR : OPTIONS_RUN;
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
                return fail(p, "-boot %.*s: give an order of a, c and d, or menu=on|off", (int)len,
                            item);
            snprintf(p->o->boot, sizeof(p->o->boot), "%.*s", (int)n, order);
        }
        item += len;
    } while (*item++ == ',');
    return OPTIONS_RUN;
}

SETTER(vga)
{
    if (!value_listed(value, "std|none"))
        return fail(p, "-vga %s: give std or none", value);
    p->o->vga = strcmp(value, "none") == 0 ? PC_VGA_NONE : PC_VGA_STD;
    return OPTIONS_RUN;
}

SETTER(machine)
{
    return optmachine_parse(p->o, p->name, value, p->err, p->err_len) < 0 ? OPTIONS_ERROR
                                                                          : OPTIONS_RUN;
}

SETTER(fpu)
{
    if (strcmp(value, "exact") && strcmp(value, "host"))
        return fail(p, "-fpu %s: use exact or host", value);
    p->o->host_math = strcmp(value, "host") == 0;
    return OPTIONS_RUN;
}

SETTER(accel)
{
    return optaccel_parse(p->o, value, p->err, p->err_len) < 0 ? OPTIONS_ERROR : OPTIONS_RUN;
}

SETTER(log)
{
    char bad[64];

    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_LOG_HELP;
    if (log_parse(value, &p->o->log_mask, bad, sizeof(bad)) < 0)
        return fail(p, "-d %s: no such log item; '-d help' lists them", bad);
    return OPTIONS_RUN;
}

/* NULL: this build has no such engine. */
static const char *find_engine(const char *text, size_t len)
{
    for (const char *const *name = translator_engines(); *name; name++)
        if (strlen(*name) == len && strncmp(text, *name, len) == 0)
            return *name;
    return NULL;
}

SETTER(engine)
{
    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0)
        return OPTIONS_ENGINE_HELP;
    p->o->engine = find_engine(value, strlen(value));
    if (p->o->engine)
        return OPTIONS_RUN;
    return fail(p, "-engine %s: no such engine in this build; '-engine help' lists them", value);
}

static enum options_result number(struct parse *p, const char *text, u64 min, u64 max, u64 *value)
{
    if (value_number(text, min, max, value))
        return OPTIONS_RUN;
    return fail(p, "-%s %s: not a number from %llu to %llu", p->name, text, (unsigned long long)min,
                (unsigned long long)max);
}

SETTER(digest)
{
    return number(p, value, 1, INT64_MAX, &p->o->digest_every);
}

SETTER(lockstep)
{
    const char *item = value;

    p->o->lockstep_insns = 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t len = strcspn(item, ",");

        p->o->lockstep[i] = find_engine(item, len);
        if (!p->o->lockstep[i])
            return fail(p,
                        "-lockstep %s: give two engines, ENGINE,ENGINE; '-engine help' lists them",
                        value);
        item += len + (item[len] == ',');
    }
    if (strncmp(item, "insns=", 6) == 0)
        return number(p, item + 6, 1, INT64_MAX, &p->o->lockstep_insns);
    if (*item)
        return fail(p, "-lockstep %s: '%s' is not insns=N", value, item);
    return OPTIONS_RUN;
}

SETTER(block_len)
{
    u64 n = 0;
    enum options_result r = OPTIONS_RUN;

    p->o->random_len = strcmp(value, "random") == 0;
    if (!p->o->random_len)
        r = number(p, value, 1, 1000, &n);
    p->o->block_len = (unsigned)n;
    return r;
}

SETTER(tlb_limit)
{
    u64 n = 0;
    enum options_result r = number(p, value, 1, UINT32_MAX, &n);

    p->o->tlb_limit = (u32)n;
    return r;
}

SETTER(cache_blocks)
{
    u64 n = 0;
    enum options_result r = number(p, value, 1, INT_MAX, &n);

    p->o->cache_blocks = (unsigned)n;
    return r;
}

SETTER(code_buffer)
{
    char digits[16];
    size_t len = strlen(value);
    u64 unit = 1, n = 0;

    if (len > 1 && strchr("KM", value[len - 1]))
        unit = value[--len] == 'K' ? KIB : MIB;
    snprintf(digits, sizeof(digits), "%.*s", (int)len, value);
    if (len >= sizeof(digits) || !value_number(digits, 1, CODE_BUFFER_MAX / unit, &n) ||
        n * unit < CODE_BUFFER_MIN)
        return fail(p, "-code-buffer %s: give a size from 16K to 256M", value);
    p->o->code_buffer = (u32)(n * unit);
    return OPTIONS_RUN;
}

enum option_kind { KIND_OPT, KIND_SAME, KIND_REFUSED };

struct option {
    const char *name, *arg;
    enum option_kind kind;
    enum options_result (*set)(struct parse *p, const char *value); /* KIND_OPT */
    const char *accepted;                                           /* KIND_SAME */
    const char *why;
};

static const struct option options[] = {
#define GROUP(title)
#define OPT(name, arg, setter, help)   {name, arg, KIND_OPT, set_##setter, NULL, NULL},
#define SAME(name, arg, accepted, why) {name, arg, KIND_SAME, NULL, accepted, why},
#define REFUSED(name, arg, why)        {name, arg, KIND_REFUSED, NULL, NULL, why},
#include "boot/options.def"
#undef GROUP
#undef OPT
#undef SAME
#undef REFUSED
};

static const struct option *option_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

/* The option that was probably meant: at most a third of its letters wrong. */
static const char *option_nearest(const char *name)
{
    const char *best = NULL;
    unsigned best_distance = UINT_MAX;

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        unsigned distance = value_distance(name, options[i].name);

        if (options[i].kind == KIND_REFUSED || distance >= best_distance ||
            distance * 3 > strlen(options[i].name) + 1)
            continue;
        best = options[i].name;
        best_distance = distance;
    }
    return best;
}

static enum options_result unknown(const struct parse *p, const char *arg)
{
    const char *best = option_nearest(p->name);

    if (best)
        return fail(p, "unknown option '%s'; did you mean '-%s'?", arg, best);
    return fail(p, "unknown option '%s'; -help lists the options", arg);
}

static enum options_result apply(struct parse *p, const struct option *option, const char *value)
{
    switch (option->kind) {
    case KIND_OPT: return option->set(p, value);
    case KIND_SAME:
        if (value && !value_listed(value, option->accepted))
            return fail(p, "-%s %s: %s", p->name, value, option->why);
        return options_note(p->o, option->name, value, p->err, p->err_len) < 0 ? OPTIONS_ERROR
                                                                               : OPTIONS_RUN;
    case KIND_REFUSED: return fail(p, "-%s: %s", p->name, option->why);
    }
    BUG("option kind %d", (int)option->kind);
}

/* Two users of one terminal, and what two machines side by side cannot have. */
static enum options_result check_display(const struct parse *p)
{
    const struct options *o = p->o;
    enum ui_kind display = options_display(o);
    bool escapes;

    if (display == UI_CURSES && options_serial_stdio(o, &escapes))
        return fail(p, "-display curses and the serial port both need this terminal; give the port "
                       "another place with -serial");
    if (display == UI_CURSES && o->debugcon && strcmp(o->debugcon, "stdio") == 0)
        return fail(p, "-display curses and -debugcon stdio both need this terminal");
    if (o->full_screen && display != UI_SDL)
        return fail(p, "-full-screen needs a window (-display sdl)");
    if (o->sandbox && (display == UI_SDL || o->lockstep[0]))
        return fail(p, "-sandbox on: %s needs more than a running machine; leave one of them out",
                    o->lockstep[0] ? "-lockstep" : "a window");
    if (o->lockstep[0] && (display != UI_NONE || o->screenshot))
        return fail(p, "-lockstep has no screen: leave out -display and -screenshot");
    return OPTIONS_RUN;
}

static bool has_disk(const struct options *o)
{
    for (unsigned i = 0; i < PC_DRIVES; i++)
        if (o->drive[i].path)
            return true;
    return o->floppy[0].path || o->floppy[1].path;
}

/* What no single option can know. */
static enum options_result check(const struct parse *p)
{
    struct options *o = p->o;

    if (o->lockstep[0]) {
        if (o->engine)
            return fail(p, "-engine and -lockstep: give the engines with one of them");
        if (o->clock_given && o->clock == CLOCK_HOST)
            return fail(
                p, "-lockstep needs -clock insn: under the host's clock no two runs are alike");
        o->clock = CLOCK_INSN;
    }
    if (check_display(p) != OPTIONS_RUN || optaccel_check(o, p->err, p->err_len) < 0)
        return OPTIONS_ERROR;
    if (o->initrd && !o->kernel)
        return fail(p, "-initrd needs -kernel");
    if (o->append && !o->kernel)
        return fail(p, "-append needs -kernel");
    if (o->lockstep[0] && (o->floppy[0].name || o->floppy[1].name))
        return fail(p, "-fda, -fdb: not with -lockstep, whose machines cannot share a disk");
    if (!o->kernel && !o->bios && !has_disk(o))
        return fail(p,
                    "nothing to boot: give a disk image or -kernel FILE (-help lists the options)");
    if (o->debugcon && o->debug_exit && o->debug_exit_iobase <= o->debugcon_iobase &&
        o->debug_exit_iobase + o->debug_exit_iosize > o->debugcon_iobase)
        return fail(p, "-device isa-debug-exit and -debugcon are both at port %#x",
                    o->debugcon_iobase);
    return OPTIONS_RUN;
}

enum options_result options_parse(struct options *o, int argc, char **argv, char *err,
                                  size_t err_len)
{
    struct parse p = {.o = o, .err = err, .err_len = err_len};

    *o = (struct options){
        .ram_size = (u64)DEFAULT_RAM_MIB * MIB,
        .model = cpu_model_find(CPU_MODEL_DEFAULT),
        .clock = CLOCK_HOST,
        .boot = "cad",
        .debugcon_iobase = DEBUGCON_PORT,
    };
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i], *value = NULL;
        const struct option *option;
        enum options_result r;

        if (arg[0] != '-') { /* a disk image, as in `pagewalk disk.img` */
            if (set_hda(&p, arg) != OPTIONS_RUN)
                return OPTIONS_ERROR;
            continue;
        }
        p.name = arg + 1 + (arg[1] == '-');
        option = option_find(p.name);
        if (!option)
            return unknown(&p, arg);
        if (option->arg && option->kind != KIND_REFUSED) {
            if (i + 1 == argc)
                return fail(&p, "option '%s' needs a value: %s", arg, option->arg);
            value = argv[++i];
        }
        r = apply(&p, option, value);
        if (r != OPTIONS_RUN)
            return r;
    }
    return check(&p);
}
