/* Micro-ops: the one intermediate form between guest instructions and every engine; see uop.def. */
#ifndef PAGEWALK_UOP_H
#define PAGEWALK_UOP_H

#include "cpu/flags.h"

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
    UT_FAULT = 1,        /* may raise a guest fault */
    UT_END = 2,          /* ends the block */
    UT_PAIR = 4,         /* flag producer; op + 1 is its storing twin */
    UT_STORES_FLAGS = 8, /* the storing twin */
    UT_MAYBE_FLAGS = 16, /* may leave its written flags alone */
    UT_CC = 32,          /* condition code in aux */
    UT_CALL = 64,
    UT_WRITES_MEM = 128, /* writes memory: may hit translated code */
    UT_WIDE = 256,       /* destination is 32 bits whatever the size */
    UT_READS_D = 512,    /* d is read as well */
    UT_READS_ACC = 1024, /* reads the accumulator */
    UT_SIDE = 2048,      /* may leave the block */
};

enum uop_op {
#define U(name, ...) U_##name,
#include "translate/uop.def"
#undef U
    U_COUNT
};

/* The operation, whatever its size and whether it stores flags. */
enum uop_kind {
#define K(kind) UK_##kind,
#include "translate/uop.def"
#undef K
    UK_COUNT
};

/* What engines and passes treat alike. */
enum uop_family {
    UFAM_MOVE,   /* of registers, with whatever is done to the value */
    UFAM_SELECT, /* CMPXCHG's store value */
    UFAM_LOAD,
    UFAM_LOAD_RMW, /* that of a read-modify-write */
    UFAM_STORE,
    UFAM_CHECK,      /* an offset against its segment */
    UFAM_CHECK_CS,   /* the block against the limit of CS */
    UFAM_BINARY,     /* d = a op b, without carry */
    UFAM_CARRY,      /* ADC SBB */
    UFAM_COMPARE,    /* CMP TEST: flags only */
    UFAM_STEP,       /* INC DEC: CF stays */
    UFAM_UNARY,      /* NEG NOT */
    UFAM_IMUL,       /* half the product */
    UFAM_MUL,        /* all of the product, signed or not */
    UFAM_SCAN,       /* BSF BSR */
    UFAM_DOUBLE,     /* SHLD SHRD by a constant */
    UFAM_DOUBLE_CL,  /* by CL */
    UFAM_SHIFT,      /* SHL SHR SAR by a constant */
    UFAM_SHIFT_CL,   /* by CL */
    UFAM_ROTATE,     /* ROL ROR by a constant */
    UFAM_ROTATE_CL,  /* by CL */
    UFAM_BIT_TEST,   /* BT */
    UFAM_BIT_CHANGE, /* BTS BTR BTC */
    UFAM_CONDITION,  /* SETcc CMOVcc */
    UFAM_FLAGS,      /* flags as data */
    UFAM_SELECTOR,   /* of a segment register */
    UFAM_CALL,       /* a helper in C */
    UFAM_SIDE,       /* a conditional exit inside a block */
    UFAM_EXIT,       /* to known targets */
    UFAM_EXIT_OPEN,  /* to a target that is not known, or may be left for C */
    UFAM_STOP,       /* where a block has modified itself */
};

