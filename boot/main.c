/* pagewalk's main: from the command line to a running PC and back to an exit status.
 *
 * The order is: parse, read the files, plan the boot, check the outputs - all that can fail without
 * a trace - and only then open what is written to and make the machine. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boot/bios_image.h"
#include "boot/loader.h"
#include "boot/lockstep.h"
#include "boot/options.h"
#include "boot/output.h"
#include "boot/screen.h"
#include "devices/floppy.h"

#define STATUS_DIFFER     1
#define STATUS_USER_ERROR 2

struct session {
    struct options options;
    struct loader *loader;
    struct log log;
    struct screen screen;
    struct chr *serial;
    FILE *debugcon;
    struct block *drive[PC_DRIVES], *floppy[PC_FLOPPIES];
    struct pc *pc;             /* or, under -lockstep, */
    struct lockstep *lockstep; /* two of them */
    char err[1024];
};

/* One line, whatever the text has in it. */
static int user_error(const char *text)
{
    char line[1024];

    snprintf(line, sizeof(line), "%s", text);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "pagewalk: %s\n", line);
    return STATUS_USER_ERROR;
}

static void note_read_only(const struct session *s, const struct block *block, const char *path)
{
    if (block && block->read_only && !s->options.lockstep[0])
        fprintf(stderr, "pagewalk: note: '%s' cannot be written: the disk is read-only\n", path);
}

static void print_notes(const struct session *s)
{
    const struct options *o = &s->options;

    for (unsigned i = 0; i < PC_DRIVES; i++)
        if (!o->cdrom[i])
            note_read_only(s, s->drive[i], o->drive[i]);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        note_read_only(s, s->floppy[i], o->floppy[i]);
    for (unsigned i = 0; i < o->notes; i++)
        fprintf(stderr, "pagewalk: note: -%s%s%s changes nothing here\n", o->note[i].name,
                o->note[i].value ? " " : "", o->note[i].value ? o->note[i].value : "");
    if (s->loader->kind == LOADER_MULTIBOOT && s->loader->multiboot.wants_video)
        fputs("pagewalk: note: the kernel asks for a video mode, which stays as it is\n", stderr);
}

static void on_key(void *opaque, enum chr_key key)
{
    struct session *s = opaque;

    switch (key) {
    case CHR_KEY_QUIT:
        if (s->lockstep)
            lockstep_quit(s->lockstep);
        else
            pc_quit(s->pc, 0);
        break;
    case CHR_KEY_MONITOR: fputs("\r\npagewalk: this version has no monitor\r\n", stderr); break;
    case CHR_KEY_SAVE: fputs("\r\npagewalk: this version cannot save snapshots\r\n", stderr); break;
    }
}

/* A closed window, or C-a x on the screen in a terminal. */
static void on_quit(void *opaque)
{
    struct session *s = opaque;

    if (s->pc)
        pc_quit(s->pc, 0);
}

/* A BIOS that knows nothing of our kernel never gets to run: the kernel is there at reset. */
static void on_reset(struct pc *pc, void *opaque)
{
    struct session *s = opaque;

    loader_place(s->loader, pc_phys(pc), pc_cpu(pc));
}

/* The bundled BIOS has set up the machine; the map is without what it keeps. */
static void on_start(struct pc *pc, void *opaque)
{
    struct session *s = opaque;
    struct ram_map map;

    log_printf(&s->log, LOG_boot, "boot: the BIOS is done after %llu instructions\n",
               (unsigned long long)cpu_insns(pc_cpu(pc)));
    ram_map_read(&map, pc);
    if (loader_plan(s->loader, &map, s->err, sizeof(s->err)) < 0) {
        pc_quit(pc, user_error(s->err));
        return;
    }
    loader_place(s->loader, pc_phys(pc), pc_cpu(pc));
}

static const char *file_of(const char *spec)
{
    return spec && strncmp(spec, "file:", 5) == 0 ? spec + 5 : NULL;
}

