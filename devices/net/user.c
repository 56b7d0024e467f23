/* The back end `user`: a network of the guest's own behind the host's sockets, by libslirp, without any rights.
 *
 * The guest finds a gateway, which is the host, a DHCP server and a resolver, and reaches what the host reaches by TCP, UDP
 * and pings; connections in come only through hostfwd. Its clock is the guest's. Sockets are looked at at each poll of
 * the board and behind the frames that the guest has sent, while its queue has room: then TCP's windows do the rest. */
#include "devices/net/netdev.h"

#ifdef PAGEWALK_SLIRP

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libslirp.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/net/reassembly.h"
#include "devices/net/user_config.h"

#define NS_PER_MS 1000000ull
#define FORWARD   4096 /* bytes at a time to a guestfwd */

struct slirp_timer {
    SlirpTimerCb fn;
    void *opaque;
    i64 at_ms; /* -1: not set */
};

/* A port of the guest's network that is a connection of ours. */
struct forward {
    struct user *user;
    struct in_addr server;
    u16 port;
    int fd; /* -1: gone */
};

struct user {
    struct netdev dev;
    Slirp *slirp;
    struct slirp_timer timer; /* router advertisements: the one that there is */
    struct pollset set;
    struct forward forward[NETDEV_LIST];
    unsigned forwards;
    struct reassembly reassembly;
};

static struct user *user_of(struct netdev *dev)
{
    return container_of(dev, struct user, dev);
}

/* What libslirp calls. */

static ssize_t slirp_send(const void *frame, size_t len, void *opaque)
{
    struct user *user = opaque;

    net_send(&user->dev.port, frame, len);
    return (ssize_t)len;
}

static void slirp_guest_error(const char *message, void *opaque)
{
    (void)message, (void)opaque;
}

static i64 now_ns(const struct user *user)
{
    return user->dev.port.clock ? (i64)clock_now(user->dev.port.clock) : 0;
}

static i64 slirp_now(void *opaque)
{
    return now_ns(opaque);
}

static void *slirp_timer_new(SlirpTimerCb fn, void *fn_opaque, void *opaque)
{
    struct user *user = opaque;

    user->timer = (struct slirp_timer){fn, fn_opaque, -1};
    return &user->timer;
}

static void slirp_timer_free(void *timer, void *opaque)
{
    (void)opaque;
    ((struct slirp_timer *)timer)->at_ms = -1;
}

static void slirp_timer_mod(void *timer, i64 at_ms, void *opaque)
{
    (void)opaque;
    ((struct slirp_timer *)timer)->at_ms = at_ms;
}

static void slirp_fd(int fd, void *opaque)
{
    (void)fd, (void)opaque;
}

static void slirp_notify(void *opaque)
{
    (void)opaque; /* the next poll is never far */
}

static const SlirpCb callbacks = {
    .send_packet = slirp_send,
    .guest_error = slirp_guest_error,
    .clock_get_ns = slirp_now,
    .timer_new = slirp_timer_new,
    .timer_free = slirp_timer_free,
    .timer_mod = slirp_timer_mod,
    .register_poll_fd = slirp_fd,
    .unregister_poll_fd = slirp_fd,
    .notify = slirp_notify,
};

/* Its descriptors. */

static const struct {
    int slirp;
    short poll;
} events[] = {{SLIRP_POLL_IN, POLLIN},
              {SLIRP_POLL_OUT, POLLOUT},
              {SLIRP_POLL_PRI, POLLPRI},
              {SLIRP_POLL_ERR, POLLERR},
              {SLIRP_POLL_HUP, POLLHUP}};

static int add_poll(int fd, int wanted, void *opaque)
{
    short poll_events = 0;

    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        if (wanted & events[i].slirp)
            poll_events |= events[i].poll;
    return pollset_add(opaque, fd, poll_events);
}

static int get_revents(int index, void *opaque)
{
    struct pollset *set = opaque;
    int ready = 0;

    if (index < 0 || (unsigned)index >= set->count)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        if (set->fd[index].revents & events[i].poll)
            ready |= events[i].slirp;
    return ready;
}

static void add_forwards(struct user *user, struct pollset *set)
{
    for (unsigned i = 0; i < user->forwards; i++) {
        struct forward *f = &user->forward[i];

        if (f->fd >= 0 && slirp_socket_can_recv(user->slirp, f->server, f->port))
            pollset_add(set, f->fd, POLLIN);
    }
}

