/* What the files of the local APIC share. */
#ifndef PAGEWALK_LAPIC_PRIV_H
#define PAGEWALK_LAPIC_PRIV_H

#include "devices/chipset/lapic.h"

#define SVR_ENABLED     0x100u
#define LVT_MASKED      0x10000u
#define LVT_PERIODIC    0x20000u /* timer */
#define LVT_LEVEL       0x8000u  /* LINT0 and LINT1, as the next two */
#define LVT_REMOTE_IRR  0x4000u
#define LVT_ACTIVE_LOW  0x2000u
#define LVT_MODE(value) ((value) >> 8 & 7)

/* Error status. (SDM vol. 3A, 10.5.3) */
#define ERROR_SEND_VECTOR     0x20
#define ERROR_RECEIVED_VECTOR 0x40
#define ERROR_REGISTER        0x80

static inline bool lapic_software_enabled(const struct lapic *apic)
{
    return apic->enabled && (apic->svr & SVR_ENABLED);
}

/* Drives INTR by all that asks for it. */
void lapic_update(struct lapic *apic);
/* Makes the vector pending, if it is legal. */
void lapic_request(struct lapic *apic, u8 vector, bool level);
void lapic_error(struct lapic *apic, u8 errors);
/* The timer is due, or an error was noted, or the like: delivers its local vector. */
void lapic_local(struct lapic *apic, enum lapic_lvt number);
/* LINT0 and LINT1 as they stand, behind a change of their vectors, or an EOI of theirs. */
void lapic_update_lints(struct lapic *apic);
u8 lapic_ppr(const struct lapic *apic);
void lapic_eoi(struct lapic *apic);
void lapic_send(struct lapic *apic, u32 low);

/* The timer (lapic_timer.c). */
void lapic_timer_init(struct lapic *apic, struct clock *clock);
u32 lapic_timer_current(const struct lapic *apic);
void lapic_timer_start(struct lapic *apic, u32 initial);
void lapic_timer_divide(struct lapic *apic, u32 value);
void lapic_timer_lvt(struct lapic *apic, u32 value); /* stores the local vector, too */
void lapic_timer_state(struct lapic *apic, struct state *state);

#endif
