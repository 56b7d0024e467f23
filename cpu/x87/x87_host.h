/* Single x87 instructions on the host's x87, with the guest's precision and rounding.
 *
 * Every function takes the guest's control word and returns the host's status word after the
 * instruction: exception flags and condition codes. Invalid, denormal, zero-divide and precision
 * exceptions are masked while it runs; overflow and underflow are as in the guest's control word,
 * so that an unmasked one gives the bias-adjusted result that the architecture demands (SDM vol. 1,
 * 8.5.4 and 8.5.5). The flags are cleared by FNCLEX before any waiting instruction, so no host
 * exception is ever taken; the host's control word is put back. */
#ifndef PAGEWALK_X87_HOST_H
#define PAGEWALK_X87_HOST_H

#include "mmu/host/base.h"

/* An 80-bit extended real as in memory: significand, then sign and exponent. */
struct f80 {
    u64 frac;
    u16 se;
};
#define F80_BIAS   16383
#define F80_ADJUST 24576 /* of the exponent, by an unmasked overflow or underflow */
#define F80_TOP    0x8000000000000000ull

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

/* a = a op b; op as in the ModRM field of D8 (compares leave a). */
u16 x87_host_arith(unsigned op, u16 cw, struct f80 *a, const struct f80 *b);
/* a = a op memory; kind 0 f32, 1 i32, 2 f64, 3 i16, as opcodes D8 DA DC DE have it. */
u16 x87_host_arith_mem(unsigned kind, unsigned op, u16 cw, struct f80 *a, const void *mem);
u16 x87_host_ucom(u16 cw, const struct f80 *a, const struct f80 *b);

u16 x87_host_unary(enum x87_unary op, u16 cw, struct f80 *x);
/* The result replaces *x. */
u16 x87_host_binary(enum x87_binary op, u16 cw, struct f80 *x, const struct f80 *y);
/* The result for ST(1) replaces *x, the pushed one comes in *pushed. With C2 set (operand out of
 * range) nothing changes and nothing is pushed. */
u16 x87_host_two(enum x87_two op, u16 cw, struct f80 *x, struct f80 *pushed);
u16 x87_host_const(enum x87_const which, u16 cw, struct f80 *out);

/* Conversions from and to a memory format of 2, 4, 8 or 10 bytes. An unmasked overflow or underflow
 * leaves mem as it is. */
u16 x87_host_load(enum x87_mem kind, u16 cw, const void *mem, struct f80 *out);
u16 x87_host_store(enum x87_mem kind, u16 cw, const struct f80 *x, void *mem);

/* Whether FCMOVcc and FCOMI leave C1 as it was where both registers are full: makes of processors differ. */
enum x87_c1 { X87_C1_CMOV, X87_C1_COMI };
bool x87_host_keeps_c1(enum x87_c1 which);

#endif
