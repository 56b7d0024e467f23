/* The ISA bridge of a PIIX3: which interrupt lines the four PCI interrupts drive. */
#ifndef PAGEWALK_PIIX3_H
#define PAGEWALK_PIIX3_H

#include "devices/pci/pci.h"

#define PIIX3_PIRQS 4
#define PIIX3_IRQS  16

struct piix3 {
    struct pci_device dev;
    struct irq irq[PIIX3_IRQS];
    bool sci; /* the power management function's line */
    u16 high; /* levels that are driven on irq[] */
};

/* The PIRQ (0: PIRQA#) that pin (0: INTA#) of slot is wired to. */
static inline unsigned piix3_pirq(unsigned slot, unsigned pin)
{
    return (slot + pin + 3) & 3;
}

/* Adds itself to the bus at 1.0 and becomes its set_irq. irq: the interrupt controllers' inputs. */
void piix3_init(struct piix3 *piix3, struct pci_bus *bus, const struct irq irq[PIIX3_IRQS]);
/* After pci_bus_reset(): no PCI interrupt goes anywhere. */
void piix3_reset(struct piix3 *piix3);
/* After pci_bus_state(), which has registers and levels, and the power management function's. */
void piix3_state(struct piix3 *piix3, struct state *state);

/* The system control interrupt, which shares IRQ 9 with PCI devices. Fits struct irq's `set`. */
void piix3_set_sci(void *piix3, unsigned line, bool level);

#endif
