/* The doors of a machine that is recorded or replayed: where each kind of input is written down, and let in again. */
#include "devices/board/replay_event.h"

#include <stdio.h>
#include <string.h>

#include "devices/block/block.h"
#include "devices/board/pc_media.h"
#include "devices/board/pc_state.h"

static size_t door_can_receive(void *opaque)
{
    struct serial_door *door = opaque;
    size_t room = replay_is_shut(door->replay) ? 0 : door->can_receive(door->opaque);

    return room < EVENT_SERIAL_DATA ? room : EVENT_SERIAL_DATA;
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

    if (replay_is_shut(door->replay))
        return;
    replay_record_event(door->replay, EVENT_BREAK, (u8)door->port, NULL, 0);
    door->send_break(door->opaque);
}

static void door_key(void *opaque, u8 usage, bool down)
{
    struct pc *pc = opaque;

    if (replay_is_shut(pc->config.replay))
        return;
    replay_record_event(pc->config.replay, EVENT_KEY, down, &usage, 1);
    pc->input.key(pc->input.opaque, usage, down);
}

static void door_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct pc *pc = opaque;
    u8 data[12];

    if (replay_is_shut(pc->config.replay))
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
    return !replay_is_shut(pc->config.replay);
}

/* Networks. */

static u8 number_of(struct pc *pc, const struct net_door *door)
{
    return (u8)(door - pc->net.door);
}

static void frame_enters(struct net_door *door, const u8 *frame, size_t len)
{
    struct pc *pc = door->opaque;

    replay_record_event(pc->config.replay, EVENT_FRAME, number_of(pc, door), frame, len);
}

static void link_changes(struct net_door *door, bool up)
{
    struct pc *pc = door->opaque;
    u8 data = up;

    replay_record_event(pc->config.replay, EVENT_LINK, number_of(pc, door), &data, 1);
}

void replay_net_door(struct pc *pc, struct net_door *door)
{
    door->enters = frame_enters;
    door->link = link_changes;
    door->opaque = pc;
}

/* The idle back end says it, and the door is opened, as it was in the recorded machine. In the past the back end stays in
 * the present, and what waits in the door comes there. */
static void enter_network(struct pc *pc, const struct event *e)
{
    struct net_port *port;

    if (e->arg >= pc->net.doors || (e->kind == EVENT_LINK && e->len != 1)) {
        replay_differs(pc, "it has not that network");
        return;
    }
    if (history_is_behind(pc)) {
        if (e->kind == EVENT_LINK)
            net_door_link_again(&pc->net.door[e->arg], e->data[0]);
        else
            net_door_again(&pc->net.door[e->arg], e->data, e->len);
        return;
    }
    port = &pc->config.net.dev[e->arg]->port;
    if (e->kind == EVENT_LINK)
        net_set_link(port, e->data[0]);
    else
        net_send(port, e->data, e->len);
    net_door_turn(&pc->net.door[e->arg]);
}

/* The monitor is the debugger's, too: what it does to a machine that is in its past makes another way from there. */
static void monitor_enters(struct pc *pc)
{
    if (!pc->config.replay->plays && history_is_behind(pc))
        history_change(pc);
}

void replay_set_link(struct pc *pc, unsigned card, bool up)
{
    u8 data = up;

    if (pc->config.replay) {
        monitor_enters(pc);
        replay_record_event(pc->config.replay, EVENT_CARD, (u8)card, &data, 1);
    }
    net_set_link(pc_nic_port(&pc->net.nic[card]), up);
}

/* Ports, by the monitor. */

#define PORT_WRITTEN 0x80u

bool replay_port(struct pc *pc, u16 port, unsigned size, const u32 *value)
{
    u8 data[6];

    if (!pc->config.replay)
        return true;
    monitor_enters(pc);
    put16(data, port);
    put32(data + 2, value ? *value : 0);
    replay_record_event(pc->config.replay, EVENT_PORT, (u8)(size | (value ? PORT_WRITTEN : 0)),
                        data, sizeof(data));
    return !pc->config.replay->plays;
}

