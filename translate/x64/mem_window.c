/* Guest memory by windows: an access is one instruction, [GS + 32-bit address].
 *
 * GS is the window of the block's privilege. Where the page is not in it, or may not be written there, the host takes
 * a fault (mmu/host/fault.h): the page is mapped if the software TLB has it, and the instruction done again; if not,
 * the access goes on in its out-of-line piece, which calls what a miss of the TLB calls, and comes back. An access that
 * cannot be served by a window even then (a device's page, or a store to one with code) gets a jump to its piece, for
 * good, and the block is made anew for the TLB when it is next wanted. */
#include "mmu/window.h"
#include "translate/windows.h"
#include "translate/x64/mem.h"

#define FAULTS_MOST      4  /* in a row at one site, without help from the TLB */
#define FLAT_FAULTS_MOST 16 /* at one site of flat memory: stores to pages with code, mostly */

static unsigned unfit_slot(u64 host)
{
    return (unsigned)((host ^ host >> 6 ^ host >> 12) % ARRAY_SIZE(((struct x64 *)0)->unfit));
}

bool mem_window_fits(const struct gen *g)
{
    const struct block *b = g->b;

    return (b->mode & (MODE_WINDOW | MODE_ONE_INSN | MODE_AC | MODE_DEBUG)) == MODE_WINDOW &&
           !g->tr->options.slow_mem && b->host && g->x64->unfit[unfit_slot(b->host)] != b->host;
}

/* A site at the instruction that comes next; the first of piece s, or one more. */
static void add_site(struct gen *g, struct slow *s)
{
    struct site *site = &g->site[g->sites++];

    BUG_ON(g->sites > ARRAY_SIZE(g->site));
    *site = (struct site){.at = (u32)(code_here(&g->c) - g->b->code)};
    if (!s->sites)
        s->site = site;
    s->sites++;
    site->patch = s->site->at;
}

/* Whether addresses in the block's window are the host's own. */
static bool is_low(const struct gen *g)
{
    const struct window *w = g->tr->cpu->mmu.window;

    return w && (g->b->mode & MODE_CPL) == 3 && w->side[1].low;
}

/* The operand of a micro-op. Clobbers r12 where a segment's base is in it. */
static struct host_operand operand_of(struct gen *g, const struct uop *u)
{
    unsigned a = u->a == ZERO_REG ? NO_REG : host_reg(u->a, 4);
    unsigned b = u->b == ZERO_REG ? NO_REG : host_reg(u->b, 4);
    struct host_operand m = {.base = (u8)a,
                             .index = (u8)b,
                             .scale = u->scale,
                             .window = true,
                             .low = is_low(g),
                             .disp = (i32)u->imm};

    if (u->b != ZERO_REG && b == NO_REG) { /* a segment's base */
        code_load_cpu(&g->c, 4, H_EA, slot_field(u->b));
        m.base = H_EA;
        m.index = (u8)a;
        m.scale = 0;
    }
    return m;
}

/* op reg, m: of five bytes at least, so that a jump fits. */
static void code_access(struct code *c, unsigned size, unsigned opcode, unsigned reg,
                        const struct host_operand *m, bool reg_byte)
{
    const u8 *start = c->p;

    code_window(c, m);
    code_rm(c, size, opcode, reg, m->base, m->index, m->scale, m->disp, reg_byte);
    if (c->p - start == 4) { /* with a displacement after all */
        c->p[-1] |= 0x40;
        code8(c, 0);
    }
}

/* Whether a fault at the current micro-op, in a loop's copy, sees flags of the iteration before. Where they cannot be had from
 * registers there the copy is given up. */
static bool needs_flags(struct gen *g)
{
    u8 written = 0, defined = 0;
    u32 slots = 0;

    if (g->b->flags_dead)
        return false;
    for (unsigned i = 0; i < g->at; i++) {
        const struct uop *u = &g->b->uop[i];

        written |= uop_flags_written(u);
        if (!(uop_info[u->op].traits & UT_MAYBE_FLAGS))
            defined |= uop_info[u->op].flags_written;
        slots |= uop_slots_written(u);
    }
    if (defined == UF_ALL)
        return false;
    if (written || slots & gen_late_slots(g, g->b->uops - 1u))
        g->calls_out = true;
    return true;
}

static struct slow *start_access(struct gen *g)
{
    struct slow *s = gen_add_slow(g, SLOW_MEM, 0, NULL, 0);

