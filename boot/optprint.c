/* What -help, -version and the lists print, from the same lists that are parsed by. */
#include <string.h>

#include "boot/options.h"
#include "boot/regex.h"
#include "boot/sandbox.h"
#include "devices/monitor/monitor.h"
#include "devices/ui/screenshot.h"
#include "translate/translate.h"

#ifdef PAGEWALK_WINDOWS
#define PAGEWALK_MMU "mmap"
#else
#define PAGEWALK_MMU "soft"
#endif

#define HELP_COLUMN 32

/* One row of options.def; what is NULL tells its kind. */
struct row {
    const char *group;
    const char *name, *arg, *help;
    bool listed; /* shown by name only */
};

static const struct row rows[] = {
#define GROUP(title)                     {.group = title},
#define OPT(name_, arg_, setter, text)   {.name = name_, .arg = arg_, .help = text},
#define SAME(name_, arg_, accepted, why) {.name = name_, .arg = arg_, .listed = true},
#define REFUSED(name_, arg_, why)
#include "boot/options.def"
#undef GROUP
#undef OPT
#undef SAME
#undef REFUSED
};

static void print_option(FILE *out, const struct row *row)
{
    int width = fprintf(out, "  -%s%s%s", row->name, row->arg ? " " : "", row->arg ? row->arg : "");

    if (width >= HELP_COLUMN) {
        fputc('\n', out);
        width = 0;
    }
    fprintf(out, "%*s%s\n", HELP_COLUMN - width, "", row->help);
}

/* Rows that need no words of their own, some to a line. */
static void print_listed(FILE *out, const struct row *row, int *column)
{
    int width = (int)(strlen(row->name) + (row->arg ? 1 + strlen(row->arg) : 0)) + 3;

    if (*column && *column + width > 78) {
        fputc('\n', out);
        *column = 0;
    }
    *column += fprintf(out, "  -%s%s%s", row->name, row->arg ? " " : "", row->arg ? row->arg : "");
}

void options_print_help(FILE *out)
{
    int column = 0;

    fputs("usage: pagewalk [option]...\n"
          "Pagewalk " PAGEWALK_VERSION " emulates a 32-bit PC. One or two dashes are the same.\n",
          out);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].group)
            fprintf(out, "\n%s:\n", rows[i].group);
        else if (rows[i].listed)
            print_listed(out, &rows[i], &column);
        else if (rows[i].help)
            print_option(out, &rows[i]);
    }
    fputc('\n', out);
}

void options_print_version(FILE *out)
{
    fprintf(out, "pagewalk %s\nMMU back end: %s\nengines:", PAGEWALK_VERSION, PAGEWALK_MMU);
    for (const char *const *name = translator_engines(); *name; name++)
        fprintf(out, " %s", *name);
    fprintf(out, "\nwindow: %s%s\nscreenshots: %s%s\n", ui_sdl_version() ? "SDL " : "none",
            ui_sdl_version() ? ui_sdl_version() : " (built without SDL2)",
            screenshot_png_version() ? "PNG, by libpng " : "PPM",
            screenshot_png_version() ? screenshot_png_version() : " (built without libpng)");
    fprintf(out, "user network: %s%s\n", netdev_user_version() ? "libslirp " : "none",
            netdev_user_version() ? netdev_user_version() : " (built without libslirp)");
    fprintf(out, "sandbox: %s%s\n", sandbox_version() ? "seccomp, by libseccomp " : "none",
            sandbox_version() ? sandbox_version() : " (built without libseccomp)");
    fprintf(out, "regular expressions: %s%s\n", regex_version() ? "PCRE2 " : "none",
            regex_version() ? regex_version() : " (built without libpcre2)");
    fprintf(out, "QMP: %s%s\ndisassembler: %s\n", monitor_qmp_version() ? "jansson " : "none",
            monitor_qmp_version() ? monitor_qmp_version() : " (built without libjansson)",
            monitor_has_zydis() ? "Zydis" : "our own decoder (built without libZydis)");
}

void options_print_cpus(FILE *out)
{
    for (const struct cpu_model *m = cpu_models(); m->name; m++)
        fprintf(out, "%-12s %s%s\n", m->name, m->title,
                strcmp(m->name, CPU_MODEL_DEFAULT) == 0 ? " (default)" : "");
    for (const struct cpu_alias *a = cpu_aliases(); a->name; a++)
        fprintf(out, "%-12s as in QEMU: %s stands in for it\n", a->name, a->model);
    fputs("features:   ", out);
    for (const char *const *name = cpu_model_features(); *name; name++)
        fprintf(out, " %s", *name);
    fputc('\n', out);
}

void options_print_engines(FILE *out)
{
    const char *const *names = translator_engines();

    for (const char *const *name = names; *name; name++)
        fprintf(out, "%s%s\n", *name, name == names ? " (default)" : "");
}

void options_print_devices(FILE *out)
{
    fputs("isa-debug-exit[,iobase=0x501][,iosize=2]\n"
          "    a write of V to the port ends Pagewalk with status (V << 1) | 1\n"
          "pvpanic[,ioport=0x505][,events=3]\n"
          "    a guest's kernel that panics ends Pagewalk with status 12 (-action panic=)\n"
          "pc-testdev\n"
          "    what kvm-unit-tests try ports, memory and interrupt lines on\n"
          "isa-serial isa-parallel isa-debugcon,chardev=ID\n"
          "    ports whose bytes go to a -chardev\n"
          "ide-hd ide-cd floppy,drive=ID\n"
          "    drives with the image of a -drive if=none or a -blockdev\n",
          out);
}
