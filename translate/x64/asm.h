/* x86-64 machine code, by operand shape: the bottom layer of the native engine, below insns.h.
 *
 * Everything is written through the buffer's writable mapping; addresses in the code are those of the
 * executable one, `delta` bytes away. */
#ifndef PAGEWALK_X64_ASM_H
#define PAGEWALK_X64_ASM_H

#include "mmu/host/base.h"
#include "translate/x64/opcodes.h"

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

/* Operand sizes of an instruction: 1, 2, 4, 8 bytes. */

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
    unsigned rex = (size == 8 ? REX_W : 0u) | (reg >> 1 & 4) | (index >> 2 & 2) | (base >> 3 & 1);
    bool high = (byte_reg && reg >= AH) || (byte_rm && base >= AH);

    if (high)
        rex = 0;
    else if ((byte_reg && reg >= RSP && reg < R8_) || (byte_rm && base >= RSP && base < R8_))
        rex |= REX;
    if (size == 2)
        code8(c, PREFIX_OSZ);
    if (rex)
        code8(c, (u8)(REX | rex));
    if (opcode > 0xff)
        code8(c, (u8)(opcode >> 8));
    code8(c, (u8)opcode);
}

/* ModRM of two registers, or of an opcode's extension and a register. */
static inline void code_modrm_rr(struct code *c, unsigned reg, unsigned rm)
{
    code8(c, (u8)(0xc0 | (reg & 7) << 3 | (rm & 7)));
}

/* op reg, rm: both registers. */
static inline void code_rr(struct code *c, unsigned size, unsigned opcode, unsigned reg,
                           unsigned rm)
{
    code_opcode(c, size, opcode, reg, 0, rm, size == 1, size == 1);
    code_modrm_rr(c, reg, rm);
}

/* MOVZX, MOVSX: a wide register from a byte or word one. */
static inline void code_extend(struct code *c, unsigned opcode, unsigned reg, unsigned rm,
                               bool byte)
{
    code_opcode(c, 4, opcode, reg, 0, rm, false, byte);
    code_modrm_rr(c, reg, rm);
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

/* Displacement of a jump or call whose four bytes start at `site`, to an executable address. */
static inline void code_patch_rel(const struct code *c, u8 *site, const u8 *target)
{
    put32(site, (u32)(target - (site + 4 + c->delta)));
}

static inline const u8 *code_here(const struct code *c)
{
    return c->p + c->delta;
}

#endif
