/* The x87 in integers: arithmetic, comparisons, roots and remainders, with every result and flag of the real one; see
 * x87_unit.h. */
#include "cpu/x87/wide.h"
#include "cpu/x87/x87_priv.h"
#include "cpu/x87/x87_soft.h"

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

const struct wide_format *x87_soft_precision(u16 cw)
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

static bool rounds_down(u16 cw)
{
    return (cw >> 10 & 3) == 1;
}

static u16 add(u16 cw, struct f80 *a, struct f80 b)
{
    u16 sw = denormal(a) | denormal(&b);
    bool negative = f80_negative(a), differ = negative != f80_negative(&b), exact = true;
    struct wide sum;

    if (f80_is_infinite(a) && f80_is_infinite(&b) && differ)
        return invalid(a);
    if (f80_is_infinite(a) || f80_is_infinite(&b)) {
        *a = f80_is_infinite(a) ? *a : b;
        return sw;
    }
    if (f80_is_zero(a) && f80_is_zero(&b)) {
        *a = signed_zero(differ ? rounds_down(cw) : negative);
        return sw;
    }
    if (f80_is_zero(a) || f80_is_zero(&b)) {
        sum = wide_of(f80_is_zero(a) ? &b : a);
    } else {
        struct wide x = wide_of(a), y = wide_of(&b);

        if (differ && x.exp == y.exp && x.frac == y.frac) {
            *a = signed_zero(rounds_down(cw));
            return sw;
        }
        sum = wide_sum(x, y, &exact);
    }
    *a = wide_to_f80(x87_soft_precision(cw), sum, exact, cw, &sw);
    return sw;
}

static u16 multiply(u16 cw, struct f80 *a, const struct f80 *b)
{
    u16 sw = denormal(a) | denormal(b);
    bool negative = f80_negative(a) != f80_negative(b);
    struct wide x, y;

    if (f80_is_infinite(a) || f80_is_infinite(b)) {
        if (f80_is_zero(a) || f80_is_zero(b))
            return invalid(a);
        *a = signed_infinity(negative);
        return sw;
    }
    if (f80_is_zero(a) || f80_is_zero(b)) {
        *a = signed_zero(negative);
        return sw;
    }
    x = wide_of(a);
    y = wide_of(b);
    x = wide_make((x.frac >> 64) * (y.frac >> 64), x.exp + y.exp + 1, negative);
    *a = wide_to_f80(x87_soft_precision(cw), x, true, cw, &sw);
    return sw;
}

static struct wide quotient(struct wide x, struct wide y, bool *exact)
{
    u64 n = (u64)(x.frac >> 64), d = (u64)(y.frac >> 64);
    bool less = n < d;
    u128 rest = (u128)n << (less ? 64 : 63), high = rest / d, low;

    rest = rest % d << 64;
    low = rest / d;
    *exact = rest % d == 0;
    return (struct wide){high << 64 | low, x.exp - y.exp - less, x.negative != y.negative};
}

/* a = n / d */
static u16 divide(u16 cw, struct f80 *a, struct f80 n, struct f80 d)
{
    u16 sw = denormal(&n) | denormal(&d);
    bool negative = f80_negative(&n) != f80_negative(&d), exact;
    struct wide q;

    if ((f80_is_infinite(&n) && f80_is_infinite(&d)) || (f80_is_zero(&n) && f80_is_zero(&d)))
        return invalid(a);
    if (f80_is_infinite(&n) || f80_is_zero(&d)) {
        *a = signed_infinity(negative);
        return f80_is_infinite(&n) ? sw : X87_ZE;
    }
    if (f80_is_zero(&n) || f80_is_infinite(&d)) {
        *a = signed_zero(negative);
        return sw;
    }
    q = quotient(wide_of(&n), wide_of(&d), &exact);
    *a = wide_to_f80(x87_soft_precision(cw), q, exact, cw, &sw);
    return sw;
}

/* Below 0, 0 or above 0, of numbers. */
static int order(const struct f80 *a, const struct f80 *b)
{
    bool negative = f80_negative(a);
    u16 ea = f80_exp(a) ? f80_exp(a) : 1, eb = f80_exp(b) ? f80_exp(b) : 1;
    bool more = ea != eb ? ea > eb : a->frac > b->frac;

    if (f80_is_zero(a) && f80_is_zero(b))
        return 0;
    if (negative != f80_negative(b))
        return negative ? -1 : 1;
    if (ea == eb && a->frac == b->frac)
        return 0;
    return more != negative ? 1 : -1;
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
    o = order(a, b);
    return sw | (o == 0 ? X87_C3 : o < 0 ? X87_C0 : 0);
}

