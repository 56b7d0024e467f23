/* The series behind the x87's functions, on numbers of 128 bits; see x87_series.h. */
#include "cpu/x87/x87_series.h"

/* Factors of the series in units of 2^-128, as many as count where an argument is greatest. */

/* 1/k!, from k = 2: every second one is the cosine's, the others are the sine's, and all e^x's. */
static const u128 c_factorial[] = {
    U128(0x8000000000000000, 0x0000000000000000), U128(0x2aaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaaa),
    U128(0x0aaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaaa), U128(0x0222222222222222, 0x2222222222222222),
    U128(0x005b05b05b05b05b, 0x05b05b05b05b05b0), U128(0x000d00d00d00d00d, 0x00d00d00d00d00d0),
    U128(0x0001a01a01a01a01, 0xa01a01a01a01a01a), U128(0x00002e3bc74aad8e, 0x671f5583911ca002),
    U128(0x0000049f93edde27, 0xd71cbbc05b4fa999), U128(0x0000006b99159fd5, 0x138e3f9d1f92e0df),
    U128(0x00000008f76c77fc, 0x6c4bdaa26d4c3d67), U128(0x00000000b092309d, 0x43684be51c198e91),
    U128(0x000000000c9cba54, 0x603e4e905d6f8a2e), U128(0x0000000000d73f9f, 0x399dc0f88ec32b58),
    U128(0x00000000000d73f9, 0xf399dc0f88ec32b5), U128(0x000000000000ca96, 0x3b81856a53593028),
    U128(0x0000000000000b41, 0x3c31dcbecbbdd802), U128(0x0000000000000097, 0xa4da340a0ab92650),
    U128(0x0000000000000007, 0x950ae900808941ea), U128(0x0000000000000000, 0x5c6e3bdb73d5c62f),
    U128(0x0000000000000000, 0x04338e5b6dfe14a5), U128(0x0000000000000000, 0x002ec368262c7033),
    U128(0x0000000000000000, 0x0001f2cf01972f57), U128(0x0000000000000000, 0x000013f3ccdd165f),
    U128(0x0000000000000000, 0x000000c4742fe352), U128(0x0000000000000000, 0x0000000746ac70b7),
    U128(0x0000000000000000, 0x0000000042862898), U128(0x0000000000000000, 0x00000000024b3f31),
    U128(0x0000000000000000, 0x000000000013932c), U128(0x0000000000000000, 0x000000000000a1a6),
    U128(0x0000000000000000, 0x000000000000050d), U128(0x0000000000000000, 0x0000000000000027),
    U128(0x0000000000000000, 0x0000000000000001),
};
#define EXP_TERMS 31
/* 1/(2k+1). */
static const u128 c_odd[] = {
    U128(0x5555555555555555, 0x5555555555555555), U128(0x3333333333333333, 0x3333333333333333),
    U128(0x2492492492492492, 0x4924924924924924), U128(0x1c71c71c71c71c71, 0xc71c71c71c71c71c),
    U128(0x1745d1745d1745d1, 0x745d1745d1745d17), U128(0x13b13b13b13b13b1, 0x3b13b13b13b13b13),
    U128(0x1111111111111111, 0x1111111111111111), U128(0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f),
    U128(0x0d79435e50d79435, 0xe50d79435e50d794), U128(0x0c30c30c30c30c30, 0xc30c30c30c30c30c),
    U128(0x0b21642c8590b216, 0x42c8590b21642c85), U128(0x0a3d70a3d70a3d70, 0xa3d70a3d70a3d70a),
    U128(0x097b425ed097b425, 0xed097b425ed097b4), U128(0x08d3dcb08d3dcb08, 0xd3dcb08d3dcb08d3),
    U128(0x0842108421084210, 0x8421084210842108), U128(0x07c1f07c1f07c1f0, 0x7c1f07c1f07c1f07),
    U128(0x0750750750750750, 0x7507507507507507), U128(0x06eb3e45306eb3e4, 0x5306eb3e45306eb3),
    U128(0x0690690690690690, 0x6906906906906906), U128(0x063e7063e7063e70, 0x63e7063e7063e706),
    U128(0x05f417d05f417d05, 0xf417d05f417d05f4), U128(0x05b05b05b05b05b0, 0x5b05b05b05b05b05),
    U128(0x0572620ae4c415c9, 0x882b9310572620ae), U128(0x05397829cbc14e5e, 0x0a72f05397829cbc),
    U128(0x0505050505050505, 0x0505050505050505),
};
/* Arc tangents of i/16. */
static const u128 c_atan[] = {
    U128(0x0000000000000000, 0x0000000000000000), U128(0x0ffaaddb967ef4e3, 0x6cb2792dc0e2e0d5),
    U128(0x1fd5ba9aac2f6dc6, 0x5912f313e7d111de), U128(0x2f72f6979cb6044d, 0x1ec2d3e207271d21),
    U128(0x3eb6ebf25901bac5, 0x5b71e7bd7de885f9), U128(0x4d89dcdc1faf2f34, 0xe2d5da4c693d7994),
    U128(0x5bd86507937bc239, 0xc55190916e7f2241), U128(0x6993bb0f308ff2db, 0x213e4af4800f389b),
    U128(0x76b19c1586ed3da2, 0xb7f222f65e1d4681), U128(0x832bf4a6d9867e2a, 0x4b6a09cb61a515c0),
    U128(0x8f005d5ef7f59f9b, 0x5c835e1665c43747), U128(0x9a2f80e671bdda20, 0x4226f8e2204ff3bc),
    U128(0xa4bc7d1934f70924, 0x19a87f2a457dac9e), U128(0xaeac4c38b4d8c080, 0x14725e2f3e52070a),
    U128(0xb8053e2bc2319e73, 0xcb2da55210a4443d), U128(0xc0ce85b8ac526640, 0x89dd62c46e92fa24),
    U128(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1),
};

