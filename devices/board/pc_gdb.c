/* A debugger at the machine: it stops whole, time included, and goes on by the instruction.
 *
 * Whoever connects finds it stopped. Who leaves without a word (the connection is gone) leaves it as it is, but without
 * breakpoints: nobody would be told of a hit. */
#include "devices/board/pc_gdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/gdb/gdb.h"
#include "devices/board/pc_board.h"
#include "devices/monitor/monitor.h"

static void attach(struct pc *pc)
{
    gdb_reset(pc->gdb.gdb);
    pc->gdb.gdb->reverses = pc->history.on;
    pc->gdb.attached = true;
    pc->gdb.step = false;
    pc_stop(pc);
}

static void leave(struct pc *pc)
{
    gdb_reset(pc->gdb.gdb);
    reverse_end(pc);
    pc->gdb.attached = pc->gdb.step = false;
    if (pc->stands && pc->gdb.kept)
        pc_quit_because(pc, pc->why, pc->gdb.status);
}

static void gdb_send_bytes(void *opaque, const void *data, size_t len)
{
    struct pc *pc = opaque;

    pc->config.gdb->ops->write(pc->config.gdb, data, len);
}

/* A halted CPU waits for its interrupt, and for that time must pass. */
static void gdb_resume(void *opaque, bool step)
{
    struct pc *pc = opaque;

    pc->gdb.step = step;
    reverse_end(pc);
    pc_cont(pc);
    if (step && (pc->gdb.gdb->step & GDB_STEP_NOTIMER) && !pc->cpu->halted)
        clock_pause(&pc->clock);
}

static void gdb_stop_now(void *opaque)
{
    struct pc *pc = opaque;

    pc->gdb.step = false;
    reverse_end(pc);
    pc_stop(pc);
    gdb_stopped(pc->gdb.gdb, GDB_STOP_INTERRUPT);
}

static bool gdb_reverse(void *opaque, bool step)
{
    struct pc *pc = opaque;

    if (!pc->history.on)
        return false;
    pc->gdb.step = false;
    reverse_begin(pc, step);
    pc_cont(pc);
    return true;
}

static void gdb_wrote(void *opaque)
{
    history_change(opaque);
}

static void gdb_detach(void *opaque)
{
    struct pc *pc = opaque;

    leave(pc);
    pc_cont(pc);
}

void pc_gdb_reversed(struct pc *pc, enum reverse_end why, const struct debugger_point *point)
{
    static const enum gdb_stop stops[] = {
        [REVERSE_STEPPED] = GDB_STOP_STEP,
        [REVERSE_AT_POINT] = GDB_STOP_POINT,
        [REVERSE_AT_BEGINNING] = GDB_STOP_BEGINNING,
    };

    pc_stop(pc);
    if (why == REVERSE_AT_POINT)
        pc->cpu->debugger.hit_point = *point;
    gdb_stopped(pc->gdb.gdb, stops[why]);
}

bool pc_gdb_keeps(const struct pc *pc)
{
    return pc->history.on && pc->gdb.attached;
}

bool pc_gdb_ended(struct pc *pc)
{
    if (!pc_gdb_keeps(pc))
        return false;
    pc_stop(pc);
    gdb_stopped(pc->gdb.gdb, GDB_STOP_END);
    return true;
}

static void gdb_kill(void *opaque)
{
    pc_quit(opaque, 0);
}

static void gdb_monitor(void *opaque, const char *line, FILE *out)
{
    monitor_command(opaque, line, out);
}

static const struct gdb_ops gdb_ops = {
    .send = gdb_send_bytes,
    .resume = gdb_resume,
    .stop = gdb_stop_now,
    .detach = gdb_detach,
    .kill = gdb_kill,
    .command = gdb_monitor,
    .reverse = gdb_reverse,
    .wrote = gdb_wrote,
};

static size_t can_receive(void *opaque)
{
    (void)opaque;
    return SIZE_MAX;
}

