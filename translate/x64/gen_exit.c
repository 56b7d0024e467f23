/* The entry of a block and its exits: chaining sites, lookups, the way back to the run loop. */
#include "cpu/excp.h"
#include "cpu/seglimit.h"
#include "translate/x64/mem.h"

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
    bool flat = mode_zero_based(g->b->mode, SREG_CS);

    code_call(&g->c, g->x64->lookup[user_of(g)][flat]);
    code_jmp_reg(&g->c, R10_);
}

/* The same, first by cpu->jump in line. */
static void gen_indirect(struct gen *g)
{
    if (mode_zero_based(g->b->mode, SREG_CS))
        code_jump_known(&g->c);
    gen_lookup(g);
}

/* What a chain or a jump cache enters by, in front of what the run loop does, which has looked at the second page. */
void gen_crossing(struct gen *g)
{
    struct code *c = &g->c;
    size_t entry = fetch_field(user_of(g)) + block_second_page(g->b) * sizeof(u64);
    u8 *holds;

    code_mov_ri64(c, H_S1, (u64)(uintptr_t)&g->b->second);
    code_load(c, 8, H_S1, H_S1, 0);
    code_alu_reg_cpu(c, 8, ALU_CMP, H_S1, entry);
    holds = code_jcc_forward(c, CC_E);
    gen_leave(g, g->b->eip);
    code_bind(c, holds);
}

void gen_entry(struct gen *g)
{
    struct code *c = &g->c;

    code_alu_ri(c, 4, ALU_SUB, H_BUDGET, g->b->insns);
    gen_add_slow(g, SLOW_ENTRY, 0, code_jcc_forward(c, CC_S), 0);
    g->b->body = code_here(c);
    gen_loop_entry(g);
}

void gen_no_budget(struct gen *g)
{
    code_alu_ri(&g->c, 4, ALU_ADD, H_BUDGET, g->b->insns);
    gen_leave(g, g->b->eip);
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

/* Whether the exit leads to another page than the block's. */
static bool crosses(const struct gen *g, const struct block_link *link)
{
    u32 base = g->b->cs_base;

    return la_add(base, link->eip) >> PAGE_SHIFT != la_add(base, g->b->eip) >> PAGE_SHIFT;
}

/* Whether this is the exit by which a loop comes round. */
static bool loops(const struct block_link *link)
{
    const struct block *b = link->from;

    return link->to == b && b->loop && link == &b->link[b->loop_exit];
}

#define JCC_BYTES             6
#define FROM_TARGET_TO_REFUND 7 /* a displacement, and what is before the immediate of ADD r11d */

/* What the exit takes of the budget for its target, beside what it gives back. */
static void set_take(const struct code *c, const struct block_link *link, unsigned take)
{
    u8 *taken = site_of(c, link, SITE_TAKE);
    u8 *refund = site_of(c, link, SITE_TARGET) + FROM_TARGET_TO_REFUND;
    u8 given = (u8)(*refund - *taken);

    *taken = (u8)(take - given);
    *refund = (u8)take;
}

/* Late flags are dropped on the way to `target`; NULL: they are stored. */
static void set_drop(const struct code *c, const struct block_link *link, const u8 *target)
{
    struct code at = {.p = site_of(c, link, SITE_DROP), .delta = c->delta};

    if (link->site[SITE_STORE])
        patch_site(c, link, SITE_DROP, target ? target : site_of(c, link, SITE_STORE) + c->delta);
    else if (target)
        code_jcc(&at, CC_NS, target);
    else
        code_nop(&at, JCC_BYTES);
}

/* r11d -= what comes to be taken. Flags are as of that. */
static void gen_take(struct gen *g, struct block_link *link, unsigned give)
{
    code_alu_ri(&g->c, 4, ALU_SUB, H_BUDGET, 0u - give);
    set_site(g, link, SITE_TAKE, g->c.p - 1);
}

/* And comes back: right behind the displacement of SITE_TARGET. */
static void gen_refund(struct gen *g, const struct block_link *link)
{
    BUG_ON(g->c.p != site_of(&g->c, link, SITE_TARGET) + 4);
    code_alu_ri(&g->c, 4, ALU_ADD, H_BUDGET, 0);
}

/* The straight part of direct exit k, which gives back the budget of so many instructions: see enum exit_site. */
static void gen_link(struct gen *g, unsigned k, unsigned give)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];
    u32 page = la_add(g->b->cs_base, link->eip) >> PAGE_SHIFT;
    size_t entry = fetch_field(user_of(g)) + page * sizeof(u64);

    g->link_code[k] = code_here(c);
    if (crosses(g, link)) {
        code_mov_ri64(c, H_S1, TLB_NEVER);
        set_site(g, link, SITE_EXPECT, c->p - 8);
        code_alu_reg_cpu(c, 8, ALU_CMP, H_S1, entry);
        set_site(g, link, SITE_JNE, code_jcc_forward(c, CC_NE));
    }
    if (!g->late && !give) {
        set_site(g, link, SITE_TARGET, code_jmp_forward(c));
        return;
    }
    gen_take(g, link, give);
    if (g->late) {
        set_site(g, link, SITE_DROP, c->p);
        code_nop(c, JCC_BYTES);
        if (!gen_store_late(g))
            code_test_rr(c, 4, H_BUDGET, H_BUDGET);
    }
    set_site(g, link, SITE_TARGET, code_jcc_forward(c, CC_NS));
    gen_refund(g, link);
    set_site(g, link, SITE_ENTRY, code_jmp_forward(c));
}

