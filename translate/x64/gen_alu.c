/* Moves, arithmetic, logic and shifts. */
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "translate/x64/x64.h"

void gen_move(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size), b;

    switch (u->op) {
    case U_mov8:
    case U_mov16:
    case U_mov32:
        if (u->b == ZERO_REG) {
            if (d == NO_REG) { /* a temporary in memory */
                code_store_cpu_imm(c, slot_field(u->d), u->imm);
            } else if (size == 1) {
                code_opcode(c, 1, OP_MOV_REG_IMM8 | (d & 7), 0, 0, d, false, true);
                code8(c, (u8)u->imm);
            } else if (size == 2) {
                code_opcode(c, 2, OP_MOV_REG_IMM | (d & 7), 0, 0, d, false, false);
                code_imm(c, 2, u->imm);
            } else {
                code_mov_ri(c, d, u->imm);
            }
            return;
        }
        b = size == 1 ? host_reg(u->b, 1) : gen_reg(g, u->b, H_S2);
        if (u->imm) {
            code_lea(c, 4, H_S2, b, NO_REG, 0, (i32)u->imm);
            b = H_S2;
        }
        BUG_ON(d == NO_REG);
        if (size == 1 && is_high(b) && !is_high(d) && d >= RSP) {
            gen_high_get(g, b, H_S2);
            b = H_S2;
        }
        if (size == 1 && is_high(d) && !is_high(b) && b >= RSP)
            gen_high_put(g, d, b);
        else
            code_mov_rr(c, size, d, b);
        return;
    case U_zx8:
    case U_sx8:
        b = host_reg(u->a, 1);
        if (is_high(b) && d >= R8_) {
            gen_high_get(g, b, d);
            b = d;
        }
        code_extend(c, u->op == U_zx8 ? OP_MOVZX8 : OP_MOVSX8, d, b, true);
        return;
    case U_zx16:
    case U_sx16:
        code_extend(c, u->op == U_zx16 ? OP_MOVZX16 : OP_MOVSX16, d, gen_reg(g, u->a, H_S2), false);
        return;
    case U_lea32:
    case U_lea16: {
        unsigned a = u->a == ZERO_REG ? NO_REG : gen_reg(g, u->a, H_S1);

        b = u->b == ZERO_REG ? NO_REG : gen_reg(g, u->b, H_S2);
        if (a == NO_REG && b == NO_REG)
            code_mov_ri(c, d, u->imm);
        else
            code_lea(c, 4, d, a, b, u->scale, (i32)u->imm);
        if (u->op == U_lea16)
            code_extend(c, OP_MOVZX16, d, d, false);
        return;
    }
    case U_bswap:
        code_mov_rr(c, 4, d, host_reg(u->a, 4));
        code_opcode(c, 4, OP_BSWAP | (d & 7), 0, 0, d, false, false);
        return;
    case U_rdsel:
        BUG_ON(d == NO_REG);
        d = host_reg(u->d, 4);
        code_rm(c, 4, OP_MOVZX16, d, H_CPU, NO_REG, 0,
                (i32)(offsetof(struct cpu, seg) + u->imm * sizeof(struct seg) +
                      offsetof(struct seg, sel)),
                false);
        return;
    default: BUG("move micro-op %u", u->op);
    }
}

/* A byte operand that can stand beside r8-r15 and SPL-DIL: high ones are brought down to scratch. */
static unsigned gen_low(struct gen *g, unsigned reg, unsigned scratch)
{
    if (!is_high(reg))
        return reg;
    gen_high_get(g, reg, scratch);
    return scratch;
}

/* The host's operation for a two-operand micro-op: where only flags count, the one that makes them. */
static enum alu alu_of(const struct uop *u)
{
    switch (uop_kind(u->op)) {
    case UK_add: return ALU_ADD;
    case UK_or: return ALU_OR;
    case UK_adc: return ALU_ADC;
    case UK_sbb: return ALU_SBB;
    case UK_and:
    case UK_test: return ALU_AND;
    case UK_sub:
    case UK_cmp: return ALU_SUB;
    case UK_xor: return ALU_XOR;
    default: BUG("no ALU operation: %s", uop_info[u->op].name);
    }
}

/* work op= source, or immediate. */
static void emit_alu(struct gen *g, unsigned size, enum alu alu, unsigned work, unsigned src,
                     u32 imm)
{
    struct code *c = &g->c;

    if (src == NO_REG)
        code_alu_ri(c, size, alu, work, imm);
    else
        code_alu_rr(c, size, alu, work, src);
}

