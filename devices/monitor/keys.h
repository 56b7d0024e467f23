/* Keys that a monitor presses: by QEMU's names, one after the other in the machine's time. */
#ifndef PAGEWALK_MONITOR_KEYS_H
#define PAGEWALK_MONITOR_KEYS_H

#include "devices/base/clock.h"
#include "devices/input/input.h"

#define MONITOR_KEYS 512

struct monitor_keys {
    const struct input *input;
    struct timer timer;
    struct {
        u8 usage;
        bool down;
        u64 wait_ns; /* after it */
    } queue[MONITOR_KEYS];
    unsigned first, count;
    unsigned buttons; /* of the mouse: INPUT_* */
};

void monitor_keys_init(struct monitor_keys *keys, struct clock *clock, const struct input *input);
/* The key of that name ("a", "ret", "ctrl", "kp_add"); 0: there is none. */
u8 monitor_key_named(const char *name, size_t len);
/* The names, in their order; NULL behind the last. */
const char *monitor_key_name(unsigned number);
/* Presses all, and lets them go after a while, when those before are done. False: too many wait. */
bool monitor_keys_press(struct monitor_keys *keys, const u8 *usage, unsigned count, u64 hold_ns);

#endif
