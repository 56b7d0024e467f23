/* What the files of the x87 in integers share. */
#ifndef PAGEWALK_X87_SOFT_H
#define PAGEWALK_X87_SOFT_H

#include "cpu/x87/wide.h"
#include "cpu/x87/x87_unit.h"

/* What add, subtract, multiply, divide and root round to. (SDM vol. 1, 8.1.5.2) */
const struct wide_format *x87_soft_precision(u16 cw);

/* |x| as an integer, of a plain number below 2^64, rounded as the control word says; PE and C1 go into *sw. */
u64 x87_soft_integer(const struct f80 *x, u16 cw, u16 *sw);

/* An X87_MEM_F32 or X87_MEM_F64 as a register has it, a signalling NaN too; the result is DE or 0. */
u16 x87_soft_widen(enum x87_mem kind, const void *mem, struct f80 *out);

#endif
