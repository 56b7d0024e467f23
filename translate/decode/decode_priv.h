/* What the decoder's files share: operand forms, tables made from insn.def, and the byte reader.
 *
 * ORDER: insn_rows, insn_forms and the numbers in insn_lookup are all in insn.def's order. */
#ifndef PAGEWALK_DECODE_PRIV_H
#define PAGEWALK_DECODE_PRIV_H

#include "translate/decode/decode.h"

/* Operand forms as insn.def names them. Those that need a ModRM byte come first. */
enum form {
    /* clang-format off */
    FORM_Eb, FORM_Ew, FORM_Ev, FORM_Evw, FORM_Ex, FORM_Gb, FORM_Gw, FORM_Gv, FORM_Sw, FORM_Cd,
    FORM_Dd, FORM_Rd, FORM_M, FORM_Mp, FORM_Ma, FORM_Ms, FORM_Mq, FORM_Mx,
    FORM_MODRM_LAST = FORM_Mx,
    FORM__, FORM_DI, FORM_Zb, FORM_Zv, FORM_Ib, FORM_Ibs, FORM_Iw, FORM_Iz, FORM_Jb, FORM_Jz, FORM_Ap,
    FORM_Ob, FORM_Ov, FORM_Xb, FORM_Xv, FORM_Yb, FORM_Yv, FORM_BX, FORM_AX, FORM_AL, FORM_eAX,
    FORM_CL, FORM_DX, FORM_one,
    FORM_ES, FORM_CS, FORM_SS, FORM_DS, FORM_FS, FORM_GS
    /* clang-format on */
};

struct insn_form {
    u8 modrm;      /* a ModRM byte follows the opcode */
    u8 operand[3]; /* enum form */
};

extern const struct insn_form insn_forms[];

/* Row by map, opcode and ModRM.reg; rows without extension fill all eight. 0, which is UD2's row,
 * where there is none. */
extern const u16 insn_lookup[3][256][8];

/* Reads the instruction. After the first byte that is refused, `status` stays and bytes are 0. */
struct decode_reader {
    const struct decode_input *in;
    struct insn *insn;
    enum decode_status status;
    u8 seg; /* segment override, or REG_NONE */
};

static inline u8 decode_u8(struct decode_reader *rd)
{
    u8 byte = 0;

    if (likely(rd->insn->length < rd->in->count))
        return rd->in->bytes[rd->insn->length++];
    if (unlikely(rd->status != DECODE_OK))
        return 0;
    if (unlikely(rd->insn->length >= INSN_MAX))
        rd->status = DECODE_LONG;
    else if (unlikely(!rd->in->fetch(rd->in->opaque, rd->insn->length, &byte)))
        rd->status = DECODE_FETCH;
    else {
        rd->insn->length++;
        return byte;
    }
    return 0;
}

static inline u32 decode_u16(struct decode_reader *rd)
{
    u32 low = decode_u8(rd);
    return low | (u32)decode_u8(rd) << 8;
}

static inline u32 decode_u32(struct decode_reader *rd)
{
    u32 low;

    if (likely(rd->insn->length + sizeof(low) <= rd->in->count)) {
        __builtin_memcpy(&low, rd->in->bytes + rd->insn->length, sizeof(low));
        rd->insn->length += sizeof(low);
        return low;
    }
    low = decode_u16(rd);
    return low | decode_u16(rd) << 16;
}

/* Reads what follows ModRM (SIB, displacement) and fills insn->mem; ModRM must name memory. */
void decode_mem(struct decode_reader *rd);

/* Fills insn->operand[n] from its form, reading immediates. False: the encoding is undefined. */
bool decode_operand(struct decode_reader *rd, unsigned n, enum form form);

/* Replaces the operands of an MMX or SSE instruction by those of its row in simd_rows: destination,
 * source, immediate. */
void decode_simd_operands(struct insn *insn);

#endif
