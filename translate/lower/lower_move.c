/* Lowering of moves, the stack, segment registers and strings. */
#include "translate/lower/lower.h"

static void lower_mov(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0], *src = &in->operand[1];

    if (dst->kind == OP_MEM) {
        if (src->kind == OP_IMM) {
            emit_mem(l, sized(U_sti8, dst->size), SINK, lower_address(l, in, dst->size, true, 0));
            l->uop[l->count - 1].aux = src->imm;
        } else {
            lower_write(l, in, dst, lower_reg(src));
        }
    } else if (src->kind == OP_IMM) {
        emit_dab(l, sized(U_mov8, dst->size), lower_reg(dst), ZERO_REG, ZERO_REG, src->imm);
    } else if (src->kind == OP_MEM) {
        lower_value(l, in, src, lower_reg(dst));
    } else {
        emit_mov(l, dst->size, lower_reg(dst), lower_reg(src));
    }
}

static void lower_extend(struct lower *l, const struct insn *in, bool sign)
{
    const struct operand *dst = &in->operand[0], *src = &in->operand[1];
    u8 d = dst->size == 4 ? lower_reg(dst) : T0;

    if (src->kind == OP_MEM) {
        emit_mem(l, (sign ? U_ldsx8 : U_ldzx8) + (src->size == 2), d,
                 lower_address(l, in, src->size, false, 0));
    } else {
        emit_dab(l, (sign ? U_sx8 : U_zx8) + (src->size == 2), d, lower_reg(src), ZERO_REG, 0);
    }
    if (d == T0)
        emit_mov(l, 2, lower_reg(dst), T0);
}

static void lower_xchg(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0];
    u8 r = lower_reg(&in->operand[1]);
    struct address at = {0};
    u8 a = lower_modify(l, in, dst, T0, &at);

    if (dst->kind == OP_REG)
        emit_mov(l, dst->size, T0, a);
    lower_update(l, dst, r, at);
    emit_mov(l, dst->size, r, T0);
}

static void lower_cmov(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0];
    u8 s = lower_value(l, in, &in->operand[1], T0);

    emit_dab(l, dst->size == 4 ? U_cmov32 : U_cmov16, lower_reg(dst), ZERO_REG, s, 0);
    l->uop[l->count - 1].aux = in->cc;
}

static void lower_setcc(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0];
    u8 d = dst->kind == OP_REG ? lower_reg(dst) : T0;

    emit_dab(l, U_setcc, d, ZERO_REG, ZERO_REG, 0);
    l->uop[l->count - 1].aux = in->cc;
    if (d == T0)
        lower_write(l, in, dst, T0);
}

static void lower_xlat(struct lower *l, const struct insn *in)
{
    emit_zx(l, 1, T0, EAX);
    emit_dab(l, in->asz == 4 ? U_lea32 : U_lea16, TEA, EBX, T0, 0);
    emit_mem(l, U_ld8, EAX, lower_address_tea(l, in->mem.seg, 1, false));
}

static void lower_pop(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0];
    unsigned osz = dst->size;

    if (dst->kind == OP_REG && osz == 4 && dst->reg != R_ESP) {
        lower_peek(l, lower_reg(dst), osz);
        lower_drop(l, osz);
        return;
    }
    lower_peek(l, T0, osz);
    if (dst->kind == OP_MEM) {
        /* An address based on ESP uses its value after the pop. (SDM vol. 2, POP) */
        u32 extra = in->mem.base == R_ESP ? osz : 0;

        emit_mem(l, sized(U_st8, osz), T0, lower_address(l, in, osz, true, extra));
        lower_drop(l, osz);
    } else {
        lower_drop(l, osz);
        emit_mov(l, osz, lower_reg(dst), T0);
    }
}

/* Loads segment register sreg from the selector in T1 and ends the block: what it may assume of its
 * segments has changed. shadow: of SS by MOV or POP. */
static void load_segment(struct lower *l, unsigned sreg, bool shadow)
{
    emit_movi(l, T2, sreg);
    emit_call(l, HELP_seg_load, SINK, T1, T2, shadow);
    l->no_trap = l->loads_ss = shadow;
}

static void lower_movseg(struct lower *l, const struct insn *in)
{
    const struct operand *dst = &in->operand[0], *src = &in->operand[1];

    if (dst->kind == OP_SREG) {
        lower_value_zx(l, in, src, T1);
        load_segment(l, dst->reg, dst->reg == SREG_SS);
        lower_exit_mode(l);
    } else {
        u8 d = dst->kind == OP_REG && dst->size == 4 ? lower_reg(dst) : T0;

        emit_dab(l, U_rdsel, d, ZERO_REG, ZERO_REG, src->reg);
        if (d == T0)
            lower_write(l, in, dst, T0);
    }
}

