/* Arithmetic with 128 bits of significand; see wide.h. */
#include "cpu/x87/wide.h"

#include "cpu/x87/x87_priv.h"

struct wide wide_make(u128 frac, i32 exp, bool negative)
{
    u64 high = u128_high(frac);
    int shift = high ? __builtin_clzll(high) : 64 + __builtin_clzll(u128_low(frac));

    return (struct wide){u128_shl(frac, (unsigned)shift), exp - shift, negative};
}

struct wide wide_of(const struct f80 *x)
{
    i32 exp = x->se & 0x7fff;

    return wide_make(U128(x->frac, 0), (exp ? exp : 1) - F80_BIAS, x->se >> 15);
}

u128 wide_high(u128 a, u128 b)
{
    u64 a1 = u128_high(a), a0 = u128_low(a), b1 = u128_high(b), b0 = u128_low(b);
    u128 cross = u128_mul(a1, b0), other = u128_mul(a0, b1);
    u128 middle = u128_add(u128_add(u128_of(u128_high(u128_mul(a0, b0))), u128_of(u128_low(cross))),
                           u128_of(u128_low(other)));
    u128 carries = u128_add(u128_add(u128_of(u128_high(cross)), u128_of(u128_high(other))),
                            u128_of(u128_high(middle)));

    return u128_add(u128_mul(a1, b1), carries);
}

struct wide wide_mul(struct wide a, struct wide b)
{
    return wide_make(wide_high(a.frac, b.frac), a.exp + b.exp + 1, a.negative != b.negative);
}

/* Of magnitudes. */
static bool is_less(struct wide a, struct wide b)
{
    return a.exp < b.exp || (a.exp == b.exp && u128_less(a.frac, b.frac));
}

static u128 shifted_down(u128 frac, i32 by)
{
    return by < 128 ? u128_shr(frac, (unsigned)by) : u128_of(0);
}

/* Whether that loses something. */
static bool loses(u128 frac, i32 by)
{
    return by >= 128 || !u128_is_zero(u128_below(frac, (unsigned)by));
}

struct wide wide_add(struct wide a, struct wide b)
{
    bool swap = is_less(a, b);
    struct wide large = swap ? b : a, small = swap ? a : b;
    i32 by = large.exp - small.exp + 1; /* the top bit is for the carry */
    u128 frac = u128_shr(large.frac, 1), other = shifted_down(small.frac, by);

    frac = a.negative == b.negative ? u128_add(frac, other) : u128_sub(frac, other);
    return wide_make(frac, large.exp + 1, large.negative);
}

/* The next 64 bits of a quotient: *rest < d becomes what is left. d has its top bit set. */
static u64 quotient_digit(u128 *rest, u128 d)
{
    u64 d1 = u128_high(d), d0 = u128_low(d), last;
    u128 unused, low, taken, high;
    u64 digit = u128_high(*rest) >= d1 ? ~(u64)0 : u128_low(u128_div(*rest, u128_of(d1), &unused));

    low = u128_mul(digit, d0);
    taken = u128_add(u128_mul(digit, d1), u128_of(u128_high(low)));
    /* *rest << 64 less digit * d: the upper 128 of 192 bits, signed, and the lower 64 */
    last = -u128_low(low);
    high = u128_sub(u128_sub(*rest, taken), u128_of(last != 0));
    while (u128_high(high) >> 63) { /* twice at most */
        digit--;
        last += d0;
        high = u128_add(high, u128_add(u128_of(d1), u128_of(last < d0)));
    }
    *rest = U128(u128_low(high), last);
    return digit;
}

struct wide wide_div(struct wide a, struct wide b)
{
    bool less = u128_less(a.frac, b.frac);
    u128 rest = less ? a.frac : u128_sub(a.frac, b.frac), quotient;
    u64 high = quotient_digit(&rest, b.frac);

    quotient = U128(high, quotient_digit(&rest, b.frac));
    if (!less) /* 1 and the fraction that was found */
        quotient = u128_add(U128(F80_TOP, 0), u128_shr(quotient, 1));
    return wide_make(quotient, a.exp - b.exp - less, a.negative != b.negative);
}

u128 wide_fraction(struct wide a)
{
    return shifted_down(a.frac, -1 - a.exp);
}

/* The integer root of n, bit by bit; *rest is what is left. */
static u64 integer_root(u128 n, u128 *rest)
{
    u128 left = u128_of(0), twice;
    u64 root = 0;

    for (unsigned i = 0; i < 64; i++) {
        left = u128_add(u128_shl(left, 2), u128_shr(n, 126));
        n = u128_shl(n, 2);
        root <<= 1;
        twice = u128_shl(u128_of(root), 1);
        if (u128_less(twice, left)) {
            left = u128_sub(left, u128_add(twice, u128_of(1)));
            root++;
        }
    }
    *rest = left;
    return root;
}

