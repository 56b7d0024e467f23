/* Ethernet between cards and back ends: queues of frames, link state, FCS. */
#include "devices/net/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH 4u          /* before each frame in a queue */
#define WRAP   0xffffffffu /* in place of a length: the next frame is at the queue's start */
#define ROOM   (20 * KIB) /* as much as net_room() promises: a jumbo frame and what wrapping wastes */

static u32 queue_step(size_t len)
{
    return (u32)(LENGTH + len + 3) & ~3u;
}

/* Where a frame of len bytes may go; NULL: there is no room. */
static u8 *queue_put(struct net_port *port, size_t len)
{
    u32 need = queue_step(len), left = NET_QUEUE - port->tail;
    u8 *at;

    if (need > left) { /* not in two pieces */
        if (port->used + left + need > NET_QUEUE)
            return NULL;
        if (left >= LENGTH)
            put32(port->queue + port->tail, WRAP);
        port->used += left;
        port->tail = 0;
    } else if (port->used + need > NET_QUEUE) {
        return NULL;
    }
    at = port->queue + port->tail;
    put32(at, (u32)len);
    port->tail += need;
    port->used += need;
    return at + LENGTH;
}

/* The oldest frame, which stays; NULL: there is none. */
static u8 *queue_first(struct net_port *port, size_t *len)
{
    u32 left = NET_QUEUE - port->head;

    if (!port->used)
        return NULL;
    if (left < LENGTH || get32(port->queue + port->head) == WRAP) {
        port->used -= left;
        port->head = 0;
    }
    *len = get32(port->queue + port->head);
    return port->queue + port->head + LENGTH;
}

static void queue_drop_first(struct net_port *port, size_t len)
{
    port->head += queue_step(len);
    port->used -= queue_step(len);
    if (!port->used)
        port->head = port->tail = 0;
}

static void wake_sender(struct net_port *port)
{
    struct net_port *sender = port->peer;

    if (!port->full || port->used + ROOM > NET_QUEUE)
        return;
    port->full = false;
    if (sender && sender->ops->can_send)
        sender->ops->can_send(sender->opaque);
}

void net_deliver(struct net_port *port)
{
    bool any = false;
    size_t len;
    u8 *frame;

    while (port->peer && (frame = queue_first(port, &len)) != NULL) {
        if (port->ops->has_room && !port->ops->has_room(port->opaque, len))
            break;
        port->ops->receive(port->opaque, frame, len);
        if (port->used) /* the receiver may have dropped all */
            queue_drop_first(port, len);
        any = true;
    }
    if (any && port->ops->received)
        port->ops->received(port->opaque);
    wake_sender(port);
}

static void deliver(void *opaque)
{
    net_deliver(opaque);
}

/* Never at once: two ports that answer each other must not keep time from going on. */
static void arm(struct net_port *port)
{
    if (!port->timer.armed)
        timer_arm(&port->timer, clock_now(port->clock) + 1);
}

static void hear(struct net_port *port, const u8 *frame, size_t len)
{
    for (struct net_tap *tap = port->again ? NULL : port->taps; tap; tap = tap->next)
        tap->frame(tap->opaque, frame, len);
}

bool net_send(struct net_port *port, const u8 *frame, size_t len)
{
    struct net_port *to = port->peer;
    size_t padded = len < NET_FRAME_MIN ? NET_FRAME_MIN : len;
    u8 *at;

    if (!to || !port->link || len < NET_HEADER || len > NET_FRAME_MAX)
        return false;
    at = queue_put(to, padded);
    if (!at)
        return false;
    to->heard = true;
    memcpy(at, frame, len);
    memset(at + len, 0, padded - len);
    hear(port, at, padded);
    hear(to, at, padded);
    arm(to);
    return true;
}

bool net_room(struct net_port *port)
{
    struct net_port *to = port->peer;

    if (!to || !port->link)
        return true; /* frames go nowhere, and are no reason to wait */
    if (to->used + ROOM <= NET_QUEUE)
        return true;
    to->full = true;
    return false;
}

void net_flush(struct net_port *port)
{
    if (port->peer && port->used)
        arm(port);
}

void net_hasten(struct net_port *port)
{
    if (!port->peer)
        return;
    timer_cancel(&port->timer);
    net_flush(port);
}

void net_drop(struct net_port *port)
{
    port->head = port->tail = port->used = 0;
}

static void update_link(struct net_port *port)
{
    bool up = port->peer && !port->link_down && !port->peer->link_down;

    if (up == port->link)
        return;
    port->link = up;
    if (port->ops->link_changed)
        port->ops->link_changed(port->opaque, up);
}

void net_set_link(struct net_port *port, bool up)
{
    port->link_down = !up;
    update_link(port);
    if (port->peer)
        update_link(port->peer);
}

void net_port_init(struct net_port *port, const struct net_port_ops *ops, void *opaque)
{
    memset(port, 0, sizeof(*port));
    port->ops = ops;
    port->opaque = opaque;
}

int net_connect(struct net_port *a, struct net_port *b, struct clock *clock)
{
    struct net_port *ports[] = {a, b};

    BUG_ON(a->peer || b->peer);
    a->queue = malloc(NET_QUEUE);
    b->queue = malloc(NET_QUEUE);
    if (!a->queue || !b->queue) {
        free(a->queue);
        free(b->queue);
        a->queue = b->queue = NULL;
        return -ENOMEM;
    }
    for (unsigned i = 0; i < 2; i++) {
        net_drop(ports[i]);
        ports[i]->peer = ports[!i];
        ports[i]->clock = clock;
        timer_init(&ports[i]->timer, clock, deliver, ports[i]);
    }
    update_link(a);
    update_link(b);
    return 0;
}

static void unplug(struct net_port *port)
{
    timer_cancel(&port->timer);
    free(port->queue);
    port->queue = NULL;
    port->peer = NULL;
    port->clock = NULL;
    port->full = false;
    net_drop(port);
    update_link(port);
}

void net_disconnect(struct net_port *port)
{
    struct net_port *peer = port->peer;

    if (!peer)
        return;
    unplug(port);
    unplug(peer);
}

u32 net_fcs(const u8 *data, size_t len)
{
    /* What four bits that are shifted out do to the rest. */
    static const u32 nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    u32 crc = 0xffffffff;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ nibble[crc & 0xf];
        crc = crc >> 4 ^ nibble[crc & 0xf];
    }
    return ~crc;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool net_parse_mac(const char *text, u8 mac[NET_MAC])
{
    for (unsigned i = 0; i < NET_MAC; i++) {
        int high = hex(text[0]), low = high < 0 ? -1 : hex(text[1]);

        if (low < 0 || (i < NET_MAC - 1 ? text[2] != ':' && text[2] != '-' : text[2] != '\0'))
            return false;
        mac[i] = (u8)(high << 4 | low);
        text += 3;
    }
    return !(mac[0] & 1);
}
