/* Helper `simd`: runs one MMX or SSE instruction, from its operands to its faults.
 *
 * The block has already raised #UD and #NM by mode. Order here: a pending x87 exception, the memory
 * operand's faults, numeric exceptions, and only then results; so a fault leaves registers alone. */
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/helper.h"
#include "cpu/seg.h"
#include "cpu/simd/simd_unit.h"
#include "cpu/x87/x87_priv.h"

u32 simd_address(struct cpu *cpu, const struct simd_insn *in, bool write)
{
    u32 la = seg_check(cpu, in->seg, in->ea, in->row->size, write);

    if ((in->row->traits & SIMD_AL) && (la & 15))
        cpu_fault(cpu, EXCP_GP, 0, "operand at %08x is not 16-byte aligned", la);
    return la;
}

/* Aligned accesses of 16 bytes that hit the TLB go in one piece. */
static void *host_of(struct cpu *cpu, u32 la, unsigned size, bool write)
{
    return size == 16 ? tlb_find(cpu->mmu.tlb.data[cpu_access(cpu, write)], la, 16) : NULL;
}

static void load(struct cpu *cpu, u32 la, unsigned size, union vec *v)
{
    const void *host = host_of(cpu, la, size, false);
    bool user = cpu->cpl == 3;

    if (likely(host != NULL)) {
        __builtin_memcpy(v, host, 16);
        return;
    }
    v->q[0] = lin_load(cpu, la, size < 8 ? size : 8, user);
    v->q[1] = size == 16 ? lin_load(cpu, la_add(la, 8), 8, user) : 0;
}

static void store(struct cpu *cpu, u32 la, unsigned size, const union vec *v)
{
    void *host = host_of(cpu, la, size, true);
    bool user = cpu->cpl == 3;

    if (likely(host != NULL)) {
        __builtin_memcpy(host, v, 16);
        return;
    }
    if (size == 16 && (la & PAGE_MASK) > PAGE_SIZE - 16)
        lin_probe(cpu, la, 16, true, user);
    lin_store(cpu, la, v->q[0], size < 8 ? size : 8, user);
    if (size == 16)
        lin_store(cpu, la_add(la, 8), v->q[1], 8, user);
}

static void get_reg(const struct cpu *cpu, unsigned file, unsigned reg, u32 imm, union vec *v)
{
    *v = (union vec){.q = {0, 0}};
    switch ((enum simd_file)file) {
    case SIMD_NONE: break;
    case SIMD_MM: v->q[0] = cpu->x87.r[reg].frac; break;
    case SIMD_XMM: *v = cpu->xmm[reg]; break;
    case SIMD_GPR: v->d[0] = cpu->r[reg]; break;
    case SIMD_IMM: v->q[0] = imm; break;
    }
}

/* A general register is the block's to write: from the helper's result. */
static void put_reg(struct cpu *cpu, unsigned file, unsigned reg, const union vec *v)
{
    if (file == SIMD_MM) {
        cpu->x87.r[reg].frac = v->q[0];
        cpu->x87.r[reg].se = 0xffff;
    } else if (file == SIMD_XMM) {
        cpu->xmm[reg] = *v;
    }
}

static u32 run(struct cpu *cpu, const struct simd_insn *in)
{
    const struct simd_row *row = in->row;
    bool to_mem = in->mem && (row->traits & SIMD_ST), from_mem = in->mem && !to_mem;
    unsigned d = row->traits & SIMD_ST ? in->rm : in->reg,
             s = row->traits & SIMD_ST ? in->reg : in->rm;
    bool in_place = row->dst == SIMD_XMM && !to_mem && !(row->traits & (SIMD_FP | SIMD_FL));
    union vec dst, src;
    u32 la = 0;

    if (row->traits & SIMD_X87)
        x87_wait(cpu);
    if (in->mem)
        la = simd_address(cpu, in, to_mem);
    if (from_mem)
        load(cpu, la, row->size, &src);
    else
        get_reg(cpu, row->src, s, in->imm, &src);
    if (in_place) { /* cannot fail any more */
        if (unlikely(row->traits & SIMD_AP) && !(SIMD_UNIT_IS_HOST && cpu->host_math))
            simd_approx(row, &cpu->xmm[d], &src);
        else
            row->fn(&cpu->xmm[d], &src, in->imm, NULL);
        if (row->traits & SIMD_X87)
            mmx_enter(cpu);
        return 0;
    }
    get_reg(cpu, row->dst, d, 0, &dst);
    if (row->traits & SIMD_FP)
        simd_compute_fp(cpu, row, &dst, &src, in->imm);
    else
        row->fn(&dst, &src, in->imm, NULL);
    if (to_mem)
        store(cpu, la, row->size, &dst);
    if (row->traits & SIMD_X87)
        mmx_enter(cpu);
    if (row->traits & SIMD_FL)
        flags_put(cpu, FL_ARITH, dst.d[0]);
    else if (!to_mem)
        put_reg(cpu, row->dst, d, &dst);
    return dst.d[0];
}

/* MASKMOVQ, MASKMOVDQU: rights are checked for the whole operand even where the mask is zero, which
 * the manual leaves open. (SDM vol. 2, MASKMOVDQU) */
void simd_maskmov(struct cpu *cpu, const struct simd_insn *in)
{
    bool user = cpu->cpl == 3;
    union vec data, mask;
    u32 la;

    if (in->row->traits & SIMD_X87)
        x87_wait(cpu);
    la = simd_address(cpu, in, true);
    lin_probe(cpu, la, in->row->size, true, user);
    get_reg(cpu, in->row->dst, in->reg, 0, &data);
    get_reg(cpu, in->row->src, in->rm, 0, &mask);
    for (unsigned i = 0; i < in->row->size; i++)
        if (mask.b[i] & 0x80)
            lin_store(cpu, la_add(la, i), data.b[i], 1, user);
    if (in->row->traits & SIMD_X87)
        mmx_enter(cpu);
}

/* There is no cache to flush, but the address is checked as a byte's load. (SDM vol. 2, CLFLUSH) */
void simd_clflush(struct cpu *cpu, const struct simd_insn *in)
{
    lin_probe(cpu, simd_address(cpu, in, false), 1, false, cpu->cpl == 3);
}

HELP(simd)
{
    struct simd_insn in = simd_unpack(c);

    in.ea = a;
    if (in.row->special || (in.row->traits & SIMD_FP))
        mxcsr_sync(cpu);
    if (in.row->special) {
        in.row->special(cpu, &in);
        return 0;
    }
    return run(cpu, &in);
}

HELP(simd_flags)
{
    return help_simd(cpu, a, b, c);
}

HELP(simd_mode)
{
    return help_simd(cpu, a, b, c);
}
