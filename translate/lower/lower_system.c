/* Lowering of ports, flags, system registers and the x87. */
#include "translate/lower/lower.h"

static void call_with_value(struct lower *l, const struct insn *in, enum helper_id helper)
{
    lower_value_zx(l, in, &in->operand[0], T0);
    emit_call(l, helper, SINK, T0, ZERO_REG, 0);
}

/* A 16-bit system register to operand 0: a 32-bit register gets it zero-extended, memory 16 bits. */
static void store_word(struct lower *l, const struct insn *in, u8 reg)
{
    struct operand dst = in->operand[0];

    if (dst.kind == OP_MEM)
        dst.size = 2;
    lower_write(l, in, &dst, reg);
}

static void call_with_ea(struct lower *l, const struct insn *in, enum helper_id helper, u32 c)
{
    lower_ea(l, in, 0);
    emit_call(l, helper, SINK, TEA, ZERO_REG, in->mem.seg | c);
}

/* The accumulator is an operand whose size is the access's; the port is DX or an immediate. */
static void lower_port(struct lower *l, const struct insn *in)
{
    bool read = in->op == I_IN;
    const struct operand *acc = &in->operand[read ? 0 : 1], *port = &in->operand[read ? 1 : 0];

    lower_value_zx(l, in, port, T0);
    if (read) {
        emit_call(l, HELP_in, T1, T0, ZERO_REG, acc->size);
        emit_mov(l, acc->size, EAX, T1);
    } else {
        emit_zx(l, acc->size, T1, EAX);
        emit_call(l, HELP_out, SINK, T0, T1, acc->size);
    }
    lower_exit(l, l->next);
}

static void lower_x87(struct lower *l, const struct insn *in)
{
    if (l->mode & MODE_FPU_NM) {
        lower_raise(l, EXCP_NM, false, 0);
        return;
    }
    if (in->has_mem)
        lower_ea(l, in, 0);
    emit_movi(l, T0, l->eip);
    emit_call(l, HELP_x87, SINK, in->has_mem ? TEA : ZERO_REG, T0,
              x87_arg_pack((struct x87_arg){.fop = (u16)((in->opcode & 7) << 8 | in->modrm),
                                            .seg = (enum sreg)(in->has_mem ? in->mem.seg : 0),
                                            .osz16 = in->osz == 2,
                                            .mem = in->has_mem}));
}

static void lower_fxsave(struct lower *l, const struct insn *in, enum helper_id helper)
{
    if (l->mode & MODE_FPU_NM)
        lower_raise(l, EXCP_NM, false, 0);
    else
        call_with_ea(l, in, helper, 0);
}

static void lower_movcr(struct lower *l, const struct insn *in, enum operand_kind kind,
                        enum helper_id read, enum helper_id write)
{
    if (in->operand[0].kind == kind) {
        emit_call(l, write, SINK, lower_reg(&in->operand[1]), ZERO_REG, in->operand[0].reg);
        lower_exit_mode(l);
    } else {
        emit_call(l, read, lower_reg(&in->operand[0]), ZERO_REG, ZERO_REG, in->operand[1].reg);
    }
}

static void lower_popf(struct lower *l, const struct insn *in)
{
    lower_peek(l, T0, in->osz);
    emit_call(l, HELP_popf, SINK, T0, ZERO_REG, in->osz);
    lower_drop(l, in->osz);
    lower_exit_mode(l);
}

/* LAR LSL: the destination is written only when the selector is acceptable; the helper decides. */
static void lower_lar(struct lower *l, const struct insn *in, enum helper_id helper)
{
    u8 d = lower_reg(&in->operand[0]);
    struct operand src = in->operand[1];

    src.size = 2;
    lower_value_zx(l, in, &src, T0);
    emit_call(l, helper, T1, T0, d, 0);
    emit_mov(l, in->operand[0].size, d, T1);
}

static void lower_arpl(struct lower *l, const struct insn *in)
{
    u8 source = REG32(in->operand[1].reg);

    if (in->operand[0].kind == OP_MEM) {
        lower_ea(l, in, 0);
        emit_call(l, HELP_arpl_mem, SINK, TEA, source, in->mem.seg);
    } else {
        u8 d = lower_reg(&in->operand[0]);

        emit_zx(l, 2, T0, d);
        emit_call(l, HELP_arpl, T0, T0, source, 0);
        emit_mov(l, 2, d, T0);
    }
}

/* A helper without operands, after which the block may go on. */
static void plain_call(struct lower *l, enum helper_id helper, u32 c)
{
    emit_call(l, helper, SINK, ZERO_REG, ZERO_REG, c);
}

