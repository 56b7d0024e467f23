/* isa-debug-exit: a write to its port ends the machine with status (value << 1) | 1.
 *
 * The value is as wide as the access; the status keeps its low eight bits, so that it is always odd
 * and a guest's 0 differs from the emulator's. Reads return 0. Source: QEMU's device of this name.
 * */
#include "devices/chipset/debug_exit.h"

static void debug_exit_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct debug_exit *debug_exit = opaque;

    (void)offset, (void)size;
    debug_exit->quit(debug_exit->opaque, (int)((value << 1 | 1) & 0xff));
}

static u32 debug_exit_read(void *opaque, u16 offset, unsigned size)
{
    (void)opaque, (void)offset, (void)size;
    return 0;
}

static const struct ioport_ops debug_exit_ops = {debug_exit_read, debug_exit_write, 4};

void debug_exit_reset(struct debug_exit *debug_exit)
{
    (void)debug_exit;
}

void debug_exit_init(struct debug_exit *debug_exit, struct ioport_bus *bus, u16 iobase, u16 iosize,
                     void (*quit)(void *opaque, int status), void *opaque)
{
    debug_exit->quit = quit;
    debug_exit->opaque = opaque;
    ioport_add(bus, iobase, iosize, &debug_exit_ops, debug_exit, "isa-debug-exit");
}
