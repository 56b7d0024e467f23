/* Decodes one guest instruction: prefixes, the row of insn.def, its rules, then its operands.
 *
 * All tables are constant and nothing is remembered between calls. A byte is fetched only when the
 * instruction needs it, in order, so the first refused byte is the one that faults on hardware. */
#include <string.h>

#include "translate/decode/decode_priv.h"

struct prefixes {
    bool osz, asz, lock;
    u8 rep; /* the last of F2 and F3, or 0 */
};

/* Reads prefixes up to and including the first opcode byte, which is returned. Of several prefixes
 * of one group the last counts. (SDM vol. 2, 2.1.1) */
static u8 read_prefixes(struct decode_reader *rd, struct prefixes *pfx)
{
    for (;;) {
        u8 byte = decode_u8(rd);

        switch (byte) {
        case 0x26: rd->seg = SREG_ES; break;
        case 0x2e: rd->seg = SREG_CS; break;
        case 0x36: rd->seg = SREG_SS; break;
        case 0x3e: rd->seg = SREG_DS; break;
        case 0x64: rd->seg = SREG_FS; break;
        case 0x65: rd->seg = SREG_GS; break;
        case 0x66: pfx->osz = true; break;
        case 0x67: pfx->asz = true; break;
        case 0xf0: pfx->lock = true; break;
        case 0xf2:
        case 0xf3: pfx->rep = byte; break;
        default: return byte;
        }
    }
}

/* Finds the row, reading ModRM when the opcode has one. 0 (UD2's row) when there is none. */
static unsigned find_row(struct decode_reader *rd, unsigned map, bool *modrm)
{
    const u16 *rows = insn_lookup[map][rd->insn->opcode];
    unsigned any = rows[0];

    for (unsigned ext = 1; any == 0 && ext < 8; ext++)
        any = rows[ext];
    *modrm = insn_forms[any].modrm;
    if (!*modrm)
        return any;
    rd->insn->modrm = decode_u8(rd);
    if (map == 1 && rd->insn->opcode == 0x01 && insn_lookup[2][rd->insn->modrm][0])
        return insn_lookup[2][rd->insn->modrm][0];
    return rows[rd->insn->modrm >> 3 & 7];
}

static bool has_feature(struct decode_reader *rd, enum cpu_feature feature)
{
    bool has = cpu_has(rd->in->model, feature);

    if (!has)
        rd->insn->lacks = (u8)feature;
    return has;
}

/* Finds which MMX or SSE instruction it is, if any. F2 and F3 win over 66. (SDM vol. 2, table A-3) */
static bool find_simd(struct decode_reader *rd, const struct prefixes *pfx)
{
    struct insn *insn = rd->insn;
    enum simd_prefix prefix = pfx->rep == 0xf3   ? SIMD_PF3
                              : pfx->rep == 0xf2 ? SIMD_PF2
                              : pfx->osz         ? SIMD_P66
                                                 : SIMD_NP;

    insn->simd = (u16)simd_find(prefix, insn->opcode, insn->modrm);
    return insn->simd && has_feature(rd, (enum cpu_feature)simd_rows[insn->simd].feature);
}

/* The rules that need no operands. */
static bool is_defined(struct decode_reader *rd, const struct insn_row *row,
                       const struct prefixes *pfx)
{
    const struct insn *insn = rd->insn;
    bool memory = insn->modrm < 0xc0;

    if (row->op == I_UD)
        return false;
    if ((row->traits & IT_PROT) && !rd->in->protected_mode)
        return false;
    if ((row->traits & IT_MEM) && !memory)
        return false;
    if ((row->traits & IT_REG) && memory)
        return false;
    return has_feature(rd, (enum cpu_feature)row->feature) &&
           (!(row->traits & IT_SIMD) || find_simd(rd, pfx));
}

static bool read_operands(struct decode_reader *rd, const struct insn_form *form)
{
    bool defined = true;

    for (unsigned n = 0; n < 3 && form->operand[n] != FORM__; n++)
        defined &= decode_operand(rd, n, (enum form)form->operand[n]);
    return defined;
}

/* MOV to and from control and debug registers takes ModRM.rm as a register whatever mod says, and
 * so has neither SIB nor displacement. (SDM vol. 2, MOV - Move to/from Control Registers) */
static bool modrm_names_memory(const struct insn *insn, const struct insn_row *row)
{
    return insn->modrm < 0xc0 && row->op != I_MOVCR && row->op != I_MOVDR;
}

/* Everything after the prefixes; false for an undefined encoding. */
static bool decode_body(struct decode_reader *rd, const struct prefixes *pfx)
{
    struct insn *insn = rd->insn;
    unsigned map = 0;
    const struct insn_row *row;
    bool modrm;

    if (insn->opcode == 0x0f) {
        map = 1;
        insn->opcode = decode_u8(rd);
    }
    insn->row = (u16)find_row(rd, map, &modrm);
    row = &insn_rows[insn->row];
    insn->op = row->op;
    if (!is_defined(rd, row, pfx))
        return false;
    if (modrm && modrm_names_memory(insn, row))
        decode_mem(rd);
    if (!read_operands(rd, &insn_forms[insn->row]))
        return false;
    if (row->traits & IT_SIMD)
        decode_simd_operands(insn);
    if (row->op == I_JCC || row->op == I_SETCC || row->op == I_CMOV)
        insn->cc = insn->opcode & 15;
    if ((row->traits & IT_STRING) && pfx->rep)
        insn->rep = pfx->rep == 0xf3 ? REP_E : REP_NE;
    insn->lock = pfx->lock;
    return !pfx->lock || ((row->traits & IT_LOCK) && insn->operand[0].kind == OP_MEM);
}

/* An undefined instruction keeps its length and row, nothing else: no operand may be looked at. */
static void make_undefined(struct insn *insn)
{
    insn->op = I_UD;
    insn->simd = 0;
    insn->lock = false;
    insn->rep = REP_NO;
    insn->has_mem = false;
    memset(insn->operand, 0, sizeof(insn->operand));
}

enum decode_status decode(const struct decode_input *in, struct insn *insn)
{
    struct decode_reader rd = {.in = in, .insn = insn, .status = DECODE_OK, .seg = REG_NONE};
    struct prefixes pfx = {0};
    bool defined;

    memset(insn, 0, sizeof(*insn));
    insn->mem.base = insn->mem.index = REG_NONE;
    insn->opcode = read_prefixes(&rd, &pfx);
    insn->osz = in->code32 != pfx.osz ? 4 : 2;
    insn->asz = in->code32 != pfx.asz ? 4 : 2;
    defined = decode_body(&rd, &pfx);
    if (rd.status == DECODE_OK && !defined)
        make_undefined(insn);
    return rd.status;
}
