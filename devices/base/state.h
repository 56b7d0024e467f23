/* Saved state of devices: what mmu/host/state.h has, and timers. */
#ifndef PAGEWALK_DEVICE_STATE_H
#define PAGEWALK_DEVICE_STATE_H

#include "devices/base/clock.h"
#include "mmu/host/state.h"

/* A timer: whether it is armed, when, and before which of those of the same time. */
void state_timer(struct state *state, struct timer *timer);

#endif
