/* Guest SSE instructions run as they are, on guest XMM registers in the host's of the same numbers; MMX ones on
 * the guest's x87 in the host's (gen_x87.c).
 *
 * SSE_XMM of cpu->sse_live says that XMM registers are there, which stays so until translated code is left: what
 * calls C stores them before and loads them after it. SSE_MXCSR, which instructions that MXCSR governs want, is
 * also given up by C that looks at MXCSR; that is, by helpers for SSE and FXSAVE. So the first SSE instruction of
 * a block checks, and those behind it know (gen->sse). Where MODE_XM says that an exception is unmasked, such
 * instructions go to the helper, as do operands in segments that are not flat. */
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/seglimit.h"
#include "cpu/simd/simd.h"
#include "translate/x64/mem.h"

_Static_assert(offsetof(struct cpu, xmm) % 16 == 0, "MOVAPS reaches it");

/* Mandatory prefix, REX and opcode. */
static void sse_opcode(struct code *c, const struct simd_row *row, unsigned reg, unsigned index,
                       unsigned base)
{
    static const u8 prefix[4] = {
        [SIMD_P66] = PREFIX_OSZ, [SIMD_PF3] = PREFIX_REP, [SIMD_PF2] = PREFIX_REPNE};

    if (prefix[row->prefix])
        code8(c, prefix[row->prefix]);
    code_opcode(c, 4, OP_ESCAPE << 8 | row->opcode, reg, index, base, false, false);
}

/* ModRM.rm is the destination: a memory operand is written. */
static bool to_rm(const struct simd_row *row)
{
    return row->traits & SIMD_ST;
}

/* Guest opcodes after 0F that are a case of their own. (SDM vol. 2D, table A-3) */
enum {
    CVTPI2PS = 0x2a,
    PSHUF = 0x70,
    PSHIFT_LAST = 0x73, /* the last of the shifts by a constant, which begin at 71 */
    EMMS = 0x77,
    CMPPS = 0xc2,
    PINSRW = 0xc4,
    SHUFPS = 0xc6,
};

static bool opcode_has_imm(u8 opcode)
{
    return (opcode >= PSHUF && opcode <= PSHIFT_LAST) || opcode == CMPPS ||
           (opcode >= PINSRW && opcode <= SHUFPS);
}

static bool is_ours(const struct gen *g, const struct simd_insn *in)
{
    const struct simd_row *row = in->row;

    if (row->special ? row->opcode != EMMS : (row->traits & SIMD_X87) && (row->traits & SIMD_FP))
        return false;
    if (row->opcode == CVTPI2PS && in->mem && row->src == SIMD_XMM) /* see simd_cvtpi2ps() */
        return false;
    if ((row->traits & SIMD_AP) && !g->tr->cpu->host_math)
        return false;
    if ((row->traits & SIMD_FP) && (g->b->mode & MODE_XM))
        return false;
    return !in->mem || mode_access_flat(g->b->mode, in->seg, to_rm(row));
}

/* The SSE_* bits that an instruction wants. */
static u8 wanted(const struct simd_row *row)
{
    if (row->traits & SIMD_FP)
        return SSE_XMM | SSE_MXCSR;
    return row->dst == SIMD_XMM || row->src == SIMD_XMM ? SSE_XMM : 0;
}

/* One check for all of the block that comes. */
static u8 wanted_from_here(const struct gen *g)
{
    u8 want = 0;

    for (unsigned i = g->at; i < g->b->uops; i++) {
        const struct uop *u = &g->b->uop[i];

        if (u->op == U_call && (u->aux == HELP_simd || u->aux == HELP_simd_flags))
            want |= wanted(simd_row_of(u->imm));
    }
    return g->b->mode & MODE_XM ? want & SSE_XMM : want;
}

static void gen_live(struct gen *g, u8 want)
{
    struct code *c = &g->c;
    struct slow *s;

    if (!(want & ~g->sse))
        return;
    want |= wanted_from_here(g);
    if (want == SSE_XMM)
        code_test_cpu(c, offsetof(struct cpu, sse_live), want);
    else
        code_alu_cpu(c, 1, ALU_CMP, offsetof(struct cpu, sse_live), want);
    s = gen_add_slow(g, SLOW_SSE_ENTER, RAX, code_jcc_forward(c, want == SSE_XMM ? CC_E : CC_NE),
                     want);
    s->back = c->p;
    g->sse |= want;
}

void gen_sse_called(struct gen *g, unsigned helper)
{
    switch (helper) {
    case HELP_simd:
    case HELP_simd_flags:
    case HELP_simd_mode:
    case HELP_fxsave:
    case HELP_fxrstor: g->sse &= (u8)~SSE_MXCSR; break;
    default: break;
    }
}

void gen_sse_again(struct gen *g, u8 want)
{
    if (want & SSE_MXCSR)
        code_call(&g->c, g->x64->sse_enter);
}

void gen_sse_slow(struct gen *g, const struct slow *s, const struct uop *u)
{
    if (s->kind == SLOW_SSE)
        gen_call_helper(g, u);
    else if (s->arg == SSE_XMM)
        code_call(&g->c, g->x64->xmm_enter);
    gen_sse_again(g, (u8)s->arg);
    if (s->kind == SLOW_SSE && u->aux == HELP_simd_flags)
        code_call(&g->c, g->x64->load_flags); /* as behind gen_compare() */
}

