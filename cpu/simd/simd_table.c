/* The tables made from simd.def. */
#include "cpu/simd/simd_priv.h"
#include "cpu/simd/simd_unit.h"

/* Rows. Number 0 is none. */
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
    {#name,          RUNS_##how(SIMD_UNIT(prefix, opcode, where, name, how), what),                \
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
