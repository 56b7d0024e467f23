/* Guest flags that nobody stored, from registers: for the flag pass, which asks whether that is possible, and for
 * faults, which do it.
 *
 * The scheme of flags in translated code. A producer's flags are in one of four places:
 *   nowhere     no reader sees them: the producer does only what it does to its destination
 *   registers   its operands or its result are still there, so that they can be made again
 *   cpu->lazy   it stored its lazy state: the twin NAME_f of uop.def ran, or an exit stored it late
 *   the host    native code has just made them, and nothing since has changed the host's (struct gen, flags_uop)
 * Who decides and who finds them again:
 *   opt_flags.c      backward over a block: which producers become NAME_f, and uop->live of each
 *   value.c          what a register held earlier in the block, as a register of now and a number
 *   restore.c        a fault's: EFLAGS from the values; and for the pass, whether that will be possible
 *   late.c           native code's: which registers have the operands or the result at an exit or condition
 *   x64/gen_flags.c  makes the host's flags again, or stores the lazy state late, from what late.c found
 * All of them read a producer's row in uop.def: its family, the lazy state that its flags become, the flags that it
 * defines, and the host's flags behind its code. A producer of which one of them knows nothing is stored at once:
 * slower, never wrong. */
#ifndef PAGEWALK_RESTORE_H
#define PAGEWALK_RESTORE_H

#include "translate/block.h"

/* A block of which the micro-ops before `now` have run. */
struct past {
    const struct uop *uop;
    unsigned now;
    const struct cpu *cpu; /* NULL: only whether */
    bool late;             /* cpu NULL: opt_flags()'s */
    bool by_register;      /* cpu NULL: terms are registers with a number added */
    u32 carry;             /* CF by what is stored */
    u32 *used; /* or NULL: gets a bit for each slot whose present register was asked for */
};

/* A value: a register's as it is now, and a number; or (R_ZERO) a number alone. */
struct term {
    u8 slot;
    u32 n;
};

/* The whole register at `offset`, before micro-op `then`. (value.c) */
bool term_before(const struct past *t, u8 offset, unsigned then, struct term *v);

/* The size bytes at `offset`, not by register. */
bool value_before(const struct past *t, u8 offset, unsigned size, unsigned then, u32 *v);

/* What an engine that stores late can have the flags of a producer from. */
struct sources {
    bool has_a, has_b, has_res;
    struct term a, b, res; /* b with its number; MUL: res and b are EAX and EDX */
    int carry;             /* ADC, SBB: the producer of the carry */
};

/* Whether the result of producer p is in a register before micro-op `now`. */
bool late_result(const struct uop *uop, unsigned p, unsigned now);
/* Whether producer p's flags can be had from registers before micro-op `now`: stored there, or as the host's. */
bool late_sources(const struct uop *uop, unsigned p, unsigned now, bool store, struct sources *s);

/* The flags of producer p, stored or not, when they can be had from registers. mask: FL_* it defines, bits: their
 * values. */
bool restore_flags(const struct past *t, unsigned p, u32 *mask, u32 *bits);

#endif
