/* The board's run loop: slices of guest execution between timers, input, digests and requests.
 *
 * Under CLOCK_INSN everything happens at an instruction count that the guest alone decides: a slice
 * ends exactly at the next timer, digest or poll, whichever is first. Under CLOCK_HOST a slice is as
 * long as the measured speed says that the next timer, or the next poll, is away. */
#define _GNU_SOURCE /* ppoll */
#include <inttypes.h>
#include <poll.h>
#include <time.h>

#include "devices/board/pc_board.h"
#include "mmu/host/symbols.h"

#define NS_PER_S        1000000000ull
#define POLL_INSNS      (1u << 18) /* CLOCK_INSN: instructions between polls */
#define POLL_HALTS      16u        /* CLOCK_INSN: halts between polls */
#define POLL_NS         1000000u   /* CLOCK_HOST: between polls, and the longest slice */
#define SLICE_MIN_NS    50000u     /* CLOCK_HOST: a timer may be late by this */
#define SLICE_MIN_INSNS 2000u
#define SLICE_MAX_INSNS (256 * 1024) /* bounds what a guest that turns slow can hold up */
#define BUDGET_MAX      (1u << 20)   /* CLOCK_INSN */
#define FIRST_RATE      20u          /* instructions a microsecond, before anything was measured */

static void run_poll_chrs(struct pc *pc)
{
    for (unsigned i = 0; i < PC_CHRS; i++) {
        struct chr *chr = pc_chr(pc, i);

        if (chr)
            chr->ops->poll(chr);
    }
}

/* Everything that comes from outside and goes there. */
static void run_look(struct pc *pc)
{
    const struct pc_config *config = &pc->config;

    run_poll_chrs(pc);
    pc_gdb_poll(pc);
    pc_monitor_poll(pc);
    pc_net_poll(pc);
    if (config->ui)
        ui_poll(config->ui); /* looks as often as a screen needs, by the host's clock */
    if (config->attend)
        config->attend(pc, config->attend_opaque);
    replay_polled(pc);
}

static void run_poll(struct pc *pc)
{
    pc->run.halts = 0;
    pc->run.poll_at =
        pc->config.clock == CLOCK_INSN ? cpu_insns(pc->cpu) + POLL_INSNS : pc->run.now + POLL_NS;
    run_look(pc);
}

static bool run_poll_due(const struct pc *pc)
{
    if (pc->config.clock == CLOCK_INSN)
        return cpu_insns(pc->cpu) >= pc->run.poll_at || pc->run.halts >= POLL_HALTS;
    return pc->run.now >= pc->run.poll_at;
}

/* The one at the machine's end is in no recording. */
static void take_digest(struct pc *pc, bool ended)
{
    const struct pc_checkpoints *points = &pc->config.checkpoints;
    u64 insns = cpu_insns(pc->cpu), cpu = cpu_digest(pc->cpu), ram;

    pc->run.digest_at = pc_checkpoint_next(points, insns + 1);
    ram = pc_checkpoint_whole(points, insns) ? pc_digest_ram(&pc->digest, &pc->cpu->mmu)
                                             : pc_digest_peek(&pc->digest, &pc->phys);
    if (!ended)
        replay_digest(pc, cpu, ram);
    if (!pc->config.digest_silent)
        fprintf(pc->config.digest_out, "digest %" PRIu64 " %016" PRIx64 " %016" PRIx64 "\n", insns,
                cpu, ram);
    pc->run.digested = insns;
}

/* Takes the digest when this is its instruction and it was not printed yet. */
static void run_digest(struct pc *pc)
{
    const struct pc_checkpoints *points = &pc->config.checkpoints;
    u64 insns = cpu_insns(pc->cpu);

    if (!points->every || insns < pc->run.digest_at)
        return;
    take_digest(pc, false);
    if (points->end && insns >= points->end)
        pc_quit_because(pc, PC_WHY_ASKED, 0);
}

/* The machine is saved when somebody wants it, or at its instruction. */
static void run_save(struct pc *pc)
{
    bool due = pc->config.save_at && cpu_insns(pc->cpu) >= pc->config.save_at;

    if (!due && !pc->save_wanted)
        return;
    if (due)
        pc->config.save_at = 0;
    pc->save_wanted = false;
    if (pc->config.on_save)
        pc->config.on_save(pc, pc->config.on_save_opaque);
}

