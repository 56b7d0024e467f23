/* The debug console: bytes written to a port (0xe9 by custom) go to a stream.
 *
 * Reads return 0xe9, by which guests detect it, whatever the port. Output is flushed at each line's
 * end; on a terminal, after every byte. Source: the Bochs "port E9 hack". */
#include "devices/serial/debugcon.h"

#include <unistd.h>

#include "mmu/host/log.h"

static void debugcon_write(void *opaque, u16 offset, u32 value, unsigned size)
{
    struct debugcon *debugcon = opaque;
    bool before;

    (void)offset, (void)size;
    if (debugcon->written++ < debugcon->shown)
        return;
    debugcon->shown = debugcon->written;
    before = ferror(debugcon->out);
    putc((int)(value & 0xff), debugcon->out);
    if (value == '\n' || debugcon->unbuffered)
        fflush(debugcon->out);
    stream_failed(debugcon->out, before, "-debugcon's output");
}

static u32 debugcon_read(void *opaque, u16 offset, unsigned size)
{
    (void)opaque, (void)offset, (void)size;
    return 0xe9;
}

static const struct ioport_ops debugcon_ops = {debugcon_read, debugcon_write, 1};

void debugcon_reset(struct debugcon *debugcon)
{
    fflush(debugcon->out);
}

void debugcon_init(struct debugcon *debugcon, struct ioport_bus *bus, u16 iobase, FILE *out)
{
    *debugcon = (struct debugcon){.out = out, .unbuffered = isatty(fileno(out))};
    ioport_add(bus, iobase, 1, &debugcon_ops, debugcon, "debugcon");
}
