/* A parallel port with a printer on it: what is printed goes to a character back end. */
#ifndef PAGEWALK_PARALLEL_H
#define PAGEWALK_PARALLEL_H

#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "devices/chr/chr.h"

struct parallel {
    u8 data, control;
    struct irq irq;
    struct chr *chr;
};

void parallel_init(struct parallel *port, struct ioport_bus *bus, u16 base, struct irq irq,
                   struct chr *chr);
void parallel_reset(struct parallel *port);
void parallel_state(struct parallel *port, struct state *state);

#endif
