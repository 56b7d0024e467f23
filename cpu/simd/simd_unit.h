/* The rows' functions: on the host's MMX and SSE (simd_host.c), or in integers (simd_soft_*.c).
 *
 * A function has its operands zero-extended to 16 bytes, and may leave anything in those that the row's register has not.
 * Here are the rows whose `how` in simd.def names an instruction of the host. */
#ifndef PAGEWALK_SIMD_UNIT_H
#define PAGEWALK_SIMD_UNIT_H

#include "cpu/simd/simd_priv.h"

#ifdef __x86_64__
#define SIMD_ON_HOST
#endif

#define SIMD_HOST(prefix, opcode, where) simd_host_##prefix##_##opcode##_##where
#define SIMD_SOFT(how, name)             simd_soft_##how##_##name

#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    simd_fn SIMD_HOST(prefix, opcode, where);                                                      \
    simd_fn SIMD_SOFT(how, name);
#include "cpu/simd/simd.def"
#undef SIMD

simd_fn simd_host_cvtpi2ps; /* from memory */

/* Runs fn with this MXCSR on the host's unit, and returns what it left there. */
u32 simd_host_fp(simd_fn *fn, union vec *dst, const union vec *src, u32 imm, u32 mxcsr);

#if defined(SIMD_ON_HOST) && !defined(PAGEWALK_SOFT_UNITS)
#define SIMD_UNIT(prefix, opcode, where, name, how) SIMD_HOST(prefix, opcode, where)
#define simd_unit_fp                                simd_host_fp
#define simd_cvtpi2ps                               simd_host_cvtpi2ps
#define SIMD_UNIT_IS_HOST                           true
#else
#define SIMD_UNIT(prefix, opcode, where, name, how) SIMD_SOFT(how, name)
#define simd_cvtpi2ps                               SIMD_SOFT(MX, cvtpi2ps)
#define SIMD_UNIT_IS_HOST                           false
static inline u32 simd_unit_fp(simd_fn *fn, union vec *dst, const union vec *src, u32 imm,
                               u32 mxcsr)
{
    fn(dst, src, imm, &mxcsr);
    return mxcsr;
}
#endif

#endif
