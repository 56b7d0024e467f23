/* Guest memory by the software TLB: hits inline, everything else out of line. */
#include "translate/x64/mem.h"

enum mmu_access mem_access(const struct gen *g, bool write)
{
    return (enum mmu_access)(((g->b->mode & MODE_CPL) == 3 ? MMU_USER : 0) |
                             (write ? MMU_WRITE : 0));
}

/* The register that holds the linear address: the guest's own where it is all there is, else r12. */
static unsigned gen_ea(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned a = u->a == ZERO_REG ? NO_REG : host_reg(u->a, 4);
    unsigned b = u->b == ZERO_REG ? NO_REG : host_reg(u->b, 4);

    if (u->b != ZERO_REG && b == NO_REG) { /* a segment base */
        code_load_cpu(c, 4, H_EA, slot_field(u->b));
        b = a;
        a = H_EA;
    }
    if (a == NO_REG && b == NO_REG) {
        code_mov_ri(c, H_EA, u->imm);
        return H_EA;
    }
    if (b == NO_REG && u->imm == 0)
        return a;
    code_lea(c, 4, H_EA, a, b, u->scale, (i32)u->imm);
    return H_EA;
}

/* reg = the entry at ea's slot (tlb_slot()) for an access whose lowest `low` address bits must be clear. */
static void load_entry(struct gen *g, unsigned reg, unsigned ea, unsigned low, bool write)
{
    struct code *c = &g->c;

    if (low)
        code_ror_to(c, g->x64->bmi2, reg, ea, low);
    else
        code_mov_rr(c, 4, reg, ea);
    code_shift_ri(c, 4, SHIFT_SHR, reg, PAGE_SHIFT - low);
    code_rm(c, 8, OP_MOV_LOAD, reg, H_CPU, reg, 3, (i32)tlb_field(mem_access(g, write)), false);
}

u8 *gen_tlb_page(struct gen *g, unsigned reg, unsigned la, bool write)
{
    struct code *c = &g->c;

    code_page_entry(c, reg, la, tlb_field(mem_access(g, write)));
    return code_jcc_forward(c, CC_E);
}

/* The jump to the out-of-line code, when the host's condition cc holds. */
static u8 *code_miss(struct gen *g, unsigned cc)
{
    struct code *c = &g->c;

    return g->tr->options.slow_mem ? code_jmp_forward(c) : code_jcc_forward(c, cc);
}

/* The same when r13 is no valid entry. */
static u8 *code_miss_invalid(struct gen *g)
{
    code_test_rr(&g->c, 8, H_S1, H_S1);
    return code_miss(g, CC_E);
}

u8 *gen_tlb_aligned(struct gen *g, unsigned ea, unsigned size, bool write)
{
    struct code *c = &g->c;

    load_entry(g, H_S1, ea, size == 1 ? 0 : size == 2 ? 1 : 2, write);
    if (size <= 4)
        return code_miss_invalid(g);
    code_test_ri(c, 1, ea, size - 1); /* by REX, or a low byte register */
    g->crossing = code_jcc_forward(c, CC_NE);
    return code_miss_invalid(g);
}

u8 *gen_tlb(struct gen *g, unsigned ea, unsigned size, bool write)
{
    if (size <= 4)
        return gen_tlb_aligned(g, ea, size, write);
    g->crossing =
        code_page_entry_within(&g->c, g->x64->bmi2, H_S1, H_S2, ea, size, mem_access(g, write));
    return code_miss(g, CC_E);
}

/* r12 = a constant address, r13 = its TLB entry, checked as above. */
u8 *gen_tlb_constant(struct gen *g, u32 la, bool write)
{
    code_mov_ri(&g->c, H_EA, la);
    code_load_cpu(&g->c, 8, H_S1,
                  tlb_field(mem_access(g, write)) + (la >> PAGE_SHIFT) * sizeof(u64));
    return code_miss_invalid(g);
}

/* The same for the address of u, by the register that *ea becomes. */
static u8 *look_up(struct gen *g, const struct uop *u, bool write, u8 *ea)
{
    unsigned size = uop_info[u->op].size;

    if (u->a == ZERO_REG && u->b == ZERO_REG && (u->imm & PAGE_MASK) + size <= PAGE_SIZE) {
        *ea = H_EA;
        return gen_tlb_constant(g, u->imm, write);
    }
    *ea = (u8)gen_ea(g, u);
    return gen_tlb(g, *ea, size, write);
}

