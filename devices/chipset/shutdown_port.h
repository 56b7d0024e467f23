/* A port that switches the machine off: 0x8900, as on Bochs. */
#ifndef PAGEWALK_SHUTDOWN_PORT_H
#define PAGEWALK_SHUTDOWN_PORT_H

#include "devices/base/ioport.h"
#include "devices/base/state.h"

struct shutdown_port {
    u8 matched; /* characters of the word so far */
    void (*power_off)(void *opaque);
    void *opaque;
};

void shutdown_port_init(struct shutdown_port *port, struct ioport_bus *bus,
                        void (*power_off)(void *opaque), void *opaque);
void shutdown_port_reset(struct shutdown_port *port);
void shutdown_port_state(struct shutdown_port *port, struct state *state);

#endif
