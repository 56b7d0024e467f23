/* The back end `tap`: an interface of the host's kernel, made, taken over or handed to us.
 *
 * A script may set the interface up, called with its name; without one the interface is used as it is, so that a user who
 * owns one needs no rights. Where the kernel has headers for frames (IFF_VNET_HDR), TCP streams pass in frames of up to
 * 64 KiB, which are cut and merged here (gso.h): cards and guests see what a wire carries. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/net/gso.h"
#include "devices/net/netdev.h"

#define DEVICE "/dev/net/tun"
#define BATCH  64 /* frames of the kernel's that a poll takes at most */

/* What the kernel may leave to us, the most first: sums and large frames of a guest's peer on this host. */
static const unsigned offloads[] = {TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN,
                                    TUN_F_CSUM, 0};

struct tap {
    struct netdev dev;
    int fd;
    char ifname[IFNAMSIZ];
    const char *downscript;
    bool has_header; /* a virtio_net_hdr stands before each frame */
    struct gso_split in;
    struct gso_merge out;
    u8 frame[GSO_FRAME_MAX]; /* in's */
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

/* Takes a frame from the kernel. False: there is none. One that cannot be is lost, like one too long. */
static bool take_frame(struct tap *tap)
{
    struct virtio_net_hdr header = {0};
    struct iovec v[] = {{&header, tap->has_header ? sizeof(header) : 0},
                        {tap->frame, sizeof(tap->frame)}};
    ssize_t n = readv(tap->fd, v, 2), len = n - (ssize_t)v[0].iov_len;

    if (len <= 0)
        return false;
    if ((size_t)len == sizeof(tap->frame) ||
        !gso_split_begin(&tap->in, &header, tap->frame, (size_t)len))
        tap->in.at = tap->in.len;
    return true;
}

static void tap_poll(struct netdev *dev)
{
    struct tap *tap = tap_of(dev);
    const u8 *frame;
    size_t len;

    for (unsigned taken = 0; net_connected(&dev->port) && net_room(&dev->port);) {
        frame = gso_split_next(&tap->in, &len);
        if (frame)
            net_send(&dev->port, frame, len);
        else if (taken++ == BATCH || !take_frame(tap))
            break;
    }
}

/* The kernel's queue being full is a frame lost on the way. */
static void put_frame(struct tap *tap, struct virtio_net_hdr *header, const u8 *frame, size_t len)
{
    struct iovec v[] = {{header, tap->has_header ? sizeof(*header) : 0},
                        {(u8 *)(uintptr_t)frame, len}};
    ssize_t n = writev(tap->fd, v, 2);

    (void)n;
}

static void put_merged(struct tap *tap)
{
    struct virtio_net_hdr header;
    size_t len;
    const u8 *frame = gso_merge_take(&tap->out, &header, &len);

    if (frame)
        put_frame(tap, &header, frame, len);
}

static void tap_receive(void *opaque, const u8 *frame, size_t len)
{
    struct tap *tap = tap_of(opaque);
    struct virtio_net_hdr header = {0};

    if (tap->has_header && gso_merge_add(&tap->out, frame, len))
        return;
    put_merged(tap);
    if (!tap->has_header || !gso_merge_add(&tap->out, frame, len))
        put_frame(tap, &header, frame, len);
}

static void tap_received(void *opaque)
{
    put_merged(tap_of(opaque));
    tap_poll(opaque);
}

static void tap_can_send(void *opaque)
{
    tap_poll(opaque);
}

static const struct net_port_ops port_ops = {
    .receive = tap_receive, .received = tap_received, .can_send = tap_can_send};

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

/* Frames of an interface with headers: their size, and what may be left to us. 0 or -errno. */
static int choose_headers(struct tap *tap)
{
    int size = sizeof(struct virtio_net_hdr);

    if (ioctl(tap->fd, TUNSETVNETHDRSZ, &size) < 0)
        return -errno;
    for (unsigned i = 0; i < ARRAY_SIZE(offloads); i++)
        if (ioctl(tap->fd, TUNSETOFFLOAD, offloads[i]) == 0)
            return 0;
    return -errno;
}

/* Takes the interface of that name, with headers if the kernel has them. A name with %d is a new one. */
static int take_interface(struct tap *tap, struct ifreq *request)
{
    char name[IFNAMSIZ];

    memcpy(name, request->ifr_name, sizeof(name));
    request->ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(tap->fd, TUNSETIFF, request) == 0) {
        tap->has_header = true;
        return choose_headers(tap) == 0 ? 0 : -1;
    }
    memcpy(request->ifr_name, name, sizeof(name));
    request->ifr_flags = IFF_TAP | IFF_NO_PI;
    return ioctl(tap->fd, TUNSETIFF, request);
}

static int open_device(struct tap *tap, const char *ifname, char *err, size_t err_len)
{
    struct ifreq request = {0};

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
    if (take_interface(tap, &request) < 0) {
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
    struct ifreq request = {0};
    int r;

    if (ioctl(tap->fd, TUNGETIFF, &request) < 0)
        return 0; /* something else that takes a frame at a time */
    if (!(request.ifr_flags & IFF_TAP)) {
        snprintf(err, err_len, "fd=%d is a tun interface: its packets are no frames; give a tap",
                 tap->fd);
        return -1;
    }
    tap->has_header = request.ifr_flags & IFF_VNET_HDR;
    r = tap->has_header ? choose_headers(tap) : 0;
    if (r < 0)
        snprintf(err, err_len, "fd=%d: cannot choose its headers: %s", tap->fd, strerror(-r));
    return r;
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