/* DF is part of the mode: setting it to what it is does nothing. */
static void lower_direction(struct lower *l, enum helper_id helper, bool changes)
{
    if (!changes)
        return;
    plain_call(l, helper, 0);
    lower_exit_mode(l);
}

bool lower_system(struct lower *l, const struct insn *in)
{
    switch (in->op) {
    case I_NOP:
    case I_INVD:
    case I_WBINVD: break;
    case I_IN:
    case I_OUT: lower_port(l, in); break;
    case I_CLC: emit(l, U_clc); break;
    case I_STC: emit(l, U_stc); break;
    case I_CMC: emit(l, U_cmc); break;
    case I_CLD: lower_direction(l, HELP_cld, l->mode & MODE_DF); break;
    case I_STD: lower_direction(l, HELP_std, !(l->mode & MODE_DF)); break;
    case I_LAHF: emit(l, U_lahf)->d = reg8(4); break;
    case I_SAHF: emit(l, U_sahf)->a = reg8(4); break;
    case I_SALC: emit(l, U_salc)->d = reg8(0); break;
    case I_CLI: plain_call(l, HELP_cli, 0); break;
    case I_STI:
        plain_call(l, HELP_sti, 0);
        lower_exit_mode(l);
        break;
    case I_PUSHF:
        emit_call(l, HELP_pushf, T0, ZERO_REG, ZERO_REG, in->osz);
        lower_push(l, T0, in->osz);
        break;
    case I_POPF: lower_popf(l, in); break;
    case I_HLT:
        plain_call(l, HELP_hlt, 0);
        lower_exit_mode(l);
        break;
    case I_MONITOR: call_with_ea(l, in, HELP_monitor, 0); break;
    case I_MWAIT:
        plain_call(l, HELP_mwait, 0);
        lower_exit_mode(l);
        break;
    case I_FWAIT: plain_call(l, HELP_fwait, 0); break;
    case I_X87: lower_x87(l, in); break;
    case I_FXSAVE: lower_fxsave(l, in, HELP_fxsave); break;
    case I_FXRSTOR:
        lower_fxsave(l, in, HELP_fxrstor);
        if (!l->ended)
            lower_exit_mode(l);
        break;
    case I_SGDT: call_with_ea(l, in, HELP_sgdt, (u32)in->osz << 8); break;
    case I_SIDT: call_with_ea(l, in, HELP_sidt, (u32)in->osz << 8); break;
    case I_LGDT: call_with_ea(l, in, HELP_lgdt, (u32)in->osz << 8); break;
    case I_LIDT: call_with_ea(l, in, HELP_lidt, (u32)in->osz << 8); break;
    case I_INVLPG:
        call_with_ea(l, in, HELP_invlpg, 0);
        lower_exit_mode(l);
        break;
    case I_SMSW:
        emit_call(l, HELP_cr_read, T0, ZERO_REG, ZERO_REG, 0);
        store_word(l, in, T0);
        break;
    case I_LMSW:
        call_with_value(l, in, HELP_lmsw);
        lower_exit_mode(l);
        break;
    case I_CLTS:
        plain_call(l, HELP_clts, 0);
        lower_exit_mode(l);
        break;
    case I_SLDT:
        emit_call(l, HELP_sldt, T0, ZERO_REG, ZERO_REG, 0);
        store_word(l, in, T0);
        break;
    case I_STR:
        emit_call(l, HELP_str, T0, ZERO_REG, ZERO_REG, 0);
        store_word(l, in, T0);
        break;
    case I_LLDT: call_with_value(l, in, HELP_lldt); break;
    case I_LTR: call_with_value(l, in, HELP_ltr); break;
    case I_VERR: call_with_value(l, in, HELP_verr); break;
    case I_VERW: call_with_value(l, in, HELP_verw); break;
    case I_LAR: lower_lar(l, in, HELP_lar); break;
    case I_LSL: lower_lar(l, in, HELP_lsl); break;
    case I_ARPL: lower_arpl(l, in); break;
    case I_MOVCR: lower_movcr(l, in, OP_CREG, HELP_cr_read, HELP_cr_write); break;
    case I_MOVDR: lower_movcr(l, in, OP_DREG, HELP_dr_read, HELP_dr_write); break;
    case I_RDMSR: plain_call(l, HELP_rdmsr, 0); break;
    case I_WRMSR:
        plain_call(l, HELP_wrmsr, 0);
        lower_exit_mode(l);
        break;
    case I_RDTSC: plain_call(l, HELP_rdtsc, 0); break;
    case I_RDPMC: plain_call(l, HELP_rdpmc, 0); break;
    case I_CPUID: plain_call(l, HELP_cpuid, 0); break;
    default: return false;
    }
    return true;
}
