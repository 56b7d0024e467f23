/* Single x87 instructions on a unit: the host's, or one in integers.
 *
 * Every function takes the guest's control word and returns a status word's exception flags and condition codes, as they
 * are after the instruction. Invalid, denormal, zero-divide and precision exceptions are masked while it runs; overflow
 * and underflow are as in the guest's control word, so that an unmasked one gives the bias-adjusted result that the
 * architecture demands. (SDM vol. 1, 8.5.4 and 8.5.5) */
#ifndef PAGEWALK_X87_UNIT_H
#define PAGEWALK_X87_UNIT_H

#include "cpu/x87/f80.h"

#if defined(__x86_64__) || defined(__i386__)
#define X87_ON_HOST
#endif

enum x87_unary { X87_F2XM1, X87_SQRT, X87_RNDINT, X87_SIN, X87_COS, X87_TST, X87_XAM };
enum x87_binary {
    X87_YL2X, /* the first four: x is ST(0), y is ST(1), the host's instruction pops */
    X87_PATAN,
    X87_YL2XP1,
    X87_PREM, /* from here on the result replaces ST(0) */
    X87_PREM1,
    X87_SCALE
};
enum x87_two { X87_PTAN, X87_SINCOS, X87_XTRACT };
enum x87_const { X87_1, X87_L2T, X87_L2E, X87_PI, X87_LG2, X87_LN2, X87_ZERO };
enum x87_mem { X87_MEM_F32, X87_MEM_F64, X87_MEM_I16, X87_MEM_I32, X87_MEM_I64, X87_MEM_BCD };

/* arith: a = a op b; op as in the ModRM field of D8 (compares leave a).
 * arith_mem: a = a op memory; kind 0 f32, 1 i32, 2 f64, 3 i16, as opcodes D8 DA DC DE have it.
 * binary: the result replaces *x.
 * two: the result for ST(1) replaces *x, the pushed one comes in *pushed. With C2 set (operand out of range) nothing
 * changes and nothing is pushed.
 * load, store: conversions from and to a memory format of 2, 4, 8 or 10 bytes. An unmasked overflow or underflow leaves
 * mem as it is. */
#define X87_UNIT_FUNCTIONS(unit)                                                                   \
    u16 unit##_arith(unsigned op, u16 cw, struct f80 *a, const struct f80 *b);                     \
    u16 unit##_arith_mem(unsigned kind, unsigned op, u16 cw, struct f80 *a, const void *mem);      \
    u16 unit##_ucom(u16 cw, const struct f80 *a, const struct f80 *b);                             \
    u16 unit##_unary(enum x87_unary op, u16 cw, struct f80 *x);                                    \
    u16 unit##_binary(enum x87_binary op, u16 cw, struct f80 *x, const struct f80 *y);             \
    u16 unit##_two(enum x87_two op, u16 cw, struct f80 *x, struct f80 *pushed);                    \
    u16 unit##_const(enum x87_const which, u16 cw, struct f80 *out);                               \
    u16 unit##_load(enum x87_mem kind, u16 cw, const void *mem, struct f80 *out);                  \
    u16 unit##_store(enum x87_mem kind, u16 cw, const struct f80 *x, void *mem)

#ifdef X87_ON_HOST
/* The host's x87 (x87_host.c). The flags are cleared by FNCLEX before any waiting instruction, so no host exception is
 * ever taken; the host's control word is put back. */
X87_UNIT_FUNCTIONS(x87_host);
#endif
/* The same in integers, on any host (x87_soft.c). Functions that x87_exact.h has are only done for the operands that it
 * hands on: zeros, infinities, NaNs and invalid ones. */
X87_UNIT_FUNCTIONS(x87_soft);

#if defined(X87_ON_HOST) && !defined(PAGEWALK_SOFT_UNITS)
#define X87_UNIT(name)   x87_host_##name
#define X87_UNIT_IS_HOST true
#else
#define X87_UNIT(name)   x87_soft_##name
#define X87_UNIT_IS_HOST false
#endif

/* Whether FCMOVcc and FCOMI leave C1 as it was where both registers are full: makes of processors differ. */
enum x87_c1 { X87_C1_CMOV, X87_C1_COMI };
bool x87_host_keeps_c1(enum x87_c1 which);

#endif
