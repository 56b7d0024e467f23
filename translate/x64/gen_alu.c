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
                code_opcode(c, 1, 0xb0 | (d & 7), 0, 0, d, false, true);
                code8(c, (u8)u->imm);
            } else if (size == 2) {
                code_opcode(c, 2, 0xb8 | (d & 7), 0, 0, d, false, false);
                code_imm(c, 2, u->imm);
            } else {
                code_mov_ri(c, d, u->imm);
            }
            return;
        }
        b = size == 1 ? host_reg(u->b, 1) : gen_reg(g, u->b, H_S2);
        if (u->imm) {
            code_rm(c, 4, 0x8d, H_S2, b, NO_REG, 0, (i32)u->imm, false);
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
        code_extend(c, u->op == U_zx8 ? 0x0fb6 : 0x0fbe, d, b, true);
        return;
    case U_zx16:
    case U_sx16:
        code_extend(c, u->op == U_zx16 ? 0x0fb7 : 0x0fbf, d, gen_reg(g, u->a, H_S2), false);
        return;
    case U_lea32:
    case U_lea16: {
        unsigned a = u->a == ZERO_REG ? NO_REG : gen_reg(g, u->a, H_S1);

        b = u->b == ZERO_REG ? NO_REG : gen_reg(g, u->b, H_S2);
        if (a == NO_REG && b == NO_REG)
            code_mov_ri(c, d, u->imm);
        else
            code_rm(c, 4, 0x8d, d, a, b, u->scale, (i32)u->imm, false);
        if (u->op == U_lea16)
            code_extend(c, 0x0fb7, d, d, false);
        return;
    }
    case U_bswap:
        code_mov_rr(c, 4, d, host_reg(u->a, 4));
        code_opcode(c, 4, 0x0fc8 | (d & 7), 0, 0, d, false, false);
        return;
    case U_rdsel:
        BUG_ON(d == NO_REG);
        d = host_reg(u->d, 4);
        code_rm(c, 4, 0x0fb7, d, H_CPU, NO_REG, 0,
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

enum alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP, ALU_TEST };

/* What a two-operand micro-op is: its operation, and the lazy operation of 8 bits. */
static bool alu_of(unsigned op, enum alu *alu, unsigned *lazy8)
{
    static const struct {
        u16 first;
        u8 alu, lazy8;
    } table[] = {{U_add8, ALU_ADD, LAZY_SUM8},   {U_or8, ALU_OR, LAZY_LOGIC8},
                 {U_adc8, ALU_ADC, LAZY_ADC8},   {U_sbb8, ALU_SBB, LAZY_SBB8},
                 {U_and8, ALU_AND, LAZY_LOGIC8}, {U_sub8, ALU_SUB, LAZY_CMP8},
                 {U_xor8, ALU_XOR, LAZY_LOGIC8}, {U_cmp8, ALU_CMP, LAZY_CMP8},
                 {U_test8, ALU_TEST, LAZY_TEST8}};
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(table); i++)
        if (op >= table[i].first && op < table[i].first + 6u) {
            *alu = table[i].alu;
            *lazy8 = table[i].lazy8;
            return true;
        }
    return false;
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

static void gen_binary(struct gen *g, const struct uop *u, enum alu alu, unsigned lazy8)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size;
    bool stores = uop_info[u->op].traits & UT_STORES;
    bool compare = alu == ALU_CMP || alu == ALU_TEST, carry = alu == ALU_ADC || alu == ALU_SBB;
    unsigned a = host_reg(u->a, size), b = NO_REG, d = compare ? H_S1 : host_reg(u->d, size), work;

    if (compare && !stores)
        return;
    BUG_ON(a == NO_REG || d == NO_REG);
    if (carry)
        gen_get_carry(g);
    if (u->b != ZERO_REG)
        b = size == 1 ? host_reg(u->b, 1) : gen_reg(g, u->b, H_S2);
    if (stores && !carry && lazy8 != LAZY_LOGIC8) {
        gen_lazy_raw_pair(g, u);
        gen_lazy_op(g, lazy8 + (size >> 1));
    }
    if (stores && carry) {
        gen_lazy_store(g, offsetof(struct cpu, lazy.a), size, a);
        if (b == NO_REG)
            code_store_cpu_imm(c, offsetof(struct cpu, lazy.b),
                               size == 4 ? u->imm : u->imm & ((1u << size * 8) - 1));
        else
            gen_lazy_store(g, offsetof(struct cpu, lazy.b), size, b);
    }
    if (alu == ALU_CMP)
        alu = ALU_SUB;
    if (alu == ALU_TEST)
        alu = ALU_AND;
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
    emit_alu(g, size, alu, work, b, u->imm);
    if (stores && (carry || lazy8 == LAZY_LOGIC8)) {
        gen_lazy_store(g, offsetof(struct cpu, lazy.res), size, work);
        gen_lazy_op(g, lazy8 + (size >> 1));
    }
    gen_set_hf(g, UF_ALL);
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
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size), opcode, ext, lazy8;
    bool stores = uop_info[u->op].traits & UT_STORES;

    BUG_ON(u->d != u->a || d == NO_REG);
    if (u->op >= U_inc8 && u->op <= U_inc32_f) {
        opcode = 0xfe, ext = 0, lazy8 = LAZY_INC8;
    } else if (u->op >= U_dec8 && u->op <= U_dec32_f) {
        opcode = 0xfe, ext = 1, lazy8 = LAZY_DEC8;
    } else {
        opcode = 0xf6, ext = u->op <= U_neg32_f ? 3 : 2, lazy8 = LAZY_SUB8;
    }
    code_rr(c, size, opcode | (size > 1), ext, d);
    if (stores && lazy8 == LAZY_SUB8) {
        code_store_cpu_imm(c, offsetof(struct cpu, lazy.a), 0);
        gen_lazy_store(g, offsetof(struct cpu, lazy.res), size, d);
        gen_lazy_op(g, lazy8 + (size >> 1));
    } else if (stores) {
        gen_lazy_step(g, u, lazy8);
    }
    if (opcode == 0xf6 ? ext == 3 : true)
        gen_set_hf(g, lazy8 == LAZY_SUB8 ? UF_ALL : UF_ALL & ~UF_C);
}

