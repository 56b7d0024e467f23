/* The MMX and SSE instructions on whole numbers, in C: for hosts without them; see simd_unit.h. */
#include "cpu/simd/simd_unit.h"

/* A row's function for XMM registers and the one for MMX registers: body knows how many bytes they have. dst is written
 * from copies a and b of the operands. */
#define FOR_BYTES(name, ...)                                                                       \
    static always_inline void name##_of(union vec *dst, const union vec *src, unsigned bytes)      \
    {                                                                                              \
        const union vec a = *dst, b = *src;                                                        \
                                                                                                   \
        __VA_ARGS__                                                                                \
    }
#define FUNCTION(how, name, bytes)                                                                 \
    void SIMD_SOFT(how, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)          \
    {                                                                                              \
        (void)imm;                                                                                 \
        (void)mxcsr;                                                                               \
        name##_of(dst, src, bytes);                                                                \
    }
#define BOTH(name, ...)                                                                            \
    FOR_BYTES(name, __VA_ARGS__)                                                                   \
    FUNCTION(XX, name, 16)                                                                         \
    FUNCTION(MM, name, 8)
/* Each element by itself: x and y are its operands. */
#define EACH(name, field, type, expression)                                                        \
    BOTH(                                                                                          \
        name, for (unsigned i = 0; i < bytes / sizeof(type); i++) {                                \
            type x = (type)a.field[i], y = (type)b.field[i];                                       \
                                                                                                   \
            dst->field[i] = (__typeof__(dst->field[0]))(expression);                               \
        })

/* The nearest number that the type has. */
static i32 clamp(i32 x, i32 least, i32 most)
{
    return x < least ? least : x > most ? most : x;
}
#define I8(x)  clamp((x), -128, 127)
#define U8(x)  clamp((x), 0, 255)
#define I16(x) clamp((x), -32768, 32767)
#define U16(x) clamp((x), 0, 65535)

EACH(paddb, b, u8, x + y)
EACH(paddw, w, u16, x + y)
EACH(paddd, d, u32, x + y)
EACH(paddq, q, u64, x + y)
EACH(psubb, b, u8, x - y)
EACH(psubw, w, u16, x - y)
EACH(psubd, d, u32, x - y)
EACH(psubq, q, u64, x - y)
EACH(paddsb, b, i8, I8(x + y))
EACH(paddsw, w, i16, I16(x + y))
EACH(paddusb, b, u8, U8(x + y))
EACH(paddusw, w, u16, U16(x + y))
EACH(psubsb, b, i8, I8(x - y))
EACH(psubsw, w, i16, I16(x - y))
EACH(psubusb, b, u8, U8(x - y))
EACH(psubusw, w, u16, U16(x - y))
EACH(pavgb, b, u8, (x + y + 1) >> 1)
EACH(pavgw, w, u16, (x + y + 1) >> 1)
EACH(pminub, b, u8, x < y ? x : y)
EACH(pmaxub, b, u8, x > y ? x : y)
EACH(pminsw, w, i16, x < y ? x : y)
EACH(pmaxsw, w, i16, x > y ? x : y)
EACH(pmullw, w, i16, (u32)x *(u32)y)
EACH(pmulhw, w, i16, ((i32)x * y) >> 16)
EACH(pmulhuw, w, u16, ((u32)x * y) >> 16)
EACH(pcmpeqb, b, u8, x == y ? -1 : 0)
EACH(pcmpeqw, w, u16, x == y ? -1 : 0)
EACH(pcmpeqd, d, u32, x == y ? -1 : 0)
EACH(pcmpgtb, b, i8, x > y ? -1 : 0)
EACH(pcmpgtw, w, i16, x > y ? -1 : 0)
EACH(pcmpgtd, d, i32, x > y ? -1 : 0)
EACH(pand, q, u64, x &y)
EACH(pandn, q, u64, ~x &y)
EACH(por, q, u64, x | y)
EACH(pxor, q, u64, x ^ y)

BOTH(pmuludq, for (unsigned i = 0; i < bytes / 8; i++) dst->q[i] = (u64)a.d[2 * i] * b.d[2 * i];)
BOTH(
    pmaddwd, for (unsigned i = 0; i < bytes / 4; i++) {
        i32 low = (i16)a.w[2 * i] * (i16)b.w[2 * i],
            high = (i16)a.w[2 * i + 1] * (i16)b.w[2 * i + 1];

        dst->d[i] = (u32)low + (u32)high;
    })
BOTH(
    psadbw, for (unsigned half = 0; half < bytes; half += 8) {
        u64 sum = 0;

        for (unsigned i = half; i < half + 8; i++)
            sum += (u64)(a.b[i] > b.b[i] ? a.b[i] - b.b[i] : b.b[i] - a.b[i]);
        dst->q[half / 8] = sum;
    })

