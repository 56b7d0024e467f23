/* A hub: what one of its ports receives goes out of all others. */
#include "devices/net/hub.h"

#include <string.h>

static void hub_receive(void *opaque, const u8 *frame, size_t len)
{
    struct net_hub_port *from = opaque;
    struct net_hub *hub = from->hub;

    for (unsigned i = 0; i < hub->ports; i++)
        if (&hub->port[i] != from)
            net_send(&hub->port[i].port, frame, len);
}

/* The slowest decides, while it is there. */
static bool hub_has_room(void *opaque, size_t len)
{
    struct net_hub_port *from = opaque;
    struct net_hub *hub = from->hub;
    bool room = true;

    (void)len;
    for (unsigned i = 0; i < hub->ports; i++)
        if (&hub->port[i] != from && !net_room(&hub->port[i].port))
            room = false;
    return room;
}

static void hub_can_send(void *opaque)
{
    struct net_hub *hub = ((struct net_hub_port *)opaque)->hub;

    for (unsigned i = 0; i < hub->ports; i++)
        net_flush(&hub->port[i].port);
}

static const struct net_port_ops hub_ops = {
    .has_room = hub_has_room,
    .receive = hub_receive,
    .can_send = hub_can_send,
};

void net_hub_init(struct net_hub *hub)
{
    memset(hub, 0, sizeof(*hub));
}

struct net_port *net_hub_add(struct net_hub *hub)
{
    struct net_hub_port *port = &hub->port[hub->ports];

    if (hub->ports == NET_HUB_PORTS)
        return NULL;
    hub->ports++;
    port->hub = hub;
    net_port_init(&port->port, &hub_ops, port);
    return &port->port;
}
