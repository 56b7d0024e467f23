/* x87 basic arithmetic and comparisons.
 *
 * An empty operand is a stack underflow: masked, the destination gets the real indefinite and a
 * comparison answers "unordered". An unmasked exception leaves the registers alone, pops included; a comparison
 * has given its answer all the same, as processors do, though SDM vol. 2 (FCOM) says otherwise. Memory operands
 * are read before anything changes. (SDM vol. 1, 8.3.4-8.3.6 and 8.5.1) */
#include "cpu/cpuid.h"
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/x87/x87_priv.h"

#define CONDITION (X87_C0 | X87_C2 | X87_C3)

static bool is_compare(unsigned op)
{
    return op == X87_COM || op == X87_COMP;
}

/* Stores the result of op in ST(i), unless an unmasked exception forbids it, or the condition codes of a comparison.
 * False: there is one, and the comparison pops nothing. */
static bool finish(struct cpu *cpu, unsigned op, unsigned i, u16 host_sw, struct f80 result)
{
    struct x87 *x87 = &cpu->x87;
    bool done = x87_fold(cpu, host_sw);

    if (is_compare(op))
        x87_status(x87, CONDITION, host_sw);
    else if (done)
        x87_put(x87, i, result);
    return done;
}

/* The same for an operand that is empty. */
static bool finish_empty(struct cpu *cpu, unsigned op, unsigned i)
{
    struct x87 *x87 = &cpu->x87;
    bool done = x87_underflow(cpu);

    if (is_compare(op))
        x87_status(x87, CONDITION, CONDITION);
    else if (done)
        x87_put(x87, i, X87_INDEFINITE);
    return done;
}

/* ST(to) = ST(to) op ST(from). */
static bool arith(struct cpu *cpu, unsigned op, unsigned to, unsigned from)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, to), y = x87_get(x87, from);
    u16 host_sw;

    if (x87_empty(x87, to) || x87_empty(x87, from))
        return finish_empty(cpu, op, to);
    host_sw = X87_UNIT(arith)(op, x87->cw, &x, &y);
    return finish(cpu, op, to, host_sw, x);
}

static void pops(struct cpu *cpu, bool done, unsigned count)
{
    for (; done && count; count--)
        x87_pop(&cpu->x87);
}

void x87_arith_mem(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    unsigned op = in->modrm >> 3 & 7;
    struct f80 x = x87_get(x87, 0);
    u64 mem = 0;
    bool done;

    switch (in->arg) {
    case X87_M64: mem = seg_load64(cpu, in->seg, in->ea); break;
    case X87_I16: mem = seg_load16(cpu, in->seg, in->ea); break;
    default: mem = seg_load32(cpu, in->seg, in->ea); break;
    }
    if (x87_empty(x87, 0)) {
        done = finish_empty(cpu, op, 0);
    } else {
        u16 host_sw = X87_UNIT(arith_mem)(in->arg, op, x87->cw, &x, &mem);

        done = finish(cpu, op, 0, host_sw, x);
    }
    pops(cpu, done, op == X87_COMP);
}

void x87_arith_st0(struct cpu *cpu, const struct x87_insn *in)
{
    unsigned op = in->arg;

    pops(cpu, arith(cpu, op, 0, in->i), op == X87_COMP);
}

void x87_arith_sti(struct cpu *cpu, const struct x87_insn *in)
{
    arith(cpu, in->arg, in->i, 0);
}

void x87_arith_sti_pop(struct cpu *cpu, const struct x87_insn *in)
{
    pops(cpu, arith(cpu, in->arg, in->i, 0), 1);
}

/* Compares ST(0) with ST(i): *host_sw has C0 C2 C3. False: an unmasked exception forbids to pop. */
static bool compare(struct cpu *cpu, unsigned i, bool unordered, u16 *host_sw)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0), y = x87_get(x87, i);

    if (x87_empty(x87, 0) || x87_empty(x87, i)) {
        *host_sw = CONDITION;
        return x87_underflow(cpu);
    }
    *host_sw =
        unordered ? X87_UNIT(ucom)(x87->cw, &x, &y) : X87_UNIT(arith)(X87_COM, x87->cw, &x, &y);
    return x87_fold(cpu, *host_sw);
}

void x87_ucom(struct cpu *cpu, const struct x87_insn *in)
{
    u16 host_sw;
    bool done = compare(cpu, in->i, true, &host_sw);

    x87_status(&cpu->x87, CONDITION, host_sw);
    pops(cpu, done, in->arg);
}

void x87_compp(struct cpu *cpu, const struct x87_insn *in)
{
    u16 host_sw;
    bool done = compare(cpu, 1, in->arg, &host_sw);

    x87_status(&cpu->x87, CONDITION, host_sw);
    pops(cpu, done, 2);
}

/* FCOMI and kin: C3, C2, C0 go to ZF, PF, CF; OF, SF and AF are cleared. (SDM vol. 2, FCOMI) */
void x87_comi(struct cpu *cpu, const struct x87_insn *in)
{
    bool had_c1 = (cpu->x87.sw & X87_C1) && x87_keeps_c1(cpu, X87_C1_COMI), done;
    u16 host_sw;

    if (!cpu_has(cpu->model, FEAT_CMOV))
        cpu_raise(cpu, EXCP_UD);
    done = compare(cpu, in->i, in->arg & 1, &host_sw);
    if (done && had_c1 && !x87_empty(&cpu->x87, 0) && !x87_empty(&cpu->x87, in->i))
        x87_status(&cpu->x87, X87_C1, X87_C1);
    flags_put(cpu, FL_ARITH,
              (host_sw & X87_C3 ? FL_ZF : 0) | (host_sw & X87_C2 ? FL_PF : 0) |
                  (host_sw & X87_C0 ? FL_CF : 0));
    pops(cpu, done, in->arg >> 1);
}

void x87_tst(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0);

    (void)in;
    if (x87_empty(x87, 0))
        finish_empty(cpu, X87_COM, 0);
    else
        finish(cpu, X87_COM, 0, X87_UNIT(unary)(X87_TST, x87->cw, &x), x);
}

/* FXAM looks at empty registers too, and never faults; C1 is the sign. (SDM vol. 2, FXAM) */
void x87_xam(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0);
    u16 host_sw = X87_UNIT(unary)(X87_XAM, x87->cw, &x);

    (void)in;
    if (x87_empty(x87, 0))
        host_sw = (host_sw & X87_C1) | X87_C3 | X87_C0;
    x87_status(x87, CONDITION | X87_C1, host_sw);
}

/* FCHS and FABS change the sign bit of anything, NaNs too, without exceptions. */
static void change_sign(struct cpu *cpu, u16 keep, u16 flip)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0);

    if (x87_empty(x87, 0)) {
        finish_empty(cpu, X87_ADD, 0);
        return;
    }
    x.se = (x.se & keep) ^ flip;
    x87_put(x87, 0, x);
    x87_status(x87, X87_C1, 0);
}

void x87_chs(struct cpu *cpu, const struct x87_insn *in)
{
    (void)in;
    change_sign(cpu, 0xffff, 0x8000);
}

void x87_abs(struct cpu *cpu, const struct x87_insn *in)
{
    (void)in;
    change_sign(cpu, 0x7fff, 0);
}