/* The out-of-line parts of exit k. */
static void gen_stub(struct gen *g, unsigned k, unsigned give)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];

    if (link->site[SITE_JNE]) {
        patch_site(c, link, SITE_JNE, code_here(c));
        if (give)
            code_alu_ri(c, 4, ALU_ADD, H_BUDGET, give);
        if (g->late)
            gen_store_late(g);
        set_site(g, link, SITE_MISSED, code_jmp_forward(c));
        code_mov_ri(c, H_S1, link->eip);
        gen_lookup(g);
        patch_site(c, link, SITE_MISSED, code_here(c));
    }
    patch_site(c, link, SITE_TARGET, code_here(c));
    if (link->site[SITE_ENTRY])
        patch_site(c, link, SITE_ENTRY, code_here(c));
    set_site(g, link, SITE_STUB, c->p);
    code_store_cpu_imm(c, offsetof(struct cpu, eip), link->eip);
    code_mov_ri64(c, H_S1, (u64)(uintptr_t)link);
    code_jmp(c, g->x64->leave);
    if (g->has_copy && k == g->loop.self)
        gen_loop_back(g, g->late && g->b->flags_dead);
}

/* Both links behind a host condition: link 1 when cc holds. */
static void gen_branch(struct gen *g, unsigned cc)
{
    struct code *c = &g->c;
    struct block_link *taken = &g->b->link[1];
    u8 *site;

    if (!g->late && !crosses(g, taken)) { /* the conditional jump itself is patched */
        set_site(g, taken, SITE_TARGET, code_jcc_forward(c, cc));
    } else {
        site = code_jcc_forward(c, cc ^ 1);
        gen_link(g, 1, 0);
        code_bind(c, site);
    }
    gen_link(g, 0, 0);
    gen_stub(g, 1, 0);
    gen_stub(g, 0, 0);
}

/* Where a guest's call returns to, by exit k. */
static u8 *gen_return_point(struct gen *g, unsigned k)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[k];
    u8 *other;

    code_alu_ri32(c, ALU_CMP, H_RETURN, link->eip);
    g->late = false;
    if (!crosses(g, link)) {
        g->link_code[k] = code_here(c);
        set_site(g, link, SITE_TARGET, code_jcc_forward(c, CC_E));
        return code_jmp_forward(c);
    }
    other = code_jcc_forward(c, CC_NE);
    gen_link(g, k, 0);
    return other;
}

/* Its out-of-line parts: the guest may return to somewhere else. */
static void gen_return_other(struct gen *g, unsigned k, u8 *other)
{
    code_bind(&g->c, other);
    code_mov_rr(&g->c, 4, H_S1, H_RETURN);
    gen_indirect(g);
    gen_stub(g, k, 0);
}

/* Exit 0 within the page, with late flags, as a host call, behind which exit 1 is. Returns as gen_return_point(). */
static u8 *gen_late_call(struct gen *g)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[0];
    u8 *no_budget, *back, *other;

    gen_take(g, link, 0);
    no_budget = code_jcc_forward(c, CC_S);
    back = set_site(g, link, SITE_DROP, code_call(c, code_here(c))) + 4;
    other = gen_return_point(g, 1);
    patch_site(c, link, SITE_DROP, code_here(c));
    set_site(g, link, SITE_STORE, c->p);
    gen_store_late(g);
    set_site(g, link, SITE_TARGET, code_jmp_forward(c));
    code_bind(c, no_budget);
    gen_refund(g, link);
    gen_store_late(g);
    set_site(g, link, SITE_ENTRY, code_call(c, code_here(c)));
    code_jmp(c, back + c->delta);
    return other;
}

/* Exit 0 as a host call, behind which exit 1 is. */
static void gen_call_exit(struct gen *g)
{
    struct code *c = &g->c;
    struct block_link *link = &g->b->link[0];
    bool late = g->late, far = crosses(g, link);
    u8 *site, *other;

    if (late && !far) {
        other = gen_late_call(g);
    } else {
        site = code_call(c, code_here(c));
        other = gen_return_point(g, 1);
        g->late = late;
        if (far) {
            code_bind(c, site);
            gen_link(g, 0, 0);
        } else {
            set_site(g, link, SITE_TARGET, site);
        }
    }
    gen_stub(g, 0, 0);
    g->late = false;
    gen_return_other(g, 1, other);
}

