/* Numbers of 128 bits without a sign, mod 2^128: the compiler's, or two halves where it has none (32-bit hosts). */
#ifndef PAGEWALK_U128_H
#define PAGEWALK_U128_H

#include "mmu/host/base.h"

/* By halves: on every host, for its test. */
struct halves {
    u64 low, high;
};

static inline struct halves halves_add(struct halves a, struct halves b)
{
    u64 low = a.low + b.low;

    return (struct halves){low, a.high + b.high + (low < a.low)};
}

static inline struct halves halves_sub(struct halves a, struct halves b)
{
    return (struct halves){a.low - b.low, a.high - b.high - (a.low < b.low)};
}

/* by: 0 to 127 */
static inline struct halves halves_shl(struct halves a, unsigned by)
{
    if (by >= 64)
        return (struct halves){0, a.low << (by - 64)};
    return (struct halves){a.low << by, a.high << by | (by ? a.low >> (64 - by) : 0)};
}

static inline struct halves halves_shr(struct halves a, unsigned by)
{
    if (by >= 64)
        return (struct halves){a.high >> (by - 64), 0};
    return (struct halves){a.low >> by | (by ? a.high << (64 - by) : 0), a.high >> by};
}

static inline bool halves_less(struct halves a, struct halves b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static inline struct halves halves_mul(u64 a, u64 b)
{
    u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    u64 cross = a1 * b0 + (a0 * b0 >> 32), middle = a0 * b1 + (u32)cross;

    return (struct halves){a * b, a1 * b1 + (cross >> 32) + (middle >> 32)};
}

/* d is not 0. */
static inline struct halves halves_div(struct halves n, struct halves d, struct halves *rest)
{
    struct halves quotient = {0, 0}, left = {0, 0};

    for (unsigned i = 0; i < 128; i++) {
        bool carry = left.high >> 63;

        left = halves_shl(left, 1);
        left.low |= n.high >> 63;
        n = halves_shl(n, 1);
        quotient = halves_shl(quotient, 1);
        if (carry || !halves_less(left, d)) {
            left = halves_sub(left, d);
            quotient.low |= 1;
        }
    }
    *rest = left;
    return quotient;
}

#ifdef __SIZEOF_INT128__
typedef unsigned __int128 u128;
#define U128(high, low) ((u128)(high) << 64 | (low))

static inline u64 u128_low(u128 a)
{
    return (u64)a;
}

static inline u64 u128_high(u128 a)
{
    return (u64)(a >> 64);
}

static inline u128 u128_add(u128 a, u128 b)
{
    return a + b;
}

static inline u128 u128_sub(u128 a, u128 b)
{
    return a - b;
}

static inline u128 u128_shl(u128 a, unsigned by)
{
    return a << by;
}

static inline u128 u128_shr(u128 a, unsigned by)
{
    return a >> by;
}

static inline bool u128_less(u128 a, u128 b)
{
    return a < b;
}

static inline u128 u128_mul(u64 a, u64 b)
{
    return (u128)a * b;
}

static inline u128 u128_div(u128 n, u128 d, u128 *rest)
{
    *rest = n % d;
    return n / d;
}
#else
typedef struct halves u128;
#define U128(high, low) ((struct halves){low, high})
#define u128_low(a)     ((a).low)
#define u128_high(a)    ((a).high)
#define u128_add        halves_add
#define u128_sub        halves_sub
#define u128_shl        halves_shl
#define u128_shr        halves_shr
#define u128_less       halves_less
#define u128_mul        halves_mul
#define u128_div        halves_div
#endif

static inline u128 u128_of(u64 a)
{
    return U128(0, a);
}

static inline bool u128_is_zero(u128 a)
{
    return (u128_high(a) | u128_low(a)) == 0;
}

static inline bool u128_equal(u128 a, u128 b)
{
    return u128_high(a) == u128_high(b) && u128_low(a) == u128_low(b);
}

/* The bits below bit n, which is 0 to 127. */
static inline u128 u128_below(u128 a, unsigned n)
{
    u128 mask = u128_sub(u128_shl(u128_of(1), n), u128_of(1));

    return U128(u128_high(a) & u128_high(mask), u128_low(a) & u128_low(mask));
}

#endif
