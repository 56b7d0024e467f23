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

/* To the block at EIP r13d, in the block's mode, out of line. */
static void gen_lookup(struct gen *g)
{
    bool flat = g->b->mode >> (MODE_ZERO_SHIFT + SREG_CS) & 1;

    code_call(&g->c, g->x64->lookup[user_of(g)][flat]);
    code_rr(&g->c, 4, 0xff, 4, R10_); /* jmp r10 */
}

/* The same, first by cpu->jump in line. */
static void gen_indirect(struct gen *g)
{
    if (g->b->mode >> (MODE_ZERO_SHIFT + SREG_CS) & 1)
        code_jump_known(&g->c);
    gen_lookup(g);
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
    g->b->body = code_here(c);
}

/* The patch site of an exit of a compiled block; NULL: it has none. */
static u8 *site_of(const struct code *c, const struct block_link *link, enum exit_site which)
{
    return link->site[which] ? (u8 *)(uintptr_t)link->from->code - c->delta + link->site[which]
                             : NULL;
}

static u8 *set_site(struct gen *g, struct block_link *link, enum exit_site which, u8 *at)
{
    i64 offset = at + g->c.delta - g->b->code;

    BUG_ON(offset <= 0 || offset > UINT16_MAX);
    link->site[which] = (u16)offset;
    return at;
}

static void patch_site(const struct code *c, const struct block_link *link, enum exit_site which,
                       const u8 *target)
{
    code_patch_rel(c, site_of(c, link, which), target);
}

/* ADD (ext 0) or SUB (ext 5) of the budget and an immediate that will be patched. */
static u8 *code_count(struct code *c, unsigned ext)
{
    code_opcode(c, 4, 0x81, ext, 0, H_BUDGET, false, false);
    code8(c, (u8)(0xc0 | ext << 3 | (H_BUDGET & 7)));
    code32(c, 0);
    return c->p - 4;
}

/* Whether the exit leads to another page than the block's. */
static bool crosses(const struct gen *g, const struct block_link *link)
{
    u32 base = g->b->cs_base;

    return (base + link->eip) >> PAGE_SHIFT != (base + g->b->eip) >> PAGE_SHIFT;
}

/* Code for direct exit k: see enum exit_site. */
static void gen_link(struct gen *g, unsigned k)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];
    u32 page = (g->b->cs_base + link->eip) >> PAGE_SHIFT;
    bool cross = crosses(g, link);
    size_t entry = offsetof(struct cpu, mmu.tlb) +
                   (user_of(g) ? MMU_READ_USER : MMU_READ_SUPER) * sizeof(u64) * MMU_PAGES +
                   page * sizeof(u64);
    u8 *first = set_site(g, link, SITE_FIRST, code_jmp(c, code_here(c)));

    if (cross) {
        code_mov_ri64(c, H_S1, 0);
        set_site(g, link, SITE_EXPECT, c->p - 8);
        code_rm(c, 8, 0x3b, H_S1, H_CPU, NO_REG, 0, (i32)entry, false);
        set_site(g, link, SITE_LOOKUP, code_jcc(c, CC_NE, code_here(c)));
    }
    if (g->late) {
        set_site(g, link, SITE_GO, cross ? code_jmp(c, code_here(c)) : first);
        set_site(g, link, SITE_COUNT, code_count(c, 5));
        set_site(g, link, SITE_UNSTARTED, code_jcc(c, CC_S, code_here(c)));
    }
    set_site(g, link, SITE_TARGET, cross || g->late ? code_jmp(c, code_here(c)) : first);
}

