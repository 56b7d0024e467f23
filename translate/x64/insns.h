/* The host's instructions one by one, by what they do: above asm.h, which knows their encoding by operand shape. */
#ifndef PAGEWALK_X64_INSNS_H
#define PAGEWALK_X64_INSNS_H

#include "translate/x64/asm.h"

/* mov r32, imm32 - never xor: the flags stay. mov r64, imm64. */
static inline void code_mov_ri(struct code *c, unsigned reg, u32 imm)
{
    code_opcode(c, 4, OP_MOV_REG_IMM | (reg & 7), 0, 0, reg, false, false);
    code32(c, imm);
}

static inline void code_mov_ri64(struct code *c, unsigned reg, u64 imm)
{
    code_opcode(c, 8, OP_MOV_REG_IMM | (reg & 7), 0, 0, reg, false, false);
    code64(c, imm);
}

static inline void code_mov_rr(struct code *c, unsigned size, unsigned dst, unsigned src)
{
    if (dst != src)
        code_rr(c, size, opcode_of(OP_MOV_STORE8, size), src, dst);
}

/* reg = [base + disp]; and back. */
static inline void code_load(struct code *c, unsigned size, unsigned reg, unsigned base, i32 disp)
{
    code_rm(c, size, opcode_of(OP_MOV_LOAD8, size), reg, base, NO_REG, 0, disp, size == 1);
}

static inline void code_store(struct code *c, unsigned size, unsigned reg, unsigned base, i32 disp)
{
    code_rm(c, size, opcode_of(OP_MOV_STORE8, size), reg, base, NO_REG, 0, disp, size == 1);
}

/* reg = base + (index << scale) + disp; flags stay. */
static inline void code_lea(struct code *c, unsigned size, unsigned reg, unsigned base,
                            unsigned index, unsigned scale, i32 disp)
{
    code_rm(c, size, OP_LEA, reg, base, index, scale, disp, false);
}

/* xchg of low byte registers, or of AH-BH with a low one. */
static inline void code_xchg8(struct code *c, unsigned a, unsigned b)
{
    code_rr(c, 1, OP_XCHG8, a, b);
}

/* op register, immediate. */
static inline void code_alu_ri(struct code *c, unsigned size, enum alu n, unsigned rm, u32 imm)
{
    if (size == 2)
        imm = (u32)(i32)(i16)imm;
    if (size > 1 && (i32)imm >= -128 && (i32)imm < 128) {
        code_rr(c, size, OP_ALU_IMM_SHORT, n, rm);
        code8(c, (u8)imm);
        return;
    }
    code_opcode(c, size, opcode_of(OP_ALU_IMM8, size), n, 0, rm, false, size == 1);
    code_modrm_rr(c, n, rm);
    code_imm(c, size, imm);
}

/* The same with an immediate of always four bytes, which may be patched: it ends with them. */
static inline void code_alu_ri32(struct code *c, enum alu n, unsigned rm, u32 imm)
{
    code_rr(c, 4, OP_ALU_IMM, n, rm);
    code32(c, imm);
}

static inline void code_alu_rr(struct code *c, unsigned size, enum alu n, unsigned dst,
                               unsigned src)
{
    code_rr(c, size, (unsigned)n << 3 | opcode_of(OP_ALU_MR8, size), src, dst);
}

/* reg op= [base + (index << scale) + disp]; of CMP the flags only. */
static inline void code_alu_rm(struct code *c, unsigned size, enum alu n, unsigned reg,
                               unsigned base, unsigned index, unsigned scale, i32 disp)
{
    code_rm(c, size, (unsigned)n << 3 | opcode_of(OP_ALU_RM8, size), reg, base, index, scale, disp,
            size == 1);
}

/* [base + disp] op= reg. */
static inline void code_alu_mr(struct code *c, unsigned size, enum alu n, unsigned base, i32 disp,
                               unsigned reg)
{
    code_rm(c, size, (unsigned)n << 3 | opcode_of(OP_ALU_MR8, size), reg, base, NO_REG, 0, disp,
            size == 1);
}

/* [base + disp] op= imm, of a byte, or of 4 bytes as a byte is extended. */
static inline void code_alu_mi8(struct code *c, unsigned size, enum alu n, unsigned base, i32 disp,
                                u8 imm)
{
    code_rm(c, size, size == 1 ? OP_ALU_IMM8 : OP_ALU_IMM_SHORT, n, base, NO_REG, 0, disp, false);
    code8(c, imm);
}

/* Flags of a & b; of a byte at [base + disp] & imm. */
static inline void code_test_rr(struct code *c, unsigned size, unsigned a, unsigned b)
{
    code_rr(c, size, opcode_of(OP_TEST8, size), a, b);
}

static inline void code_test_ri(struct code *c, unsigned size, unsigned reg, u32 imm)
{
    code_rr(c, size, opcode_of(OP_UNARY8, size), UNARY_TEST, reg);
    code_imm(c, size, imm);
}

static inline void code_test_mi8(struct code *c, unsigned base, i32 disp, u8 imm)
{
    code_rm(c, 1, OP_UNARY8, UNARY_TEST, base, NO_REG, 0, disp, false);
    code8(c, imm);
}

/* NOT NEG, and MUL IMUL DIV IDIV of EDX:EAX. */
static inline void code_unary(struct code *c, unsigned size, enum unary n, unsigned reg)
{
    code_rr(c, size, opcode_of(OP_UNARY8, size), n, reg);
}

