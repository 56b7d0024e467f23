/* x87 instructions by rule: operands, quadrants and exceptions around the series; see x87_exact.h.
 *
 * Zeros, infinities, NaNs and invalid operands have results that the manual lists, so all processors agree:
 * those run on the host, and so does what is exact. */
#include "cpu/x87/x87_exact.h"

#include "cpu/x87/x87_priv.h"
#include "cpu/x87/x87_series.h"

static u16 denormal(const struct f80 *x)
{
    return f80_is_denormal(x) ? X87_DE : 0;
}

/* Takes multiples of pi / 2 out of x; the result is their number, modulo 4. False: there are too many, or x needs
 * no computing. The sign stays what x's was times what is left. */
static bool reduce(const struct f80 *x, struct wide *left, unsigned *quadrant)
{
    /* The processor's pi / 2 in units of 2^-65, and |x| in those; below 1/4 there is nothing to take out. */
    static const u128 half_pi = U128(3, 0x243f6a8885a308d3);
    i32 exp = (x->se & 0x7fff) - F80_BIAS;
    u128 rest, turned;

    if (!f80_is_plain(x) || exp >= 63)
        return false;
    *left = wide_of(x);
    *quadrant = 0;
    if (exp < -2)
        return true;
    turned = u128_div(u128_shl(u128_of(x->frac), (unsigned)(exp + 2)), half_pi, &rest);
    *quadrant = (unsigned)u128_low(turned) & 3;
    if (u128_less(u128_shr(half_pi, 1), rest)) {
        *quadrant = (*quadrant + 1) & 3;
        *left = wide_make(u128_sub(half_pi, rest), 62, !left->negative);
    } else {
        *left = wide_make(rest, 62, left->negative);
    }
    return true;
}

/* The sine of |x|, taken quadrants turned on, and x's sign. */
static struct wide sine(struct wide left, unsigned quadrant, bool negative)
{
    struct wide v = quadrant & 1 ? wide_cos(left) : wide_sin(left);

    if (quadrant & 1)
        v.negative = negative;
    v.negative ^= quadrant >> 1 & 1;
    return v;
}

static struct wide cosine(struct wide left, unsigned quadrant, bool negative)
{
    struct wide v = sine(left, (quadrant + 1) & 3, negative);

    v.negative ^= negative;
    return v;
}

static struct wide tangent(struct wide left, unsigned quadrant)
{
    static const struct wide minus_one = {U128(F80_TOP, 0), 0, true};
    struct wide v = wide_tan(left);

    return quadrant & 1 ? wide_div(minus_one, v) : v;
}

/* 2^x - 1. Beyond the range from -1 to 1, where the manual says nothing, the operand stays, as an AMD processor
 * (family 19h) has it. */
static u16 f2xm1(u16 cw, struct f80 *x)
{
    u16 sw = denormal(x), exp = x->se & 0x7fff;

    if (!f80_is_plain(x))
        return X87_UNIT(unary)(X87_F2XM1, cw, x);
    if (exp > F80_BIAS || (exp == F80_BIAS && x->frac != F80_TOP))
        return X87_PE;
    if (exp == F80_BIAS) { /* 1 and -1 */
        if (x->se >> 15)
            x->se--;
        return sw;
    }
    *x = wide_round(wide_exp2_less_1(wide_of(x)), false, cw, &sw);
    return sw;
}

u16 x87_exact_unary(enum x87_unary op, u16 cw, struct f80 *x)
{
    struct wide left;
    unsigned quadrant;
    bool negative = x->se >> 15;
    u16 sw = denormal(x);

    if (op == X87_F2XM1)
        return f2xm1(cw, x);
    if ((op != X87_SIN && op != X87_COS) || !reduce(x, &left, &quadrant))
        return X87_UNIT(unary)(op, cw, x);
    left = op == X87_SIN ? sine(left, quadrant, negative) : cosine(left, quadrant, negative);
    *x = wide_round(left, false, cw, &sw);
    return sw;
}

u16 x87_exact_two(enum x87_two op, u16 cw, struct f80 *x, struct f80 *pushed)
{
    struct wide left;
    unsigned quadrant;
    bool negative = x->se >> 15;
    u16 sw = denormal(x), first = 0;

    if (op == X87_XTRACT || !reduce(x, &left, &quadrant))
        return X87_UNIT(two)(op, cw, x, pushed);
    if (op == X87_PTAN) {
        *x = wide_round(tangent(left, quadrant), false, cw, &sw);
        *pushed = (struct f80){F80_TOP, F80_BIAS};
        return sw;
    }
    *x = wide_round(sine(left, quadrant, negative), false, cw, &first);
    *pushed = wide_round(cosine(left, quadrant, negative), false, cw, &sw);
    return sw | (first & X87_EXCEPTIONS); /* C1 is the cosine's */
}

/* y * log2(x) */
static u16 fyl2x(u16 cw, struct f80 *x, const struct f80 *y)
{
    u16 sw = denormal(x) | denormal(y);
    struct wide log, from;
    bool exact;

    if (!f80_is_plain(x) || !f80_is_plain(y) || x->se >> 15)
        return X87_UNIT(binary)(X87_YL2X, cw, x, y);
    from = wide_of(x);
    if (wide_log2(from, &log)) /* of 1 */
        return X87_UNIT(binary)(X87_YL2X, cw, x, y);
    exact = u128_equal(from.frac, U128(F80_TOP, 0));
    *x = wide_round(wide_mul(log, wide_of(y)), exact, cw, &sw);
    return sw;
}

