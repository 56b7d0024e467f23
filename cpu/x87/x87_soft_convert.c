/* The x87 in integers: constants, and conversions from and to memory; see x87_unit.h. */
#include "cpu/x87/x87_exact.h"
#include "cpu/x87/x87_priv.h"
#include "cpu/x87/x87_soft.h"

/* A number in memory: significand without its top bit, exponent, sign. */
struct layout {
    const struct wide_format *format;
    unsigned frac_bits, exp_bits;
};
static const struct layout single = {&wide_single, 23, 8}, real_double = {&wide_double, 52, 11};

static const struct layout *layout_of(enum x87_mem kind)
{
    return kind == X87_MEM_F32 ? &single : &real_double;
}

u16 x87_soft_widen(enum x87_mem kind, const void *mem, struct f80 *out)
{
    const struct layout *l = layout_of(kind);
    u64 value = kind == X87_MEM_F32 ? get32(mem) : get64(mem);
    u32 exp_mask = (1u << l->exp_bits) - 1, exp = (u32)(value >> l->frac_bits) & exp_mask;
    u64 frac = value << (63 - l->frac_bits) & ~F80_TOP;
    u16 sign = (u16)(value >> (l->frac_bits + l->exp_bits) << 15);

    if (exp == exp_mask) {
        *out = (struct f80){frac | F80_TOP, sign | 0x7fff};
    } else if (exp) {
        *out = (struct f80){frac | F80_TOP,
                            (u16)(sign | (exp + F80_BIAS + (u32)(l->format->min - 1)))};
    } else if (frac) {
        int shift = __builtin_clzll(frac);

        *out = (struct f80){frac << shift, (u16)(sign | (u32)(F80_BIAS + l->format->min - shift))};
        return X87_DE;
    } else {
        *out = (struct f80){0, sign};
    }
    return 0;
}

static struct f80 of_integer(u64 magnitude, bool negative)
{
    int shift = magnitude ? __builtin_clzll(magnitude) : 0;

    if (magnitude == 0)
        return (struct f80){0, 0};
    return (struct f80){magnitude << shift, (u16)(negative << 15 | (F80_BIAS + 63 - shift))};
}

u16 x87_soft_load(enum x87_mem kind, u16 cw, const void *mem, struct f80 *out)
{
    i64 value = 0;
    u16 sw;

    (void)cw;
    switch (kind) {
    case X87_MEM_F32:
    case X87_MEM_F64:
        sw = x87_soft_widen(kind, mem, out);
        if (f80_is_signaling(out)) {
            out->frac |= F80_QUIET;
            sw |= X87_IE;
        }
        return sw;
    case X87_MEM_I16: value = (i16)get16(mem); break;
    case X87_MEM_I32: value = (i32)get32(mem); break;
    case X87_MEM_I64: value = (i64)get64(mem); break;
    case X87_MEM_BCD: x87_exact_bcd(mem, out); return 0;
    }
    *out = of_integer(value < 0 ? -(u64)value : (u64)value, value < 0);
    return 0;
}

u64 x87_soft_integer(const struct f80 *x, u16 cw, u16 *sw)
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

/* To an integer of this many bits; out of range gives the most negative number. */
static u16 store_integer(const struct f80 *x, unsigned bits, u16 cw, u64 *out)
{
    u64 limit = 1ull << (bits - 1), value = 0;
    bool negative = f80_negative(x);
    u16 sw = 0;

    *out = limit;
    if (f80_is_unsupported(x) || f80_exp(x) >= F80_BIAS + 64)
        return X87_IE;
    if (!f80_is_zero(x))
        value = x87_soft_integer(x, cw, &sw);
    if (value > limit - !negative || (value == 0 && f80_exp(x) == F80_BIAS + 63))
        return X87_IE;
    *out = negative ? -value : value;
    return sw;
}

