/* A debugger that goes backwards: which stretch of the past is looked at, and what was found there. */
#include "devices/board/reverse.h"

#include "devices/board/pc_board.h"

void reverse_begin(struct pc *pc, bool one)
{
    pc->reverse = (struct reverse){.mode = REVERSE_BEGIN, .one = one};
}

void reverse_end(struct pc *pc)
{
    pc->reverse.mode = REVERSE_OFF;
}

static void stop(struct pc *pc, enum reverse_end why)
{
    pc->reverse.mode = REVERSE_OFF;
    pc_gdb_reversed(pc, why, &pc->reverse.point);
}

/* Goes to instruction `insns`, which lies behind a checkpoint or at one. */
static void go(struct pc *pc, u64 insns, enum reverse_end why)
{
    struct reverse *r = &pc->reverse;
    int n = history_find(&pc->history, insns + 1);

    history_go(pc, (unsigned)n);
    r->mode = REVERSE_GO;
    r->end = insns;
    r->why = why;
}

/* The stretch before `end`; or there is nothing more. */
static void search(struct pc *pc, u64 end)
{
    struct reverse *r = &pc->reverse;
    int n = history_find(&pc->history, end);

    if (n < 0) {
        if (pc->history.points)
            go(pc, pc->history.point[0].insns, REVERSE_AT_BEGINNING);
        else
            stop(pc, REVERSE_AT_BEGINNING);
        return;
    }
    r->mode = REVERSE_SEARCH;
    r->end = end;
    r->over = false;
    history_go(pc, (unsigned)n);
}

static void begin(struct pc *pc)
{
    struct reverse *r = &pc->reverse;

    if (pc->history.changed) { /* what was changed is come back to */
        clock_run(&pc->clock);
        history_turn(pc);
    }
    r->goal = cpu_insns(pc->cpu);
    if (!r->one || !pc->history.points)
        search(pc, r->goal);
    else if (r->goal > pc->history.point[0].insns)
        go(pc, r->goal - 1, REVERSE_STEPPED);
    else
        stop(pc, REVERSE_AT_BEGINNING);
}

bool reverse_turn(struct pc *pc)
{
    struct reverse *r = &pc->reverse;
    u64 insns = cpu_insns(pc->cpu);

    if (r->mode == REVERSE_OFF)
        return false;
    if (!pc->history.on) {
        stop(pc, REVERSE_AT_BEGINNING);
        return true;
    }
    switch (r->mode) {
    case REVERSE_OFF: return false;
    case REVERSE_BEGIN: begin(pc); return true;
    case REVERSE_GO:
        if (insns < r->end)
            return false;
        stop(pc, r->why);
        return true;
    case REVERSE_SEARCH:
        if (insns < r->end)
            return false;
        if (r->found)
            go(pc, r->found_at, REVERSE_AT_POINT);
        else
            search(pc, pc->history.point[history_find(&pc->history, r->end)].insns);
        return true;
    }
    BUG("reverse mode %d", (int)r->mode);
}

u64 reverse_insns_until(const struct pc *pc)
{
    const struct reverse *r = &pc->reverse;
    u64 insns = cpu_insns(pc->cpu);
    bool goes = r->mode == REVERSE_GO || r->mode == REVERSE_SEARCH;

    return goes && r->end > insns ? r->end - insns : UINT64_MAX;
}

bool reverse_passes(const struct pc *pc)
{
    return pc->reverse.mode == REVERSE_GO || reverse_steps(pc);
}

bool reverse_steps(const struct pc *pc)
{
    return pc->reverse.mode == REVERSE_SEARCH && pc->reverse.over;
}

/* A breakpoint stops in front of its instruction, where the machine is; a watchpoint behind it, and going back the
 * access is undone. */
bool reverse_met(struct pc *pc, const struct debugger_point *point)
{
    struct reverse *r = &pc->reverse;
    u64 at = cpu_insns(pc->cpu);

    if (r->mode != REVERSE_SEARCH)
        return r->mode == REVERSE_GO;
    r->over = point && debugger_on_code(point->kind);
    if (!point)
        return true;
    if (!debugger_on_code(point->kind))
        at--;
    if (at < r->goal && (!r->found || at >= r->found_at)) {
        r->found = true;
        r->found_at = at;
        r->point = *point;
    }
    return true;
}
