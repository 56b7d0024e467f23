/* Opcodes of the host's instructions that the engine emits, by name. (SDM vol. 2D, appendix A)
 *
 * A two-byte opcode (0F xx) is written 0x0fxx. Where there is a form for bytes, its number is even and has an 8 in its
 * name; the next number is that for wider operands, which has a name where it is used by itself. opcode_of() chooses. */
#ifndef PAGEWALK_X64_OPCODES_H
#define PAGEWALK_X64_OPCODES_H

enum opcode {
    OP_ALU_MR8 = 0x00, /* with enum alu << 3: op rm, reg */
    OP_ALU_RM8 = 0x02, /* op reg, rm */
    OP_PUSH = 0x50,    /* with the register in the low three bits, as in POP and BSWAP */
    OP_POP = 0x58,
    OP_PUSH_IMM = 0x68,
    OP_IMUL_IMM = 0x69,
    OP_JCC_SHORT = 0x70, /* with a condition, as in the other CC */
    OP_ALU_IMM8 = 0x80,  /* enum alu in ModRM; bytes */
    OP_ALU_IMM = 0x81,
    OP_ALU_IMM_SHORT = 0x83, /* wider operands, an immediate of a byte */
    OP_TEST8 = 0x84,
    OP_TEST = 0x85,
    OP_XCHG8 = 0x86,
    OP_MOV_STORE8 = 0x88, /* rm = reg */
    OP_MOV_STORE = 0x89,
    OP_MOV_LOAD8 = 0x8a, /* reg = rm */
    OP_MOV_LOAD = 0x8b,
    OP_LEA = 0x8d,
    OP_POP_RM = 0x8f,
    OP_NOP = 0x90,
    OP_PUSHF = 0x9c,
    OP_POPF = 0x9d,
    OP_MOV_REG_IMM8 = 0xb0, /* with the register in the low three bits */
    OP_MOV_REG_IMM = 0xb8,
    OP_SHIFT_IMM8 = 0xc0, /* enum shift in ModRM */
    OP_RET_DROP = 0xc2,   /* ret imm16 */
    OP_RET = 0xc3,
    OP_MOV_IMM8 = 0xc6,
    OP_MOV_IMM = 0xc7,
    OP_INT3 = 0xcc,
    OP_SHIFT_CL8 = 0xd2,
    OP_X87 = 0xd8, /* to DF */
    OP_CALL = 0xe8,
    OP_JMP = 0xe9,
    OP_JMP_SHORT = 0xeb,
    OP_UNARY8 = 0xf6, /* enum unary in ModRM */
    OP_STEP8 = 0xfe,  /* enum step in ModRM */
    OP_STEP = 0xff,
    OP_MOVUPS_LOAD = 0x0f10,
    OP_MOVUPS_STORE = 0x0f11,
    OP_MOVAPS_LOAD = 0x0f28,
    OP_MOVAPS_STORE = 0x0f29,
    OP_CMOV = 0x0f40,
    OP_JCC = 0x0f80,
    OP_SETCC = 0x0f90,
    OP_BIT = 0x0f83, /* with enum bit_op << 3: op rm, reg */
    OP_SHLD_IMM = 0x0fa4,
    OP_SHLD_CL = 0x0fa5,
    OP_SHRD_IMM = 0x0fac,
    OP_SHRD_CL = 0x0fad,
    OP_LDMXCSR = 0x0fae, /* 2 in ModRM */
    OP_IMUL = 0x0faf,
    OP_MOVZX8 = 0x0fb6,
    OP_MOVZX16 = 0x0fb7,
    OP_BIT_IMM = 0x0fba, /* enum bit_op in ModRM */
    OP_BSF = 0x0fbc,
    OP_BSR = 0x0fbd,
    OP_MOVSX8 = 0x0fbe,
    OP_MOVSX16 = 0x0fbf,
    OP_BSWAP = 0x0fc8,
};

#define OP_ESCAPE      0x0f /* first byte of a two-byte opcode */
#define PREFIX_DS      0x3e
#define PREFIX_GS      0x65
#define PREFIX_ADDRESS 0x67 /* addresses of 32 bits */
#define PREFIX_OSZ     0x66 /* operands of 16 bits; and the mandatory prefixes of SSE */
#define PREFIX_REPNE   0xf2
#define PREFIX_REP     0xf3
#define REX            0x40
#define REX_B          0x01 /* rm, base or the opcode's register is one of r8-r15 */
#define REX_W          0x08 /* 64 bits */

/* Extensions of opcodes, in the reg field of ModRM. (SDM vol. 2D, table A-6) */
enum alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };
enum shift { SHIFT_ROL, SHIFT_ROR, SHIFT_SHL = 4, SHIFT_SHR = 5, SHIFT_SAR = 7 };
enum unary { UNARY_TEST, UNARY_NOT = 2, UNARY_NEG, UNARY_MUL, UNARY_IMUL, UNARY_DIV, UNARY_IDIV };
enum step { STEP_INC, STEP_DEC, STEP_CALL, STEP_JMP = 4, STEP_PUSH = 6 };
enum bit_op { BIT_BT = 4, BIT_BTS, BIT_BTR, BIT_BTC };
#define LDMXCSR_EXTENSION 2

/* Conditions, in the low four bits of Jcc, SETcc and CMOVcc. */
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

/* The form for operands of size bytes, from that for bytes. */
static inline unsigned opcode_of(enum opcode bytes, unsigned size)
{
    return bytes | (size > 1);
}

#endif
