/* A board's life: made from a configuration, reset, ended; and what the CPU asks of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/board/pc_board.h"

void pc_reset(struct pc *pc)
{
    u64 insns = pc->cpu->insns;

    if (pc->reset_wanted)
        monitor_event(pc, MONITOR_RESET, NULL, !pc->reset_by_user);
    pc->reset_wanted = pc->reset_by_user = false;
    pc->start_wanted = false;
    pc->panic_events = 0;
    if (pc->config.ui)
        ui_set_state(pc->config.ui, UI_RUNNING);
    pc_devices_reset(pc);

    cpu_reset(pc->cpu);
    pc->cpu->insns = insns; /* time goes on */
    pc_apic_reset(pc);
    mmu_flush(&pc->cpu->mmu, true);
    if (pc->on_reset)
        pc->on_reset(pc, pc->on_reset_opaque);
    if (log_on(pc->config.log, LOG_reset))
        cpu_dump(pc->cpu, pc->config.log->out);
}

/* The CPU's hooks. */

static u32 pc_port_in(void *opaque, u16 port, unsigned size)
{
    struct pc *pc = opaque;

    pc->stats.io++;
    return ioport_read(&pc->bus, port, size);
}

static void pc_port_out(void *opaque, u16 port, u32 value, unsigned size)
{
    struct pc *pc = opaque;

    pc->stats.io++;
    ioport_write(&pc->bus, port, value, size);
}

static u32 pc_port_in_block(void *opaque, u16 port, void *data, unsigned size, u32 count)
{
    struct pc *pc = opaque;
    u32 n = ioport_read_block(&pc->bus, port, data, size, count);

    pc->stats.io += n;
    return n;
}

static u32 pc_port_out_block(void *opaque, u16 port, const void *data, unsigned size, u32 count)
{
    struct pc *pc = opaque;
    u32 n = ioport_write_block(&pc->bus, port, data, size, count);

    pc->stats.io += n;
    return n;
}

/* Of two machines in lockstep the first one says it. */
static void pc_notice(void *opaque, const char *line)
{
    struct pc *pc = opaque;

    if (pc->config.log == &pc->quiet || history_is_behind(pc))
        return;
    ui_aside(pc->config.ui);
    fprintf(stderr, "pagewalk: %s\n", line);
}

static u64 pc_read_tsc(void *opaque)
{
    struct pc *pc = opaque;

    _Static_assert(CLOCK_TSC_HZ == 1000000000ull, "virtual time is in TSC ticks");
    pc->spin.reads++;
    return clock_now(&pc->clock);
}

/* The clock's. */

static u64 pc_insns(void *opaque)
{
    struct pc *pc = opaque;

    return pc->cpu ? cpu_insns(pc->cpu) : 0;
}

static void pc_timers_changed(void *opaque)
{
    struct pc *pc = opaque;

    if (pc->running)
        cpu_kick(pc->cpu);
}

/* What a store to a device has made pending comes right behind it, and a timer that it started is waited for from there:
 * wherever its block ends. */
static void pc_wrote(void *opaque)
{
    struct pc *pc = opaque;

    if (pc->running && pc->cpu->kicked)
        cpu_leave_block(pc->cpu);
}

