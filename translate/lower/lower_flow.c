/* Lowering of jumps, calls, returns, loops and software interrupts. */
#include "cpu/excp.h"
#include "translate/lower/lower.h"

static bool cs_is_unchecked(const struct lower *l)
{
    return mode_unchecked(l->mode, SREG_CS);
}

/* #GP(0) when the EIP in reg is beyond the limit of CS. */
static void check_target(struct lower *l, u8 reg)
{
    if (!cs_is_unchecked(l))
        emit_call(l, HELP_check_eip, SINK, reg, ZERO_REG, 0);
}

static void check_target_imm(struct lower *l, u32 eip)
{
    if (!cs_is_unchecked(l)) {
        emit_movi(l, T0, eip);
        check_target(l, T0);
    }
}

static void lower_branch_links(struct lower *l, u32 taken, u32 other)
{
    l->link_eip[0] = other;
    l->link_eip[1] = taken;
    l->ended = true;
}

static void lower_jcc(struct lower *l, const struct insn *in)
{
    u32 target = lower_target(in, l->next);
    struct uop *u;

    l->branch = BRANCH_CONDITIONAL;
    if (!cs_is_unchecked(l)) { /* one that is not taken goes on at what the next fetch checks */
        emit_movi(l, T0, l->eip);
        emit_movi(l, T1, target);
        emit_dab(l, U_cmov32, T0, ZERO_REG, T1, 0);
        l->uop[l->count - 1].aux = in->cc;
        check_target(l, T0);
    }
    /* Forward jumps are rather not taken. One that checked its target ends the block, as ever. */
    if (l->may_go_on && cs_is_unchecked(l) && target >= l->next) {
        u = emit(l, U_side);
        u->aux = in->cc;
        u->imm = target;
        u->scale = (u8)l->links;
        l->link_eip[l->links++] = target;
        return;
    }
    u = emit(l, U_jcc);
    u->aux = in->cc;
    u->imm = target;
    lower_branch_links(l, target, l->next);
}

/* #GP(0) when the branch that T0 decides leads beyond the limit of CS: to nonzero when T0 is not 0, else to
 * zero. T0 stays. Where no branch is taken the instruction's own EIP stands, since the next fetch checks. */
static void check_select(struct lower *l, u32 nonzero, u32 zero)
{
    if (cs_is_unchecked(l))
        return;
    /* T1 = zero ^ ((T0 != 0 ? ~0 : 0) & (nonzero ^ zero)) */
    emit_mov(l, 4, T1, T0);
    emit_dab_noflags(l, U_neg32, T1, T1, ZERO_REG, 0);
    emit_dab_noflags(l, U_or32, T1, T1, T0, 0);
    emit_dab_noflags(l, U_sar32, T1, T1, ZERO_REG, 31);
    emit_dab_noflags(l, U_and32, T1, T1, ZERO_REG, nonzero ^ zero);
    emit_dab_noflags(l, U_xor32, T1, T1, ZERO_REG, zero);
    check_target(l, T1);
}

/* JCXZ LOOP LOOPE LOOPNE. The counter is CX or ECX by address size; it is written after the check. */
static void lower_loop(struct lower *l, const struct insn *in)
{
    u32 target = lower_target(in, l->next);
    bool wide = in->asz == 4;

    l->branch = BRANCH_CONDITIONAL;
    if (in->op == I_JCXZ) {
        emit_zx(l, in->asz, T0, ECX);
        check_select(l, l->eip, target);
        emit(l, U_brz)->a = T0;
        lower_branch_links(l, target, l->next);
        return;
    }
    emit_lea(l, wide ? U_lea32 : U_lea16, T0, ECX, -1u);
    if (in->op != I_LOOP) { /* 0 when the condition does not hold */
        emit_movi(l, T1, 0);
        emit_dab(l, U_cmov32, T0, ZERO_REG, T1, 0);
        l->uop[l->count - 1].aux = in->op == I_LOOPE ? 5 : 4; /* NE, E */
    }
    check_select(l, target, l->eip);
    emit_lea(l, wide ? U_lea32 : U_lea16, TEA, ECX, -1u);
    emit_mov(l, in->asz, ECX, TEA);
    emit(l, U_brnz)->a = T0;
    lower_branch_links(l, target, l->next);
}

/* The target of an indirect near jump or call, in T0. */
static void indirect_target(struct lower *l, const struct insn *in)
{
    lower_value_zx(l, in, &in->operand[0], T0);
    check_target(l, T0);
}

/* Whether EIP alone tells where code is, so that engines may pair calls with returns. */
static bool can_pair(const struct lower *l, const struct insn *in)
{
    return in->osz == 4 && cs_is_unchecked(l) && seg_zero_based(l, SREG_CS);
}

