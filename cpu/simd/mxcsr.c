/* MXCSR: LDMXCSR, STMXCSR, and SIMD floating-point exceptions. (SDM vol. 1, 11.5)
 *
 * An operation runs on the host with the guest's rounding, DAZ and FZ, its flags clear and all
 * exceptions masked; the flags it leaves are the ones it met. What masking hides is put right here.
 * With underflow unmasked FZ does not count, and a tiny result is reported even when it is exact;
 * and an element whose overflow or underflow is unmasked is inexact only if the result would be with
 * an unbounded exponent, which the host's x87 tells. (SDM vol. 1, 4.9.1.4 and 4.9.1.5) */
#include "cpu/excp.h"
#include "cpu/seg.h"
#include "cpu/simd/simd_unit.h"
#include "cpu/x87/x87.h"
#include "cpu/x87/x87_unit.h"

/* Faults found before anything is computed: an unmasked one keeps all others unreported. */
#define MXCSR_BEFORE (MXCSR_IE | MXCSR_DE | MXCSR_ZE)

void simd_ldmxcsr(struct cpu *cpu, const struct simd_insn *in)
{
    u32 value = (u32)lin_load(cpu, simd_address(cpu, in, false), 4, cpu->cpl == 3);

    if (value & ~mxcsr_bits(cpu->model))
        cpu_fault(cpu, EXCP_GP, 0, "reserved bits of MXCSR: %08x", value);
    cpu->mxcsr = value;
    cpu_update_mode(cpu);
}

void simd_stmxcsr(struct cpu *cpu, const struct simd_insn *in)
{
    lin_store(cpu, simd_address(cpu, in, true), cpu->mxcsr, 4, cpu->cpl == 3);
}

static bool is_tiny(const struct simd_row *row, const union vec *v)
{
    if (row->traits & SIMD_T32)
        return !(v->d[0] & 0x7f800000u) && (v->d[0] & 0x007fffffu);
    return !(v->q[0] & 0x7ff0000000000000ull) && (v->q[0] & 0x000fffffffffffffull);
}

/* PE of the operation on the first elements, rounded to the result's precision without bounds on the
 * exponent. */
static u32 unbounded_inexact(const struct simd_row *row, u32 mxcsr, const union vec *a,
                             const union vec *b)
{
    static const struct f80 one = {0x8000000000000000ull, 0x3fff};
    u16 cw = (u16)(0x3f | (row->traits & SIMD_T64 ? 0x200 : 0) | (mxcsr >> 13 & 3) << 10);
    enum x87_mem from = row->traits & SIMD_T64 ? X87_MEM_F64 : X87_MEM_F32;
    struct f80 x, y;

    if (row->opcode == 0x5a) { /* CVTPD2PS, CVTSD2SS */
        X87_UNIT(load)(X87_MEM_F64, cw, b, &x);
        return X87_UNIT(arith)(1, cw, &x, &one) & MXCSR_PE;
    }
    X87_UNIT(load)(from, cw, a, &x);
    X87_UNIT(load)(from, cw, b, &y);
    switch (row->opcode) {
    case 0x58: return X87_UNIT(arith)(0, cw, &x, &y) & MXCSR_PE;
    case 0x59: return X87_UNIT(arith)(1, cw, &x, &y) & MXCSR_PE;
    case 0x5c: return X87_UNIT(arith)(4, cw, &x, &y) & MXCSR_PE;
    case 0x5e: return X87_UNIT(arith)(6, cw, &x, &y) & MXCSR_PE;
    default: BUG("opcode %02x has no tiny results", row->opcode);
    }
}

/* Flags of one element with some exceptions unmasked. It is run in every lane at once. */
static u32 element_flags(const struct simd_row *row, u32 run, u32 unmasked, const union vec *a,
                         const union vec *b)
{
    union vec dst = *a;
    u32 flags = simd_unit_fp(row->fn, &dst, b, 0, run) & MXCSR_FLAGS;

    if ((unmasked & MXCSR_UE) && is_tiny(row, &dst))
        flags |= MXCSR_UE;
    if (flags & unmasked & (MXCSR_OE | MXCSR_UE))
        flags = (flags & ~MXCSR_PE) | unbounded_inexact(row, run, a, b);
    return flags;
}

