/* The six arithmetic flags, worked out from a lazy state.
 *
 * Where the manual leaves a flag undefined (AF of logic and shifts, OF of shifts by more than one) the choice
 * here is fixed, so that runs repeat: AF clear, OF by the rule for one-bit shifts on the last step.
 * (SDM vol. 1, 3.4.3.1 and appendix A) */
#include "cpu/flags.h"

_Static_assert(LAZY_OPS == 1 + 20 * 3, "lazy_op: three sizes of each of twenty operations");

/* SF, ZF and PF of a result. The constant holds the even-parity bit of each four-bit value. */
static always_inline u32 flags_szp(u32 res, u32 msb)
{
    u32 low = (res ^ res >> 4) & 15;

    return (res & msb ? FL_SF : 0) | (res == 0 ? FL_ZF : 0) | (0x9669u >> low & 1) * FL_PF;
}

/* CF from `carry` and OF from `overflow`: their bit at msb counts. */
static always_inline u32 flags_co(u32 carry, u32 overflow, u32 msb)
{
    return (carry & msb ? FL_CF : 0) | (overflow & msb ? FL_OF : 0);
}

/* The carry out of each bit of a + b (+ carry) = res, and the borrow into it of a - b = res. */
static always_inline u32 carries(u32 a, u32 b, u32 res)
{
    return (a & b) | ((a | b) & ~res);
}

static always_inline u32 borrows(u32 a, u32 b, u32 res)
{
    return (~a & b) | (~(a ^ b) & res);
}

static always_inline u32 flags_add(u32 res, u32 a, u32 b, u32 msb)
{
    return flags_szp(res, msb) | flags_co(carries(a, b, res), (a ^ res) & (b ^ res), msb) |
           ((a ^ b ^ res) & FL_AF);
}

static always_inline u32 flags_sub(u32 res, u32 a, u32 b, u32 msb)
{
    return flags_szp(res, msb) | flags_co(borrows(a, b, res), (a ^ b) & (a ^ res), msb) |
           ((a ^ b ^ res) & FL_AF);
}

/* INC and DEC leave CF as it was: it is in b. */
static always_inline u32 flags_inc(u32 res, u32 cf, u32 msb)
{
    return flags_szp(res, msb) | (cf & FL_CF) | ((res & 15) == 0 ? FL_AF : 0) |
           (res == msb ? FL_OF : 0);
}

static always_inline u32 flags_dec(u32 res, u32 cf, u32 msb)
{
    return flags_szp(res, msb) | (cf & FL_CF) | ((res & 15) == 15 ? FL_AF : 0) |
           (res == msb - 1 ? FL_OF : 0);
}

/* The last one-bit step took a to res; what it pushed out is CF. */
static always_inline u32 flags_shl(u32 res, u32 a, u32 msb)
{
    return flags_szp(res, msb) | flags_co(a, a ^ res, msb);
}

static always_inline u32 flags_shr(u32 res, u32 a, u32 msb)
{
    return flags_szp(res, msb) | (a & FL_CF) |
           ((a ^ res) & msb ? FL_OF : 0); /* SHRD: res may be negative */
}

static always_inline u32 flags_sar(u32 res, u32 a, u32 msb)
{
    return flags_szp(res, msb) | (a & FL_CF);
}

/* MUL, IMUL: SF and PF by the lower half; ZF and AF, which are undefined too, clear. */
static always_inline u32 flags_mul(u32 res, u32 over, u32 msb)
{
    return (flags_szp(res, msb) & ~FL_ZF) | (over ? FL_CF | FL_OF : 0);
}

/* The three sizes of an operation: a case each, with the sign bit and the mask as constants. */
#define SIZES(op, expression)                                                                      \
    case LAZY_##op##8: {                                                                           \
        const u32 msb = 0x80, mask = 0xff;                                                         \
        (void)mask;                                                                                \
        return expression;                                                                         \
    }                                                                                              \
    case LAZY_##op##16: {                                                                          \
        const u32 msb = 0x8000, mask = 0xffff;                                                     \
        (void)mask;                                                                                \
        return expression;                                                                         \
    }                                                                                              \
    case LAZY_##op##32: {                                                                          \
        const u32 msb = 0x80000000, mask = 0xffffffff;                                             \
        (void)mask;                                                                                \
        return expression;                                                                         \
    }

