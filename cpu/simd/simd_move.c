/* SIMD operations that need no host unit: moves, shuffles, inserts and byte shifts.
 *
 * A source from memory or from a smaller register file arrives zero-extended to 16 bytes, and a
 * destination in memory or in a smaller file takes the low bytes: so simd_mov is most of them. */
#include "cpu/simd/simd_priv.h"

#define MOVE(name, body)                                                                           \
    void simd_##name(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)                    \
    {                                                                                              \
        (void)imm;                                                                                 \
        (void)mxcsr;                                                                               \
        body                                                                                       \
    }

MOVE(mov, *dst = *src;)
MOVE(mov32, dst->d[0] = src->d[0];)
MOVE(mov64, dst->q[0] = src->q[0];)
MOVE(movq, dst->q[0] = src->q[0]; dst->q[1] = 0;)
MOVE(high_to_low, dst->q[0] = src->q[1];)
MOVE(low_to_high, dst->q[1] = src->q[0];)

MOVE(movsldup, dst->d[0] = dst->d[1] = src->d[0]; dst->d[2] = dst->d[3] = src->d[2];)
MOVE(movshdup, dst->d[0] = dst->d[1] = src->d[1]; dst->d[2] = dst->d[3] = src->d[3];)
MOVE(movddup, dst->q[0] = dst->q[1] = src->q[0];)

/* Two bits of the immediate choose each element. */
static unsigned pick(u32 imm, unsigned i)
{
    return imm >> 2 * i & 3;
}

void simd_pshufd(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    for (unsigned i = 0; i < 4; i++)
        dst->d[i] = src->d[pick(imm, i)];
}

/* Also PSHUFW, whose upper half is not there. */
void simd_pshuflw(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    *dst = *src;
    for (unsigned i = 0; i < 4; i++)
        dst->w[i] = src->w[pick(imm, i)];
}

void simd_pshufhw(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    *dst = *src;
    for (unsigned i = 0; i < 4; i++)
        dst->w[4 + i] = src->w[4 + pick(imm, i)];
}

void simd_shufps(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    union vec old = *dst;

    for (unsigned i = 0; i < 4; i++)
        dst->d[i] = i < 2 ? old.d[pick(imm, i)] : src->d[pick(imm, i)];
}

void simd_shufpd(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    dst->q[0] = dst->q[imm & 1];
    dst->q[1] = src->q[imm >> 1 & 1];
}

void simd_pinsrw4(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    dst->w[imm & 3] = src->w[0];
}

void simd_pinsrw8(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    dst->w[imm & 7] = src->w[0];
}

void simd_pextrw4(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    dst->d[0] = src->w[imm & 3];
}

void simd_pextrw8(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    dst->d[0] = src->w[imm & 7];
}

void simd_psrldq(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    (void)src;
    for (unsigned i = 0; i < 16; i++)
        dst->b[i] = i + imm < 16 ? dst->b[i + imm] : 0;
}

void simd_pslldq(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    (void)src;
    for (unsigned i = 16; i-- > 0;)
        dst->b[i] = i >= imm ? dst->b[i - imm] : 0;
}

/* From memory only: exact. */
void simd_cvtpi2pd(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    (void)mxcsr;
    (void)imm;
    for (unsigned i = 0; i < 2; i++) {
        double value = (i32)src->d[i];

        __builtin_memcpy(&dst->q[i], &value, 8);
    }
}
