/* The host bridge of a 440FX chipset: which parts of c0000-fffff are RAM. */
#ifndef PAGEWALK_I440FX_H
#define PAGEWALK_I440FX_H

#include "devices/pci/pci.h"
#include "mmu/phys.h"

struct i440fx {
    struct pci_device dev;
    struct phys *phys; /* with shadow RAM at I440FX_SHADOW_BASE */
    void (*map_changed)(void *opaque);
    void *opaque;
};

#define I440FX_SHADOW_BASE 0xc0000u
#define I440FX_SHADOW_SIZE 0x40000u

/* Adds itself to the bus at 0.0. `map_changed` is called after the memory map changed: the MMUs on it must
 * be flushed. */
void i440fx_init(struct i440fx *fx, struct pci_bus *bus, struct phys *phys,
                 void (*map_changed)(void *opaque), void *opaque);
/* After pci_bus_reset(): ROM everywhere. */
void i440fx_reset(struct i440fx *fx);
/* After pci_bus_state(), which has the registers. */
void i440fx_state(struct i440fx *fx, struct state *state);

#endif