static void gen_binary(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size;
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS;
    bool compare = uop_family(u->op) == UFAM_COMPARE, carry = uop_is_carried(u->op);
    bool by_operands =
        gen_lazy_operands(u) != LAZY_LOGIC8 + (size >> 1); /* the result is not needed */
    unsigned a = host_reg(u->a, size), b = NO_REG, d = compare ? H_S1 : host_reg(u->d, size), work;

    if (compare && !stores)
        return;
    BUG_ON(a == NO_REG || d == NO_REG);
    if (carry)
        gen_get_carry(g);
    if (u->b != ZERO_REG)
        b = size == 1 ? host_reg(u->b, 1) : gen_reg(g, u->b, H_S2);
    if (stores && !carry && by_operands) {
        gen_lazy_raw_pair(g, u);
        gen_lazy_op(g, gen_lazy_operands(u));
    }
    if (stores && carry) {
        gen_lazy_store(g, offsetof(struct cpu, lazy.a), size, a);
        if (b == NO_REG)
            code_store_cpu_imm(c, offsetof(struct cpu, lazy.b),
                               size == 4 ? u->imm : u->imm & ((1u << size * 8) - 1));
        else
            gen_lazy_store(g, offsetof(struct cpu, lazy.b), size, b);
    }
    /* Where the operation happens: in place when it can, else in r13. */
    if (!compare && u->d == u->a && !(is_high(d) && b != NO_REG && !is_high(b) && b >= RSP) &&
        !(b != NO_REG && is_high(b) && !is_high(d) && d >= RSP)) {
        work = d;
    } else {
        work = H_S1;
        if (is_high(a))
            gen_high_get(g, a, H_S1);
        else
            code_mov_rr(c, 4, H_S1, a);
        if (b != NO_REG)
            b = gen_low(g, b, H_S2);
    }
    emit_alu(g, size, alu_of(u), work, b, u->imm);
    if (stores && (carry || !by_operands)) {
        gen_lazy_store(g, offsetof(struct cpu, lazy.res), size, work);
        gen_lazy_op(g, uop_info[u->op].lazy);
    }
    gen_flags_made(g, uop_host_flags(u));
    if (!compare && work != d) {
        if (is_high(d))
            gen_high_put(g, d, work);
        else
            code_mov_rr(c, size, d, work);
    }
}

/* INC DEC NEG NOT. */
static void gen_unary(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size);
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS;

    BUG_ON(u->d != u->a || d == NO_REG);
    if (uop_family(u->op) == UFAM_STEP) {
        code_step(c, size, uop_kind(u->op) == UK_inc ? STEP_INC : STEP_DEC, d);
        if (stores)
            gen_lazy_step(g, u);
    } else {
        code_unary(c, size, uop_kind(u->op) == UK_neg ? UNARY_NEG : UNARY_NOT, d);
        if (stores) {
            code_store_cpu_imm(c, offsetof(struct cpu, lazy.a), 0);
            gen_lazy_store(g, offsetof(struct cpu, lazy.res), size, d);
            gen_lazy_op(g, uop_info[u->op].lazy);
        }
    }
    if (uop_info[u->op].flags_written)
        gen_flags_made(g, uop_host_flags(u));
}

/* MUL, IMUL of one operand. */
static void gen_mul(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS, is_signed = uop_kind(u->op) == UK_muls;
    unsigned a = host_reg(u->a, 4);

    if (stores && is_signed) {
        code_store_cpu(c, 4, RAX, offsetof(struct cpu, lazy.a));
        code_store_cpu(c, 4, a, offsetof(struct cpu, lazy.b));
    }
    code_unary(c, 4, is_signed ? UNARY_IMUL : UNARY_MUL, a);
    if (stores && !is_signed) {
        code_store_cpu(c, 4, RAX, offsetof(struct cpu, lazy.res));
        code_store_cpu(c, 4, RDX, offsetof(struct cpu, lazy.b));
    }
    if (stores)
        gen_lazy_op(g, uop_info[u->op].lazy);
    gen_flags_made(g, uop_host_flags(u));
}

/* DIV IDIV of 32 bits; divisions that might fault go to the helper. */
bool gen_div(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned a = host_reg(u->a, 4);
    u8 *slow[2] = {NULL, NULL};
    unsigned i;

    if (a == NO_REG)
        return false;
    switch (u->aux) {
    case HELP_div32: /* EDX below the divisor: no overflow, and no zero */
        code_alu_rr(c, 4, ALU_CMP, RDX, a);
        slow[0] = code_jcc_forward(c, CC_AE);
        code_unary(c, 4, UNARY_DIV, a);
        break;
    case HELP_idiv32: /* a dividend of 32 bits, and neither 0 nor -1 */
        code_mov_rr(c, 4, H_S1, RAX);
        code_shift_ri(c, 4, SHIFT_SAR, H_S1, 31);
        code_alu_rr(c, 4, ALU_CMP, H_S1, RDX);
        slow[0] = code_jcc_forward(c, CC_NE);
        code_lea(c, 4, H_S1, a, NO_REG, 0, 1);
        code_alu_ri(c, 4, ALU_CMP, H_S1, 1);
        slow[1] = code_jcc_forward(c, CC_BE);
        code_unary(c, 4, UNARY_IDIV, a);
        break;
    default: return false;
    }
    for (i = 0; i < 2 && slow[i]; i++)
        gen_add_slow(g, SLOW_HELPER, a, slow[i], 0)->back = c->p;
    return true;
}

