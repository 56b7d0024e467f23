/* Guest flags in native code: storing them, and getting at them. */
#include "cpu/flags.h"
#include "translate/flags/restore.h"
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
        code_xchg8(c, reg - AH, reg);
        code_store_cpu(c, 1, reg - AH, field);
        code_xchg8(c, reg - AH, reg);
    } else {
        code_store_cpu(c, size, reg, field);
    }
}

void gen_lazy_op(struct gen *g, unsigned op)
{
    code_store_cpu_imm(&g->c, offsetof(struct cpu, lazy.op), op);
}

/* A register operand of a producer, where host instructions can have it beside others: high bytes and
 * memory temporaries are brought to scratch. */
static unsigned operand(struct gen *g, u8 offset, unsigned size, unsigned scratch)
{
    unsigned reg = size == 1 ? host_reg(offset, 1) : gen_reg(g, offset, scratch);

    if (is_high(reg)) {
        gen_high_get(g, reg, scratch);
        return scratch;
    }
    return reg;
}

/* What is in the register at `offset`, which term v says where to find: its host register, or scratch. Flags stay. */
static unsigned term_reg(struct gen *g, const struct term *v, u8 offset, unsigned size,
                         unsigned scratch)
{
    struct code *c = &g->c;
    unsigned reg;

    if (v->slot == R_ZERO) {
        code_mov_ri(c, scratch, v->n);
        return scratch;
    }
    reg = operand(g, (u8)(REG32(v->slot) | (offset & 3)), size, scratch);
    if (!v->n)
        return reg;
    code_lea(c, 4, scratch, reg, NO_REG, 0, (i32)v->n);
    return scratch;
}

/* op work, b - of the producer u. Clobbers r15. */
static void with_b(struct gen *g, const struct uop *u, const struct sources *s, unsigned alu,
                   unsigned work)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size;

    if (s->b.slot == R_ZERO)
        code_alu_ri(c, size, alu, work, s->b.n);
    else
        code_alu_rr(c, size, alu, work, term_reg(g, &s->b, u->b, size, H_S2));
}

/* Of producers whose operands are left. */
static void remake_compare(struct gen *g, const struct uop *u, const struct sources *s)
{
    unsigned size = uop_info[u->op].size, a = term_reg(g, &s->a, u->a, size, H_S1);
    struct code *c = &g->c;

    if (uop_kind(u->op) == UK_cmp || uop_kind(u->op) == UK_sub) {
        with_b(g, u, s, ALU_CMP, a);
    } else if (uop_kind(u->op) == UK_add) {
        code_mov_rr(c, 4, H_S1, a);
        with_b(g, u, s, ALU_ADD, H_S1);
    } else if (uop_kind(u->op) == UK_test) {
        if (s->b.slot == R_ZERO) {
            code_test_ri(c, size, a, s->b.n);
        } else {
            code_test_rr(c, size, term_reg(g, &s->b, u->b, size, H_S2), a);
        }
    } else if (s->b.slot == R_ZERO) { /* BT */
        code_bit_ri(c, size, BIT_BT, a, s->b.n & (size * 8 - 1));
    } else {
        code_bit_rr(c, size, BIT_BT, a, term_reg(g, &s->b, u->b, size, H_S2));
    }
}

/* AND OR XOR: their flags are the result's. */
static bool is_logic(const struct uop *u)
{
    return uop_family(u->op) == UFAM_BINARY &&
           uop_info[u->op].lazy == LAZY_LOGIC8 + (uop_info[u->op].size >> 1);
}

/* Host flags as producer p made them, from registers. Clobbers r13 and r15. Only for p and needs that
 * opt_flags_source() gave. */
