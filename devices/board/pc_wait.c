/* Between slices of the guest: looks outside, and waits that let no time pass for nothing.
 *
 * Under CLOCK_INSN a poll comes after so many instructions or halts, under CLOCK_HOST after so much time. */
#define _GNU_SOURCE /* ppoll */
#include <poll.h>
#include <time.h>

#include "devices/board/pc_run.h"

#define POLL_INSNS (1u << 18) /* CLOCK_INSN: instructions between polls */
#define PACE_NS    1000000u   /* CLOCK_INSN: a guest that is ahead by less is left alone */
#define POLL_HALTS 16u        /* CLOCK_INSN: halts between polls */

void run_poll_chrs(struct pc *pc)
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

void run_poll(struct pc *pc)
{
    pc->run.halts = 0;
    pc->run.poll_at = pc->config.clock == CLOCK_INSN ? cpu_insns(pc->cpu) + POLL_INSNS
                                                     : pc->run.host + RUN_POLL_NS;
    run_look(pc);
}

bool run_poll_due(const struct pc *pc)
{
    if (pc->config.clock == CLOCK_INSN)
        return cpu_insns(pc->cpu) >= pc->run.poll_at || pc->run.halts >= POLL_HALTS;
    return pc->run.host >= pc->run.poll_at;
}

void run_sleep(struct pc *pc, bool input, u64 ns)
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
    if (ns > REPLAY_LATE_NS)
        replay_rests(pc);
    ts = (struct timespec){(time_t)(ns / RUN_NS_PER_S), (long)(ns % RUN_NS_PER_S)};
    if (ppoll(set->fd, set->count, &ts, NULL) > 0 && set->fd[0].revents)
        ui_wake(ui);
    pc->run.poll_at = 0; /* look at once whether input is what ended the sleep */
}

bool run_output_stalls(const struct pc *pc)
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

bool run_input_comes(const struct pc *pc)
{
    for (unsigned i = 0; i < PC_CHRS; i++) {
        struct chr *chr = pc_chr(pc, i);

        if (chr && chr->ops->poll_fd(chr) >= 0)
            return true;
    }
    return pc_net_comes(pc) || pc_monitor_there(pc);
}

/* Waits, and looks only at what does not enter the machine. */
static void wait_apart(struct pc *pc, bool input, u64 ns)
{
    u64 poll_at = pc->run.poll_at;
    u32 loads = pc->run.loads;

    run_sleep(pc, input, ns);
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

void run_wait_apart(struct pc *pc)
{
    wait_apart(pc, true, RUN_NS_PER_S);
}

bool run_paced(struct pc *pc)
{
    u64 ahead;

    if (pc->config.clock != CLOCK_INSN || pc->clock.speed == SPEED_NORMAL ||
        pc->clock.speed == SPEED_MAX || history_is_behind(pc))
        return false;
    ahead = clock_host_until(&pc->clock, clock_now(&pc->clock));
    if (ahead < PACE_NS)
        return false;
    wait_apart(pc, false, ahead < RUN_NS_PER_S ? ahead : RUN_NS_PER_S);
    return true;
}

void run_held(struct pc *pc)
{
    if (pc->reset_wanted)
        pc_reset(pc);
    run_wait_apart(pc);
}

void run_stand(struct pc *pc)
{
    if (pc->config.ui)
        ui_set_state(pc->config.ui, UI_HALTED);
    run_poll(pc);
    if (pc->stands && pc->reset_wanted) {
        pc->stands = false;
        pc_reset(pc);
    } else if (!pc->quit) {
        run_sleep(pc, true, RUN_NS_PER_S);
    }
}

void run_paused(struct pc *pc)
{
    run_poll(pc);
    if (!pc->pause.on || pc->quit)
        return;
    run_sleep(pc, true, RUN_NS_PER_S / 4);
    pc_pause_wait(pc);
}
