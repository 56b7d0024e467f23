/* Lowering of LOCKed instructions and XCHG where threads share the memory (MODE_LOCKS): a helper does the access, and
 * flags are made from what it found by the micro-op of the plain instruction. */
#include "translate/lower/lower.h"

/* T0 = what memory held; the operand is in T1. */
static void access(struct lower *l, const struct insn *in, enum locked_op op)
{
    struct locked_arg arg = {.op = op, .size = in->operand[0].size, .seg = (enum sreg)in->mem.seg};
    bool carry = op == LOCKED_ADC || op == LOCKED_SBB;

    emit_call(l, carry ? HELP_locked_carry : HELP_locked, T0, TEA, T1, locked_arg_pack(arg));
}

static void binary(struct lower *l, const struct insn *in, enum locked_op op, unsigned op8)
{
    lower_value_zx(l, in, &in->operand[1], T1);
    lower_ea(l, in, 0);
    access(l, in, op);
    emit_dab(l, sized_pair(op8, in->operand[0].size), T0, T0, T1, 0);
}

static void unary(struct lower *l, const struct insn *in, enum locked_op op, unsigned uop)
{
    emit_movi(l, T1, 1);
    lower_ea(l, in, 0);
    access(l, in, op);
    emit_dab(l, uop, T0, T0, ZERO_REG, 0);
}

/* BTS BTR BTC: with a register bit number, its upper bits move the address. (SDM vol. 1, 3.1.1.9) */
static void bit_test(struct lower *l, const struct insn *in, enum locked_op op)
{
    const struct operand *number = &in->operand[1];
    unsigned size = in->operand[0].size;
    bool imm = number->kind != OP_REG;
    u8 r = imm ? ZERO_REG : lower_reg(number);

    lower_ea(l, in, 0);
    if (!imm) {
        if (size == 2)
            emit_dab(l, U_sx16, T1, r, ZERO_REG, 0);
        emit_dab_noflags(l, U_sar32, T1, size == 2 ? T1 : r, ZERO_REG, size == 2 ? 4 : 5);
        emit_dab_noflags(l, U_shl32, T1, T1, ZERO_REG, size == 2 ? 1 : 2);
        emit_dab(l, in->asz == 4 ? U_lea32 : U_lea16, TEA, TEA, T1, 0);
    }
    emit_dab(l, U_mov32, T1, ZERO_REG, r, imm ? number->imm : 0);
    access(l, in, op);
    emit_dab(l, size == 4 ? U_bt32 : U_bt16, SINK, T0, r, imm ? number->imm : 0);
}

bool lower_locked(struct lower *l, const struct insn *in)
{
    unsigned size = in->operand[0].size;

    if (!(l->mode & MODE_LOCKS) || in->operand[0].kind != OP_MEM || !(in->lock || in->op == I_XCHG))
        return false;
    switch (in->op) {
    case I_ADD: binary(l, in, LOCKED_ADD, U_add8); break;
    case I_OR: binary(l, in, LOCKED_OR, U_or8); break;
    case I_ADC: binary(l, in, LOCKED_ADC, U_adc8); break;
    case I_SBB: binary(l, in, LOCKED_SBB, U_sbb8); break;
    case I_AND: binary(l, in, LOCKED_AND, U_and8); break;
    case I_SUB: binary(l, in, LOCKED_SUB, U_sub8); break;
    case I_XOR: binary(l, in, LOCKED_XOR, U_xor8); break;
    case I_INC: unary(l, in, LOCKED_ADD, sized_pair(U_inc8, size)); break;
    case I_DEC: unary(l, in, LOCKED_SUB, sized_pair(U_dec8, size)); break;
    case I_NEG: unary(l, in, LOCKED_NEG, sized_pair(U_neg8, size)); break;
    case I_NOT: unary(l, in, LOCKED_NOT, sized(U_not8, size)); break;
    case I_BTS: bit_test(l, in, LOCKED_BTS); break;
    case I_BTR: bit_test(l, in, LOCKED_BTR); break;
    case I_BTC: bit_test(l, in, LOCKED_BTC); break;
    case I_XADD:
        lower_value_zx(l, in, &in->operand[1], T1);
        lower_ea(l, in, 0);
        access(l, in, LOCKED_ADD);
        emit_dab(l, sized_pair(U_add8, size), T1, T0, T1, 0);
        emit_mov(l, size, lower_reg(&in->operand[1]), T0);
        break;
    case I_XCHG:
        lower_value_zx(l, in, &in->operand[1], T1);
        lower_ea(l, in, 0);
        access(l, in, LOCKED_XCHG);
        emit_mov(l, size, lower_reg(&in->operand[1]), T0);
        break;
    case I_CMPXCHG:
        lower_value_zx(l, in, &in->operand[1], T1);
        lower_ea(l, in, 0);
        access(l, in, LOCKED_CMPXCHG);
        emit_dab(l, sized_pair(U_cmp8, size), SINK, EAX, T0, 0);
        emit_mov(l, size, EAX, T0);
        break;
    case I_CMPXCHG8B:
        lower_ea(l, in, 0);
        emit_call(l, HELP_locked_cmpxchg8b, SINK, TEA, ZERO_REG, in->mem.seg);
        break;
    default: return false;
    }
    return true;
}
