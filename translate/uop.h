/* Micro-ops: the one intermediate form between guest instructions and every engine; see uop.def. */
#ifndef PAGEWALK_UOP_H
#define PAGEWALK_UOP_H

#include "cpu/cpu.h"

/* Packed arithmetic flags. */
enum { UF_C = 1, UF_P = 2, UF_A = 4, UF_Z = 8, UF_S = 16, UF_O = 32, UF_ALL = 63 };

enum uop_format {
    UFMT_NONE,
    UFMT_D,    /* d = ... */
    UFMT_A,    /* reads a */
    UFMT_DA,   /* d = op a */
    UFMT_DB,   /* d = op (b + imm) */
    UFMT_AB,   /* a op (b + imm) */
    UFMT_DAB,  /* d = a op (b + imm) */
    UFMT_DAI,  /* d = a op imm */
    UFMT_MUL,  /* edx:eax = eax * a */
    UFMT_DABI, /* d = a op b by imm */
    UFMT_DAB8, /* d = a op (byte register b) */
    UFMT_LEA,  /* d = address */
    UFMT_LD,   /* d = [address] */
    UFMT_ST,   /* [address] = d */
    UFMT_STI,  /* [address] = aux */
    UFMT_CALL, /* d = helper aux (a, b, imm) */
};

enum uop_trait {
    UT_FAULT = 1,  /* may raise a guest fault */
    UT_END = 2,    /* ends the block */
    UT_PAIR = 4,   /* flag producer; op + 1 is its storing twin */
    UT_STORES = 8, /* the storing twin */
    UT_MAY = 16,   /* may leave its written flags alone */
    UT_CC = 32,    /* condition code in aux */
    UT_CALL = 64,
    UT_STORE = 128, /* writes memory: may hit translated code */
    UT_WIDE = 256,  /* destination is 32 bits whatever the size */
    UT_DREAD = 512, /* d is read as well */
    UT_ACC = 1024,  /* reads the accumulator */
    UT_SIDE = 2048, /* may leave the block */
};

enum uop_op {
#define U(name, size, format, fr, fw, traits) U_##name,
#include "translate/uop.def"
#undef U
    U_COUNT
};

struct uop {
    u16 op;     /* enum uop_op */
    u8 d, a, b; /* byte offsets in the register file */
    u8 scale;   /* shift of b in an address */
    u8 insn;    /* number of the guest instruction in its block */
    u8 live; /* UF_*: flags of this producer that somebody may read; 0 before opt_flags: none written */
    u32 imm;
    u32 aux;
};
_Static_assert(sizeof(struct uop) == 16, "four micro-ops a cache line");

struct uop_info {
    const char *name;
    u8 size, format;
    u8 flags_read, flags_written;
    u16 traits;
};
extern const struct uop_info uop_info[U_COUNT];

/* Byte offsets of registers. */
#define REG32(slot) ((u8)((slot)*4))
#define ZERO_REG    REG32(R_ZERO)
static inline u8 reg8(unsigned number) /* AL CL DL BL AH CH DH BH */
{
    return (u8)((number & 3) * 4 + (number >> 2));
}

/* Flags that cc (0-15) looks at. */
u8 uop_cc_flags(unsigned cc);

/* Flags read and written by one micro-op, calls and conditions included. */
u8 uop_flags_read(const struct uop *uop);
u8 uop_flags_written(const struct uop *uop);
/* Moves, and what only looks at flags: native engines leave the host's flags alone in these. */
bool uop_keeps_flags(unsigned op);
bool uop_may_fault(const struct uop *uop);
/* Bit per register-file slot that it writes. Calls with HT_REGS: every GPR. */
u32 uop_slots_written(const struct uop *uop);

u8 uop_pack_flags(u32 fl); /* FL_* to UF_* */

/* Loads and stores; those among them that demand write rights; the load of a read-modify-write. */
static inline bool uop_is_access(unsigned op)
{
    return op >= U_ld8 && op <= U_sti32;
}

static inline bool uop_is_write(unsigned op)
{
    return op >= U_ldw8 && op <= U_sti32;
}

static inline bool uop_is_ldw(unsigned op)
{
    return op >= U_ldw8 && op <= U_ldw32;
}

/* ADC and SBB. */
static inline bool uop_is_carried(unsigned op)
{
    return op >= U_adc8 && op < U_and8;
}

/* Exits whose target is not known, or may be left for C: they store late flags whatever it does with them. */
static inline bool uop_stores_late(unsigned op)
{
    return op >= U_exit_ind && op <= U_exit_run && op != U_exit_call;
}

/* A call that looks at flags or makes some: they are stored before it, and by it. */
static inline bool uop_is_flag_call(const struct uop *uop)
{
    return uop_info[uop->op].traits & UT_CALL && (uop_flags_read(uop) || uop_flags_written(uop));
}

void uop_print(const struct uop *uop, FILE *out);

#endif
