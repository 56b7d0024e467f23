/* The interrupt controllers: two cascaded 8259A with the edge/level registers of later chipsets.
 *
 * Invariant: `intr` is called exactly when the level of the CPU's INTR pin changes. */
#ifndef PAGEWALK_PIC_H
#define PAGEWALK_PIC_H

#include "devices/base/ioport.h"
#include "devices/base/state.h"

/* Where in its initialisation sequence a chip is: which ICW the next write to A0=1 is. */
enum pic_init_step { PIC_READY, PIC_WANT_ICW2, PIC_WANT_ICW3, PIC_WANT_ICW4 };

struct pic_chip {
    u8 lines;    /* levels of the IR inputs */
    u8 edge;     /* inputs that rose and were not acknowledged since */
    u8 imr, isr; /* interrupt mask and in-service registers */
    u8 elcr;     /* 1: level-triggered */
    u8 vector;   /* ICW2, low three bits zero */
    u8 lowest;   /* the input of lowest priority */
    u8 cascade;  /* master: inputs that have a slave; slave: 0 */
    enum pic_init_step step;
    bool single;                        /* ICW1 SNGL: no ICW3 */
    bool icw4;                          /* ICW1 IC4: ICW4 follows */
    bool auto_eoi, rotate_auto, nested; /* ICW4 AEOI, OCW2 rotate in AEOI, ICW4 SFNM */
    bool special_mask, read_isr, poll;  /* OCW3 */
};

#define PIC_SPURIOUS 16u

struct pic {
    struct pic_chip chip[2]; /* master (IRQ 0-7), slave (IRQ 8-15, on IRQ 2) */
    void (*intr)(void *opaque, bool level);
    void *opaque;
    bool level; /* of INTR */
    u8 acked; /* what the last acknowledge named: the line, or PIC_SPURIOUS added to 7 or 15; for logs */
};

/* Ports 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1. `intr` gets the level of the CPU's INTR pin. */
void pic_init(struct pic *pic, struct ioport_bus *bus, void (*intr)(void *opaque, bool level),
              void *opaque);
void pic_reset(struct pic *pic);
/* The inputs' levels are in it: devices that drive theirs after loading make no new edge. */
void pic_state(struct pic *pic, struct state *state);

/* Drives IRQ line 0 to 15 (2 is the cascade and ignored). Fits struct irq's `set`. */
void pic_set_irq(void *pic, unsigned line, bool level);

/* The CPU's interrupt acknowledge cycle: returns the vector; a spurious one when nothing is
 * pending. */
u8 pic_ack(struct pic *pic);

/* What that was, in words: "IRQ 0" to "IRQ 15", "spurious IRQ 7" or 15. */
const char *pic_acked_name(const struct pic *pic);

#endif
