/* pagewalk's main: from the command line to a running PC and back to an exit status.
 *
 * The order is: parse, read the files, plan the boot, check the outputs - all that can fail without
 * a trace - and only then open what is written to and make the machine. */
#include <signal.h>
#include <string.h>

#include "boot/background.h"
#include "boot/checkpoint.h"
#include "boot/config.h"
#include "boot/ends.h"
#include "boot/machine.h"
#include "boot/media.h"
#include "boot/monitor_host.h"
#include "boot/output.h"
#include "boot/ports.h"
#include "boot/recording.h"
#include "boot/roles.h"
#include "boot/sandbox.h"
#include "boot/save.h"
#include "boot/stdfds.h"
#include "devices/board/snapshots.h"

static void note_read_only(const struct session *s, const struct block *block,
                           const struct drive_option *drive)
{
    if (block && block->read_only && !(media_flags(&s->options, drive) & BLOCK_READ_ONLY))
        fprintf(stderr, "pagewalk: note: '%s' cannot be written: the disk is read-only\n",
                drive->path);
}

static void note_packed(const struct block *block, const char *path)
{
    if (block && block->packed)
        fprintf(stderr, "pagewalk: note: '%s' is compressed by %s, and the guest sees it so\n",
                path, block->packed);
    if (block && block->unpacked && !block->read_only)
        fprintf(
            stderr,
            "pagewalk: note: '%s' is unpacked: what the guest writes to it is gone at the end\n",
            path);
}

static void print_notes(const struct session *s)
{
    const struct options *o = &s->options;

    if (o->quiet)
        return;
    for (unsigned i = 0; i < PC_DRIVES; i++)
        note_read_only(s, s->drive[i], &o->drive[i]);
    for (unsigned i = 0; i < PC_DRIVES; i++)
        note_packed(s->drive[i], o->drive[i].path);
    for (unsigned i = 0; i < PC_FLOPPIES; i++)
        note_read_only(s, s->floppy[i], &o->floppy[i]);
    if (o->cpu_note[0])
        fprintf(stderr, "pagewalk: note: -cpu %s\n", o->cpu_note);
    for (unsigned i = 0; i < o->notes; i++)
        fprintf(stderr, "pagewalk: note: -%s%s%s%s%s\n", o->note[i].name,
                o->note[i].value ? " " : "", o->note[i].value ? o->note[i].value : "",
                o->note[i].why ? ": " : " changes nothing here",
                o->note[i].why ? o->note[i].why : "");
    if (s->loader->kind == LOADER_MULTIBOOT && s->loader->multiboot.left_out.end)
        fprintf(stderr,
                "pagewalk: note: '%s': what goes to %#llx-%#llx is left out: no RAM is there\n",
                o->kernel, (unsigned long long)s->loader->multiboot.left_out.base,
                (unsigned long long)s->loader->multiboot.left_out.end);
    if (s->loader->kind == LOADER_MULTIBOOT && s->loader->multiboot.wants_video)
        fputs("pagewalk: note: the kernel asks for a video mode, which stays as it is\n", stderr);
}

/* Ctrl-Alt-R in the window, C-a r. */
static void on_resume(void *opaque)
{
    struct session *s = opaque;

    if (s->pc)
        pc_resume(s->pc);
}

/* How it was changed by a key, in words. */
static const char *set_speed(struct session *s, u32 speed)
{
    char text[SPEED_TEXT];

    pc_set_speed(s->pc, speed);
    snprintf(s->said, sizeof(s->said), "speed: %s", speed_text(speed, text));
    return s->said;
}

static const char *change_speed(struct session *s, bool up)
{
    return set_speed(s, speed_step(pc_speed(s->pc), up));
}

/* On the terminal, whose screen is the guest's. */
static void say(const char *what)
{
    fprintf(stderr, "\r\npagewalk: %s\r\n", what);
}

static void on_key(void *opaque, enum chr_key key)
{
    struct session *s = opaque;

    switch (key) {
    case CHR_KEY_QUIT: session_quit(s); break;
    case CHR_KEY_RESUME: on_resume(s); break;
    case CHR_KEY_SAVE: save_drives(s); break;
    case CHR_KEY_FLOPPY:
    case CHR_KEY_DISC: say(media_list_next(s, key == CHR_KEY_DISC)); break;
    case CHR_KEY_SLOWER:
    case CHR_KEY_FASTER:
        if (s->pc)
            say(change_speed(s, key == CHR_KEY_FASTER));
        break;
    case CHR_KEY_NORMAL_SPEED:
        if (s->pc)
            say(set_speed(s, SPEED_NORMAL));
        break;
    }
}

#define QUICK "quick"

