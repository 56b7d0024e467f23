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

/* Whether what is below the last place makes it one more. */
static bool rounds_up(u64 significand, u64 below, bool exact, bool negative, u16 cw)
{
    if (exact && below == 0)
        return false;
    switch (cw >> 10 & 3) {
    case 0: return below > F80_TOP || (below == F80_TOP && (!exact || (significand & 1)));
    case 1: return negative;
    case 2: return !negative;
    default: return false;
    }
}

static struct f80 overflow(struct wide a, u16 cw, u16 *sw)
{
    bool up = rounds_up(0, ~(u64)0, false, a.negative, cw);

    *sw |= X87_OE | X87_PE | (up ? X87_C1 : 0);
    return (struct f80){up ? F80_TOP : ~(u64)0, (u16)(a.negative << 15 | (up ? 0x7fff : 0x7ffe))};
}

/* Moves frac to a denormal's place; false when bits were lost. */
static bool denormalize(struct wide *a, i32 exp)
{
    i32 by = 1 - exp;
    u128 lost = by < 128 ? a->frac << (128 - by) : a->frac;

    a->frac = by < 128 ? a->frac >> by : 0;
    return lost == 0;
}

struct f80 wide_round(struct wide a, bool exact, u16 cw, u16 *sw)
{
    i32 exp = a.exp + F80_BIAS;
    u64 frac = (u64)(a.frac >> 64);
    bool up = rounds_up(frac, (u64)a.frac, exact, a.negative, cw);
    bool carry = up && frac == ~(u64)0;

    if (exp + carry >= 0x7fff) {
        if (cw & X87_OE)
            return overflow(a, cw, sw);
        *sw |= X87_OE;
        exp -= F80_ADJUST;
    } else if (exp + carry <= 0) { /* tiny after rounding */
        if (!(cw & X87_UE)) {
            *sw |= X87_UE;
            exp += F80_ADJUST;
        } else {
            exact = denormalize(&a, exp) && exact;
            frac = (u64)(a.frac >> 64);
            up = rounds_up(frac, (u64)a.frac, exact, a.negative, cw);
            carry = false;
            exp = frac + up >= F80_TOP;
            *sw |= exact && (u64)a.frac == 0 ? 0 : X87_UE;
        }
    }
    *sw |= (exact && (u64)a.frac == 0 ? 0 : X87_PE) | (up ? X87_C1 : 0);
    return (struct f80){carry ? F80_TOP : frac + up, (u16)(a.negative << 15 | (exp + carry))};
}
