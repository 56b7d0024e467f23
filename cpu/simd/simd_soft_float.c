/* The SSE instructions on floating point numbers, in integers: for hosts without them; see simd_unit.h.
 *
 * MXCSR's exception flags are bit for bit the x87's, and so is its rounding, three bits higher. A NaN wins in the order of
 * the operands, and keeps the others' exceptions away but for invalid. (SDM vol. 1, table 4-7, 4.9.1 and 11.5.2) */
#include "cpu/simd/simd_unit.h"
#include "cpu/x87/soft_arith.h"
#include "cpu/x87/x87_priv.h"

#define INDEFINITE_INTEGER 0x80000000u

static const struct f80 quiet_nan = {0xc000000000000000ull, 0xffff};

/* An element: single when wide is false. */
static const struct soft_layout *layout(bool wide)
{
    return wide ? &soft_double : &soft_single;
}

static u64 get(const union vec *v, unsigned i, bool wide)
{
    return wide ? v->q[i] : v->d[i];
}

static void put(union vec *v, unsigned i, bool wide, u64 value)
{
    if (wide)
        v->q[i] = value;
    else
        v->d[i] = (u32)value;
}

/* The control word of the x87 that rounds as MXCSR does, all exceptions masked. */
static u16 control(u32 mxcsr)
{
    return (u16)((mxcsr >> 13 & 3) << 10 | X87_EXCEPTIONS);
}

/* An operand; the result is DE when it is a denormal number that counts. */
static u32 operand(u64 raw, bool wide, u32 mxcsr, struct f80 *x)
{
    bool denormal = soft_is_denormal(layout(wide), raw);

    *x = soft_widen(layout(wide), raw);
    if (denormal && (mxcsr & MXCSR_DAZ))
        *x = (struct f80){0, x->se & 0x8000};
    return denormal && !(mxcsr & MXCSR_DAZ) ? MXCSR_DE : 0;
}

static u64 round_number(const struct soft_result *r, bool wide, u32 *mxcsr)
{
    const struct soft_layout *l = layout(wide);
    u16 cw = control(*mxcsr), sw = 0;
    struct wide_rounded rounded;

    if (*mxcsr & MXCSR_FZ) {
        wide_round_to(l->format, r->number, r->exact, (u16)(cw & ~X87_UE), &sw);
        if (sw & X87_UE) {
            *mxcsr |= MXCSR_UE | MXCSR_PE;
            return soft_pack(l, &(struct f80){0, (u16)(r->number.negative << 15)});
        }
        sw = 0;
    }
    rounded = wide_round_to(l->format, r->number, r->exact, cw, &sw);
    *mxcsr |= sw & MXCSR_FLAGS;
    return soft_pack_rounded(l, rounded, r->number.negative);
}

static u64 finish(const struct soft_result *r, bool wide, u32 *mxcsr)
{
    u16 sign = (u16)(r->negative << 15);

    *mxcsr |= r->sw;
    switch (r->kind) {
    case SOFT_NUMBER: return round_number(r, wide, mxcsr);
    case SOFT_ZERO: return soft_pack(layout(wide), &(struct f80){0, sign});
    case SOFT_INFINITE: return soft_pack(layout(wide), &(struct f80){F80_TOP, sign | 0x7fff});
    case SOFT_INVALID: break;
    }
    return soft_pack(layout(wide), &quiet_nan);
}

static u64 quieted(struct f80 nan, bool wide)
{
    nan.frac |= F80_QUIET;
    return soft_pack(layout(wide), &nan);
}

/* NaNs among the operands decide the result. */
static bool is_decided(const struct f80 *a, const struct f80 *b, bool wide, u32 *mxcsr, u64 *result)
{
    if (!f80_is_nan(a) && !f80_is_nan(b))
        return false;
    if (f80_is_signaling(a) || f80_is_signaling(b))
        *mxcsr |= MXCSR_IE;
    *result = quieted(f80_is_nan(a) ? *a : *b, wide);
    return true;
}

enum arith { ADD, SUB, MUL, DIV };

