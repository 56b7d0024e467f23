/* Calls into C: helpers, and micro-ops that have only a C definition. */
#include "cpu/helper.h"
#include "translate/uop_exec.h"
#include "translate/x64/mem.h"

/* Where a fault or a hook finds the guest: block and micro-op number in one word. */
void gen_position(struct gen *g, unsigned scratch)
{
    code_mov_ri64(&g->c, scratch, gen_position_of(g));
    code_store_cpu(&g->c, 8, scratch, offsetof(struct cpu, engine.pos));
}

/* Whether the call got code of its own. */
static bool gen_inline(struct gen *g, const struct uop *u)
{
    switch (u->aux) {
    case HELP_x87: return gen_x87(g, u);
    case HELP_simd:
    case HELP_simd_flags: return gen_sse(g, u);
    case HELP_movs: return g->mem->movs(g, u);
    default: return gen_div(g, u);
    }
}

void gen_call(struct gen *g, const struct uop *u)
{
    if (gen_inline(g, u))
        return;
    gen_call_helper(g, u);
    gen_sse_called(g, u->aux);
}

void gen_call_helper(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;

    code_call(c, g->x64->save);
    gen_position(g, RAX);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_load_cpu(c, 4, RSI, offsetof(struct cpu, r) + u->a);
    code_load_cpu(c, 4, RDX, offsetof(struct cpu, r) + u->b);
    code_mov_ri(c, RCX, u->imm);
    code_call_c(c, (const void *)(uintptr_t)helpers[u->aux].fn);
    if (u->d != REG32(R_T6))
        code_store_cpu(c, 4, RAX, offsetof(struct cpu, r) + u->d);
    code_call(c, g->x64->load);
}

/* Loads a register operand of a size from its place in struct cpu, zero-extended. */
static void load_operand(struct code *c, unsigned reg, u8 offset, unsigned size)
{
    i32 field = (i32)(offsetof(struct cpu, r) + offset);

    if (size == 4)
        code_load(c, 4, reg, H_CPU, field);
    else
        code_rm(c, 4, size == 1 ? OP_MOVZX8 : OP_MOVZX16, reg, H_CPU, NO_REG, 0, field, false);
}

void gen_slow_op(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    const struct uop_info *info = &uop_info[u->op];
    i32 d = (i32)(offsetof(struct cpu, r) + u->d);

    g->calls_out = true;
    code_call(c, g->x64->save);
    code_mov_rr(c, 8, RDI, H_CPU);
    load_operand(c, RSI, u->a, info->size);
    load_operand(c, RDX, u->b, info->format == UFMT_DAB8 ? 1 : info->size);
    if (u->imm)
        code_alu_ri(c, 4, ALU_ADD, RDX, u->imm);
    code_mov_ri(c, RCX, u->op);
    code_call_c(c, (const void *)(uintptr_t)&uop_exec_value);
    if (info->format != UFMT_AB)
        code_rm(c, info->size, opcode_of(OP_MOV_STORE8, info->size), RAX, H_CPU, NO_REG, 0, d,
                info->size == 1);
    code_call(c, g->x64->load);
}
