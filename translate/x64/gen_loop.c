/* The copies of inner loops (translate/loop.h): their loads and stores look in the TLB once for as many
 * iterations as stay in their pages.
 *
 * Behind the normal code of such a block lies the copy, a second body without look-ups. After a few normal
 * iterations the jump back goes to the preheader: for each stream it looks up the page, and counts how many
 * iterations stay in it. The least of these, and of what the budget allows, runs in the copy. A stream's base
 * is chosen so that
 *
 *     [base + (moving register << shift) + imm]
 *
 * is the operand, in 64 bits: right for as long as the register itself does not wrap round, which the
 * preheader sees to. When both registers of an address move, the sum is made in 32 bits.
 *
 * Nothing in the copy leaves translated code, so the TLB stays as it is. Each exit, and the end of the
 * iterations, goes on in the normal code, at the same place with the same registers; only the budget is corrected
 * before. In the copy it counts iterations: cpu->engine.loop.budget is what it lacks. */
#include "translate/x64/mem.h"

enum {
    LEAST = 4,           /* iterations that are worth entering the copy */
    COUNTDOWN_END = 1,   /* normal iterations behind a page's end, */
    COUNTDOWN_FEW = 4,   /* when a page's end is near, */
    COUNTDOWN_MISS = 64, /* and when an address has no TLB entry */
    COUNTDOWN_MOST = 6,
};

#define FAR_FROM_WRAP 0x10000u /* more than a moving register moves while the copy runs */

/* An exit of the copy. */
struct copy_exit {
    u8 *from;            /* site of the jump to it */
    unsigned link, left; /* iterations of the group that will not run */
};

#define MAX_COPY_EXITS 64

static bool is_used(const struct gen *g, unsigned slot)
{
    return g->loop.used >> slot & 1;
}

/* Registers of temporaries that the body does not name: for the bases. r12 is where the normal code makes
 * addresses, and r10 what its groups of accesses are based on, so they cannot be the countdown. */
static void assign_registers(struct gen *g)
{
    static const struct {
        u8 slot, reg;
    } spare[] = {{R_T5, R12_}, {R_T0, R9_}, {R_T1, R10_}};
    bool done[ENGINE_STREAMS] = {false};
    unsigned i, k;

    g->countdown = NO_REG;
    for (i = 0; i < ENGINE_STREAMS; i++)
        g->base[i] = NO_REG;
    for (i = 0; i < ARRAY_SIZE(spare); i++) {
        unsigned best = ENGINE_STREAMS;

        if (is_used(g, spare[i].slot))
            continue;
        if (spare[i].slot == R_T0)
            g->countdown = spare[i].reg;
        for (k = 0; k < g->loop.streams; k++)
            if (!done[k] && (best == ENGINE_STREAMS ||
                             g->loop.stream[k].accesses > g->loop.stream[best].accesses))
                best = k;
        if (best == ENGINE_STREAMS)
            continue;
        done[best] = true;
        g->base[best] = spare[i].reg;
    }
}

/* Bodies in a row for one look at the budget: a power of two. */
static unsigned group_of(const struct gen *g)
{
    return g->b->uops <= 8 ? 4 : g->b->uops <= 16 ? 2 : 1;
}

void gen_loop_find(struct gen *g)
{
    g->has_copy = !g->tr->options.slow_mem && !(g->b->mode & MODE_DEBUG) &&
                  !g->tr->options.no_chain && loop_find(g->b, &g->loop, !g->mem->shares);
    if (!g->mem->shares && group_of(g) == 1)
        g->has_copy = false; /* it would be the body once more */
    if (g->has_copy)
        assign_registers(g);
}

static void set_countdown(struct gen *g, u32 iterations)
{
    if (g->countdown == NO_REG)
        code_store_cpu_imm(&g->c, offsetof(struct cpu, engine.loop.countdown), iterations);
    else
        code_mov_ri(&g->c, g->countdown, iterations);
}

/* How many iterations cost as much as the preheader. */
static unsigned first_countdown(const struct loop *loop)
{
    unsigned n = (10 + 12 * loop->streams) / (6 * loop->accesses);

    return n < COUNTDOWN_MOST ? n : COUNTDOWN_MOST;
}

void gen_loop_entry(struct gen *g)
{
    if (g->has_copy && g->mem->shares)
        set_countdown(g, first_countdown(&g->loop));
    g->inner = code_here(&g->c);
}

