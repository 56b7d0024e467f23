/* The x87 unit's inside: decoded instruction, register stack, and folding of the host's
 * exceptions. */
#ifndef PAGEWALK_X87_PRIV_H
#define PAGEWALK_X87_PRIV_H

#include "cpu/seg.h"
#include "cpu/x87/x87.h"
#include "cpu/x87/x87_unit.h"

/* Status word. (SDM vol. 1, 8.1.3) */
#define X87_IE         0x0001u
#define X87_DE         0x0002u
#define X87_ZE         0x0004u
#define X87_OE         0x0008u
#define X87_UE         0x0010u
#define X87_PE         0x0020u
#define X87_SF         0x0040u
#define X87_ES         0x0080u
#define X87_C0         0x0100u
#define X87_C1         0x0200u
#define X87_C2         0x0400u
#define X87_TOP        0x3800u
#define X87_C3         0x4000u
#define X87_B          0x8000u
#define X87_EXCEPTIONS 0x003fu
#define X87_TOP_SHIFT  11

/* Faults found before an instruction computes: unmasked, they leave its operands and result alone.
 */
#define X87_BEFORE (X87_IE | X87_DE | X87_ZE)

/* One x87 instruction, and the row of the opcode table that runs it. */
struct x87_insn {
    u8 op; /* opcode's low three bits */
    u8 modrm;
    u8 i;   /* of ST(i), register forms */
    u8 arg; /* from the row */
    enum sreg seg;
    u32 ea;
    bool osz16;
};

typedef void x87_fn(struct cpu *cpu, const struct x87_insn *in);

static inline unsigned x87_phys(const struct x87 *x87, unsigned i)
{
    return ((x87->sw >> X87_TOP_SHIFT) + i) & 7;
}

static inline bool x87_empty(const struct x87 *x87, unsigned i)
{
    return (x87->tag >> 2 * x87_phys(x87, i) & 3) == 3;
}

static inline struct f80 x87_get(const struct x87 *x87, unsigned i)
{
    unsigned phys = x87_phys(x87, i);

    return (struct f80){x87->r[phys].frac, x87->r[phys].se};
}

static inline void x87_put(struct x87 *x87, unsigned i, struct f80 value)
{
    unsigned phys = x87_phys(x87, i);

    x87->r[phys].frac = value.frac;
    x87->r[phys].se = value.se;
    x87->tag &= (u16) ~(3u << 2 * phys);
}

static inline void x87_free(struct x87 *x87, unsigned i)
{
    x87->tag |= (u16)(3u << 2 * x87_phys(x87, i));
}

static inline void x87_move_top(struct x87 *x87, int by)
{
    u32 top = (x87->sw >> X87_TOP_SHIFT) + (u32)by;

    x87->sw = (u16)((x87->sw & ~X87_TOP) | (top << X87_TOP_SHIFT & X87_TOP));
}

static inline void x87_pop(struct x87 *x87)
{
    x87_free(x87, 0);
    x87_move_top(x87, 1);
}

static inline void x87_push(struct x87 *x87, struct f80 value)
{
    x87_move_top(x87, -1);
    x87_put(x87, 0, value);
}

/* Replaces the status word's bits in mask. */
static inline void x87_status(struct x87 *x87, u32 mask, u32 bits)
{
    x87->sw = (u16)((x87->sw & ~mask) | (bits & mask));
}

/* The real indefinite: what masked invalid operations give. (SDM vol. 1, table 4-3) */
#define X87_INDEFINITE ((struct f80){0xc000000000000000ull, 0xffff})

/* ES and B from the exception flags and masks, after either changed; lets go of FERR# when no
 * unmasked exception is left. */
void x87_update_es(struct cpu *cpu);

/* Adds the exceptions and C1 of a host status word. False when an unmasked one means that the
 * instruction must change no register. */
bool x87_fold(struct cpu *cpu, u16 host_sw);

/* Stack underflow or overflow. True when it is masked: the caller then supplies indefinites. */
bool x87_underflow(struct cpu *cpu);
bool x87_overflow(struct cpu *cpu);

/* Whether what makes of processors compute differently is the host's answer. */
static inline bool x87_asks_host(const struct cpu *cpu)
{
    return X87_UNIT_IS_HOST && cpu->host_math;
}

/* FCMOVcc and FCOMI with full registers: the manual has C1 cleared, or is silent. */
static inline bool x87_keeps_c1(const struct cpu *cpu, enum x87_c1 which)
{
    return x87_asks_host(cpu) && x87_host_keeps_c1(which);
}

/* x87_arith.c: arg is the operation (X87_ADD...), | X87_ARG_POP... */
enum { X87_ADD, X87_MUL, X87_COM, X87_COMP, X87_SUB, X87_SUBR, X87_DIV, X87_DIVR };
enum { X87_M32, X87_I32, X87_M64, X87_I16 }; /* as opcodes D8 DA DC DE have it */
x87_fn x87_arith_mem;                        /* D8 DA DC DE with memory */
x87_fn x87_arith_st0;                        /* ST(0) = ST(0) op ST(i); compares */
x87_fn x87_arith_sti;                        /* ST(i) = ST(i) op ST(0) */
x87_fn x87_arith_sti_pop;
x87_fn x87_ucom;  /* arg: pops */
x87_fn x87_compp; /* arg: 0 FCOMPP, 1 FUCOMPP */
x87_fn x87_comi;  /* arg: bit 0 unordered, bit 1 pops */
x87_fn x87_tst, x87_xam, x87_chs, x87_abs;

/* x87_trans.c: arg is an enum x87_unary or x87_binary of x87_unit.h. */
x87_fn x87_unary;
x87_fn x87_binary_pop;  /* ST(1) = f(ST(1), ST(0)), pop */
x87_fn x87_binary_keep; /* ST(0) = f(ST(0), ST(1)): FPREM, FPREM1, FSCALE */
x87_fn x87_two_results; /* FPTAN FSINCOS FXTRACT */

/* x87_ldst.c */
x87_fn x87_ld_mem; /* arg: enum x87_mem */
x87_fn x87_ld_m80, x87_ld_sti;
x87_fn x87_ld_const; /* arg: enum x87_const */
x87_fn x87_st_mem;   /* arg: enum x87_mem | X87_ARG_* */
x87_fn x87_st_m80;
x87_fn x87_st_sti; /* arg: pops */
x87_fn x87_stp_unchecked, x87_xch, x87_cmov, x87_ffree, x87_incdec;
#define X87_ARG_POP      0x80
#define X87_ARG_TRUNCATE 0x40 /* toward zero whatever the control word says */

/* x87_env.c */
x87_fn x87_ldcw, x87_stcw, x87_stsw, x87_stsw_ax, x87_clex, x87_finit, x87_nop;
x87_fn x87_ldenv, x87_stenv, x87_save, x87_rstor;

/* Copies between a host buffer and guest memory, a whole image or a fault; len is even. align: what #AC demands,
 * if len does not tell. */
void x87_image_load(struct cpu *cpu, const struct x87_insn *in, u8 *image, u32 len, u32 align);
void x87_image_store(struct cpu *cpu, const struct x87_insn *in, const u8 *image, u32 len,
                     u32 align);

#endif
