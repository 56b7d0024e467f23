/* A run's networks: back ends, hubs and dumps, and which card's cable leads where. */
#ifndef PAGEWALK_NETWORK_H
#define PAGEWALK_NETWORK_H

#include "boot/optnet_option.h"
#include "boot/sandbox.h"
#include "devices/net/hub.h"
#include "devices/net/pcap.h"

struct network {
    struct netdev *dev[PC_NETDEVS]; /* NULL: a hub's port */
    struct net_port *port[PC_NETDEVS];
    struct net_hub hub[PC_NETDEVS];
    struct pcap *dump[OPT_DUMPS];
    struct pc_net_config config; /* for the machine */
};

/* Opens what the options say; with `idle`, back ends that do nothing in its place: a replay has all frames. 0, or -1 with a one-line reason; network_close() in either case. */
int network_open(struct network *network, const struct net_options *options, bool idle, char *err,
                 size_t err_len);
void network_close(struct network *network);

/* What of the host's the sandbox must leave open while networks run. */
struct sandbox_network network_sandbox(const struct net_options *options);
/* A back end that starts programs, which no sandbox lets happen; NULL: none does. */
const char *network_starts_programs(const struct net_options *options);

#endif