/* All that can be found wrong before anything is written. */
static int prepare(struct session *s)
{
    const struct options *o = &s->options;
    const char *outputs[] = {o->log_file, file_of(o->debugcon), file_of(o->serial)};
    struct ram_map map;

    s->loader = loader_new(o->kernel, o->initrd, o->append, o->bios, o->option_rom, o->ram_size,
                           s->err, sizeof(s->err));
    if (!s->loader)
        return -1;
    ram_map_expect(&map, o->ram_size);
    if (loader_plan(s->loader, &map, s->err, sizeof(s->err)) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
        if (outputs[i] && output_check(outputs[i], s->err, sizeof(s->err)) < 0)
            return -1;
    return 0;
}

static int open_serial(struct session *s)
{
    const char *spec = options_serial(&s->options);
    bool escapes;

    if (strcmp(spec, "none") == 0)
        return 0;
    if (options_serial_stdio(&s->options, &escapes))
        s->serial = chr_open_stdio(escapes, on_key, s, s->err, sizeof(s->err));
    else
        s->serial = chr_open(spec, s->err, sizeof(s->err));
    return s->serial ? 0 : -1;
}

static int open_outputs(struct session *s)
{
    const struct options *o = &s->options;
    const char *debugcon = o->debugcon;

    s->log = (struct log){.mask = o->log_mask, .out = stderr};
    if (screen_open(&s->screen, o, on_quit, s, s->err, sizeof(s->err)) < 0)
        return -1;
    if (o->log_file) {
        s->log.out = output_open(o->log_file, s->err, sizeof(s->err));
        if (!s->log.out)
            return -1;
    }
    if (debugcon) {
        if (strcmp(debugcon, "stdio") == 0)
            s->debugcon = stdout;
        else
            s->debugcon = output_open(file_of(debugcon) ? file_of(debugcon) : "/dev/null", s->err,
                                      sizeof(s->err));
        if (!s->debugcon)
            return -1;
    }
    return open_serial(s);
}

static unsigned image_flags(const struct options *o)
{
    if (o->lockstep[0]) /* two machines, which keep what they write to themselves */
        return BLOCK_READ_ONLY;
    return o->snapshot ? BLOCK_SNAPSHOT : 0;
}

static int open_drives(struct session *s)
{
    const struct options *o = &s->options;

    for (unsigned i = 0; i < PC_DRIVES; i++) {
        unsigned flags = o->cdrom[i] ? BLOCK_READ_ONLY : image_flags(o);

        if (!o->drive[i])
            continue;
        s->drive[i] = block_open(o->drive[i], flags, s->err, sizeof(s->err));
        if (!s->drive[i])
            return -1;
    }
    return 0;
}

/* The same for floppy disks, whose images have the sizes that the disks have. */
static int open_floppies(struct session *s)
{
    const struct options *o = &s->options;

    for (unsigned i = 0; i < PC_FLOPPIES; i++) {
        const char *path = o->floppy[i];

        if (!path)
            continue;
        s->floppy[i] = block_open(path, image_flags(o), s->err, sizeof(s->err));
        if (!s->floppy[i])
            return -1;
        if (!floppy_format_find(s->floppy[i]->sectors)) {
            snprintf(s->err, sizeof(s->err),
                     "'%s': no floppy disk has %llu sectors; give an image of %s", path,
                     (unsigned long long)s->floppy[i]->sectors, floppy_format_list());
            return -1;
        }
    }
    return 0;
}

/* What the guest has written and not flushed goes to the image now; an error is told. */
static void close_image(struct session *s, struct block *block, const char *path)
{
    int r = block ? block_flush(block) : 0;

    if (r < 0)
        fprintf(stderr, "pagewalk: '%s' may have lost what was written last: %s\n", path,
                strerror(-r));
    if (block && s->options.stats)
        fprintf(stderr, "pagewalk: '%s': %llu sectors read, %llu written\n", path,
                (unsigned long long)block->reads, (unsigned long long)block->writes);
    block_close(block);
}

static void close_drives(struct session *s)
{
    for (unsigned i = 0; i < PC_DRIVES; i++)
        close_image(s, s->drive[i], s->options.drive[i]);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        close_image(s, s->floppy[i], s->options.floppy[i]);
}

static struct pc_config machine_config(struct session *s)
{
    const struct options *o = &s->options;
    struct pc_config config = {
        .ram_size = o->ram_size,
        .model = o->model,
        .translate = {.engine = o->engine,
                      .no_chain = o->no_chain,
                      .block_len = o->block_len,
                      .random_len = o->random_len,
                      .cache_blocks = o->cache_blocks,
                      .code_buffer = o->code_buffer,
                      .slow_mem = o->slow_mem,
                      .timed = o->stats},
        .clock = o->clock,
        .digest_every = o->digest_every,
        .digest_out = stderr,
        .tlb_limit = o->tlb_limit,
        .rtc_base = options_rtc_start(o, time(NULL)),
        .serial = s->serial,
        .ui = s->screen.ui,
        .type = s->screen.script,
        .debugcon = s->debugcon,
        .debugcon_iobase = o->debugcon_iobase,
        .debug_exit = o->debug_exit,
        .debug_exit_iobase = o->debug_exit_iobase,
        .debug_exit_iosize = o->debug_exit_iosize,
        .own_bios = !o->bios,
        .kernel = s->loader->kind != LOADER_NONE,
        .serial_console = o->nographic,
        .boot_menu = o->boot_menu,
        .isa_only = o->isa_only,
        .no_acpi = o->no_acpi,
        .no_reboot = o->no_reboot,
        .vga = o->vga,
        .log = &s->log,
    };

    for (unsigned i = 0; i < PC_DRIVES; i++)
        config.drive[i] = (struct pc_drive){s->drive[i], o->cdrom[i]};
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        config.floppy[i] = s->floppy[i];
    snprintf(config.boot, sizeof(config.boot), "%s", o->boot);
    return config;
}

/* The BIOS, and the option ROM: the bundled ones or the user's. */
static int add_roms(struct session *s, struct pc *pc, char *err, size_t err_len)
{
    const struct image *bios = &s->loader->bios, *rom = &s->loader->option_rom;
    int r;

    if (bios->data)
        r = pc_add_bios(pc, bios->data, bios->size);
    else
        r = pc_add_bios(pc, bios_image, (size_t)(bios_image_end - bios_image));
    if (r < 0) {
        snprintf(err, err_len, "'%s': %s", bios->data ? bios->path : "BIOS", strerror(-r));
        return r;
    }
    if (rom->data)
        r = pc_add_option_rom(pc, rom->data, rom->size);
    else if (s->options.vga == PC_VGA_STD)
        r = pc_add_option_rom(pc, vga_bios_image, (size_t)(vga_bios_image_end - vga_bios_image));
    if (r < 0)
        snprintf(err, err_len, "'%s': %s", rom->data ? rom->path : "VGA BIOS", strerror(-r));
    return r;
}

/* What a new machine needs before it can be switched on. */
static int setup_machine(struct pc *pc, void *opaque, char *err, size_t err_len)
{
    struct session *s = opaque;
    struct ram_map map;
    int r = add_roms(s, pc, err, err_len);

    if (r < 0)
        return r;
    /* Once more, by the board's own map. */
    ram_map_read(&map, pc);
    r = loader_plan(s->loader, &map, err, err_len);
    if (r < 0)
        return r;
    if (s->loader->bios.data)
        pc_on_reset(pc, on_reset, s);
    else
        pc_on_start(pc, on_start, s);
    return 0;
}

static int make_machine(struct session *s)
{
    struct pc_config config = machine_config(s);

    s->pc = pc_new(&config, s->err, sizeof(s->err));
    return s->pc ? setup_machine(s->pc, s, s->err, sizeof(s->err)) : -1;
}

static int make_lockstep(struct session *s)
{
    const struct options *o = &s->options;
    struct lockstep_config config = {
        .pc = machine_config(s),
        .engine = {o->lockstep[0], o->lockstep[1]},
        .slice = o->digest_every,
        .limit = o->lockstep_insns,
        .setup = setup_machine,
        .opaque = s,
    };

    s->lockstep = lockstep_new(&config, s->err, sizeof(s->err));
    return s->lockstep ? 0 : -1;
}

static void close_serial(struct session *s)
{
    if (s->serial)
        s->serial->ops->close(s->serial);
    s->serial = NULL;
}

/* Ends everything; the terminal is itself again before the counters are printed. */
static void finish(struct session *s)
{
    struct stats stats = {0};
    u64 insns = 0;
    bool print = s->pc && s->options.stats;

    if (print) {
        stats = *pc_cpu(s->pc)->stats;
        insns = cpu_insns(pc_cpu(s->pc));
    }
    pc_free(s->pc);
    lockstep_free(s->lockstep);
    screen_close(&s->screen);
    close_serial(s);
    close_drives(s);
    if (s->debugcon && s->debugcon != stdout)
        fclose(s->debugcon);
    fflush(stdout);
    if (print) {
        fprintf(stderr, "pagewalk: %llu guest instructions\n", (unsigned long long)insns);
        stats_print(&stats, stderr);
    }
    if (s->log.out && s->log.out != stderr)
        fclose(s->log.out);
    loader_free(s->loader);
}

/* Runs two machines; the terminal is itself again before anything is said about them. */
static int run_lockstep(struct session *s)
{
    bool alike = lockstep_run(s->lockstep);
    int status = alike ? 0 : STATUS_DIFFER;

    lockstep_release(s->lockstep);
    close_serial(s);
    if (alike) {
        lockstep_summary(s->lockstep, stderr);
    } else if (lockstep_explain(s->lockstep, stderr, s->err, sizeof(s->err)) < 0) {
        fprintf(stderr, "pagewalk: the difference cannot be found: %s\n", s->err);
    }
    if (s->options.stats)
        lockstep_stats(s->lockstep, stderr);
    return status;
}

static int run(struct session *s)
{
    int status;

    if (prepare(s) < 0 || open_drives(s) < 0 || open_floppies(s) < 0 ||
        screen_prepare(&s->screen, &s->options, s->err, sizeof(s->err)) < 0) {
        finish(s);
        return user_error(s->err);
    }
    print_notes(s);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a disk that may not grow is an error of the disk */
    if (open_outputs(s) < 0 || (s->options.lockstep[0] ? make_lockstep(s) : make_machine(s)) < 0) {
        finish(s);
        return user_error(s->err);
    }
    status = s->lockstep ? run_lockstep(s) : pc_run(s->pc);
    if (s->pc)
        screen_end(&s->screen, &s->options, s->pc);
    finish(s);
    return status;
}

int main(int argc, char **argv)
{
    struct session s = {0};

    switch (options_parse(&s.options, argc, argv, s.err, sizeof(s.err))) {
    case OPTIONS_RUN: return run(&s);
    case OPTIONS_ERROR: return user_error(s.err);
    case OPTIONS_HELP: options_print_help(stdout); break;
    case OPTIONS_VERSION: options_print_version(stdout); break;
    case OPTIONS_LOG_HELP: log_help(stdout); break;
    case OPTIONS_CPU_HELP: options_print_cpus(stdout); break;
    case OPTIONS_ENGINE_HELP: options_print_engines(stdout); break;
    case OPTIONS_DEVICE_HELP: options_print_devices(stdout); break;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
