/* The keyboard controller: an 8042 with the PS/2 mouse port. */
#ifndef PAGEWALK_KBC_H
#define PAGEWALK_KBC_H

#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/input/ps2kbd.h"
#include "devices/input/ps2mouse.h"

struct kbc {
    struct ps2kbd keyboard;
    struct ps2mouse mouse;
    struct clock *clock;
    struct timer timer; /* the next event's byte has come over its line */
    u64 free_at;        /* from then on an event's byte may be in the output buffer */
    u8 ram[32];         /* ram[0] is the command byte */
    u8 status;          /* what port 0x64 reads, but for bit 2 */
    u8 data;            /* output buffer */
    u8 command;         /* controller command that waits for its data byte; 0: none */
    u8 output_port;
    bool answer;     /* the controller's own answer waits for the output buffer */
    bool answer_aux; /* it shall look like the mouse's */
    u8 answer_data;
    bool breaking; /* translation: KBC_BREAK came */
    struct irq irq1, irq12;
    void (*a20)(void *opaque, bool on);
    void (*reset)(void *opaque);
    void *opaque;
};

/* Ports 0x60 and 0x64. `a20` is called at every write of the A20 bit, changed or not; `reset` when
 * the guest pulses the CPU's reset line. */
void kbc_init(struct kbc *kbc, struct ioport_bus *bus, struct clock *clock, struct irq irq1,
              struct irq irq12, void (*a20)(void *opaque, bool on), void (*reset)(void *opaque),
              void *opaque);
void kbc_reset(struct kbc *kbc);
/* With the keyboard and the mouse. */
void kbc_state(struct kbc *kbc, struct state *state);

#endif