/* Shifts by n of whole registers: the last one-bit step, from `last`. */
static always_inline u32 flags_shln(u32 a, unsigned n, u32 mask, u32 msb)
{
    u32 last = a << (n - 1);

    return flags_shl(last << 1 & mask, last, msb);
}

static always_inline u32 flags_shrn(u32 a, unsigned n, u32 mask, u32 msb)
{
    u32 last = (a & mask) >> (n - 1);

    return flags_shr(last >> 1, last, msb);
}

static always_inline u32 flags_sarn(u32 a, unsigned n, u32 mask, u32 msb)
{
    i32 last = (i32)(((a & mask) ^ msb) - msb) >> (n - 1); /* sign-extended */

    return flags_sar((u32)(last >> 1) & mask, (u32)last, msb);
}

/* A product of whole registers, by its factors. */
static always_inline u32 flags_imul(u32 a, u32 b, u32 mask, u32 msb)
{
    i64 x = (i32)(((a & mask) ^ msb) - msb), y = (i32)(((b & mask) ^ msb) - msb);
    i64 product = x * y;
    u32 low = (u32)product & mask;

    return flags_mul(low, product != (i32)((low ^ msb) - msb), msb);
}

static u32 flags_step(enum lazy_op op, u32 step)
{
    static const u32 masks[] = {0xff, 0xffff, 0xffffffff};
    u32 mask = masks[(op - LAZY_INC8) % 3], msb = mask ^ mask >> 1;

    return op <= LAZY_INC32 ? flags_inc(step & mask, 0, msb) : flags_dec(step & mask, 0, msb);
}

/* What one operation sets, whose count is n. */
static u32 flags_of_op(enum lazy_op op, u32 eflags, u32 res, u32 a, u32 b, unsigned n)
{
    switch (op) {
    case LAZY_NONE:
        return eflags & FL_ARITH;
        SIZES(ADD, flags_add(res, a, (res - a) & mask, msb))
        SIZES(ADC, flags_add(res, a, b, msb))
        SIZES(SUB, flags_sub(res, a, (a - res) & mask, msb))
        SIZES(SBB, flags_sub(res, a, b, msb))
        SIZES(LOGIC, flags_szp(res & mask, msb))
        SIZES(INC, flags_inc(res, b, msb))
        SIZES(DEC, flags_dec(res, b, msb))
        SIZES(SHL, flags_shl(res, a, msb))
        SIZES(SHR, flags_shr(res, a, msb))
        SIZES(SAR, flags_sar(res, a, msb))
        SIZES(MUL, flags_mul(res, b, msb))
        SIZES(CMP, flags_sub((a - b) & mask, a & mask, b & mask, msb))
        SIZES(SUM, flags_add((a + b) & mask, a & mask, b & mask, msb))
        SIZES(TEST, flags_szp(a & b & mask, msb))
        SIZES(ADDED, flags_add(res & mask, (res - b) & mask, b & mask, msb))
        SIZES(SUBBED, flags_sub(res & mask, (res + b) & mask, b & mask, msb))
        SIZES(SHLN, flags_shln(a, n, mask, msb))
        SIZES(SHRN, flags_shrn(a, n, mask, msb))
        SIZES(SARN, flags_sarn(a, n, mask, msb))
        SIZES(IMUL, flags_imul(a, b, mask, msb))
    case LAZY_OPS: break;
    }
    BUG("lazy flag operation %#x", op);
}

/* CF and OF of the rotate in a lazy state that has one. */
static u32 flags_rotated(const struct lazy_flags *lazy)
{
    enum lazy_rotate kind = (enum lazy_rotate)(lazy->op >> LAZY_ROTATED_SHIFT);

    return flags_rotate(lazy->rotated, 8u << (kind - LAZY_ROL8) % 3, kind >= LAZY_ROR8);
}

