/* Timers in saved states. */
#include "devices/base/state.h"

void state_timer(struct state *state, struct timer *timer)
{
    bool armed = timer->armed;
    u64 when = armed ? timer->when : 0, nth = armed ? timer->nth : 0;

    state_bool(state, &armed);
    state_u64(state, &when);
    state_u64(state, &nth);
    if (!state->loading || state->failed)
        return;
    if (armed)
        timer_arm_as(timer, when, nth);
    else
        timer_cancel(timer);
}
