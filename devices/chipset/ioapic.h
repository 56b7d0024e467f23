/* The I/O APIC: 24 interrupt inputs, each with an entry that says where it goes and how. */
#ifndef PAGEWALK_IOAPIC_H
#define PAGEWALK_IOAPIC_H

#include "devices/base/state.h"
#include "devices/chipset/apic_bus.h"
#include "mmu/phys.h"

#define IOAPIC_PINS 24u
#define IOAPIC_BASE 0xfec00000u

struct ioapic_host {
    bool (*deliver)(void *opaque, const struct apic_message *message); /* false: nobody took it */
    void *opaque;
};

struct ioapic {
    struct ioapic_host host;
    u32 lines; /* levels of the pins: whether each is active */
    u8 id, select;
    u64 entry[IOAPIC_PINS]; /* the redirection table */
};

void ioapic_init(struct ioapic *ioapic, const struct ioapic_host *host);
void ioapic_reset(struct ioapic *ioapic); /* the pins' levels stay */
void ioapic_state(struct ioapic *ioapic, struct state *state);

/* Its page of registers: put it at IOAPIC_BASE, the I/O APIC as opaque. */
extern const struct phys_mmio_ops ioapic_ops;

/* Makes a pin active or not. Fits struct irq's `set`. */
void ioapic_set_pin(void *ioapic, unsigned pin, bool active);
/* A local APIC tells the end of a level-triggered interrupt. */
void ioapic_eoi(struct ioapic *ioapic, u8 vector);
/* Pins that ask and found nobody try again. */
void ioapic_retry(struct ioapic *ioapic);

/* Whether some pin's interrupt is an NMI. */
bool ioapic_has_nmi(const struct ioapic *ioapic);

#endif