/* INC DEC. */
static inline void code_step(struct code *c, unsigned size, enum step n, unsigned reg)
{
    code_rr(c, size, opcode_of(OP_STEP8, size), n, reg);
}

/* By a constant; by CL. */
static inline void code_shift_ri(struct code *c, unsigned size, enum shift n, unsigned reg,
                                 unsigned count)
{
    code_rr(c, size, opcode_of(OP_SHIFT_IMM8, size), n, reg);
    code8(c, (u8)count);
}

static inline void code_shift_cl(struct code *c, unsigned size, enum shift n, unsigned reg)
{
    code_rr(c, size, opcode_of(OP_SHIFT_CL8, size), n, reg);
}

/* Bit `bit` of reg, a constant. */
static inline void code_bit_ri(struct code *c, unsigned size, enum bit_op n, unsigned reg,
                               unsigned bit)
{
    code_rr(c, size, OP_BIT_IMM, n, reg);
    code8(c, (u8)bit);
}

/* Bit number `bit` (a register) of reg. */
static inline void code_bit_rr(struct code *c, unsigned size, enum bit_op n, unsigned reg,
                               unsigned bit)
{
    code_rr(c, size, OP_BIT | (unsigned)n << 3, bit, reg);
}

/* dst = src * imm, of the operand's size (4 bytes of 8). */
static inline void code_imul_ri(struct code *c, unsigned size, unsigned dst, unsigned src, u32 imm)
{
    code_rr(c, size, OP_IMUL_IMM, dst, src);
    code_imm(c, size, imm);
}

/* rorx dst32, src32, count: BMI2, by VEX. Flags stay. (SDM vol. 2A, 2.3.5; vol. 2B, RORX) */
static inline void code_rorx(struct code *c, unsigned dst, unsigned src, unsigned count)
{
    code8(c, 0xc4);
    code8(c, (u8)((dst >= R8_ ? 0 : 0x80) | 0x40 | (src >= R8_ ? 0 : 0x20) | 3));
    code8(c, 0x7b);
    code8(c, 0xf0);
    code_modrm_rr(c, dst, src);
    code8(c, (u8)count);
}

/* One instruction of len bytes, 1 to 9, that does nothing. (SDM vol. 2B, NOP) */
static inline void code_nop(struct code *c, unsigned len)
{
    static const u8 nop[9][9] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };

    for (unsigned i = 0; i < len; i++)
        code8(c, nop[len - 1][i]);
}

/* All 64 bits. */
static inline void code_push(struct code *c, unsigned reg)
{
    code_opcode(c, 4, OP_PUSH | (reg & 7), 0, 0, reg, false, false);
}

static inline void code_pop(struct code *c, unsigned reg)
{
    code_opcode(c, 4, OP_POP | (reg & 7), 0, 0, reg, false, false);
}

static inline void code_pushf(struct code *c)
{
    code8(c, OP_PUSHF);
}

static inline void code_popf(struct code *c)
{
    code8(c, OP_POPF);
}

static inline void code_ret(struct code *c)
{
    code8(c, OP_RET);
}

/* To the address in reg. */
static inline void code_jmp_reg(struct code *c, unsigned reg)
{
    code_rr(c, 4, OP_STEP, STEP_JMP, reg);
}

static inline void code_call_reg(struct code *c, unsigned reg)
{
    code_rr(c, 4, OP_STEP, STEP_CALL, reg);
}

/* jmp, call, jcc rel32; each returns the site of the displacement. */
static inline u8 *code_rel32(struct code *c, const u8 *target)
{
    code32(c, 0);
    code_patch_rel(c, c->p - 4, target);
    return c->p - 4;
}

static inline u8 *code_jmp(struct code *c, const u8 *target)
{
    code8(c, OP_JMP);
    return code_rel32(c, target);
}

static inline u8 *code_call(struct code *c, const u8 *target)
{
    code8(c, OP_CALL);
    return code_rel32(c, target);
}

static inline u8 *code_jcc(struct code *c, unsigned cc, const u8 *target)
{
    code_opcode(c, 4, OP_JCC | cc, 0, 0, 0, false, false);
    return code_rel32(c, target);
}

/* The same forward: code_bind() at the target. */
static inline u8 *code_jmp_forward(struct code *c)
{
    return code_jmp(c, code_here(c));
}

static inline u8 *code_jcc_forward(struct code *c, unsigned cc)
{
    return code_jcc(c, cc, code_here(c));
}

static inline void code_bind(struct code *c, u8 *site)
{
    code_patch_rel(c, site, code_here(c));
}

/* Within 127 bytes: code_bind_short() at the target. */
static inline u8 *code_jcc_short(struct code *c, unsigned cc)
{
    code8(c, (u8)(OP_JCC_SHORT | cc));
    code8(c, 0);
    return c->p - 1;
}

static inline void code_bind_short(struct code *c, u8 *site)
{
    BUG_ON(c->p - (site + 1) > 127);
    *site = (u8)(c->p - (site + 1));
}

/* The next line of the host's cache, for a hot entry; the bytes before it are never run. */
static inline const u8 *code_align(struct code *c)
{
    while ((uintptr_t)c->p & 63)
        code8(c, OP_INT3);
    return code_here(c);
}

#endif
