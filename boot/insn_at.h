/* The instruction that a CPU would execute next, as text. */
#ifndef PAGEWALK_INSN_AT_H
#define PAGEWALK_INSN_AT_H

#include "cpu/cpu.h"

#define INSN_AT_MAX 200

/* Address, bytes and text. Looks at memory as a debugger does: no rights, no limits, no accessed bits. */
void insn_at(struct cpu *cpu, char text[INSN_AT_MAX]);

#endif
