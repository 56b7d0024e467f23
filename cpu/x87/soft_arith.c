/* Arithmetic in integers; see soft_arith.h. */
#include "cpu/x87/soft_arith.h"

#include "cpu/x87/x87_priv.h"

static u16 denormal(const struct f80 *x)
{
    return f80_is_denormal(x) ? X87_DE : 0;
}

static struct soft_result invalid(void)
{
    return (struct soft_result){.kind = SOFT_INVALID, .sw = X87_IE};
}

static struct soft_result zero(bool negative, u16 sw)
{
    return (struct soft_result){.kind = SOFT_ZERO, .negative = negative, .sw = sw};
}

static struct soft_result infinite(bool negative, u16 sw)
{
    return (struct soft_result){.kind = SOFT_INFINITE, .negative = negative, .sw = sw};
}

static struct soft_result number(struct wide w, bool exact, u16 sw)
{
    return (struct soft_result){.kind = SOFT_NUMBER, .number = w, .exact = exact, .sw = sw};
}

struct soft_result soft_add(const struct f80 *a, const struct f80 *b, bool subtract, bool down)
{
    u16 sw = denormal(a) | denormal(b);
    bool negative = f80_negative(a), other = f80_negative(b) != subtract, exact = true;
    struct wide x, y;

    if (f80_is_infinite(a) && f80_is_infinite(b) && negative != other)
        return invalid();
    if (f80_is_infinite(a) || f80_is_infinite(b))
        return infinite(f80_is_infinite(a) ? negative : other, sw);
    if (f80_is_zero(a) && f80_is_zero(b))
        return zero(negative != other ? down : negative, sw);
    if (f80_is_zero(b))
        return number(wide_of(a), true, sw);
    y = wide_of(b);
    y.negative = other;
    if (f80_is_zero(a))
        return number(y, true, sw);
    x = wide_of(a);
    if (negative != other && x.exp == y.exp && u128_equal(x.frac, y.frac))
        return zero(down, sw);
    x = wide_sum(x, y, &exact);
    return number(x, exact, sw);
}

struct soft_result soft_mul(const struct f80 *a, const struct f80 *b)
{
    u16 sw = denormal(a) | denormal(b);
    bool negative = f80_negative(a) != f80_negative(b);
    struct wide x, y;

    if (f80_is_infinite(a) || f80_is_infinite(b))
        return f80_is_zero(a) || f80_is_zero(b) ? invalid() : infinite(negative, sw);
    if (f80_is_zero(a) || f80_is_zero(b))
        return zero(negative, sw);
    x = wide_of(a);
    y = wide_of(b);
    return number(
        wide_make(u128_mul(u128_high(x.frac), u128_high(y.frac)), x.exp + y.exp + 1, negative),
        true, sw);
}

struct soft_result soft_div(const struct f80 *n, const struct f80 *d)
{
    u16 sw = denormal(n) | denormal(d);
    bool negative = f80_negative(n) != f80_negative(d), less;
    struct wide x, y;
    u128 rest, high, low, divisor;

    if ((f80_is_infinite(n) && f80_is_infinite(d)) || (f80_is_zero(n) && f80_is_zero(d)))
        return invalid();
    if (f80_is_infinite(n))
        return infinite(negative, sw);
    if (f80_is_zero(d)) /* comes before a denormal operand */
        return infinite(negative, X87_ZE);
    if (f80_is_zero(n) || f80_is_infinite(d))
        return zero(negative, sw);
    x = wide_of(n);
    y = wide_of(d);
    divisor = u128_shr(y.frac, 64);
    less = u128_less(x.frac, y.frac);
    high = u128_div(u128_shr(x.frac, less ? 0 : 1), divisor, &rest);
    low = u128_div(u128_shl(rest, 64), divisor, &rest);
    x = (struct wide){U128(u128_low(high), u128_low(low)), x.exp - y.exp - less, negative};
    return number(x, u128_is_zero(rest), sw);
}