/* MUL, IMUL of one operand. */
static void gen_mul(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    bool stores = uop_info[u->op].traits & UT_STORES, is_signed = u->op >= U_muls32;
    unsigned a = host_reg(u->a, 4);

    if (stores && is_signed) {
        code_store_cpu(c, 4, RAX, offsetof(struct cpu, lazy.a));
        code_store_cpu(c, 4, a, offsetof(struct cpu, lazy.b));
    }
    code_rr(c, 4, 0xf7, is_signed ? 5 : 4, a);
    if (stores && !is_signed) {
        code_store_cpu(c, 4, RAX, offsetof(struct cpu, lazy.res));
        code_store_cpu(c, 4, RDX, offsetof(struct cpu, lazy.b));
    }
    if (stores)
        gen_lazy_op(g, is_signed ? LAZY_IMUL32 : LAZY_MUL32);
    gen_set_hf(g, UF_C | UF_O);
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
        code_alu_rr(c, 4, 7, RDX, a);
        slow[0] = code_jcc(c, CC_AE, code_here(c));
        code_rr(c, 4, 0xf7, 6, a);
        break;
    case HELP_idiv32: /* a dividend of 32 bits, and neither 0 nor -1 */
        code_mov_rr(c, 4, H_S1, RAX);
        code_rr(c, 4, 0xc1, 7, H_S1);
        code8(c, 31);
        code_alu_rr(c, 4, 7, H_S1, RDX);
        slow[0] = code_jcc(c, CC_NE, code_here(c));
        code_rm(c, 4, 0x8d, H_S1, a, NO_REG, 0, 1, false);
        code_alu_ri(c, 4, 7, H_S1, 1);
        slow[1] = code_jcc(c, CC_BE, code_here(c));
        code_rr(c, 4, 0xf7, 7, a);
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

    if (uop_info[u->op].traits & UT_STORES) {
        code_store_cpu(c, 4, source, offsetof(struct cpu, lazy.res));
        gen_lazy_op(g, LAZY_LOGIC32);
    }
    code_rr(c, 4, u->op < U_bsr32 ? 0x0fbc : 0x0fbd, d, source);
    gen_set_hf(g, UF_Z);
}

