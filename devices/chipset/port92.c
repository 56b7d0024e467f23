/* System control port A (0x92): the fast A20 gate and the fast reset; and the board's A20 gate.
 *
 * Bits 3, 6 and 7 (password lock, disk lights) read back what was written and do nothing; the
 * others read as zero. Source: IBM PS/2 Hardware Interface Technical Reference, "System Control
 * Port A". */
#include "devices/chipset/port92.h"

#include <string.h>

#define PORT92_RESET    0x01 /* writing 1 after 0 resets the CPU */
#define PORT92_A20      0x02
#define PORT92_WRITABLE (0xc8 | PORT92_RESET | PORT92_A20)

/* The gate is as the sources that were written since reset have it; open while none was. */
static void write_source(struct port92 *port92, enum a20_source source, bool open)
{
    bool level = false;

    port92->written[source] = true;
    port92->open[source] = open;
    for (unsigned i = 0; i < A20_SOURCES; i++)
        level |= port92->written[i] && port92->open[i];
    if (level == port92->level)
        return;
    port92->level = level;
    port92->a20(port92->opaque, level);
}

void port92_kbc_a20(struct port92 *port92, bool on)
{
    write_source(port92, A20_KBC, on);
}

static void port92_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct port92 *port92 = opaque;
    u8 old = port92->value;

    (void)offset, (void)size;
    port92->value = value & PORT92_WRITABLE;
    write_source(port92, A20_PORT92, value & PORT92_A20);
    if (port92->value & (u8)~old & PORT92_RESET)
        port92->reset(port92->opaque);
}

static u32 port92_read(void *opaque, u16 offset, unsigned size)
{
    struct port92 *port92 = opaque;

    (void)offset, (void)size;
    return port92->value;
}

static const struct ioport_ops port92_ops = {port92_read, port92_write, 1};

static void set_initial(struct port92 *port92)
{
    port92->value = PORT92_A20;
    port92->level = true;
    for (unsigned i = 0; i < A20_SOURCES; i++) {
        port92->written[i] = false;
        port92->open[i] = true;
    }
}

void port92_reset(struct port92 *port92)
{
    set_initial(port92);
    port92->a20(port92->opaque, true);
}

void port92_state(struct port92 *port92, struct state *state)
{
    if (!state_begin(state, "port 92"))
        return;
    state_u8(state, &port92->value);
    for (unsigned i = 0; i < A20_SOURCES; i++) {
        state_bool(state, &port92->written[i]);
        state_bool(state, &port92->open[i]);
    }
    state_bool(state, &port92->level);
    state_end(state);
    if (!state->loading)
        return;
    port92->value &= PORT92_WRITABLE;
    port92->a20(port92->opaque, port92->level);
}

void port92_init(struct port92 *port92, struct ioport_bus *bus, void (*a20)(void *opaque, bool on),
                 void (*reset)(void *opaque), void *opaque)
{
    memset(port92, 0, sizeof(*port92));
    port92->a20 = a20;
    port92->reset = reset;
    port92->opaque = opaque;
    set_initial(port92);
    ioport_add(bus, 0x92, 1, &port92_ops, port92, "port 92");
}
