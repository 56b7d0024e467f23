/* A cable in the states of a machine that goes back: queues as they are, since the room that is left in them is seen by who
 * sends. */
#include "devices/net/cable_state.h"

static void piece(struct net_port *port, u32 from, u32 to, struct state *state)
{
    state_bytes(state, port->queue + from, to - from);
}

static void end_state(struct net_port *port, struct state *state)
{
    state_bool(state, &port->link_down);
    state_bool(state, &port->full);
    state_u32(state, &port->head);
    state_u32(state, &port->tail);
    state_u32(state, &port->used);
    if (port->head > NET_QUEUE || port->tail > NET_QUEUE || port->used > NET_QUEUE)
        state_reject(state);
    if (state->failed) {
        net_drop(port);
        return;
    }
    if (port->used && port->head < port->tail) {
        piece(port, port->head, port->tail, state);
    } else if (port->used) {
        piece(port, port->head, NET_QUEUE, state);
        piece(port, 0, port->tail, state);
    }
    state_timer(state, &port->timer);
}

void net_cable_state(struct net_port *port, const char *tag, struct state *state)
{
    struct net_port *peer = port->peer;

    if (!peer || !state_begin(state, tag))
        return;
    end_state(port, state);
    end_state(peer, state);
    state_end(state);
    port->link = peer->link = !port->link_down && !peer->link_down;
}
