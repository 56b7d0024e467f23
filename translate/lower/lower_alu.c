/* Lowering of integer arithmetic, logic, shifts and bit instructions. */
#include "translate/lower/lower.h"

/* ADD OR ADC SBB AND SUB XOR CMP TEST. */
static void lower_binary(struct lower *l, const struct insn *in, unsigned op8)
{
    const struct operand *dst = &in->operand[0], *src = &in->operand[1];
    unsigned op = sized_pair(op8, dst->size);
    bool imm = src->kind == OP_IMM;
    struct address at = {0};
    u8 a, b = ZERO_REG;

    if (op8 == U_cmp8 || op8 == U_test8) {
        a = lower_value(l, in, dst, T0);
        if (!imm)
            b = lower_value(l, in, src, T1);
        emit_dab(l, op, SINK, a, b, imm ? src->imm : 0);
        return;
    }
    if (!imm)
        b = lower_value(l, in, src, T1);
    a = lower_modify(l, in, dst, T0, &at);
    emit_dab(l, op, a, a, b, imm ? src->imm : 0);
    lower_update(l, dst, a, at);
}

/* INC DEC NEG NOT. */
static void lower_unary(struct lower *l, const struct insn *in, unsigned op)
{
    struct address at = {0};
    u8 a = lower_modify(l, in, &in->operand[0], T0, &at);

    emit_dab(l, op, a, a, ZERO_REG, 0);
    lower_update(l, &in->operand[0], a, at);
}

/* SHL SHR SAR ROL ROR: by an immediate or by CL. */
static void lower_shift(struct lower *l, const struct insn *in, unsigned op8, unsigned opv8)
{
    const struct operand *dst = &in->operand[0], *count = &in->operand[1];
    struct address at = {0};
    u8 a = lower_modify(l, in, dst, T0, &at);

    if (count->kind == OP_REG)
        emit_dab(l, sized_pair(opv8, dst->size), a, a, ECX, 0);
    else if (count->imm & 31)
        emit_dab(l, sized_pair(op8, dst->size), a, a, ZERO_REG, count->imm & 31);
    lower_update(l, dst, a, at);
}

static void lower_rotate_carry(struct lower *l, const struct insn *in, enum helper_id help8)
{
    const struct operand *dst = &in->operand[0], *count = &in->operand[1];
    struct address at = {0};
    u8 a = lower_modify(l, in, dst, T0, &at);

    emit_zx(l, dst->size, T0, a);
    lower_value_zx(l, in, count, T1);
    emit_call(l, help8 + size_index(dst->size), T0, T0, T1, 0);
    lower_update(l, dst, T0, at);
}

static void lower_double_shift(struct lower *l, const struct insn *in, unsigned op32,
                               enum helper_id help16)
{
    const struct operand *dst = &in->operand[0], *count = &in->operand[2];
    struct address at = {0};
    u8 a = lower_modify(l, in, dst, T0, &at), b = lower_reg(&in->operand[1]);

    if (dst->size == 4) {
        if (count->kind == OP_REG) {
            emit_dab(l, op32 + (U_shldv32 - U_shld32), a, a, b, 0);
        } else if (count->imm & 31) {
            if (a != T0)
                emit_mov(l, 4, T0, a); /* the flags follow from it */
            emit_dab(l, op32, a, a, b, count->imm & 31);
        }
        lower_update(l, dst, a, at);
        return;
    }
    emit_zx(l, dst->size, T0, a);
    emit_zx(l, dst->size, T1, b);
    emit_call(l, help16, T0, T0, T1, count->kind == OP_REG ? 0x80 : count->imm & 31);
    lower_update(l, dst, T0, at);
}

/* BT BTS BTR BTC. With a register bit number a memory operand is a bit string: the number's upper
 * bits move the address (SDM vol. 1, 3.1.1.9). */