/* The out-of-line parts of exit k. */
static void gen_stub(struct gen *g, unsigned k)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];

    if (g->late) {
        patch_site(c, link, SITE_UNSTARTED, code_here(c));
        set_site(g, link, SITE_UNCOUNT, code_count(c, 0));
    }
    set_site(g, link, SITE_STUB, c->p);
    patch_site(c, link, SITE_FIRST, code_here(c));
    if (g->late) {
        patch_site(c, link, SITE_GO, code_here(c));
        gen_store_late(g);
        put32(set_site(g, link, SITE_LATE, code_jmp(c, code_here(c))), 0);
    }
    code_store_cpu_imm(c, offsetof(struct cpu, eip), link->eip);
    code_mov_ri64(c, H_S1, (u64)(uintptr_t)link);
    code_jmp(c, g->x64->leave);
    if (link->site[SITE_LOOKUP]) {
        patch_site(c, link, SITE_LOOKUP, code_here(c));
        if (g->late)
            gen_store_late(g);
        code_mov_ri(c, H_S1, link->eip);
        gen_lookup(g);
    }
}

/* Both links behind a host condition: link 1 when cc holds. */
static void gen_branch(struct gen *g, unsigned cc)
{
    struct code *c = &g->c;
    struct block_link *taken = &g->b->link[1];
    u8 *site;

    if (!g->late && !crosses(g, taken)) { /* the conditional jump itself is patched */
        site = code_jcc(c, cc, code_here(c));
        set_site(g, taken, SITE_FIRST, site);
        set_site(g, taken, SITE_TARGET, site);
    } else {
        site = code_jcc(c, cc ^ 1, code_here(c));
        gen_link(g, 1);
        code_patch_rel(c, site, code_here(c));
    }
    gen_link(g, 0);
    gen_stub(g, 1);
    gen_stub(g, 0);
}

void gen_side(struct gen *g, const struct uop *u)
{
    gen_need_flags(g, u->aux);
    gen_add_slow(g, SLOW_SIDE, 0, code_jcc(&g->c, u->aux, code_here(&g->c)), 0);
}

/* The budget of the instructions that are not run comes back. */
void gen_side_taken(struct gen *g, const struct uop *u)
{
    unsigned left = g->b->insns - (u->insn + 1u);

    g->late = gen_has_late(g);
    if (left)
        code_alu_ri(&g->c, 4, 0, H_BUDGET, left);
    gen_link(g, u->scale);
    gen_stub(g, u->scale);
}

void gen_exit(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    u8 *good;

    g->late = gen_has_late(g);
    if (g->late &&
        (u->op == U_exit_ind || u->op == U_exit_eip || u->op == U_exit_mode || u->op == U_exit_run))
        gen_store_late(g);
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
        gen_indirect(g);
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
        code_rm(c, 4, 0x81, 7, H_CPU, NO_REG, 0, (i32)(offsetof(struct cpu, seg[SREG_CS].limit)),
                false);
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
            code_rm(c, 1, 0xc6, 0, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, cs_limit_hit),
                    false);
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
    const struct code *c = &x->code;
    const u8 *stub = site_of(c, link, SITE_STUB) + c->delta;

    if (link->site[SITE_EXPECT]) {
        put64(site_of(c, link, SITE_EXPECT), link->expect);
        put32(site_of(c, link, SITE_FIRST), 0);
    }
    if (!link->site[SITE_LATE]) {
        patch_site(c, link, SITE_TARGET, link->to->code);
    } else if (link->to->flags_dead) {
        put32(site_of(c, link, SITE_COUNT), link->to->insns);
        put32(site_of(c, link, SITE_UNCOUNT), link->to->insns);
        patch_site(c, link, SITE_TARGET, link->to->body);
        put32(site_of(c, link, SITE_GO), 0);
    } else {
        patch_site(c, link, SITE_LATE, link->to->code);
        patch_site(c, link, SITE_GO, stub);
    }
}

void gen_unlink(struct x64 *x, struct block_link *link)
{
    const struct code *c = &x->code;

    patch_site(c, link, SITE_FIRST, site_of(c, link, SITE_STUB) + c->delta);
    if (link->site[SITE_LATE])
        put32(site_of(c, link, SITE_LATE), 0); /* on to the way out */
}
