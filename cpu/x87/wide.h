/* Floating point numbers with 128 bits of significand, in integers: what the x87's functions are computed in.
 *
 * A number is frac * 2^(exp - 127), with frac's top bit set: there is no zero. Results of the operations are
 * truncated, so each may be below the true value by one in frac's last place or two. Nothing here
 * depends on the host's floating point unit. */
#ifndef PAGEWALK_WIDE_H
#define PAGEWALK_WIDE_H

#include "cpu/x87/f80.h"
#include "cpu/x87/u128.h"

struct wide {
    u128 frac;
    i32 exp;
    bool negative;
};

/* frac * 2^(exp - 127), frac any number but 0. */
struct wide wide_make(u128 frac, i32 exp, bool negative);

/* A finite number that is not zero; denormal and pseudo-denormal ones too. */
struct wide wide_of(const struct f80 *x);

/* The upper half of a product: of two fractions of 1, in units of 2^-128, the product. */
u128 wide_high(u128 a, u128 b);

struct wide wide_mul(struct wide a, struct wide b);
struct wide wide_add(struct wide a, struct wide b); /* not of a number and its negative */
struct wide wide_div(struct wide a, struct wide b); /* truncated exactly */

/* |a|, which is below 1, in units of 2^-128. */
u128 wide_fraction(struct wide a);

/* The sum, truncated; *exact becomes false when that loses something. Not of a number and its negative. The lower
 * halves of both numbers' frac are 0. */
struct wide wide_sum(struct wide a, struct wide b, bool *exact);

/* The square root of a positive number, truncated; *exact becomes false when that loses something. */
struct wide wide_root(struct wide a, bool *exact);

/* What numbers are rounded to: bits of significand, and the exponents of normal numbers. */
struct wide_format {
    unsigned bits;
    i32 min, max;
};
extern const struct wide_format wide_single, wide_double, wide_extended;

/* frac * 2^(exp - 63), negative or not. Normal numbers have frac's top bit set; zeros and denormal ones have the
 * format's least exponent, infinities its greatest and one. */
struct wide_rounded {
    u64 frac;
    i32 exp;
};

/* Rounds as the control word's bits 10 and 11 say; exceptions and C1 go into *sw. A number that is not exact lies above
 * what `a` is, in magnitude, by less than its last place. An unmasked overflow or underflow gives a result whose
 * exponent is out of bounds. (SDM vol. 1, 4.8.4, 4.9.1 and 8.5.4) */
struct wide_rounded wide_round_to(const struct wide_format *format, struct wide a, bool exact,
                                  u16 cw, u16 *sw);

/* The same to an extended real: an unmasked overflow or underflow gives the bias-adjusted result. (SDM vol. 1, 8.5.4
 * and 8.5.5) */
struct f80 wide_to_f80(const struct wide_format *format, struct wide a, bool exact, u16 cw,
                       u16 *sw);
/* To its 64 bits, whatever the control word's precision. */
struct f80 wide_round(struct wide a, bool exact, u16 cw, u16 *sw);

#endif