/* Saves the machine, or loads what was saved so. */
static const char *quick_state(struct session *s, bool save)
{
    if ((save ? snapshots_save(s->pc, QUICK, s->err, sizeof(s->err))
              : snapshots_load(s->pc, QUICK, s->err, sizeof(s->err))) < 0) {
        fprintf(stderr, "pagewalk: %s\n", s->err);
        return s->err;
    }
    return save ? "saved in " QUICK ".state" : "loaded from " QUICK ".state";
}

/* The window's keys for the machine's buttons. */
static const char *on_act(void *opaque, enum ui_act act)
{
    struct session *s = opaque;

    if (!s->pc)
        return NULL;
    switch (act) {
    case UI_ACT_STOP:
        if (!pc_is_stopped(s->pc)) {
            pc_stop(s->pc);
            return "stopped (Ctrl-Alt-S goes on)";
        }
        pc_cont(s->pc);
        return "goes on";
    case UI_ACT_FLOPPY: return media_list_next(s, false);
    case UI_ACT_DISC: return media_list_next(s, true);
    case UI_ACT_SAVE: return quick_state(s, true);
    case UI_ACT_LOAD: return quick_state(s, false);
    case UI_ACT_RESET: pc_reset_button(s->pc); return "reset";
    case UI_ACT_POWER:
        return pc_power_button(s->pc) ? "power button pressed"
                                      : "nobody in the guest hears of the power button";
    case UI_ACT_SLOWER: return change_speed(s, false);
    case UI_ACT_FASTER: return change_speed(s, true);
    case UI_ACT_NORMAL_SPEED: return set_speed(s, SPEED_NORMAL);
    }
    BUG("act %d", (int)act);
}

/* A closed window, or C-a x on the screen in a terminal. */
static void on_quit(void *opaque)
{
    session_quit(opaque);
}

/* All that can be found wrong before anything is written. */
static int prepare(struct session *s)
{
    const struct options *o = &s->options;
    const char *outputs[] = {o->log_file, o->pidfile,    o->report,
                             o->junit,    o->stats_file, o->record};
    struct ram_map map;

    s->loader =
        loader_new(o->kernel, o->initrd, o->append, o->bios, o->ram_size, s->err, sizeof(s->err));
    if (!s->loader || roms_read(&s->roms, o, s->err, sizeof(s->err)) < 0)
        return -1;
    if (o->symbols && symbols_load(s) < 0)
        return -1;
    ram_map_expect(&map, o->ram_size);
    if (loader_plan(s->loader, &map, s->err, sizeof(s->err)) < 0 || roles_check(s) < 0 ||
        fw_items_read(&s->fw_items, o, s->loader, s->err, sizeof(s->err)) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
        if (outputs[i] && output_check(outputs[i], s->err, sizeof(s->err)) < 0)
            return -1;
    return ports_check(s);
}

static int open_outputs(struct session *s)
{
    const struct options *o = &s->options;

    s->log = (struct log){.mask = o->log_mask, .out = stderr, .symbols = s->symbols};
    if (o->log_filter)
        log_parse_ranges(o->log_filter, &s->log);
    monitor_host_init(s);
    gdb_file_open(s);
    if (screen_open(&s->screen, o, s->sandboxed ? &s->broker.files : NULL, on_quit, on_resume,
                    on_act, s, s->err, sizeof(s->err)) < 0)
        return -1;
    if (o->log_file) {
        s->log.out = output_open_packed(o->log_file, s->err, sizeof(s->err));
        if (!s->log.out)
            return -1;
    }
    if (report_open(s) < 0)
        return -1;
    return ports_open(s, on_key) < 0 ? -1 : watch_start(&s->watch, s);
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
    ports_close(s);
    network_close(&s->network);
    recording_close(s);
    watch_stop(&s->watch);
    media_close(s);
    report_close(s);
    fflush(stdout);
    ends_report();
    if (print) {
        fprintf(stderr, "pagewalk: %llu guest instructions\n", (unsigned long long)insns);
        stats_print(&stats, stderr);
        fprintf(stderr, "pagewalk: sandbox: %s\n", s->sandboxed ? "on" : "off");
    }
    log_close(&s->log);
    symbols_free(s->symbols);
    gdb_file_close(s);
    fw_items_free(&s->fw_items);
    roms_free(&s->roms);
    loader_free(s->loader);
}

/* Runs two machines; the terminal is itself again before anything is said about them. */
static int run_lockstep(struct session *s)
{
    bool alike = lockstep_run(s->lockstep);
    int status = alike ? 0 : STATUS_DIFFER;

    lockstep_release(s->lockstep);
    ports_close(s);
    ends_at_once();
    if (alike) {
        lockstep_summary(s->lockstep, stderr);
    } else if (lockstep_explain(s->lockstep, stderr, s->err, sizeof(s->err)) < 0) {
        fprintf(stderr, "pagewalk: the difference cannot be found: %s\n", s->err);
    }
    if (s->options.stats)
        lockstep_stats(s->lockstep, stderr);
    return status;
}

/* The process for screenshots must not inherit images and what else is opened later. */
static int prepare_sandbox(struct session *s)
{
    const char *const names[] = {s->options.loadvm, s->options.savevm};
    char saved[2][SNAPSHOT_NAME];
    const char *list[3] = {NULL};
    unsigned files = 0;
    struct broker_rights rights = {
        .screenshot = s->options.screenshot ? s->options.screenshot : UI_SCREENSHOT,
        .saved = list,
        .monitor = options_monitor(&s->options),
    };

    if (!options_sandbox(&s->options))
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i] && snapshot_path(names[i], saved[files]) == 0) {
            list[files] = saved[files];
            files++;
        }
    if (broker_start(&s->broker, &rights, s->err, sizeof(s->err)) < 0)
        return -1;
    s->sandboxed = true;
    return 0;
}

