/* The x87 in integers: arithmetic, comparisons, roots and remainders, with every result and flag of the real one; see
 * x87_unit.h. */
#include "cpu/x87/soft_arith.h"
#include "cpu/x87/x87_priv.h"

#define UNORDERED (X87_C3 | X87_C2 | X87_C0)

static struct f80 signed_zero(bool negative)
{
    return (struct f80){0, (u16)(negative << 15)};
}

static struct f80 signed_infinity(bool negative)
{
    return (struct f80){F80_TOP, (u16)(negative << 15 | 0x7fff)};
}

static const struct f80 one = {F80_TOP, F80_BIAS};

static u16 denormal(const struct f80 *x)
{
    return f80_is_denormal(x) ? X87_DE : 0;
}

static u16 invalid(struct f80 *x)
{
    *x = X87_INDEFINITE;
    return X87_IE;
}

/* Of two NaNs the quiet one, then the larger one, then the positive one. (SDM vol. 1, table 4-7) */
static struct f80 which_nan(const struct f80 *a, const struct f80 *b)
{
    bool first = f80_is_nan(a);

    if (first && f80_is_nan(b)) {
        if (f80_is_signaling(a) != f80_is_signaling(b))
            first = f80_is_signaling(b);
        else
            first = a->frac != b->frac ? a->frac > b->frac : !f80_negative(a);
    }
    return (struct f80){(first ? a : b)->frac | F80_QUIET, (first ? a : b)->se};
}

/* Whether the operands are such that the result in *a is decided: encodings that are none, and NaNs. */
static bool is_decided(struct f80 *a, const struct f80 *b, u16 *sw)
{
    if (f80_is_unsupported(a) || f80_is_unsupported(b)) {
        *sw = invalid(a);
        return true;
    }
    if (!f80_is_nan(a) && !f80_is_nan(b))
        return false;
    *sw = f80_is_signaling(a) || f80_is_signaling(b) ? X87_IE : 0;
    *a = which_nan(a, b);
    return true;
}

static const struct wide_format *precision_of(u16 cw)
{
    /* (SDM vol. 1, table 8-2) The reserved value 1 computes in all 64 bits. */
    static const struct wide_format formats[4] = {
        {24, 1 - F80_BIAS, F80_BIAS},
        {64, 1 - F80_BIAS, F80_BIAS},
        {53, 1 - F80_BIAS, F80_BIAS},
        {64, 1 - F80_BIAS, F80_BIAS},
    };

    return &formats[cw >> 8 & 3];
}

/* Rounds to this precision. */
static u16 finish(const struct soft_result *r, u16 cw, const struct wide_format *precision,
                  struct f80 *x)
{
    u16 sw = r->sw;

    switch (r->kind) {
    case SOFT_INVALID: *x = X87_INDEFINITE; break;
    case SOFT_ZERO: *x = signed_zero(r->negative); break;
    case SOFT_INFINITE: *x = signed_infinity(r->negative); break;
    case SOFT_NUMBER: *x = wide_to_f80(precision, r->number, r->exact, cw, &sw); break;
    }
    return sw;
}

/* quiet: a NaN that does not signal is no invalid operand. */
static u16 compare(const struct f80 *a, const struct f80 *b, bool quiet)
{
    u16 sw;
    int o;

    if (f80_is_unsupported(a) || f80_is_unsupported(b))
        return UNORDERED | X87_IE;
    if (f80_is_nan(a) || f80_is_nan(b))
        return quiet && !f80_is_signaling(a) && !f80_is_signaling(b) ? UNORDERED
                                                                     : UNORDERED | X87_IE;
    sw = denormal(a) | denormal(b);
    o = soft_order(a, b);
    return sw | (o == 0 ? X87_C3 : o < 0 ? X87_C0 : 0);
}

u16 x87_soft_ucom(u16 cw, const struct f80 *a, const struct f80 *b)
{
    (void)cw;
    return compare(a, b, true);
}

u16 x87_soft_arith(unsigned op, u16 cw, struct f80 *a, const struct f80 *b)
{
    bool down = (cw >> 10 & 3) == 1;
    struct soft_result r;
    u16 sw;

    op &= 7;
    if (op == X87_COM || op == X87_COMP)
        return compare(a, b, false);
    if (is_decided(a, b, &sw))
        return sw;
    switch (op) {
    case X87_ADD: r = soft_add(a, b, false, down); break;
    case X87_MUL: r = soft_mul(a, b); break;
    case X87_SUB: r = soft_add(a, b, true, down); break;
    case X87_SUBR: r = soft_add(b, a, true, down); break;
    case X87_DIV: r = soft_div(a, b); break;
    default: r = soft_div(b, a); break;
    }
    return finish(&r, cw, precision_of(cw), a);
}

