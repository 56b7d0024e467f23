/* A hub: what one of its ports receives goes out of all others. */
#ifndef PAGEWALK_NET_HUB_H
#define PAGEWALK_NET_HUB_H

#include "devices/net/net.h"

#define NET_HUB_PORTS 8

struct net_hub {
    struct net_hub_port {
        struct net_port port;
        struct net_hub *hub;
    } port[NET_HUB_PORTS];
    unsigned ports;
};

void net_hub_init(struct net_hub *hub);
/* One more port; NULL: there are no more. */
struct net_port *net_hub_add(struct net_hub *hub);

#endif