static void enter_port(struct pc *pc, const struct event *e)
{
    unsigned size = e->arg & ~PORT_WRITTEN;

    if (e->len != 6 || (size != 1 && size != 2 && size != 4))
        return;
    if (e->arg & PORT_WRITTEN)
        ioport_write(&pc->bus, get16(e->data), get32(e->data + 2), size);
    else
        ioport_read(&pc->bus, get16(e->data), size);
}

/* Media: sectors and stamp, 8 bytes each; MEDIUM_* flags; the image's format and path, each ended by a zero byte. A path
 * that is empty takes out what is there. */
#define MEDIUM_FORCE     0x01
#define MEDIUM_READ_ONLY 0x02

#define MEDIUM_TEXTS 17
#define MEDIUM_MAX   8192

bool replay_medium(struct pc *pc, unsigned unit, const struct block *block,
                   const struct pc_medium *medium, bool force)
{
    const char *format = medium && medium->format ? medium->format : "";
    u8 data[MEDIUM_MAX] = {0};
    int n;

    if (!pc->config.replay)
        return true;
    if (block) {
        put64(data, block->sectors);
        put64(data + 8, pc_medium_stamp(block));
    }
    data[16] = (force ? MEDIUM_FORCE : 0) | (medium && medium->read_only ? MEDIUM_READ_ONLY : 0);
    n = snprintf((char *)data + MEDIUM_TEXTS, sizeof(data) - MEDIUM_TEXTS, "%s%c%s", format, 0,
                 medium ? medium->path : "");
    if (n < 0 || n >= MEDIUM_MAX - MEDIUM_TEXTS)
        return false;
    monitor_enters(pc);
    replay_record_event(pc->config.replay, EVENT_MEDIUM, (u8)unit, data,
                        MEDIUM_TEXTS + (size_t)n + 1);
    return !pc->config.replay->plays;
}

/* The host closes what it has opened for nothing. */
static void forget_medium(struct pc *pc, unsigned unit)
{
    pc->config.media.moved(pc->config.media.opaque, unit, pc_media_in(pc, unit));
}

static void enter_medium(struct pc *pc, const struct event *e)
{
    const char *format = (const char *)e->data + MEDIUM_TEXTS, *path;
    const struct pc_media_host *host = &pc->config.media;
    struct block *block = NULL;
    char err[900] = "";

    if (e->len < MEDIUM_TEXTS + 2 || e->data[e->len - 1] != '\0' ||
        strlen(format) + 1 >= (size_t)e->len - MEDIUM_TEXTS || e->arg >= PC_FLOPPIES + PC_DRIVES ||
        !pc_media_is_there(pc, e->arg) || !host->open) {
        replay_differs(pc, "it has not that drive");
        return;
    }
    path = format + strlen(format) + 1;
    if (*path) {
        struct pc_medium medium = {path, *format ? format : NULL, e->data[16] & MEDIUM_READ_ONLY};

        block = host->open(host->opaque, e->arg, &medium, err, sizeof(err));
        if (block &&
            (block->sectors != get64(e->data) || pc_medium_stamp(block) != get64(e->data + 8)))
            snprintf(err, sizeof(err), "'%.800s' has changed since", path);
        if (err[0]) {
            if (block)
                forget_medium(pc, e->arg);
            replay_differs(pc, err);
            return;
        }
    }
    if (pc_media_insert(pc, e->arg, block, e->data[16] & MEDIUM_FORCE) < 0 && block)
        forget_medium(pc, e->arg);
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
    case EVENT_END:
        if (!pc_gdb_ended(pc))
            pc_quit(pc, e->arg);
        break;
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
    case EVENT_FRAME:
    case EVENT_LINK: enter_network(pc, e); break;
    case EVENT_CARD:
        if (e->arg < pc->net.nics && e->len == 1)
            net_set_link(pc_nic_port(&pc->net.nic[e->arg]), e->data[0]);
        break;
    case EVENT_MEDIUM: enter_medium(pc, e); break;
    case EVENT_PORT: enter_port(pc, e); break;
    case EVENT_DIGEST:
    case EVENT_HOLD:
    case EVENT_KINDS: break;
    }
}
