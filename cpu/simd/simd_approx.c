/* RCPPS, RCPSS, RSQRTPS and RSQRTSS by rule, the same on every host.
 *
 * The manual leaves the result open but for a relative error of 1.5 * 2^-12, and makes of processors have tables of
 * their own. Here an operand is taken for the middle of the 4096 equal parts of its binade, and the result is the
 * exact one of that, rounded to 12 bits of significand. Denormal operands count as zeros, and results that would be
 * denormal are zeros, whatever MXCSR says. (SDM vol. 1, 10.4.6.2; vol. 2, RCPPS, RSQRTPS) */
#include "cpu/simd/simd_unit.h"

#define SIGN    0x80000000u
#define INF     0x7f800000u
#define QUIET   0x00400000u
#define NOTHING 0xffc00000u /* the default NaN */

/* result: 4096 to 8192, in units of 2^-12 of the exponent's power of 2. */
static u32 put_together(u32 sign, i32 exp, u32 result)
{
    return exp > 0 ? sign | (((u32)exp << 23) + ((result - 4096) << 11)) : sign;
}

/* Twice the middle of a significand's part: 8193 to 16383. */
static u32 middle(u32 x)
{
    return (4096 + (x >> 11 & 0xfff)) * 2 + 1;
}

static u32 root(u64 n)
{
    u64 r = 0;

    for (u64 bit = 1ull << 15; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return (u32)r;
}

static u32 reciprocal(u32 x)
{
    u32 sign = x & SIGN, exp = x >> 23 & 0xff, whole = 1u << 27;

    if ((x & ~SIGN) > INF)
        return x | QUIET;
    if (exp == 0 || exp == 0xff)
        return sign | (exp ? 0 : INF);
    return put_together(sign, 253 - (i32)exp, (whole / middle(x) + 1) / 2);
}

static u32 reciprocal_root(u32 x)
{
    u32 sign = x & SIGN, exp = x >> 23 & 0xff;
    i32 power = (i32)exp - 127; /* an odd power's half goes into the significand */

    if ((x & ~SIGN) > INF)
        return x | QUIET;
    if (exp == 0)
        return sign | INF;
    if (sign)
        return NOTHING;
    if (exp == 0xff)
        return 0;
    return put_together(0, 126 - (power >> 1),
                        (root((1ull << 41) / middle(x) >> (power & 1)) + 1) / 2);
}

static void each(union vec *dst, const union vec *src, unsigned count, u32 (*function)(u32))
{
    for (unsigned i = 0; i < count; i++)
        dst->d[i] = function(src->d[i]);
}

void simd_approx(const struct simd_row *row, union vec *dst, const union vec *src)
{
    each(dst, src, row->size / 4u, row->opcode == 0x52 ? reciprocal_root : reciprocal);
}

#define APPROX(name, count, function)                                                              \
    void SIMD_SOFT(XX, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)           \
    {                                                                                              \
        (void)imm;                                                                                 \
        (void)mxcsr;                                                                               \
        each(dst, src, count, function);                                                           \
    }
APPROX(rcpps, 4, reciprocal)
APPROX(rcpss, 1, reciprocal)
APPROX(rsqrtps, 4, reciprocal_root)
APPROX(rsqrtss, 1, reciprocal_root)
