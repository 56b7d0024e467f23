/* Arithmetic in integers on numbers of any precision, before they are rounded: what the x87 and SSE share.
 *
 * Operands are extended reals that are no NaNs and no encodings that processors refuse. */
#ifndef PAGEWALK_SOFT_ARITH_H
#define PAGEWALK_SOFT_ARITH_H

#include "cpu/x87/wide.h"

/* A result before rounding. */
struct soft_result {
    enum { SOFT_NUMBER, SOFT_ZERO, SOFT_INFINITE, SOFT_INVALID } kind;
    bool negative;      /* of a zero and an infinity */
    bool exact;         /* of a number: nothing was cut off */
    struct wide number; /* as wide_round_to() has it */
    u16 sw;             /* X87_DE, X87_ZE, X87_IE */
};

/* down: a sum of nothing is -0, as rounding down has it. (SDM vol. 1, 4.8.3.1) */
struct soft_result soft_add(const struct f80 *a, const struct f80 *b, bool subtract, bool down);
struct soft_result soft_mul(const struct f80 *a, const struct f80 *b);
struct soft_result soft_div(const struct f80 *n, const struct f80 *d);
struct soft_result soft_sqrt(const struct f80 *x);

/* Below 0, 0 or above 0, as a is to b. */
int soft_order(const struct f80 *a, const struct f80 *b);

/* |x| as an integer, of a number below 2^64, rounded as the control word says; PE and C1 go into *sw. */
u64 soft_integer(const struct f80 *x, u16 cw, u16 *sw);

struct f80 soft_of_integer(i64 value);
struct f80 soft_of_magnitude(u64 magnitude, bool negative);

/* Numbers in memory: 4 or 8 bytes. */
struct soft_layout {
    const struct wide_format *format;
    unsigned frac_bits, exp_bits;
};
extern const struct soft_layout soft_single, soft_double;

bool soft_is_denormal(const struct soft_layout *l, u64 value);
/* As an extended real, NaNs that signal too. */
struct f80 soft_widen(const struct soft_layout *l, u64 value);
/* Back: of zeros, infinities, and NaNs, which are cut. */
u64 soft_pack(const struct soft_layout *l, const struct f80 *x);
u64 soft_pack_rounded(const struct soft_layout *l, struct wide_rounded r, bool negative);

#endif
