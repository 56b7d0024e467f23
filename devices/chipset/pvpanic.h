/* pvpanic: a port by which a guest's kernel says that it has panicked. */
#ifndef PAGEWALK_PVPANIC_H
#define PAGEWALK_PVPANIC_H

#include "devices/base/ioport.h"

#define PVPANIC_PORT     0x505
#define PVPANIC_PANICKED 0x01 /* the kernel has given up */
#define PVPANIC_LOADED   0x02 /* it has, and its crash kernel takes over */

struct pvpanic {
    u8 events; /* those that the guest is told of */
    void (*event)(void *opaque, u8 events);
    void *opaque;
};

/* event: called inside a port write, with at least one. The device has no state to reset or save. */
void pvpanic_init(struct pvpanic *pvpanic, struct ioport_bus *bus, u16 port, u8 events,
                  void (*event)(void *opaque, u8 events), void *opaque);

#endif