/* The host's number of a register operand. */
static unsigned number_of(unsigned file, unsigned reg)
{
    return file == SIMD_GPR ? host_reg(REG32(reg), 4) : reg;
}

static void gen_insn(struct gen *g, const struct simd_insn *in, const struct host_operand *m)
{
    const struct simd_row *row = in->row;
    unsigned reg = number_of(to_rm(row) ? row->src : row->dst, in->reg), rm;
    struct code *c = &g->c;

    if (row->opcode == EMMS) {
        sse_opcode(c, row, 0, 0, 0);
        return;
    }
    if (in->mem) {
        code_window(c, m);
        sse_opcode(c, row, reg, m->index == NO_REG ? 0 : m->index, m->base);
        code_address(c, reg, m->base, m->index, m->scale, m->disp);
    } else {
        rm = number_of(to_rm(row) ? row->dst : row->src, in->rm);
        sse_opcode(c, row, reg, 0, rm);
        code_modrm_rr(c, reg, rm);
    }
    if (opcode_has_imm(row->opcode))
        code8(c, row->opcode == CMPPS ? in->imm & 7 : in->imm);
}

/* A comparison: what the host's EFLAGS then are is the guest's, OF, SF and AF 0 included. They are stored, and
 * the host still has them. */
static void gen_compare(struct gen *g, const struct simd_insn *in, const struct host_operand *m)
{
    struct code *c = &g->c;
    size_t eflags = offsetof(struct cpu, eflags);

    code_alu_cpu(c, 1, ALU_AND, eflags + 1, (u8) ~(FL_OF >> 8));
    gen_insn(g, in, m);
    code_pushf(c);
    code_pop(c, H_S1);
    code_store_cpu(c, 1, H_S1, eflags); /* a byte that has nothing else */
    gen_lazy_op(g, LAZY_NONE);
}

bool gen_sse(struct gen *g, const struct uop *u)
{
    struct simd_insn in = simd_unpack(u->imm);
    const struct simd_row *row = in.row;
    unsigned ea = host_reg(u->a, 4);
    struct slow *miss = NULL, *enter = NULL;
    struct host_operand m = {0};
    u8 want = wanted(row);

    if (!is_ours(g, &in) || (in.mem && ea == NO_REG))
        return false;
    gen_live(g, want);
    if ((row->traits & SIMD_X87) || row->opcode == EMMS) {
        enter = gen_x87_live(g);
        enter->arg = g->sse;
    }
    if (in.mem) {
        struct mem_want to = {SLOW_SSE,
                              g->sse,
                              ea,
                              row->size,
                              to_rm(row),
                              row->traits & SIMD_AL,
                              row->traits & SIMD_FL};

        miss = g->mem->operand(g, &to, &m);
    }
    if (row->traits & SIMD_FL)
        gen_compare(g, &in, &m);
    else
        gen_insn(g, &in, &m);
    if (miss)
        miss->back = g->c.p;
    if (enter)
        enter->done = g->c.p;
    g->flags_uop = row->traits & SIMD_FL ? (int)g->at : -1;
    g->flags_valid = UF_ALL;
    return true;
}

static void move_all(struct code *c, unsigned opcode)
{
    for (unsigned i = 0; i < 8; i++)
        code_rm(c, 4, opcode, i, H_CPU, NO_REG, 0,
                (i32)(offsetof(struct cpu, xmm) + sizeof(union vec) * i), false);
}

static void set_live(struct code *c, u8 bit)
{
    code_alu_cpu(c, 1, ALU_OR, offsetof(struct cpu, sse_live), bit);
}

void gen_xmm_dead(struct code *c)
{
    code_alu_cpu(c, 1, ALU_AND, offsetof(struct cpu, sse_live), (u8)~SSE_XMM);
}

/* The site of a jump that is taken when sse_live has the bit. */
static u8 *unless_live(struct code *c, u8 bit)
{
    code_test_cpu(c, offsetof(struct cpu, sse_live), bit);
    return code_jcc_short(c, CC_NE);
}

void gen_sse_thunks(struct x64 *x, struct code *c)
{
    u8 *live;

    x->xmm_save = code_here(c);
    move_all(c, OP_MOVAPS_STORE);
    code_ret(c);
    x->xmm_load = code_here(c);
    move_all(c, OP_MOVAPS_LOAD);
    code_ret(c);

    x->xmm_drop = code_here(c);
    move_all(c, OP_MOVAPS_STORE);
    gen_xmm_dead(c);
    code_ret(c);

    x->xmm_enter = code_here(c);
    move_all(c, OP_MOVAPS_LOAD);
    set_live(c, SSE_XMM);
    code_ret(c);
    x->sse_enter = code_here(c);
    live = unless_live(c, SSE_XMM);
    code_call(c, x->xmm_enter);
    code_bind_short(c, live);
    live = unless_live(c, SSE_MXCSR);
    code_rm(c, 4, OP_LDMXCSR, LDMXCSR_EXTENSION, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, mxcsr),
            false);
    set_live(c, SSE_MXCSR);
    code_bind_short(c, live);
    code_ret(c);
}
