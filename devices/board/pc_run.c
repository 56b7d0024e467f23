/* The board's run loop: slices of guest execution between timers, input, digests and requests.
 *
 * Under CLOCK_INSN everything happens at an instruction count that the guest alone decides: a slice
 * ends exactly at the next timer, digest or poll, whichever is first. Under CLOCK_HOST a slice is as
 * long as the measured speed says that the next timer, or the next poll, is away. */
#include "devices/board/pc_run.h"

#define SLICE_MIN_NS    50000u /* CLOCK_HOST: a timer may be late by this */
#define SLICE_MIN_INSNS 2000u
#define SLICE_MAX_INSNS (256 * 1024) /* bounds what a guest that turns slow can hold up */
#define BUDGET_MAX      (1u << 20)   /* CLOCK_INSN */
#define FIRST_RATE      20u          /* instructions a microsecond, before anything was measured */

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
        u64 ns = next > pc->run.now ? clock_host_span(&pc->clock, next - pc->run.now) : 0;

        /* A little short of the timer: rather one more short slice than a late timer. */
        ns = ns < RUN_POLL_NS ? ns / 4 * 3 : RUN_POLL_NS;
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
    if (history_insns_until(pc) < budget)
        budget = history_insns_until(pc);
    if (reverse_insns_until(pc) < budget)
        budget = reverse_insns_until(pc);
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

/* CLOCK_HOST: a slice has ended by itself. While the guest only waits for time to pass, and no timer is due, the host may
 * do something else. */
static void run_learn(struct pc *pc, u64 insns)
{
    u64 host = clock_host_ns(), now = clock_at(&pc->clock, host);
    u64 spare = pc_spin_end(&pc->spin, &pc->stats, pc->run.now, now, insns);
    u64 sleep = clock_host_span(&pc->clock, spare);

    run_measure(pc, host - pc->run.host, insns);
    if (!spare || clock_next(&pc->clock) <= now + spare)
        return;
    if (pc->clock.speed == SPEED_MAX)
        clock_skip(&pc->clock, now + spare);
    else if (sleep >= PC_SPIN_SLEEP_NS)
        run_sleep(pc, true, sleep);
}

/* CLOCK_INSN: whether a halt takes any of the host's time: by a speed that was asked for, or where somebody outside lives by
 * that time. Such a user would find hours gone by while a key was down, and a network would be too slow. */
static bool run_halt_takes_time(const struct pc *pc)
{
    if (pc->clock.speed == SPEED_MAX || history_is_behind(pc))
        return false;
    return pc->clock.speed != SPEED_NORMAL || (pc->config.ui && pc->config.ui->interactive) ||
           (pc_net_is_live(pc) && !replay_plays(pc));
}

/* CLOCK_INSN, halted until `next`: a piece of that time, or all. */
static void run_halt_paced(struct pc *pc, u64 next)
{
    u32 loads = pc->run.loads;
    u64 wait;

    run_poll(pc);
    if (cpu_wakes(pc->cpu) || pc->quit || pc_is_stopped(pc) || pc->run.loads != loads)
        return;
    if (clock_next(&pc->clock) < next) /* what came has a timer of its own */
        next = clock_next(&pc->clock);
    if (pc->clock.speed == SPEED_NORMAL && pc_net_is_live(pc))
        clock_pace_from_here(&pc->clock); /* what was run before is not waited for */
    wait = clock_host_until(&pc->clock, next);
    if (wait) {
        u64 due;

        run_sleep(pc, true, wait < RUN_NS_PER_S ? wait : RUN_NS_PER_S);
        due = clock_paced_now(&pc->clock);
        if (due < next)
            next = due;
    }
    clock_skip(&pc->clock, next);
}

/* CLOCK_HOST, halted: sleeps until there may be something, or is there. */
static void run_halt_host(struct pc *pc, u64 next)
{
    u64 wait = next == UINT64_MAX ? RUN_NS_PER_S : clock_host_until(&pc->clock, next);

    if (pc->clock.speed == SPEED_MAX && next != UINT64_MAX && !pc_is_stopped(pc))
        clock_skip(&pc->clock, next);
    else if (wait)
        run_sleep(pc, true, wait < RUN_NS_PER_S ? wait : RUN_NS_PER_S);
    pc->run.poll_at = 0;
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
        if (next > clock_now(&pc->clock) && run_halt_takes_time(pc)) {
            run_halt_paced(pc, next);
            return;
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
    run_halt_host(pc, next);
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

/* Until the machine ends, or run.stop_at. Under CLOCK_INSN, stopping and going on changes nothing that
 * the guest or a back end could see: nothing happens at a stop but that execution pauses. */
static void run_loop(struct pc *pc)
{
    while (!pc->quit && cpu_insns(pc->cpu) < pc->run.stop_at) {
        u64 insns;
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
        if (pc->config.clock == CLOCK_HOST) {
            pc->run.host = clock_host_ns();
            pc->run.now = clock_at(&pc->clock, pc->run.host);
        }
        history_look(pc);
        if (reverse_turn(pc))
            continue;
        if (pc->stands) {
            if (!pc_gdb_ended(pc))
                run_stand(pc);
            continue;
        }
        if (run_output_stalls(pc)) {
            run_wait_apart(pc);
            continue;
        }
        if (run_paced(pc))
            continue;
        if (run_poll_due(pc))
            run_poll(pc);
        replay_turn(pc);
        if (pc_is_stopped(pc))
            continue;
        clock_run(&pc->clock);
        run_save(pc);
        run_digest(pc);
        if (pc->quit || replay_is_due(pc))
            continue;
        history_turn(pc);
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
            run_learn(pc, cpu_insns(pc->cpu) - insns);
        run_stopped(pc, stop);
    }
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
