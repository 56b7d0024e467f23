/* C definitions of the seldom micro-ops, for engines that have no code of their own for them. */
#ifndef PAGEWALK_UOP_EXEC_H
#define PAGEWALK_UOP_EXEC_H

#include "translate/uop.h"

/* CLC STC CMC CLD STD LAHF SAHF SALC. */
void uop_exec_flag_op(struct cpu *cpu, const struct uop *uop);

/* What computes a value or flags, for those that are called: the storing twins of BT* and of shifts by CL. Returns d from
 * the values of a and b (the count, or bit number; imm added), and keeps the flags. For BT the value is of no use. */
u32 uop_exec_value(struct cpu *cpu, u32 a, u32 b, u32 op);

#endif
