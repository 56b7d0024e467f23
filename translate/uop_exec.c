/* C definitions of the seldom micro-ops: the bodies of uop_body.def as cases of a switch. */
#include "translate/uop_exec.h"

#include "translate/uop_body_alu.h"
#include "translate/uop_body_shift.h"

#define BODIES_BINARY
#define BODIES_PINNED_B
#define BODIES_UNARY
#define BODIES_SCAN
#define UOP(name) case U_##name:
#define COUNT     (b & 31)
#define IMM       b
#define REG(slot) cpu->r[slot]
#define ACC(n)    ((T_##n)REG(R_EAX))
#define A(n)      ((T_##n)a)
#define B(n)      ((T_##n)b)
#define REG_B(n)  B(n)
#define D(n)      d
#define NEXT      return d

u32 uop_exec_value(struct cpu *cpu, u32 a, u32 b, u32 op)
{
    u32 d = a;

    switch (op) {
#include "translate/uop_body.def"
    default: BUG("no C definition of %s", uop_info[op].name);
    }
}

void uop_exec_flag_op(struct cpu *cpu, const struct uop *uop)
{
    u8 *file = (u8 *)cpu->r;
    u32 d = uop_exec_value(cpu, file[uop->a], 0, uop->op);

    if (uop_info[uop->op].format == UFMT_D)
        file[uop->d] = (u8)d;
}
