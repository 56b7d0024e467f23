/* Arithmetic with 128 bits of significand; see wide.h. */
#include "cpu/x87/wide.h"

#include "cpu/x87/x87_priv.h"

struct wide wide_make(u128 frac, i32 exp, bool negative)
{
    u64 high = (u64)(frac >> 64);
    int shift = high ? __builtin_clzll(high) : 64 + __builtin_clzll((u64)frac);

    return (struct wide){frac << shift, exp - shift, negative};
}

struct wide wide_of(const struct f80 *x)
{
    i32 exp = x->se & 0x7fff;

    return wide_make((u128)x->frac << 64, (exp ? exp : 1) - F80_BIAS, x->se >> 15);
}

u128 wide_high(u128 a, u128 b)
{
    u64 a1 = (u64)(a >> 64), a0 = (u64)a, b1 = (u64)(b >> 64), b0 = (u64)b;
    u128 cross = (u128)a1 * b0, other = (u128)a0 * b1;
    u128 middle = ((u128)a0 * b0 >> 64) + (u64)cross + (u64)other;

    return (u128)a1 * b1 + (cross >> 64) + (other >> 64) + (middle >> 64);
}

struct wide wide_mul(struct wide a, struct wide b)
{
    return wide_make(wide_high(a.frac, b.frac), a.exp + b.exp + 1, a.negative != b.negative);
}

struct wide wide_add(struct wide a, struct wide b)
{
    struct wide large = a.exp > b.exp || (a.exp == b.exp && a.frac >= b.frac) ? a : b;
    struct wide small = large.exp == a.exp && large.frac == a.frac ? b : a;
    i32 by = large.exp - small.exp + 1; /* the top bit is for the carry */
    u128 frac = large.frac >> 1, other = by < 128 ? small.frac >> by : 0;

    frac = a.negative == b.negative ? frac + other : frac - other;
    return wide_make(frac, large.exp + 1, large.negative);
}

/* The next 64 bits of a quotient: *rest < d becomes what is left. d has its top bit set. */
static u64 quotient_digit(u128 *rest, u128 d)
{
    u64 d1 = (u64)(d >> 64), d0 = (u64)d, n1 = (u64)(*rest >> 64);
    u64 digit = n1 >= d1 ? ~(u64)0 : (u64)(*rest / d1);
    u128 low = (u128)digit * d0, taken = (u128)digit * d1 + (low >> 64);
    /* *rest << 64 less digit * d: the upper 128 of 192 bits, signed, and the lower 64 */
    __int128 high = (__int128)(*rest - taken);
    u64 last = (u64) - (u64)low;

    high -= (u64)low != 0;
    while (high < 0) { /* twice at most */
        digit--;
        last += d0;
        high += (__int128)d1 + (last < d0);
    }
    *rest = (u128)high << 64 | last;
    return digit;
}

struct wide wide_div(struct wide a, struct wide b)
{
    bool less = a.frac < b.frac;
    u128 rest = less ? a.frac : a.frac - b.frac, quotient;

    quotient = (u128)quotient_digit(&rest, b.frac) << 64;
    quotient |= quotient_digit(&rest, b.frac);
    if (!less) /* 1 and the fraction that was found */
        quotient = (u128)1 << 127 | quotient >> 1;
    return wide_make(quotient, a.exp - b.exp - less, a.negative != b.negative);
}

u128 wide_fraction(struct wide a)
{
    i32 by = -1 - a.exp;

    return by < 128 ? a.frac >> by : 0;
}

/* The integer root of n, bit by bit; *rest is what is left. */
static u64 integer_root(u128 n, u128 *rest)
{
    u128 root = 0, left = 0;

    for (unsigned i = 0; i < 64; i++) {
        left = left << 2 | n >> 126;
        n <<= 2;
        root <<= 1;
        if (left > 2 * root) {
            left -= 2 * root + 1;
            root++;
        }
    }
    *rest = left;
    return (u64)root;
}

struct wide wide_root(struct wide a, bool *exact)
{
    bool odd = a.exp & 1;
    u128 rest, frac;
    u64 root = integer_root(odd ? a.frac : a.frac >> 1, &rest);

    *exact = *exact && rest == 0;
    frac = (u128)root << 64;
    if (rest > root) /* at least a half of the last place more */
        frac |= F80_TOP;
    return wide_make(frac, (a.exp - odd) / 2, false);
}

struct wide wide_sum(struct wide a, struct wide b, bool *exact)
{
    bool swap = a.exp < b.exp || (a.exp == b.exp && a.frac < b.frac);
    struct wide large = swap ? b : a, small = swap ? a : b;
    i32 by = large.exp - small.exp + 1; /* the top bit is for the carry */
    u128 frac = large.frac >> 1, other = by < 128 ? small.frac >> by : 0;
    bool lost = by < 128 ? (small.frac & (((u128)1 << by) - 1)) != 0 : true;

    frac = a.negative == b.negative ? frac + other : frac - other - lost;
    *exact = *exact && !lost;
    return wide_make(frac, large.exp + 1, large.negative);
}

const struct wide_format wide_single = {24, -126, 127}, wide_double = {53, -1022, 1023},
                         wide_extended = {64, 1 - F80_BIAS, F80_BIAS};

/* Whether what is below the last place, of drop bits, makes it one more. */
static bool rounds_up(u128 frac, unsigned drop, bool exact, bool negative, u16 cw)
{
    u128 unit = (u128)1 << drop, half = unit >> 1, below = frac & (unit - 1);

    if (exact && below == 0)
        return false;
    switch (cw >> 10 & 3) {
    case 0: return below > half || (below == half && (!exact || (frac & unit)));
    case 1: return negative;
    case 2: return !negative;
    default: return false;
    }
}

/* Moves frac down to a denormal's place; false when bits were lost. */
static bool denormalize(struct wide *a, i32 min)
{
    i32 by = min - a->exp;
    u128 lost = by < 128 ? a->frac << (128 - by) : a->frac;

    a->frac = by < 128 ? a->frac >> by : 0;
    a->exp = min;
    return lost == 0;
}

struct wide_rounded wide_round_to(const struct wide_format *format, struct wide a, bool exact,
                                  u16 cw, u16 *sw)
{
    unsigned drop = 128 - format->bits;
    u128 unit = (u128)1 << drop, rest = unit - 1;
    bool up = rounds_up(a.frac, drop, exact, a.negative, cw);
    bool carry = up && (a.frac | rest) == ~(u128)0;
    struct wide_rounded r;

    if (a.exp + carry > format->max) {
        *sw |= X87_OE;
        if (cw & X87_OE) {
            up = rounds_up(unit - 1, drop, false, a.negative, cw);
            *sw |= X87_PE | (up ? X87_C1 : 0);
            return up ? (struct wide_rounded){F80_TOP, format->max + 1}
                      : (struct wide_rounded){(u64)(~rest >> 64), format->max};
        }
    } else if (a.exp + carry < format->min) { /* tiny after rounding */
        if (cw & X87_UE) {
            exact = denormalize(&a, format->min) && exact;
            up = rounds_up(a.frac, drop, exact, a.negative, cw);
            carry = false;
            *sw |= exact && (a.frac & rest) == 0 ? 0 : X87_UE;
        } else {
            *sw |= X87_UE;
        }
    }
    *sw |= (exact && (a.frac & rest) == 0 ? 0 : X87_PE) | (up ? X87_C1 : 0);
    r.frac = (u64)((a.frac & ~rest) >> 64) + (up ? (u64)(unit >> 64) : 0);
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
