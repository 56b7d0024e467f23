/* MXCSR: LDMXCSR, STMXCSR, and SIMD floating-point exceptions. (SDM vol. 1, 11.5)
 *
 * An operation runs on the host with the guest's rounding, DAZ and FZ, its flags clear and all
 * exceptions masked; the flags it leaves are the ones it met. What masking hides is put right here:
 * with underflow unmasked, FZ does not count and a tiny result is reported even when it is exact. */
#include "cpu/excp.h"
#include "cpu/seg.h"
#include "cpu/simd_priv.h"

/* Faults found before anything is computed: an unmasked one keeps all others unreported. */
#define MXCSR_BEFORE (MXCSR_IE | MXCSR_DE | MXCSR_ZE)

void simd_ldmxcsr(struct cpu *cpu, const struct simd_insn *in)
{
    u32 value = (u32)lin_load(cpu, simd_address(cpu, in, false), 4, cpu->cpl == 3);

    if (value & ~mxcsr_bits(cpu->model))
        cpu_raise_err(cpu, EXCP_GP, 0);
    cpu->mxcsr = value;
}

void simd_stmxcsr(struct cpu *cpu, const struct simd_insn *in)
{
    lin_store(cpu, simd_address(cpu, in, true), cpu->mxcsr, 4, cpu->cpl == 3);
}

/* Runs fn with this MXCSR and returns what it left there. */
static u32 run_host(simd_fn *fn, union vec *dst, const union vec *src, u32 imm, u32 mxcsr)
{
    u32 host;

    __asm__ volatile("stmxcsr %0\n\tldmxcsr %1" : "=m"(host) : "m"(mxcsr) : "memory");
    fn(dst, src, imm);
    __asm__ volatile("stmxcsr %0\n\tldmxcsr %1" : "=m"(mxcsr) : "m"(host) : "memory");
    return mxcsr;
}

/* Is any result element not zero, with exponent zero? */
static bool has_tiny(const struct simd_row *row, const union vec *v)
{
    unsigned count = row->size == 16 ? 16 : 1; /* packed or scalar */

    for (unsigned i = 0; (row->traits & SIMD_T32) && i < 4 && i < count; i++)
        if (!(v->d[i] & 0x7f800000u) && (v->d[i] & 0x007fffffu))
            return true;
    for (unsigned i = 0; (row->traits & SIMD_T64) && i < 2 && i < count; i++)
        if (!(v->q[i] & 0x7ff0000000000000ull) && (v->q[i] & 0x000fffffffffffffull))
            return true;
    return false;
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

    if (unlikely(unmasked & MXCSR_UE))
        run &= ~MXCSR_FZ;
    flags = run_host(row->fn, dst, src, imm, run) & MXCSR_FLAGS;
    if (unlikely(unmasked)) {
        if (flags & unmasked & MXCSR_BEFORE)
            flags &= MXCSR_BEFORE;
        else if ((unmasked & MXCSR_UE) && has_tiny(row, dst))
            flags |= MXCSR_UE;
    }
    cpu->mxcsr |= flags;
    if (unlikely(flags & unmasked))
        raise_xm(cpu);
}
