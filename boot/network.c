/* A run's networks: back ends, hubs and dumps, and which card's cable leads where. */
#include "boot/network.h"

#include <stdio.h>
#include <string.h>

static struct net_port *hub_port(struct network *n, int hub, char *err, size_t err_len)
{
    struct net_port *port = net_hub_add(&n->hub[hub]);

    if (!port)
        snprintf(err, err_len, "hub %d has more than %d ports", hub, NET_HUB_PORTS);
    return port;
}

static int add_cable(struct network *n, struct net_port *a, struct net_port *b, char *err,
                     size_t err_len)
{
    struct pc_net_config *config = &n->config;

    if (config->cables == PC_CABLES) {
        snprintf(err, err_len, "more than %d cables between networks", PC_CABLES);
        return -1;
    }
    config->cable[config->cables].a = a;
    config->cable[config->cables++].b = b;
    return 0;
}

/* The port that a card's cable leads to: the back end's own, or a hub's. */
static int open_dev(struct network *n, unsigned i, const struct netdev_spec *spec, bool idle,
                    char *err, size_t err_len)
{
    struct net_port *port;
    char why[400];

    if (spec->kind == NETDEV_HUBPORT) {
        n->port[i] = hub_port(n, spec->hub, err, err_len);
        return n->port[i] ? 0 : -1;
    }
    n->dev[i] =
        idle ? netdev_open_idle(spec, why, sizeof(why)) : netdev_open(spec, why, sizeof(why));
    if (!n->dev[i]) {
        snprintf(err, err_len, "%s: %s", spec->text, why);
        return -1;
    }
    n->port[i] = &n->dev[i]->port;
    n->config.dev[n->config.devs++] = n->dev[i];
    if (!spec->on_hub)
        return 0;
    port = hub_port(n, 0, err, err_len);
    return port ? add_cable(n, port, n->port[i], err, err_len) : -1;
}

static int find(const struct net_options *o, const char *id)
{
    for (unsigned i = 0; i < o->devs; i++)
        if (strcmp(o->dev[i].id, id) == 0)
            return (int)i;
    BUG("no back end '%s'", id); /* optnet_resolve() has looked */
}

/* A hub with one card and one back end is but a longer cable. */
static bool shorten(struct network *n, const struct net_options *o)
{
    unsigned nics = 0, devs = 0, dev = 0, nic = 0;

    for (unsigned i = 0; i < o->nics; i++)
        if (o->nic[i].on_hub) {
            nics++;
            nic = i;
        }
    for (unsigned i = 0; i < o->devs; i++)
        if (o->dev[i].on_hub) {
            devs++;
            dev = i;
        } else if (o->dev[i].kind == NETDEV_HUBPORT && o->dev[i].hub == 0) {
            return false;
        }
    if (nics != 1 || devs != 1)
        return false;
    n->config.cables = 0;
    n->config.nic[nic].peer = n->port[dev];
    return true;
}

static int wire(struct network *n, const struct net_options *o, char *err, size_t err_len)
{
    for (unsigned i = 0; i < o->nics; i++) {
        n->config.nic[i] = o->nic[i].card;
        n->config.nic[i].peer = o->nic[i].netdev ? n->port[find(o, o->nic[i].netdev)] : NULL;
    }
    n->config.nics = o->nics;
    if (!shorten(n, o))
        for (unsigned i = 0; i < o->nics; i++) {
            if (!o->nic[i].on_hub)
                continue;
            n->config.nic[i].peer = hub_port(n, 0, err, err_len);
            if (!n->config.nic[i].peer)
                return -1;
        }
    for (unsigned i = 0; i < o->devs; i++)
        if (o->dev[i].other &&
            add_cable(n, n->port[i], n->port[find(o, o->dev[i].other)], err, err_len) < 0)
            return -1;
    return 0;
}

/* -net dump hears the first back end of hub 0, by which everything passes that leaves the machine. */
static int open_dumps(struct network *n, const struct net_options *o, char *err, size_t err_len)
{
    for (unsigned i = 0; i < o->dumps; i++) {
        int dev = -1;

        if (o->dump[i].netdev)
            dev = find(o, o->dump[i].netdev);
        for (unsigned j = 0; j < o->devs && dev < 0; j++)
            if (o->dev[j].on_hub)
                dev = (int)j;
        if (dev < 0) {
            snprintf(err, err_len, "-net dump: there is no -net to dump");
            return -1;
        }
        n->dump[i] = pcap_open(o->dump[i].file, o->dump[i].max, n->port[dev], err, err_len);
        if (!n->dump[i])
            return -1;
    }
    return 0;
}

int network_open(struct network *n, const struct net_options *o, bool idle, char *err,
                 size_t err_len)
{
    for (unsigned i = 0; i < ARRAY_SIZE(n->hub); i++)
        net_hub_init(&n->hub[i]);
    for (unsigned i = 0; i < o->devs; i++)
        if (open_dev(n, i, &o->dev[i], idle, err, err_len) < 0)
            return -1;
    return wire(n, o, err, err_len) < 0 || open_dumps(n, o, err, err_len) < 0 ? -1 : 0;
}

void network_close(struct network *n)
{
    for (unsigned i = 0; i < ARRAY_SIZE(n->dump); i++)
        pcap_close(n->dump[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(n->dev); i++)
        if (n->dev[i])
            n->dev[i]->ops->close(n->dev[i]);
    memset(n, 0, sizeof(*n));
}

struct sandbox_network network_sandbox(const struct net_options *o)
{
    struct sandbox_network network = {0};

    for (unsigned i = 0; i < o->devs; i++) {
        network.datagrams |= o->dev[i].kind == NETDEV_DGRAM || o->dev[i].mcast || o->dev[i].udp;
        if (o->dev[i].kind != NETDEV_USER)
            continue;
        network.sockets = true;
        if (o->dev[i].user.tftp && network.folders < SANDBOX_FOLDERS)
            network.folder[network.folders++] = o->dev[i].user.tftp;
    }
    return network;
}

const char *network_starts_programs(const struct net_options *o)
{
    for (unsigned i = 0; i < o->devs; i++) {
        const struct netdev_spec *d = &o->dev[i];

        for (unsigned j = 0; j < d->user.guestfwd_count; j++)
            if (strstr(d->user.guestfwd[j], "-cmd:"))
                return d->text;
        if (d->kind == NETDEV_TAP && d->downscript && strcmp(d->downscript, "no") != 0)
            return d->text;
    }
    return NULL;
}
