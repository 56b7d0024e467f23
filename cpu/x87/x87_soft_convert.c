/* The x87 in integers: constants, and conversions from and to memory; see x87_unit.h. */
#include "cpu/x87/soft_arith.h"
#include "cpu/x87/x87_exact.h"
#include "cpu/x87/x87_priv.h"

static const struct soft_layout *layout_of(enum x87_mem kind)
{
    return kind == X87_MEM_F32 ? &soft_single : &soft_double;
}

static u64 raw(enum x87_mem kind, const void *mem)
{
    return kind == X87_MEM_F32 ? get32(mem) : get64(mem);
}

u16 x87_soft_load(enum x87_mem kind, u16 cw, const void *mem, struct f80 *out)
{
    i64 value = 0;
    u16 sw;

    (void)cw;
    switch (kind) {
    case X87_MEM_F32:
    case X87_MEM_F64:
        *out = soft_widen(layout_of(kind), raw(kind, mem));
        sw = soft_is_denormal(layout_of(kind), raw(kind, mem)) ? X87_DE : 0;
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
    *out = soft_of_integer(value);
    return 0;
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
        value = soft_integer(x, cw, &sw);
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
        value = soft_integer(x, cw, &sw);
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
    const struct soft_layout *l = layout_of(kind);
    struct f80 special = *x;
    u64 value;
    u16 sw = 0;

    if (f80_is_plain(x)) {
        struct wide_rounded r = wide_round_to(l->format, wide_of(x), true, cw, &sw);

        if (sw & ~cw & (X87_OE | X87_UE))
            return sw & (X87_OE | X87_UE);
        value = soft_pack_rounded(l, r, f80_negative(x));
    } else {
        if (f80_is_unsupported(x) || f80_is_signaling(x))
            sw = X87_IE;
        if (f80_is_unsupported(x))
            special = X87_INDEFINITE;
        else if (f80_is_nan(x))
            special.frac |= F80_QUIET;
        value = soft_pack(l, &special);
    }
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
