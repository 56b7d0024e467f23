/* The SIMD instructions on the host's own units, and the tables made from simd.def.
 *
 * Each function loads its operands into registers 0 and 1, runs the one host instruction that the
 * row is named after, and stores. Those on MMX registers end with EMMS, so the host's x87 stays as
 * the ABI wants it. MXCSR is the caller's business: see mxcsr.c. */
#include "cpu/simd/simd_priv.h"

#ifndef __x86_64__
#error "the SIMD unit runs on the host's SSE2: the host must be x86-64"
#endif

#define FN(prefix, opcode, where) run_##prefix##_##opcode##_##where

#define BODY(fn, ...)                                                                              \
    static void fn(union vec *dst, const union vec *src, u32 imm)                                  \
    {                                                                                              \
        (void)imm;                                                                                 \
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

/* Rows. Number 0 is none. */
#define AL  SIMD_AL
#define ST  SIMD_ST
#define FP  SIMD_FP
#define T32 SIMD_T32
#define T64 SIMD_T64
#define FL  SIMD_FL
#define PL  SIMD_PL
#define NO  SIMD_NO
#define MD  SIMD_MD
#define AP  SIMD_AP

#define RUNS_XX(run, what) run, NULL
#define RUNS_MM(run, what) run, NULL
#define RUNS_XM(run, what) run, NULL
#define RUNS_MX(run, what) run, NULL
#define RUNS_XR(run, what) run, NULL
#define RUNS_RX(run, what) run, NULL
#define RUNS_KX(run, what) run, NULL
#define RUNS_KM(run, what) run, NULL
#define RUNS_CO(run, what) run, NULL
#define RUNS_CC(run, what) run, NULL
#define RUNS_C(run, what)  simd_##what, NULL
#define RUNS_SP(run, what) NULL, simd_##what
#define IS_MM(file)        (SIMD_##file == SIMD_MM)

const struct simd_row simd_rows[] = {
    {"?", NULL, NULL, 0, 0, 0, 0, 0, 0, 0},
#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    {#name,          RUNS_##how(FN(prefix, opcode, where), what),                                  \
     opcode,         SIMD_##dst,                                                                   \
     SIMD_##src,     size,                                                                         \
     FEAT_##feature, (traits) | (IS_MM(dst) || IS_MM(src) ? SIMD_X87 : 0),                         \
     SIMD_##prefix},
#include "cpu/simd/simd.def"
#undef SIMD
};

enum {
    ROW_NONE,
#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    ROW_##prefix##_##opcode##_##where,
#include "cpu/simd/simd.def"
#undef SIMD
    ROW_COUNT
};
_Static_assert(ROW_COUNT <= 1024, "simd_pack has ten bits for it");

/* By `where`: the range of ModRM.reg and whether ModRM.rm may be memory (0) or a register (1). */
#define REGS_ANY 0 ... 7
#define REGS_MEM 0 ... 7
#define REGS_REG 0 ... 7
#define REGS_R2  2
#define REGS_R3  3
#define REGS_R4  4
#define REGS_R5  5
#define REGS_R6  6
#define REGS_R7  7
#define REGS_M2  2
#define REGS_M3  3
#define REGS_M7  7
#define RM_ANY   0 ... 1
#define RM_MEM   0
#define RM_REG   1
#define RM_R2    1
#define RM_R3    1
#define RM_R4    1
#define RM_R5    1
#define RM_R6    1
#define RM_R7    1
#define RM_M2    0
#define RM_M3    0
#define RM_M7    0

static const u16 lookup[4][256][8][2] = {
#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    [SIMD_##prefix][opcode][REGS_##where][RM_##where] = ROW_##prefix##_##opcode##_##where,
#include "cpu/simd/simd.def"
#undef SIMD
};

unsigned simd_find(enum simd_prefix prefix, u8 opcode, u8 modrm)
{
    return lookup[prefix & 3][opcode][modrm >> 3 & 7][modrm >= 0xc0];
}

bool simd_needs_osfxsr(const struct simd_row *row)
{
    return row->dst == SIMD_XMM || row->src == SIMD_XMM || row->special == simd_ldmxcsr ||
           row->special == simd_stmxcsr;
}
