/* The back end `script`: plays a file of frames at their times by the guest's clock, and hears nothing.
 *
 * The first frame comes at the time 0 of the machine, the others as far behind it as they are in the file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/net/netdev.h"
#include "devices/net/pcap.h"

struct script {
    struct netdev dev;
    FILE *file;
    bool swapped, ns, begun;
    u64 first, when; /* file's time of the first frame, and the machine's of the next */
    u64 looked;      /* at that time of the machine's */
    long begin;      /* of the frames in the file */
    size_t len;      /* the next frame; 0: there are no more */
    u8 frame[NET_FRAME_MAX];
};

static struct script *script_of(struct netdev *dev)
{
    return container_of(dev, struct script, dev);
}

static void next(struct script *s)
{
    u64 when = 0;

    s->len = pcap_read_frame(s->file, s->swapped, s->ns, s->frame, &when);
    if (!s->begun)
        s->first = when;
    s->begun = true;
    s->when = when > s->first ? when - s->first : 0;
}

/* The machine may have gone back: then it hears again what comes behind. */
static void follow(struct script *s, u64 now)
{
    if (now < s->looked && fseek(s->file, s->begin, SEEK_SET) == 0)
        do
            next(s);
        while (s->len && s->when <= now);
    s->looked = now;
}

static void script_poll(struct netdev *dev)
{
    struct script *s = script_of(dev);

    if (net_connected(&dev->port))
        follow(s, clock_now(dev->port.clock));
    while (s->len && net_connected(&dev->port) && clock_now(dev->port.clock) >= s->when &&
           net_room(&dev->port)) {
        net_send(&dev->port, s->frame, s->len);
        next(s);
    }
}

static void script_wait(struct netdev *dev, struct pollset *set)
{
    struct script *s = script_of(dev);
    u64 now = clock_now(dev->port.clock), left = s->when > now ? s->when - now : 0;

    if (s->len && left < set->ns)
        set->ns = left;
}

static void script_close(struct netdev *dev)
{
    struct script *s = script_of(dev);

    fclose(s->file);
    free(s);
}

static void script_receive(void *opaque, const u8 *frame, size_t len)
{
    (void)opaque, (void)frame, (void)len;
}

static const struct net_port_ops port_ops = {.receive = script_receive};
static const struct netdev_ops script_ops = {
    .wait = script_wait, .poll = script_poll, .close = script_close};

struct netdev *netdev_open_script(const struct netdev_spec *spec, char *err, size_t err_len)
{
    struct script *s = calloc(1, sizeof(*s));

    if (s)
        s->file = fopen(spec->file, "rbe");
    if (!s || !s->file) {
        snprintf(err, err_len, "cannot read '%s': %s", spec->file, strerror(errno));
        free(s);
        return NULL;
    }
    if (pcap_read_header(s->file, &s->swapped, &s->ns, err, err_len) < 0) {
        fclose(s->file);
        free(s);
        return NULL;
    }
    s->dev.ops = &script_ops;
    net_port_init(&s->dev.port, &port_ops, s);
    s->begin = ftell(s->file);
    next(s);
    return &s->dev;
}
