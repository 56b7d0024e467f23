/* A cable in the states of a machine that goes back. */
#ifndef PAGEWALK_NET_CABLE_STATE_H
#define PAGEWALK_NET_CABLE_STATE_H

#include "devices/base/state.h"
#include "devices/net/net.h"

/* What is on its way between a port and its peer, and what each end wants of the link, as section `tag`. Loading calls
 * neither end: what they made of it is in their own states. */
void net_cable_state(struct net_port *port, const char *tag, struct state *state);

#endif