static void remake_flags(struct gen *g, unsigned p, u8 need)
{
    const struct uop *u = &g->b->uop[p];
    unsigned size = uop_info[u->op].size, a;
    struct code *c = &g->c;
    struct sources s = {.carry = -1};
    enum uop_kind kind = uop_kind(u->op);
    enum uop_family family = uop_family(u->op);
    bool all = late_sources(g->b->uop, p, g->at, false, &s);

    if (family == UFAM_SCAN) {
        a = term_reg(g, &s.a, u->a, size, H_S1);
        code_test_rr(c, 4, a, a);
    } else if (family == UFAM_COMPARE || family == UFAM_BIT_TEST || (all && !s.has_res)) {
        remake_compare(g, u, &s);
    } else if (family == UFAM_ROTATE) { /* CF alone */
        a = term_reg(g, &s.res, u->d, size, H_S1);
        code_bit_ri(c, 4, BIT_BT, a, kind == UK_rol ? 0 : size * 8 - 1);
    } else if (!(need & ~(UF_Z | UF_S | UF_P)) || is_logic(u)) {
        a = term_reg(g, &s.res, u->d, size, H_S1);
        code_test_rr(c, size, a, a);
    } else { /* undo the last step in r13, and do it again */
        a = term_reg(g, &s.res, u->d, size, H_S1);
        code_mov_rr(c, 4, H_S1, a);
        if (kind == UK_add) {
            with_b(g, u, &s, ALU_SUB, H_S1);
            with_b(g, u, &s, ALU_ADD, H_S1);
        } else if (kind == UK_sub) {
            with_b(g, u, &s, ALU_ADD, H_S1);
            with_b(g, u, &s, ALU_SUB, H_S1);
        } else if (kind == UK_neg) {
            code_unary(c, size, UNARY_NEG, H_S1);
            code_unary(c, size, UNARY_NEG, H_S1);
        } else {
            bool inc = kind == UK_inc;

            code_step(c, size, inc ? STEP_DEC : STEP_INC, H_S1);
            code_step(c, size, inc ? STEP_INC : STEP_DEC, H_S1);
        }
    }
}

/* Whether the host's flags hold those in need; makes them when they can be made from registers. */
static bool host_has(struct gen *g, u8 need)
{
    int p;

    if (g->flags_uop >= 0 && !(need & ~g->flags_valid)) {
        if (!g->ungrouped && !g->in_copy)
            g->straight[g->at].reads_host_flags = true;
        return true;
    }
    g->flags_uop = -1; /* whichever way they come, the host's are lost */
    p = opt_flags_source(g->b->uop, g->at, need);
    if (p < 0)
        return false;
    remake_flags(g, (unsigned)p, need);
    return true;
}

/* The producer in this block whose flags cpu->lazy holds at the current micro-op, as far as `need` goes; NULL
 * when that is not known here. */
static const struct uop *stored_producer(const struct gen *g, u8 need)
{
    const struct uop *u;

    for (u = &g->b->uop[g->at]; u-- > g->b->uop;) {
        u8 written = uop_flags_written(u);
        u16 traits = uop_info[u->op].traits;

        if (uop_is_flag_call(u))
            return NULL;
        if (traits & UT_STORES_FLAGS && uop_info[u->op].flags_written == UF_ALL &&
            !(traits & UT_MAYBE_FLAGS))
            return u;
        if (written & need || (written && !uop_is_producer(u->op)) || traits & UT_MAYBE_FLAGS)
            return NULL;
    }
    return NULL;
}

/* r13 = a field of cpu->lazy; then opcode r13, field (of size bytes). */
static void load_and(struct gen *g, unsigned size, size_t first, enum opcode bytes, size_t second)
{
    struct code *c = &g->c;

    code_load_cpu(c, 4, H_S1, first);
    code_rm(c, size, opcode_of(bytes, size), H_S1, H_CPU, NO_REG, 0, (i32)second, size == 1);
}

/* Host flags = those in cpu->lazy. Clobbers r13. False when the producer is not known here. */
static bool known_stored(struct gen *g, u8 need)
{
    const size_t a = offsetof(struct cpu, lazy.a), b = offsetof(struct cpu, lazy.b);
    const size_t res = offsetof(struct cpu, lazy.res);
    const struct uop *u = stored_producer(g, need);
    unsigned size = u ? uop_info[u->op].size : 0;

    if (!u)
        return false;
    switch (uop_kind(u->op)) {
    case UK_cmp:
    case UK_sub: load_and(g, size, a, ALU_CMP << 3 | OP_ALU_RM8, b); return true;
    case UK_add: load_and(g, size, a, ALU_ADD << 3 | OP_ALU_RM8, b); return true;
    case UK_test: load_and(g, size, a, OP_TEST8, b); return true;
    case UK_and:
    case UK_or:
    case UK_xor: load_and(g, size, res, OP_TEST8, res); return true;
    default: return false;
    }
}

void gen_need_flags(struct gen *g, unsigned cc)
{
    u8 need = uop_cc_flags(cc);

    if (host_has(g, need) || known_stored(g, need))
        return;
    g->calls_out = true;
    code_call(&g->c, g->x64->load_flags);
}

void gen_get_carry(struct gen *g)
{
    struct code *c = &g->c;

    if (host_has(g, UF_C) || known_stored(g, UF_C))
        return;
    g->calls_out = true;
    code_call(c, g->x64->get_cf);
    code_bit_ri(c, 4, BIT_BT, H_S1, 0);
}

/* A field of cpu->lazy = operand, of which only the producer's size counts. */
void gen_lazy_raw(struct gen *g, size_t field, u8 offset, unsigned size)
{
    unsigned reg = operand(g, offset, size, H_S1);

    code_store_cpu(&g->c, 4, reg, field);
}

