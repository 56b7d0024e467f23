/* Out-of-line pieces of a block, and checks of segments, whose failure is one. */
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/seglimit.h"
#include "translate/x64/mem.h"

struct slow *gen_add_slow(struct gen *g, unsigned kind, unsigned ea, u8 *from, u32 arg)
{
    struct slow *s = &g->slow[g->slows++];

    BUG_ON(g->slows > MAX_SLOW);
    s->kind = kind;
    s->uop = (u16)g->at;
    s->ea = (u8)ea;
    s->from = from;
    s->from2 = g->crossing;
    g->crossing = NULL;
    s->arg = arg;
    s->sites = 0;
    return s;
}

void gen_bind_slow(struct gen *g, const struct slow *s)
{
    for (unsigned i = 0; i < s->sites; i++)
        s->site[i].piece = (u32)(code_here(&g->c) - g->b->code);
    if (s->from)
        code_bind(&g->c, s->from);
    if (s->from2)
        code_bind(&g->c, s->from2);
}

/* seg_plain_ok() in line; the helper does the rest. */
void gen_check(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    struct seg_access access = seg_access_unpack(u->imm);
    size_t seg = offsetof(struct cpu, seg) + access.seg * sizeof(struct seg);
    unsigned ea = gen_reg(g, u->a, H_S1);
    u8 *out[3];
    unsigned i, n = 0;
    struct slow *s;

    if (!(g->b->mode & MODE_AC)) {
        code_lea(c, 4, H_S2, ea, NO_REG, 0, (i32)access.len - 1);
        code_alu_rr(c, 4, ALU_CMP, H_S2, ea);
        out[n++] = code_jcc_short(c, CC_B);
        code_alu_reg_cpu(c, 4, ALU_CMP, H_S2, seg + offsetof(struct seg, limit));
        out[n++] = code_jcc_short(c, CC_A);
        code_load_cpu(c, 4, H_S2, seg + offsetof(struct seg, attr));
        code_alu_ri(c, 4, ALU_AND, H_S2, SEG_PLAIN_MASK);
        code_alu_ri(c, 4, ALU_CMP, H_S2, SEG_PLAIN);
        out[n] = code_jcc_short(c, CC_E);
        for (i = 0; i < n; i++)
            code_bind_short(c, out[i]);
    }
    s = gen_add_slow(g, SLOW_CHECK, ea, code_jmp_forward(c), u->imm);
    if (n)
        code_bind_short(c, out[n]);
    s->back = c->p;
}

void gen_slow(struct gen *g)
{
    struct code *c = &g->c;
    unsigned i;

    for (i = 0; i < g->slows; i++) {
        struct slow *s = &g->slow[i];
        const struct uop *u = &g->b->uop[s->uop];

        gen_check_size(g);
        g->at = s->uop;
        if (s->kind != SLOW_MEM)
            gen_bind_slow(g, s);
        switch (s->kind) {
        case SLOW_MEM: g->mem->slow(g, s, u); break;
        case SLOW_GUESS: gen_guess_slow(g, s); break;
        case SLOW_CHECK:
            code_call(c, g->x64->save);
            gen_position(g, RAX);
            code_mov_rr(c, 8, RDI, H_CPU);
            code_load_cpu(c, 4, RSI, slot_field(u->a));
            code_mov_ri(c, RCX, s->arg);
            code_call_c(c, (const void *)(uintptr_t)&help_seg_check);
            code_call(c, g->x64->load);
            break;
        case SLOW_SSE_ENTER:
        case SLOW_SSE: gen_sse_slow(g, s, u); break;
        case SLOW_X87_ENTER:
            code_call(c, g->x64->x87_enter);
            code_test_rr(c, 4, H_S1, H_S1);
            code_jcc(c, CC_NE, s->back + c->delta);
            gen_call_helper(g, u);
            gen_sse_again(g, (u8)s->arg);
            code_jmp(c, s->done + c->delta);
            continue;
        case SLOW_HELPER: gen_call_helper(g, u); break;
        case SLOW_SIDE: gen_side_taken(g, u); continue;
        case SLOW_ENTRY: gen_no_budget(g); continue;
        }
        code_jmp(c, s->back + c->delta);
    }
}