u32 flags_compute(u32 eflags, const struct lazy_flags *lazy)
{
    enum lazy_op op = (enum lazy_op)(lazy->op & 0xff);
    enum lazy_op step = (enum lazy_op)(lazy->op >> LAZY_STEP_SHIFT & 0x7f);
    u32 flags =
        flags_of_op(op, eflags, lazy->res, lazy->a, lazy->b, lazy->op >> LAZY_COUNT_SHIFT & 0xff);

    if (step != LAZY_NONE)
        flags = (flags & FL_CF) | flags_step(step, lazy->step);
    if (lazy->op >> LAZY_ROTATED_SHIFT) {
        u32 mask = FL_CF | (lazy->op & LAZY_ROTATED_OF ? FL_OF : 0);

        flags = (flags & ~mask) | (flags_rotated(lazy) & mask);
    }
    return flags;
}

u32 flags_cf(const struct cpu *cpu)
{
    u32 res = cpu->lazy.res, a = cpu->lazy.a, b = cpu->lazy.b;

    if (cpu->lazy.op >> LAZY_ROTATED_SHIFT)
        return flags_rotated(&cpu->lazy) & FL_CF;
    switch ((enum lazy_op)(cpu->lazy.op & 0xff)) {
    case LAZY_NONE: return cpu->eflags & FL_CF;
    case LAZY_ADD8:
    case LAZY_ADD16:
    case LAZY_ADD32: return res < a;
    case LAZY_LOGIC8:
    case LAZY_LOGIC16:
    case LAZY_LOGIC32: return 0;
    case LAZY_INC8:
    case LAZY_INC16:
    case LAZY_INC32:
    case LAZY_DEC8:
    case LAZY_DEC16:
    case LAZY_DEC32: return cpu->lazy.b & FL_CF;
    case LAZY_TEST8:
    case LAZY_TEST16:
    case LAZY_TEST32: return 0;
    case LAZY_CMP8: return (u8)a < (u8)b;
    case LAZY_CMP16: return (u16)a < (u16)b;
    case LAZY_CMP32: return a < b;
    case LAZY_SUM8: return (u8)(a + b) < (u8)a;
    case LAZY_SUM16: return (u16)(a + b) < (u16)a;
    case LAZY_SUM32: return a + b < a;
    case LAZY_ADDED32: return res < b;
    case LAZY_SUBBED32: return res + b < b;
    case LAZY_SUB8: return a < ((a - res) & 0xff);
    case LAZY_SUB16: return a < ((a - res) & 0xffff);
    case LAZY_SUB32: return a < a - res;
    case LAZY_ADC8:
    case LAZY_ADC16:
    case LAZY_ADC32:
    case LAZY_SBB8:
    case LAZY_SBB16:
    case LAZY_SBB32:
    case LAZY_SHL8:
    case LAZY_SHL16:
    case LAZY_SHL32:
    case LAZY_SHR8:
    case LAZY_SHR16:
    case LAZY_SHR32:
    case LAZY_SAR8:
    case LAZY_SAR16:
    case LAZY_SAR32:
    case LAZY_MUL8:
    case LAZY_MUL16:
    case LAZY_MUL32:
    case LAZY_ADDED8:
    case LAZY_ADDED16:
    case LAZY_SUBBED8:
    case LAZY_SUBBED16:
    case LAZY_SHLN8:
    case LAZY_SHLN16:
    case LAZY_SHLN32:
    case LAZY_SHRN8:
    case LAZY_SHRN16:
    case LAZY_SHRN32:
    case LAZY_SARN8:
    case LAZY_SARN16:
    case LAZY_SARN32:
    case LAZY_IMUL8:
    case LAZY_IMUL16:
    case LAZY_IMUL32:
    case LAZY_OPS: break;
    }
    return flags_compute(cpu->eflags, &cpu->lazy) & FL_CF;
}

/* SDM vol. 1, appendix B: the low bit of cc negates the condition that the other three name. */
bool flags_cond_of(u32 eflags, unsigned cc)
{
    bool less = !(eflags & FL_SF) != !(eflags & FL_OF);
    bool holds = false;

    switch (cc >> 1 & 7) {
    case 0: holds = eflags & FL_OF; break;
    case 1: holds = eflags & FL_CF; break;
    case 2: holds = eflags & FL_ZF; break;
    case 3: holds = eflags & (FL_CF | FL_ZF); break;
    case 4: holds = eflags & FL_SF; break;
    case 5: holds = eflags & FL_PF; break;
    case 6: holds = less; break;
    case 7: holds = less || (eflags & FL_ZF); break;
    }
    return holds != (cc & 1);
}