/* The byte of cpu->lazy.op that starts at bit `shift` = value. */
static void lazy_op_byte(struct gen *g, unsigned shift, unsigned value)
{
    code_rm(&g->c, 1, OP_MOV_IMM8, 0, H_CPU, NO_REG, 0,
            (i32)(offsetof(struct cpu, lazy.op) + shift / 8), false);
    code8(&g->c, (u8)value);
}

void gen_lazy_step(struct gen *g, const struct uop *u)
{
    unsigned size = uop_info[u->op].size;

    gen_lazy_raw(g, offsetof(struct cpu, lazy.step), u->d, size);
    lazy_op_byte(g, LAZY_STEP_SHIFT, uop_info[u->op].lazy);
}

void gen_lazy_rotating(struct gen *g)
{
    code_alu_cpu(&g->c, 1, ALU_OR, offsetof(struct cpu, lazy.op) + LAZY_STEP_SHIFT / 8,
                 LAZY_ROTATED_OF >> LAZY_STEP_SHIFT);
}

void gen_lazy_rotated(struct gen *g, const struct uop *u, bool right)
{
    unsigned size = uop_info[u->op].size;

    gen_lazy_raw(g, offsetof(struct cpu, lazy.rotated), u->d, size);
    lazy_op_byte(g, LAZY_ROTATED_SHIFT, (right ? LAZY_ROR8 : LAZY_ROL8) + (size >> 1));
}

unsigned gen_lazy_operands(const struct uop *u)
{
    const struct uop_info *info = &uop_info[u->op];
    unsigned which = info->size >> 1;

    switch (info->lazy - which) {
    case LAZY_ADD8: return LAZY_SUM8 + which;
    case LAZY_SUB8: return LAZY_CMP8 + which;
    case LAZY_LOGIC8: return info->family == UFAM_COMPARE ? LAZY_TEST8 + which : info->lazy;
    default: return info->lazy;
    }
}

void gen_lazy_raw_pair(struct gen *g, const struct uop *u)
{
    unsigned size = uop_info[u->op].size;

    gen_lazy_raw(g, offsetof(struct cpu, lazy.a), u->a, size);
    if (u->b == ZERO_REG)
        code_store_cpu_imm(&g->c, offsetof(struct cpu, lazy.b), u->imm);
    else
        gen_lazy_raw(g, offsetof(struct cpu, lazy.b), u->b, size);
}

/* A field of cpu->lazy = the register at `offset`, of which size bytes count. */
static void store_term(struct gen *g, size_t field, const struct term *v, u8 offset, unsigned size)
{
    if (v->slot == R_ZERO)
        code_store_cpu_imm(&g->c, field, v->n);
    else
        code_store_cpu(&g->c, 4, term_reg(g, v, offset, size, H_S1), field);
}

/* Of ADC or SBB: its first operand is made again, with the carry. All fields are whole but of the size. */
static void store_carried(struct gen *g, const struct uop *u, const struct sources *s)
{
    const size_t f_a = offsetof(struct cpu, lazy.a), f_b = offsetof(struct cpu, lazy.b);
    unsigned size = uop_info[u->op].size, res;
    bool adds = uop_kind(u->op) == UK_adc;

    remake_flags(g, (unsigned)s->carry, UF_C);
    res = term_reg(g, &s->res, u->d, size, H_S1);
    code_mov_rr(&g->c, 4, H_S1, res);
    with_b(g, u, s, adds ? ALU_SBB : ALU_ADC, H_S1);
    gen_lazy_store(g, f_a, size, H_S1);
    gen_lazy_store(g, f_b, size, term_reg(g, &s->b, u->b, size, H_S1));
    gen_lazy_store(g, offsetof(struct cpu, lazy.res), size, term_reg(g, &s->res, u->d, size, H_S1));
    gen_lazy_op(g, uop_info[u->op].lazy);
}

