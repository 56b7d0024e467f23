/* From the options to a machine with its ROMs and its kernel, or to two of them. */
#include "boot/machine.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "boot/bios_image.h"
#include "boot/ends.h"
#include "devices/board/replay.h"
#include "devices/board/snapshots.h"

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
        pc_quit(pc, session_user_error(s->err));
        return;
    }
    loader_place(s->loader, pc_phys(pc), pc_cpu(pc));
}

/* -savevm-at: it is time. */
static void on_save(struct pc *pc, void *opaque)
{
    struct session *s = opaque;

    ui_aside(s->screen.ui);
    if (snapshots_save(pc, s->options.savevm, s->err, sizeof(s->err)) < 0)
        pc_quit(pc, session_user_error(s->err));
    else if (!s->options.quiet)
        fprintf(stderr, "pagewalk: the machine is saved in '%s'\n", s->options.savevm);
}

/* COM1 is always there, the others up to the last that was asked for. */
static unsigned serial_ports(const struct session *s)
{
    unsigned count = 1;

    for (unsigned i = 0; i < PC_SERIALS; i++)
        if (s->port[PORT_COM1 + i])
            count = i + 1;
    return count;
}

static struct pc_monitor_config machine_monitor(const struct session *s, unsigned i)
{
    struct chr *shared = s->shared[PORT_MONITOR + i];

    return (struct pc_monitor_config){
        .chr = s->port[PORT_MONITOR + i],
        .qmp = s->options.monitor[i].qmp,
        .pretty = s->options.monitor[i].pretty,
        .later = shared && !chr_has_input(shared),
    };
}

/* A recording has digests of its own. */
static struct pc_checkpoints machine_checkpoints(const struct session *s)
{
    struct pc_checkpoints points = s->options.checkpoints;

    if (s->replay && replay_digest_every(s->replay))
        points.every = replay_digest_every(s->replay);
    return points;
}

static struct pc_config machine_config(struct session *s)
{
    const struct options *o = &s->options;
    bool serial_keys;
    struct pc_config config = {
        .ram_size = o->ram_size,
        .model = o->model,
        .host_math = o->host_math,
        .translate = {.engine = o->engine,
                      .native_after = o->native_after,
                      .no_chain = o->no_chain,
                      .block_len = o->block_len,
                      .random_len = o->random_len,
                      .cache_blocks = o->cache_blocks,
                      .code_buffer = o->code_buffer,
                      .window_wait = o->window_wait,
                      .slow_mem = o->slow_mem,
                      .timed = o->stats || o->stats_file},
        .clock = o->clock,
        .speed = o->speed,
        .checkpoints = machine_checkpoints(s),
        .digest_silent = !o->checkpoints.every,
        .digest_out = stderr,
        .tlb_limit = o->tlb_limit,
        .replay = s->replay,
        .reverse_every = o->reverse ? PC_REVERSE_EVERY : 0,
        .reverse_limit = o->reverse_memory ? o->reverse_memory : o->ram_size + PC_REVERSE_MEMORY,
        .rtc_base = s->replay ? replay_rtc_base(s->replay) : options_rtc_start(o, time(NULL)),
        .serial = {s->port[PORT_COM1], s->port[PORT_COM2], s->port[PORT_COM3], s->port[PORT_COM4]},
        .serials = serial_ports(s),
        .parallel = s->port[PORT_LPT1],
        .serial_keys = options_serial_stdio(o, &serial_keys) && serial_keys,
        .console = s->port[PORT_DEBUGCON],
        .gdb = s->port[PORT_GDB],
        .gdb_file = s->gdb_file.name ? &s->gdb_file : NULL,
        .gdb_offset = o->symbols_offset,
        .monitor_host = &s->monitor_host,
        .starts_held = o->starts_held,
        .ui = s->screen.ui,
        .type = s->screen.script,
        .debugcon = s->debugcon,
        .debugcon_iobase = o->debugcon_iobase,
        .debug_exit = o->debug_exit,
        .debug_exit_iobase = o->debug_exit_iobase,
        .debug_exit_iosize = o->debug_exit_iosize,
        .testdev = o->testdev,
        .pvpanic_iobase = o->pvpanic_iobase,
        .pvpanic_events = o->pvpanic_events,
        .panic = o->panic,
        .own_bios = !o->bios,
        .kernel = s->loader->kind != LOADER_NONE,
        .serial_console = o->nographic && loader_wants_bios_text(s->loader),
        .boot_menu = o->boot_menu,
        .isa_only = o->isa_only,
        .no_acpi = o->no_acpi,
        .no_reboot = o->no_reboot,
        .max_resets = o->max_resets,
        .no_shutdown = o->no_shutdown,
        .save_at = o->savevm_at,
        .on_save = on_save,
        .on_save_opaque = s,
        .snapshots = s->sandboxed ? &s->broker.snapshots : NULL,
        .vga = o->vga,
        .net = s->network.config,
        .media = o->lockstep[0] ? (struct pc_media_host){0} : media_list_host(s),
        .log = &s->log,
        .attend = ends_attend,
        .attend_opaque = s,
        .attend_fd = ends_fd(),
    };

