/* The power management function of a PIIX4: ACPI's fixed registers, power-off, the power button. */
#ifndef PAGEWALK_PIIX4_PM_H
#define PAGEWALK_PIIX4_PM_H

#include "devices/base/clock.h"
#include "devices/base/state.h"
#include "devices/pci/pci.h"

#define PIIX4_PM_PORTS 64

struct piix4_pm {
    struct pci_device dev;
    struct ioport_bus *ports;
    struct clock *clock;
    struct timer timer; /* the PM timer's next overflow, when somebody hears of it */
    struct irq sci;
    u16 base; /* where the PM ports are; 0: nowhere */
    u16 status, enable, control;
    u16 gp_status, gp_enable;
    u8 other[PIIX4_PM_PORTS]; /* the registers that only read back */
    u64 half;                 /* half turns of the PM timer that `status` knows of */
    u8 apm_command, apm_status;
    void (*power_off)(void *opaque);
    void *opaque;
};

/* Adds itself to the bus at `devfn`. `power_off` is called when the guest switches the machine off. */
void piix4_pm_init(struct piix4_pm *pm, struct pci_bus *bus, u8 devfn, struct ioport_bus *ports,
                   struct clock *clock, struct irq sci, void (*power_off)(void *opaque),
                   void *opaque);
/* After pci_bus_reset(). */
void piix4_pm_reset(struct piix4_pm *pm);
/* After pci_bus_state(). */
void piix4_pm_state(struct piix4_pm *pm, struct state *state);

/* The user pressed the power button. False: nobody in the guest hears of it. */
bool piix4_pm_power_button(struct piix4_pm *pm);

#endif