static u64 arith(enum arith op, u64 raw_a, u64 raw_b, bool wide, u32 *mxcsr)
{
    bool down = (*mxcsr >> 13 & 3) == 1;
    struct f80 a, b;
    u32 denormal = operand(raw_a, wide, *mxcsr, &a) | operand(raw_b, wide, *mxcsr, &b);
    struct soft_result r;
    u64 result;

    if (is_decided(&a, &b, wide, mxcsr, &result))
        return result;
    switch (op) {
    case ADD: r = soft_add(&a, &b, false, down); break;
    case SUB: r = soft_add(&a, &b, true, down); break;
    case MUL: r = soft_mul(&a, &b); break;
    default: r = soft_div(&a, &b); break;
    }
    if (!(r.sw & (X87_IE | X87_ZE)))
        *mxcsr |= denormal;
    return finish(&r, wide, mxcsr);
}

static u64 root(u64 raw, bool wide, u32 *mxcsr)
{
    struct f80 x;
    u32 denormal = operand(raw, wide, *mxcsr, &x);
    struct soft_result r;
    u64 result;

    if (is_decided(&x, &x, wide, mxcsr, &result))
        return result;
    r = soft_sqrt(&x);
    if (r.kind != SOFT_INVALID)
        *mxcsr |= denormal;
    return finish(&r, wide, mxcsr);
}

/* The second operand where they are equal, or one is no number. (SDM vol. 2, MINPS) */
static u64 extreme(bool most, u64 raw_a, u64 raw_b, bool wide, u32 *mxcsr)
{
    struct f80 a, b;
    u32 denormal = operand(raw_a, wide, *mxcsr, &a) | operand(raw_b, wide, *mxcsr, &b);
    bool first = false;
    int order;

    if (f80_is_nan(&a) || f80_is_nan(&b)) {
        *mxcsr |= MXCSR_IE;
    } else {
        order = soft_order(&a, &b);
        first = most ? order > 0 : order < 0;
        *mxcsr |= denormal;
    }
    if (f80_is_zero(first ? &a : &b)) /* also a denormal number that counts as one */
        return soft_pack(layout(wide), first ? &a : &b);
    return first ? raw_a : raw_b;
}

/* -1, 0, 1, or 2 when one is a NaN. loud: a quiet one is invalid, too. */
static int compare(u64 raw_a, u64 raw_b, bool wide, bool loud, u32 *mxcsr)
{
    struct f80 a, b;
    u32 denormal = operand(raw_a, wide, *mxcsr, &a) | operand(raw_b, wide, *mxcsr, &b);

    if (f80_is_nan(&a) || f80_is_nan(&b)) {
        if (loud || f80_is_signaling(&a) || f80_is_signaling(&b))
            *mxcsr |= MXCSR_IE;
        return 2;
    }
    *mxcsr |= denormal;
    return soft_order(&a, &b);
}

/* The predicate of CMPPS: 4 to 7 are the opposites of 0 to 3. (SDM vol. 2, table 3-1) */
static u64 predicate(u32 imm, u64 raw_a, u64 raw_b, bool wide, u32 *mxcsr)
{
    unsigned which = imm & 3;
    int order = compare(raw_a, raw_b, wide, which == 1 || which == 2, mxcsr);
    bool holds;

    switch (which) {
    case 0: holds = order == 0; break;
    case 1: holds = order < 0; break;
    case 2: holds = order <= 0; break;
    default: holds = order == 2; break;
    }
    return holds != (imm >> 2 & 1) ? ~(u64)0 : 0;
}

/* dst and src element by element: all that fit, or one. */
#define FLOAT(name, wide, count, expression)                                                       \
    void SIMD_SOFT(XX, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)           \
    {                                                                                              \
        (void)imm;                                                                                 \
        for (unsigned i = 0; i < (count); i++) {                                                   \
            u64 a = get(dst, i, wide), b = get(src, i, wide);                                      \
                                                                                                   \
            (void)a;                                                                               \
            put(dst, i, wide, expression);                                                         \
        }                                                                                          \
    }