struct soft_result soft_sqrt(const struct f80 *x)
{
    bool exact = true;
    struct wide root;

    if (f80_is_zero(x))
        return zero(f80_negative(x), 0);
    if (f80_negative(x))
        return invalid();
    if (f80_is_infinite(x))
        return infinite(false, 0);
    root = wide_root(wide_of(x), &exact);
    return number(root, exact, denormal(x));
}

int soft_order(const struct f80 *a, const struct f80 *b)
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

u64 soft_integer(const struct f80 *x, u16 cw, u16 *sw)
{
    i32 drop = 63 - (f80_exp(x) - F80_BIAS);
    u64 value = drop < 64 ? x->frac >> drop : 0, below;
    bool sticky = drop > 64 && x->frac != 0, up = false;

    /* The fraction in units of 2^-64. */
    below = drop == 0    ? 0
            : drop <= 64 ? x->frac << (64 - drop)
            : drop < 128 ? x->frac >> (drop - 64)
                         : 0;
    if (below == 0 && !sticky)
        return value;
    switch (cw >> 10 & 3) {
    case 0:
        up = below > F80_TOP ||
             (below == F80_TOP && ((drop > 64 && x->frac << (128 - drop)) || (value & 1)));
        break;
    case 1: up = f80_negative(x); break;
    case 2: up = !f80_negative(x); break;
    default: break;
    }
    *sw |= X87_PE | (up ? X87_C1 : 0);
    return value + up;
}

const struct soft_layout soft_single = {&wide_single, 23, 8}, soft_double = {&wide_double, 52, 11};

struct f80 soft_of_magnitude(u64 magnitude, bool negative)
{
    int shift = magnitude ? __builtin_clzll(magnitude) : 0;

    return (struct f80){magnitude << shift,
                        (u16)(negative << 15 | (magnitude ? F80_BIAS + 63 - shift : 0))};
}

struct f80 soft_of_integer(i64 value)
{
    return soft_of_magnitude(value < 0 ? -(u64)value : (u64)value, value < 0);
}

bool soft_is_denormal(const struct soft_layout *l, u64 value)
{
    u64 rest = value << (64 - l->frac_bits - l->exp_bits);

    return rest != 0 && rest >> (64 - l->exp_bits) == 0;
}

struct f80 soft_widen(const struct soft_layout *l, u64 value)
{
    u32 exp_mask = (1u << l->exp_bits) - 1, exp = (u32)(value >> l->frac_bits) & exp_mask;
    u64 frac = value << (63 - l->frac_bits) & ~F80_TOP;
    u16 sign = (u16)(value >> (l->frac_bits + l->exp_bits) << 15);
    int shift;

    if (exp == exp_mask)
        return (struct f80){frac | F80_TOP, sign | 0x7fff};
    if (exp)
        return (struct f80){frac | F80_TOP,
                            (u16)(sign | (exp + F80_BIAS + (u32)(l->format->min - 1)))};
    if (frac == 0)
        return (struct f80){0, sign};
    shift = __builtin_clzll(frac);
    return (struct f80){frac << shift, (u16)(sign | (u32)(F80_BIAS + l->format->min - shift))};
}

static u64 put_together(const struct soft_layout *l, u64 frac, u64 exp, bool negative)
{
    return (frac & ~F80_TOP) >> (63 - l->frac_bits) | exp << l->frac_bits |
           (u64)negative << (l->frac_bits + l->exp_bits);
}

u64 soft_pack_rounded(const struct soft_layout *l, struct wide_rounded r, bool negative)
{
    return put_together(l, r.frac, r.frac < F80_TOP ? 0 : (u64)(r.exp - l->format->min + 1),
                        negative);
}

u64 soft_pack(const struct soft_layout *l, const struct f80 *x)
{
    return put_together(l, x->frac, f80_is_zero(x) ? 0 : (1u << l->exp_bits) - 1, f80_negative(x));
}
