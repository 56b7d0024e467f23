/* The machine's speed, as its user sets it while it runs. */
#include "devices/board/pc_board.h"

u32 pc_speed(const struct pc *pc)
{
    return pc->clock.speed;
}

/* What is as ever is not shown. */
static void show(struct pc *pc)
{
    bool as_ever = pc->config.clock == CLOCK_HOST && pc->clock.speed == 100;

    if (pc->config.ui)
        ui_set_speed(pc->config.ui, as_ever ? SPEED_NORMAL : pc->clock.speed);
}

void pc_set_speed(struct pc *pc, u32 speed)
{
    clock_set_speed(&pc->clock, speed);
    show(pc);
}
