/* The interval timer: an 8254 and port 0x61, which holds channel 2's gate and the speaker's bits.
 *
 * Nothing counts: the count and OUT of a channel are functions of its state and the tick number,
 * and only channel 0 has a timer, armed for its next edge of OUT that matters. */
#ifndef PAGEWALK_PIT_H
#define PAGEWALK_PIT_H

#include "devices/base/clock.h"
#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"
#include "devices/chipset/nmi.h"
#include "devices/chipset/pit_channel.h"

#define PIT_HZ 1193182u

/* What the speaker does: a square wave, or a level (which a program may move by itself). */
struct pit_tone {
    u32 hz; /* 0: a level, */
    bool level;
    u64 since; /* virtual ns */
};

struct pit {
    struct pit_channel channel[3];
    struct clock *clock;
    struct timer timer; /* channel 0's next edge */
    struct irq irq;
    struct nmi *nmi; /* has its bits in port 61h; may be NULL */
    u8 port61;       /* bits 0 to 3 */
    struct pit_tone tone;
    void (*on_tone)(void *opaque, const struct pit_tone *tone); /* it changed; may be NULL */
    void *on_tone_opaque;
};

/* base: 0x40; also takes port 0x61. */
void pit_init(struct pit *pit, struct ioport_bus *bus, u16 base, struct clock *clock,
              struct irq irq0);
void pit_reset(struct pit *pit);
/* After the clock's. Loading tells `on_tone` what sounds now. */
void pit_state(struct pit *pit, struct state *state);

/* Level of a channel's OUT pin now. */
bool pit_out(const struct pit *pit, unsigned channel);

#endif