static u16 store_bcd(const struct f80 *x, u16 cw, u8 *mem)
{
    u64 value = 0;
    u16 sw = 0;

    if (!f80_is_unsupported(x) && f80_exp(x) < F80_BIAS + 63 && !f80_is_zero(x))
        value = x87_soft_integer(x, cw, &sw);
    if (f80_is_unsupported(x) || f80_exp(x) >= F80_BIAS + 63 || value > 999999999999999999ull) {
        put64(mem, 0xc000000000000000ull);
        put16(mem + 8, 0xffff);
        return X87_IE;
    }
    for (unsigned i = 0; i < 9; i++, value /= 100)
        mem[i] = (u8)(value % 10 | value / 10 % 10 << 4);
    mem[9] = f80_negative(x) ? 0x80 : 0;
    return sw;
}

static u16 store_real(enum x87_mem kind, u16 cw, const struct f80 *x, void *mem)
{
    const struct layout *l = layout_of(kind);
    u64 frac = x->frac, exp = (1u << l->exp_bits) - 1, value;
    bool negative = f80_negative(x);
    u16 sw = 0;

    if (f80_is_unsupported(x)) {
        frac = X87_INDEFINITE.frac;
        negative = true;
        sw = X87_IE;
    } else if (f80_is_nan(x)) {
        sw = f80_is_signaling(x) ? X87_IE : 0;
        frac |= F80_QUIET;
    } else if (f80_is_zero(x)) {
        exp = 0;
    } else if (!f80_is_infinite(x)) {
        struct wide_rounded r = wide_round_to(l->format, wide_of(x), true, cw, &sw);

        if (sw & ~cw & (X87_OE | X87_UE))
            return sw & (X87_OE | X87_UE);
        frac = r.frac;
        exp = r.frac < F80_TOP ? 0 : (u64)(r.exp - l->format->min + 1);
    }
    value = (frac & ~F80_TOP) >> (63 - l->frac_bits) | exp << l->frac_bits |
            (u64)negative << (l->frac_bits + l->exp_bits);
    if (kind == X87_MEM_F32)
        put32(mem, (u32)value);
    else
        put64(mem, value);
    return sw;
}

u16 x87_soft_store(enum x87_mem kind, u16 cw, const struct f80 *x, void *mem)
{
    u64 value;
    u16 sw;

    switch (kind) {
    case X87_MEM_I16:
        sw = store_integer(x, 16, cw, &value);
        put16(mem, (u16)value);
        return sw;
    case X87_MEM_I32:
        sw = store_integer(x, 32, cw, &value);
        put32(mem, (u32)value);
        return sw;
    case X87_MEM_I64:
        sw = store_integer(x, 64, cw, &value);
        put64(mem, value);
        return sw;
    case X87_MEM_BCD: return store_bcd(x, cw, mem);
    case X87_MEM_F32:
    case X87_MEM_F64: break;
    }
    return store_real(kind, cw, x, mem);
}

/* (SDM vol. 2, FLD1; the values are to 66 bits, of which the last two are below the last place) */
u16 x87_soft_const(enum x87_const which, u16 cw, struct f80 *out)
{
    static const struct {
        u64 frac;
        u16 exp;
        u8 below; /* quarters of a last place */
    } constants[] = {
        [X87_1] = {F80_TOP, F80_BIAS, 0},
        [X87_L2T] = {0xd49a784bcd1b8afe, F80_BIAS + 1, 1},
        [X87_L2E] = {0xb8aa3b295c17f0bb, F80_BIAS, 3},
        [X87_PI] = {0xc90fdaa22168c234, F80_BIAS + 1, 3},
        [X87_LG2] = {0x9a209a84fbcff798, F80_BIAS - 2, 3},
        [X87_LN2] = {0xb17217f7d1cf79ab, F80_BIAS - 1, 3},
        [X87_ZERO] = {0, 0, 0},
    };
    unsigned below = constants[which].below;
    /* The constants are positive. */
    bool up = below && ((cw >> 10 & 3) == 2 || ((cw >> 10 & 3) == 0 && below > 2));

    *out = (struct f80){constants[which].frac + up, constants[which].exp};
    return 0;
}