u16 x87_soft_ucom(u16 cw, const struct f80 *a, const struct f80 *b)
{
    (void)cw;
    return compare(a, b, true);
}

u16 x87_soft_arith(unsigned op, u16 cw, struct f80 *a, const struct f80 *b)
{
    struct f80 x = *a, y = *b;
    u16 sw;

    op &= 7;
    if (op == X87_COM || op == X87_COMP)
        return compare(a, b, false);
    if (is_decided(a, b, &sw))
        return sw;
    switch (op) {
    case X87_ADD: return add(cw, a, y);
    case X87_MUL: return multiply(cw, a, b);
    case X87_SUB: y.se ^= 0x8000; return add(cw, a, y);
    case X87_SUBR:
        x.se ^= 0x8000;
        *a = y;
        return add(cw, a, x);
    case X87_DIV: return divide(cw, a, x, y);
    default: return divide(cw, a, y, x);
    }
}

u16 x87_soft_arith_mem(unsigned kind, unsigned op, u16 cw, struct f80 *a, const void *mem)
{
    static const u8 kinds[4] = {X87_MEM_F32, X87_MEM_I32, X87_MEM_F64, X87_MEM_I16};
    bool number = !f80_is_unsupported(a) && !f80_is_nan(a);
    struct f80 b;
    u16 sw = 0, result;

    /* The NaN that wins is chosen before a signalling one is made quiet. */
    if (!(kind & 1))
        sw = x87_soft_widen((enum x87_mem)kinds[kind & 3], mem, &b);
    else
        x87_soft_load((enum x87_mem)kinds[kind & 3], cw, mem, &b);
    result = x87_soft_arith(op, cw, a, &b);
    /* What comes before a denormal operand: no number, and a division by zero. */
    return number && !(result & X87_ZE) ? result | sw : result;
}

static u16 root(u16 cw, struct f80 *x)
{
    u16 sw = denormal(x);
    bool exact = true;
    struct wide r;

    if (f80_is_zero(x) || (f80_is_infinite(x) && !f80_negative(x)))
        return 0;
    if (f80_negative(x))
        return invalid(x);
    r = wide_root(wide_of(x), &exact);
    *x = wide_to_f80(x87_soft_precision(cw), r, exact, cw, &sw);
    return sw;
}

static u16 round_to_integer(u16 cw, struct f80 *x)
{
    i32 exp = f80_exp(x) - F80_BIAS;
    u16 sw = denormal(x), rounding = 0;
    bool negative = f80_negative(x);
    u64 value;

    if (!f80_is_plain(x) || exp >= 63)
        return 0;
    value = x87_soft_integer(x, cw, &rounding);
    *x = signed_zero(negative);
    if (value) {
        int shift = __builtin_clzll(value);

        *x = (struct f80){value << shift, (u16)(x->se | (F80_BIAS + 63 - shift))};
    }
    return sw | rounding;
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
        u64 exp = (u64)(w.exp < 0 ? -w.exp : w.exp);
        int shift = exp ? __builtin_clzll(exp) : 0;

        *pushed = (struct f80){(u64)(w.frac >> 64), (u16)((from.se & 0x8000) | F80_BIAS)};
        *x = exp ? (struct f80){exp << shift, (u16)((w.exp < 0) << 15 | (F80_BIAS + 63 - shift))}
                 : signed_zero(false);
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
    u128 n, d, q, rest;
    bool negative = f80_negative(x);

    if (f80_is_infinite(x) || f80_is_zero(y))
        return invalid(x);
    if (f80_is_zero(x))
        return sw;
    a = wide_of(x);
    b = f80_is_infinite(y) ? (struct wide){0, 1 << 17, false} : wide_of(y);
    apart = a.exp - b.exp;
    if (apart < -1 || (apart < 0 && !nearest)) {
        *x = wide_round(a, true, cw, &sw);
        return sw;
    }
    /* In units of the last place of the operand whose exponent is less. */
    n = a.frac >> 64 << (apart < 0 ? 0 : apart);
    d = b.frac >> 64 << (apart < 0 ? 1 : 0);
    q = n / d;
    rest = n % d;
    if (nearest && (rest * 2 > d || (rest * 2 == d && (q & 1)))) {
        q++;
        rest = d - rest;
        negative = !negative;
    }
    sw |= (q & 1 ? X87_C1 : 0) | (q & 2 ? X87_C3 : 0) | (q & 4 ? X87_C0 : 0);
    if (rest == 0) {
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
        return times_log(x, y, order(x, &one), f80_is_infinite(x));
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
