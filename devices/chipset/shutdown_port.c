/* A port that switches the machine off: the bytes of "Shutdown", one after the other, to port 0x8900.
 *
 * A byte that does not fit starts anew. Reads are as if nobody were there. Boards without ACPI have no other
 * way. Source: the convention of the BIOS and the port of Bochs, which many small guests know. */
#include "devices/chipset/shutdown_port.h"

#include <string.h>

#define SHUTDOWN_PORT 0x8900

static const char word[] = "Shutdown";

static void port_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct shutdown_port *port = opaque;

    (void)offset, (void)size;
    if ((u8)value != (u8)word[port->matched])
        port->matched = 0;
    if ((u8)value == (u8)word[port->matched])
        port->matched++;
    if (port->matched < sizeof(word) - 1)
        return;
    port->matched = 0;
    port->power_off(port->opaque);
}

static const struct ioport_ops port_ops = {NULL, port_write, 1};

void shutdown_port_reset(struct shutdown_port *port)
{
    port->matched = 0;
}

void shutdown_port_state(struct shutdown_port *port, struct state *state)
{
    if (!state_begin(state, "shutdown port"))
        return;
    state_u8(state, &port->matched);
    state_end(state);
    if (port->matched >= sizeof(word) - 1) {
        port->matched = 0;
        state_reject(state);
    }
}

void shutdown_port_init(struct shutdown_port *port, struct ioport_bus *bus,
                        void (*power_off)(void *opaque), void *opaque)
{
    memset(port, 0, sizeof(*port));
    port->power_off = power_off;
    port->opaque = opaque;
    ioport_add(bus, SHUTDOWN_PORT, 1, &port_ops, port, "shutdown port");
}
