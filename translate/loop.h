/* Inner loops: blocks whose last jump leads back to their own start, and how the addresses of their loads and
 * stores move from one iteration to the next. */
#ifndef PAGEWALK_LOOP_H
#define PAGEWALK_LOOP_H

#include "translate/block.h"

#define LOOP_ACCESSES 24
#define LOOP_SPAN     512 /* bytes that the accesses of a stream lie apart, at most */
#define LOOP_STRIDE   1024

/* Accesses at constant distances from one another: [R[a] + (R[b] << scale) + imm]. */
struct loop_stream {
    u8 a, b, scale; /* as in a micro-op */
    /* That of a and b which the body changes, and its shift; ZERO_REG: neither. both: both do. */
    u8 moving, shift;
    bool both;
    bool decreases; /* a moving register is not only added to */
    bool write;     /* some access writes */
    i32 low; /* the lowest byte of an iteration is at the address of imm = low, registers as at its start */
    u32 span;   /* bytes from there that it may access */
    i32 stride; /* how far it moves an iteration */
    unsigned accesses;
};

struct loop {
    unsigned self; /* the link that leads back */
    unsigned streams, accesses;
    struct loop_stream stream[ENGINE_STREAMS];
    u8 stream_of[LOOP_ACCESSES]; /* by number of load or store in the body */
    u32 used;                    /* register-file slots that the body names */
};

/* Whether b is a loop that does nothing but compute, load and store, each access in a stream; or any_address, and no
 * streams are looked for. */
bool loop_find(const struct block *b, struct loop *loop, bool any_address);

#endif
