/* Lowering of MMX and SSE to SSE3: faults by mode here, everything else in one helper call. */
#include "translate/lower/lower.h"

/* CR0.EM and CR4.OSFXSR make the instruction undefined, then CR0.TS counts. False: it faults. (SDM
 * vol. 3A, 2.5 and 13.1) */
static bool check_mode(struct lower *l, const struct simd_row *row)
{
    if (row->traits & SIMD_PL)
        return true;
    if ((l->mode & MODE_EM) || (!(l->mode & MODE_OSFXSR) && simd_needs_osfxsr(row)))
        lower_raise(l, EXCP_UD, false, 0);
    else if (l->mode & MODE_TS)
        lower_raise(l, EXCP_NM, false, 0);
    else
        return true;
    return false;
}

/* Where a general register that is the destination goes; SINK when there is none. */
static u8 result_reg(const struct insn *in, const struct simd_row *row)
{
    return row->dst == SIMD_GPR && in->operand[0].kind == OP_REG ? REG32(in->operand[0].reg) : SINK;
}

static u8 immediate(const struct insn *in)
{
    for (unsigned n = 0; n < 3; n++)
        if (in->operand[n].kind == OP_IMM)
            return (u8)in->operand[n].imm;
    return 0;
}

static enum helper_id helper_of(const struct simd_row *row)
{
    if (row->traits & SIMD_FL)
        return HELP_simd_flags;
    return row->traits & SIMD_MD ? HELP_simd_mode : HELP_simd;
}

bool lower_simd(struct lower *l, const struct insn *in)
{
    const struct simd_row *row = &simd_rows[in->simd];

    if (in->op != I_MMX && in->op != I_SSE)
        return false;
    if (!check_mode(l, row) || (row->traits & SIMD_NO))
        return true;
    if (in->has_mem)
        lower_ea(l, in, 0);
    emit_call(l, helper_of(row), result_reg(in, row), in->has_mem ? TEA : ZERO_REG, ZERO_REG,
              simd_pack(in->simd, in->modrm, in->modrm < 0xc0 && in->has_mem, in->mem.seg,
                        immediate(in)));
    if (row->traits & SIMD_MD)
        lower_exit_mode(l);
    return true;
}
