/* The x87 unit: what the rest of the CPU library asks of it.
 *
 * In struct x87 a register's tag is 3 when it is empty and 0 when it is not: like processors, the
 * unit works out the other two values (zero, special) when an instruction stores the tag word.
 * Arithmetic runs on the host's own x87, so results are bit-exact; what makes of processors do differently is by rule
 * (x87_exact.h), unless cpu->host_math is set. */
#ifndef PAGEWALK_X87_H
#define PAGEWALK_X87_H

#include "cpu/cpu.h"

/* The state after power-up and RESET, registers zeroed. (SDM vol. 3A, table 9-1) */
void x87_reset(struct x87 *x87);

/* FNINIT: registers keep their contents and become empty. (SDM vol. 2, FINIT) */
void x87_init(struct x87 *x87);

/* Raises #MF, or asserts FERR# with CR0.NE clear, when an unmasked exception is pending. */
void x87_wait(struct cpu *cpu);

/* Guest state into the host's x87 unit; false when it may not be there (an exception is unmasked). */
bool x87_enter(struct cpu *cpu);
/* And back; the host's unit is then as C expects it. */
void x87_leave(struct cpu *cpu);
/* To be called before cpu->x87 is looked at or changed. */
static inline void x87_sync(struct cpu *cpu)
{
    if (cpu->x87_live)
        x87_leave(cpu);
}

/* The tag word as FNSTENV stores it: 0 valid, 1 zero, 2 special, 3 empty. */
u16 x87_full_tag(const struct x87 *x87);

#endif
