/* x87 instructions whose results differ between makes of processors, by rule: the same on every host.
 *
 * Functions are rounded correctly to 64 bits (but for about one operand in 2^50, which may be rounded the other way),
 * as the control word's rounding says; processors are allowed an error of one in the last place. Sine, cosine and
 * tangent take pi for 3.243f6a8885a308d3 (hexadecimal), as processors do. (SDM vol. 1, 8.3.8 and 8.3.10)
 * Arguments and results are those of the functions in x87_unit.h. */
#ifndef PAGEWALK_X87_EXACT_H
#define PAGEWALK_X87_EXACT_H

#include "cpu/x87/x87_unit.h"

u16 x87_exact_unary(enum x87_unary op, u16 cw, struct f80 *x);
u16 x87_exact_binary(enum x87_binary op, u16 cw, struct f80 *x, const struct f80 *y);
u16 x87_exact_two(enum x87_two op, u16 cw, struct f80 *x, struct f80 *pushed);

/* FBLD: digits above 9 count as what they are. */
void x87_exact_bcd(const u8 *mem, struct f80 *out);

#endif
