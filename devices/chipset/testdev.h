/* pc-testdev: what the test suites of hypervisors try ports, memory and interrupt lines on. */
#ifndef PAGEWALK_TESTDEV_H
#define PAGEWALK_TESTDEV_H

#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "mmu/phys.h"

#define TESTDEV_LINES       24
#define TESTDEV_MEMORY      0xff000000u
#define TESTDEV_MEMORY_SIZE 0x10000u

struct testdev {
    u32 value; /* of the ports */
    u8 memory[TESTDEV_MEMORY_SIZE];
    struct irq line; /* its number is the one to drive */
};

/* A reset changes nothing. 0, or -errno when the memory cannot be placed. */
int testdev_init(struct testdev *testdev, struct ioport_bus *bus, struct phys *phys,
                 struct irq line);
void testdev_state(struct testdev *testdev, struct state *state);

#endif
