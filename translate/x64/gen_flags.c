/* Guest flags in native code: storing them, and getting at them. */
#include "cpu/flags.h"
#include "translate/uop_exec.h"
#include "translate/x64/x64.h"

/* A field of cpu->lazy = register, zero-extended from its size. Flags stay. */
void gen_lazy_store(struct gen *g, size_t field, unsigned size, unsigned reg)
{
    struct code *c = &g->c;

    if (size == 4) {
        code_store_cpu(c, 4, reg, field);
        return;
    }
    code_store_cpu_imm(c, field, 0);
    if (is_high(reg)) {
        code_rr(c, 1, 0x86, reg - AH, reg);
        code_store_cpu(c, 1, reg - AH, field);
        code_rr(c, 1, 0x86, reg - AH, reg);
    } else {
        code_store_cpu(c, size, reg, field);
    }
}

void gen_lazy_op(struct gen *g, unsigned op)
{
    code_store_cpu_imm(&g->c, offsetof(struct cpu, lazy.op), op);
}

/* The last micro-op before the one in hand that wrote flags (they may be an earlier block's: -1). *lost:
 * slots written since. */
static int last_writer(const struct gen *g, u32 *lost)
{
    const struct uop *uop = g->b->uop;
    int i;

    *lost = 0;
    for (i = (int)g->at - 1; i >= 0; i--) {
        if (uop_flags_written(&uop[i]) || uop_info[uop[i].op].traits & UT_CALL)
            return i;
        *lost |= uop_slots_written(&uop[i]);
    }
    return -1;
}

/* Whether host flags of a compare, or of TEST of a result, can be made again for cc. */
static bool remake_flags(struct gen *g, int writer, u32 lost, unsigned cc)
{
    const struct uop *u = &g->b->uop[writer];
    unsigned size = uop_info[u->op].size, a, b;
    struct code *c = &g->c;

    switch (u->op) {
    case U_cmp8_f:
    case U_cmp16_f:
    case U_cmp32_f:
    case U_test8_f:
    case U_test16_f:
    case U_test32_f: {
        bool compare = u->op <= U_cmp32_f;

        a = host_reg(u->a, size);
        b = u->b == ZERO_REG ? NO_REG : host_reg(u->b, size);
        if (lost & (1u << (u->a >> 2) | 1u << (u->b >> 2)) || a == NO_REG ||
            (u->b != ZERO_REG && (b == NO_REG || is_high(a) || is_high(b))))
            return false;
        if (b != NO_REG) {
            code_rr(c, size, compare ? 0x38 | (size > 1) : 0x84 | (size > 1), b, a);
        } else if (compare) {
            code_alu_ri(c, size, 7, a, u->imm);
        } else {
            code_rr(c, size, 0xf6 | (size > 1), 0, a);
            code_imm(c, size, u->imm);
        }
        return true;
    }
    default: break;
    }
    /* Z and S (and P) of a result that is still there. */
    if (!(uop_info[u->op].traits & UT_STORES) || uop_flags_written(u) == UF_C ||
        uop_cc_flags(cc) & ~(UF_Z | UF_S | UF_P) || lost & 1u << (u->d >> 2) ||
        uop_info[u->op].traits & UT_MAY || !(uop_flags_written(u) & UF_Z))
        return false;
    a = host_reg(u->d, size);
    if (a == NO_REG || u->op == U_imul16_f || u->op == U_imul32_f)
        return false;
    code_rr(c, size, 0x84 | (size > 1), a, a);
    return true;
}

void gen_need_flags(struct gen *g, unsigned cc)
{
    u32 lost;
    int writer = last_writer(g, &lost);

    if (writer >= 0 && g->hf == writer)
        return;
    if (writer >= 0 && remake_flags(g, writer, lost, cc))
        return;
    code_call(&g->c, g->x64->load_flags);
}

void gen_get_carry(struct gen *g)
{
    struct code *c = &g->c;

    code_call(c, g->x64->get_cf);
    code_rr(c, 4, 0x0fba, 4, H_S1); /* bt r13d, 0 */
    code8(c, 0);
}

void gen_condition(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, b;

    gen_need_flags(g, u->aux);
    if (u->op == U_setcc) {
        code_rr(c, 1, 0x0f90 | u->aux, 0, host_reg(u->d, 1));
        return;
    }
    b = gen_reg(g, u->b, H_S2);
    code_rr(c, size, 0x0f40 | u->aux, host_reg(u->d, size), b);
}

void gen_flag_op(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;

    if (u->op == U_cld || u->op == U_std) {
        code_rm(c, 4, 0x81, u->op == U_cld ? 4 : 1, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, eflags), false);
        code32(c, u->op == U_cld ? ~FL_DF : FL_DF);
        return;
    }
    code_call(c, g->x64->save);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_mov_ri64(c, RSI, (u64)(uintptr_t)u);
    code_call(c, (const u8 *)(uintptr_t)&uop_exec_flag_op);
    code_call(c, g->x64->load);
}
