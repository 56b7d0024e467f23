/* isa-debug-exit: a write to its port ends the machine with status (value << 1) | 1. */
#ifndef PAGEWALK_DEBUG_EXIT_H
#define PAGEWALK_DEBUG_EXIT_H

#include "devices/base/ioport.h"

struct debug_exit {
    void (*quit)(void *opaque, int status);
    void *opaque;
};

/* status: 0 to 255, as the host's exit status keeps it. The first call is to count. */
void debug_exit_init(struct debug_exit *debug_exit, struct ioport_bus *bus, u16 iobase, u16 iosize,
                     void (*quit)(void *opaque, int status), void *opaque);
void debug_exit_reset(struct debug_exit *debug_exit); /* holds no state */

#endif
