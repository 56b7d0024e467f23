/* A door between a back end and the board: frames go out as they come, and come in when it is opened.
 *
 * What goes out never waits for the back end, since the guest could tell: what that has no room for is lost. */
#include "devices/net/door.h"

static void inner_receive(void *opaque, const u8 *frame, size_t len)
{
    struct net_door *door = opaque;

    if (!door->inner.again)
        net_send(&door->outer, frame, len);
}

static void inner_can_send(void *opaque)
{
    net_flush(&((struct net_door *)opaque)->outer);
}

static const struct net_port_ops inner_ops = {.receive = inner_receive, .can_send = inner_can_send};

static bool outer_has_room(void *opaque, size_t len)
{
    struct net_door *door = opaque;

    (void)len;
    return door->open && net_room(&door->inner);
}

static void outer_receive(void *opaque, const u8 *frame, size_t len)
{
    struct net_door *door = opaque;

    if (door->enters)
        door->enters(door, frame, len);
    net_send(&door->inner, frame, len);
}

static const struct net_port_ops outer_ops = {.has_room = outer_has_room, .receive = outer_receive};

int net_door_init(struct net_door *door, struct net_port *back_end, struct clock *clock)
{
    *door = (struct net_door){0};
    net_port_init(&door->inner, &inner_ops, door);
    net_port_init(&door->outer, &outer_ops, door);
    return net_connect(&door->outer, back_end, clock);
}

void net_door_free(struct net_door *door)
{
    net_disconnect(&door->inner);
    net_disconnect(&door->outer);
}

void net_door_turn(struct net_door *door)
{
    bool up = door->outer.link;

    if (up == door->inner.link_down) {
        if (door->link)
            door->link(door, up);
        net_set_link(&door->inner, up);
    }
    if (!door->outer.used)
        return;
    door->open = true;
    net_deliver(&door->outer);
    door->open = false;
}

void net_door_behind(struct net_door *door, bool behind)
{
    door->inner.again = behind;
    if (behind || !door->outer.peer)
        return;
    net_hasten(&door->outer);
    net_hasten(door->outer.peer);
}

void net_door_again(struct net_door *door, const u8 *frame, size_t len)
{
    net_send(&door->inner, frame, len);
}

void net_door_link_again(struct net_door *door, bool up)
{
    net_set_link(&door->inner, up);
}

void net_door_drop(struct net_door *door)
{
    net_drop(&door->outer);
    net_drop(&door->inner);
    if (door->outer.peer)
        net_drop(door->outer.peer);
}
