/* x87 functions: roots, remainders, scaling, trigonometry and logarithms.
 *
 * Empty operands are stack underflows; FPTAN, FSINCOS and FXTRACT push a second result and so can
 * overflow the stack too: masked, both results are the real indefinite. (SDM vol. 1, 8.3.5-8.3.9)
 */
#include "cpu/x87/x87_exact.h"
#include "cpu/x87/x87_priv.h"

void x87_unary(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    enum x87_unary op = (enum x87_unary)in->arg;
    struct f80 x = x87_get(x87, 0);
    u16 host_sw;

    if (op == X87_SIN || op == X87_COS)
        x87_status(x87, X87_C2, 0);
    if (x87_empty(x87, 0)) {
        if (x87_underflow(cpu))
            x87_put(x87, 0, X87_INDEFINITE);
        return;
    }
    host_sw = (x87_asks_host(cpu) ? X87_UNIT(unary) : x87_exact_unary)(op, x87->cw, &x);
    if (!x87_fold(cpu, host_sw))
        return;
    if (op == X87_SIN || op == X87_COS) /* C2: the operand is out of range, and left as it is */
        x87_status(x87, X87_C2, host_sw);
    x87_put(x87, 0, x);
}

void x87_binary_pop(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    enum x87_binary op = (enum x87_binary)in->arg;
    struct f80 x = x87_get(x87, 0), y = x87_get(x87, 1);
    u16 host_sw;

    if (x87_empty(x87, 0) || x87_empty(x87, 1)) {
        if (!x87_underflow(cpu))
            return;
        x = X87_INDEFINITE;
    } else {
        host_sw = (x87_asks_host(cpu) ? X87_UNIT(binary) : x87_exact_binary)(op, x87->cw, &x, &y);
        if (!x87_fold(cpu, host_sw))
            return;
    }
    x87_put(x87, 1, x);
    x87_pop(x87);
}

void x87_binary_keep(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    enum x87_binary op = (enum x87_binary)in->arg;
    struct f80 x = x87_get(x87, 0), y = x87_get(x87, 1);
    u16 host_sw;

    if (op != X87_SCALE)
        x87_status(x87, X87_C2, 0);
    if (x87_empty(x87, 0) || x87_empty(x87, 1)) {
        if (x87_underflow(cpu))
            x87_put(x87, 0, X87_INDEFINITE);
        return;
    }
    host_sw = (x87_asks_host(cpu) ? X87_UNIT(binary) : x87_exact_binary)(op, x87->cw, &x, &y);
    if (!x87_fold(cpu, host_sw))
        return;
    /* The quotient's low bits, and C2 while the reduction is incomplete; there is none for a NaN.
     */
    if (op != X87_SCALE && (x.se & 0x7fff) != 0x7fff)
        x87_status(x87, X87_C0 | X87_C1 | X87_C2 | X87_C3, host_sw);
    x87_put(x87, 0, x);
}

void x87_two_results(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    enum x87_two op = (enum x87_two)in->arg;
    struct f80 x = x87_get(x87, 0), pushed = x87_get(x87, 0);
    u16 host_sw = 0;

    if (op != X87_XTRACT)
        x87_status(x87, X87_C2, 0);
    if (x87_empty(x87, 0)) {
        if (!x87_underflow(cpu))
            return;
        x = pushed = X87_INDEFINITE;
    } else if (!x87_empty(x87, 7)) {
        if (!x87_overflow(cpu))
            return;
        x = pushed = X87_INDEFINITE;
    } else {
        host_sw = (x87_asks_host(cpu) ? X87_UNIT(two) : x87_exact_two)(op, x87->cw, &x, &pushed);
        if (!x87_fold(cpu, host_sw))
            return;
    }
    if (op != X87_XTRACT && (host_sw & X87_C2)) {
        x87_status(x87, X87_C2, X87_C2);
        return;
    }
    x87_put(x87, 0, x);
    x87_push(x87, pushed);
}
