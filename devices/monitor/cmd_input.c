/* Commands that are a user's at keyboard and mouse. */
#include <string.h>

#include "devices/monitor/command.h"

#define HOLD_MS 100
#define CHORD   16

MONITOR_COMMAND(sendkey)
{
    u64 hold = a->arg[1].given ? a->arg[1].number : HOLD_MS;
    u8 usage[CHORD];
    unsigned count = 0;

    for (const char *at = a->arg[0].text; at; at = strchr(at, '-') ? strchr(at, '-') + 1 : NULL) {
        size_t len = strcspn(at, "-");
        /* The character itself is a name, too. */
        u8 key = len == 1 && *at == '<' ? monitor_key_named("less", 4) : monitor_key_named(at, len);

        if (!key || count == CHORD) {
            if (key)
                fputs("too many keys\n", m->out);
            else
                fprintf(m->out, "invalid parameter: %.*s\n", (int)len, at);
            return;
        }
        usage[count++] = key;
    }
    if (hold > 60000)
        fputs("a key is held for a minute at most\n", m->out);
    else if (!monitor_keys_press(&m->pc->keys, usage, count, hold * 1000000))
        fputs("too many keys wait to be pressed\n", m->out);
}

MONITOR_COMMAND(mouse_move)
{
    const struct input *input = pc_input(m->pc);

    input->mouse(input->opaque, (int)a->arg[0].number, (int)a->arg[1].number, (int)a->arg[2].number,
                 m->pc->keys.buttons);
}

MONITOR_COMMAND(mouse_button)
{
    const struct input *input = pc_input(m->pc);
    u64 state = a->arg[0].number;

    m->pc->keys.buttons = (unsigned)((state & 1 ? INPUT_LEFT : 0) | (state & 2 ? INPUT_MIDDLE : 0) |
                                     (state & 4 ? INPUT_RIGHT : 0));
    input->mouse(input->opaque, 0, 0, 0, m->pc->keys.buttons);
}
