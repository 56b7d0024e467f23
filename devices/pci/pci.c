/* The PCI bus: configuration mechanism #1, BARs and their mapping, interrupt pins, the reset register.
 *
 * Implemented: one bus, configuration cycles of 1, 2 and 4 bytes at any offset of the data port; BARs of
 * 32 bits for memory and I/O and the expansion ROM's; sizing; decoding by the command register; pins that
 * functions of a slot share; port 0xcf9. Not implemented: bridges to other buses, special cycles, 64-bit
 * BARs, parity and system errors, configuration mechanism #2.
 * Sources: PCI Local Bus Specification 2.1, chapters 3.7.4 (mechanism #1), 6.1 and 6.2; Intel 82441FX
 * datasheet (290549) 3.1 for ports 0xcf8 and 0xcfc; Intel 82371SB (290550) 2.5.6 for port 0xcf9. */
#include "devices/pci/pci.h"

#include <stdio.h>
#include <string.h>

/* Port 0xcf8, written as a whole only; narrower accesses go to the ISA bus. */
#define ADDRESS_ENABLE   0x80000000u
#define ADDRESS_WRITABLE 0x80fffffcu
#define ADDRESS_BUS(a)   ((a) >> 16 & 0xff)
#define ADDRESS_DEVFN(a) ((a) >> 8 & 0xff)
#define ADDRESS_REG(a)   ((a)&0xfc)

/* Port 0xcf9. */
#define RESET_OFFSET   1
#define RESET_HARD     0x02 /* the kind: this board resets everything for either */
#define RESET_CPU      0x04 /* writing 1 after 0 resets */
#define RESET_WRITABLE (RESET_HARD | RESET_CPU)

#define HEADER_MULTI   0x80 /* PCI_HEADER_TYPE */
#define BAR_IO         0x01u
#define BAR_PREFETCH   0x08u
#define IO_BAR_MIN     4u
#define MEMORY_BAR_MIN 16u
#define ROM_BAR_MIN    2048u
#define PORTS          0x10000u

static unsigned bar_register(unsigned n)
{
    return n == PCI_ROM_BAR ? PCI_ROM : PCI_BAR0 + 4 * n;
}

static bool is_bar(unsigned offset)
{
    return (offset >= PCI_BAR0 && offset < PCI_BAR0 + 4 * PCI_BARS) ||
           (offset >= PCI_ROM && offset < PCI_ROM + 4);
}

static struct pci_device *find(const struct pci_bus *bus, unsigned devfn)
{
    for (unsigned i = 0; i < bus->devices; i++)
        if (bus->device[i]->devfn == devfn)
            return bus->device[i];
    return NULL;
}

/* Where the registers put the BAR; PCI_UNMAPPED while it is not decoded, or where a guest that sizes it
 * or is wrong has put it. Address 0 counts as not set, as BIOSes and drivers take it. */
static u32 bar_place(const struct pci_device *dev, unsigned n)
{
    const struct pci_bar *bar = &dev->bar[n];
    u32 value = get32(&dev->config[bar_register(n)]);
    u32 base = value & ~(bar->size - 1), last = base + (bar->size - 1);
    u16 command = get16(&dev->config[PCI_COMMAND]);

    if (!(command & (bar->io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)) && !bar->always)
        return PCI_UNMAPPED;
    if (!base)
        return PCI_UNMAPPED;
    if (n == PCI_ROM_BAR && !(value & PCI_ROM_ENABLE))
        return PCI_UNMAPPED;
    if (bar->io)
        return last < PORTS ? base : PCI_UNMAPPED;
    return base >= dev->bus->memory_first && last <= dev->bus->memory_last ? base : PCI_UNMAPPED;
}

static void update_bars(struct pci_device *dev)
{
    for (unsigned n = 0; n <= PCI_ROM_BAR; n++) {
        struct pci_bar *bar = &dev->bar[n];
        u32 old = bar->base;

        if (!bar->size)
            continue;
        bar->base = bar_place(dev, n);
        if (bar->base != old)
            bar->map(bar->opaque ? bar->opaque : dev->opaque, n, old, bar->base);
    }
}

static void config_write(struct pci_device *dev, unsigned offset, u32 value, unsigned size)
{
    bool changed = false;

    for (unsigned i = 0; i < size; i++, value >>= 8) {
        u8 *byte = &dev->config[offset + i], old = *byte;
        u8 mask = dev->writable[offset + i];

        *byte = (u8)((old & ~mask) | (value & mask));
        if (offset + i == PCI_STATUS + 1)
            *byte &= (u8) ~(value & PCI_STATUS_ERRORS >> 8);
        changed |= *byte != old;
    }
    if (!changed)
        return;
    if (is_bar(offset) || offset < PCI_STATUS)
        update_bars(dev);
    if (!is_bar(offset) && dev->changed)
        dev->changed(dev->opaque, offset, size);
}