    for (unsigned i = 0; i < PC_MONITORS; i++)
        config.monitor[i] = machine_monitor(s, i);
    for (unsigned i = 0; i < PC_DRIVES; i++)
        config.drive[i] = (struct pc_drive){s->drive[i], o->drive[i].cdrom, o->drive[i].identity};
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        config.floppy[i] = s->floppy[i];
    for (unsigned i = 0; i < PC_NICS; i++) {
        config.net.nic[i].rom = s->roms.nic[i].data;
        config.net.nic[i].rom_len = (u32)s->roms.nic[i].size;
    }
    snprintf(config.boot, sizeof(config.boot), "%s", o->boot);
    return config;
}

/* A VGA BIOS, the bundled one or the user's, and the other option ROMs behind it. */
static int add_option_roms(struct session *s, struct pc *pc, char *err, size_t err_len)
{
    const struct roms *roms = &s->roms;
    const char *name = "VGA BIOS";
    bool vga = false;
    int r = 0;

    for (unsigned i = 0; i < roms->options && r == 0; i++)
        if (option_rom_is_vga(&roms->option[i])) {
            name = roms->option[i].path;
            r = pc_add_option_rom(pc, roms->option[i].data, roms->option[i].size);
            vga = true;
        }
    if (!vga && s->options.vga == PC_VGA_STD)
        r = pc_add_option_rom(pc, vga_bios_image, (size_t)(vga_bios_image_end - vga_bios_image));
    for (unsigned i = 0; i < roms->options && r == 0; i++)
        if (!option_rom_is_vga(&roms->option[i])) {
            name = roms->option[i].path;
            r = pc_add_option_rom(pc, roms->option[i].data, roms->option[i].size);
        }
    if (r < 0)
        snprintf(err, err_len, "'%s': %s", name,
                 r == -ENOSPC ? "no room for it among the option ROMs" : strerror(-r));
    return r;
}

/* SeaBIOS on a PCI board looks for option ROMs there. */
static int offer_option_roms(struct session *s, struct pc *pc, char *err, size_t err_len)
{
    for (unsigned i = 0; i < s->roms.options; i++) {
        const struct image *rom = &s->roms.option[i];
        char name[32];
        int r;

        if (option_rom_is_vga(rom))
            continue;
        snprintf(name, sizeof(name), "genroms/option%u.rom", i);
        r = fw_cfg_file(pc_fw_cfg(pc), name, rom->data, (u32)rom->size);
        if (r < 0) {
            snprintf(err, err_len, "'%s': %s", rom->path, strerror(-r));
            return r;
        }
    }
    return 0;
}

/* The bundled BIOS or the user's, and option ROMs. */
static int add_roms(struct session *s, struct pc *pc, char *err, size_t err_len)
{
    const struct image *bios = &s->loader->bios;
    int r;

    if (bios->data)
        r = pc_add_bios(pc, bios->data, bios->size);
    else
        r = pc_add_bios(pc, bios_image, (size_t)(bios_image_end - bios_image));
    if (r < 0) {
        snprintf(err, err_len, "'%s': %s", bios->data ? bios->path : "BIOS", strerror(-r));
        return r;
    }
    return add_option_roms(s, pc, err, err_len);
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
    r = s->loader->bios.data ? offer_option_roms(s, pc, err, err_len) : 0;
    if (r < 0)
        return r;
    r = fw_items_add(&s->fw_items, &s->options, s->loader, pc_fw_cfg(pc), err, err_len);
    if (r < 0)
        return r;
    if (s->loader->bios.data)
        pc_on_reset(pc, on_reset, s);
    else
        pc_on_start(pc, on_start, s);
    return 0;
}

static int make_one(struct session *s)
{
    const struct options *o = &s->options;
    struct pc_config config = machine_config(s);

    s->pc = pc_new(&config, s->err, sizeof(s->err));
    if (!s->pc)
        return -1;
    if (o->stats_file && mmu_count_pages(&pc_cpu(s->pc)->mmu) < 0) {
        snprintf(s->err, sizeof(s->err), "the host has no memory for -stats");
        return -1;
    }
    if (setup_machine(s->pc, s, s->err, sizeof(s->err)) < 0)
        return -1;
    return o->loadvm ? snapshots_load(s->pc, o->loadvm, s->err, sizeof(s->err)) : 0;
}

static int make_lockstep(struct session *s)
{
    const struct options *o = &s->options;
    struct lockstep_config config = {
        .pc = machine_config(s),
        .engine = {o->lockstep[0], o->lockstep[1]},
        .slice = o->checkpoints.every,
        .limit = o->lockstep_insns,
        .setup = setup_machine,
        .opaque = s,
    };

    s->lockstep = lockstep_new(&config, s->err, sizeof(s->err));
    return s->lockstep ? 0 : -1;
}

int machine_make(struct session *s)
{
    return s->options.lockstep[0] ? make_lockstep(s) : make_one(s);
}