/* Not every back end can tell that somebody has come: then the first packet does, or a Ctrl-C. */
static void receive(void *opaque, const u8 *data, size_t len)
{
    struct pc *pc = opaque;

    if (!pc->gdb.attached && !memchr(data, '$', len) && !memchr(data, 3, len))
        return;
    if (!pc->gdb.attached)
        attach(pc);
    gdb_receive(pc->gdb.gdb, data, len);
}

static void connected(void *opaque, bool there)
{
    if (there)
        attach(opaque);
    else
        leave(opaque);
}

int pc_gdb_init(struct pc *pc)
{
    struct chr *chr = pc->config.gdb;

    pc->gdb.gdb = calloc(1, sizeof(*pc->gdb.gdb));
    if (!pc->gdb.gdb)
        return -ENOMEM;
    gdb_init(pc->gdb.gdb, pc->cpu, &gdb_ops, pc);
    pc->gdb.gdb->file = pc->config.gdb_file;
    pc->gdb.gdb->offset = pc->config.gdb_offset;
    chr->can_receive = can_receive;
    chr->receive = receive;
    chr->connected = connected;
    chr->opaque = pc;
    return 0;
}

void pc_gdb_free(struct pc *pc)
{
    if (pc->config.gdb) {
        pc->config.gdb->receive = NULL;
        pc->config.gdb->can_receive = NULL;
        pc->config.gdb->connected = NULL;
    }
    pc->config.gdb = NULL;
    if (pc->gdb.gdb)
        gdb_reset(pc->gdb.gdb);
    free(pc->gdb.gdb);
    pc->gdb.gdb = NULL;
}

int pc_set_gdb(struct pc *pc, struct chr *gdb)
{
    struct chr *before = pc->config.gdb;

    if (pc->gdb.attached)
        return -EBUSY;
    pc_gdb_free(pc);
    pc->config.gdb = gdb;
    if (!gdb || pc_gdb_init(pc) == 0)
        return 0;
    pc->config.gdb = before;
    return -ENOMEM;
}

void pc_gdb_poll(struct pc *pc)
{
    struct chr *chr = pc->config.gdb;

    if (!chr || !pc->gdb.gdb)
        return;
    chr->ops->poll(chr);
    if (chr_out_fd(chr) >= 0) /* the answer */
        chr->ops->poll(chr);
}

bool pc_gdb_begin(struct pc *pc)
{
    struct debugger *d = &pc->cpu->debugger;
    bool step = pc->gdb.step || pc->gdb.over || reverse_steps(pc), own = replay_holds(pc);

    d->stepping = (step && !pc->cpu->halted) || reverse_passes(pc);
    d->holds_irq = own || (pc->gdb.step && d->stepping && (pc->gdb.gdb->step & GDB_STEP_NOIRQ) &&
                           replay_hold(pc));
    return step || own;
}

bool pc_gdb_end(struct pc *pc, u64 insns)
{
    struct debugger *d = &pc->cpu->debugger;
    bool hit = d->hit, stepped = pc->gdb.step && cpu_insns(pc->cpu) != insns;
    bool wanted = hit && pc->gdb.gdb && gdb_wants(pc->gdb.gdb, &d->hit_point);

    pc->gdb.over = hit && !wanted;
    hit = wanted;
    d->hit = d->stepping = d->holds_irq = false;
    if (reverse_met(pc, hit ? &d->hit_point : NULL))
        return false;
    if (!pc->gdb.gdb || (!hit && !stepped))
        return false;
    pc->gdb.step = false;
    pc_stop(pc);
    gdb_stopped(pc->gdb.gdb, hit ? GDB_STOP_POINT : GDB_STOP_STEP);
    return true;
}

void pc_gdb_quit(struct pc *pc)
{
    if (!pc->gdb.gdb)
        return;
    gdb_exited(pc->gdb.gdb, pc->status);
    pc_gdb_poll(pc);
}
