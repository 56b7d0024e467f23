/* Guest SSE instructions on XMM registers run as they are, in the host's xmm0 and xmm1.
 *
 * Guest XMM registers live in struct cpu; an instruction loads its operands, runs, and stores. Those that
 * MXCSR governs want the guest's in the host's (cpu->mxcsr_live), checked each time as calls into C may have
 * taken it out. MMX, general registers as operands, and operands in segments that are not flat go to the
 * helper. */
#include "cpu/helper.h"
#include "cpu/simd.h"
#include "translate/x64/x64.h"

_Static_assert(offsetof(struct cpu, xmm) % 16 == 0, "MOVAPS reaches it");

/* One instruction, unpacked from the helper's argument. */
struct sse {
    const struct simd_row *row;
    unsigned reg, rm, seg;
    u8 imm;
    bool mem, to_rm, has_imm;
};

/* Mandatory prefix, REX for the memory operand's registers, opcode. */
static void sse_opcode(struct code *c, const struct simd_row *row, unsigned base, unsigned index)
{
    static const u8 prefix[4] = {[SIMD_P66] = 0x66, [SIMD_PF3] = 0xf3, [SIMD_PF2] = 0xf2};
    unsigned rex = (index >> 2 & 2) | (base >> 3 & 1);

    if (prefix[row->prefix])
        code8(c, prefix[row->prefix]);
    if (rex)
        code8(c, (u8)(0x40 | rex));
    code8(c, 0x0f);
    code8(c, row->opcode);
}

static void move_xmm(struct code *c, unsigned host, unsigned guest, bool store)
{
    code_rm(c, 4, store ? 0x0f29 : 0x0f28, host, H_CPU, NO_REG, 0,
            (i32)(offsetof(struct cpu, xmm) + 16 * guest), false);
}

static bool is_ours(const struct gen *g, const struct sse *in)
{
    const struct simd_row *row = in->row;
    u32 flat = 1u << (MODE_FREE_SHIFT + in->seg) | 1u << (MODE_ZERO_SHIFT + in->seg);
    bool flags = row->traits & SIMD_FL;

    if (!row->fn || (row->traits & (SIMD_X87 | SIMD_PL)) || (row->dst != SIMD_XMM && !flags))
        return false;
    if (row->src != SIMD_XMM && !(row->src == SIMD_IMM && !in->mem))
        return false;
    if (in->has_imm && row->opcode != 0x70 && row->opcode != 0xc2 && row->opcode != 0xc6 &&
        row->src != SIMD_IMM)
        return false;
    return !in->mem || ((g->b->mode & flat) == flat && !(g->b->mode & MODE_AC) &&
                        !(in->to_rm && in->seg == SREG_CS));
}

static bool opcode_has_imm(u8 opcode)
{
    return (opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 ||
           (opcode >= 0xc4 && opcode <= 0xc6);
}

static struct slow *gen_live(struct gen *g)
{
    struct code *c = &g->c;
    struct slow *s;

    code_rm(c, 1, 0x80, 7, H_CPU, NO_REG, 0, (i32)offsetof(struct cpu, mxcsr_live), false);
    code8(c, 0);
    s = gen_add_slow(g, SLOW_SSE_ENTER, RAX, code_jcc(c, CC_E, code_here(c)), 0);
    s->back = c->p;
    return s;
}

/* TLB check of a memory operand; misaligned ones of a row that minds go the slow way, to their #GP. */
static u8 *check_memory(struct gen *g, const struct sse *in, unsigned ea)
{
    return in->row->traits & SIMD_AL ? gen_tlb_aligned(g, ea, in->row->size, in->to_rm)
                                     : gen_tlb(g, ea, in->row->size, in->to_rm);
}

static void gen_memory(struct gen *g, const struct sse *in, unsigned ea)
{
    struct code *c = &g->c;
    struct slow *miss = gen_add_slow(g, SLOW_HELPER, ea, check_memory(g, in, ea), 0);

    move_xmm(c, 0, in->reg, false);
    sse_opcode(c, in->row, H_S1, ea);
    code_address(c, 0, H_S1, ea, 0, 0);
    if (in->has_imm)
        code8(c, in->imm);
    if (!in->to_rm && !(in->row->traits & SIMD_FL))
        move_xmm(c, 0, in->reg, true);
    if (in->row->traits & SIMD_FL)
        code_call(c, g->x64->x87_flags);
    miss->back = c->p;
}

static void gen_registers(struct gen *g, const struct sse *in)
{
    struct code *c = &g->c;
    bool shift = in->row->src == SIMD_IMM;
    unsigned d = in->to_rm ? in->rm : in->reg, s = in->to_rm ? in->reg : in->rm;

    move_xmm(c, 0, d, false);
    if (!shift)
        move_xmm(c, 1, s, false);
    sse_opcode(c, in->row, 0, 0);
    if (shift)
        code8(c, (u8)(0xc0 | in->reg << 3));
    else
        code8(c, in->to_rm ? 0xc8 : 0xc1);
    if (in->has_imm)
        code8(c, in->imm);
    if (in->row->traits & SIMD_FL)
        code_call(c, g->x64->x87_flags);
    else
        move_xmm(c, 0, d, true);
}

bool gen_sse(struct gen *g, const struct uop *u)
{
    const struct simd_row *row = &simd_rows[u->imm & 0x3ff];
    struct sse in = {
        .row = row,
        .reg = u->imm >> 10 & 7,
        .rm = u->imm >> 13 & 7,
        .mem = u->imm >> 16 & 1,
        .seg = u->imm >> 17 & 7,
        .imm = (u8)(u->imm >> 24),
        .to_rm = row->traits & SIMD_ST,
        .has_imm = opcode_has_imm(row->opcode),
    };
    unsigned ea = host_reg(u->a, 4);
    struct slow *enter = NULL;

    if (!is_ours(g, &in) || (in.mem && ea == NO_REG))
        return false;
    if (row->traits & (SIMD_FP | SIMD_FL))
        enter = gen_live(g);
    if (in.mem)
        gen_memory(g, &in, ea);
    else
        gen_registers(g, &in);
    if (enter)
        enter->done = g->c.p;
    g->hf = -1;
    return true;
}
