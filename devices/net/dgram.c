/* The back ends `socket` (mcast, udp) and `dgram`: a frame is a datagram, of UDP or of a Unix socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/net/netdev.h"
#include "devices/net/sockaddr.h"

#define BATCH 64 /* frames a poll takes at most */

struct dgram {
    struct netdev dev;
    int fd;
    bool has_to;
    struct net_address to; /* whom frames go to */
    bool group;            /* so what we send comes back: */
    u8 own[NET_MAC];       /* the card's address, as it was last seen */
    u8 frame[NET_FRAME_MAX];
};

static struct dgram *dgram_of(struct netdev *dev)
{
    return container_of(dev, struct dgram, dev);
}

static void dgram_wait(struct netdev *dev, struct pollset *set)
{
    if (net_room(&dev->port))
        pollset_add(set, dgram_of(dev)->fd, POLLIN);
}

static void dgram_poll(struct netdev *dev)
{
    struct dgram *d = dgram_of(dev);

    for (unsigned i = 0; i < BATCH && net_connected(&dev->port) && net_room(&dev->port); i++) {
        ssize_t n = recv(d->fd, d->frame, sizeof(d->frame), MSG_DONTWAIT);

        if (n < 0)
            break;
        if (d->group && n >= NET_HEADER && memcmp(d->frame + NET_MAC, d->own, NET_MAC) == 0)
            continue;
        net_send(&dev->port, d->frame, (size_t)n);
    }
}

static void dgram_look(void *opaque)
{
    struct dgram *d = opaque;

    dgram_poll(&d->dev);
}

/* What the host does not take is lost on the way. */
static void dgram_receive(void *opaque, const u8 *frame, size_t len)
{
    struct dgram *d = opaque;

    memcpy(d->own, frame + NET_MAC, NET_MAC);
    if (d->has_to)
        sendto(d->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&d->to.addr,
               d->to.len);
}

static const struct net_port_ops port_ops = {
    .receive = dgram_receive, .received = dgram_look, .can_send = dgram_look};

static int fail(const char *what, char *err, size_t err_len)
{
    snprintf(err, err_len, "cannot %s: %s", what, strerror(errno));
    return -1;
}

static int open_bound(struct dgram *d, const struct net_address *local, char *err, size_t err_len)
{
    d->fd = socket(local->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (d->fd < 0)
        return fail("open a socket", err, err_len);
    return net_address_bind(d->fd, local, err, err_len);
}

/* Machines of one host hear each other, which means that each hears itself. */
static int join_group(struct dgram *d, const struct netdev_spec *spec, char *err, size_t err_len)
{
    const struct sockaddr_in *group = (const struct sockaddr_in *)&d->to.addr;
    struct ip_mreq member = {.imr_multiaddr = group->sin_addr};
    u8 loop = 1;

    if (!IN_MULTICAST(ntohl(group->sin_addr.s_addr))) {
        snprintf(err, err_len, "mcast=%s is no group's address (224.0.0.0 to 239.255.255.255)",
                 spec->mcast);
        return -1;
    }
    if (spec->localaddr && inet_pton(AF_INET, spec->localaddr, &member.imr_interface) != 1) {
        snprintf(err, err_len, "localaddr=%s is no IPv4 address", spec->localaddr);
        return -1;
    }
    d->group = true;
    if (open_bound(d, &d->to, err, err_len) < 0)
        return -1;
    if (setsockopt(d->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)) < 0 ||
        setsockopt(d->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof(loop)) < 0)
        return fail("join the group", err, err_len);
    if (spec->localaddr && setsockopt(d->fd, IPPROTO_IP, IP_MULTICAST_IF, &member.imr_interface,
                                      sizeof(member.imr_interface)) < 0)
        return fail("send to the group", err, err_len);
    return 0;
}

static int start(struct dgram *d, const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct net_address local;
    int r;

    d->has_to = true;
    if (spec->mcast)
        return net_address_text(&d->to, spec->mcast, true, err, err_len) < 0
                   ? -1
                   : join_group(d, spec, err, err_len);
    if (spec->udp) {
        if (net_address_text(&d->to, spec->udp, false, err, err_len) < 0 ||
            net_address_text(&local, spec->localaddr, false, err, err_len) < 0)
            return -1;
        return open_bound(d, &local, err, err_len);
    }
    if (spec->remote_path)
        r = net_address_unix(&d->to, spec->remote_path, err, err_len);
    else if (spec->remote_port)
        r = net_address_inet(&d->to, spec->remote_host, spec->remote_port, false, err, err_len);
    else
        r = d->has_to = false;
    if (r == 0 && spec->local_path)
        r = net_address_unix(&local, spec->local_path, err, err_len);
    else if (r == 0)
        r = net_address_inet(&local, spec->local_host, spec->local_port, false, err, err_len);
    if (r < 0)
        return -1;
    return open_bound(d, &local, err, err_len);
}

static void dgram_close(struct netdev *dev)
{
    struct dgram *d = dgram_of(dev);

    if (d->fd >= 0)
        close(d->fd);
    free(d);
}

static const struct netdev_ops dgram_ops = {
    .wait = dgram_wait, .poll = dgram_poll, .close = dgram_close};

struct netdev *netdev_open_dgram(const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct dgram *d = calloc(1, sizeof(*d));

    if (!d) {
        snprintf(err, err_len, "the host has no memory for a network");
        return NULL;
    }
    d->fd = -1;
    d->dev.ops = &dgram_ops;
    net_port_init(&d->dev.port, &port_ops, d);
    if (start(d, spec, err, err_len) == 0)
        return &d->dev;
    dgram_close(&d->dev);
    return NULL;
}
