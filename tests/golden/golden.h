/* Golden tests: host code as text that is the same on every machine. */
#ifndef PAGEWALK_TESTS_GOLDEN_H
#define PAGEWALK_TESTS_GOLDEN_H

#include <stdio.h>

#include "translate/x64/x64.h"

struct host_line {
    u32 at;    /* offset in the block's code */
    u16 label; /* 0: no jump of the block goes here */
    char text[120];
};

#define HOST_LINES 4096

/* A block's host code, disassembled. */
struct host_code {
    struct host_line line[HOST_LINES];
    unsigned lines;
    u32 bytes; /* without what is data */
};

/* Disassembles len bytes of block's code. False when objdump does not run. */
bool host_disassemble(struct host_code *out, const struct block *block, const u8 *code, u32 len);

/* Replaces what differs between machines and builds by names: addresses of thunks, C functions and links,
 * offsets in struct cpu, and positions of jumps. Returns how many addresses have no name. */
unsigned host_name(struct host_code *code, const struct block *block, const struct x64 *x64,
                   const struct stats *stats);

#endif