/* The step of a double shift: SHLD or SHRD of work and b by an immediate, or by CL (count -1). */
static void double_step(struct code *c, bool left, unsigned work, unsigned b, int count)
{
    unsigned opcode = left ? 0x0fa4 : 0x0fac;

    if (count == 0)
        return;
    code_rr(c, 4, count < 0 ? opcode + 1 : opcode, b, work);
    if (count > 0)
        code8(c, (u8)count);
}

/* ECX by one down or up, for a shift by one less; flags stay. */
static void step_ecx(struct code *c, i32 by)
{
    code_rm(c, 4, 0x8d, RCX, RCX, NO_REG, 0, by, false);
}

static u8 *unless_cl_zero(struct code *c)
{
    code_rr(c, 1, 0xf6, 0, RCX); /* test cl, 31 */
    code8(c, 31);
    return code_jcc_short(c, CC_E);
}

/* SHLD SHRD: the lazy state is that of a single shift whose last step did the same. */
static void gen_double_shift(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned a = host_reg(u->a, 4), b = host_reg(u->b, 4);
    bool left = u->op < U_shrd32, stores = uop_info[u->op].traits & UT_STORES;

    BUG_ON(u->d != u->a);
    if (stores) {
        code_mov_rr(c, 4, H_S1, a);
        double_step(c, left, H_S1, b, (int)u->imm - 1);
        code_store_cpu(c, 4, H_S1, offsetof(struct cpu, lazy.a));
    }
    double_step(c, left, a, b, (int)u->imm);
    if (stores) {
        code_store_cpu(c, 4, a, offsetof(struct cpu, lazy.res));
        gen_lazy_op(g, left ? LAZY_SHL32 : LAZY_SHR32);
    }
    gen_set_hf(g, u->imm == 1 ? UF_ALL & ~UF_A : UF_C | UF_Z | UF_S | UF_P);
}

/* The same by CL: a count of 0 touches nothing. */
static void gen_double_shift_cl(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned a = host_reg(u->a, 4), b = host_reg(u->b, 4);
    bool left = u->op < U_shrdv32;
    u8 *none;

    BUG_ON(u->d != u->a);
    if (!(uop_info[u->op].traits & UT_STORES)) {
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
    gen_lazy_op(g, left ? LAZY_SHL32 : LAZY_SHR32);
    code_land(c, none);
}

static void gen_imul(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size), a = host_reg(u->a, size);

    if (uop_info[u->op].traits & UT_STORES) {
        gen_lazy_raw_pair(g, u);
        gen_lazy_op(g, LAZY_IMUL8 + (size >> 1));
    }
    if (u->b == ZERO_REG) {
        code_rr(c, size, 0x69, d, a);
        code_imm(c, size, u->imm);
    } else if (u->d == u->a) {
        code_rr(c, size, 0x0faf, d, gen_reg(g, u->b, H_S2));
    } else {
        BUG("imul form");
    }
    gen_set_hf(g, UF_C | UF_O);
}

/* BTS BTR BTC whose flag nobody looks at; BT then does nothing. */
static void gen_bit(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size), ext;

    if (u->op <= U_bt32_f)
        return;
    ext = u->op <= U_bts32_f ? 5 : u->op <= U_btr32_f ? 6 : 7;
    BUG_ON(u->d != u->a);
    if (u->b == ZERO_REG) {
        code_rr(c, size, 0x0fba, ext, d);
        code8(c, (u8)(u->imm & (size * 8 - 1)));
    } else {
        code_rr(c, size, 0x0f83 | ext << 3, gen_reg(g, u->b, H_S2), d);
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
    code_alu_rr(c, size, 7, a, RAX);
    code_mov_rr(c, 4, d, a);
    code_rr(c, 4, 0x0f40 | CC_E, d, b);
}

