/* A parallel port with a printer on it: what is printed goes to a character back end.
 *
 * Three registers: data, status, control. The printer takes the byte when STROBE becomes active and acknowledges it at
 * once, which is an interrupt when control asks for them; it is busy while STROBE is active, while it is initialized,
 * and while its reader stalls. Source: IBM PC AT Technical Reference, "Printer adapter". */
#include "devices/serial/parallel.h"

#include <string.h>

enum { DATA, STATUS, CONTROL };

#define STATUS_READY    0x80 /* not BUSY */
#define STATUS_NO_ACK   0x40
#define STATUS_ONLINE   0x10
#define STATUS_NO_ERROR 0x08
#define STATUS_UNUSED   0x07

#define CONTROL_STROBE 0x01
#define CONTROL_INIT   0x04 /* 0 initializes the printer */
#define CONTROL_IRQ    0x10
#define CONTROL_UNUSED 0xc0
#define CONTROL_RESET  0x0c /* selected, not being initialized */

static u8 read_status(const struct parallel *port)
{
    bool busy =
        port->control & CONTROL_STROBE || !(port->control & CONTROL_INIT) || !chr_room(port->chr);

    return (busy ? 0 : STATUS_READY) | STATUS_NO_ACK | STATUS_ONLINE | STATUS_NO_ERROR |
           STATUS_UNUSED;
}

static u32 parallel_read(void *opaque, u16 offset, unsigned size)
{
    const struct parallel *port = opaque;

    (void)size;
    switch (offset) {
    case DATA: return port->data;
    case STATUS: return read_status(port);
    default: return port->control | CONTROL_UNUSED;
    }
}

static void parallel_write(void *opaque, u16 offset, u32 value32, unsigned size)
{
    struct parallel *port = opaque;
    u8 value = (u8)value32;
    bool strobe = value & (u8)~port->control & CONTROL_STROBE;

    (void)size;
    if (offset == DATA)
        port->data = value;
    if (offset != CONTROL)
        return;
    port->control = value & (u8)~CONTROL_UNUSED;
    if (!strobe || !(value & CONTROL_INIT))
        return;
    chr_put(port->chr, port->data);
    if (value & CONTROL_IRQ) { /* ACK is a pulse */
        irq_set(&port->irq, true);
        irq_set(&port->irq, false);
    }
}

static const struct ioport_ops parallel_ops = {parallel_read, parallel_write, 1};

void parallel_reset(struct parallel *port)
{
    port->data = 0;
    port->control = CONTROL_RESET;
}

void parallel_state(struct parallel *port, struct state *state)
{
    if (!state_begin(state, "parallel"))
        return;
    state_u8(state, &port->data);
    state_u8(state, &port->control);
    state_end(state);
    if (state->loading)
        port->control &= (u8)~CONTROL_UNUSED;
}

void parallel_init(struct parallel *port, struct ioport_bus *bus, u16 base, struct irq irq,
                   struct chr *chr)
{
    memset(port, 0, sizeof(*port));
    port->irq = irq;
    port->chr = chr;
    parallel_reset(port);
    ioport_add(bus, base, 3, &parallel_ops, port, "parallel");
}
