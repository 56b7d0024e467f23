/* C definitions of the seldom micro-ops. */
#include "translate/uop_exec.h"

#include "cpu/flags.h"

void uop_exec_flag_op(struct cpu *cpu, const struct uop *uop)
{
    switch (uop->op) {
    case U_clc: flags_put(cpu, FL_CF, 0); break;
    case U_stc: flags_put(cpu, FL_CF, FL_CF); break;
    case U_cmc: flags_put(cpu, FL_CF, ~flags_get(cpu)); break;
    case U_lahf: ((u8 *)cpu->r)[uop->d] = (u8)flags_get(cpu); break;
    case U_sahf: flags_put(cpu, FL_ARITH & ~FL_OF, ((u8 *)cpu->r)[uop->a]); break;
    case U_salc: ((u8 *)cpu->r)[uop->d] = flags_cf(cpu) ? 0xff : 0; break;
    default: BUG("flag micro-op %u", uop->op);
    }
}

/* ROL by c mod width; CF is the bit that went round, OF as for a count of one. */
static u32 rotate(struct cpu *cpu, u32 v, unsigned count, unsigned width, bool right)
{
    u32 mask = width == 32 ? 0xffffffffu : (1u << width) - 1;
    unsigned c = (right ? width - count % width : count) % width;
    u32 r = c ? ((v << c | v >> (width - c)) & mask) : v;
    u32 top = r >> (width - 1) & 1;

    if (!count)
        return v;
    if (right)
        flags_put(cpu, FL_CF | FL_OF,
                  (top ? FL_CF : 0) | ((top ^ (r >> (width - 2))) & 1 ? FL_OF : 0));
    else
        flags_put(cpu, FL_CF | FL_OF, (r & 1 ? FL_CF : 0) | ((top ^ r) & 1 ? FL_OF : 0));
    return r;
}

/* SHL SHR SAR by count, 64 bits wide inside; kind is the lazy operation of the size. */
static u32 shift(struct cpu *cpu, u32 v, unsigned count, unsigned width, enum lazy_op kind)
{
    u32 mask = width == 32 ? 0xffffffffu : (1u << width) - 1;
    i64 wide = kind >= LAZY_SAR8 ? (i64)((u64)v << (64 - width)) >> (64 - width) : (i64)v;
    u64 last, r;

    if (!count)
        return v;
    if (kind <= LAZY_SHL32) {
        last = (u64)wide << (count - 1);
        r = last << 1;
    } else {
        last = (u64)(wide >> (count - 1));
        r = (u64)(wide >> count);
    }
    cpu->lazy = (struct lazy_flags){.op = kind, .res = (u32)r & mask, .a = (u32)last & mask};
    return (u32)r & mask;
}

u32 uop_exec_value(struct cpu *cpu, u32 a, u32 b, u32 op)
{
    const struct uop_info *info = &uop_info[op];
    unsigned width = info->size * 8u, which = info->size >> 1, count = b & 31;
    u32 v = width == 32 ? a : a & ((1u << width) - 1), bit = 1u << (b & (width - 1));

    switch (op) {
    case U_bt16_f:
    case U_bt32_f: flags_put(cpu, FL_CF, v & bit ? FL_CF : 0); return v;
    case U_bts16_f:
    case U_bts32_f: flags_put(cpu, FL_CF, v & bit ? FL_CF : 0); return v | bit;
    case U_btr16_f:
    case U_btr32_f: flags_put(cpu, FL_CF, v & bit ? FL_CF : 0); return v & ~bit;
    case U_btc16_f:
    case U_btc32_f: flags_put(cpu, FL_CF, v & bit ? FL_CF : 0); return v ^ bit;
    case U_rol8_f:
    case U_rol16_f:
    case U_rol32_f:
    case U_rolv8_f:
    case U_rolv16_f:
    case U_rolv32_f: return rotate(cpu, v, count, width, false);
    case U_ror8_f:
    case U_ror16_f:
    case U_ror32_f:
    case U_rorv8_f:
    case U_rorv16_f:
    case U_rorv32_f: return rotate(cpu, v, count, width, true);
    case U_shlv8_f:
    case U_shlv16_f:
    case U_shlv32_f: return shift(cpu, v, count, width, LAZY_SHL8 + which);
    case U_shrv8_f:
    case U_shrv16_f:
    case U_shrv32_f: return shift(cpu, v, count, width, LAZY_SHR8 + which);
    case U_sarv8_f:
    case U_sarv16_f:
    case U_sarv32_f: return shift(cpu, v, count, width, LAZY_SAR8 + which);
    default: BUG("no C definition of %s", info->name);
    }
}