/* y * log2(x + 1). The manual has x from -0.29 to 0.41; from -1 on downwards the operand stays, as an AMD
 * processor (family 19h) has it. */
static u16 fyl2xp1(u16 cw, struct f80 *x, const struct f80 *y)
{
    static const struct wide one = {U128(F80_TOP, 0), 0, false}, two = {U128(F80_TOP, 0), 1, false};
    u16 sw = denormal(x) | denormal(y);
    struct wide log, from;
    bool exact = false;

    if (!f80_is_plain(x) || !f80_is_plain(y))
        return X87_UNIT(binary)(X87_YL2XP1, cw, x, y);
    if (x->se >> 15 && (x->se & 0x7fff) >= F80_BIAS)
        return sw | X87_PE;
    from = wide_of(x);
    if (from.exp < -2) {
        log = wide_log2_ratio(from, wide_add(two, from));
    } else {
        from = wide_add(one, from);
        wide_log2(from, &log);
        exact = u128_equal(from.frac, U128(F80_TOP, 0));
    }
    *x = wide_round(wide_mul(log, wide_of(y)), exact, cw, &sw);
    return sw;
}

/* The angle of (x, y), for operands that are no NaNs. (SDM vol. 2, table 3-30) */
static u16 fpatan(u16 cw, struct f80 *x, const struct f80 *y)
{
    u16 sw = denormal(x) | denormal(y);
    bool left = x->se >> 15, below = y->se >> 15;
    bool flat = f80_is_zero(y) || (f80_is_infinite(x) && !f80_is_infinite(y));
    bool steep = f80_is_zero(x) || (f80_is_infinite(y) && !f80_is_infinite(x));
    struct wide a, b, angle;

    if (flat && !left) {
        *x = (struct f80){0, (u16)(below << 15)};
        return sw;
    }
    if (flat) {
        angle = wide_pi_quarters(4);
    } else if (steep) {
        angle = wide_pi_quarters(2);
    } else if (f80_is_infinite(x)) {
        angle = wide_pi_quarters(left ? 3 : 1);
    } else {
        a = wide_of(x);
        b = wide_of(y);
        a.negative = b.negative = false;
        if (b.exp > a.exp || (b.exp == a.exp && u128_less(a.frac, b.frac))) {
            angle = wide_atan(wide_div(a, b));
            angle.negative = !left;
            angle = wide_add(wide_pi_quarters(2), angle);
        } else {
            angle = wide_atan(wide_div(b, a));
            angle.negative = left;
            if (left)
                angle = wide_add(wide_pi_quarters(4), angle);
        }
    }
    angle.negative = below;
    *x = wide_round(angle, false, cw, &sw);
    return sw;
}

/* FPREM and FPREM1 of operands whose exponents are 64 or more apart do a part of the work, how much of it is the
 * processor's choice: it is such that 32 are taken from a difference below 96, and multiples of 32 later. (SDM vol. 2,
 * FPREM) */
static u16 partial_remainder(u16 cw, struct f80 *x, const struct f80 *y)
{
    struct wide a = wide_of(x), b = wide_of(y);
    u16 sw = denormal(x) | denormal(y) | X87_C2;
    i32 apart = a.exp - b.exp;
    unsigned bits = 32 + (apart & 31);
    u128 rest;

    u128_div(u128_shl(u128_shr(a.frac, 64), bits), u128_shr(b.frac, 64), &rest);
    if (u128_is_zero(rest)) {
        *x = (struct f80){0, x->se & 0x8000};
        return sw;
    }
    *x = wide_round(wide_make(rest, b.exp + 64 + apart - (i32)bits, a.negative), true, cw, &sw);
    return sw;
}

/* A remainder by an infinity and a scale by zero leave the operand, and nothing is rounded. Some processors make an unmasked
 * underflow of a denormal one. */
static bool stays(enum x87_binary op, const struct f80 *x, const struct f80 *y)
{
    return f80_is_denormal(x) && (op == X87_SCALE ? f80_is_zero(y) : f80_is_infinite(y));
}

u16 x87_exact_binary(enum x87_binary op, u16 cw, struct f80 *x, const struct f80 *y)
{
    bool numbers = (f80_is_plain(x) || f80_is_zero(x) || f80_is_infinite(x)) &&
                   (f80_is_plain(y) || f80_is_zero(y) || f80_is_infinite(y));

    switch (op) {
    case X87_YL2X: return fyl2x(cw, x, y);
    case X87_YL2XP1: return fyl2xp1(cw, x, y);
    case X87_PATAN: return numbers ? fpatan(cw, x, y) : X87_UNIT(binary)(op, cw, x, y);
    case X87_PREM:
    case X87_PREM1:
        if (f80_is_plain(x) && f80_is_plain(y) && wide_of(x).exp - wide_of(y).exp >= 64)
            return partial_remainder(cw, x, y);
        break;
    case X87_SCALE: break;
    }
    if (stays(op, x, y))
        return X87_DE;
    return X87_UNIT(binary)(op, cw, x, y);
}

void x87_exact_bcd(const u8 *mem, struct f80 *out)
{
    u64 value = 0;

    for (unsigned i = 9; i-- > 0;)
        value = value * 100 + (mem[i] >> 4) * 10u + (mem[i] & 15);
    *out = (struct f80){0, (u16)((mem[9] & 0x80) << 8)};
    if (value) {
        struct wide v = wide_make(u128_of(value), 127, false);

        *out = (struct f80){u128_high(v.frac), (u16)(out->se | (v.exp + F80_BIAS))};
    }
}