/* The device that the address register names; NULL when nobody answers. */
static struct pci_device *addressed(const struct pci_bus *bus)
{
    if (!(bus->address & ADDRESS_ENABLE) || ADDRESS_BUS(bus->address) != 0)
        return NULL;
    return find(bus, ADDRESS_DEVFN(bus->address));
}

static void data_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct pci_bus *bus = opaque;
    struct pci_device *dev = addressed(bus);

    if (dev)
        config_write(dev, ADDRESS_REG(bus->address) + offset, value, size);
}

static u32 data_read(void *opaque, u16 offset, unsigned size)
{
    struct pci_bus *bus = opaque;
    struct pci_device *dev = addressed(bus);
    u32 value = 0;

    if (!dev)
        return 0xffffffff;
    memcpy(&value, &dev->config[ADDRESS_REG(bus->address) + offset], size);
    return value;
}

static void reset_write(struct pci_bus *bus, u8 value)
{
    u8 old = bus->reset_control;

    bus->reset_control = value & RESET_WRITABLE;
    if ((bus->reset_control & (u8)~old & RESET_CPU) && bus->reset)
        bus->reset(bus->reset_opaque);
}

static void address_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct pci_bus *bus = opaque;

    if (size == 4)
        bus->address = value & ADDRESS_WRITABLE;
    else if (size == 1 && offset == RESET_OFFSET)
        reset_write(bus, (u8)value);
}

static u32 address_read(void *opaque, u16 offset, unsigned size)
{
    struct pci_bus *bus = opaque;

    if (size == 4)
        return bus->address;
    return size == 1 && offset == RESET_OFFSET ? bus->reset_control : 0xffffffff;
}

static const struct ioport_ops address_ops = {address_read, address_write, 4};
static const struct ioport_ops data_ops = {data_read, data_write, 4};

bool pci_pin_level(const struct pci_bus *bus, unsigned slot, unsigned pin)
{
    for (unsigned i = 0; i < bus->devices; i++) {
        const struct pci_device *dev = bus->device[i];

        if (dev->devfn >> 3 == slot && dev->config[PCI_INTERRUPT_PIN] == pin + 1 && dev->irq_level)
            return true;
    }
    return false;
}

void pci_set_irq(struct pci_device *dev, bool level)
{
    struct pci_bus *bus = dev->bus;
    unsigned slot = dev->devfn >> 3, pin = dev->config[PCI_INTERRUPT_PIN] - 1u;
    bool before, after;

    BUG_ON(pin > 3);
    before = pci_pin_level(bus, slot, pin);
    dev->irq_level = level;
    after = pci_pin_level(bus, slot, pin);
    if (before != after && bus->set_irq)
        bus->set_irq(bus->opaque, slot, pin, after);
}

bool pci_is_master(const struct pci_device *dev)
{
    return get16(&dev->config[PCI_COMMAND]) & PCI_COMMAND_MASTER;
}

void pci_bus_reset(struct pci_bus *bus)
{
    bus->address = 0;
    bus->reset_control = 0;
    for (unsigned i = 0; i < bus->devices; i++) {
        struct pci_device *dev = bus->device[i];

        if (dev->irq_level)
            pci_set_irq(dev, false);
        memcpy(dev->config, dev->power_on, sizeof(dev->config));
        update_bars(dev);
    }
}

/* What identifies the function and what it has is this program's, not the file's. */
static void device_state(struct pci_device *dev, struct state *state)
{
    static const struct {
        u8 from, size;
    } fixed[] = {{PCI_VENDOR_ID, 4},
                 {PCI_REVISION, 4},
                 {PCI_HEADER_TYPE, 1},
                 {PCI_SUBVENDOR_ID, 4},
                 {PCI_INTERRUPT_PIN, 1}};
    u8 own[256], command[2];
    char tag[STATE_TAG_MAX + 1];

    snprintf(tag, sizeof(tag), "pci %02x", dev->devfn);
    if (!state_begin(state, tag))
        return;
    memcpy(own, dev->config, sizeof(own));
    state_bytes(state, dev->config, sizeof(dev->config));
    state_bool(state, &dev->irq_level);
    state_end(state);
    if (!state->loading)
        return;
    for (unsigned i = 0; i < ARRAY_SIZE(fixed); i++)
        memcpy(&dev->config[fixed[i].from], &own[fixed[i].from], fixed[i].size);
    for (unsigned i = 0; i < sizeof(own); i++)
        if (is_bar(i) || i == PCI_COMMAND || i == PCI_COMMAND + 1)
            dev->config[i] =
                (u8)((dev->config[i] & dev->writable[i]) | (own[i] & ~dev->writable[i]));
    if (!dev->config[PCI_INTERRUPT_PIN])
        dev->irq_level = false;
    /* First off and then on again: a device maps anew what its own state may decide on, too. */
    memcpy(command, &dev->config[PCI_COMMAND], sizeof(command));
    memset(&dev->config[PCI_COMMAND], 0, sizeof(command));
    update_bars(dev);
    memcpy(&dev->config[PCI_COMMAND], command, sizeof(command));
    update_bars(dev);
}