static void lower_popseg(struct lower *l, const struct insn *in)
{
    lower_peek(l, T1, in->osz);
    emit_zx(l, 2, T1, T1);
    load_segment(l, in->operand[0].reg, in->operand[0].reg == SREG_SS);
    /* POP SS may have changed the stack's size, but ESP moves by the old one: the SDM has the pop first. */
    lower_drop(l, in->osz);
    lower_exit_mode(l);
}

/* LDS and its kin: offset to the register, selector to the segment. */
static void lower_load_far(struct lower *l, const struct insn *in, unsigned sreg)
{
    const struct operand *dst = &in->operand[0];
    struct address at = lower_address(l, in, in->osz, false, 0);

    emit_mem(l, sized(U_ld8, in->osz), T0, at);
    emit_mem(l, U_ldzx16, T1, lower_address(l, in, 2, false, in->osz));
    load_segment(l, sreg, false);
    emit_mov(l, in->osz, lower_reg(dst), T0);
    lower_exit_mode(l);
}

/* A string element's address: [eSI] or [eDI] in segment seg. */
static struct address string_address(struct lower *l, u8 index, unsigned seg, unsigned size,
                                     bool write)
{
    struct address at = {index, ZERO_REG, 0, 0};

    if (l->in->asz == 4 && mode_access_flat(l->mode, (enum sreg)seg, write))
        return at;
    emit_lea(l, l->in->asz == 4 ? U_lea32 : U_lea16, TEA, index, 0);
    return lower_address_tea(l, seg, size, write);
}

static void string_advance(struct lower *l, u8 index, unsigned size)
{
    u32 step = l->mode & MODE_DF ? -size : size;

    if (l->in->asz == 4) {
        emit_lea(l, U_lea32, index, index, step);
    } else {
        emit_lea(l, U_lea16, TEA, index, step);
        emit_mov(l, 2, index, TEA);
    }
}

/* MOVS CMPS STOS LODS SCAS, one element. */
static void lower_element(struct lower *l, const struct insn *in)
{
    unsigned size = in->operand[0].size, seg = in->mem.seg;
    bool source = in->op == I_MOVS || in->op == I_LODS || in->op == I_CMPS;
    bool dest = in->op != I_LODS;

    if (source)
        emit_mem(l, sized(U_ld8, size), in->op == I_LODS ? EAX : T0,
                 string_address(l, ESI, seg, size, false));
    if (in->op == I_MOVS || in->op == I_STOS)
        emit_mem(l, sized(U_st8, size), in->op == I_STOS ? EAX : T0,
                 string_address(l, EDI, SREG_ES, size, true));
    else if (dest)
        emit_mem(l, sized(U_ld8, size), T1, string_address(l, EDI, SREG_ES, size, false));
    if (source)
        string_advance(l, ESI, size);
    if (dest)
        string_advance(l, EDI, size);
    if (in->op == I_CMPS || in->op == I_SCAS)
        emit_dab(l, sized_pair(U_cmp8, size), SINK, in->op == I_SCAS ? EAX : T0, T1, 0);
}

static void lower_string(struct lower *l, const struct insn *in, enum helper_id helper)
{
    u32 c = string_arg_pack((struct string_arg){.size = in->operand[0].size,
                                                .asz = in->asz,
                                                .rep = in->rep,
                                                .seg = (enum sreg)in->mem.seg});
    bool port = in->op == I_INS || in->op == I_OUTS;

    if (in->rep == REP_NO && !port) {
        lower_element(l, in);
        return;
    }
    emit_call(l, helper, T0, ZERO_REG, ZERO_REG, c);
    if (in->rep != REP_NO) {
        struct uop *u = emit(l, U_brnz);

        u->a = T0;
        l->link_eip[1] = l->eip;
        l->link_eip[0] = l->next;
        l->ended = true;
    } else {
        lower_exit(l, l->next);
    }
}

static void lower_leave(struct lower *l, const struct insn *in)
{
    struct address at = {EBP, ZERO_REG, 0, 0};

    if (!(l->mode & MODE_SS32) || !mode_access_flat(l->mode, SREG_SS, false)) {
        emit_lea(l, l->mode & MODE_SS32 ? U_lea32 : U_lea16, TEA, EBP, 0);
        at = lower_address_tea(l, SREG_SS, in->osz, false);
    }
    emit_mem(l, sized(U_ld8, in->osz), T0, at);
    if (l->mode & MODE_SS32)
        emit_lea(l, U_lea32, ESP, EBP, in->osz);
    else
        emit_dab(l, U_mov16, ESP, ZERO_REG, EBP, in->osz);
    emit_mov(l, in->osz, EBP, T0);
}

