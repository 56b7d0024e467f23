/* Guest bytes to struct insn: a table-driven decoder for every mode from the 8086 to the Pentium 4.
 *
 * decode() is pure: it reads bytes through a callback, knows no CPU state but the code size and the
 * model, and raises nothing: an undefined or unsupported encoding has op I_UD. */
#ifndef PAGEWALK_DECODE_H
#define PAGEWALK_DECODE_H

#include "cpu/simd/simd.h"

/* Mnemonics: I_ADD, I_MOVZX...; one entry a distinct mnemonic of insn.def (see mnemonic.def). */
enum insn_op {
#define MNEMONIC(name) I_##name,
#include "translate/decode/mnemonic.def"
#undef MNEMONIC
    I_COUNT
};

enum operand_kind {
    OP_NONE,
    OP_REG,  /* general register reg, by size: 1 (AL CL DL BL AH CH DH BH), 2, 4 */
    OP_MEM,  /* the insn's memory operand, size bytes (0: an address only, as LEA's or INVLPG's) */
    OP_IMM,  /* imm, sign-extended from its encoding where the instruction does so */
    OP_REL,  /* jump target: imm = displacement, sign-extended; relative to the next instruction */
    OP_FAR,  /* far pointer: imm = offset, sel = selector */
    OP_SREG, /* segment register reg */
    OP_CREG, /* control register reg */
    OP_DREG, /* debug register reg */
    OP_ST,   /* x87 register reg */
    OP_MMX,  /* MMX register reg */
    OP_XMM,  /* XMM register reg */
};

struct operand {
    u8 kind; /* enum operand_kind */
    u8 size; /* bytes: 1 2 4 6 8 10 16 28 94 108 512; 6 for far pointers in memory (4 with osz 2) */
    u8 reg;
    u16 sel;
    u32 imm;
};

#define REG_NONE 0xff

struct mem_operand {
    u8 seg;   /* enum sreg, overrides applied */
    u8 base;  /* GPR number or REG_NONE */
    u8 index; /* GPR number or REG_NONE */
    u8 shift; /* index is shifted left by this, 0-3 */
    u32 disp; /* sign-extended; ea is truncated to 16 bits when asize is 2 */
};

enum insn_rep {
    REP_NO,
    REP_E,
    REP_NE
}; /* none; F3; F2 - only for instructions where it means repeat */

struct insn {
    u16 op;      /* enum insn_op */
    u16 row;     /* index into insn_rows; meaningless for I_UD of unknown opcodes */
    u8 length;   /* bytes, prefixes included; 1-15 */
    u8 osz, asz; /* operand and address size in force: 2 or 4 */
    u8 rep;      /* enum insn_rep */
    u8 cc;       /* condition code 0-15 of Jcc, SETcc, CMOVcc */
    bool lock;   /* LOCK prefix: legal here (an illegal one makes I_UD) */
    u8 opcode;   /* last opcode byte */
    u8 modrm;    /* 0 when there is none */
    u16 simd;    /* I_MMX and I_SSE: number of the row in simd_rows */
    u8 lacks;    /* I_UD: enum cpu_feature that would make an instruction of it; 0: nothing would */
    bool has_mem; /* mem is filled */
    struct mem_operand mem;
    struct operand operand[3];
};

enum decode_status {
    DECODE_OK,
    DECODE_FETCH, /* the callback refused a byte: insn->length is the offset of that byte */
    DECODE_LONG,  /* more than 15 bytes: #GP(0) */
};

#define INSN_MAX 15 /* bytes (SDM vol. 2, 2.3.11) */

struct decode_input {
    bool code32;                   /* CS.D */
    const struct cpu_model *model; /* instructions it lacks decode as I_UD */
    bool protected_mode;           /* CR0.PE and not vm86: ARPL, LLDT, LAR... exist */
    /* The instruction's first bytes, at most INSN_MAX, which are there without asking. */
    const u8 *bytes;
    unsigned count;
    /* The byte at offset (0-14) from the instruction's start; false when it cannot be read. */
    bool (*fetch)(void *opaque, unsigned offset, u8 *byte);
    void *opaque;
};

/* Instruction traits. */
#define IT_PRIV   0x01 /* CPL must be 0 (real mode: always is), else #GP(0) */
#define IT_LOCK   0x02 /* LOCK is legal with a memory destination */
#define IT_PROT   0x04 /* #UD in real mode and vm86 */
#define IT_MEM    0x08 /* ModRM must name memory, else #UD */
#define IT_REG    0x10 /* ModRM must name a register, else #UD */
#define IT_STRING 0x20 /* F2 and F3 repeat it */
#define IT_SIMD   0x40 /* 66, F2 and F3 make it another instruction: simd.def has the last word */

#define EXT_NONE 0xff

struct insn_row {
    const char *name;
    u16 op;
    u32 undefined; /* EFLAGS that the architecture leaves undefined after it */
    u8 feature;    /* enum cpu_feature */
    u8 traits;     /* IT_* */
    u16 opcode;    /* map << 8 | opcode: map 0 one byte, 1 0F */
    u8 ext;        /* ModRM reg field, or EXT_NONE */
};
extern const struct insn_row insn_rows[];
extern const unsigned insn_row_count;

enum decode_status decode(const struct decode_input *in, struct insn *insn);

/* Mnemonic for logs, lower case. */
const char *insn_op_name(enum insn_op op);
/* Intel-syntax text of insn at address eip, for -d in_asm. Returns buf. */
char *insn_format(const struct insn *insn, u32 eip, char *buf, size_t len);

#endif