void pci_bus_state(struct pci_bus *bus, struct state *state)
{
    if (state_begin(state, "pci")) {
        state_u32(state, &bus->address);
        state_u8(state, &bus->reset_control);
        state_end(state);
    }
    bus->address &= ADDRESS_WRITABLE;
    bus->reset_control &= RESET_WRITABLE;
    for (unsigned i = 0; i < bus->devices; i++)
        device_state(bus->device[i], state);
}

void pci_device_init(struct pci_device *dev, const char *name, u16 vendor, u16 device, u32 class,
                     void *opaque)
{
    memset(dev, 0, sizeof(*dev));
    dev->name = name;
    dev->opaque = opaque;
    put16(&dev->config[PCI_VENDOR_ID], vendor);
    put16(&dev->config[PCI_DEVICE_ID], device);
    put16(&dev->config[PCI_CLASS], (u16) class);
    dev->config[PCI_CLASS + 2] = (u8)(class >> 16);
    dev->writable[PCI_COMMAND] = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
}

static void add_bar(struct pci_device *dev, unsigned n)
{
    struct pci_bar *bar = &dev->bar[n];
    u32 least = n == PCI_ROM_BAR ? ROM_BAR_MIN : bar->io ? IO_BAR_MIN : MEMORY_BAR_MIN;
    u32 flags = bar->io ? BAR_IO : bar->prefetch && n != PCI_ROM_BAR ? BAR_PREFETCH : 0;

    bar->base = PCI_UNMAPPED;
    put32(&dev->config[bar_register(n)], 0);
    put32(&dev->writable[bar_register(n)], 0);
    if (!bar->size)
        return;
    if (bar->size < least || (bar->size & (bar->size - 1)) || !bar->map ||
        (bar->io && (n == PCI_ROM_BAR || bar->size > 256)))
        BUG("BAR %u of %s", n, dev->name);
    put32(&dev->config[bar_register(n)], flags);
    put32(&dev->writable[bar_register(n)],
          ~(bar->size - 1) | (n == PCI_ROM_BAR ? PCI_ROM_ENABLE : 0));
}

void pci_add(struct pci_bus *bus, struct pci_device *dev, u8 devfn)
{
    if (bus->devices == PCI_DEVICES || find(bus, devfn))
        BUG("no place on the PCI bus for %s", dev->name);
    dev->bus = bus;
    dev->devfn = devfn;
    for (unsigned n = 0; n <= PCI_ROM_BAR; n++)
        add_bar(dev, n);
    if (dev->config[PCI_INTERRUPT_PIN])
        dev->writable[PCI_INTERRUPT_LINE] = 0xff;
    memcpy(dev->power_on, dev->config, sizeof(dev->config));
    bus->device[bus->devices++] = dev;
    for (unsigned i = 0; i < bus->devices; i++) {
        struct pci_device *first = find(bus, bus->device[i]->devfn & ~7u);

        if (!first || first == bus->device[i])
            continue;
        first->config[PCI_HEADER_TYPE] |= HEADER_MULTI;
        first->power_on[PCI_HEADER_TYPE] |= HEADER_MULTI;
    }
}

void pci_add_rom_bar(struct pci_device *dev, const struct pci_bar *bar)
{
    dev->bar[PCI_ROM_BAR] = *bar;
    add_bar(dev, PCI_ROM_BAR);
    memcpy(dev->power_on + PCI_ROM, dev->config + PCI_ROM, 4);
}

void pci_bus_init(struct pci_bus *bus, struct ioport_bus *ports)
{
    memset(bus, 0, sizeof(*bus));
    bus->memory_last = PCI_UNMAPPED - 1;
    ioport_add(ports, 0xcf8, 4, &address_ops, bus, "pci address");
    ioport_add(ports, 0xcfc, 4, &data_ops, bus, "pci data");
}