static void user_wait(struct netdev *dev, struct pollset *set)
{
    struct user *user = user_of(dev);
    u32 ms = UINT32_MAX;

    if (!net_room(&dev->port))
        return;
    slirp_pollfds_fill(user->slirp, &ms, add_poll, set);
    add_forwards(user, set);
    if (user->timer.at_ms >= 0) {
        i64 left = user->timer.at_ms - now_ns(user) / (i64)NS_PER_MS;

        if (left < (i64)ms)
            ms = left > 0 ? (u32)left : 0;
    }
    if (ms != UINT32_MAX && ms * NS_PER_MS < set->ns)
        set->ns = ms * NS_PER_MS;
}

static void poll_timer(struct user *user)
{
    struct slirp_timer *timer = &user->timer;

    if (timer->at_ms < 0 || timer->at_ms > now_ns(user) / (i64)NS_PER_MS)
        return;
    timer->at_ms = -1;
    timer->fn(timer->opaque);
}

static void poll_forward(struct user *user, struct forward *f)
{
    size_t room = f->fd < 0 ? 0 : slirp_socket_can_recv(user->slirp, f->server, f->port);
    u8 data[FORWARD];
    ssize_t n;

    if (!room)
        return;
    n = recv(f->fd, data, room < sizeof(data) ? room : sizeof(data), MSG_DONTWAIT);
    if (n > 0) {
        slirp_socket_recv(user->slirp, f->server, f->port, data, (int)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(f->fd);
        f->fd = -1;
    }
}

static void user_poll(struct netdev *dev)
{
    struct user *user = user_of(dev);
    u32 ms = 0;
    int ready;

    if (!net_connected(&dev->port) || !net_room(&dev->port))
        return;
    pollset_clear(&user->set);
    slirp_pollfds_fill(user->slirp, &ms, add_poll, &user->set);
    ready = pollset_look(&user->set);
    slirp_pollfds_poll(user->slirp, ready < 0, get_revents, &user->set);
    for (unsigned i = 0; i < user->forwards; i++)
        poll_forward(user, &user->forward[i]);
    poll_timer(user);
}

/* The guest's frames. */

/* Also one with the flag that is reserved, which libslirp takes for a fragment. */
static bool is_fragment(const u8 *frame, size_t len)
{
    return len >= NET_HEADER + 8 && frame[12] == 0x08 && frame[13] == 0x00 &&
           ((frame[NET_HEADER + 6] & 0xbf) || frame[NET_HEADER + 7]);
}

/* libslirp 4.7 never gets fragments: its reassembly follows pointers into packets, and a guest that sends fragments at random
 * crashes it. */
static void user_receive(void *opaque, const u8 *frame, size_t len)
{
    struct user *user = opaque;

    if (is_fragment(frame, len))
        frame = reassembly_add(&user->reassembly, frame, len, (u64)now_ns(user), &len);
    if (frame)
        slirp_input(user->slirp, frame, (int)len);
}

/* At once: an acknowledgement lets more through, and what was sent has an answer soon. */
static void user_look(void *opaque)
{
    struct user *user = opaque;

    user_poll(&user->dev);
}

static const struct net_port_ops port_ops = {
    .receive = user_receive,
    .received = user_look,
    .can_send = user_look,
};

static ssize_t forward_write(const void *data, size_t len, void *opaque)
{
    struct forward *f = opaque;

    return f->fd < 0 ? (ssize_t)len : send(f->fd, data, len, MSG_NOSIGNAL);
}

/* Opening. */

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int fd = -1;

    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static int add_guestfwd(struct user *user, const char *text, const struct user_network *n,
                        char *err, size_t err_len)
{
    struct user_guestfwd fwd;
    struct forward *f;

    if (user_parse_guestfwd(text, n, &fwd, err, err_len) < 0)
        return -1;
    if (fwd.command) {
        if (slirp_add_exec(user->slirp, fwd.command, &fwd.server, fwd.port) == 0)
            return 0;
    } else {
        f = &user->forward[user->forwards];
        *f = (struct forward){user, fwd.server, fwd.port, connect_to(fwd.to_host, fwd.to_port)};
        if (f->fd < 0) {
            snprintf(err, err_len, "guestfwd=%s: cannot connect to %s:%s: %s", text, fwd.to_host,
                     fwd.to_port, errno ? strerror(errno) : "no such host");
            return -1;
        }
        user->forwards++;
        if (slirp_add_guestfwd(user->slirp, forward_write, f, &fwd.server, fwd.port) == 0)
            return 0;
    }
    snprintf(err, err_len, "guestfwd=%s: that address and port are taken", text);
    return -1;
}

static int add_hostfwd(struct user *user, const char *text, const struct user_network *n, char *err,
                       size_t err_len)
{
    struct user_hostfwd fwd;

    if (user_parse_hostfwd(text, n, &fwd, err, err_len) < 0)
        return -1;
    if (slirp_add_hostfwd(user->slirp, fwd.udp, fwd.host, fwd.host_port, fwd.guest,
                          fwd.guest_port) == 0)
        return 0;
    snprintf(err, err_len, "hostfwd=%s: the host does not let this port be opened: %s", text,
             strerror(errno));
    return -1;
}

static int start(struct user *user, const struct netdev_user *spec, char *err, size_t err_len)
{
    struct user_network n;
    SlirpConfig config = {
        .version = 1,
        .restricted = spec->restricted,
        .in_enabled = !spec->ipv4_off,
        .in6_enabled = !spec->ipv6_off,
        .vprefix_len = 64,
        .vhostname = spec->hostname,
        .tftp_server_name = spec->tftp_server,
        .tftp_path = spec->tftp,
        .bootfile = spec->bootfile,
        .vdnssearch = spec->dnssearch_count ? (const char **)(uintptr_t)spec->dnssearch : NULL,
        .vdomainname = spec->domainname,
    };

    if (user_parse_network(spec, &n, err, err_len) < 0)
        return -1;
    if (spec->tftp && access(spec->tftp, R_OK | X_OK) < 0) {
        snprintf(err, err_len, "tftp=%s: %s", spec->tftp, strerror(errno));
        return -1;
    }
    config.vnetwork = n.net;
    config.vnetmask = n.mask;
    config.vhost = n.host;
    config.vdhcp_start = n.dhcp;
    config.vnameserver = n.dns;
    inet_pton(AF_INET6, "fec0::", &config.vprefix_addr6);
    inet_pton(AF_INET6, "fec0::2", &config.vhost6);
    inet_pton(AF_INET6, "fec0::3", &config.vnameserver6);
    user->slirp = slirp_new(&config, &callbacks, user);
    if (!user->slirp) {
        snprintf(err, err_len, "libslirp does not start");
        return -1;
    }
    for (unsigned i = 0; i < spec->hostfwd_count; i++)
        if (add_hostfwd(user, spec->hostfwd[i], &n, err, err_len) < 0)
            return -1;
    for (unsigned i = 0; i < spec->guestfwd_count; i++)
        if (add_guestfwd(user, spec->guestfwd[i], &n, err, err_len) < 0)
            return -1;
    return 0;
}

static void user_close(struct netdev *dev)
{
    struct user *user = user_of(dev);

    for (unsigned i = 0; i < user->forwards; i++)
        if (user->forward[i].fd >= 0)
            close(user->forward[i].fd);
    if (user->slirp)
        slirp_cleanup(user->slirp);
    pollset_free(&user->set);
    reassembly_free(&user->reassembly);
    free(user);
}

static int user_forward(struct netdev *dev, const char *rule, bool add, char *err, size_t err_len)
{
    struct user *user = user_of(dev);
    struct user_network n;
    struct user_hostfwd fwd;

    if (user_parse_network(&dev->spec->user, &n, err, err_len) < 0)
        return -1;
    if (add) {
        dev->answers = false;
        return add_hostfwd(user, rule, &n, err, err_len);
    }
    if (user_parse_hostport(rule, &fwd, err, err_len) < 0)
        return -1;
    if (slirp_remove_hostfwd(user->slirp, fwd.udp, fwd.host, fwd.host_port) == 0)
        return 0;
    snprintf(err, err_len, "host forwarding rule for %s not found", rule);
    return -1;
}

/* libslirp allocates it as g_malloc() does, which is malloc(). */
static char *user_connections(struct netdev *dev)
{
    return slirp_connection_info(user_of(dev)->slirp);
}

static const struct netdev_ops user_ops = {user_wait, user_poll, user_close, user_forward,
                                           user_connections};

struct netdev *netdev_open_user(const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct user *user = calloc(1, sizeof(*user));

    if (!user) {
        snprintf(err, err_len, "the host has no memory for a network");
        return NULL;
    }
    user->dev.ops = &user_ops;
    user->timer.at_ms = -1;
    net_port_init(&user->dev.port, &port_ops, user);
    if (start(user, &spec->user, err, err_len) == 0)
        return &user->dev;
    user_close(&user->dev);
    return NULL;
}

const char *netdev_user_version(void)
{
    return slirp_version_string();
}

#else

#include <stdio.h>

struct netdev *netdev_open_user(const struct netdev_spec *spec, char *err, size_t err_len)
{
    (void)spec;
    snprintf(err, err_len, "this build has no user network: libslirp was not there");
    return NULL;
}

const char *netdev_user_version(void)
{
    return NULL;
}

#endif