/* A host without is no reason not to run, unless the user asked for it. */
static int enter_sandbox(struct session *s)
{
    struct sandbox_network network = {0};

    if (!s->options.replay) /* whose networks do nothing */
        network = network_sandbox(&s->options.net);
    if (!s->sandboxed || sandbox_enter(&network, s->err, sizeof(s->err)) == 0)
        return 0;
    s->sandboxed = false;
    if (s->options.sandbox_given)
        return -1;
    fprintf(stderr, "pagewalk: note: %s\n", s->err);
    return 0;
}

static int run(struct session *s)
{
    int status, ready = -1;

    if (s->options.daemonize) {
        ready = background_start(s);
        if (ready < 0)
            return session_user_error(s->err);
    }
    if (prepare(s) < 0 || prepare_sandbox(s) < 0 || media_open(s) < 0 ||
        screen_prepare(&s->screen, &s->options, s->err, sizeof(s->err)) < 0) {
        finish(s);
        return session_user_error(s->err);
    }
    print_notes(s);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a disk that may not grow is an error of the disk */
    if (ends_watch(s) < 0 ||
        network_open(&s->network, &s->options.net, s->options.replay != NULL, s->err,
                     sizeof(s->err)) < 0 ||
        open_outputs(s) < 0 || recording_open(s) < 0 || machine_make(s) < 0 ||
        pidfile_write(s) < 0) {
        finish(s);
        return session_user_error(s->err);
    }
    if (ready >= 0)
        background_ready(ready);
    if (enter_sandbox(s) < 0) {
        finish(s);
        return session_user_error(s->err);
    }
    status = s->lockstep ? run_lockstep(s) : pc_run(s->pc);
    status = report_exit_status(s, status);
    if (s->pc) {
        screen_end(&s->screen, &s->options, s->pc);
        report_write(s, status);
        if (s->options.checkpoints.end && cpu_insns(pc_cpu(s->pc)) >= s->options.checkpoints.end)
            checkpoint_print(s->pc, s->options.checkpoint_page, stderr);
    }
    finish(s);
    return status;
}

/* A line for each mistake. */
static int user_errors(char *lines)
{
    char *save = NULL;

    for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        session_user_error(line);
    return STATUS_USER_ERROR;
}

/* QEMU has one status for all that is wrong. */
static int user_status(const struct session *s, int status)
{
    return s->options.exit_qemu && status == STATUS_USER_ERROR ? 1 : status;
}

static int start(int argc, char **argv)
{
    struct session s = {0};
    char mistakes[4096];

    switch (options_parse(&s.options, argc, argv, mistakes, sizeof(mistakes))) {
    case OPTIONS_RUN: return user_status(&s, run(&s));
    case OPTIONS_ERROR: return user_status(&s, user_errors(mistakes));
    case OPTIONS_HELP: options_print_help(stdout); break;
    case OPTIONS_VERSION: options_print_version(stdout); break;
    case OPTIONS_LOG_HELP: log_help(stdout); break;
    case OPTIONS_CPU_HELP: options_print_cpus(stdout); break;
    case OPTIONS_ENGINE_HELP: options_print_engines(stdout); break;
    case OPTIONS_COMPLETION: options_print_completion(s.options.text, stdout); break;
    case OPTIONS_TEXT: fputs(s.options.text, stdout); break;
    case OPTIONS_DEVICE_HELP: options_print_devices(stdout); break;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct config config;
    char err[512];
    int status;

    if (stdfds_open() < 0)
        return STATUS_USER_ERROR;
    if (config_expand(&config, argc, argv, err, sizeof(err)) < 0)
        status = session_user_error(err);
    else
        status = start(config.argc, config.argv);
    config_free(&config);
    return status;
}