    s->keeps = g->flags_uop >= 0;
    s->in_copy = g->in_copy;
    s->stores_late = g->in_copy && needs_flags(g);
    s->copy_left = (u8)g->copy_left;
    return s;
}

/* Out of line an access may stop the block, which only its normal code can: what leaves a loop's copy goes on there. */
static void end_access(struct gen *g, struct slow *s)
{
    s->back = g->in_copy ? (u8 *)(uintptr_t)g->straight[g->at + 1].code - g->c.delta : g->c.p;
}

static void load(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, opcode = mem_extend_opcode(u->op);
    unsigned d = host_reg(u->d, opcode ? 4 : size);
    struct slow *s = start_access(g);
    struct host_operand m = operand_of(g, u);

    BUG_ON(d == NO_REG);
    add_site(g, s);
    if (opcode) {
        code_access(c, 4, opcode, d, &m, false);
    } else if (is_high(d)) {
        code_access(c, 4, OP_MOVZX8, H_S2, &m, false);
        gen_high_put(g, d, H_S2);
    } else {
        code_access(c, size, opcode_of(OP_MOV_LOAD8, size), d, &m, size == 1);
    }
    if (uop_is_ldw(u->op)) { /* what may be written is, with what it was */
        BUG_ON(opcode || is_high(d) || d == m.base || d == m.index);
        add_site(g, s);
        code_access(c, size, opcode_of(OP_MOV_STORE8, size), d, &m, size == 1);
    }
    end_access(g, s);
}

static void store(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size;
    bool immediate = uop_info[u->op].format == UFMT_STI;
    unsigned v = immediate ? NO_REG : host_reg(u->d, size);
    struct slow *s = start_access(g);
    struct host_operand m = operand_of(g, u);

    BUG_ON(!immediate && v == NO_REG);
    if (!immediate && is_high(v)) {
        gen_high_get(g, v, H_S2);
        v = H_S2;
    }
    add_site(g, s);
    if (immediate) {
        code_access(c, size, opcode_of(OP_MOV_IMM8, size), 0, &m, false);
        code_imm(c, size, u->aux);
    } else {
        code_access(c, size, opcode_of(OP_MOV_STORE8, size), v, &m, size == 1);
    }
    end_access(g, s);
}

static void slow(struct gen *g, const struct slow *s, const struct uop *u)
{
    i32 flags = (i32)offsetof(struct cpu, engine.flags);
    struct code *c = &g->c;

    gen_bind_slow(g, s);
    if (s->keeps) {
        code_pushf(c);
        code_rm(c, 4, OP_POP_RM, 0, H_CPU, NO_REG, 0, flags, false);
    }
    if (s->stores_late) {
        unsigned at = g->at;

        g->at = g->b->uops - 1u;
        gen_store_late(g);
        g->at = at;
    }
    if (s->in_copy && s->copy_left) /* the flags stay */
        code_lea(c, 4, H_BUDGET, H_BUDGET, NO_REG, 0, (i32)(s->copy_left * g->b->insns));
    if (uop_family(u->op) == UFAM_STORE)
        mem_call_store(g, u);
    else
        mem_call_load(g, u);
    if (s->keeps) {
        code_rm(c, 4, OP_STEP, STEP_PUSH, H_CPU, NO_REG, 0, flags, false);
        code_popf(c);
    }
}

static struct slow *operand(struct gen *g, const struct mem_want *want, struct host_operand *m)
{
    struct slow *s;

    if (want->first) /* comes behind other things */
        return mem_soft.operand(g, want, m);
    *m = (struct host_operand){
        .base = (u8)want->ea, .index = NO_REG, .window = true, .low = is_low(g)};
    s = gen_add_slow(g, want->kind, want->ea, NULL, want->arg);
    add_site(g, s);
    return s;
}

const struct mem mem_window = {
    .keeps_flags = true,
    .load = load,
    .store = store,
    .slow = slow,
    .operand = operand,
    .movs = gen_movs,
};

void mem_window_sites(struct gen *g)
{
    struct code *c = &g->c;

    g->b->sites = g->sites;
    if (!g->sites)
        return;
    while ((uintptr_t)c->p % sizeof(u32))
        code8(c, OP_INT3);
    gen_check_size(g);
    BUG_ON((u64)(g->end - c->p) < g->sites * sizeof(struct site));
    g->b->site_table = (u32)(code_here(c) - g->b->code);
    __builtin_memcpy(c->p, g->site, g->sites * sizeof(struct site));
    c->p += g->sites * sizeof(struct site);
}