/* cpu->lazy from the registers of unstored producer p. Clobbers r13 and r15. */
static void store_late(struct gen *g, unsigned p)
{
    const struct uop *u = &g->b->uop[p];
    const struct uop_info *info = &uop_info[u->op];
    unsigned size = info->size, which = size >> 1;
    const size_t f_res = offsetof(struct cpu, lazy.res), f_a = offsetof(struct cpu, lazy.a);
    const size_t f_b = offsetof(struct cpu, lazy.b);
    bool add = info->kind == UK_add, sub = info->kind == UK_sub;
    struct sources s = {.carry = -1};

    BUG_ON(!late_sources(g->b->uop, p, g->at, true, &s));
    if ((add || sub) && s.has_res) {
        store_term(g, f_res, &s.res, u->d, size);
        store_term(g, f_b, &s.b, u->b, size);
        gen_lazy_op(g, (add ? LAZY_ADDED8 : LAZY_SUBBED8) + which);
        return;
    }
    switch (info->family) {
    case UFAM_CARRY: store_carried(g, u, &s); return;
    case UFAM_STEP:
        store_term(g, offsetof(struct cpu, lazy.step), &s.res, u->d, size);
        lazy_op_byte(g, LAZY_STEP_SHIFT, info->lazy);
        return;
    case UFAM_UNARY: /* NEG, 0 - a: by the result and what it is to be 0 with */
        code_store_cpu_imm(&g->c, f_a, 0);
        gen_lazy_op(g, info->lazy);
        gen_lazy_store(g, f_res, size, term_reg(g, &s.res, u->d, size, H_S1));
        return;
    case UFAM_SHIFT:
        store_term(g, f_a, &s.a, u->a, size);
        gen_lazy_op(g, info->lazy | LAZY_COUNT(u->imm));
        return;
    case UFAM_MUL:
        store_term(g, f_res, &s.res, REG32(R_EAX), 4);
        store_term(g, f_b, &s.b, REG32(R_EDX), 4);
        gen_lazy_op(g, info->lazy);
        return;
    case UFAM_SCAN:
        store_term(g, f_res, &s.a, u->a, size);
        gen_lazy_op(g, info->lazy);
        return;
    default: break;
    }
    if (is_logic(u)) {
        store_term(g, f_res, &s.res, u->d, size);
        gen_lazy_op(g, info->lazy);
        return;
    }
    store_term(g, f_a, &s.a, u->a, size); /* ADD SUB CMP TEST IMUL */
    store_term(g, f_b, &s.b, u->b, size);
    gen_lazy_op(g, gen_lazy_operands(u));
}

static bool is_unstored(const struct uop *u)
{
    return (uop_info[u->op].traits & UT_PAIR) && u->live;
}

/* The unstored producers that make up the flags at micro-op `end`: the last that defines all, and an INC
 * or DEC behind it. Earlier ones may have lost their registers. -1: none. */
static void late_producers(const struct block *b, unsigned end, int *full, int *part)
{
    *full = *part = -1;
    for (int i = (int)end - 1; i >= 0; i--) {
        const struct uop *u = &b->uop[i];
        const struct uop_info *info = &uop_info[u->op];

        if (!is_unstored(u)) {
            if (!(info->traits & UT_PAIR) && uop_flags_written(u))
                return; /* it stores them */
        } else if (info->flags_written == UF_ALL) {
            *full = i;
            return;
        } else if (*part < 0) {
            *part = i;
        }
    }
}

bool gen_has_late(const struct gen *g)
{
    int full, part;

    late_producers(g->b, g->at, &full, &part);
    return full >= 0 || part >= 0;
}

/* The registers of producer p, when nothing behind it writes any before `end`; else all. */
static u32 slots_of(const struct block *b, int p, unsigned end)
{
    const struct uop *u = &b->uop[p];

    if (p < 0)
        return 0;
    for (unsigned i = (unsigned)p + 1; i < end; i++)
        if (uop_slots_written(&b->uop[i]))
            return UINT32_MAX;
    return 1u << (u->a >> 2) | 1u << (u->b >> 2) | 1u << (u->d >> 2);
}

u32 gen_late_slots(const struct gen *g, unsigned end)
{
    int full, part;

    late_producers(g->b, end, &full, &part);
    return slots_of(g->b, full, end) | slots_of(g->b, part, end);
}

bool gen_store_late(struct gen *g)
{
    int full, part;

    late_producers(g->b, g->at, &full, &part);
    if (full >= 0)
        store_late(g, (unsigned)full);
    if (part >= 0)
        store_late(g, (unsigned)part);
    return full < 0 || uop_family(g->b->uop[full].op) != UFAM_CARRY;
}

void gen_condition(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, b;

    gen_need_flags(g, u->aux);
    if (u->op == U_setcc) {
        code_rr(c, 1, OP_SETCC | u->aux, 0, host_reg(u->d, 1));
        return;
    }
    b = gen_reg(g, u->b, H_S2);
    code_rr(c, size, OP_CMOV | u->aux, host_reg(u->d, size), b);
}

void gen_flag_op(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;

    code_call(c, g->x64->save);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_mov_ri64(c, RSI, (u64)(uintptr_t)u);
    code_call_c(c, (const void *)(uintptr_t)&uop_exec_flag_op);
    code_call(c, g->x64->load);
}
