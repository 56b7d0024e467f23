/* The debug console: bytes written to a port (0xe9 by custom) go to a stream. */
#ifndef PAGEWALK_DEBUGCON_H
#define PAGEWALK_DEBUGCON_H

#include "devices/base/ioport.h"

struct debugcon {
    FILE *out;
    bool unbuffered; /* out is a terminal */
    u64 written;     /* bytes so far; a machine that goes back has written fewer, */
    u64 shown;       /* and what was written once is not written again */
};

void debugcon_init(struct debugcon *debugcon, struct ioport_bus *bus, u16 iobase, FILE *out);
void debugcon_reset(struct debugcon *debugcon); /* writes out what is buffered */

#endif
