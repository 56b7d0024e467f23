/* The entry of a block and its exits: chaining sites, lookups, the way back to the run loop. */
#include "cpu/excp.h"
#include "translate/x64/x64.h"

static unsigned user_of(const struct gen *g)
{
    return (g->b->mode & MODE_CPL) == 3;
}

/* Leaves to the run loop with EIP = eip and no link. */
static void gen_leave(struct gen *g, u32 eip)
{
    struct code *c = &g->c;

    code_store_cpu_imm(c, offsetof(struct cpu, eip), eip);
    code_mov_ri(c, H_S1, 0);
    code_jmp(c, g->x64->leave);
}

void gen_entry(struct gen *g)
{
    struct code *c = &g->c;
    u8 *run;

    code_alu_ri(c, 4, 5, H_BUDGET, g->b->insns);
    run = code_jcc_short(c, CC_NS);
    code_alu_ri(c, 4, 0, H_BUDGET, g->b->insns);
    gen_leave(g, g->b->eip);
    code_land(c, run);
}

/* Code for direct exit k. Within the block's page: a jump that is patched. To another page: a jump that
 * falls into a comparison of that page's TLB entry once it is chained. */
static void gen_link(struct gen *g, unsigned k)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];
    u32 page = (g->b->cs_base + link->eip) >> PAGE_SHIFT;
    const u8 *lookup;

    link->site = code_jmp(c, code_here(c));
    link->expect_site = NULL;
    if (page == (g->b->cs_base + g->b->eip) >> PAGE_SHIFT)
        return;
    code_mov_ri64(c, H_S1, 0);
    link->expect_site = c->p - 8;
    code_rm(c, 8, 0x3b, H_S1, H_CPU, NO_REG, 0,
            (i32)(offsetof(struct cpu, mmu.tlb) + (user_of(g) ? MMU_READ_USER : MMU_READ_SUPER) * sizeof(u64) * MMU_PAGES +
                  page * sizeof(u64)), false);
    lookup = g->x64->lookup[user_of(g)];
    code_jcc(c, CC_E, code_here(c)); /* to the target: patched */
    code_mov_ri(c, H_S1, link->eip);
    code_jmp(c, lookup);
}

/* Displacement of the jump to the target behind the comparison. */
static u8 *target_site(const struct block_link *link)
{
    return link->expect_site ? link->expect_site + 8 + 7 + 2 : link->site;
}

static void gen_stub(struct gen *g, unsigned k)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];

    link->stub = (u32)(c->p - g->x64->buf.rw);
    code_patch_rel(c, link->site, code_here(c));
    code_store_cpu_imm(c, offsetof(struct cpu, eip), link->eip);
    code_mov_ri64(c, H_S1, (u64)(uintptr_t)link);
    code_jmp(c, g->x64->leave);
}

/* Both links behind a host condition: link 1 when cc holds. */
static void gen_branch(struct gen *g, unsigned cc)
{
    struct code *c = &g->c;
    u8 *not_taken = code_jcc_short(c, cc ^ 1);

    gen_link(g, 1);
    code_land(c, not_taken);
    gen_link(g, 0);
    gen_stub(g, 1);
    gen_stub(g, 0);
}

void gen_exit(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    u8 *good;

    switch (u->op) {
    case U_exit_jmp:
        gen_link(g, 0);
        gen_stub(g, 0);
        break;
    case U_jcc:
        gen_need_flags(g, u->aux);
        gen_branch(g, u->aux);
        break;
    case U_brz:
    case U_brnz: {
        unsigned a = gen_reg(g, u->a, H_S1);

        code_rr(c, 4, 0x85, a, a);
        gen_branch(g, u->op == U_brz ? CC_E : CC_NE);
        break;
    }
    case U_exit_ind:
        code_mov_rr(c, 4, H_S1, gen_reg(g, u->a, H_S1));
        code_jmp(c, g->x64->lookup[user_of(g)]);
        break;
    case U_exit_eip:
        code_load_cpu(c, 4, H_S1, offsetof(struct cpu, eip));
        code_jmp(c, g->x64->mode_exit);
        break;
    case U_exit_mode:
        code_mov_ri(c, H_S1, u->imm);
        code_jmp(c, g->x64->mode_exit);
        break;
    case U_exit_run: gen_leave(g, u->imm); break;
    case U_chkcs: /* not an exit, unless it fails */
        code_rm(c, 4, 0x81, 7, H_CPU, NO_REG, 0,
                (i32)(offsetof(struct cpu, seg[SREG_CS].limit)), false);
        code32(c, u->imm);
        /* A block whose last byte wraps round to below its first is beyond any limit that is checked. */
        good = code_jcc_short(c, u->imm < g->b->eip ? CC_B : CC_AE);
        if (g->b->mode & MODE_ONE) {
            code_call(c, g->x64->save);
            gen_position(g, RAX);
            code_mov_rr(c, 8, RDI, H_CPU);
            code_mov_ri(c, RSI, EXCP_GP);
            code_mov_ri(c, RDX, 0);
            code_call(c, (const u8 *)(uintptr_t)&cpu_raise_err);
        } else {
            code_rm(c, 1, 0xc6, 0, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, cs_limit_hit), false);
            code8(c, 1);
            code_alu_ri(c, 4, 0, H_BUDGET, g->b->insns);
            gen_leave(g, g->b->eip);
        }
        code_land(c, good);
        break;
    default: BUG("exit micro-op %u", u->op);
    }
}

void gen_link_to(struct x64 *x, struct block_link *link)
{
    code_patch_rel(&x->code, target_site(link), link->to->code);
    if (link->expect_site) {
        put64(link->expect_site, link->expect);
        put32(link->site, 0); /* on to the comparison */
    }
}

void gen_unlink(struct x64 *x, struct block_link *link)
{
    code_patch_rel(&x->code, link->site, x->buf.rx + link->stub);
}