static void lower_push_operand(struct lower *l, const struct insn *in)
{
    const struct operand *src = &in->operand[0];

    if (src->kind == OP_IMM)
        lower_push_imm(l, src->imm, in->osz);
    else
        lower_push(l, lower_value(l, in, src, T0), in->osz);
}

static void lower_enter(struct lower *l, const struct insn *in)
{
    emit_movi(l, T0, in->operand[0].imm & 0xffff);
    emit_movi(l, T1, in->operand[1].imm & 31);
    emit_call(l, HELP_enter, SINK, T0, T1, in->osz);
}

static void lower_cbw(struct lower *l, const struct insn *in)
{
    if (in->osz == 4) {
        emit_dab(l, U_sx16, EAX, EAX, ZERO_REG, 0);
    } else {
        emit_dab(l, U_sx8, T0, EAX, ZERO_REG, 0);
        emit_mov(l, 2, EAX, T0);
    }
}

static void lower_cwd(struct lower *l, const struct insn *in)
{
    if (in->osz == 4) {
        emit_dab_noflags(l, U_sar32, EDX, EAX, ZERO_REG, 31);
    } else {
        emit_dab_noflags(l, U_sar16, T0, EAX, ZERO_REG, 15);
        emit_mov(l, 2, EDX, T0);
    }
}

bool lower_move(struct lower *l, const struct insn *in)
{
    switch (in->op) {
    case I_MOV: lower_mov(l, in); break;
    case I_MOVZX: lower_extend(l, in, false); break;
    case I_MOVSX: lower_extend(l, in, true); break;
    case I_LEA:
        if (in->osz == 4 && in->asz == 4) {
            lower_ea(l, in, 0);
            l->uop[l->count - 1].d = lower_reg(&in->operand[0]);
        } else {
            lower_ea(l, in, 0);
            emit_mov(l, in->osz, lower_reg(&in->operand[0]), TEA);
        }
        break;
    case I_XCHG: lower_xchg(l, in); break;
    case I_CMOV: lower_cmov(l, in); break;
    case I_SETCC: lower_setcc(l, in); break;
    case I_XLAT: lower_xlat(l, in); break;
    case I_CBW: lower_cbw(l, in); break;
    case I_CWD: lower_cwd(l, in); break;
    case I_PUSH: lower_push_operand(l, in); break;
    case I_POP: lower_pop(l, in); break;
    case I_PUSHSEG:
        emit_dab(l, U_rdsel, T0, ZERO_REG, ZERO_REG, in->operand[0].reg);
        lower_push_word(l, T0, in->osz);
        break;
    case I_POPSEG: lower_popseg(l, in); break;
    case I_MOVSEG: lower_movseg(l, in); break;
    case I_LES: lower_load_far(l, in, SREG_ES); break;
    case I_LDS: lower_load_far(l, in, SREG_DS); break;
    case I_LSS: lower_load_far(l, in, SREG_SS); break;
    case I_LFS: lower_load_far(l, in, SREG_FS); break;
    case I_LGS: lower_load_far(l, in, SREG_GS); break;
    case I_PUSHA: emit_call(l, HELP_pusha, SINK, ZERO_REG, ZERO_REG, in->osz); break;
    case I_POPA: emit_call(l, HELP_popa, SINK, ZERO_REG, ZERO_REG, in->osz); break;
    case I_ENTER: lower_enter(l, in); break;
    case I_LEAVE: lower_leave(l, in); break;
    case I_BOUND:
        lower_ea(l, in, 0);
        emit_call(l, HELP_bound, SINK, TEA, REG32(in->operand[0].reg),
                  in->mem.seg | (u32)in->osz << 8);
        break;
    case I_MOVS: lower_string(l, in, HELP_movs); break;
    case I_CMPS: lower_string(l, in, HELP_cmps); break;
    case I_STOS: lower_string(l, in, HELP_stos); break;
    case I_LODS: lower_string(l, in, HELP_lods); break;
    case I_SCAS: lower_string(l, in, HELP_scas); break;
    case I_INS: lower_string(l, in, HELP_ins); break;
    case I_OUTS: lower_string(l, in, HELP_outs); break;
    default: return false;
    }
    return true;
}