static void lower_call(struct lower *l, const struct insn *in)
{
    if (in->operand[0].kind == OP_REL) {
        u32 target = lower_target(in, l->next);

        check_target_imm(l, target);
        lower_push_imm(l, l->next, in->osz);
        lower_exit(l, target);
        if (can_pair(l, in)) {
            l->uop[l->count - 1].op = U_exit_call;
            l->link_eip[1] = l->next;
        }
    } else {
        indirect_target(l, in);
        lower_push_imm(l, l->next, in->osz);
        emit(l, can_pair(l, in) ? U_exit_calli : U_exit_ind)->a = T0;
        l->link_eip[0] = l->next;
        l->ended = true;
    }
}

static void lower_ret(struct lower *l, const struct insn *in)
{
    u32 extra = in->operand[0].kind == OP_IMM ? in->operand[0].imm & 0xffff : 0;

    lower_peek(l, T0, in->osz);
    check_target(l, T0);
    lower_drop(l, in->osz + extra);
    emit(l, can_pair(l, in) ? U_exit_ret : U_exit_ind)->a = T0;
    l->ended = true;
}

/* Offset to T0, selector with the operand size above it to T1. */
static void far_pointer(struct lower *l, const struct insn *in)
{
    u32 above = (u32)in->osz << 16;
    const struct operand *src = &in->operand[0];

    if (src->kind == OP_FAR) {
        emit_movi(l, T0, src->imm);
        emit_movi(l, T1, src->sel | above);
        return;
    }
    emit_mem(l, in->osz == 2 ? U_ldzx16 : U_ld32, T0, lower_address(l, in, in->osz, false, 0));
    emit_mem(l, U_ldzx16, T1, lower_address(l, in, 2, false, in->osz));
    emit_dab_noflags(l, U_or32, T1, T1, ZERO_REG, above);
}

static void lower_int(struct lower *l, u32 vector, enum excp_source source)
{
    emit_movi(l, T0, vector);
    if (source)
        emit_movi(l, T1, source);
    emit_call(l, HELP_int, SINK, T0, source ? T1 : ZERO_REG, l->next);
    l->no_trap = true;
    lower_exit_eip(l);
}

bool lower_flow(struct lower *l, const struct insn *in)
{
    l->branch = BRANCH_ALWAYS;
    switch (in->op) {
    case I_JCC: lower_jcc(l, in); break;
    case I_JCXZ:
    case I_LOOP:
    case I_LOOPE:
    case I_LOOPNE: lower_loop(l, in); break;
    case I_JMP:
        if (l->follow) {
            l->next = lower_target(in, l->next);
        } else if (in->operand[0].kind == OP_REL) {
            check_target_imm(l, lower_target(in, l->next));
            lower_exit(l, lower_target(in, l->next));
        } else {
            indirect_target(l, in);
            emit(l, U_exit_ind)->a = T0;
            l->ended = true;
        }
        break;
    case I_CALL: lower_call(l, in); break;
    case I_RET: lower_ret(l, in); break;
    case I_JMPF:
        far_pointer(l, in);
        emit_call(l, HELP_jmp_far, SINK, T0, T1, l->next);
        lower_exit_eip(l);
        break;
    case I_CALLF:
        far_pointer(l, in);
        emit_call(l, HELP_call_far, SINK, T0, T1, l->next);
        lower_exit_eip(l);
        break;
    case I_RETF:
        emit_movi(l, T0, in->operand[0].kind == OP_IMM ? in->operand[0].imm & 0xffff : 0);
        emit_call(l, HELP_ret_far, SINK, T0, ZERO_REG, in->osz);
        lower_exit_eip(l);
        break;
    case I_IRET:
        emit_movi(l, T0, l->next);
        emit_call(l, HELP_iret, SINK, ZERO_REG, T0, in->osz);
        lower_exit_eip(l);
        break;
    case I_INT: lower_int(l, in->operand[0].imm & 0xff, EXCP_BY_INT); break;
    case I_INT3: lower_int(l, EXCP_BP, EXCP_BY_INT3); break;
    case I_ICEBP: lower_int(l, EXCP_DB, EXCP_BY_ICEBP); break;
    case I_INTO:
        l->branch = BRANCH_CONDITIONAL;
        emit_call(l, HELP_into, SINK, ZERO_REG, ZERO_REG, l->next);
        lower_exit_eip(l);
        break;
    case I_SYSENTER:
        emit_call(l, HELP_sysenter, SINK, ZERO_REG, ZERO_REG, l->next);
        lower_exit_eip(l);
        break;
    case I_SYSEXIT:
        emit_call(l, HELP_sysexit, SINK, ZERO_REG, ZERO_REG, 0);
        lower_exit_eip(l);
        break;
    default: l->branch = BRANCH_NONE; return false;
    }
    return true;
}
