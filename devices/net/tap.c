/* The back end `tap`: an interface of the host's kernel, made, taken over or handed to us.
 *
 * A script may set the interface up, called with its name; without one the interface is used as it is, so that a user who
 * owns one needs no rights. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/net/netdev.h"

#define DEVICE "/dev/net/tun"
#define BATCH  64 /* frames a poll takes at most */

struct tap {
    struct netdev dev;
    int fd;
    char ifname[IFNAMSIZ];
    const char *downscript;
    bool has_header; /* a virtio_net_hdr stands before each frame */
    struct virtio_net_hdr header;
    u8 frame[NET_FRAME_MAX];
};

extern char **environ;

static struct tap *tap_of(struct netdev *dev)
{
    return container_of(dev, struct tap, dev);
}

static void tap_wait(struct netdev *dev, struct pollset *set)
{
    if (net_room(&dev->port))
        pollset_add(set, tap_of(dev)->fd, POLLIN);
}

/* A header that asks for nothing goes out; the one that comes says nothing, as no offload was asked for. */
static void vectors(struct tap *tap, u8 *frame, size_t len, struct iovec v[2])
{
    memset(&tap->header, 0, sizeof(tap->header));
    v[0] = (struct iovec){&tap->header, tap->has_header ? sizeof(tap->header) : 0};
    v[1] = (struct iovec){frame, len};
}

static void tap_poll(struct netdev *dev)
{
    struct tap *tap = tap_of(dev);

    for (unsigned i = 0; i < BATCH && net_connected(&dev->port) && net_room(&dev->port); i++) {
        struct iovec v[2];
        ssize_t n;

        vectors(tap, tap->frame, sizeof(tap->frame), v);
        n = readv(tap->fd, v, 2);
        if (n <= (ssize_t)v[0].iov_len)
            break;
        net_send(&dev->port, tap->frame, (size_t)n - v[0].iov_len);
    }
}

static void tap_look(void *opaque)
{
    tap_poll(opaque);
}

/* The kernel's queue being full is a frame lost on the way. */
static void tap_receive(void *opaque, const u8 *frame, size_t len)
{
    struct tap *tap = tap_of(opaque);
    struct iovec v[2];
    ssize_t n;

    vectors(tap, (u8 *)(uintptr_t)frame, len, v);
    n = writev(tap->fd, v, 2);
    (void)n;
}

static const struct net_port_ops port_ops = {
    .receive = tap_receive, .received = tap_look, .can_send = tap_look};

/* Runs `script IFNAME`; 0, or -1 with the reason. */
static int run_script(const char *script, const char *ifname, char *err, size_t err_len)
{
    char *argv[] = {(char *)(uintptr_t)script, (char *)(uintptr_t)ifname, NULL};
    int status, r;
    pid_t pid;

    r = posix_spawn(&pid, script, NULL, NULL, argv, environ);
    if (r != 0) {
        snprintf(err, err_len, "cannot start '%s': %s", script, strerror(r));
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    snprintf(err, err_len, "'%s %s' has failed", script, ifname);
    return -1;
}

static bool is_script(const char *script)
{
    return script && *script && strcmp(script, "no") != 0;
}

static int open_device(struct tap *tap, const char *ifname, char *err, size_t err_len)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    tap->fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap->fd < 0) {
        snprintf(err, err_len, "cannot open " DEVICE ": %s", strerror(errno));
        return -1;
    }
    if (ifname && strlen(ifname) >= sizeof(request.ifr_name)) {
        snprintf(err, err_len, "ifname=%s: no interface has so long a name", ifname);
        return -1;
    }
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname ? ifname : "tap%d");
    if (ioctl(tap->fd, TUNSETIFF, &request) < 0) {
        snprintf(err, err_len, "cannot take the interface '%s': %s",
                 ifname ? ifname : "of a new name", strerror(errno));
        return -1;
    }
    snprintf(tap->ifname, sizeof(tap->ifname), "%s", request.ifr_name);
    return 0;
}

/* What kind of interface a descriptor is. libvirt's have a header before each frame. 0, or -1 with the reason. */
static int ask_kind(struct tap *tap, char *err, size_t err_len)
{
    int size = sizeof(tap->header);
    struct ifreq request;

    memset(&request, 0, sizeof(request));
    if (ioctl(tap->fd, TUNGETIFF, &request) < 0)
        return 0; /* something else that takes a frame at a time */
    if (!(request.ifr_flags & IFF_TAP)) {
        snprintf(err, err_len, "fd=%d is a tun interface: its packets are no frames; give a tap",
                 tap->fd);
        return -1;
    }
    tap->has_header = request.ifr_flags & IFF_VNET_HDR;
    if (tap->has_header &&
        (ioctl(tap->fd, TUNSETVNETHDRSZ, &size) < 0 || ioctl(tap->fd, TUNSETOFFLOAD, 0) < 0)) {
        snprintf(err, err_len, "fd=%d: cannot choose its headers: %s", tap->fd, strerror(errno));
        return -1;
    }
    return 0;
}

/* A descriptor that whoever started us has opened. */
static int take_fd(struct tap *tap, const char *text, char *err, size_t err_len)
{
    char *end;
    long fd = strtol(text, &end, 10);
    int flags = *text && !*end && fd >= 0 && fd < 0x10000 ? fcntl((int)fd, F_GETFL) : -1;

    if (flags < 0) {
        snprintf(err, err_len, "fd=%s is no open descriptor", text);
        return -1;
    }
    tap->fd = (int)fd;
    fcntl(tap->fd, F_SETFL, flags | O_NONBLOCK);
    return ask_kind(tap, err, err_len);
}

static int start(struct tap *tap, const struct netdev_spec *spec, char *err, size_t err_len)
{
    if (spec->fd)
        return take_fd(tap, spec->fd, err, err_len);
    if (open_device(tap, spec->ifname, err, err_len) < 0)
        return -1;
    tap->downscript = is_script(spec->downscript) ? spec->downscript : NULL;
    return is_script(spec->script) ? run_script(spec->script, tap->ifname, err, err_len) : 0;
}

static void tap_close(struct netdev *dev)
{
    struct tap *tap = tap_of(dev);
    char err[256];

    if (tap->downscript && run_script(tap->downscript, tap->ifname, err, sizeof(err)) < 0)
        fprintf(stderr, "pagewalk: %s\n", err);
    if (tap->fd >= 0)
        close(tap->fd);
    free(tap);
}

static const struct netdev_ops tap_ops = {.wait = tap_wait, .poll = tap_poll, .close = tap_close};

struct netdev *netdev_open_tap(const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct tap *tap = calloc(1, sizeof(*tap));

    if (!tap) {
        snprintf(err, err_len, "the host has no memory for a network");
        return NULL;
    }
    tap->fd = -1;
    tap->dev.ops = &tap_ops;
    net_port_init(&tap->dev.port, &port_ops, &tap->dev);
    if (start(tap, spec, err, err_len) == 0)
        return &tap->dev;
    tap->downscript = NULL;
    tap_close(&tap->dev);
    return NULL;
}
