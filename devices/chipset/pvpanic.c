/* pvpanic: a port by which a guest's kernel says that it has panicked.
 *
 * Reads give the events that there are, writes report some of them. Source: QEMU's docs/specs/pvpanic.txt. */
#include "devices/chipset/pvpanic.h"

static u32 pvpanic_read(void *opaque, u16 offset, unsigned size)
{
    const struct pvpanic *pvpanic = opaque;

    (void)offset, (void)size;
    return pvpanic->events;
}

static void pvpanic_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct pvpanic *pvpanic = opaque;
    u8 events = (u8)value & (PVPANIC_PANICKED | PVPANIC_LOADED);

    (void)offset, (void)size;
    if (events)
        pvpanic->event(pvpanic->opaque, events);
}

static const struct ioport_ops pvpanic_ops = {pvpanic_read, pvpanic_write, 1};

void pvpanic_init(struct pvpanic *pvpanic, struct ioport_bus *bus, u16 port, u8 events,
                  void (*event)(void *opaque, u8 events), void *opaque)
{
    *pvpanic = (struct pvpanic){events, event, opaque};
    ioport_add(bus, port, 1, &pvpanic_ops, pvpanic, "pvpanic");
}
