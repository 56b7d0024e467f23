/* The argument c of helpers that take several things in one word: the lowering packs it, helpers unpack it, and so do
 * engines that have code of their own for some of what a helper does. That of the simd helpers is in simd/simd.h. */
#ifndef PAGEWALK_HELPER_ARG_H
#define PAGEWALK_HELPER_ARG_H

#include "cpu/cpu.h"

/* seg_check, and the micro-op chk: an access of len bytes. */
struct seg_access {
    enum sreg seg;
    u32 len; /* up to 255 */
    bool write;
};

static inline u32 seg_access_pack(struct seg_access access)
{
    return (u32)access.seg | access.len << 8 | (u32)access.write << 16;
}

static inline struct seg_access seg_access_unpack(u32 c)
{
    return (struct seg_access){(enum sreg)(c & 0xff), c >> 8 & 0xff, c >> 16 & 1};
}

/* String instructions. */
struct string_arg {
    unsigned size; /* bytes an element */
    unsigned asz;  /* address size: 2 or 4 */
    unsigned rep;  /* 0 none, 1 REP and REPE, 2 REPNE */
    enum sreg seg; /* of the ESI operand */
};

static inline u32 string_arg_pack(struct string_arg arg)
{
    return arg.size | arg.asz << 4 | arg.rep << 8 | (u32)arg.seg << 12;
}

static inline struct string_arg string_arg_unpack(u32 c)
{
    return (struct string_arg){c & 15, c >> 4 & 15, c >> 8 & 15, (enum sreg)(c >> 12 & 15)};
}

/* x87 instructions D8-DF. */
struct x87_arg {
    u16 fop;       /* as the last opcode is stored: the opcode's low three bits, and ModRM */
    enum sreg seg; /* of a memory operand */
    bool osz16, mem;
};

static inline u32 x87_arg_pack(struct x87_arg arg)
{
    return arg.fop | (u32)arg.seg << 12 | (u32)arg.osz16 << 16 | (u32)arg.mem << 17;
}

static inline struct x87_arg x87_arg_unpack(u32 c)
{
    return (struct x87_arg){c & 0x7ff, (enum sreg)(c >> 12 & 15), c >> 16 & 1, c >> 17 & 1};
}

/* LOCKed instructions. */
enum locked_op {
    LOCKED_ADD,
    LOCKED_OR,
    LOCKED_ADC,
    LOCKED_SBB,
    LOCKED_AND,
    LOCKED_SUB,
    LOCKED_XOR,
    LOCKED_NEG,
    LOCKED_NOT,
    LOCKED_BTS, /* the operand is the bit's number */
    LOCKED_BTR,
    LOCKED_BTC,
    LOCKED_XCHG,
    LOCKED_CMPXCHG, /* with AL, AX or EAX */
};

struct locked_arg {
    enum locked_op op;
    u32 size; /* 1, 2 or 4 */
    enum sreg seg;
};

static inline u32 locked_arg_pack(struct locked_arg arg)
{
    return (u32)arg.op | arg.size << 8 | (u32)arg.seg << 12;
}

static inline struct locked_arg locked_arg_unpack(u32 c)
{
    return (struct locked_arg){(enum locked_op)(c & 0xff), c >> 8 & 15, (enum sreg)(c >> 12 & 15)};
}

#endif
