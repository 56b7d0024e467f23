/* Ethernet between cards and back ends: two ports and the cable between them.
 *
 * What a port sends waits in the queue of the port at the other end and is handed over between slices of the guest, by
 * a timer, so that no frame arrives in the middle of a card's register access, and under CLOCK_INSN each comes at an
 * instruction that guest and back end alone decide. A receiver without room leaves frames in its queue, which is
 * bounded: a sender asks net_room() and waits, or loses frames as on a real cable. */
#ifndef PAGEWALK_NET_H
#define PAGEWALK_NET_H

#include "devices/base/clock.h"

#define NET_MAC       6
#define NET_HEADER    14
#define NET_FRAME_MIN 60 /* without the FCS; shorter ones are padded with zeros as they are sent */
#define NET_FRAME_MAX 0xffffu /* longest that any port may send */
#define NET_QUEUE     (512 * KIB)

struct net_port;

struct net_port_ops {
    /* Whether a frame of len bytes can be received now; NULL: always. Who says no calls net_flush() later. */
    bool (*has_room)(void *opaque, size_t len);
    void (*receive)(void *opaque, const u8 *frame, size_t len);
    void (*received)(void *opaque); /* the frames that had come were handed over; may be NULL */
    /* The other end's queue has room again after net_room() said no; may be NULL. */
    void (*can_send)(void *opaque);
    void (*link_changed)(void *opaque, bool up); /* may be NULL */
};

/* Hears every frame that passes; see pcap.h. */
struct net_tap {
    void (*frame)(void *opaque, const u8 *frame, size_t len);
    void *opaque;
    struct net_tap *next;
};

struct net_port {
    const struct net_port_ops *ops;
    void *opaque;
    struct net_port *peer; /* NULL: no cable */
    struct net_tap *taps;
    const struct clock *clock; /* the cable's; NULL without one */
    bool link;                 /* up at both ends */
    bool link_down;            /* this end's wish */
    /* The frames that wait to be received: */
    struct timer timer;
    u8 *queue; /* NET_QUEUE bytes; frames behind their length, in one piece */
    u32 head, tail, used;
    bool full;  /* the sender was told that there is no room */
    bool heard; /* a frame was sent to it, ever */
    bool again; /* the machine is in its past: taps have heard what passes */
};

void net_port_init(struct net_port *port, const struct net_port_ops *ops, void *opaque);
/* Plugs a cable in. 0 or -ENOMEM. */
int net_connect(struct net_port *a, struct net_port *b, struct clock *clock);
/* Pulls it out; what was on its way is lost. May be repeated. */
void net_disconnect(struct net_port *port);
static inline bool net_connected(const struct net_port *port)
{
    return port->peer != NULL;
}

/* Sends a frame, without its FCS. False: it is lost. */
bool net_send(struct net_port *port, const u8 *frame, size_t len);
/* Whether the longest frame that a card sends would go; if not, can_send() comes when it would. */
bool net_room(struct net_port *port);
/* The port has room again for what waits in its queue. */
void net_flush(struct net_port *port);
/* Hands over at once what waits in the port's queue, as far as there is room; not from within a call of the receiver's. */
void net_deliver(struct net_port *port);
/* Frames on their way to this port are lost (a card's reset). */
void net_drop(struct net_port *port);
/* Time has gone back: what waits in the port's queue is handed over soon, not when it would have been. */
void net_hasten(struct net_port *port);
/* This end's wish for the link; it is up when both ends want it. */
void net_set_link(struct net_port *port, bool up);

/* The frame check sequence (IEEE 802.3, 3.2.9): CRC-32 as it is sent, low byte first. */
u32 net_fcs(const u8 *data, size_t len);
/* "52:54:00:12:34:56" into six bytes; false: it is none, or a group's address. */
bool net_parse_mac(const char *text, u8 mac[NET_MAC]);

#endif