/* To the code for EIP r13d by a host call, behind which exit 0 is. */
static void gen_call_indirect(struct gen *g)
{
    struct code *c = &g->c;
    bool flat = mode_zero_based(g->b->mode, SREG_CS);
    u8 *miss, *back, *other;

    code_jump_key(c);
    code_alu_rm(c, 8, ALU_CMP, R10_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.key));
    miss = code_jcc_forward(c, CC_NE);
    code_rm(c, 8, OP_MOV_LOAD, R10_, H_CPU, H_S2, 3, (i32)offsetof(struct cpu, jump.code), false);
    back = c->p;
    code_call_reg(c, R10_);
    other = gen_return_point(g, 0);
    code_bind(c, miss);
    code_call(c, g->x64->lookup[user_of(g)][flat]);
    code_jmp(c, back + c->delta);
    gen_return_other(g, 0, other);
}

void gen_side(struct gen *g, const struct uop *u)
{
    gen_need_flags(g, u->aux);
    gen_add_slow(g, SLOW_SIDE, 0, code_jcc_forward(&g->c, u->aux), 0);
}

/* The budget of the instructions that are not run comes back. */
void gen_side_taken(struct gen *g, const struct uop *u)
{
    unsigned left = g->b->insns - (u->insn + 1u);

    g->late = gen_has_late(g);
    gen_link(g, u->scale, left);
    gen_stub(g, u->scale, left);
}

void gen_exit(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    u8 *good;

    g->late = gen_has_late(g);
    if (g->late && uop_stores_late(u->op))
        gen_store_late(g);
    switch (u->op) {
    case U_exit_jmp:
        gen_link(g, 0, 0);
        gen_stub(g, 0, 0);
        break;
    case U_jcc:
        gen_need_flags(g, u->aux);
        gen_branch(g, u->aux);
        break;
    case U_brz:
    case U_brnz: {
        unsigned a = gen_reg(g, u->a, H_S1);

        code_test_rr(c, 4, a, a);
        gen_branch(g, u->op == U_brz ? CC_E : CC_NE);
        break;
    }
    case U_exit_ind:
        code_mov_rr(c, 4, H_S1, gen_reg(g, u->a, H_S1));
        gen_indirect(g);
        break;
    case U_exit_call: gen_call_exit(g); break;
    case U_exit_calli:
        code_mov_rr(c, 4, H_S1, gen_reg(g, u->a, H_S1));
        gen_call_indirect(g);
        break;
    case U_exit_ret: {
        unsigned a = gen_reg(g, u->a, H_RETURN);

        if (a != H_RETURN)
            code_mov_rr(c, 4, H_RETURN, a);
        code_ret(c);
        break;
    }
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
        code_rm(c, 4, OP_ALU_IMM, ALU_CMP, H_CPU, NO_REG, 0,
                (i32)(offsetof(struct cpu, seg[SREG_CS].limit)), false);
        code32(c, u->imm);
        /* A block whose last byte wraps round to below its first is beyond any limit that is checked. */
        good = code_jcc_short(c, u->imm < g->b->eip ? CC_B : CC_AE);
        if (g->b->mode & MODE_ONE_INSN) {
            code_call(c, g->x64->save);
            gen_position(g, RAX);
            code_mov_rr(c, 8, RDI, H_CPU);
            code_mov_ri(c, RSI, EXCP_GP);
            code_mov_ri(c, RDX, 0);
            code_call_c(c, (const void *)(uintptr_t)&cpu_raise_err);
        } else {
            code_rm(c, 1, OP_MOV_IMM8, 0, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, cs_limit_hit),
                    false);
            code8(c, 1);
            code_alu_ri(c, 4, ALU_ADD, H_BUDGET, g->b->insns);
            gen_leave(g, g->b->eip);
        }
        code_bind_short(c, good);
        break;
    default: BUG("exit micro-op %u", u->op);
    }
}

void gen_link_to(struct x64 *x, struct block_link *link)
{
    const struct code *c = &x->code;
    const struct block *to = link->to;
    bool drops = link->site[SITE_DROP] && to->flags_dead && !block_crosses(to);
    bool round = loops(link); /* to what takes its own budget, unless flags were dropped for it */
    bool takes = link->site[SITE_TAKE] && !block_crosses(to) && (!round || drops);
    const u8 *target = round ? to->loop : takes ? to->body : to->target;

    patch_site(c, link, SITE_TARGET, target);
    if (link->site[SITE_EXPECT]) {
        put64(site_of(c, link, SITE_EXPECT), link->expect);
        put32(site_of(c, link, SITE_MISSED), 0);
    }
    if (link->site[SITE_TAKE]) {
        set_take(c, link, takes ? to->insns : 0);
        patch_site(c, link, SITE_ENTRY, to->target);
    }
    if (drops)
        set_drop(c, link, target);
}

void gen_unlink(struct x64 *x, struct block_link *link)
{
    const struct code *c = &x->code;
    const u8 *stub = site_of(c, link, SITE_STUB) + c->delta;

    patch_site(c, link, SITE_TARGET, stub);
    if (link->site[SITE_EXPECT]) {
        put64(site_of(c, link, SITE_EXPECT), TLB_NEVER);
        patch_site(c, link, SITE_MISSED, stub);
    }
    if (link->site[SITE_TAKE]) {
        set_take(c, link, 0);
        patch_site(c, link, SITE_ENTRY, stub);
    }
    if (link->site[SITE_DROP])
        set_drop(c, link, NULL);
}