static int pc_init(struct pc *pc, const struct pc_config *config, char *err, size_t err_len)
{
    struct cpu_hooks hooks = {
        .opaque = pc,
        .port_in = pc_port_in,
        .port_out = pc_port_out,
        .port_in_block = pc_port_in_block,
        .port_out_block = pc_port_out_block,
        .irq_ack = pc_irq_ack,
        .irq_name = pc_irq_name,
        .read_tsc = pc_read_tsc,
        .ferr = pc_ferr,
        .apic_base = pc_apic_base,
        .notice = pc_notice,
    };
    int rc;

    pc->config = *config;
    pc->quiet.out = stderr;
    if (!pc->config.log)
        pc->config.log = &pc->quiet;
    if (!pc->config.digest_out)
        pc->config.digest_out = stdout;
    rc = pc_memory_init(pc, err, err_len);
    if (rc < 0)
        return rc;
    pc->cpu = cpu_new(&pc->phys, config->model, &hooks, pc->config.log, &pc->stats);
    if (!pc->cpu) {
        snprintf(err, err_len, "the host has no memory for a CPU");
        rc = -ENOMEM;
        goto no_cpu;
    }
    pc->cpu->host_math = config->host_math;
    pc->phys.wrote = pc_wrote;
    pc->phys.wrote_opaque = pc;
    rc = translator_new(pc->cpu, &pc->config.translate);
    if (rc < 0) {
        if (rc == -EINVAL)
            snprintf(err, err_len, "there is no engine '%s' in this build",
                     config->translate.engine ? config->translate.engine : "(default)");
        else if (rc == -ENOTSUP)
            snprintf(
                err, err_len,
                "this host cannot run the mmap build, which needs pages of 4 KiB and FSGSBASE");
        else if (rc == -ENOMEM && TRANSLATE_WINDOWS)
            snprintf(err, err_len,
                     "the host has no 8 GiB of address space for windows (ulimit -v)");
        else
            snprintf(err, err_len, "cannot start the translator: %s", strerror(-rc));
        goto no_translator;
    }
    if (config->checkpoints.every) {
        rc = pc_digest_init(&pc->digest, config->ram_size);
        if (rc < 0) {
            snprintf(err, err_len, "the host has no memory for digests");
            goto no_digest;
        }
    }
    for (unsigned i = 0; i < PC_FLOPPIES; i++) {
        if (!config->floppy[i] || floppy_format_of(config->floppy[i]))
            continue;
        snprintf(err, err_len, "floppy drive %c: %llu sectors are more than any disk has", 'A' + i,
                 (unsigned long long)config->floppy[i]->sectors);
        rc = -EINVAL;
        goto no_floppy;
    }
    pc->cpu->mmu.tlb_limit = config->tlb_limit;
    clock_init(&pc->clock, config->clock, pc_insns, pc);
    pc->clock.changed = pc_timers_changed;
    pc->clock.changed_opaque = pc;
    ioport_init(&pc->bus, pc->config.log);
    pc_devices(pc);
    pc_fill_cmos(pc);
    replay_attach(pc);
    pc_ui_init(pc);
    pc_set_speed(pc, config->speed);
    return 0;

no_floppy:
    pc_digest_free(&pc->digest);
no_digest:
    translator_free(pc->cpu);
no_translator:
    cpu_free(pc->cpu);
no_cpu:
    phys_free(&pc->phys);
    return rc;
}

struct pc *pc_new(const struct pc_config *config, char *err, size_t err_len)
{
    struct pc *pc = calloc(1, sizeof(*pc));

    if (!pc) {
        snprintf(err, err_len, "the host has no memory for a machine");
        return NULL;
    }
    if (pc_init(pc, config, err, err_len) < 0) {
        free(pc);
        return NULL;
    }
    if (pc_net_init(pc, err, err_len) < 0 || pc_debug_exit(pc, err, err_len) < 0) {
        pc_free(pc);
        return NULL;
    }
    if (config->gdb && pc_gdb_init(pc) < 0) {
        snprintf(err, err_len, "the host has no memory for a debugger");
        pc_free(pc);
        return NULL;
    }
    if (config->reverse_every &&
        history_init(pc, config->reverse_every, config->reverse_limit) < 0) {
        snprintf(err, err_len, "the host has no memory for -reverse");
        pc_free(pc);
        return NULL;
    }
    if (config->starts_held)
        pc_stop(pc);
    if (pc_monitor_init(pc) < 0) {
        snprintf(err, err_len, "the host has no memory for a monitor");
        pc_free(pc);
        return NULL;
    }
    return pc;
}

void pc_release_ports(struct pc *pc)
{
    for (unsigned i = 0; i < PC_CHRS; i++) {
        struct chr *chr = pc_chr(pc, i);

        if (!chr)
            continue;
        chr->receive = NULL; /* the port outlives its receiver */
        chr->can_receive = NULL;
        chr->can_send = NULL;
        chr->send_break = NULL;
    }
    memset(pc->config.serial, 0, sizeof(pc->config.serial));
    pc->config.parallel = pc->config.console = NULL;
    pc_gdb_free(pc);
    pc_monitor_free(pc);
}