unsigned mem_extend_opcode(unsigned op)
{
    switch (op) {
    case U_ldzx8: return OP_MOVZX8;
    case U_ldzx16: return OP_MOVZX16;
    case U_ldsx8: return OP_MOVSX8;
    case U_ldsx16: return OP_MOVSX16;
    default: return 0;
    }
}

/* The value of a slow load goes from r13 to where the fast one would have put it. */
static void finish_load(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, opcode = mem_extend_opcode(u->op);
    unsigned d = host_reg(u->d, opcode ? 4 : size);

    if (opcode)
        code_extend(c, opcode, d, H_S1, size == 1);
    else if (is_high(d))
        gen_high_put(g, d, H_S1);
    else
        code_mov_rr(c, size, d, H_S1);
}

/* The position word for the thunk, which reads it by its return address; execution does not pass it. */
static void gen_position_word(struct gen *g)
{
    code64(&g->c, gen_position_of(g));
}

/* The same where execution does come by. */
static void skip_position_word(struct gen *g)
{
    code8(&g->c, OP_JMP_SHORT);
    code8(&g->c, 8);
    gen_position_word(g);
}

/* Load u by the thunk, right behind the position word. */
static void call_load(struct gen *g, const struct uop *u, unsigned ea, u32 arg)
{
    struct code *c = &g->c;

    code_mov_rr(c, 4, H_S2, ea); /* three bytes: MEM_LOAD_WORD */
    code_call(c, g->x64->mem_load[arg >> 8][uop_info[u->op].size >> 1]);
    finish_load(g, u);
}

void mem_call_load(struct gen *g, const struct uop *u)
{
    u32 arg = MEM_ARG(uop_info[u->op].size, mem_access(g, uop_is_ldw(u->op)));
    unsigned ea = gen_ea(g, u);

    skip_position_word(g);
    call_load(g, u, ea, arg);
}

static void slow_load(struct gen *g, const struct slow *s, const struct uop *u)
{
    gen_position_word(g);
    gen_bind_slow(g, s);
    call_load(g, u, s->ea, s->arg);
    if (s->arg >> 8 & MMU_WRITE)
        code_mov_ri(&g->c, H_S1, (u32)TLB_INVALID);
}

/* Five bytes, whatever is pushed: MEM_STORE_WORD. */
static void push_value(struct code *c, const struct uop *u, unsigned v)
{
    if (v == NO_REG) {
        code8(c, OP_PUSH_IMM);
        code32(c, u->aux);
    } else {
        code_push(c, v);
        code_nop(c, v >= R8_ ? 3 : 4);
    }
}

/* Store u by the thunk. `passed`: execution comes by where the position word is to be; else it is there. */
static void call_store(struct gen *g, const struct uop *u, unsigned ea, bool passed)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size;
    unsigned v = uop_info[u->op].format == UFMT_STI ? NO_REG : host_reg(u->d, size);

    if (is_high(v)) {
        gen_high_get(g, v, H_S2);
        v = H_S2;
        passed = true;
    }
    if (passed)
        skip_position_word(g);
    push_value(c, u, v);
    code_mov_rr(c, 4, H_S2, ea);
    code_call(c, g->x64->mem_store[mem_access(g, true)][size >> 1]);
}

void mem_call_store(struct gen *g, const struct uop *u)
{
    call_store(g, u, gen_ea(g, u), true);
}

static void slow_store(struct gen *g, const struct slow *s, const struct uop *u)
{
    if (!is_high(host_reg(u->d, uop_info[u->op].size)))
        gen_position_word(g);
    gen_bind_slow(g, s);
    call_store(g, u, s->ea, false);
}

static struct slow *load_look_up(struct gen *g, const struct uop *u, u32 arg, u8 *ea)
{
    bool write = uop_is_ldw(u->op);
    u8 *miss;

    if (!write && gen_guess_pays(g, u)) {
        *ea = (u8)gen_ea(g, u);
        return gen_guess(g, *ea, uop_info[u->op].size, arg);
    }
    miss = look_up(g, u, write, ea);
    return gen_add_slow(g, SLOW_MEM, *ea, miss, arg);
}