/* c[0] + z * (c[step] + z * (c[2 * step] ...)), n of them, or with every second sign changed. */
static u128 sum(const u128 *c, unsigned n, unsigned step, u128 z, bool alternate)
{
    u128 s = c[--n * step];

    while (n-- > 0)
        s = alternate ? u128_sub(c[n * step], wide_high(z, s))
                      : u128_add(c[n * step], wide_high(z, s));
    return s;
}

/* x * (1 - z * s): less than x whatever is left of z. */
static struct wide times_less(struct wide x, u128 z, u128 s)
{
    u128 less = wide_high(z, s);

    if (u128_is_zero(less))
        less = u128_of(1);
    return wide_mul(x, wide_make(u128_sub(u128_of(0), less), -1, false));
}

/* x * (1 + z * s): the product is more than x whatever is left of z. */
static struct wide times_more(struct wide x, u128 z, u128 s)
{
    u128 more = u128_shr(wide_high(z, s), 1);

    if (u128_less(more, u128_of(4)))
        more = u128_of(4);
    return wide_mul(x, wide_make(u128_add(U128(F80_TOP, 0), more), 0, false));
}

static u128 square(struct wide x)
{
    return wide_fraction(wide_mul(x, x));
}

static const struct wide one = {U128(F80_TOP, 0), 0, false};

struct wide wide_sin(struct wide x)
{
    u128 z = square(x);

    return times_less(x, z, sum(c_factorial + 1, ARRAY_SIZE(c_factorial) / 2, 2, z, true));
}

struct wide wide_cos(struct wide x)
{
    u128 z = square(x);

    return times_less(one, z, sum(c_factorial, (ARRAY_SIZE(c_factorial) + 1) / 2, 2, z, true));
}

/* Sine and cosine of a small x differ from x and 1 by less than a last place: their quotient would not
 * tell that the tangent is above x. */
struct wide wide_tan(struct wide x)
{
    return x.exp < -60 ? times_more(x, u128_of(0), u128_of(0)) : wide_div(wide_sin(x), wide_cos(x));
}

struct wide wide_exp2_less_1(struct wide x)
{
    static const struct wide ln2 = {U128(0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af), -1, false};
    struct wide t = wide_mul(x, ln2);
    u128 z = wide_fraction(t), s = sum(c_factorial, EXP_TERMS, 1, z, t.negative);

    return t.negative ? times_less(t, z, s) : times_more(t, z, s);
}

struct wide wide_log2_ratio(struct wide n, struct wide d)
{
    static const struct wide two_by_ln2 = {U128(0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88), 1, false};
    struct wide s = wide_div(n, d);
    u128 z = square(s);

    return times_more(wide_mul(s, two_by_ln2), z, sum(c_odd, ARRAY_SIZE(c_odd), 1, z, false));
}

/* 2^k * m with m from the root of 1/2 to that of 2. */
bool wide_log2(struct wide x, struct wide *log)
{
    static const u128 root = U128(0xb504f333f9de6484, 0x597d89b3754abe9f);
    bool above = u128_less(root, x.frac);
    i32 k = x.exp + above;
    /* m and 1 in units of 2^-128 or 2^-127 */
    u128 off = u128_sub(above ? u128_of(0) : x.frac, above ? x.frac : one.frac);
    struct wide whole = k ? wide_make(u128_of((u64)(k < 0 ? -k : k)), 127, k < 0) : one, part;

    if (u128_is_zero(off)) {
        *log = whole;
        return k == 0;
    }
    part = wide_log2_ratio(wide_make(off, above ? -1 : 0, above),
                           wide_add(one, (struct wide){x.frac, above ? -1 : 0, false}));
    *log = k ? wide_add(whole, part) : part;
    return false;
}

/* pi / 4 * quarters */
struct wide wide_pi_quarters(unsigned quarters)
{
    u128 quarter = u128_shr(c_atan[16], 2), sum = quarter;

    while (--quarters > 0)
        sum = u128_add(sum, quarter);
    return wide_make(sum, 1, false);
}

struct wide wide_atan(struct wide x)
{
    u128 t, at, z;
    struct wide off;
    unsigned i;

    if (x.exp < -5) {
        z = square(x);
        return times_less(x, z, sum(c_odd, ARRAY_SIZE(c_odd), 1, z, true));
    }
    /* About the next i/16: atan(t) = atan(c) + atan((t - c) / (1 + t * c)) */
    if (x.exp == 0)
        return wide_make(c_atan[16], -1, false);
    t = wide_fraction(x);
    i = (unsigned)u128_low(u128_shr(u128_add(u128_shr(t, 1), U128(1ull << 58, 0)), 123));
    at = u128_shl(u128_of(i), 124);
    if (i == 16 || !u128_equal(t, at)) {
        bool below = i == 16 || u128_less(t, at);

        off = wide_make(u128_sub(below ? at : t, below ? t : at), -1, below);
        off = wide_div(off, wide_add(one, wide_mul(wide_make(t, -1, false),
                                                   wide_make(u128_of(i), 123, false))));
        return wide_add(wide_make(c_atan[i], -1, false), wide_atan(off));
    }
    return wide_make(c_atan[i], -1, false);
}
