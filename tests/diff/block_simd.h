/* MMX and SSE instructions in random programs (block_gen.h): any row of simd.def, FXSAVE and FXRSTOR, with operands
 * that are mostly good. */
#ifndef PAGEWALK_TESTS_BLOCK_SIMD_H
#define PAGEWALK_TESTS_BLOCK_SIMD_H

#include "cpu/simd/simd.h"
#include "tests/diff/block_gen.h"

#define BT_FXSAVE (BT_DATA + 0x400)

/* ModRM.reg where it is part of the opcode, and whether ModRM.rm is memory. */
enum simd_where { WHERE_ANY, WHERE_MEM, WHERE_REG, WHERE_R0 = 8, WHERE_M0 = 16 };

static const struct {
    u8 prefix, opcode, where;
} block_simd[] = {
#define WHERE_R2 (WHERE_R0 + 2)
#define WHERE_R3 (WHERE_R0 + 3)
#define WHERE_R4 (WHERE_R0 + 4)
#define WHERE_R5 (WHERE_R0 + 5)
#define WHERE_R6 (WHERE_R0 + 6)
#define WHERE_R7 (WHERE_R0 + 7)
#define WHERE_M2 (WHERE_M0 + 2)
#define WHERE_M3 (WHERE_M0 + 3)
#define WHERE_M7 (WHERE_M0 + 7)
#define SIMD(prefix, opcode, where, name, dst, src, size, feature, traits, how, what)              \
    {SIMD_##prefix, opcode, WHERE_##where},
#include "cpu/simd/simd.def"
#undef SIMD
};

/* ModRM and a memory operand: at a register, or at an address that is mostly aligned if that is asked for. */
static inline void block_simd_memory(struct gen_state *g, struct unit *u, unsigned reg,
                                     bool aligned)
{
    static const u8 base[4] = {3, 5, 6, 7};
    u32 address = gen_address(g);

    if (!aligned && gen_rnd(g, 2)) {
        unit_put(u, 0x40u | reg << 3 | base[gen_rnd(g, 4)], 1);
        unit_put(u, gen_rnd(g, 256), 1);
        return;
    }
    if (aligned && gen_rnd(g, 24))
        address &= ~15u;
    unit_put(u, 0x05u | reg << 3, 1);
    unit_put(u, address, 4);
}

static inline void block_simd_insn(struct gen_state *g, struct unit *u)
{
    static const u8 prefix[4] = {0, 0x66, 0xf3, 0xf2};
    unsigned n = gen_rnd(g, ARRAY_SIZE(block_simd)), where = block_simd[n].where;
    u8 opcode = block_simd[n].opcode;
    unsigned reg = where >= WHERE_R0 ? where & 7 : gen_rnd(g, 8), row;
    bool mem = where == WHERE_ANY ? gen_rnd(g, 3) == 0 : where == WHERE_MEM || where >= WHERE_M0;

    if (gen_rnd(g, 40) == 0) { /* FXSAVE, FXRSTOR */
        unit_put(u, 0x05ae0fu | gen_rnd(g, 2) << 19, 3);
        unit_put(u, BT_FXSAVE, 4);
        return;
    }
    if (block_simd[n].prefix != SIMD_NP)
        unit_put(u, prefix[block_simd[n].prefix], 1);
    unit_put(u, 0x0fu | (u32)opcode << 8, 2);
    if (opcode == 0x77)
        return;
    row =
        simd_find((enum simd_prefix)block_simd[n].prefix, opcode, (u8)(mem ? 0 : 0xc0) | reg << 3);
    if (mem)
        block_simd_memory(g, u, reg, simd_rows[row].traits & SIMD_AL);
    else
        unit_put(u, 0xc0u | reg << 3 | gen_rnd(g, 8), 1);
    if ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 || (opcode >= 0xc4 && opcode <= 0xc6))
        unit_put(u, gen_rnd(g, 256), 1);
}

static inline void block_simd_unit(struct gen_state *g, struct unit *u)
{
    for (unsigned n = 1 + gen_rnd(g, 3); n > 0; n--)
        block_simd_insn(g, u);
}

/* Registers that are mostly numbers; MXCSR of any rounding; seldom with an exception unmasked. */
static inline void block_simd_state(struct cpu *cpu, u32 seed)
{
    struct gen_state g = {.seed = seed * 0x10001ull + 5};

    for (unsigned i = 0; i < 8; i++)
        for (unsigned k = 0; k < 4; k++)
            cpu->xmm[i].d[k] =
                gen_rnd(&g, 5) ? 0x3f800000 + gen_rnd(&g, 0x2000000) : gen_number(&g);
    for (unsigned i = 0; i < 8; i++)
        cpu->x87.r[i].frac = (u64)gen_number(&g) << 32 | gen_number(&g);
    cpu->x87.cw = gen_rnd(&g, 8) ? 0x37f : 0x360;
    cpu->cr4 |= CR4_OSFXSR | (gen_rnd(&g, 2) ? CR4_OSXMMEXCPT : 0);
    cpu->mxcsr = MXCSR_RESET | gen_rnd(&g, 4) << 13 | (gen_rnd(&g, 4) ? 0 : MXCSR_FZ | MXCSR_DAZ);
    if (gen_rnd(&g, 6) == 0)
        cpu->mxcsr &= ~(gen_rnd(&g, 64) << MXCSR_MASK_SHIFT);
}

#endif
