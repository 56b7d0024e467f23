/* The SIMD instructions on the host's own units.
 *
 * Each function loads its operands into registers 0 and 1, runs the one host instruction that the
 * row is named after, and stores. Those on MMX registers end with EMMS, so the host's x87 stays as
 * the ABI wants it. */
#include "cpu/simd/simd_unit.h"

#ifdef SIMD_ON_HOST

#define FN SIMD_HOST

#define BODY(fn, ...)                                                                              \
    void fn(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)                             \
    {                                                                                              \
        (void)imm;                                                                                 \
        (void)mxcsr;                                                                               \
        __VA_ARGS__                                                                                \
    }

#define ASM(text)                                                                                  \
    __asm__ volatile(text                                                                          \
                     :                                                                             \
                     : [d] "r"(dst), [s] "r"(src)                                                  \
                     : "xmm0", "xmm1", "mm0", "mm1", "st", "st(1)", "st(2)", "st(3)", "st(4)",     \
                       "st(5)", "st(6)", "st(7)", "eax", "memory");

#define LD_X0 "movups (%[d]), %%xmm0\n\t"
#define LD_X1 "movups (%[s]), %%xmm1\n\t"
#define ST_X0 "\n\tmovups %%xmm0, (%[d])"
#define LD_M0 "movq (%[d]), %%mm0\n\t"
#define LD_M1 "movq (%[s]), %%mm1\n\t"
#define ST_M0 "\n\tmovq %%mm0, (%[d])\n\temms"
#define ST_R  "\n\tmovl %%eax, (%[d])"

#define RUN_XX(fn, name) BODY(fn, ASM(LD_X0 LD_X1 name " %%xmm1, %%xmm0" ST_X0))
#define RUN_MM(fn, name) BODY(fn, ASM(LD_M0 LD_M1 name " %%mm1, %%mm0" ST_M0))
#define RUN_XM(fn, name) BODY(fn, ASM(LD_X1 name " %%xmm1, %%mm0" ST_M0))
#define RUN_MX(fn, name) BODY(fn, ASM(LD_X0 LD_M1 name " %%mm1, %%xmm0" ST_X0 "\n\temms"))
#define RUN_XR(fn, name) BODY(fn, ASM(name " (%[s]), %%eax" ST_R))
#define RUN_RX(fn, name) BODY(fn, ASM(LD_X0 name "l (%[s]), %%xmm0" ST_X0))
#define RUN_KX(fn, name) BODY(fn, ASM(LD_X1 name " %%xmm1, %%eax" ST_R))
#define RUN_KM(fn, name) BODY(fn, ASM(LD_M1 name " %%mm1, %%eax" ST_R "\n\temms"))

/* clang-format off */
/* Compares into EFLAGS: OF, SF and AF become 0. (SDM vol. 2, COMISS) */
#define RUN_CO(fn, name)                                                                           \
    BODY(fn,                                                                                       \
         bool c, p, z;                                                                             \
         __asm__ volatile(LD_X0 LD_X1 name " %%xmm1, %%xmm0"                                       \
                          : "=@ccc"(c), "=@ccp"(p), "=@ccz"(z)                                     \
                          : [d] "r"(dst), [s] "r"(src)                                             \
                          : "xmm0", "xmm1", "memory");                                             \
         dst->d[0] = (c ? FL_CF : 0) | (p ? FL_PF : 0) | (z ? FL_ZF : 0);)

/* Compares with a predicate; bits of the immediate above the third are reserved and not looked at. */
#define CASE(n, name) case n: ASM(LD_X0 LD_X1 name " $" #n ", %%xmm1, %%xmm0" ST_X0) break;
#define RUN_CC(fn, name)                                                                           \
    BODY(fn, switch (imm & 7) {                                                                    \
        CASE(0, name) CASE(1, name) CASE(2, name) CASE(3, name)                                    \
        CASE(4, name) CASE(5, name) CASE(6, name) CASE(7, name)                                    \
    })
/* clang-format on */

#define RUN_C(fn, name)
#define RUN_SP(fn, name)

#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    RUN_##how(FN(prefix, opcode, where), #name)
#include "cpu/simd/simd.def"
#undef SIMD

/* From memory only, where the host's instruction of that name may take the x87 over. CVTDQ2PS rounds and
 * reports in the same way; its upper half is 0 and exact. */
void simd_host_cvtpi2ps(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr)
{
    union vec both;

    (void)imm;
    (void)mxcsr;
    __asm__ volatile("cvtdq2ps %1, %%xmm0\n\tmovups %%xmm0, %0" : "=m"(both) : "m"(*src) : "xmm0");
    dst->q[0] = both.q[0];
}

u32 simd_host_fp(simd_fn *fn, union vec *dst, const union vec *src, u32 imm, u32 mxcsr)
{
    u32 host;

    __asm__ volatile("stmxcsr %0\n\tldmxcsr %1" : "=&m"(host) : "m"(mxcsr) : "memory");
    fn(dst, src, imm, NULL);
    __asm__ volatile("stmxcsr %0\n\tldmxcsr %1" : "=&m"(mxcsr) : "m"(host) : "memory");
    return mxcsr;
}

void mxcsr_leave(struct cpu *cpu)
{
    static const u32 host = MXCSR_RESET;

    __asm__ volatile("stmxcsr %0\n\tldmxcsr %1" : "=&m"(cpu->mxcsr) : "m"(host));
    cpu->sse_live &= (u8)~SSE_MXCSR;
}

#else

void mxcsr_leave(struct cpu *cpu)
{
    (void)cpu;
    BUG("no engine leaves the guest's MXCSR in this host");
}

#endif
