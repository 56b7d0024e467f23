/* A door between a back end and the board, for machines that are recorded or replayed: what a back end sends waits in it
 * until the board opens it, at an instruction that the recording names. */
#ifndef PAGEWALK_NET_DOOR_H
#define PAGEWALK_NET_DOOR_H

#include "devices/net/net.h"

struct net_door {
    struct net_port inner, outer; /* the board's side, and the back end's */
    bool open;
    void (*enters)(struct net_door *door, const u8 *frame, size_t len); /* before a frame does */
    void (*link)(struct net_door *door, bool up); /* before the link changes */
    void *opaque;
};

/* Between a back end's port and whatever is connected to door->inner. 0 or -ENOMEM. */
int net_door_init(struct net_door *door, struct net_port *back_end, struct clock *clock);
void net_door_free(struct net_door *door);
/* Lets in what has come: the link's state first, then frames, in their order. */
void net_door_turn(struct net_door *door);
/* While the machine is in its past nothing goes out, as it did already, and what comes waits. */
void net_door_behind(struct net_door *door, bool behind);
/* What came then comes again: a frame, or the link's state. */
void net_door_again(struct net_door *door, const u8 *frame, size_t len);
void net_door_link_again(struct net_door *door, bool up);
/* What waits in it is lost. */
void net_door_drop(struct net_door *door);

#endif