/* Which of the guest's flags the host's are behind a micro-op's native code. */
enum uop_host_flags {
    UHF_PRESERVED, /* those that were before: the code leaves the host's alone */
    UHF_CLOBBERED, /* none */
    UHF_ALL,
    UHF_BUT_C, /* all but CF */
    UHF_SHIFT, /* of a shift by imm: OF for a count of one only, never AF */
    UHF_C,
    UHF_CO,
    UHF_Z,
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
    u8 kind, family; /* enum uop_kind, uop_family */
    u8 size, format;
    u8 flags_read, flags_written;
    u8 lazy; /* enum lazy_op, of this size; LAZY_NONE: its flags go into EFLAGS */
    u8 host; /* enum uop_host_flags */
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

/* Flags that one micro-op reads, calls and conditions included. */
u8 uop_flags_read(const struct uop *uop);
/* Guest flags that the host's are behind the native code of a producer. */
u8 uop_host_flags(const struct uop *uop);
/* Of calls. */
u8 uop_call_flags_written(const struct uop *uop);
bool uop_call_may_fault(const struct uop *uop);
u32 uop_call_slots_written(const struct uop *uop);

u8 uop_pack_flags(u32 fl); /* FL_* to UF_* */

static inline enum uop_kind uop_kind(unsigned op)
{
    return (enum uop_kind)uop_info[op].kind;
}

static inline enum uop_family uop_family(unsigned op)
{
    return (enum uop_family)uop_info[op].family;
}

/* A producer of flags that the flag pass decides about: either of the pair. */
static inline bool uop_is_producer(unsigned op)
{
    return uop_info[op].traits & (UT_PAIR | UT_STORES_FLAGS);
}

/* Flags that one micro-op writes. The passes ask this, and what follows, of each micro-op many times. */
static inline u8 uop_flags_written(const struct uop *uop)
{
    const struct uop_info *info = &uop_info[uop->op];

    if (info->traits & UT_CALL)
        return uop_call_flags_written(uop);
    return uop_is_producer(uop->op) ? info->flags_written & uop->live : info->flags_written;
}

static inline bool uop_may_fault(const struct uop *uop)
{
    const struct uop_info *info = &uop_info[uop->op];

    return info->traits & UT_CALL ? uop_call_may_fault(uop) : info->traits & UT_FAULT;
}

/* Bit per register-file slot that it writes. Calls with HT_REGS: every GPR. */
static inline u32 uop_slots_written(const struct uop *uop)
{
    switch ((enum uop_format)uop_info[uop->op].format) {
    case UFMT_D:
    case UFMT_DA:
    case UFMT_DB:
    case UFMT_DAB:
    case UFMT_DAI:
    case UFMT_DAB8:
    case UFMT_DABI:
    case UFMT_LEA:
    case UFMT_LD: return 1u << (uop->d >> 2);
    case UFMT_MUL: return 1u << R_EAX | 1u << R_EDX;
    case UFMT_CALL: return uop_call_slots_written(uop);
    case UFMT_NONE:
    case UFMT_A:
    case UFMT_AB:
    case UFMT_ST:
    case UFMT_STI: return 0;
    }
    return 0;
}

/* Whether native code leaves the host's flags alone, accesses to memory aside. */
static inline bool uop_preserves_flags(unsigned op)
{
    return uop_info[op].host == UHF_PRESERVED;
}

/* Loads and stores; those among them that demand write rights; the load of a read-modify-write. */
static inline bool uop_is_access(unsigned op)
{
    enum uop_family family = uop_family(op);

    return family == UFAM_LOAD || family == UFAM_LOAD_RMW || family == UFAM_STORE;
}

static inline bool uop_is_write(unsigned op)
{
    return uop_family(op) == UFAM_LOAD_RMW || uop_family(op) == UFAM_STORE;
}

static inline bool uop_is_ldw(unsigned op)
{
    return uop_family(op) == UFAM_LOAD_RMW;
}

/* ADC and SBB. */
static inline bool uop_is_carried(unsigned op)
{
    return uop_family(op) == UFAM_CARRY;
}

/* Exits that store late flags whatever the target does with them. */
static inline bool uop_stores_late(unsigned op)
{
    return uop_family(op) == UFAM_EXIT_OPEN;
}

/* A call that looks at flags or makes some: they are stored before it, and by it. */
static inline bool uop_is_flag_call(const struct uop *uop)
{
    return uop_info[uop->op].traits & UT_CALL && (uop_flags_read(uop) || uop_flags_written(uop));
}

void uop_print(const struct uop *uop, FILE *out);

#endif