void gen_loop_back(struct gen *g, bool drops)
{
    struct code *c = &g->c;
    u8 *no_budget = NULL;

    g->b->loop = code_here(c);
    g->b->loop_exit = (u8)g->loop.self;
    if (!drops) {
        code_alu_ri(c, 4, ALU_SUB, H_BUDGET, g->b->insns);
        no_budget = code_jcc_short(c, CC_S);
    }
    if (g->mem->shares) {
        if (g->countdown == NO_REG)
            code_alu_cpu(c, 4, ALU_SUB, offsetof(struct cpu, engine.loop.countdown), 1);
        else
            code_alu_ri(c, 4, ALU_SUB, g->countdown, 1);
        code_jcc(c, CC_NS, g->inner);
    }
    g->preheader = code_jmp_forward(c);
    if (no_budget) {
        code_bind_short(c, no_budget);
        gen_no_budget(g);
    }
}

static size_t base_field(unsigned stream)
{
    return offsetof(struct cpu, engine.loop.base) + stream * sizeof(u64);
}

struct host_operand gen_loop_operand(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned k = g->loop.stream_of[g->access++];
    const struct loop_stream *s = &g->loop.stream[k];
    struct host_operand m = {.base = g->base[k], .index = NO_REG, .disp = (i32)u->imm};

    if (s->both) {
        code_lea(c, 4, H_S1, host_reg(u->a, 4), host_reg(u->b, 4), u->scale, m.disp);
        m.disp = 0;
        m.index = H_S1;
        if (m.base == NO_REG) {
            code_load_cpu(c, 8, H_S2, base_field(k));
            code_lea(c, 8, H_S1, H_S1, H_S2, 0, 0);
            m.base = H_S1;
            m.index = NO_REG;
        }
        return m;
    }
    if (m.base == NO_REG) {
        code_load_cpu(c, 8, H_S1, base_field(k));
        m.base = H_S1;
    }
    if (s->moving != ZERO_REG) {
        m.index = (u8)host_reg(s->moving, 4);
        m.scale = s->shift;
    }
    return m;
}

/* r13d = linear address of a stream's lowest byte in the iteration that comes. */
static void stream_address(struct gen *g, const struct loop_stream *s)
{
    struct code *c = &g->c;
    unsigned a = s->a == ZERO_REG ? NO_REG : gen_reg(g, s->a, H_S1);
    unsigned b = s->b == ZERO_REG ? NO_REG : gen_reg(g, s->b, H_S1);

    if (a == NO_REG && b == NO_REG)
        code_mov_ri(c, H_S1, (u32)s->low);
    else
        code_lea(c, 4, H_S1, a, b, s->scale, s->low);
}

/* r13d = r13d (0 to 4095) / n */
static void divide(struct code *c, unsigned n)
{
    if (!(n & (n - 1))) {
        if (n > 1) {
            code_shift_ri(c, 4, SHIFT_SHR, H_S1, (unsigned)__builtin_ctz(n));
        }
        return;
    }
    code_imul_ri(c, 8, H_S1, H_S1,
                 (1u << 22) / n + 1); /* n is at most 1024, so 22 bits are exact */
    code_shift_ri(c, 8, SHIFT_SHR, H_S1, 22);
}

/* r15d = min(r15d, iterations that a stream stays in its page); the address of its lowest byte is in r13d,
 * which it clobbers. Returns the site of a jump that is taken when the first does not. */
static u8 *count_iterations(struct gen *g, const struct loop_stream *s)
{
    struct code *c = &g->c;
    u8 *across;

    code_alu_ri(c, 4, ALU_AND, H_S1, PAGE_MASK);
    if (s->stride > 0) {
        code_unary(c, 4, UNARY_NEG, H_S1);
        code_alu_ri(c, 4, ALU_ADD, H_S1, PAGE_SIZE - s->span);
        across = code_jcc_forward(c, CC_S);
    } else {
        code_alu_ri(c, 4, ALU_CMP, H_S1, PAGE_SIZE - s->span);
        across = code_jcc_forward(c, CC_A);
    }
    if (s->stride == 0)
        return across;
    divide(c, s->stride > 0 ? (unsigned)s->stride : (unsigned)-s->stride);
    code_alu_ri(c, 4, ALU_ADD, H_S1, 1);
    code_alu_rr(c, 4, ALU_CMP, H_S2, H_S1);
    code_rr(c, 4, OP_CMOV | CC_A, H_S2, H_S1);
    return across;
}

