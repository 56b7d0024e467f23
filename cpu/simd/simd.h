/* MMX and SSE to SSE3: the table of their instructions, and what the other layers ask of the unit.
 *
 * An instruction is a row, found by mandatory prefix, opcode and ModRM. The decoder takes the row's
 * number along, the lowering packs it with the registers into one immediate, and helper `simd` runs
 * the row. Arithmetic runs on the host's own MMX and SSE units where it has them, else in integers (simd_unit.h);
 * approximations, which hosts do differently, are by rule (simd_approx.c), unless cpu->host_math is set. */
#ifndef PAGEWALK_SIMD_H
#define PAGEWALK_SIMD_H

#include "cpu/cpuid.h"

/* Mandatory prefix: F2 and F3 win over 66. (SDM vol. 2, 2.1.2) */
enum simd_prefix { SIMD_NP, SIMD_P66, SIMD_PF3, SIMD_PF2 };

enum simd_file { SIMD_NONE, SIMD_MM, SIMD_XMM, SIMD_GPR, SIMD_IMM };

#define SIMD_AL  0x0001 /* a memory operand is aligned to 16 bytes, else #GP(0) */
#define SIMD_ST  0x0002 /* ModRM.rm is the destination */
#define SIMD_FP  0x0004 /* runs under MXCSR */
#define SIMD_T32 0x0008 /* results may be tiny: single */
#define SIMD_T64 0x0010 /* double */
#define SIMD_FL  0x0020 /* the result is EFLAGS */
#define SIMD_PL  0x0040 /* CR0.EM, CR0.TS, CR4.OSFXSR and pending x87 exceptions do not matter */
#define SIMD_NO  0x0080 /* has no effect that can be seen */
#define SIMD_X87 0x0100 /* an MMX instruction: takes the x87 registers over */
#define SIMD_MD  0x0200 /* may change cpu->mode */
#define SIMD_AP  0x0400 /* an approximation: makes of processors differ */

struct simd_insn;

/* mxcsr: rounding in and exceptions out, for rows with SIMD_FP; they then have all exceptions masked. */
typedef void simd_fn(union vec *dst, const union vec *src, u32 imm, u32 *mxcsr);
typedef void simd_special_fn(struct cpu *cpu, const struct simd_insn *in);

struct simd_row {
    const char *name;
    simd_fn *fn;              /* dst = op(dst, src, imm) */
    simd_special_fn *special; /* or all of the instruction */
    u8 opcode;
    u8 dst, src; /* enum simd_file */
    u8 size;     /* of the memory operand, bytes */
    u8 feature;  /* enum cpu_feature */
    u16 traits;  /* SIMD_* */
    u8 prefix;   /* enum simd_prefix */
};
extern const struct simd_row simd_rows[];

/* Number of the row, or 0 when there is no such instruction. modrm is 0 for opcodes without one. */
unsigned simd_find(enum simd_prefix prefix, u8 opcode, u8 modrm);

/* Whether the row works on XMM registers or MXCSR, and so needs CR4.OSFXSR. */
bool simd_needs_osfxsr(const struct simd_row *row);

/* Argument c of helper `simd`. */
struct simd_insn {
    const struct simd_row *row;
    u8 reg, rm, imm;
    bool mem;
    enum sreg seg;
    u32 ea;
};

static inline u32 simd_pack(unsigned row, u8 modrm, bool mem, unsigned seg, u8 imm)
{
    return row | (u32)(modrm >> 3 & 7) << 10 | (u32)(modrm & 7) << 13 | (u32)mem << 16 | seg << 17 |
           (u32)imm << 24;
}

static inline const struct simd_row *simd_row_of(u32 c)
{
    return &simd_rows[c & 0x3ff];
}

/* All but ea. */
static inline struct simd_insn simd_unpack(u32 c)
{
    return (struct simd_insn){
        .row = simd_row_of(c),
        .reg = c >> 10 & 7,
        .rm = c >> 13 & 7,
        .mem = c >> 16 & 1,
        .seg = (enum sreg)(c >> 17 & 7),
        .imm = (u8)(c >> 24),
    };
}

/* MXCSR. (SDM vol. 1, 10.2.3) */
#define MXCSR_IE         0x0001u
#define MXCSR_DE         0x0002u
#define MXCSR_ZE         0x0004u
#define MXCSR_OE         0x0008u
#define MXCSR_UE         0x0010u
#define MXCSR_PE         0x0020u
#define MXCSR_FLAGS      0x003fu
#define MXCSR_DAZ        0x0040u
#define MXCSR_UM         0x0800u
#define MXCSR_MASKS      0x1f80u
#define MXCSR_MASK_SHIFT 7
#define MXCSR_FZ         0x8000u
#define MXCSR_RESET      0x1f80u

/* An engine that runs guest SSE instructions as they are loads the guest's MXCSR into the host's, where MODE_XM
 * does not forbid it. C code of ours computes in integers, so it may stay there across calls. Before
 * cpu->mxcsr is looked at or changed: mxcsr_sync(). Whoever changes the masks: cpu_update_mode(). */
void mxcsr_leave(struct cpu *cpu);
static inline void mxcsr_sync(struct cpu *cpu)
{
    if (cpu->sse_live & SSE_MXCSR)
        mxcsr_leave(cpu);
}

/* Bits of MXCSR that the model has: DAZ came with the Pentium 4. */
static inline u32 mxcsr_bits(const struct cpu_model *model)
{
    return cpu_has(model, FEAT_SSE2) ? 0xffffu : 0xffffu & ~MXCSR_DAZ;
}

#endif
