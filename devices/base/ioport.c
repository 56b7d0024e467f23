/* The port bus: looks a port's range up, splits accesses that no single range takes as one. */
#include "devices/base/ioport.h"

#include <string.h>

#define PORTS 65536u

static u32 size_mask(unsigned size)
{
    return 0xffffffffu >> (32 - 8 * size);
}

void ioport_init(struct ioport_bus *bus, struct log *log)
{
    memset(bus, 0, sizeof(*bus));
    bus->log = log;
}

void ioport_add(struct ioport_bus *bus, u16 base, u16 count, const struct ioport_ops *ops,
                void *opaque, const char *name)
{
    if (bus->ranges == IOPORT_RANGES)
        BUG("port bus full at %s", name);
    if (count == 0 || base + count > PORTS)
        BUG("ports of %s", name);
    bus->range[bus->ranges++] = (struct ioport_range){
        .base = base, .count = count, .ops = ops, .opaque = opaque, .name = name};
    memset(&bus->map[base], (int)bus->ranges, count);
}

void ioport_add_block(struct ioport_bus *bus, u16 port, const struct ioport_block_ops *block)
{
    BUG_ON(!bus->map[port]);
    bus->range[bus->map[port] - 1].block = block;
}

void ioport_ignore(struct ioport_bus *bus, u16 base, u16 count, const char *reason)
{
    ioport_add(bus, base, count, NULL, NULL, reason);
}

const char *ioport_owner(const struct ioport_bus *bus, u16 base, u16 count)
{
    for (u32 port = base; port < (u32)base + count && port < PORTS; port++) {
        u8 number = bus->map[port];

        if (number && bus->range[number - 1].ops)
            return bus->range[number - 1].name;
    }
    return NULL;
}

static unsigned find_range(const struct ioport_bus *bus, u16 base, u16 count, const void *opaque)
{
    for (unsigned i = bus->ranges; i > 0; i--) {
        const struct ioport_range *range = &bus->range[i - 1];

        if (range->base == base && range->count == count && range->opaque == opaque)
            return i - 1;
    }
    BUG("no such port range at %04x", base);
}

void ioport_remove(struct ioport_bus *bus, u16 base, u16 count, void *opaque)
{
    unsigned gone = find_range(bus, base, count, opaque);

    bus->ranges--;
    memmove(&bus->range[gone], &bus->range[gone + 1], (bus->ranges - gone) * sizeof(bus->range[0]));
    memset(bus->map, 0, sizeof(bus->map));
    for (unsigned i = 0; i < bus->ranges; i++)
        memset(&bus->map[bus->range[i].base], (int)i + 1, bus->range[i].count);
}

/* Whether all ports of the access belong to one range, or all to none. An access that wraps past
 * port 0xffff does not: it continues at port 0, as the bus has 16 address lines. */
static bool one_range(const struct ioport_bus *bus, u16 port, unsigned size)
{
    if (port + size > PORTS)
        return false;
    for (unsigned i = 1; i < size; i++)
        if (bus->map[port + i] != bus->map[port])
            return false;
    return true;
}

static void report(struct ioport_bus *bus, u16 port, unsigned size, const char *what, u32 value)
{
    u8 bit = (u8)(1u << (port & 7));

    if (!bus->log || !log_on(bus->log, LOG_unassigned) || (bus->reported[port >> 3] & bit))
        return;
    bus->reported[port >> 3] |= bit;
    log_write(bus->log, "port %04x: %s%u %0*x, no device\n", port, what, size * 8, (int)size * 2,
              value);
}

static void trace(struct ioport_bus *bus, u16 port, unsigned size, const char *what, u32 value)
{
    u8 number = bus->map[port];

    if (!bus->log)
        return;
    log_printf(bus->log, LOG_ioport, "port %04x: %s%u %0*x %s\n", port, what, size * 8,
               (int)size * 2, value, number ? bus->range[number - 1].name : "unassigned");
}

static u32 access_read(struct ioport_bus *bus, u16 port, unsigned size)
{
    if (one_range(bus, port, size)) {
        u8 number = bus->map[port];
        const struct ioport_range *range;

        if (!number) {
            report(bus, port, size, "in", size_mask(size));
            return size_mask(size);
        }
        range = &bus->range[number - 1];
        if (!range->ops || !range->ops->read)
            return size_mask(size);
        if (size <= range->ops->max_size)
            return range->ops->read(range->opaque, (u16)(port - range->base), size) &
                   size_mask(size);
    }
    BUG_ON(size == 1);
    size /= 2;
    u32 low = access_read(bus, port, size);
    return low | access_read(bus, (u16)(port + size), size) << (8 * size);
}

static void access_write(struct ioport_bus *bus, u16 port, u32 value, unsigned size)
{
    value &= size_mask(size);
    if (one_range(bus, port, size)) {
        u8 number = bus->map[port];
        const struct ioport_range *range;

        if (!number) {
            report(bus, port, size, "out", value);
            return;
        }
        range = &bus->range[number - 1];
        if (!range->ops || !range->ops->write)
            return;
        if (size <= range->ops->max_size) {
            range->ops->write(range->opaque, (u16)(port - range->base), value, size);
            return;
        }
    }
    BUG_ON(size == 1);
    size /= 2;
    access_write(bus, port, value, size);
    access_write(bus, (u16)(port + size), value >> (8 * size), size);
}

u32 ioport_read(struct ioport_bus *bus, u16 port, unsigned size)
{
    u32 value = access_read(bus, port, size);

    trace(bus, port, size, "in", value);
    return value;
}

void ioport_write(struct ioport_bus *bus, u16 port, u32 value, unsigned size)
{
    trace(bus, port, size, "out", value & size_mask(size));
    access_write(bus, port, value, size);
}

/* The range that takes a string access to the port whole; NULL: element by element, also while each
 * is to be traced. */
static const struct ioport_range *block_range(const struct ioport_bus *bus, u16 port, unsigned size)
{
    u8 number = bus->map[port];
    const struct ioport_range *range = number ? &bus->range[number - 1] : NULL;

    if (!range || !range->block || size > range->ops->max_size || !one_range(bus, port, size) ||
        (bus->log && log_on(bus->log, LOG_ioport)))
        return NULL;
    return range;
}

u32 ioport_read_block(struct ioport_bus *bus, u16 port, void *data, unsigned size, u32 count)
{
    const struct ioport_range *range = block_range(bus, port, size);

    return range ? range->block->read(range->opaque, (u16)(port - range->base), data, size, count)
                 : 0;
}

u32 ioport_write_block(struct ioport_bus *bus, u16 port, const void *data, unsigned size, u32 count)
{
    const struct ioport_range *range = block_range(bus, port, size);

    return range ? range->block->write(range->opaque, (u16)(port - range->base), data, size, count)
                 : 0;
}
