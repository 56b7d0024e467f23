/* x86-64 machine code, by operand shape: the bottom layer of the native engine.
 *
 * Everything is written through the buffer's writable mapping; addresses in the code are those of the
 * executable one, `delta` bytes away. */
#ifndef PAGEWALK_X64_ASM_H
#define PAGEWALK_X64_ASM_H

#include "mmu/host/base.h"

/* ORDER: the hardware's numbers. Codes from AH on are the high byte registers, of byte operands only. */
enum hreg {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8_,
    R9_,
    R10_,
    R11_,
    R12_,
    R13_,
    R14_,
    R15_,
    AH = 20,
    CH,
    DH,
    BH,
    NO_REG = 0xff
};

struct code {
    u8 *p;     /* where the next byte goes (writable mapping) */
    i64 delta; /* executable address = writable address + delta */
};

/* Operand sizes of an instruction: 1, 2, 4, 8 bytes. A two-byte opcode (0F xx) is written 0x0Fxx. */

static inline void code8(struct code *c, u8 v)
{
    *c->p++ = v;
}

static inline void code32(struct code *c, u32 v)
{
    put32(c->p, v);
    c->p += 4;
}

static inline void code64(struct code *c, u64 v)
{
    put64(c->p, v);
    c->p += 8;
}

/* Prefixes and opcode. reg, index, base: as ModRM and SIB will hold them. bytes: which of reg and rm are
 * byte registers and so may need REX to be SPL-DIL, or must not have it to be AH-BH. */
static inline void code_opcode(struct code *c, unsigned size, unsigned opcode, unsigned reg,
                               unsigned index, unsigned base, bool byte_reg, bool byte_rm)
{
    unsigned rex = (size == 8 ? 8u : 0) | (reg >> 1 & 4) | (index >> 2 & 2) | (base >> 3 & 1);
    bool high = (byte_reg && reg >= AH) || (byte_rm && base >= AH);

    if (high)
        rex = 0;
    else if ((byte_reg && reg >= RSP && reg < R8_) || (byte_rm && base >= RSP && base < R8_))
        rex |= 0x40;
    if (size == 2)
        code8(c, 0x66);
    if (rex)
        code8(c, (u8)(0x40 | rex));
    if (opcode > 0xff)
        code8(c, (u8)(opcode >> 8));
    code8(c, (u8)opcode);
}

/* op reg, rm: both registers. */
static inline void code_rr(struct code *c, unsigned size, unsigned opcode, unsigned reg,
                           unsigned rm)
{
    code_opcode(c, size, opcode, reg, 0, rm, size == 1, size == 1);
    code8(c, (u8)(0xc0 | (reg & 7) << 3 | (rm & 7)));
}

/* MOVZX, MOVSX: a wide register from a byte or word one. */
static inline void code_extend(struct code *c, unsigned opcode, unsigned reg, unsigned rm,
                               bool byte)
{
    code_opcode(c, 4, opcode, reg, 0, rm, false, byte);
    code8(c, (u8)(0xc0 | (reg & 7) << 3 | (rm & 7)));
}

/* ModRM, SIB and displacement of [base + (index << scale) + disp]; index NO_REG: none; base NO_REG: none. */
static inline void code_address(struct code *c, unsigned reg, unsigned base, unsigned index,
                                unsigned scale, i32 disp)
{
    unsigned r = (reg & 7) << 3;

    if (base == NO_REG) {
        code8(c, (u8)(0x04 | r));
        code8(c, (u8)(scale << 6 | (index == NO_REG ? 4u << 3 : (index & 7) << 3) | 5));
        code32(c, (u32)disp);
        return;
    }
    if (disp == 0 && (base & 7) != RBP)
        r |= 0;
    else if (disp >= -128 && disp < 128)
        r |= 0x40;
    else
        r |= 0x80;
    if (index == NO_REG && (base & 7) != RSP) {
        code8(c, (u8)(r | (base & 7)));
    } else {
        code8(c, (u8)(r | 4));
        code8(c, (u8)(scale << 6 | (index == NO_REG ? 4u << 3 : (index & 7) << 3) | (base & 7)));
    }
    if (r & 0x40)
        code8(c, (u8)disp);
    else if (r & 0x80)
        code32(c, (u32)disp);
}

/* op reg, [base + (index << scale) + disp]. reg_byte: reg is a byte register. */
static inline void code_rm(struct code *c, unsigned size, unsigned opcode, unsigned reg,
                           unsigned base, unsigned index, unsigned scale, i32 disp, bool reg_byte)
{
    code_opcode(c, size, opcode, reg, index == NO_REG ? 0 : index, base == NO_REG ? 0 : base,
                reg_byte, false);
    code_address(c, reg, base, index, scale, disp);
}

