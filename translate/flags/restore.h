/* Guest flags that nobody stored, from registers: for the flag pass, which asks whether that is possible, and for
 * faults, which do it. */
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