void mem_window_enter(struct code *c)
{
    static const u8 wrgsbase_r15[] = {0xf3, 0x49, 0x0f, 0xae, 0xdf};
    u8 *same;

    code_load_cpu(c, 8, H_S2, offsetof(struct cpu, engine.window_base));
    code_alu_reg_cpu(c, 8, ALU_CMP, H_S2, offsetof(struct cpu, engine.window_now));
    same = code_jcc_short(c, CC_E);
    code_store_cpu(c, 8, H_S2, offsetof(struct cpu, engine.window_now));
    for (unsigned i = 0; i < sizeof(wrgsbase_r15); i++)
        code8(c, wrgsbase_r15[i]);
    code_bind_short(c, same);
}

/* The block's site at a place in its code, by the writable mapping; NULL. */
static struct site *find_site(const struct x64 *x, const struct block *b, u32 at)
{
    struct site *site = (struct site *)((u8 *)(uintptr_t)b->code - x->code.delta + b->site_table);
    u32 low = 0, high = b->sites;

    while (low < high) {
        u32 mid = (low + high) / 2;

        if (site[mid].at == at)
            return &site[mid];
        *(site[mid].at < at ? &low : &high) = site[mid].at < at ? mid + 1 : mid;
    }
    return NULL;
}

/* From now on the access goes to its piece at once. */
static void give_up_site(struct translator *tr, const struct block *b, const struct site *site)
{
    struct x64 *x = tr->engine_data;
    struct code at = {.p = (u8 *)(uintptr_t)b->code - x->code.delta + site->patch,
                      .delta = x->code.delta};

    tr->cpu->stats->window_site++;
    code_jmp(&at, b->code + site->piece);
}

/* The block is made anew for the TLB. */
static void retire(struct translator *tr, const struct block *b)
{
    struct x64 *x = tr->engine_data;

    x->unfit[unfit_slot(b->host)] = b->host;
    windows_retire(tr, b);
}

bool mem_window_fault(void *translator, u64 *pc, u64 address, bool write)
{
    struct translator *tr = translator;
    struct mmu *mmu = &tr->cpu->mmu;
    struct x64 *x = tr->engine_data;
    unsigned insn;
    struct block *b = engine_x64.find(tr, *pc, &insn);
    struct site *site = b ? find_site(x, b, (u32)(*pc - (u64)(uintptr_t)b->code)) : NULL;
    bool user = b && (b->mode & MODE_CPL) == 3;
    u64 la;
    enum mmu_access access = (enum mmu_access)((user ? MMU_USER : 0) | (write ? MMU_WRITE : 0));

    if (!site)
        return false;
    tr->cpu->stats->window_fault++;
    if (mmu->paging.flat) { /* all that is there is in it already */
        if (++site->faults == FLAT_FAULTS_MOST)
            give_up_site(tr, b, site);
        *pc = (u64)(uintptr_t)b->code + site->piece;
        return true;
    }
    la = address - mmu->window->side[user].base;
    if (address && la < WINDOW_SIZE && mmu->window->side[user].on &&
        window_map(mmu, (u32)la, access)) {
        site->faults = 0;
        return true;
    }
    x->missed.site = site;
    x->missed.block = b;
    x->missed.la = (u32)la;
    x->missed.access = access;
    if (++site->faults == FAULTS_MOST) {
        give_up_site(tr, b, site);
        retire(tr, b);
    }
    *pc = (u64)(uintptr_t)b->code + site->piece;
    return true;
}

void mem_window_served(struct translator *tr)
{
    struct x64 *x = tr->engine_data;
    struct site *site = x->missed.site;
    bool user = x->missed.access & MMU_USER;
    unsigned at;

    if (likely(!site))
        return;
    x->missed.site = NULL;
    if (engine_x64.current(tr, &at) != x->missed.block || !tr->cpu->mmu.window->side[user].on) {
        site->faults = 0; /* says nothing about the site */
        return;
    }
    if (window_waits(&tr->cpu->mmu, x->missed.la, user))
        return;
    if (window_map(&tr->cpu->mmu, x->missed.la, x->missed.access)) {
        site->faults = 0;
        return;
    }
    give_up_site(tr, x->missed.block, site);
    retire(tr, x->missed.block);
}