u16 x87_soft_arith_mem(unsigned kind, unsigned op, u16 cw, struct f80 *a, const void *mem)
{
    bool number = !f80_is_unsupported(a) && !f80_is_nan(a);
    struct f80 b;
    u16 sw = 0, result;

    if (kind & 1) {
        b = soft_of_integer(kind & 2 ? (i16)get16(mem) : (i32)get32(mem));
    } else {
        const struct soft_layout *l = kind & 2 ? &soft_double : &soft_single;
        u64 value = kind & 2 ? get64(mem) : get32(mem);

        b = soft_widen(l, value);
        sw = soft_is_denormal(l, value) ? X87_DE : 0;
    }
    result = x87_soft_arith(op, cw, a, &b);
    /* What comes before a denormal operand: no number, and a division by zero. */
    return number && !(result & X87_ZE) ? result | sw : result;
}

static u16 root(u16 cw, struct f80 *x)
{
    struct soft_result r = soft_sqrt(x);

    return finish(&r, cw, precision_of(cw), x);
}

static u16 round_to_integer(u16 cw, struct f80 *x)
{
    u16 sw = denormal(x);

    if (!f80_is_plain(x) || f80_exp(x) >= F80_BIAS + 63)
        return 0;
    *x = soft_of_magnitude(soft_integer(x, cw, &sw), f80_negative(x));
    return sw;
}

/* (SDM vol. 2, table 3-42) */
static u16 examine(const struct f80 *x)
{
    u16 sw = f80_negative(x) ? X87_C1 : 0;

    if (f80_is_unsupported(x))
        return sw;
    if (f80_is_nan(x))
        return sw | X87_C0;
    if (f80_is_infinite(x))
        return sw | X87_C2 | X87_C0;
    if (f80_is_zero(x))
        return sw | X87_C3;
    return sw | (f80_exp(x) ? X87_C2 : X87_C3 | X87_C2);
}

/* Sine and cosine, of what is not computed: zeros, what is out of range, infinities. True: *sw is all there is. */
static bool is_angle_special(const struct f80 *x, u16 *sw)
{
    *sw = 0;
    if (f80_is_infinite(x))
        *sw = X87_IE;
    else if (!f80_is_zero(x))
        *sw = X87_C2;
    return !f80_is_zero(x);
}

u16 x87_soft_unary(enum x87_unary op, u16 cw, struct f80 *x)
{
    static const struct f80 zero = {0, 0};
    u16 sw;

    if (op == X87_XAM)
        return examine(x);
    if (op == X87_TST)
        return compare(x, &zero, false);
    if (is_decided(x, x, &sw))
        return sw;
    switch (op) {
    case X87_SQRT: return root(cw, x);
    case X87_RNDINT: return round_to_integer(cw, x);
    case X87_F2XM1:
        if (f80_is_infinite(x) && f80_negative(x))
            *x = (struct f80){F80_TOP, 0x8000 | F80_BIAS};
        return 0;
    case X87_SIN:
    case X87_COS:
        if (is_angle_special(x, &sw))
            return sw & X87_IE ? invalid(x) : sw;
        if (op == X87_COS)
            *x = one;
        return 0;
    default: BUG("unary %d", op);
    }
}

u16 x87_soft_two(enum x87_two op, u16 cw, struct f80 *x, struct f80 *pushed)
{
    struct f80 from = *x;
    u16 sw = denormal(x);

    (void)cw;
    if (is_decided(x, x, &sw)) {
        *pushed = *x;
        return sw;
    }
    if (op != X87_XTRACT) {
        if (is_angle_special(x, &sw)) {
            if (sw & X87_IE)
                *x = *pushed = X87_INDEFINITE;
            return sw;
        }
        *pushed = one;
        return 0;
    }
    *pushed = from;
    if (f80_is_zero(&from) || f80_is_infinite(&from)) {
        *x = signed_infinity(f80_is_zero(&from));
        return f80_is_zero(&from) ? X87_ZE : 0;
    } else {
        struct wide w = wide_of(&from);

        *pushed = (struct f80){u128_high(w.frac), (u16)((from.se & 0x8000) | F80_BIAS)};
        *x = soft_of_integer(w.exp);
    }
    return sw;
}

/* The remainder of operands whose exponents are less than 64 apart. FPREM's quotient is truncated, FPREM1's rounded to
 * nearest; its low bits go to C0, C3 and C1. (SDM vol. 2, FPREM) */