/* A count above the last one shifts everything out. */
#define SHIFTED(name, field, type, operator)                                                       \
    BOTH(name, for (unsigned i = 0; i < bytes / sizeof(type); i++) dst->field[i] =                 \
                   b.q[0] < 8 * sizeof(type) ? (type)(a.field[i] operator b.q[0]) : 0;)
#define SHIFT_SIGNED(name, field, type)                                                            \
    BOTH(name, for (unsigned i = 0; i < bytes / sizeof(type); i++) dst->field[i] =                 \
                   (__typeof__(dst->field[0]))((type)a.field[i] >> (b.q[0] < 8 * sizeof(type)      \
                                                                        ? b.q[0]                   \
                                                                        : 8 * sizeof(type) - 1));)
SHIFTED(psllw, w, u16, <<)
SHIFTED(pslld, d, u32, <<)
SHIFTED(psllq, q, u64, <<)
SHIFTED(psrlw, w, u16, >>)
SHIFTED(psrld, d, u32, >>)
SHIFTED(psrlq, q, u64, >>)
SHIFT_SIGNED(psraw, w, i16)
SHIFT_SIGNED(psrad, d, i32)

/* dst's elements first, then src's, each narrowed. */
#define PACK(name, from, type, to, narrow)                                                         \
    BOTH(                                                                                          \
        name, for (unsigned i = 0, n = bytes / sizeof(type); i < n; i++) {                         \
            dst->to[i] = (__typeof__(dst->to[0]))narrow((type)a.from[i]);                          \
            dst->to[n + i] = (__typeof__(dst->to[0]))narrow((type)b.from[i]);                      \
        })
PACK(packsswb, w, i16, b, I8)
PACK(packuswb, w, i16, b, U8)
PACK(packssdw, d, i32, w, I16)

/* Elements of dst and src in turn, of the lower halves or the upper ones. */
#define HALF(name, field, high)                                                                    \
    FOR_BYTES(                                                                                     \
        name, for (unsigned i = 0, n = bytes / sizeof(a.field[0]) / 2; i < n; i++) {               \
            dst->field[2 * i] = a.field[i + ((high) ? n : 0)];                                     \
            dst->field[2 * i + 1] = b.field[i + ((high) ? n : 0)];                                 \
        })
#define INTERLEAVE(name, field, high)                                                              \
    HALF(name, field, high)                                                                        \
    FUNCTION(XX, name, 16)                                                                         \
    FUNCTION(MM, name, 8)
#define INTERLEAVE_XMM(name, field, high)                                                          \
    HALF(name, field, high)                                                                        \
    FUNCTION(XX, name, 16)
INTERLEAVE(punpcklbw, b, false)
INTERLEAVE(punpcklwd, w, false)
INTERLEAVE(punpckldq, d, false)
INTERLEAVE_XMM(punpcklqdq, q, false)
INTERLEAVE(punpckhbw, b, true)
INTERLEAVE(punpckhwd, w, true)
INTERLEAVE(punpckhdq, d, true)
INTERLEAVE_XMM(punpckhqdq, q, true)

/* The same operations under the names of the floating point ones. */
#define SAME(name, other)                                                                          \
    void SIMD_SOFT(XX, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)           \
    {                                                                                              \
        SIMD_SOFT(XX, other)(dst, src, imm, mxcsr);                                                \
    }
SAME(unpcklps, punpckldq)
SAME(unpcklpd, punpcklqdq)
SAME(unpckhps, punpckhdq)
SAME(unpckhpd, punpckhqdq)
SAME(andps, pand)
SAME(andpd, pand)
SAME(andnps, pandn)
SAME(andnpd, pandn)
SAME(orps, por)
SAME(orpd, por)
SAME(xorps, pxor)
SAME(xorpd, pxor)

/* The elements' top bits. What an MMX register has not is zero. */
#define SIGNS(how, name, field, bits)                                                              \
    void SIMD_SOFT(how, name)(union vec * dst, const union vec *src, u32 imm, u32 *mxcsr)          \
    {                                                                                              \
        u32 mask = 0;                                                                              \
                                                                                                   \
        (void)imm;                                                                                 \
        (void)mxcsr;                                                                               \
        for (unsigned i = 0; i < 128 / (bits); i++)                                                \
            mask |= (u32)(src->field[i] >> ((bits)-1)) << i;                                       \
        dst->d[0] = mask;                                                                          \
    }
SIGNS(KM, pmovmskb, b, 8)
SIGNS(KX, pmovmskb, b, 8)
SIGNS(KX, movmskps, d, 32)
SIGNS(KX, movmskpd, q, 64)
