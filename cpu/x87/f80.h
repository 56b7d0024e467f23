/* 80-bit extended reals: their encodings. (SDM vol. 1, 4.2.2 and table 8-3) */
#ifndef PAGEWALK_F80_H
#define PAGEWALK_F80_H

#include "mmu/host/base.h"

/* As in memory: significand, then sign and exponent. */
struct f80 {
    u64 frac;
    u16 se;
};
#define F80_BIAS   16383
#define F80_ADJUST 24576 /* of the exponent, by an unmasked overflow or underflow */
#define F80_TOP    0x8000000000000000ull
#define F80_QUIET  0x4000000000000000ull /* of a NaN */

static inline u16 f80_exp(const struct f80 *x)
{
    return x->se & 0x7fff;
}

static inline bool f80_negative(const struct f80 *x)
{
    return x->se >> 15;
}

static inline bool f80_is_zero(const struct f80 *x)
{
    return f80_exp(x) == 0 && x->frac == 0;
}

/* Pseudo-denormal ones, whose top bit is set, too. */
static inline bool f80_is_denormal(const struct f80 *x)
{
    return f80_exp(x) == 0 && x->frac != 0;
}

static inline bool f80_is_infinite(const struct f80 *x)
{
    return f80_exp(x) == 0x7fff && x->frac == F80_TOP;
}

static inline bool f80_is_nan(const struct f80 *x)
{
    return f80_exp(x) == 0x7fff && x->frac > F80_TOP;
}

static inline bool f80_is_signaling(const struct f80 *x)
{
    return f80_is_nan(x) && !(x->frac & F80_QUIET);
}

/* Encodings that processors since the 387 refuse: no top bit, and the exponent is not 0. */
static inline bool f80_is_unsupported(const struct f80 *x)
{
    return f80_exp(x) != 0 && x->frac < F80_TOP;
}

/* A number that is neither zero nor infinite. */
static inline bool f80_is_plain(const struct f80 *x)
{
    return f80_exp(x) == 0 ? x->frac != 0 : f80_exp(x) != 0x7fff && x->frac >= F80_TOP;
}

#endif
