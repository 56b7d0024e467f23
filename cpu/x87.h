/* The x87 unit: what the rest of the CPU library asks of it.
 *
 * In struct x87 a register's tag is 3 when it is empty and 0 when it is not: like processors, the
 * unit works out the other two values (zero, special) when an instruction stores the tag word.
 * Arithmetic runs on the host's own x87, so results are bit-exact, transcendental ones too. */
#ifndef PAGEWALK_X87_H
#define PAGEWALK_X87_H

#include "cpu/cpu.h"

/* The state after power-up and RESET, registers zeroed. (SDM vol. 3A, table 9-1) */
void x87_reset(struct x87 *x87);

/* FNINIT: registers keep their contents and become empty. (SDM vol. 2, FINIT) */
void x87_init(struct x87 *x87);

/* Raises #MF, or asserts FERR# with CR0.NE clear, when an unmasked exception is pending. */
void x87_wait(struct cpu *cpu);

/* The tag word as FNSTENV stores it: 0 valid, 1 zero, 2 special, 3 empty. */
u16 x87_full_tag(const struct x87 *x87);

#endif
