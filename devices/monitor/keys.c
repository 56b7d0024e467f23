/* Keys that a monitor presses: by QEMU's names, one after the other in the machine's time. */
#include "devices/monitor/keys.h"

#include <string.h>

#define BETWEEN_NS 20000000u /* between two of those that were asked for */

static const struct {
    const char *name;
    u8 usage;
} names[] = {
#define KEY(name, usage) {name, usage},
#include "devices/monitor/keys.def"
#undef KEY
};

u8 monitor_key_named(const char *name, size_t len)
{
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (strlen(names[i].name) == len && strncmp(names[i].name, name, len) == 0)
            return names[i].usage;
    return 0;
}

const char *monitor_key_name(unsigned number)
{
    return number < ARRAY_SIZE(names) ? names[number].name : NULL;
}

static void next(void *opaque)
{
    struct monitor_keys *keys = opaque;

    while (keys->count) {
        unsigned at = keys->first;
        u64 wait = keys->queue[at].wait_ns;

        keys->first = (keys->first + 1) % MONITOR_KEYS;
        keys->count--;
        keys->input->key(keys->input->opaque, keys->queue[at].usage, keys->queue[at].down);
        if (wait) {
            timer_arm(&keys->timer, clock_now(keys->timer.clock) + wait);
            return;
        }
    }
}

void monitor_keys_init(struct monitor_keys *keys, struct clock *clock, const struct input *input)
{
    keys->input = input;
    timer_init(&keys->timer, clock, next, keys);
}

static void put(struct monitor_keys *keys, u8 usage, bool down, u64 wait_ns)
{
    unsigned at = (keys->first + keys->count++) % MONITOR_KEYS;

    keys->queue[at].usage = usage;
    keys->queue[at].down = down;
    keys->queue[at].wait_ns = wait_ns;
}

bool monitor_keys_press(struct monitor_keys *keys, const u8 *usage, unsigned count, u64 hold_ns)
{
    if (keys->count + 2 * count > MONITOR_KEYS || !count)
        return false;
    for (unsigned i = 0; i < count; i++)
        put(keys, usage[i], true, i + 1 == count ? hold_ns + 1 : 0);
    for (unsigned i = count; i-- > 0;)
        put(keys, usage[i], false, i ? 0 : BETWEEN_NS);
    if (!keys->timer.armed)
        next(keys);
    return true;
}