/* Looks up stream k. Jumps of which the sites go to miss and few are for when it cannot run. */
static void prepare_stream(struct gen *g, unsigned k, u8 *miss[2], u8 **few)
{
    const struct loop_stream *s = &g->loop.stream[k];
    unsigned base = g->base[k] == NO_REG ? R12_ : g->base[k];
    unsigned moving = s->moving == ZERO_REG ? NO_REG : host_reg(s->moving, 4);
    struct code *c = &g->c;

    miss[1] = NULL;
    if (moving != NO_REG && !s->both) { /* it must not wrap */
        if (s->decreases) {
            code_lea(c, 4, base, moving, NO_REG, 0, -(i32)FAR_FROM_WRAP);
            code_alu_ri(c, 4, ALU_CMP, base, -2 * FAR_FROM_WRAP);
        } else {
            code_alu_ri(c, 4, ALU_CMP, moving, -FAR_FROM_WRAP);
        }
        miss[1] = code_jcc_forward(c, CC_AE);
    }
    stream_address(g, s);
    miss[0] = gen_tlb_page(g, base, H_S1, s->write);
    if (!s->both)
        code_alu_rr(c, 8, ALU_ADD, base, H_S1); /* now the host address */
    *few = count_iterations(g, s);
    if (!s->both && s->low)
        code_alu_ri(c, 8, ALU_SUB, base, (u32)s->low);
    if (moving != NO_REG && !s->both) {
        if (s->shift) {
            code_lea(c, 8, H_S1, NO_REG, moving, s->shift, 0);
            moving = H_S1;
        }
        code_alu_rr(c, 8, ALU_SUB, base, moving);
    }
    if (g->base[k] == NO_REG)
        code_store_cpu(c, 8, base, base_field(k));
}

/* r15d = iterations that the budget allows, the one in r11d already not counted. Never more than that, perhaps
 * less. */
static void budget_iterations(struct gen *g)
{
    struct code *c = &g->c;

    if (g->b->insns == 1) {
        code_mov_rr(c, 4, H_S2, H_BUDGET);
        return;
    }
    code_mov_ri(c, H_S2, (u32)((1ull << 32) / g->b->insns));
    code_rr(c, 8, OP_IMUL, H_S2, H_BUDGET);
    code_shift_ri(c, 8, SHIFT_SHR, H_S2, 32);
}

/* Enough iterations: r15d of them. The copy's budget to r11d. */
static void start_copy(struct gen *g, unsigned group)
{
    struct code *c = &g->c;

    code_imul_ri(c, 4, H_S2, H_S2, g->b->insns);
    code_lea(c, 4, H_S1, H_BUDGET, NO_REG, 0, g->b->insns);
    code_alu_rr(c, 4, ALU_SUB, H_S1, H_S2);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, engine.loop.budget));
    code_lea(c, 4, H_BUDGET, H_S2, NO_REG, 0, -(i32)(group * g->b->insns));
    code_mov_ri64(c, H_S1, (u64)(uintptr_t)&g->tr->cpu->stats->loop_run);
    code_rm(c, 8, OP_STEP, STEP_INC, H_S1, NO_REG, 0, 0, false);
}

static void add_exit(struct copy_exit *exits, unsigned *n, u8 *from, unsigned link, unsigned left)
{
    BUG_ON(*n == MAX_COPY_EXITS);
    exits[(*n)++] = (struct copy_exit){from, link, left};
}

/* The host's condition under which the loop's last micro-op leaves it; -1: never. */
static int leaving_condition(struct gen *g, const struct uop *u)
{
    unsigned a;

    if (u->op == U_exit_jmp)
        return -1;
    if (u->op == U_jcc) {
        gen_need_flags(g, u->aux);
        return (int)(u->aux ^ 1);
    }
    a = gen_reg(g, u->a, H_S1);
    code_test_rr(&g->c, 4, a, a);
    return u->op == U_brz ? CC_NE : CC_E;
}

/* One body; left: how many follow in the group. */
static void copy_body(struct gen *g, unsigned left, struct copy_exit *exits, unsigned *n)
{
    struct code *c = &g->c;
    int cc;

    g->flags_uop = -1;
    g->access = 0;
    for (g->at = 0; g->at + 1u < g->b->uops; g->at++) {
        const struct uop *u = &g->b->uop[g->at];

        if (u->op == U_side) {
            gen_need_flags(g, u->aux);
            add_exit(exits, n, code_jcc_forward(c, u->aux), u->scale, left);
        } else {
            gen_step(g);
        }
    }
    cc = leaving_condition(g, &g->b->uop[g->at]);
    if (cc >= 0)
        add_exit(exits, n, code_jcc_forward(c, (unsigned)cc), 0, left);
}

/* Back to the normal code for at least so many iterations. */
static void go_on(struct gen *g, u32 iterations)
{
    set_countdown(g, iterations);
    code_jmp(&g->c, g->inner);
}