/* BSF BSR: hosts leave the destination alone, too, when the source is zero. */
static void gen_scan(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned d = host_reg(u->d, 4), source = host_reg(u->a, 4);

    if (uop_info[u->op].traits & UT_STORES_FLAGS) {
        code_store_cpu(c, 4, source, offsetof(struct cpu, lazy.res));
        gen_lazy_op(g, uop_info[u->op].lazy);
    }
    code_rr(c, 4, uop_kind(u->op) == UK_bsf ? OP_BSF : OP_BSR, d, source);
    gen_flags_made(g, uop_host_flags(u));
}

/* The step of a double shift: SHLD or SHRD of work and b by an immediate, or by CL (count -1). */
static void double_step(struct code *c, bool left, unsigned work, unsigned b, int count)
{
    if (count < 0) {
        code_rr(c, 4, left ? OP_SHLD_CL : OP_SHRD_CL, b, work);
    } else if (count > 0) {
        code_rr(c, 4, left ? OP_SHLD_IMM : OP_SHRD_IMM, b, work);
        code8(c, (u8)count);
    }
}

/* ECX by one down or up, for a shift by one less; flags stay. */
static void step_ecx(struct code *c, i32 by)
{
    code_lea(c, 4, RCX, RCX, NO_REG, 0, by);
}

static u8 *unless_cl_zero(struct code *c)
{
    code_test_ri(c, 1, RCX, 31);
    return code_jcc_short(c, CC_E);
}

/* SHLD SHRD: the lazy state is that of a single shift whose last step did the same. */
static void gen_double_shift(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned a = host_reg(u->a, 4), b = host_reg(u->b, 4);
    bool left = uop_kind(u->op) == UK_shld, stores = uop_info[u->op].traits & UT_STORES_FLAGS;

    BUG_ON(u->d != u->a);
    if (stores) {
        code_mov_rr(c, 4, H_S1, a);
        double_step(c, left, H_S1, b, (int)u->imm - 1);
        code_store_cpu(c, 4, H_S1, offsetof(struct cpu, lazy.a));
    }
    double_step(c, left, a, b, (int)u->imm);
    if (stores) {
        code_store_cpu(c, 4, a, offsetof(struct cpu, lazy.res));
        gen_lazy_op(g, uop_info[u->op].lazy);
    }
    gen_flags_made(g, uop_host_flags(u));
}

/* The same by CL: a count of 0 touches nothing. */
static void gen_double_shift_cl(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned a = host_reg(u->a, 4), b = host_reg(u->b, 4);
    bool left = uop_kind(u->op) == UK_shldv;
    u8 *none;

    BUG_ON(u->d != u->a);
    if (!(uop_info[u->op].traits & UT_STORES_FLAGS)) {
        double_step(c, left, a, b, -1);
        return;
    }
    if (b == RCX) {
        code_mov_rr(c, 4, H_S2, b);
        b = H_S2;
    }
    none = unless_cl_zero(c);
    code_mov_rr(c, 4, H_S1, a);
    step_ecx(c, -1);
    double_step(c, left, H_S1, b, -1);
    step_ecx(c, 1);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, lazy.a));
    double_step(c, left, a, b, -1);
    code_store_cpu(c, 4, a, offsetof(struct cpu, lazy.res));
    gen_lazy_op(g, uop_info[u->op].lazy);
    code_bind_short(c, none);
}

static void gen_imul(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size), a = host_reg(u->a, size);

    if (uop_info[u->op].traits & UT_STORES_FLAGS) {
        gen_lazy_raw_pair(g, u);
        gen_lazy_op(g, uop_info[u->op].lazy);
    }
    if (u->b == ZERO_REG) {
        code_imul_ri(c, size, d, a, u->imm);
    } else if (u->d == u->a) {
        code_rr(c, size, OP_IMUL, d, gen_reg(g, u->b, H_S2));
    } else {
        BUG("imul form");
    }
    gen_flags_made(g, uop_host_flags(u));
}

/* BTS BTR BTC whose flag nobody looks at. */
static void gen_bit(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size);
    enum uop_kind kind = uop_kind(u->op);
    enum bit_op bit = kind == UK_bts ? BIT_BTS : kind == UK_btr ? BIT_BTR : BIT_BTC;

    BUG_ON(u->d != u->a);
    if (u->b == ZERO_REG) {
        code_bit_ri(c, size, bit, d, u->imm & (size * 8 - 1));
    } else {
        code_bit_rr(c, size, bit, d, gen_reg(g, u->b, H_S2));
    }
}

