/* Lowering: addresses, operands, the stack, and the way to the groups. */
#include "translate/lower/lower.h"

void lower_ea(struct lower *l, const struct insn *in, u32 extra)
{
    const struct mem_operand *m = &in->mem;
    struct uop *u = emit(l, in->asz == 4 ? U_lea32 : U_lea16);

    u->d = TEA;
    u->a = m->base == REG_NONE ? ZERO_REG : REG32(m->base);
    u->b = m->index == REG_NONE ? ZERO_REG : REG32(m->index);
    u->scale = m->shift;
    u->imm = m->disp + extra;
}

struct address lower_address_tea(struct lower *l, unsigned seg, unsigned len, bool write)
{
    struct address at = {TEA, ZERO_REG, 0, 0};

    if (!seg_unchecked(l, seg, write)) {
        struct uop *u = emit(l, U_chk);

        u->a = TEA;
        u->imm = seg_access_pack((struct seg_access){(enum sreg)seg, len, write});
    }
    if (!seg_zero_based(l, seg))
        emit_dab(l, U_lea32, TEA, TEA, REG32(R_BASE + seg), 0);
    return at;
}

struct address lower_address(struct lower *l, const struct insn *in, unsigned len, bool write,
                             u32 extra)
{
    const struct mem_operand *m = &in->mem;
    struct address at;

    if (in->asz == 4 && seg_unchecked(l, m->seg, write) &&
        (seg_zero_based(l, m->seg) || m->index == REG_NONE)) {
        at.a = m->base == REG_NONE ? ZERO_REG : REG32(m->base);
        at.b = m->index == REG_NONE ? ZERO_REG : REG32(m->index);
        at.scale = m->shift;
        at.imm = m->disp + extra;
        if (!seg_zero_based(l, m->seg)) {
            at.b = REG32(R_BASE + m->seg);
            at.scale = 0;
        }
        return at;
    }
    lower_ea(l, in, extra);
    return lower_address_tea(l, m->seg, len, write);
}

u8 lower_reg(const struct operand *operand)
{
    return operand->size == 1 ? reg8(operand->reg) : REG32(operand->reg);
}

u8 lower_value(struct lower *l, const struct insn *in, const struct operand *operand, u8 tmp)
{
    if (operand->kind == OP_REG)
        return lower_reg(operand);
    if (operand->kind == OP_MEM)
        emit_mem(l, sized(U_ld8, operand->size), tmp,
                 lower_address(l, in, operand->size, false, 0));
    else
        emit_movi(l, tmp, operand->imm);
    return tmp;
}

void lower_value_zx(struct lower *l, const struct insn *in, const struct operand *operand, u8 tmp)
{
    static const u16 load[3] = {U_ldzx8, U_ldzx16, U_ld32};

    if (operand->kind == OP_REG)
        emit_zx(l, operand->size, tmp, lower_reg(operand));
    else if (operand->kind == OP_MEM)
        emit_mem(l, load[size_index(operand->size)], tmp,
                 lower_address(l, in, operand->size, false, 0));
    else
        emit_movi(l, tmp, operand->size == 1 ? (u8)operand->imm : operand->imm);
}

void lower_write(struct lower *l, const struct insn *in, const struct operand *operand, u8 reg)
{
    if (operand->kind == OP_REG)
        emit_mov(l, operand->size, lower_reg(operand), reg);
    else
        emit_mem(l, sized(U_st8, operand->size), reg, lower_address(l, in, operand->size, true, 0));
}

u8 lower_modify(struct lower *l, const struct insn *in, const struct operand *operand, u8 tmp,
                struct address *at)
{
    if (operand->kind == OP_REG)
        return lower_reg(operand);
    *at = lower_address(l, in, operand->size, true, 0);
    emit_mem(l, sized(U_ldw8, operand->size), tmp, *at);
    return tmp;
}