void pc_free(struct pc *pc)
{
    if (!pc)
        return;
    if (pc->config.debugcon)
        debugcon_reset(&pc->debugcon); /* writes out what it holds */
    pc_release_ports(pc);
    history_free(pc);
    pc_pause_free(pc);
    pc_net_free(pc);
    pc_ui_free(pc);
    pc_digest_free(&pc->digest);
    translator_free(pc->cpu);
    cpu_free(pc->cpu);
    phys_free(&pc->phys);
    free(pc);
}

void pc_on_reset(struct pc *pc, void (*fn)(struct pc *pc, void *opaque), void *opaque)
{
    pc->on_reset = fn;
    pc->on_reset_opaque = opaque;
}

void pc_on_start(struct pc *pc, void (*fn)(struct pc *pc, void *opaque), void *opaque)
{
    pc->on_start = fn;
    pc->on_start_opaque = opaque;
}

struct cpu *pc_cpu(struct pc *pc)
{
    return pc->cpu;
}

struct display *pc_display(struct pc *pc)
{
    return pc->config.vga == PC_VGA_STD ? &pc->vga.display : NULL;
}

struct phys *pc_phys(struct pc *pc)
{
    return &pc->phys;
}

struct input *pc_input(struct pc *pc)
{
    return &pc->user_input;
}

void pc_on_leds(struct pc *pc, void (*fn)(void *opaque, unsigned leds), void *opaque)
{
    pc->kbc.keyboard.on_leds = fn;
    pc->kbc.keyboard.on_leds_opaque = opaque;
}

const struct pc_config *pc_get_config(const struct pc *pc)
{
    return &pc->config;
}

/* The first to end the machine decides its status. */
void pc_quit_because(struct pc *pc, enum pc_why why, int status)
{
    if (!pc->quit) {
        pc->quit = true;
        pc->status = status;
        pc->why = why;
    }
    if (pc->running)
        cpu_kick(pc->cpu);
}

void pc_quit(struct pc *pc, int status)
{
    pc_quit_because(pc, PC_WHY_ASKED, status);
}

void pc_end(struct pc *pc, enum pc_why why, int status)
{
    if (!pc->config.no_shutdown && !pc_gdb_keeps(pc)) {
        pc_quit_because(pc, why, status);
        return;
    }
    pc->stands = true;
    pc->why = why;
    pc->gdb.kept = !pc->config.no_shutdown;
    pc->gdb.status = status;
    if (pc->running)
        cpu_kick(pc->cpu);
}

void pc_account(struct pc *pc, struct pc_account *account)
{
    *account = (struct pc_account){
        .ns = clock_now(&pc->clock),
        .insns = cpu_insns(pc->cpu),
        .triple_faults = pc->run.triple_faults,
        .resets = pc->run.resets,
        .why = pc->why,
    };
}

void pc_request_reset(struct pc *pc)
{
    pc->reset_wanted = true;
    if (pc->running)
        cpu_kick(pc->cpu);
}

void pc_want_save(struct pc *pc)
{
    pc->save_wanted = true;
    if (pc->running)
        cpu_kick(pc->cpu);
}

bool pc_press(struct pc *pc, enum replay_button button)
{
    switch (button) {
    case REPLAY_RESET:
        pc->reset_by_user = true;
        pc_request_reset(pc);
        return true;
    case REPLAY_NMI: nmi_pulse(&pc->nmi, NMI_IOCHK); return true;
    case REPLAY_POWER: return pc_press_power(pc);
    }
    return false;
}

void pc_reset_button(struct pc *pc)
{
    if (replay_button(pc, REPLAY_RESET))
        pc_press(pc, REPLAY_RESET);
}

void pc_nmi(struct pc *pc)
{
    if (replay_button(pc, REPLAY_NMI))
        pc_press(pc, REPLAY_NMI);
}

bool pc_power_button(struct pc *pc)
{
    return replay_button(pc, REPLAY_POWER) && pc_press(pc, REPLAY_POWER);
}

void pc_digest_pages(struct pc *pc, void (*page)(void *opaque, u64 pa, u64 hash), void *opaque)
{
    pc_digest_written(&pc->digest, &pc->phys, page, opaque);
}
