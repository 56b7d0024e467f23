/* pc-testdev: what the test suites of hypervisors try ports, memory and interrupt lines on.
 *
 *     e0-e3          four bytes that keep what is written, at every width
 *     e4-e7          a page is to be dropped from the host's tables: nothing that a guest could see
 *     e8-eb          the same four bytes, byte by byte
 *     2000-2017      one interrupt line each: 0 lowers it, all else raises it
 *     ff000000       64 KiB of a device's memory
 *
 * Source: QEMU's device of this name, as `info mtree` and kvm-unit-tests show it. */
#include "devices/chipset/testdev.h"

#include <string.h>

#define VALUE 0xe0
#define FLUSH 0xe4
#define BYTES 0xe8
#define LINES 0x2000

static u32 width_mask(unsigned size)
{
    return UINT32_MAX >> (32 - 8 * size);
}

static u32 value_read(void *opaque, u16 offset, unsigned size)
{
    const struct testdev *testdev = opaque;

    return testdev->value >> (offset * 8) & width_mask(size);
}

static void value_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct testdev *testdev = opaque;
    u32 mask = width_mask(size) << (offset * 8);

    testdev->value = (testdev->value & ~mask) | (value << (offset * 8) & mask);
}

static const struct ioport_ops value_ops = {value_read, value_write, 4};
static const struct ioport_ops byte_ops = {value_read, value_write, 1};

static u32 flush_read(void *opaque, u16 offset, unsigned size)
{
    (void)opaque, (void)offset, (void)size;
    return 0;
}

static const struct ioport_ops flush_ops = {flush_read, NULL, 4};

static void line_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct testdev *testdev = opaque;

    (void)size;
    testdev->line.line = offset;
    irq_set(&testdev->line, value != 0);
}

static const struct ioport_ops line_ops = {flush_read, line_write, 1};

static u32 memory_read(void *opaque, u32 offset, unsigned size)
{
    const struct testdev *testdev = opaque;
    u32 value = 0;

    memcpy(&value, testdev->memory + offset % TESTDEV_MEMORY_SIZE, size);
    return value;
}

static void memory_write(void *opaque, u32 offset, u32 value, unsigned size)
{
    struct testdev *testdev = opaque;

    memcpy(testdev->memory + offset, &value, size);
}

static const struct phys_mmio_ops memory_ops = {memory_read, memory_write};

void testdev_state(struct testdev *testdev, struct state *state)
{
    if (!state_begin(state, "pc-testdev"))
        return;
    state_u32(state, &testdev->value);
    state_bytes(state, testdev->memory, sizeof(testdev->memory));
    state_end(state);
}

int testdev_init(struct testdev *testdev, struct ioport_bus *bus, struct phys *phys,
                 struct irq line)
{
    memset(testdev, 0, sizeof(*testdev));
    testdev->line = line;
    ioport_add(bus, VALUE, 4, &value_ops, testdev, "pc-testdev");
    ioport_add(bus, FLUSH, 4, &flush_ops, testdev, "pc-testdev");
    ioport_add(bus, BYTES, 4, &byte_ops, testdev, "pc-testdev");
    ioport_add(bus, LINES, TESTDEV_LINES, &line_ops, testdev, "pc-testdev");
    return phys_add_mmio(phys, TESTDEV_MEMORY, TESTDEV_MEMORY_SIZE, &memory_ops, testdev);
}
