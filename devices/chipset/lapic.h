/* A local APIC: the processor's end of the interrupt system.
 *
 * It holds the processor's INTR and NMI pins. `intr` is called exactly when INTR's level changes. The 8259 and the
 * board's NMI come in at LINT0 and LINT1; while the APIC is disabled, by IA32_APIC_BASE or by software, they go
 * through to the pins as if it were not there. (SDM vol. 3A, chapter 10) */
#ifndef PAGEWALK_LAPIC_H
#define PAGEWALK_LAPIC_H

#include "devices/base/clock.h"
#include "devices/base/state.h"
#include "devices/chipset/apic_bus.h"
#include "mmu/phys.h"

#define LAPIC_HZ 1000000000ull /* of the timer before its divider */

/* The local vector table, in the order of the registers from 320h on. */
enum lapic_lvt { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVT_COUNT };
#define LAPIC_LINTS 2

/* What the processor and the board are to it. None may be NULL. */
struct lapic_host {
    void (*intr)(void *opaque, bool level);
    void (*nmi)(void *opaque);
    void (*init)(void *opaque);           /* it sent INIT to itself */
    void (*eoi)(void *opaque, u8 vector); /* of a level-triggered interrupt */
    void (*listens)(void *opaque);        /* it may accept messages now that it did not */
    void *opaque;
};

struct lapic {
    struct lapic_host host;
    bool enabled; /* by IA32_APIC_BASE */
    bool intr;    /* level of INTR */
    bool lint[LAPIC_LINTS];
    bool extint; /* a message asks for an acknowledge of the 8259 */
    u8 id, tpr, ldr, dfr;
    u16 svr;
    u32 icr_low;
    u8 icr_dest;
    u8 esr, errors; /* what software reads; what came since it last wrote there */
    u32 isr[8], tmr[8], irr[8];
    u32 lvt[LVT_COUNT];
    u32 divide;  /* divide configuration register */
    u32 initial; /* initial count */
    bool counts; /* the timer does, */
    u64 zero_at; /* and comes to 0 then: virtual ns */
    struct timer timer;
};

void lapic_init(struct lapic *apic, struct clock *clock, const struct lapic_host *host);
/* The state after RESET or INIT; the levels of LINT0 and LINT1 stay. enabled: by IA32_APIC_BASE. */
void lapic_reset(struct lapic *apic, bool enabled);

/* After a reset: LINT0 is the 8259's when software enables the APIC, without more ado. */
void lapic_wire_pic(struct lapic *apic);
/* After the clock's. */
void lapic_state(struct lapic *apic, struct state *state);

/* Its page of registers: put it where IA32_APIC_BASE says, the APIC as opaque. */
extern const struct phys_mmio_ops lapic_ops;

/* Drives LINT0 or LINT1 (line). Fits struct irq's `set`. */
void lapic_set_lint(void *apic, unsigned line, bool level);
/* Takes a message; false: it is for nobody here. */
bool lapic_accept(struct lapic *apic, const struct apic_message *message);

/* A performance counter of the processor has overflowed. */
void lapic_perf(struct lapic *apic);

/* The processor's interrupt acknowledge cycle: a vector, or LAPIC_ACK_EXTINT: it is the 8259 that answers. */
#define LAPIC_ACK_EXTINT (-1)
int lapic_ack(struct lapic *apic);

/* Whether the 8259's output would be an NMI. */
bool lapic_pic_is_nmi(const struct lapic *apic);

#endif
