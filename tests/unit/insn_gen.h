/* Encodes guest instructions from their rows in insn.def, for tests that make them at random.
 *
 * Each comes out twice: as guest code, and as bytes that do the same in 64-bit user code of the
 * host. The two differ by a 67 prefix for memory operands (so that the host wraps addresses at 32
 * bits too), by the encoding of absolute addresses, and by INC and DEC of one byte, which 64-bit
 * mode lacks. (SDM vol. 2, 2.2.1) */
#ifndef PAGEWALK_TESTS_INSN_GEN_H
#define PAGEWALK_TESTS_INSN_GEN_H

#include <string.h>

#include "translate/decode/decode_priv.h"

/* What the caller chooses; parts that the row has no use for are ignored. */
struct gen_choice {
    u8 osz; /* 2 or 4 */
    u8 reg; /* ModRM.reg */
    u8 rm;  /* ModRM.rm, a register, when mem is false */
    bool mem;
    struct mem_operand at; /* base, index, shift, disp */
    bool lock;
    u8 rep;     /* 0, 0xf2, 0xf3 */
    u32 imm[3]; /* by operand */
};

struct gen_code {
    u8 byte[56];
    unsigned len;
};

struct gen_insn {
    struct gen_code guest, host;
};

static inline void gen_put(struct gen_code *code, u32 value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        code->byte[code->len++] = (u8)(value >> i * 8);
}

static inline void gen_put_both(struct gen_insn *g, u32 value, unsigned bytes)
{
    gen_put(&g->guest, value, bytes);
    gen_put(&g->host, value, bytes);
}

static inline bool gen_has_form(const struct insn_form *form, enum form wanted)
{
    return form->operand[0] == wanted || form->operand[1] == wanted || form->operand[2] == wanted;
}

/* Whether the row's ModRM.rm may be memory, and whether it may be a register. */
static inline bool gen_can_mem(unsigned row)
{
    return insn_forms[row].modrm && !(insn_rows[row].traits & IT_REG);
}

static inline bool gen_can_reg(unsigned row)
{
    return insn_forms[row].modrm && !(insn_rows[row].traits & IT_MEM);
}

/* Bytes of the row's ModRM memory operand; 0 when its form does not tell. */
static inline unsigned gen_mem_size(unsigned row, unsigned osz)
{
    for (unsigned i = 0; i < 3; i++)
        switch ((enum form)insn_forms[row].operand[i]) {
        case FORM_Eb: return 1;
        case FORM_Ew:
        case FORM_Evw: return 2;
        case FORM_Ev: return osz;
        case FORM_Mq: return 8;
        default: break;
        }
    return 0;
}

static inline void gen_modrm_mem(struct gen_code *code, unsigned reg, const struct mem_operand *at,
                                 bool host)
{
    unsigned modrm = (reg & 7) << 3;
    bool none = at->base == REG_NONE && at->index == REG_NONE;
    bool disp8 = (u32)(i32)(i8)at->disp == at->disp;

    if (none && !host) {
        gen_put(code, modrm | 5, 1);
        gen_put(code, at->disp, 4);
        return;
    }
    if (at->base == REG_NONE) {
        gen_put(code, modrm | 4, 1);
        gen_put(code, (u32)at->shift << 6 | (none ? 4u : at->index) << 3 | 5, 1);
        gen_put(code, at->disp, 4);
        return;
    }
    modrm |= disp8 ? 0x40 : 0x80;
    if (at->index == REG_NONE && at->base != 4) {
        gen_put(code, modrm | at->base, 1);
    } else {
        gen_put(code, modrm | 4, 1);
        gen_put(code,
                (u32)at->shift << 6 | (at->index == REG_NONE ? 4u : at->index) << 3 | at->base, 1);
    }
    gen_put(code, at->disp, disp8 ? 1 : 4);
}

static inline void gen_immediates(struct gen_insn *g, unsigned row, const struct gen_choice *c)
{
    for (unsigned i = 0; i < 3; i++)
        switch ((enum form)insn_forms[row].operand[i]) {
        case FORM_Ib:
        case FORM_Ibs:
        case FORM_Jb: gen_put_both(g, c->imm[i], 1); break;
        case FORM_Iw: gen_put_both(g, c->imm[i], 2); break;
        case FORM_Iz:
        case FORM_Jz: gen_put_both(g, c->imm[i], c->osz); break;
        case FORM_Ob:
        case FORM_Ov: gen_put_both(g, c->at.disp, 4); break;
        default: break;
        }
}

/* Appends the instruction to g. */
static inline void gen_encode(struct gen_insn *g, unsigned row, const struct gen_choice *c)
{
    const struct insn_row *r = &insn_rows[row];
    const struct insn_form *form = &insn_forms[row];
    unsigned opcode = r->opcode & 0xff, map = r->opcode >> 8;
    unsigned reg = r->ext == EXT_NONE ? c->reg : r->ext;
    bool addressed = (form->modrm && c->mem) || (r->traits & IT_STRING) || r->op == I_XLAT ||
                     r->op == I_JCXZ || r->op == I_LOOP || r->op == I_LOOPE || r->op == I_LOOPNE ||
                     gen_has_form(form, FORM_Ob) || gen_has_form(form, FORM_Ov);

    if (c->osz == 2)
        gen_put_both(g, 0x66, 1);
    if (addressed)
        gen_put(&g->host, 0x67, 1);
    if (c->lock)
        gen_put_both(g, 0xf0, 1);
    if (c->rep)
        gen_put_both(g, c->rep, 1);
    if (map == 0 && opcode >> 4 == 4) {
        gen_put(&g->guest, opcode, 1);
        gen_put(&g->host, 0xff, 1);
        gen_put(&g->host, 0xc0 | (opcode & 15), 1);
        return;
    }
    if (map)
        gen_put_both(g, 0x0f, 1);
    gen_put_both(g, opcode, 1);
    if (form->modrm && c->mem) {
        gen_modrm_mem(&g->guest, reg, &c->at, false);
        gen_modrm_mem(&g->host, reg, &c->at, true);
    } else if (form->modrm) {
        gen_put_both(g, 0xc0 | (reg & 7) << 3 | (c->rm & 7), 1);
    }
    gen_immediates(g, row, c);
}

#endif