static void gen_cmpxsel(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, a = host_reg(u->a, size), b = host_reg(u->b, size);
    unsigned d = host_reg(u->d, 4);

    BUG_ON(is_high(a) || d == a || d == b);
    if (is_high(b)) {
        gen_high_get(g, b, H_S2);
        b = H_S2;
    }
    code_alu_rr(c, size, ALU_CMP, a, RAX);
    code_mov_rr(c, 4, d, a);
    code_rr(c, 4, OP_CMOV | CC_E, d, b);
}

void gen_alu(struct gen *g, const struct uop *u)
{
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS;

    switch (uop_family(u->op)) {
    case UFAM_BINARY:
    case UFAM_CARRY:
    case UFAM_COMPARE: gen_binary(g, u); break;
    case UFAM_STEP:
    case UFAM_UNARY: gen_unary(g, u); break;
    case UFAM_IMUL: gen_imul(g, u); break;
    case UFAM_MUL: gen_mul(g, u); break;
    case UFAM_SCAN: gen_scan(g, u); break;
    case UFAM_DOUBLE: gen_double_shift(g, u); break;
    case UFAM_DOUBLE_CL: gen_double_shift_cl(g, u); break;
    case UFAM_BIT_TEST: /* whose flag nobody looks at does nothing */
        if (stores)
            gen_slow_op(g, u);
        break;
    case UFAM_BIT_CHANGE: (stores ? gen_slow_op : gen_bit)(g, u); break;
    case UFAM_SELECT: gen_cmpxsel(g, u); break;
    default: BUG("no arithmetic: %s", uop_info[u->op].name);
    }
}

/* SHL SHR SAR of 32 bits by CL, with flags: a count of 0 touches nothing. */
static void gen_shift_cl(struct gen *g, const struct uop *u, enum shift shift)
{
    struct code *c = &g->c;
    unsigned d = host_reg(u->d, 4);
    u8 *none = unless_cl_zero(c);

    code_mov_rr(c, 4, H_S1, d);
    step_ecx(c, -1);
    code_shift_cl(c, 4, shift, H_S1);
    step_ecx(c, 1);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, lazy.a));
    code_shift_cl(c, 4, shift, d);
    code_store_cpu(c, 4, d, offsetof(struct cpu, lazy.res));
    gen_lazy_op(g, uop_info[u->op].lazy);
    code_bind_short(c, none);
}

static enum shift shift_of(const struct uop *u)
{
    switch (uop_kind(u->op)) {
    case UK_rol:
    case UK_rolv: return SHIFT_ROL;
    case UK_ror:
    case UK_rorv: return SHIFT_ROR;
    case UK_shl:
    case UK_shlv: return SHIFT_SHL;
    case UK_shr:
    case UK_shrv: return SHIFT_SHR;
    case UK_sar:
    case UK_sarv: return SHIFT_SAR;
    default: BUG("no shift: %s", uop_info[u->op].name);
    }
}

void gen_shift(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size);
    enum shift shift = shift_of(u);
    enum uop_family family = uop_family(u->op);
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS;
    bool variable = family == UFAM_SHIFT_CL || family == UFAM_ROTATE_CL;
    bool rotates = family == UFAM_ROTATE || family == UFAM_ROTATE_CL;
    u8 *none = NULL;

    if (stores && family == UFAM_SHIFT_CL && size == 4 && u->d == u->a && d != NO_REG) {
        gen_shift_cl(g, u, shift);
        return;
    }
    if (stores && family == UFAM_SHIFT_CL) {
        gen_slow_op(g, u);
        return;
    }
    if (stores && !rotates) {
        gen_lazy_raw(g, offsetof(struct cpu, lazy.a), u->a, size);
        gen_lazy_op(g, uop_info[u->op].lazy | LAZY_COUNT(u->imm));
    }
    BUG_ON(d == NO_REG);
    if (u->d != u->a) {
        BUG_ON(size == 1);
        code_mov_rr(c, 4, d, host_reg(u->a, 4));
    }
    if (stores && rotates) {
        none = variable ? unless_cl_zero(c) : NULL;
        gen_lazy_rotating(g);
    }
    if (variable) {
        BUG_ON(u->b != REG32(R_ECX));
        code_shift_cl(c, size, shift, d);
    } else {
        code_shift_ri(c, size, shift, d, u->imm);
        gen_flags_made(g, uop_host_flags(u));
    }
    if (stores && rotates)
        gen_lazy_rotated(g, u, shift == SHIFT_ROR);
    if (none)
        code_bind_short(c, none);
}