/* Instructions to run before the board must look again. */
static u32 run_budget(struct pc *pc)
{
    u64 next = clock_next(&pc->clock);
    u64 insns = cpu_insns(pc->cpu);
    u64 budget;

    if (pc->config.clock == CLOCK_INSN) {
        budget = pc->run.poll_at - insns;
        if (budget > BUDGET_MAX)
            budget = BUDGET_MAX;
        if (next != UINT64_MAX) {
            u64 until = clock_insns_until(&pc->clock, next);

            if (until < budget)
                budget = until;
        }
    } else {
        u64 ns = next > pc->run.now ? next - pc->run.now : 0;

        /* A little short of the timer: rather one more short slice than a late timer. */
        ns = ns < POLL_NS ? ns / 4 * 3 : POLL_NS;
        if (ns < SLICE_MIN_NS)
            ns = SLICE_MIN_NS;
        budget = ns * pc->run.rate / 1000;
        if (budget < SLICE_MIN_INSNS || pc->spin.since)
            budget = SLICE_MIN_INSNS;
        if (budget > SLICE_MAX_INSNS)
            budget = SLICE_MAX_INSNS;
    }
    budget = pc_perf_budget(pc, budget);
    if (pc->config.checkpoints.every && pc->run.digest_at - insns < budget)
        budget = pc->run.digest_at - insns;
    if (pc->config.save_at > insns && pc->config.save_at - insns < budget)
        budget = pc->config.save_at - insns;
    if (replay_insns_until(pc) < budget)
        budget = replay_insns_until(pc);
    if (pc->run.stop_at - insns < budget)
        budget = pc->run.stop_at - insns;
    return budget ? (u32)budget : 1;
}

/* Whether a slice must end at its very instruction: where instructions are what the clock, a digest or the caller goes
 * by. */
static bool run_wants_exact_end(const struct pc *pc)
{
    return pc->config.clock == CLOCK_INSN || pc->config.checkpoints.every || pc->config.save_at ||
           pc->run.stop_at != UINT64_MAX;
}

/* CLOCK_HOST: learns the guest's speed from a slice long enough to measure. */
static void run_measure(struct pc *pc, u64 ns, u64 insns)
{
    u64 rate;

    if (ns < SLICE_MIN_NS / 4)
        return;
    rate = insns * 1000 / ns;
    /* Down at once, so that only one slice is too long; up by and by. */
    pc->run.rate = rate < pc->run.rate ? rate : (pc->run.rate * 3 + rate + 3) / 4;
    if (!pc->run.rate)
        pc->run.rate = 1;
}

/* Sleeps until there is input from a back end (with input) or from the user, or output that waits can go out, or ns
 * have passed, or a screen that is looked at must be drawn. */