void lower_update(struct lower *l, const struct operand *operand, u8 reg, struct address at)
{
    if (operand->kind == OP_REG) {
        if (reg != lower_reg(operand))
            emit_mov(l, operand->size, lower_reg(operand), reg);
    } else {
        emit_mem(l, sized(U_st8, operand->size), reg, at);
    }
}

/* Address of the stack word `below` bytes under ESP (0: the top). */
static struct address stack_address(struct lower *l, u32 below, unsigned len, bool write)
{
    struct address at = {ESP, ZERO_REG, 0, -below};

    if ((l->mode & MODE_SS32) && seg_unchecked(l, SREG_SS, write)) {
        if (!seg_zero_based(l, SREG_SS))
            at.b = REG32(R_BASE + SREG_SS);
        return at;
    }
    emit_lea(l, l->mode & MODE_SS32 ? U_lea32 : U_lea16, TEA, ESP, -below);
    return lower_address_tea(l, SREG_SS, len, write);
}

void lower_drop(struct lower *l, u32 bytes)
{
    if (l->mode & MODE_SS32) {
        emit_lea(l, U_lea32, ESP, ESP, bytes);
    } else {
        emit_lea(l, U_lea16, TEA, ESP, bytes);
        emit_mov(l, 2, ESP, TEA);
    }
}

void lower_push(struct lower *l, u8 reg, unsigned osz)
{
    emit_mem(l, sized(U_st8, osz), reg, stack_address(l, osz, osz, true));
    lower_drop(l, -osz);
}

void lower_push_word(struct lower *l, u8 reg, unsigned osz)
{
    emit_mem(l, U_st16, reg, stack_address(l, osz, 2, true));
    lower_drop(l, -osz);
}

void lower_push_imm(struct lower *l, u32 imm, unsigned osz)
{
    emit_mem(l, sized(U_sti8, osz), SINK, stack_address(l, osz, osz, true));
    l->uop[l->count - 1].aux = imm;
    lower_drop(l, -osz);
}

void lower_peek(struct lower *l, u8 tmp, unsigned osz)
{
    emit_mem(l, osz == 2 ? U_ldzx16 : U_ld32, tmp, stack_address(l, 0, osz, false));
}

void lower_exit(struct lower *l, u32 eip)
{
    emit(l, U_exit_jmp)->imm = eip;
    l->link_eip[0] = eip;
    l->ended = true;
}

void lower_exit_eip(struct lower *l)
{
    emit(l, U_exit_eip);
    l->ended = true;
}

void lower_exit_mode(struct lower *l)
{
    emit(l, U_exit_mode)->imm = l->next;
    l->ended = true;
}

void lower_raise(struct lower *l, enum excp vector, bool has_error, u32 error)
{
    emit_movi(l, T0, vector);
    if (has_error)
        emit_movi(l, T1, 1);
    emit_call(l, HELP_raise, SINK, T0, has_error ? T1 : ZERO_REG, error);
    emit(l, U_exit_run)->imm = l->eip;
    l->ended = true;
}

void lower_insn(struct lower *l, const struct insn *in, u32 eip)
{
    u8 traits = in->op == I_UD ? 0 : insn_rows[in->row].traits;

    l->in = in;
    l->eip = eip;
    l->next = eip_add(eip, in->length);
    if (in->op == I_UD) {
        if (in->lacks)
            emit_call(l, HELP_lacking, SINK, ZERO_REG, ZERO_REG, in->lacks);
        lower_raise(l, EXCP_UD, false, 0);
        return;
    }
    if ((traits & IT_PRIV) && (l->mode & MODE_CPL)) {
        lower_raise(l, EXCP_GP, true, 0);
        return;
    }
    if (!lower_locked(l, in) && !lower_alu(l, in) && !lower_move(l, in) && !lower_flow(l, in) &&
        !lower_system(l, in) && !lower_simd(l, in))
        BUG("instruction %s has no lowering", insn_op_name(in->op));
}
