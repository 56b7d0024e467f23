/* Network back ends: where a card's frames go on the host, as -netdev and its kin say it.
 *
 * A back end never blocks the machine: it is looked at between slices of the guest, and the machine's sleeps end when one
 * of its descriptors is ready. It outlives the machine that it is connected to. */
#ifndef PAGEWALK_NETDEV_H
#define PAGEWALK_NETDEV_H

#include "devices/base/pollset.h"
#include "devices/net/net.h"

#define NETDEV_LIST 16 /* values of a key that may be repeated */

enum netdev_kind {
    NETDEV_NONE, /* a cable that ends nowhere */
    NETDEV_USER,
    NETDEV_TAP,
    NETDEV_SOCKET,
    NETDEV_DGRAM,
    NETDEV_STREAM,
    NETDEV_SCRIPT,
    NETDEV_HUBPORT,
    NETDEV_KINDS
};

struct netdev_user {
    bool restricted, ipv4_off, ipv6_off;
    const char *net, *host, *dhcp_start, *dns; /* NULL: 10.0.2.0/24, .2, .15, .3 */
    const char *hostname, *domainname, *tftp, *tftp_server, *bootfile;
    const char *dnssearch[NETDEV_LIST + 1];
    const char *hostfwd[NETDEV_LIST], *guestfwd[NETDEV_LIST];
    unsigned dnssearch_count, hostfwd_count, guestfwd_count;
};

struct netdev_spec {
    enum netdev_kind kind;
    const char *id, *text; /* the option, as the user wrote it */
    struct netdev_user user;
    /* NETDEV_TAP: */
    const char *ifname, *script, *downscript, *fd;
    /* NETDEV_SOCKET: one of these, "[HOST]:PORT"; localaddr with mcast and udp. */
    const char *listen, *connect, *mcast, *udp, *localaddr;
    /* NETDEV_DGRAM; NETDEV_STREAM has only the remote ones, where it connects to or, with server, listens. */
    const char *local_host, *local_port, *local_path, *remote_host, *remote_port, *remote_path;
    bool server;
    const char *file;  /* NETDEV_SCRIPT: the frames */
    int hub;           /* NETDEV_HUBPORT */
    bool on_hub;       /* -net's: at hub 0 */
    bool taken;        /* somebody is connected to it */
    const char *other; /* NETDEV_HUBPORT: another back end at that port of the hub; NULL: none */
};

struct netdev;

struct netdev_ops {
    /* Descriptors and time to wait for; may be NULL. */
    void (*wait)(struct netdev *dev, struct pollset *set);
    void (*poll)(struct netdev *dev); /* takes what is there, never waiting; may be NULL */
    void (*close)(struct netdev *dev);
    /* Adds or removes a forwarding by a rule as hostfwd= has them; 0, or -1 with one line in err. NULL: it has none. */
    int (*forward)(struct netdev *dev, const char *rule, bool add, char *err, size_t err_len);
    /* Its connections as a table for people, to be freed; NULL: it knows none. */
    char *(*connections)(struct netdev *dev);
};

struct netdev {
    const struct netdev_ops *ops;
    const struct netdev_spec *spec; /* what it was opened by */
    struct net_port port;
    bool answers; /* nothing comes from it before something was sent to it */
};

/* Whether anything can come. */
static inline bool netdev_lives(const struct netdev *dev)
{
    return !dev->answers || dev->port.heard;
}

/* Any kind but NETDEV_NONE and NETDEV_HUBPORT. NULL with a one-line reason in err. */
struct netdev *netdev_open(const struct netdev_spec *spec, char *err, size_t err_len);

/* In the place of one whose frames come from a recording: it does nothing. */
struct netdev *netdev_open_idle(const struct netdev_spec *spec, char *err, size_t err_len);

struct netdev *netdev_open_user(const struct netdev_spec *spec, char *err, size_t err_len);
struct netdev *netdev_open_tap(const struct netdev_spec *spec, char *err, size_t err_len);
struct netdev *netdev_open_stream(const struct netdev_spec *spec, char *err, size_t err_len);
struct netdev *netdev_open_dgram(const struct netdev_spec *spec, char *err, size_t err_len);
struct netdev *netdev_open_script(const struct netdev_spec *spec, char *err, size_t err_len);

/* libslirp's version; NULL: this build has no user network. */
const char *netdev_user_version(void);

static inline void netdev_wait(struct netdev *dev, struct pollset *set)
{
    if (dev->ops->wait && netdev_lives(dev))
        dev->ops->wait(dev, set);
}

static inline void netdev_poll(struct netdev *dev)
{
    if (dev->ops->poll && netdev_lives(dev))
        dev->ops->poll(dev);
}

#endif
