/* The ISA bridge of a PIIX3 (82371SB, function 0): routes of the PCI interrupts.
 *
 * Implemented: PIRQRC[A:D]; a line's level is that of all that share it: slots, PIRQs with the same route,
 * the SCI. Whether it is taken as a level is the interrupt controllers' ELCR, as a BIOS sets it. Registers
 * that can be written and do nothing: recovery times, chip selects, top of memory, the motherboard
 * interrupt and DMA routes, system management. Ports 0xcf9 (pci.c), 0x92, 0x4d0 and 0xb2 are devices of
 * their own. Not implemented: a line that an ISA device drives, too; the one written last wins.
 * Source: Intel 82371SB datasheet (290550), 2.2. The wiring of slots is the common one: slot 1's INTA# is
 * PIRQA#, and each slot is one further than the one before. */
#include "devices/pci/piix3.h"

#include <string.h>

#define VENDOR_INTEL   0x8086
#define DEVICE_82371SB 0x7000
#define CLASS_ISA      0x060100
#define SCI_IRQ        9

/* Registers. */
enum {
    PIIX3_IORT = 0x4c,
    PIIX3_XBCS = 0x4e,   /* 16 bits */
    PIIX3_PIRQRC = 0x60, /* four */
    PIIX3_TOM = 0x69,
    PIIX3_MSTAT = 0x6a, /* 16 */
    PIIX3_MBIRQ0 = 0x70,
    PIIX3_MBDMA0 = 0x76, /* two */
    PIIX3_PCSC = 0x78,   /* 16 */
    PIIX3_APICBASE = 0x80,
    PIIX3_DLC = 0x82,
    PIIX3_SMICNTL = 0xa0,
    PIIX3_SMIEN = 0xa2, /* 16 */
    PIIX3_SEE = 0xa4,   /* 32 */
    PIIX3_FTMR = 0xa8,
    PIIX3_SMIREQ = 0xaa, /* 16 */
    PIIX3_CTLTMR = 0xac,
    PIIX3_CTHTMR = 0xae,
};

#define COMMAND_ALWAYS (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)
#define STATUS         0x0200 /* medium DEVSEL# */

#define PIRQRC_OFF      0x80
#define PIRQRC_IRQ      0x0f
#define PIRQRC_WRITABLE (PIRQRC_OFF | PIRQRC_IRQ)
#define ROUTABLE        0xdef8 /* IRQs that a route may name: 3 to 7, 9 to 12, 14, 15 */

static const struct {
    u8 offset, value, writable;
} registers[] = {
    {PIIX3_IORT, 0x4d, 0x7f},      {PIIX3_XBCS, 0x03, 0xff},     {PIIX3_XBCS + 1, 0x00, 0x01},
    {PIIX3_TOM, 0x02, 0xfe},       {PIIX3_MSTAT, 0x00, 0x80},    {PIIX3_MSTAT + 1, 0x00, 0x80},
    {PIIX3_MBIRQ0, 0x80, 0xef},    {PIIX3_MBDMA0, 0x0c, 0x8f},   {PIIX3_MBDMA0 + 1, 0x0c, 0x8f},
    {PIIX3_PCSC, 0x02, 0xff},      {PIIX3_PCSC + 1, 0x00, 0xff}, {PIIX3_APICBASE, 0x00, 0x7f},
    {PIIX3_DLC, 0x00, 0x0f},       {PIIX3_SMICNTL, 0x08, 0x1f},  {PIIX3_SMIEN, 0x00, 0xff},
    {PIIX3_SMIEN + 1, 0x00, 0x01}, {PIIX3_SEE, 0x00, 0xff},      {PIIX3_SEE + 1, 0x00, 0xff},
    {PIIX3_SEE + 2, 0x00, 0x00},   {PIIX3_SEE + 3, 0x00, 0xe0},  {PIIX3_FTMR, 0x0f, 0xff},
    {PIIX3_SMIREQ, 0x00, 0x00},    {PIIX3_CTLTMR, 0x00, 0xff},   {PIIX3_CTHTMR, 0x00, 0xff},
};

static bool pirq_level(const struct pci_bus *bus, unsigned pirq)
{
    for (unsigned i = 0; i < bus->devices; i++) {
        const struct pci_device *dev = bus->device[i];
        u8 pin = dev->config[PCI_INTERRUPT_PIN];

        if (pin && dev->irq_level && piix3_pirq(dev->devfn >> 3, pin - 1u) == pirq)
            return true;
    }
    return false;
}

/* The lines that must be high by all levels and routes. */
static u16 wanted(const struct piix3 *piix3)
{
    u16 high = piix3->sci ? 1u << SCI_IRQ : 0;

    for (unsigned pirq = 0; pirq < PIIX3_PIRQS; pirq++) {
        u8 route = piix3->dev.config[PIIX3_PIRQRC + pirq];

        if (!(route & PIRQRC_OFF) && pirq_level(piix3->dev.bus, pirq))
            high |= (u16)(1u << (route & PIRQRC_IRQ));
    }
    return high & ROUTABLE;
}

static void update(struct piix3 *piix3)
{
    u16 high = wanted(piix3), changed = high ^ piix3->high;

    piix3->high = high;
    for (unsigned i = 0; i < PIIX3_IRQS; i++)
        if (changed >> i & 1)
            irq_set(&piix3->irq[i], high >> i & 1);
}

static void piix3_set_irq(void *opaque, unsigned slot, unsigned pin, bool level)
{
    (void)slot, (void)pin, (void)level;
    update(opaque);
}

void piix3_set_sci(void *opaque, unsigned line, bool level)
{
    struct piix3 *piix3 = opaque;

    (void)line;
    piix3->sci = level;
    update(piix3);
}

static void changed(void *opaque, unsigned offset, unsigned size)
{
    (void)offset, (void)size;
    update(opaque);
}

void piix3_reset(struct piix3 *piix3)
{
    update(piix3);
}

void piix3_state(struct piix3 *piix3, struct state *state)
{
    if (state->loading)
        update(piix3);
}

void piix3_init(struct piix3 *piix3, struct pci_bus *bus, const struct irq irq[PIIX3_IRQS])
{
    struct pci_device *dev = &piix3->dev;

    memset(piix3, 0, sizeof(*piix3));
    memcpy(piix3->irq, irq, sizeof(piix3->irq));
    pci_device_init(dev, "piix3", VENDOR_INTEL, DEVICE_82371SB, CLASS_ISA, piix3);
    dev->config[PCI_COMMAND] = COMMAND_ALWAYS;
    dev->writable[PCI_COMMAND] = 0x08; /* special cycles: nobody sends any */
    put16(&dev->config[PCI_STATUS], STATUS);
    for (unsigned i = 0; i < ARRAY_SIZE(registers); i++) {
        dev->config[registers[i].offset] = registers[i].value;
        dev->writable[registers[i].offset] = registers[i].writable;
    }
    for (unsigned i = 0; i < PIIX3_PIRQS; i++) {
        dev->config[PIIX3_PIRQRC + i] = PIRQRC_OFF;
        dev->writable[PIIX3_PIRQRC + i] = PIRQRC_WRITABLE;
    }
    dev->changed = changed;
    pci_add(bus, dev, PCI_DEVFN(1, 0));
    bus->set_irq = piix3_set_irq;
    bus->opaque = piix3;
}
