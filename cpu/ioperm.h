/* The rights to a port, for all instructions that touch one. */
#ifndef PAGEWALK_IOPERM_H
#define PAGEWALK_IOPERM_H

#include "cpu/cpu.h"

/* Raises #GP(0) unless the current code may access `size` ports from `port`: CPL against IOPL, then
 * the TSS's I/O permission bitmap. (SDM vol. 1, 19.5) */
void ioperm_check(struct cpu *cpu, u16 port, unsigned size);

/* Whether that passes for every port, whatever the bitmap says. */
bool ioperm_free(const struct cpu *cpu);

#endif