struct wide wide_root(struct wide a, bool *exact)
{
    bool odd = a.exp & 1;
    u128 rest;
    u64 root = integer_root(odd ? a.frac : u128_shr(a.frac, 1), &rest);
    bool more = u128_less(u128_of(root), rest); /* by at least a half of the last place */

    *exact = *exact && u128_is_zero(rest);
    return wide_make(U128(root, more ? F80_TOP : 0), (a.exp - odd) / 2, false);
}

struct wide wide_sum(struct wide a, struct wide b, bool *exact)
{
    bool swap = is_less(a, b);
    struct wide large = swap ? b : a, small = swap ? a : b;
    i32 by = large.exp - small.exp + 1; /* the top bit is for the carry */
    u128 frac = u128_shr(large.frac, 1), other = shifted_down(small.frac, by);
    bool lost = loses(small.frac, by);

    frac = a.negative == b.negative ? u128_add(frac, other)
                                    : u128_sub(u128_sub(frac, other), u128_of(lost));
    *exact = *exact && !lost;
    return wide_make(frac, large.exp + 1, large.negative);
}

const struct wide_format wide_single = {24, -126, 127}, wide_double = {53, -1022, 1023},
                         wide_extended = {64, 1 - F80_BIAS, F80_BIAS};

/* Whether what is below the last place, of drop bits, makes it one more. */
static bool rounds_up(u128 frac, unsigned drop, bool exact, bool negative, u16 cw)
{
    u128 half = u128_shl(u128_of(1), drop - 1), below = u128_below(frac, drop);

    if (exact && u128_is_zero(below))
        return false;
    switch (cw >> 10 & 3) {
    case 0:
        return u128_less(half, below) ||
               (u128_equal(below, half) && (!exact || (u128_low(u128_shr(frac, drop)) & 1)));
    case 1: return negative;
    case 2: return !negative;
    default: return false;
    }
}

/* Moves frac down to a denormal's place; false when bits were lost. */
static bool denormalize(struct wide *a, i32 min)
{
    i32 by = min - a->exp;
    bool lost = loses(a->frac, by);

    a->frac = shifted_down(a->frac, by);
    a->exp = min;
    return !lost;
}

struct wide_rounded wide_round_to(const struct wide_format *format, struct wide a, bool exact,
                                  u16 cw, u16 *sw)
{
    unsigned drop = 128 - format->bits;
    u64 kept = ~(u64)0 << (drop - 64), unit = (u64)1 << (drop - 64); /* in frac's upper half */
    bool up = rounds_up(a.frac, drop, exact, a.negative, cw);
    bool carry = up && (u128_high(a.frac) | ~kept) == ~(u64)0;
    struct wide_rounded r;

    if (a.exp + carry > format->max) {
        *sw |= X87_OE;
        if (cw & X87_OE) {
            up = rounds_up(U128(~(u64)0, ~(u64)0), drop, false, a.negative, cw);
            *sw |= X87_PE | (up ? X87_C1 : 0);
            return up ? (struct wide_rounded){F80_TOP, format->max + 1}
                      : (struct wide_rounded){kept, format->max};
        }
    } else if (a.exp + carry < format->min) { /* tiny after rounding */
        if (cw & X87_UE) {
            exact = denormalize(&a, format->min) && exact;
            up = rounds_up(a.frac, drop, exact, a.negative, cw);
            carry = false;
            *sw |= exact && !loses(a.frac, (i32)drop) ? 0 : X87_UE;
        } else {
            *sw |= X87_UE;
        }
    }
    *sw |= (exact && !loses(a.frac, (i32)drop) ? 0 : X87_PE) | (up ? X87_C1 : 0);
    r.frac = (u128_high(a.frac) & kept) + (up ? unit : 0);
    r.exp = a.exp + carry;
    if (carry)
        r.frac = F80_TOP;
    return r;
}

struct f80 wide_to_f80(const struct wide_format *format, struct wide a, bool exact, u16 cw, u16 *sw)
{
    struct wide_rounded r = wide_round_to(format, a, exact, cw, sw);
    i32 exp = r.exp + F80_BIAS;

    if (exp >= 0x7fff && !(cw & X87_OE))
        exp -= F80_ADJUST;
    else if (exp <= 0)
        exp += F80_ADJUST;
    else if (exp == 1 && r.frac < F80_TOP)
        exp = 0;
    return (struct f80){r.frac, (u16)(a.negative << 15 | exp)};
}

struct f80 wide_round(struct wide a, bool exact, u16 cw, u16 *sw)
{
    return wide_to_f80(&wide_extended, a, exact, cw, sw);
}
