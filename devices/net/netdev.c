/* Opens a network back end. */
#include "devices/net/netdev.h"

#include <stdio.h>
#include <stdlib.h>

static void opened_by(struct netdev *dev, const struct netdev_spec *spec)
{
    dev->spec = spec;
    dev->answers = spec->kind == NETDEV_USER && !spec->user.hostfwd_count;
}

static void idle_receive(void *opaque, const u8 *frame, size_t len)
{
    (void)opaque, (void)frame, (void)len;
}

static void idle_close(struct netdev *dev)
{
    free(dev);
}

struct netdev *netdev_open_idle(const struct netdev_spec *spec, char *err, size_t err_len)
{
    static const struct net_port_ops port_ops = {.receive = idle_receive};
    static const struct netdev_ops ops = {.close = idle_close};
    struct netdev *dev = calloc(1, sizeof(*dev));

    if (!dev) {
        snprintf(err, err_len, "the host has no memory for a network");
        return NULL;
    }
    dev->ops = &ops;
    opened_by(dev, spec);
    net_port_init(&dev->port, &port_ops, NULL);
    return dev;
}

static struct netdev *open_kind(const struct netdev_spec *spec, char *err, size_t err_len)
{
    switch (spec->kind) {
    case NETDEV_USER: return netdev_open_user(spec, err, err_len);
    case NETDEV_TAP: return netdev_open_tap(spec, err, err_len);
    case NETDEV_SOCKET:
        return spec->mcast || spec->udp ? netdev_open_dgram(spec, err, err_len)
                                        : netdev_open_stream(spec, err, err_len);
    case NETDEV_DGRAM: return netdev_open_dgram(spec, err, err_len);
    case NETDEV_STREAM: return netdev_open_stream(spec, err, err_len);
    case NETDEV_SCRIPT: return netdev_open_script(spec, err, err_len);
    case NETDEV_NONE:
    case NETDEV_HUBPORT:
    case NETDEV_KINDS: break;
    }
    BUG("network back end %d", (int)spec->kind);
}

struct netdev *netdev_open(const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct netdev *dev = open_kind(spec, err, err_len);

    if (dev)
        opened_by(dev, spec);
    return dev;
}
