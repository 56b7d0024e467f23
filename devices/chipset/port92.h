/* System control port A (0x92): the fast A20 gate and the fast reset; and the board's A20 gate,
 * which joins this port's A20 bit with the keyboard controller's.
 *
 * As on real boards A20 is open when either source opens it. At reset the gate is open and neither
 * source holds it: a source counts from its first write on, so that either of them alone can close
 * the gate. */
#ifndef PAGEWALK_PORT92_H
#define PAGEWALK_PORT92_H

#include "devices/base/ioport.h"
#include "devices/base/state.h"

enum a20_source { A20_PORT92, A20_KBC, A20_SOURCES };

struct port92 {
    u8 value;
    bool written[A20_SOURCES]; /* since reset */
    bool open[A20_SOURCES];
    bool level; /* of the gate */
    void (*a20)(void *opaque, bool on);
    void (*reset)(void *opaque);
    void *opaque;
};

/* `a20` is called when the gate's state changes, and at port92_reset(), which opens it. `reset` is
 * called when the guest raises the fast reset bit. */
void port92_init(struct port92 *port92, struct ioport_bus *bus, void (*a20)(void *opaque, bool on),
                 void (*reset)(void *opaque), void *opaque);
void port92_reset(struct port92 *port92);
/* Loading calls `a20`, too. */
void port92_state(struct port92 *port92, struct state *state);

/* The keyboard controller's A20 output was written: the board's A20 callback for kbc_init() calls
 * it. */
void port92_kbc_a20(struct port92 *port92, bool on);

#endif
