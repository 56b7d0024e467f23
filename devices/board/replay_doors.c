/* The doors of a machine that is recorded or replayed: where each kind of input is written down, and let in again. */
#include "devices/board/replay_event.h"

static size_t door_can_receive(void *opaque)
{
    struct serial_door *door = opaque;
    size_t room = door->replay->plays ? 0 : door->can_receive(door->opaque);

    return room < EVENT_DATA ? room : EVENT_DATA;
}

static void door_receive(void *opaque, const u8 *data, size_t len)
{
    struct serial_door *door = opaque;

    replay_record_event(door->replay, EVENT_SERIAL, (u8)door->port, data, len);
    door->receive(door->opaque, data, len);
}

static void door_break(void *opaque)
{
    struct serial_door *door = opaque;

    if (door->replay->plays)
        return;
    replay_record_event(door->replay, EVENT_BREAK, (u8)door->port, NULL, 0);
    door->send_break(door->opaque);
}

static void door_key(void *opaque, u8 usage, bool down)
{
    struct pc *pc = opaque;

    if (pc->config.replay->plays)
        return;
    replay_record_event(pc->config.replay, EVENT_KEY, down, &usage, 1);
    pc->input.key(pc->input.opaque, usage, down);
}

static void door_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct pc *pc = opaque;
    u8 data[12];

    if (pc->config.replay->plays)
        return;
    put32(data, (u32)dx);
    put32(data + 4, (u32)dy);
    put32(data + 8, (u32)dz);
    replay_record_event(pc->config.replay, EVENT_MOUSE, (u8)buttons, data, sizeof(data));
    pc->input.mouse(pc->input.opaque, dx, dy, dz, buttons);
}

bool replay_button(struct pc *pc, enum replay_button button)
{
    if (!pc->config.replay)
        return true;
    replay_record_event(pc->config.replay, EVENT_BUTTON, (u8)button, NULL, 0);
    return !pc->config.replay->plays;
}

void replay_attach(struct pc *pc)
{
    struct replay *replay = pc->config.replay;

    pc->user_input = pc->input;
    if (!replay)
        return;
    replay->pc = pc;
    pc->user_input = (struct input){door_key, door_mouse, pc};
    for (unsigned i = 0; i < PC_SERIALS; i++) {
        struct chr *chr = pc->config.serial[i];

        if (!chr)
            continue;
        replay->door[i] = (struct serial_door){
            replay, i, chr->can_receive, chr->receive, chr->send_break, chr->opaque};
        /* can_send has the UART's opaque: under CLOCK_INSN the machine waits for room instead. */
        chr->can_receive = door_can_receive;
        chr->receive = door_receive;
        chr->send_break = door_break;
        chr->can_send = NULL;
        chr->opaque = &replay->door[i];
    }
}

void replay_enter(struct pc *pc, const struct event *e)
{
    struct serial_door *door = &pc->config.replay->door[e->arg % PC_SERIALS];

    switch ((enum event_kind)e->kind) {
    case EVENT_END: pc_quit(pc, e->arg); break;
    case EVENT_SERIAL:
        if (door->receive && door->can_receive(door->opaque) >= e->len)
            door->receive(door->opaque, e->data, e->len);
        else
            replay_differs(pc, "a serial port has no room for what came");
        break;
    case EVENT_BREAK:
        if (door->send_break)
            door->send_break(door->opaque);
        break;
    case EVENT_KEY: pc->input.key(pc->input.opaque, e->data[0], e->arg); break;
    case EVENT_MOUSE:
        pc->input.mouse(pc->input.opaque, (i32)get32(e->data), (i32)get32(e->data + 4),
                        (i32)get32(e->data + 8), e->arg);
        break;
    case EVENT_BUTTON: pc_press(pc, (enum replay_button)e->arg); break;
    case EVENT_DIGEST:
    case EVENT_KINDS: break;
    }
}