static void run_sleep(struct pc *pc, bool input, u64 ns)
{
    struct ui *ui = pc->config.ui;
    struct chr *gdb = pc->config.gdb;
    struct pollset *set = &pc->pollset;
    struct timespec ts;

    pollset_clear(set);
    pollset_add(set, ui ? ui_poll_fd(ui) : -1, POLLIN);
    pollset_add(set, pc->config.attend ? pc->config.attend_fd : -1, POLLIN);
    if (gdb) {
        pollset_add(set, gdb->ops->poll_fd(gdb), POLLIN);
        pollset_add(set, chr_out_fd(gdb), POLLOUT);
    }
    pc_monitor_wait(pc, set);
    for (unsigned i = 0; i < PC_CHRS; i++) {
        struct chr *chr = pc_chr(pc, i);

        if (!chr)
            continue;
        pollset_add(set, input ? chr->ops->poll_fd(chr) : -1, POLLIN);
        pollset_add(set, chr_out_fd(chr), POLLOUT);
    }
    if (input)
        pc_net_wait(pc, set);
    if (ui && ui_sleep_ns(ui) < ns)
        ns = ui_sleep_ns(ui);
    if (set->ns < ns)
        ns = set->ns;
    ts = (struct timespec){(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
    if (ppoll(set->fd, set->count, &ts, NULL) > 0 && set->fd[0].revents)
        ui_wake(ui);
    pc->run.poll_at = 0; /* look at once whether input is what ended the sleep */
}

/* Output that nobody takes, where the guest cannot be told to wait: the debug console knows no busy, and
 * under CLOCK_INSN the guest must not see the host. */
static bool run_output_stalls(const struct pc *pc)
{
    const struct pc_config *config = &pc->config;

    if (config->console && !chr_room(config->console))
        return true;
    for (unsigned i = 0; config->clock == CLOCK_INSN && i < PC_CHRS; i++) {
        struct chr *chr = pc_chr(pc, i);

        if (chr && !chr_room(chr))
            return true;
    }
    return false;
}

/* Whether input can come by a port. */
static bool run_input_comes(const struct pc *pc)
{
    for (unsigned i = 0; i < PC_CHRS; i++) {
        struct chr *chr = pc_chr(pc, i);

        if (chr && chr->ops->poll_fd(chr) >= 0)
            return true;
    }
    return pc_net_comes(pc) || pc_monitor_there(pc);
}

/* CLOCK_HOST: a slice has ended by itself. While the guest only waits for time to pass, and no timer is due, the host may
 * do something else. */
static void run_learn(struct pc *pc, u64 began, u64 insns)
{
    u64 now = clock_now(&pc->clock);
    u64 spare = pc_spin_end(&pc->spin, &pc->stats, began, now, insns);

    run_measure(pc, now - began, insns);
    if (spare && clock_next(&pc->clock) > now + spare)
        run_sleep(pc, true, spare);
}

/* Nothing enters the machine by its ports meanwhile, and the guest's own polls stay where they are. */
static void run_wait_apart(struct pc *pc)
{
    u64 poll_at = pc->run.poll_at;
    u32 loads = pc->run.loads;

    run_sleep(pc, true, NS_PER_S);
    for (unsigned i = 0; i < PC_CHRS; i++)
        if (pc_chr(pc, i))
            pc_chr(pc, i)->held = true;
    run_look(pc);
    for (unsigned i = 0; i < PC_CHRS; i++)
        if (pc_chr(pc, i))
            pc_chr(pc, i)->held = false;
    if (pc->run.loads == loads)
        pc->run.poll_at = poll_at;
}

/* pc_stop(): it moves only when it is told to. */
static void run_held(struct pc *pc)
{
    if (pc->reset_wanted)
        pc_reset(pc);
    run_wait_apart(pc);
}

/* Somebody would miss a machine that is halted for good. */
static bool run_is_looked_at(const struct pc *pc)
{
    return (pc->config.ui && pc->config.ui->interactive) || pc->gdb.attached;
}

/* The machine has stopped for good, and its last screen stays until the user ends it. */
static void run_stand(struct pc *pc)
{
    if (pc->config.ui)
        ui_set_state(pc->config.ui, UI_HALTED);
    run_poll(pc);
    if (pc->stands && pc->reset_wanted) {
        pc->stands = false;
        pc_reset(pc);
    } else if (!pc->quit) {
        run_sleep(pc, true, NS_PER_S);
    }
}

/* What stopped the machine on one line, after the guest's own output. */
static void run_say(struct pc *pc, const char *what)
{
    struct cpu *cpu = pc->cpu;
    char name[SYMBOLS_TEXT];

    if (pc->config.silent)
        return;
    run_poll_chrs(pc);
    ui_aside(pc->config.ui);
    fprintf(stderr, "pagewalk: %s (cs:eip %04x:%08x%s)\n", what, cpu->seg[SREG_CS].sel, cpu->eip,
            symbols_text(pc->config.log->symbols, cpu->r[R_BASE + SREG_CS] + cpu->eip, " ", name));
}

/* Interrupts off, and no device's is an NMI: halted for good. This is how Linux stops on a machine
 * with neither ACPI nor APM (native_machine_halt() ends in CLI and HLT), how a BIOS stops when there is
 * nothing to boot, and how kernels stop that cannot go on. Nothing tells these from one another. */
static void run_halt_for_good(struct pc *pc)
{
    if (run_is_looked_at(pc)) {
        run_stand(pc);
        return;
    }
    run_say(pc, "the guest has halted for good, with interrupts off");
    pc_end(pc, PC_WHY_HALTED, PC_STATUS_HALTED);
}

/* HLT: lets time pass until something may have woken the CPU; ends the machine when nothing can. */
static void run_halt(struct pc *pc)
{
    struct cpu *cpu = pc->cpu;
    u64 next = clock_next(&pc->clock);

    if (cpu_wakes(cpu))
        return;
    if (!(cpu->eflags & FL_IF) && !pc_nmi_can_come(pc)) {
        run_halt_for_good(pc);
        return;
    }

    if (replay_ns_next(pc) < next)
        next = replay_ns_next(pc);
    if (pc->config.clock == CLOCK_INSN && next != UINT64_MAX) {
        u64 ahead = pc->config.ui ? ui_ahead_ns(pc->config.ui, next) : 0;

        if (ahead) {
            run_sleep(pc, false, ahead);
            if (ahead > UI_PERIOD_NS) { /* not yet: the CPU stays halted, at the same instruction */
                run_poll(pc);
                return;
            }
        }
        pc->run.halts++;
        clock_skip(&pc->clock, next);
        return;
    }

    run_poll(pc); /* output must be out before a sleep, and input may be there already */
    next = clock_next(&pc->clock);
    if (cpu_wakes(cpu) || pc->quit || replay_comes(pc) ||
        (pc->config.clock == CLOCK_INSN && next != UINT64_MAX))
        return;
    if (next == UINT64_MAX && !run_input_comes(pc) && !run_is_looked_at(pc)) {
        run_say(pc, "the guest has halted for good: no timer runs and no input can come");
        pc_end(pc, PC_WHY_HALTED, PC_STATUS_HALTED);
        return;
    }
    if (next == UINT64_MAX) {
        run_sleep(pc, true, NS_PER_S);
    } else {
        u64 now = clock_now(&pc->clock);

        if (next > now)
            run_sleep(pc, true, next - now < NS_PER_S ? next - now : NS_PER_S);
    }
    pc->run.poll_at = 0;
}

void pc_report(struct pc *pc, const char *what)
{
    run_say(pc, what);
    if (pc->config.silent)
        return;
    cpu_dump(pc->cpu, stderr);
    cpu_dump_backtrace(pc->cpu, stderr);
}

/* The first of a run whole. A guest that resets itself so for ever gets a line for each of the next, then for each
 * tenth, hundredth and so on. */
static void run_report_triple_fault(struct pc *pc)
{
    u64 count = ++pc->run.triple_faults, step = 1;
    char what[60];

    if (count == 1) {
        pc_report(pc, "triple fault");
        return;
    }
    while (step <= count / 10)
        step *= 10;
    if (count % step)
        return;
    snprintf(what, sizeof(what), "triple fault number %" PRIu64, count);
    run_say(pc, what);
}

/* In QEMU's words. */
static const char *panic_action(const struct pc *pc)
{
    switch (pc->config.panic) {
    case PC_PANIC_SHUTDOWN:
    case PC_PANIC_EXIT_FAILURE: return "poweroff";
    case PC_PANIC_PAUSE: return "pause";
    case PC_PANIC_NONE: return "run";
    }
    BUG("panic %d", (int)pc->config.panic);
}

/* What the guest's kernel has said to pvpanic. A crash kernel goes on by itself. */
static void run_panic(struct pc *pc)
{
    bool loaded = !(pc->panic_events & PVPANIC_PANICKED);

    pc->panic_events = 0;
    monitor_event(pc, MONITOR_PANICKED, loaded ? "run" : panic_action(pc), true);
    pc_report(pc, loaded ? "the guest's kernel has panicked, and its crash kernel takes over"
                         : "the guest's kernel has panicked");
    if (loaded || pc->config.panic == PC_PANIC_NONE)
        return;
    if (pc->config.panic == PC_PANIC_PAUSE) {
        pc->stands = true;
        pc->why = PC_WHY_PANIC;
    } else {
        pc_end(pc, PC_WHY_PANIC, PC_STATUS_PANIC);
    }
}

static void run_stopped(struct pc *pc, enum cpu_stop stop)
{
    switch (stop) {
    case CPU_STOP_BUDGET:
    case CPU_STOP_KICK: break;
    case CPU_STOP_HALT: run_halt(pc); break;
    case CPU_STOP_SHUTDOWN:
        run_report_triple_fault(pc);
        if (pc->config.no_reboot)
            pc_end(pc, PC_WHY_TRIPLE_FAULT, PC_STATUS_TRIPLE_FAULT);
        else
            pc->reset_wanted = true;
        break;
    }
}

static void run_power_on(struct pc *pc)
{
    if (!pc->run.rate)
        pc->run.rate = FIRST_RATE;
    if (pc->powered)
        return;
    pc->powered = true;
    pc->run.digest_at = pc_checkpoint_next(&pc->config.checkpoints, 0);
    pc->run.poll_at = 0;
    pc_reset(pc);
}

/* A disk's host has failed: nothing moves but the user. */
static void run_paused(struct pc *pc)
{
    run_poll(pc);
    if (!pc->pause.on || pc->quit)
        return;
    run_sleep(pc, true, NS_PER_S / 4);
    pc_pause_wait(pc);
}

/* Until the machine ends, or run.stop_at. Under CLOCK_INSN, stopping and going on changes nothing that
 * the guest or a back end could see: nothing happens at a stop but that execution pauses. */
static void run_loop(struct pc *pc)
{
    while (!pc->quit && cpu_insns(pc->cpu) < pc->run.stop_at) {
        u64 insns, before;
        enum cpu_stop stop;
        bool step;

        if (pc->pause.held) {
            run_held(pc);
            continue;
        }
        if (pc->pause.on) {
            run_paused(pc);
            continue;
        }
        if (pc->config.clock == CLOCK_HOST)
            pc->run.now = clock_now(&pc->clock);
        if (pc->stands) {
            run_stand(pc);
            continue;
        }
        if (run_output_stalls(pc)) {
            run_wait_apart(pc);
            continue;
        }
        if (run_poll_due(pc))
            run_poll(pc);
        replay_turn(pc);
        if (pc_is_stopped(pc))
            continue;
        clock_run(&pc->clock);
        run_save(pc);
        run_digest(pc);
        if (pc->quit)
            break;
        if (pc->panic_events) {
            run_panic(pc);
            continue;
        }
        if (pc->reset_wanted) {
            if (pc->config.no_reboot) {
                pc->reset_wanted = false;
                pc_end(pc, PC_WHY_RESET, 0);
                continue;
            }
            if (++pc->run.resets == pc->config.max_resets && pc->config.max_resets) {
                run_say(pc, "the guest resets itself again and again");
                pc_quit_because(pc, PC_WHY_RESETS, PC_STATUS_RESETS);
                continue;
            }
            pc_reset(pc);
            continue;
        }
        if (pc->start_wanted) {
            pc->start_wanted = false;
            if (pc->on_start)
                pc->on_start(pc, pc->on_start_opaque);
            continue;
        }

        before = pc->run.now;
        insns = cpu_insns(pc->cpu);
        pc_spin_begin(&pc->spin, &pc->stats);
        step = pc_gdb_begin(pc);
        pc->running = true;
        stop = step                      ? cpu_run(pc->cpu, 1)
               : run_wants_exact_end(pc) ? cpu_run(pc->cpu, run_budget(pc))
                                         : cpu_run_at_least(pc->cpu, run_budget(pc));
        pc->running = false;
        pc_perf_check(pc);
        if (pc_gdb_end(pc, insns) && stop != CPU_STOP_SHUTDOWN)
            continue;
        if (pc->config.clock == CLOCK_HOST && stop == CPU_STOP_BUDGET)
            run_learn(pc, before, cpu_insns(pc->cpu) - insns);
        run_stopped(pc, stop);
    }
}

/* In QEMU's words. */
static const char *shutdown_reason(const struct pc *pc)
{
    switch (pc->why) {
    case PC_WHY_ASKED: return pc->asked_by ? pc->asked_by : "host-signal";
    case PC_WHY_POWER_OFF: return "guest-shutdown";
    case PC_WHY_RESET:
    case PC_WHY_TRIPLE_FAULT:
    case PC_WHY_RESETS: return "guest-reset";
    case PC_WHY_PANIC: return "guest-panic";
    case PC_WHY_HALTED:
    case PC_WHY_DEBUG_EXIT: return "guest-shutdown";
    case PC_WHY_TIMEOUT: return "host-error";
    }
    BUG("why %d", (int)pc->why);
}

/* The machine has ended: what it printed goes out, and it may be run again. */
static int run_ended(struct pc *pc)
{
    run_poll_chrs(pc);
    if (pc->save_wanted)
        run_save(pc);
    replay_end(pc);
    pc_gdb_quit(pc);
    if (pc->config.checkpoints.every && cpu_insns(pc->cpu) != pc->run.digested)
        take_digest(pc, true);
    monitor_event(pc, MONITOR_SHUTDOWN, shutdown_reason(pc), pc->why != PC_WHY_ASKED);
    pc_monitor_poll(pc);
    if (pc->config.digest_out)
        fflush(pc->config.digest_out);
    pc->quit = false;
    return pc->status;
}

int pc_run(struct pc *pc)
{
    run_power_on(pc);
    if (replay_begin(pc) < 0)
        return REPLAY_STATUS_UNFIT;
    pc->run.stop_at = UINT64_MAX;
    run_loop(pc);
    return run_ended(pc);
}

bool pc_run_insns(struct pc *pc, u64 insns, int *status)
{
    run_power_on(pc);
    *status = REPLAY_STATUS_UNFIT;
    if (replay_begin(pc) < 0)
        return true;
    pc->run.stop_at = cpu_insns(pc->cpu) + insns;
    run_loop(pc);
    if (!pc->quit)
        return false;
    *status = run_ended(pc);
    return true;
}