/* Where accesses need no look-up the copy only saves looks at the budget: it is taken for a group of iterations. What is
 * left of the group when the copy is left, by an exit or by an access that goes out of line, comes back. */
static bool gen_window_loop(struct gen *g)
{
    struct code *c = &g->c;
    unsigned group = group_of(g), insns = g->b->insns, n = 0;
    struct copy_exit exits[MAX_COPY_EXITS];
    u8 *few, *no_budget;
    const u8 *top;

    g->in_copy = true;
    g->calls_out = false;
    g->slows = 0;
    code_bind(c, g->preheader);
    code_alu_ri(c, 4, ALU_SUB, H_BUDGET, (group - 1) * insns);
    few = code_jcc_forward(c, CC_S);
    top = code_here(c);
    for (g->copy_left = group; g->copy_left-- > 0;)
        copy_body(g, g->copy_left, exits, &n);
    code_alu_ri(c, 4, ALU_SUB, H_BUDGET, group * insns);
    code_jcc(c, CC_NS, top);
    code_alu_ri(c, 4, ALU_ADD, H_BUDGET, (group - 1) * insns);
    no_budget = code_jcc_forward(c, CC_S);
    if (!g->b->flags_dead)
        gen_store_late(g);
    code_jmp(c, g->inner);
    code_bind(c, no_budget);
    gen_store_late(g);
    gen_no_budget(g);
    code_bind(c, few);
    code_alu_ri(c, 4, ALU_ADD, H_BUDGET, (group - 1) * insns);
    code_jmp(c, g->inner);
    for (unsigned k = 0; k < n; k++) {
        code_bind(c, exits[k].from);
        if (exits[k].left)
            code_alu_ri(c, 4, ALU_ADD, H_BUDGET, exits[k].left * insns);
        code_jmp(c, g->link_code[exits[k].link]);
    }
    gen_slow(g);
    g->in_copy = false;
    if (!g->calls_out)
        g->tr->cpu->stats->loop_made++;
    return !g->calls_out;
}

bool gen_loop(struct gen *g)
{
    struct code *c = &g->c;
    unsigned group = group_of(g), k, n = 0;
    u8 *miss[ENGINE_STREAMS][2], *few[ENGINE_STREAMS + 1];
    struct copy_exit exits[MAX_COPY_EXITS];
    const u8 *top;

    if (!g->mem->shares)
        return gen_window_loop(g);
    g->in_copy = true;
    g->calls_out = false;
    g->rmw = NULL;
    code_bind(c, g->preheader);
    budget_iterations(g);
    for (k = 0; k < g->loop.streams; k++) /* those whose bases are kept in memory clobber r12 */
        if (g->base[k] == NO_REG)
            prepare_stream(g, k, miss[k], &few[k]);
    for (k = 0; k < g->loop.streams; k++)
        if (g->base[k] != NO_REG)
            prepare_stream(g, k, miss[k], &few[k]);
    if (group > 1)
        code_alu_ri(c, 4, ALU_AND, H_S2, -group);
    code_alu_ri(c, 4, ALU_CMP, H_S2, LEAST);
    few[k] = code_jcc_forward(c, CC_B);
    start_copy(g, group);

    top = code_here(c);
    for (k = group; k-- > 0;)
        copy_body(g, k, exits, &n);
    code_alu_ri(c, 4, ALU_SUB, H_BUDGET, group * g->b->insns);
    code_jcc(c, CC_NS, top);
    code_load_cpu(c, 4, H_BUDGET, offsetof(struct cpu, engine.loop.budget));
    code_alu_ri(c, 4, ALU_SUB, H_BUDGET, g->b->insns);
    if (!g->b->flags_dead)
        gen_store_late(g);
    go_on(g, COUNTDOWN_END);

    for (k = 0; k < n; k++) {
        code_bind(c, exits[k].from);
        code_alu_reg_cpu(c, 4, ALU_ADD, H_BUDGET, offsetof(struct cpu, engine.loop.budget));
        if (exits[k].left)
            code_alu_ri(c, 4, ALU_ADD, H_BUDGET, exits[k].left * g->b->insns);
        code_jmp(c, g->link_code[exits[k].link]);
    }
    for (k = 0; k <= g->loop.streams; k++)
        code_bind(c, few[k]);
    go_on(g, COUNTDOWN_FEW);
    for (k = 0; k < 2 * g->loop.streams; k++)
        if (miss[k / 2][k % 2])
            code_bind(c, miss[k / 2][k % 2]);
    go_on(g, COUNTDOWN_MISS);
    g->in_copy = false;
    if (!g->calls_out)
        g->tr->cpu->stats->loop_made++;
    return !g->calls_out;
}
