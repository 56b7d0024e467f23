/* The PCI bus: configuration mechanism #1 (ports 0xcf8 and 0xcfc), devices, and where their BARs are.
 *
 * A function is a struct pci_device inside a device's own struct. Its configuration space is bytes, with
 * a mask of those that the guest may write; BARs and the command register are the bus's, which calls
 * bar->map when a BAR's place changes: at a write of the BAR, and when decoding is switched. */
#ifndef PAGEWALK_PCI_H
#define PAGEWALK_PCI_H

#include "devices/base/ioport.h"
#include "devices/base/irq.h"
#include "devices/base/state.h"

#define PCI_UNMAPPED 0xffffffffu
#define PCI_BARS     6
#define PCI_ROM_BAR  6  /* bar[] has one more: the expansion ROM's, at PCI_ROM */
#define PCI_DEVICES  32 /* functions in all */

#define PCI_DEVFN(slot, function) ((u8)((slot) << 3 | (function)))

/* Configuration space (PCI 2.1, section 6.1). */
enum {
    PCI_VENDOR_ID = 0x00, /* 16 bits */
    PCI_DEVICE_ID = 0x02, /* 16 */
    PCI_COMMAND = 0x04,   /* 16 */
    PCI_STATUS = 0x06,    /* 16 */
    PCI_REVISION = 0x08,
    PCI_CLASS = 0x09, /* programming interface, subclass, class */
    PCI_CACHE_LINE = 0x0c,
    PCI_LATENCY = 0x0d,
    PCI_HEADER_TYPE = 0x0e,
    PCI_BAR0 = 0x10, /* 32, six of them */
    PCI_SUBVENDOR_ID = 0x2c,
    PCI_SUBDEVICE_ID = 0x2e,
    PCI_ROM = 0x30,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d, /* 0: none, 1: INTA# ... */
};
#define PCI_COMMAND_IO     0x0001
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASTER 0x0004
#define PCI_COMMAND_MWI    0x0010
#define PCI_STATUS_ERRORS  0xf900 /* what happened: writing ones clears */
#define PCI_ROM_ENABLE     0x00000001

struct pci_bar {
    u32 size; /* a power of two; 0: no such BAR */
    bool io;
    bool prefetch;
    bool always; /* a ROM's: its own enable bit is enough, whatever the command register says */
    u32 base;    /* where it is now, or PCI_UNMAPPED */
    /* Called after the BAR moved, from `old` to bar->base; either may be PCI_UNMAPPED. */
    void (*map)(void *opaque, unsigned bar, u32 old, u32 base);
    void *opaque; /* map's; NULL: the device's */
};

struct pci_bus;

struct pci_device {
    const char *name;
    void *opaque;
    u8 config[256];
    u8 writable[256]; /* bits of config that the guest may change */
    struct pci_bar bar[PCI_BARS + 1];
    /* Called after a write that changed bytes [offset, offset + size) outside the BARs; may be NULL. */
    void (*changed)(void *opaque, unsigned offset, unsigned size);
    /* The bus's: */
    struct pci_bus *bus;
    u8 devfn;
    bool irq_level;
    u8 power_on[256]; /* config when it was added: what a reset restores */
};

struct pci_bus {
    struct pci_device *device[PCI_DEVICES];
    unsigned devices;
    u32 address;      /* port 0xcf8 */
    u8 reset_control; /* port 0xcf9 */
    /* Memory BARs that reach outside are hidden by RAM and ROM: they are not mapped. */
    u32 memory_first, memory_last;
    /* Set after pci_bus_init(). The chipset's: a level on pin (0-3) of slot changed. The board's: port 0xcf9
     * resets. */
    void (*set_irq)(void *opaque, unsigned slot, unsigned pin, bool level);
    void *opaque;
    void (*reset)(void *opaque);
    void *reset_opaque;
};

void pci_bus_init(struct pci_bus *bus, struct ioport_bus *ports);
/* Every device's configuration, BARs and interrupt pin to what they are at power-on. It comes before the
 * devices' own resets, and calls no `changed`. */
void pci_bus_reset(struct pci_bus *bus);
/* The bus and every device's configuration. It comes before the devices' own, and calls no `changed`. */
void pci_bus_state(struct pci_bus *bus, struct state *state);
/* Fills in the identity; the command register's I/O, memory and master bits are writable. The caller then
 * sets BARs and what else is writable, and adds it: the bus makes the BARs' registers, PCI_INTERRUPT_LINE
 * where there is a pin, and function 0's multi-function bit. */
void pci_device_init(struct pci_device *dev, const char *name, u16 vendor, u16 device, u32 class,
                     void *opaque);
void pci_add(struct pci_bus *bus, struct pci_device *dev, u8 devfn);

/* Gives a device that is on the bus already the expansion ROM's BAR. */
void pci_add_rom_bar(struct pci_device *dev, const struct pci_bar *bar);

/* Drives the device's interrupt pin (level-triggered, as PCI_INTERRUPT_PIN names it). */
void pci_set_irq(struct pci_device *dev, bool level);
/* The level of pin (0-3) of slot: its functions' wired together. */
bool pci_pin_level(const struct pci_bus *bus, unsigned slot, unsigned pin);
bool pci_is_master(const struct pci_device *dev);

#endif