static void broadcast(union vec *to, const union vec *from, unsigned lane, bool wide)
{
    for (unsigned i = 0; i < 4; i++) {
        if (!wide)
            to->d[i] = from->d[lane];
        else
            to->q[i / 2] = from->q[lane];
    }
}

/* Horizontal and alternating operations as the plain one with the same results and flags, but for their order,
 * on *a and *b. Others stay. */
static const struct simd_row *plain_row(const struct simd_row *row, union vec *a, union vec *b)
{
    bool wide = row->traits & SIMD_T64;
    union vec x = *a, y = *b;

    switch (row->opcode) {
    case 0x7c: /* HADD, HSUB */
    case 0x7d:
        for (unsigned i = 0; i < 2 && !wide; i++) {
            a->d[i] = x.d[2 * i], b->d[i] = x.d[2 * i + 1];
            a->d[2 + i] = y.d[2 * i], b->d[2 + i] = y.d[2 * i + 1];
        }
        if (wide) {
            a->q[1] = y.q[0];
            b->q[0] = x.q[1];
        }
        break;
    case 0xd0: /* ADDSUB: additions, the even ones of what is negated */
        for (unsigned i = 0; i < 4; i += wide ? 4 : 2)
            b->d[i + wide] ^= 0x80000000u;
        break;
    default: return row;
    }
    return &simd_rows[simd_find(wide ? SIMD_P66 : SIMD_NP, row->opcode == 0x7d ? 0x5c : 0x58, 0)];
}

/* Flags of an operation that may overflow or underflow with that unmasked. */
static u32 exact_flags(struct cpu *cpu, const struct simd_row *row, u32 run, u32 unmasked,
                       union vec dst, union vec src)
{
    bool wide = (row->traits & SIMD_T64) || row->opcode == 0x5a;
    unsigned lanes = row->size < 16 ? 1 : wide ? 2 : 4;
    u32 flags = 0;

    row = plain_row(row, &dst, &src);
    x87_sync(cpu); /* unbounded_inexact() needs the host's unit */
    for (unsigned lane = 0; lane < lanes; lane++) {
        union vec a, b;

        broadcast(&a, &dst, lane, wide);
        broadcast(&b, &src, lane, wide);
        flags |= element_flags(row, run, unmasked, &a, &b);
    }
    return flags;
}

static _Noreturn void raise_xm(struct cpu *cpu)
{
    cpu_raise(cpu, cpu->cr4 & CR4_OSXMMEXCPT ? EXCP_XM : EXCP_UD);
}

void simd_compute_fp(struct cpu *cpu, const struct simd_row *row, union vec *dst,
                     const union vec *src, u32 imm)
{
    u32 run = (cpu->mxcsr & ~MXCSR_FLAGS) | MXCSR_MASKS;
    u32 unmasked = ~(cpu->mxcsr >> MXCSR_MASK_SHIFT) & MXCSR_FLAGS, flags;
    union vec before = *dst;

    if (unlikely(unmasked & MXCSR_UE))
        run &= ~MXCSR_FZ;
    flags = simd_unit_fp(row->fn, dst, src, imm, run) & MXCSR_FLAGS;
    if (unlikely(unmasked)) {
        if (flags & unmasked & MXCSR_BEFORE)
            flags &= MXCSR_BEFORE;
        else if ((unmasked & (MXCSR_OE | MXCSR_UE)) && (row->traits & (SIMD_T32 | SIMD_T64)))
            flags = exact_flags(cpu, row, run, unmasked, before, *src);
    }
    cpu->mxcsr |= flags;
    if (unlikely(flags & unmasked))
        raise_xm(cpu);
}
