/* How a machine ends: what stopped it, what is said of that, and what goes out last. */
#include <inttypes.h>

#include "devices/board/pc_run.h"
#include "mmu/host/symbols.h"

bool run_is_looked_at(const struct pc *pc)
{
    return (pc->config.ui && pc->config.ui->interactive) || pc->gdb.attached;
}

void run_say(struct pc *pc, const char *what)
{
    struct cpu *cpu = pc->cpu;
    char name[SYMBOLS_TEXT];

    if (pc->config.silent || history_is_behind(pc))
        return;
    run_poll_chrs(pc);
    ui_aside(pc->config.ui);
    fprintf(stderr, "pagewalk: %s (cs:eip %04x:%08x%s)\n", what, cpu->seg[SREG_CS].sel, cpu->eip,
            symbols_text(pc->config.log->symbols, cpu->r[R_BASE + SREG_CS] + cpu->eip, " ", name));
}

/* Interrupts off, and no device's is an NMI: halted for good. This is how Linux stops on a machine
 * with neither ACPI nor APM (native_machine_halt() ends in CLI and HLT), how a BIOS stops when there is
 * nothing to boot, and how kernels stop that cannot go on. Nothing tells these from one another. */
void run_halt_for_good(struct pc *pc)
{
    if (pc_gdb_ended(pc))
        return;
    if (run_is_looked_at(pc)) {
        run_stand(pc);
        return;
    }
    run_say(pc, "the guest has halted for good, with interrupts off");
    pc_end(pc, PC_WHY_HALTED, PC_STATUS_HALTED);
}

void pc_report(struct pc *pc, const char *what)
{
    run_say(pc, what);
    if (pc->config.silent || history_is_behind(pc))
        return;
    cpu_dump(pc->cpu, stderr);
    cpu_dump_backtrace(pc->cpu, stderr);
}

/* The first of a run whole. A guest that resets itself so for ever gets a line for each of the next, then for each
 * tenth, hundredth and so on. */
void run_report_triple_fault(struct pc *pc)
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
void run_panic(struct pc *pc)
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

int run_ended(struct pc *pc)
{
    run_poll_chrs(pc);
    if (pc->save_wanted)
        run_save(pc);
    replay_end(pc);
    pc_gdb_quit(pc);
    run_last_digest(pc);
    monitor_event(pc, MONITOR_SHUTDOWN, shutdown_reason(pc), pc->why != PC_WHY_ASKED);
    pc_monitor_poll(pc);
    if (pc->config.digest_out)
        fflush(pc->config.digest_out);
    pc->quit = false;
    return pc->status;
}