#define ALL_SIZES(name, function, ...)                                                             \
    FLOAT(name##ps, false, 4, function(__VA_ARGS__, false, mxcsr))                                 \
    FLOAT(name##pd, true, 2, function(__VA_ARGS__, true, mxcsr))                                   \
    FLOAT(name##ss, false, 1, function(__VA_ARGS__, false, mxcsr))                                 \
    FLOAT(name##sd, true, 1, function(__VA_ARGS__, true, mxcsr))
ALL_SIZES(add, arith, ADD, a, b)
ALL_SIZES(sub, arith, SUB, a, b)
ALL_SIZES(mul, arith, MUL, a, b)
ALL_SIZES(div, arith, DIV, a, b)
ALL_SIZES(sqrt, root, b)
ALL_SIZES(min, extreme, false, a, b)
ALL_SIZES(max, extreme, true, a, b)
FLOAT(addsubps, false, 4, arith(i & 1 ? ADD : SUB, a, b, false, mxcsr))
FLOAT(addsubpd, true, 2, arith(i & 1 ? ADD : SUB, a, b, true, mxcsr))

/* dst's pairs, then src's. */
#define HORIZONTAL(name, wide, op)                                                                 \
    void SIMD_SOFT(XX, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)           \
    {                                                                                              \
        const unsigned half = (wide) ? 1 : 2;                                                      \
        const union vec a = *dst;                                                                  \
                                                                                                   \
        (void)imm;                                                                                 \
        for (unsigned i = 0; i < 2 * half; i++) {                                                  \
            const union vec *from = i < half ? &a : src;                                           \
            unsigned at = i % half * 2;                                                            \
                                                                                                   \
            put(dst, i, wide,                                                                      \
                arith(op, get(from, at, wide), get(from, at + 1, wide), wide, mxcsr));             \
        }                                                                                          \
    }
HORIZONTAL(haddps, false, ADD)
HORIZONTAL(haddpd, true, ADD)
HORIZONTAL(hsubps, false, SUB)
HORIZONTAL(hsubpd, true, SUB)

#define COMPARE(name, wide, count)                                                                 \
    void SIMD_SOFT(CC, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)           \
    {                                                                                              \
        for (unsigned i = 0; i < (count); i++)                                                     \
            put(dst, i, wide, predicate(imm, get(dst, i, wide), get(src, i, wide), wide, mxcsr));  \
    }
COMPARE(cmpps, false, 4)
COMPARE(cmppd, true, 2)
COMPARE(cmpss, false, 1)
COMPARE(cmpsd, true, 1)

/* Into EFLAGS. (SDM vol. 2, COMISS) */
#define INTO_FLAGS(name, wide, loud)                                                               \
    void SIMD_SOFT(CO, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)           \
    {                                                                                              \
        int order = compare(get(dst, 0, wide), get(src, 0, wide), wide, loud, mxcsr);              \
                                                                                                   \
        (void)imm;                                                                                 \
        dst->d[0] = order == 2   ? FL_ZF | FL_PF | FL_CF                                           \
                    : order == 0 ? FL_ZF                                                           \
                    : order < 0  ? FL_CF                                                           \
                                 : 0;                                                               \
    }
INTO_FLAGS(ucomiss, false, false)
INTO_FLAGS(ucomisd, true, false)
INTO_FLAGS(comiss, false, true)
INTO_FLAGS(comisd, true, true)

/* From one size to the other. */
static u64 resize(u64 raw, bool wide, u32 *mxcsr)
{
    struct soft_result r = {.kind = SOFT_NUMBER, .exact = true};
    struct f80 x;
    u32 denormal = operand(raw, wide, *mxcsr, &x);
    u64 result;

    if (is_decided(&x, &x, !wide, mxcsr, &result))
        return result;
    *mxcsr |= denormal;
    if (!f80_is_plain(&x))
        return soft_pack(layout(!wide), &x);
    r.number = wide_of(&x);
    return round_number(&r, !wide, mxcsr);
}

/* To a 32-bit integer, rounded or truncated. A denormal number is none of its exceptions. */
static u64 to_integer(u64 raw, bool wide, bool truncate, u32 *mxcsr)
{
    struct f80 x;
    u16 cw = truncate ? 0x0c00 : control(*mxcsr), sw = 0;
    u64 value = 0;

    operand(raw, wide, *mxcsr, &x);
    if (f80_exp(&x) > F80_BIAS + 32) {
        *mxcsr |= MXCSR_IE;
        return INDEFINITE_INTEGER;
    }
    if (!f80_is_zero(&x))
        value = soft_integer(&x, cw, &sw);
    if (value > 0x7fffffffu + (u64)f80_negative(&x)) {
        *mxcsr |= MXCSR_IE;
        return INDEFINITE_INTEGER;
    }
    *mxcsr |= sw & MXCSR_PE;
    return (u32)(f80_negative(&x) ? -value : value);
}

static u64 of_integer(u32 value, bool wide, u32 *mxcsr)
{
    struct f80 x = soft_of_integer((i32)value);
    struct soft_result r = {.kind = SOFT_NUMBER, .exact = true};

    if (value == 0)
        return 0;
    r.number = wide_of(&x);
    return round_number(&r, wide, mxcsr);
}

/* count elements; with half, the upper half becomes zero. */
#define CONVERT(how, name, to_wide, count, half, expression)                                       \
    void SIMD_SOFT(how, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)          \
    {                                                                                              \
        const union vec from = *src;                                                               \
                                                                                                   \
        (void)imm;                                                                                 \
        (void)mxcsr;                                                                               \
        for (unsigned i = 0; i < (count); i++)                                                     \
            put(dst, i, to_wide, expression);                                                      \
        if (half)                                                                                  \
            dst->q[1] = 0;                                                                         \
    }
CONVERT(XX, cvtps2pd, true, 2, false, resize(from.d[i], false, mxcsr))
CONVERT(XX, cvtss2sd, true, 1, false, resize(from.d[i], false, mxcsr))
CONVERT(XX, cvtpd2ps, false, 2, true, resize(from.q[i], true, mxcsr))
CONVERT(XX, cvtsd2ss, false, 1, false, resize(from.q[i], true, mxcsr))
CONVERT(XX, cvtdq2ps, false, 4, false, of_integer(from.d[i], false, mxcsr))
CONVERT(XX, cvtdq2pd, true, 2, false, of_integer(from.d[i], true, &(u32){0}))
CONVERT(XX, cvtps2dq, false, 4, false, to_integer(from.d[i], false, false, mxcsr))
CONVERT(XX, cvttps2dq, false, 4, false, to_integer(from.d[i], false, true, mxcsr))
CONVERT(XX, cvtpd2dq, false, 2, true, to_integer(from.q[i], true, false, mxcsr))
CONVERT(XX, cvttpd2dq, false, 2, true, to_integer(from.q[i], true, true, mxcsr))
CONVERT(XM, cvtps2pi, false, 2, false, to_integer(from.d[i], false, false, mxcsr))
CONVERT(XM, cvttps2pi, false, 2, false, to_integer(from.d[i], false, true, mxcsr))
CONVERT(XM, cvtpd2pi, false, 2, false, to_integer(from.q[i], true, false, mxcsr))
CONVERT(XM, cvttpd2pi, false, 2, false, to_integer(from.q[i], true, true, mxcsr))
CONVERT(MX, cvtpi2ps, false, 2, false, of_integer(from.d[i], false, mxcsr))
CONVERT(MX, cvtpi2pd, true, 2, false, of_integer(from.d[i], true, mxcsr))
CONVERT(RX, cvtsi2ss, false, 1, false, of_integer(from.d[i], false, mxcsr))
CONVERT(RX, cvtsi2sd, true, 1, false, of_integer(from.d[i], true, mxcsr))
CONVERT(XR, cvtss2si, false, 1, false, to_integer(from.d[i], false, false, mxcsr))
CONVERT(XR, cvttss2si, false, 1, false, to_integer(from.d[i], false, true, mxcsr))
CONVERT(XR, cvtsd2si, false, 1, false, to_integer(from.q[i], true, false, mxcsr))
CONVERT(XR, cvttsd2si, false, 1, false, to_integer(from.q[i], true, true, mxcsr))
