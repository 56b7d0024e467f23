/* A machine that stands still: its user wants it, or a disk's host has an error that somebody can mend, as a file system
 * that is full.
 *
 * Then the drive keeps the request and is busy; the CPU stops at the next instruction boundary, and time with it. Then
 * the request is tried again, and what it had acknowledged before is neither lost nor written twice. Who can press a
 * key decides when; where nobody can, it is tried every RETRY_NS. */
#include "devices/board/pc_pause.h"

#include <string.h>

#include "devices/board/pc_board.h"

#define RETRY_NS 2000000000u

/* How the machine is told to go on; NULL: nobody can. */
static const char *way_on(const struct pc *pc)
{
    const struct chr *serial = pc->config.serial[0];

    if (pc->config.ui && pc->config.ui->interactive)
        return pc->config.ui->config.kind == UI_SDL ? "Ctrl-Alt-R" : "C-a r";
    if (pc->config.serial_keys && serial && serial->ops->poll_fd(pc->config.serial[0]) >= 0)
        return "C-a r";
    return NULL;
}

static void say(struct pc *pc, const struct block *block, bool write, int error)
{
    const char *way = way_on(pc);

    if (pc->pause.said)
        return;
    pc->pause.said = true;
    ui_aside(pc->config.ui);
    fprintf(stderr, "pagewalk: '%s' cannot be %s: %s; the machine is paused, and %s%s\n",
            block->path ? block->path : "a disk", write ? "written" : "read", strerror(-error),
            way ? way : "tries again every two seconds", way ? " goes on" : "");
}

/* Time and the window after a change. */
static void update(struct pc *pc)
{
    if (pc_is_stopped(pc))
        clock_pause(&pc->clock);
    else
        clock_resume(&pc->clock);
    if (pc->config.ui)
        ui_set_state(pc->config.ui, pc->pause.on     ? UI_PAUSED
                                    : pc->pause.held ? UI_STOPPED
                                                     : UI_RUNNING);
}

bool pc_is_stopped(const struct pc *pc)
{
    return pc->pause.on || pc->pause.held;
}

void pc_stop(struct pc *pc)
{
    bool was = pc_is_stopped(pc);

    pc->pause.held = true;
    update(pc);
    if (!was)
        monitor_event(pc, MONITOR_STOP, NULL, false);
}

void pc_cont(struct pc *pc)
{
    bool was = pc_is_stopped(pc);

    pc->pause.held = false;
    pc->began = true;
    update(pc);
    if (was && !pc_is_stopped(pc))
        monitor_event(pc, MONITOR_RESUME, NULL, false);
}

static void disk_failed(void *opaque, const struct block *block, bool write, int error,
                        enum block_fate fate)
{
    struct pc *pc = opaque;

    monitor_block_error(pc, block, write, error, fate);
    if (fate != BLOCK_WAITING)
        return;
    pc->pause.on = true;
    pc->pause.full = block_error_is_full(error);
    pc->pause.block = block;
    pc->pause.retry_ns = clock_host_ns() + RETRY_NS;
    update(pc);
    monitor_event(pc, MONITOR_STOP, NULL, false);
    say(pc, block, write, error);
    if (pc->running)
        cpu_kick(pc->cpu);
}

/* Tries again what has failed; that may fail again. */
static void retry(struct pc *pc)
{
    pc->pause.on = false;
    for (unsigned i = 0; i < 2; i++)
        ide_retry(&pc->ide[i]);
    if (pc->pause.on)
        return;
    pc->pause.said = false;
    update(pc);
    monitor_event(pc, MONITOR_RESUME, NULL, false);
    ui_aside(pc->config.ui);
    fputs("pagewalk: the machine goes on\n", stderr);
}

void pc_resume(struct pc *pc)
{
    if (!pc->pause.on)
        return;
    pc->pause.said = false;
    retry(pc);
}

void pc_pause_wait(struct pc *pc)
{
    if (!way_on(pc) && clock_host_ns() >= pc->pause.retry_ns)
        retry(pc);
}

void pc_pause_watch(struct pc *pc, struct block *block)
{
    if (block)
        block_on_error(block, disk_failed, pc);
}

void pc_pause_init(struct pc *pc)
{
    for (unsigned i = 0; i < PC_DRIVES; i++)
        pc_pause_watch(pc, pc->config.drive[i].block);
}

void pc_pause_free(struct pc *pc)
{
    for (unsigned i = 0; i < PC_DRIVES; i++)
        if (pc->config.drive[i].block)
            block_on_error(pc->config.drive[i].block, NULL, NULL);
}