static void lower_bit(struct lower *l, const struct insn *in, unsigned op16)
{
    const struct operand *dst = &in->operand[0], *bit = &in->operand[1];
    unsigned size = dst->size, op = op16 + 2 * (size == 4);
    bool test = op16 == U_bt16;
    struct address at = {0};
    u8 a;

    if (dst->kind == OP_MEM && bit->kind == OP_REG) {
        u8 r = lower_reg(bit);

        if (size == 2)
            emit_dab(l, U_sx16, T1, r, ZERO_REG, 0);
        emit_dab_noflags(l, U_sar32, T1, size == 2 ? T1 : r, ZERO_REG, size == 2 ? 4 : 5);
        emit_dab_noflags(l, U_shl32, T1, T1, ZERO_REG, size == 2 ? 1 : 2);
        lower_ea(l, in, 0);
        emit_dab(l, in->asz == 4 ? U_lea32 : U_lea16, TEA, TEA, T1, 0);
        at = lower_address_tea(l, in->mem.seg, size, !test);
        emit_mem(l, sized(test ? U_ld8 : U_ldw8, size), T0, at);
        a = T0;
    } else if (test) {
        a = lower_value(l, in, dst, T0);
    } else {
        a = lower_modify(l, in, dst, T0, &at);
    }
    emit_dab(l, op, test ? SINK : a, a, bit->kind == OP_REG ? lower_reg(bit) : ZERO_REG,
             bit->kind == OP_REG ? 0 : bit->imm);
    if (!test)
        lower_update(l, dst, a, at);
}

static void lower_bit_scan(struct lower *l, const struct insn *in, unsigned op32,
                           enum helper_id helper)
{
    u8 d = lower_reg(&in->operand[0]);

    if (in->operand[0].size == 4) {
        emit_dab(l, op32, d, lower_value(l, in, &in->operand[1], T0), ZERO_REG, 0);
        return;
    }
    lower_value_zx(l, in, &in->operand[1], T0);
    emit_call(l, helper, T1, T0, d, 0);
    emit_mov(l, in->operand[0].size, d, T1);
}

/* MUL IMUL DIV IDIV of one operand. */
static void lower_muldiv(struct lower *l, const struct insn *in, enum helper_id help8)
{
    lower_value_zx(l, in, &in->operand[0], T0);
    emit_call(l, help8 + size_index(in->operand[0].size), SINK, T0, ZERO_REG, 0);
}

static void lower_mul(struct lower *l, const struct insn *in, unsigned op32, enum helper_id help8)
{
    if (in->operand[0].size != 4) {
        lower_muldiv(l, in, help8);
        return;
    }
    emit_dab(l, op32, SINK, lower_value(l, in, &in->operand[0], T0), ZERO_REG, 0);
}

static void lower_imul(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0], *src = &in->operand[1];
    unsigned op = dst->size == 4 ? U_imul32 : U_imul16;
    u8 s = lower_value(l, in, src, T0);

    if (in->op == I_IMUL3)
        emit_dab(l, op, lower_reg(dst), s, ZERO_REG, in->operand[2].imm);
    else
        emit_dab(l, op, lower_reg(dst), lower_reg(dst), s, 0);
}

static void lower_xadd(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0];
    u8 r = lower_reg(&in->operand[1]);
    struct address at = {0};
    u8 a = lower_modify(l, in, dst, T0, &at);

    emit_dab(l, sized_pair(U_add8, dst->size), T1, a, r, 0);
    if (dst->kind == OP_MEM)
        lower_update(l, dst, T1, at);
    emit_mov(l, dst->size, r, a);
    if (dst->kind == OP_REG)
        emit_mov(l, dst->size, a, T1);
}

/* The store happens whatever the comparison says. The accumulator is written last but for a register
 * destination, which may be the accumulator itself. */
static void lower_cmpxchg(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0];
    unsigned size = dst->size;
    struct address at = {0};
    u8 a = lower_modify(l, in, dst, T0, &at);

    if (a != T0)
        emit_mov(l, size, T0, a);
    emit_dab(l, sized(U_cmpxsel8, size), T1, T0, lower_reg(&in->operand[1]), 0);
    if (dst->kind == OP_MEM)
        lower_update(l, dst, T1, at);
    emit_dab(l, sized_pair(U_cmp8, size), SINK, EAX, T0, 0);
    emit_mov(l, size, EAX, T0);
    if (dst->kind == OP_REG)
        emit_mov(l, size, a, T1);
}