/* op with a ModRM extension and an immediate of the operand's size (1, 2, 4): 80/81/83, C6/C7, F6/F7. */
static inline void code_imm(struct code *c, unsigned size, u32 imm)
{
    if (size == 1) {
        code8(c, (u8)imm);
    } else if (size == 2) {
        put16(c->p, (u16)imm);
        c->p += 2;
    } else {
        code32(c, imm);
    }
}

/* The group of opcodes 80-83, and bits 3-5 of 00-3B. (SDM vol. 2D, table A-6) */
enum alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

/* op register, immediate. */
static inline void code_alu_ri(struct code *c, unsigned size, enum alu n, unsigned rm, u32 imm)
{
    if (size == 2)
        imm = (u32)(i32)(i16)imm;
    if (size > 1 && (i32)imm >= -128 && (i32)imm < 128) {
        code_rr(c, size, 0x83, n, rm);
        code8(c, (u8)imm);
        return;
    }
    code_opcode(c, size, size == 1 ? 0x80 : 0x81, n, 0, rm, false, size == 1);
    code8(c, (u8)(0xc0 | n << 3 | (rm & 7)));
    code_imm(c, size, imm);
}

static inline void code_alu_rr(struct code *c, unsigned size, enum alu n, unsigned dst,
                               unsigned src)
{
    code_rr(c, size, n << 3 | (size > 1), src, dst);
}

/* mov r32, imm32 - never xor: the flags stay. mov r64, imm64. */
static inline void code_mov_ri(struct code *c, unsigned reg, u32 imm)
{
    if (reg >= R8_)
        code8(c, 0x41);
    code8(c, (u8)(0xb8 | (reg & 7)));
    code32(c, imm);
}

static inline void code_mov_ri64(struct code *c, unsigned reg, u64 imm)
{
    code8(c, (u8)(0x48 | (reg >> 3)));
    code8(c, (u8)(0xb8 | (reg & 7)));
    code64(c, imm);
}

static inline void code_mov_rr(struct code *c, unsigned size, unsigned dst, unsigned src)
{
    if (dst != src)
        code_rr(c, size, size == 1 ? 0x88 : 0x89, src, dst);
}

/* Displacement of a jump or call whose four bytes start at `site`, to an executable address. */
static inline void code_patch_rel(const struct code *c, u8 *site, const u8 *target)
{
    put32(site, (u32)(target - (site + 4 + c->delta)));
}

static inline const u8 *code_here(const struct code *c)
{
    return c->p + c->delta;
}

/* The next line of the host's cache, for a hot entry; the bytes before it are never run. */
static inline const u8 *code_align(struct code *c)
{
    while ((uintptr_t)c->p & 63)
        code8(c, 0xcc);
    return code_here(c);
}

/* jmp, call, jcc rel32; each returns the site of the displacement. */
static inline u8 *code_jmp(struct code *c, const u8 *target)
{
    code8(c, 0xe9);
    code32(c, 0);
    code_patch_rel(c, c->p - 4, target);
    return c->p - 4;
}

static inline u8 *code_call(struct code *c, const u8 *target)
{
    code8(c, 0xe8);
    code32(c, 0);
    code_patch_rel(c, c->p - 4, target);
    return c->p - 4;
}

static inline u8 *code_jcc(struct code *c, unsigned cc, const u8 *target)
{
    code8(c, 0x0f);
    code8(c, (u8)(0x80 | cc));
    code32(c, 0);
    code_patch_rel(c, c->p - 4, target);
    return c->p - 4;
}

/* rorx dst32, src32, count: BMI2. Flags stay. */
static inline void code_rorx(struct code *c, unsigned dst, unsigned src, unsigned count)
{
    code8(c, 0xc4);
    code8(c, (u8)((dst >= R8_ ? 0 : 0x80) | 0x40 | (src >= R8_ ? 0 : 0x20) | 3));
    code8(c, 0x7b);
    code8(c, 0xf0);
    code8(c, (u8)(0xc0 | (dst & 7) << 3 | (src & 7)));
    code8(c, (u8)count);
}

/* A forward jump within 127 bytes: the site, then code_bind_short() at its target. */
static inline u8 *code_jcc_short(struct code *c, unsigned cc)
{
    code8(c, (u8)(0x70 | cc));
    code8(c, 0);
    return c->p - 1;
}

static inline void code_bind_short(struct code *c, u8 *site)
{
    BUG_ON(c->p - (site + 1) > 127);
    *site = (u8)(c->p - (site + 1));
}

enum {
    CC_O,
    CC_NO,
    CC_B,
    CC_AE,
    CC_E,
    CC_NE,
    CC_BE,
    CC_A,
    CC_S,
    CC_NS,
    CC_P,
    CC_NP,
    CC_L,
    CC_GE,
    CC_LE,
    CC_G
};

#endif