static void load(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, opcode = mem_extend_opcode(u->op);
    bool write = uop_is_ldw(u->op);
    unsigned d = host_reg(u->d, opcode ? 4 : size);
    u32 arg = MEM_ARG(size, mem_access(g, write));
    struct host_operand m = {.base = H_S1, .index = NO_REG};
    struct slow *s = NULL;

    BUG_ON(d == NO_REG);
    if (g->ungrouped) {
        mem_call_load(g, u);
        return;
    }
    if (g->in_copy) {
        m = gen_loop_operand(g, u);
    } else if (!gen_group_access(g, u, &m)) {
        s = load_look_up(g, u, arg, &m.index);
        if (write)
            g->rmw = u;
    }
    if (opcode) {
        code_rm(c, 4, opcode, d, m.base, m.index, m.scale, m.disp, false);
    } else if (is_high(d)) {
        code_rm(c, 4, OP_MOVZX8, H_S2, m.base, m.index, m.scale, m.disp, false);
        gen_high_put(g, d, H_S2);
    } else {
        code_rm(c, size, opcode_of(OP_MOV_LOAD8, size), d, m.base, m.index, m.scale, m.disp,
                size == 1);
    }
    if (!s)
        return;
    s->back = c->p;
}

/* Whether store u is the second half of the read-modify-write whose entry is in r13. */
static bool ends_rmw(const struct gen *g, const struct uop *u)
{
    const struct uop *l = g->rmw;

    return l && uop_info[u->op].size == uop_info[l->op].size && u->a == l->a && u->b == l->b &&
           u->scale == l->scale && u->imm == l->imm;
}

/* The address register of a load or store whose address gen_ea() has made already. */
static unsigned made_ea(const struct uop *u)
{
    return u->b == ZERO_REG && u->imm == 0 && u->a != ZERO_REG ? host_reg(u->a, 4) : H_EA;
}

/* What store u goes to. Returns its out-of-line code; NULL: it needs none. */
static struct slow *store_look_up(struct gen *g, const struct uop *u, struct host_operand *m)
{
    unsigned size = uop_info[u->op].size;
    u32 arg = MEM_ARG(size, mem_access(g, true));
    u8 *miss;

    *m = (struct host_operand){.base = H_S1, .index = NO_REG};
    if (ends_rmw(g, u)) {
        m->index = (u8)made_ea(u);
        g->straight[g->at].use = USES_ENTRY;
        return gen_add_slow(g, SLOW_MEM, m->index, code_miss_invalid(g), arg);
    }
    if (gen_group_access(g, u, m))
        return NULL;
    miss = look_up(g, u, true, &m->index);
    return gen_add_slow(g, SLOW_MEM, m->index, miss, arg);
}

static void store(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size;
    bool immediate = uop_info[u->op].format == UFMT_STI;
    unsigned v = immediate ? NO_REG : host_reg(u->d, size);
    struct host_operand m = {0};
    struct slow *s = NULL;

    BUG_ON(!immediate && v == NO_REG);
    if (g->ungrouped) {
        mem_call_store(g, u);
        return;
    }
    if (g->in_copy)
        m = gen_loop_operand(g, u);
    else
        s = store_look_up(g, u, &m);
    if (immediate) {
        code_rm(c, size, opcode_of(OP_MOV_IMM8, size), 0, m.base, m.index, m.scale, m.disp, false);
        code_imm(c, size, u->aux);
    } else {
        if (is_high(v)) {
            gen_high_get(g, v, H_S2);
            v = H_S2;
        }
        code_rm(c, size, opcode_of(OP_MOV_STORE8, size), v, m.base, m.index, m.scale, m.disp,
                size == 1);
    }
    if (s)
        s->back = c->p;
}

static void slow(struct gen *g, const struct slow *s, const struct uop *u)
{
    if (uop_family(u->op) == UFAM_STORE)
        slow_store(g, s, u);
    else
        slow_load(g, s, u);
}

static struct slow *operand(struct gen *g, const struct mem_want *want, struct host_operand *m)
{
    u8 *from = want->aligned ? gen_tlb_aligned(g, want->ea, want->size, want->write)
                             : gen_tlb(g, want->ea, want->size, want->write);

    *m = (struct host_operand){.base = H_S1, .index = (u8)want->ea};
    return gen_add_slow(g, want->kind, want->ea, from, want->arg);
}

const struct mem mem_soft = {
    .shares = true,
    .load = load,
    .store = store,
    .slow = slow,
    .operand = operand,
    .movs = gen_movs,
};