void gen_alu(struct gen *g, const struct uop *u)
{
    enum alu alu;
    unsigned lazy8;

    if (alu_of(u->op, &alu, &lazy8))
        gen_binary(g, u, alu, lazy8);
    else if (u->op >= U_inc8 && u->op <= U_not32)
        gen_unary(g, u);
    else if (u->op >= U_imul16 && u->op <= U_imul32_f)
        gen_imul(g, u);
    else if (u->op >= U_mul32 && u->op <= U_muls32_f)
        gen_mul(g, u);
    else if (u->op >= U_bsf32 && u->op <= U_bsr32_f)
        gen_scan(g, u);
    else if (u->op >= U_shld32 && u->op <= U_shrd32_f)
        gen_double_shift(g, u);
    else if (u->op >= U_shldv32 && u->op <= U_shrdv32_f)
        gen_double_shift_cl(g, u);
    else if (uop_info[u->op].traits & UT_STORES)
        gen_slow_op(g, u);
    else if (u->op >= U_bt16 && u->op <= U_btc32)
        gen_bit(g, u);
    else
        gen_cmpxsel(g, u);
}

/* SHL SHR SAR of 32 bits by CL, with flags: a count of 0 touches nothing. */
static void gen_shift_cl(struct gen *g, const struct uop *u, unsigned ext, unsigned lazy)
{
    struct code *c = &g->c;
    unsigned d = host_reg(u->d, 4);
    u8 *none = unless_cl_zero(c);

    code_mov_rr(c, 4, H_S1, d);
    step_ecx(c, -1);
    code_rr(c, 4, 0xd3, ext, H_S1);
    step_ecx(c, 1);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, lazy.a));
    code_rr(c, 4, 0xd3, ext, d);
    code_store_cpu(c, 4, d, offsetof(struct cpu, lazy.res));
    gen_lazy_op(g, lazy);
    code_land(c, none);
}

void gen_shift(struct gen *g, const struct uop *u)
{
    struct code *c = &g->c;
    unsigned size = uop_info[u->op].size, d = host_reg(u->d, size), ext, lazy8;
    bool stores = uop_info[u->op].traits & UT_STORES, variable = u->op >= U_shlv8;
    unsigned family = variable ? (u->op - U_shlv8) / 6 : (u->op - U_shl8) / 6;
    static const u8 ext_of[5] = {4, 5, 7, 0, 1};

    ext = ext_of[family];
    if (stores && variable && family < 3 && size == 4 && u->d == u->a && d != NO_REG) {
        gen_shift_cl(g, u, ext, family == 0 ? LAZY_SHL32 : family == 1 ? LAZY_SHR32 : LAZY_SAR32);
        return;
    }
    if (stores && (variable || family >= 3)) {
        gen_slow_op(g, u);
        return;
    }
    if (stores) {
        lazy8 = family == 0 ? LAZY_SHLN8 : family == 1 ? LAZY_SHRN8 : LAZY_SARN8;
        gen_lazy_raw(g, offsetof(struct cpu, lazy.a), u->a, size);
        gen_lazy_op(g, (lazy8 + (size >> 1)) | LAZY_COUNT(u->imm));
    }
    BUG_ON(d == NO_REG);
    if (u->d != u->a) {
        BUG_ON(size == 1);
        code_mov_rr(c, 4, d, host_reg(u->a, 4));
    }
    if (variable) {
        BUG_ON(u->b != REG32(R_ECX));
        code_rr(c, size, size == 1 ? 0xd2 : 0xd3, ext, d);
    } else {
        code_rr(c, size, size == 1 ? 0xc0 : 0xc1, ext, d);
        code8(c, (u8)u->imm);
    }
    if (!variable && family < 3)
        gen_set_hf(g, u->imm == 1 ? UF_ALL & ~UF_A : UF_C | UF_Z | UF_S | UF_P);
    else if (!variable)
        gen_set_hf(g, UF_C);
}