/* Of 16 bits it is undefined: they are cleared, as processors do. */
static void lower_bswap(struct lower *l, const struct insn *in)
{
    u8 d = REG32(in->operand[0].reg);

    if (in->osz == 2)
        emit_mov(l, 2, d, ZERO_REG);
    else
        emit_dab(l, U_bswap, d, d, ZERO_REG, 0);
}

bool lower_alu(struct lower *l, const struct insn *in)
{
    unsigned size = in->operand[0].size;

    switch (in->op) {
    case I_ADD: lower_binary(l, in, U_add8); break;
    case I_OR: lower_binary(l, in, U_or8); break;
    case I_ADC: lower_binary(l, in, U_adc8); break;
    case I_SBB: lower_binary(l, in, U_sbb8); break;
    case I_AND: lower_binary(l, in, U_and8); break;
    case I_SUB: lower_binary(l, in, U_sub8); break;
    case I_XOR: lower_binary(l, in, U_xor8); break;
    case I_CMP: lower_binary(l, in, U_cmp8); break;
    case I_TEST: lower_binary(l, in, U_test8); break;
    case I_INC: lower_unary(l, in, sized_pair(U_inc8, size)); break;
    case I_DEC: lower_unary(l, in, sized_pair(U_dec8, size)); break;
    case I_NEG: lower_unary(l, in, sized_pair(U_neg8, size)); break;
    case I_NOT: lower_unary(l, in, sized(U_not8, size)); break;
    case I_SHL: lower_shift(l, in, U_shl8, U_shlv8); break;
    case I_SHR: lower_shift(l, in, U_shr8, U_shrv8); break;
    case I_SAR: lower_shift(l, in, U_sar8, U_sarv8); break;
    case I_ROL: lower_shift(l, in, U_rol8, U_rolv8); break;
    case I_ROR: lower_shift(l, in, U_ror8, U_rorv8); break;
    case I_RCL: lower_rotate_carry(l, in, HELP_rcl8); break;
    case I_RCR: lower_rotate_carry(l, in, HELP_rcr8); break;
    case I_SHLD: lower_double_shift(l, in, U_shld32, HELP_shld16); break;
    case I_SHRD: lower_double_shift(l, in, U_shrd32, HELP_shrd16); break;
    case I_BT: lower_bit(l, in, U_bt16); break;
    case I_BTS: lower_bit(l, in, U_bts16); break;
    case I_BTR: lower_bit(l, in, U_btr16); break;
    case I_BTC: lower_bit(l, in, U_btc16); break;
    case I_BSF: lower_bit_scan(l, in, U_bsf32, HELP_bsf); break;
    case I_BSR: lower_bit_scan(l, in, U_bsr32, HELP_bsr); break;
    case I_BSWAP: lower_bswap(l, in); break;
    case I_MUL: lower_mul(l, in, U_mul32, HELP_mul8); break;
    case I_IMUL: lower_mul(l, in, U_muls32, HELP_imul8); break;
    case I_DIV: lower_muldiv(l, in, HELP_div8); break;
    case I_IDIV: lower_muldiv(l, in, HELP_idiv8); break;
    case I_IMUL2:
    case I_IMUL3: lower_imul(l, in); break;
    case I_XADD: lower_xadd(l, in); break;
    case I_CMPXCHG: lower_cmpxchg(l, in); break;
    case I_CMPXCHG8B:
        lower_ea(l, in, 0);
        emit_call(l, HELP_cmpxchg8b, SINK, TEA, ZERO_REG, in->mem.seg);
        break;
    case I_AAA: emit_call(l, HELP_aaa, SINK, ZERO_REG, ZERO_REG, 0); break;
    case I_AAS: emit_call(l, HELP_aas, SINK, ZERO_REG, ZERO_REG, 0); break;
    case I_DAA: emit_call(l, HELP_daa, SINK, ZERO_REG, ZERO_REG, 0); break;
    case I_DAS: emit_call(l, HELP_das, SINK, ZERO_REG, ZERO_REG, 0); break;
    case I_AAM: emit_call(l, HELP_aam, SINK, ZERO_REG, ZERO_REG, in->operand[0].imm & 0xff); break;
    case I_AAD: emit_call(l, HELP_aad, SINK, ZERO_REG, ZERO_REG, in->operand[0].imm & 0xff); break;
    default: return false;
    }
    return true;
}
