/* The tables that insn.def expands to, all constant: rows, operand forms, opcode lookup, names. */
#include "translate/decode/decode_priv.h"

/* A row's number has the name ROW_map_opcode_ext, so a row that is there twice does not compile. */
enum {
#define INSN(map, opcode, ext, mnemonic, op1, op2, op3, feature, traits, undefined)                \
    ROW_##map##_##opcode##_##ext,
#include "translate/decode/insn.def"
#undef INSN
    ROW_COUNT
};

_Static_assert(ROW_1_0x0b_EXT_NONE == 0, "insn_lookup takes row 0 for undefined");

/* Mnemonics in lower case, made by the compiler from mnemonic.def. */
#define NAME_MAX_LEN 10
#define LOWER(s, i)  (sizeof(s) > (i) + 1 ? s[sizeof(s) > (i) + 1 ? (i) : 0] | 0x20 : 0)
#define NAME(s)                                                                                    \
    {                                                                                              \
        LOWER(s, 0), LOWER(s, 1), LOWER(s, 2), LOWER(s, 3), LOWER(s, 4), LOWER(s, 5), LOWER(s, 6), \
            LOWER(s, 7), LOWER(s, 8), LOWER(s, 9)                                                  \
    }
static const char op_names[I_COUNT][NAME_MAX_LEN + 1] = {
#define MNEMONIC(name) NAME(#name),
#include "translate/decode/mnemonic.def"
#undef MNEMONIC
};
#define MNEMONIC(name) _Static_assert(sizeof(#name) - 1 <= NAME_MAX_LEN, "name too long");
#include "translate/decode/mnemonic.def"
#undef MNEMONIC

const struct insn_row insn_rows[] = {
#define INSN(map, opc, extension, mnemonic, op1, op2, op3, feat, trait, undef)                     \
    {.name = op_names[I_##mnemonic],                                                               \
     .op = I_##mnemonic,                                                                           \
     .undefined = (undef),                                                                         \
     .feature = (feat),                                                                            \
     .traits = (trait),                                                                            \
     .opcode = (map) << 8 | (opc),                                                                 \
     .ext = (extension)},
#include "translate/decode/insn.def"
#undef INSN
};
const unsigned insn_row_count = ROW_COUNT;

#define NEEDS_MODRM(form) (FORM_##form <= FORM_MODRM_LAST)

const struct insn_form insn_forms[] = {
#define INSN(map, opcode, ext, mnemonic, op1, op2, op3, feature, traits, undefined)                \
    {.modrm = (ext) != EXT_NONE || NEEDS_MODRM(op1) || NEEDS_MODRM(op2) || NEEDS_MODRM(op3),       \
     .operand = {FORM_##op1, FORM_##op2, FORM_##op3}},
#include "translate/decode/insn.def"
#undef INSN
};

#define EXT_FIRST(ext) ((ext) == EXT_NONE ? 0 : (ext))
#define EXT_LAST(ext)  ((ext) == EXT_NONE ? 7 : (ext))

const u16 insn_lookup[3][256][8] = {
#define INSN(map, opcode, ext, mnemonic, op1, op2, op3, feature, traits, undefined)                \
    [map][opcode][EXT_FIRST(ext)... EXT_LAST(ext)] = ROW_##map##_##opcode##_##ext,
#include "translate/decode/insn.def"
#undef INSN
};

const char *insn_op_name(enum insn_op op)
{
    return (unsigned)op < I_COUNT ? op_names[op] : "?";
}
