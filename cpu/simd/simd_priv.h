/* The SIMD unit's inside: what its files share. */
#ifndef PAGEWALK_SIMD_PRIV_H
#define PAGEWALK_SIMD_PRIV_H

#include "cpu/simd/simd.h"

/* simd_move.c: operations without arithmetic, in C. dst and src are not the same place. */
simd_fn simd_mov, simd_mov32, simd_mov64, simd_movq, simd_high_to_low, simd_low_to_high;
simd_fn simd_movsldup, simd_movshdup, simd_movddup;
simd_fn simd_pshufd, simd_pshuflw, simd_pshufhw, simd_shufps, simd_shufpd;
simd_fn simd_pinsrw4, simd_pinsrw8, simd_pextrw4, simd_pextrw8, simd_psrldq, simd_pslldq;
simd_fn simd_cvtpi2pd;

/* Instructions that are more than a function of their operands. */
simd_special_fn simd_maskmov, simd_clflush; /* simd.c */
simd_special_fn simd_emms;                  /* mmx.c */
simd_special_fn simd_ldmxcsr, simd_stmxcsr; /* mxcsr.c */

/* dst = about 1 / src, or 1 / the root of src, the same on every host. (simd_approx.c) */
void simd_approx(const struct simd_row *row, union vec *dst, const union vec *src);

/* The memory operand's linear address, checked for an access of row->size bytes. */
u32 simd_address(struct cpu *cpu, const struct simd_insn *in, bool write);

/* dst = op(dst, src) under the guest's MXCSR, whose exception flags are updated. Raises #XM (or #UD)
 * for an unmasked exception: dst is then meaningless. */
void simd_compute_fp(struct cpu *cpu, const struct simd_row *row, union vec *dst,
                     const union vec *src, u32 imm);

/* Every MMX instruction but EMMS: all tags valid, TOP 0. */
void mmx_enter(struct cpu *cpu);

#endif