static u16 remainder_of(bool nearest, u16 cw, struct f80 *x, const struct f80 *y)
{
    struct wide a, b;
    u16 sw = denormal(x) | denormal(y);
    i32 apart;
    u128 n, d, rest, twice;
    u64 q;
    bool negative = f80_negative(x);

    if (f80_is_infinite(x) || f80_is_zero(y))
        return invalid(x);
    if (f80_is_zero(x))
        return sw;
    a = wide_of(x);
    b = f80_is_infinite(y) ? (struct wide){U128(0, 0), 1 << 17, false} : wide_of(y);
    apart = a.exp - b.exp;
    if (apart < -1 || (apart < 0 && !nearest)) {
        *x = wide_round(a, true, cw, &sw);
        return sw;
    }
    /* In units of the last place of the operand whose exponent is less. */
    n = u128_shl(u128_shr(a.frac, 64), (unsigned)(apart < 0 ? 0 : apart));
    d = u128_shl(u128_shr(b.frac, 64), apart < 0 ? 1 : 0);
    q = u128_low(u128_div(n, d, &rest));
    twice = u128_shl(rest, 1);
    if (nearest && (u128_less(d, twice) || (u128_equal(twice, d) && (q & 1)))) {
        q++;
        rest = u128_sub(d, rest);
        negative = !negative;
    }
    sw |= (q & 1 ? X87_C1 : 0) | (q & 2 ? X87_C3 : 0) | (q & 4 ? X87_C0 : 0);
    if (u128_is_zero(rest)) {
        *x = signed_zero(f80_negative(x));
        return sw;
    }
    *x = wide_round(wide_make(rest, (apart < 0 ? a.exp : b.exp) + 64, negative), true, cw, &sw);
    return sw;
}

/* x * 2^(y without its fraction) (SDM vol. 2, table 3-38) */
static u16 scale(u16 cw, struct f80 *x, const struct f80 *y)
{
    u16 sw = denormal(x) | denormal(y);
    bool negative = f80_negative(x), down = f80_negative(y);
    i32 by = f80_exp(y) - F80_BIAS;
    struct wide w;

    if (f80_is_infinite(y)) {
        if ((f80_is_zero(x) && !down) || (f80_is_infinite(x) && down))
            return invalid(x);
        *x = down ? signed_zero(negative) : signed_infinity(negative);
        return sw;
    }
    if (f80_is_zero(x) || f80_is_infinite(x))
        return sw;
    /* Twice the span of all exponents is as good as any more. */
    by = by < 0 ? 0 : by > 16 ? 1 << 17 : (i32)(y->frac >> (63 - by));
    w = wide_of(x);
    w.exp += down ? -by : by;
    *x = wide_round(w, true, cw, &sw);
    /* Unmasked, and too far out even for the adjusted bias. */
    if (w.exp - F80_ADJUST > F80_BIAS && !(cw & X87_OE)) {
        *x = signed_infinity(negative);
        sw |= X87_PE | X87_C1;
    } else if (w.exp + F80_ADJUST < 1 - F80_BIAS && !(cw & X87_UE)) {
        *x = signed_zero(negative);
        sw |= X87_PE;
    }
    return sw;
}

/* y * log2(x), or of x + 1, of what is not computed: x is zero, infinite, negative or 1, or y zero or infinite. sign: of
 * the logarithm, or 0. */
static u16 times_log(struct f80 *x, const struct f80 *y, int sign, bool infinite)
{
    u16 sw = denormal(x) | denormal(y);
    bool negative = (sign < 0) != f80_negative(y);

    if (infinite || f80_is_infinite(y)) {
        if (sign == 0 || f80_is_zero(y))
            return invalid(x);
        *x = signed_infinity(negative);
        return sw;
    }
    *x = signed_zero(negative);
    return sw;
}

u16 x87_soft_binary(enum x87_binary op, u16 cw, struct f80 *x, const struct f80 *y)
{
    bool negative = f80_negative(x);
    u16 sw;

    if (is_decided(x, y, &sw))
        return sw;
    switch (op) {
    case X87_PREM:
    case X87_PREM1: return remainder_of(op == X87_PREM1, cw, x, y);
    case X87_SCALE: return scale(cw, x, y);
    case X87_YL2X:
        if (negative && !f80_is_zero(x))
            return invalid(x);
        if (f80_is_zero(x)) {
            sw = f80_is_plain(y) ? X87_ZE : times_log(x, y, -1, true);
            if (sw == X87_ZE)
                *x = signed_infinity(!f80_negative(y));
            return sw;
        }
        return times_log(x, y, soft_order(x, &one), f80_is_infinite(x));
    case X87_YL2XP1:
        if (f80_is_infinite(x) && negative)
            return invalid(x);
        if (f80_is_zero(x)) {
            if (f80_is_infinite(y))
                return invalid(x);
            sw = denormal(y);
            *x = signed_zero(negative != f80_negative(y));
            return sw;
        }
        return times_log(x, y, negative ? -1 : 1, f80_is_infinite(x));
    default: BUG("binary %d", op);
    }
}
