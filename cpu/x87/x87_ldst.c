/* x87 loads, stores, exchanges and moves.
 *
 * Moves of 80 bits copy them as they are, whatever they encode. A store whose memory faults has
 * changed nothing: TOP, tags and status follow the store. (SDM vol. 1, 8.3.3) */
#include "cpu/cpuid.h"
#include "cpu/excp.h"
#include "cpu/flags.h"
#include "cpu/x87/x87_exact.h"
#include "cpu/x87/x87_priv.h"

/* Pushes value after a conversion that gave host_sw. An unmasked denormal operand is loaded all the same, unlike an
 * invalid one: processors do so. */
static void push_result(struct cpu *cpu, u16 host_sw, struct f80 value)
{
    struct x87 *x87 = &cpu->x87;

    if (!x87_empty(x87, 7)) {
        if (x87_overflow(cpu))
            x87_push(x87, X87_INDEFINITE);
        return;
    }
    x87_fold(cpu, host_sw);
    if (!(host_sw & ~x87->cw & X87_IE))
        x87_push(x87, value);
}

void x87_ld_mem(struct cpu *cpu, const struct x87_insn *in)
{
    enum x87_mem kind = (enum x87_mem)in->arg;
    struct f80 mem = {0, 0}, value;
    u16 host_sw;

    switch (kind) {
    case X87_MEM_I16: mem.frac = seg_load16(cpu, in->seg, in->ea); break;
    case X87_MEM_F32:
    case X87_MEM_I32: mem.frac = seg_load32(cpu, in->seg, in->ea); break;
    case X87_MEM_F64:
    case X87_MEM_I64: mem.frac = seg_load64(cpu, in->seg, in->ea); break;
    case X87_MEM_BCD: x87_image_load(cpu, in, (u8 *)&mem, 10, 8); break;
    }
    if (kind == X87_MEM_BCD && !x87_asks_host(cpu)) {
        x87_exact_bcd((const u8 *)&mem, &value);
        host_sw = 0;
    } else {
        host_sw = X87_UNIT(load)(kind, cpu->x87.cw, &mem, &value);
    }
    push_result(cpu, host_sw, value);
}

void x87_ld_m80(struct cpu *cpu, const struct x87_insn *in)
{
    struct f80 value = {0, 0};

    x87_image_load(cpu, in, (u8 *)&value, 10, 8);
    push_result(cpu, 0, value);
}

void x87_ld_sti(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 value = x87_get(x87, in->i);

    if (x87_empty(x87, in->i)) { /* also when the stack is full: C1 as on the host */
        if (x87_underflow(cpu))
            x87_push(x87, X87_INDEFINITE);
        return;
    }
    push_result(cpu, 0, value);
}

void x87_ld_const(struct cpu *cpu, const struct x87_insn *in)
{
    struct f80 value;
    u16 host_sw = X87_UNIT(const)((enum x87_const)in->arg, cpu->x87.cw, &value);

    push_result(cpu, host_sw, value);
}

/* What a masked invalid store leaves in memory. (SDM vol. 1, tables 4-3, 4-4 and 8-10) */
static struct f80 indefinite_mem(enum x87_mem kind)
{
    switch (kind) {
    case X87_MEM_F32: return (struct f80){0xffc00000, 0};
    case X87_MEM_F64: return (struct f80){0xfff8000000000000ull, 0};
    case X87_MEM_I16: return (struct f80){0x8000, 0};
    case X87_MEM_I32: return (struct f80){0x80000000, 0};
    case X87_MEM_I64: return (struct f80){0x8000000000000000ull, 0};
    case X87_MEM_BCD: break;
    }
    return (struct f80){0xc000000000000000ull, 0xffff};
}

static void store_mem(struct cpu *cpu, const struct x87_insn *in, enum x87_mem kind,
                      const struct f80 *mem)
{
    switch (kind) {
    case X87_MEM_I16: seg_store16(cpu, in->seg, in->ea, (u16)mem->frac); break;
    case X87_MEM_F32:
    case X87_MEM_I32: seg_store32(cpu, in->seg, in->ea, (u32)mem->frac); break;
    case X87_MEM_F64:
    case X87_MEM_I64: seg_store64(cpu, in->seg, in->ea, mem->frac); break;
    case X87_MEM_BCD: x87_image_store(cpu, in, (const u8 *)mem, 10, 8); break;
    }
}

/* Unmasked overflow and underflow also stop a store to memory (SDM vol. 1, 8.5.4). What is not stored does not fault, as
 * on Intel's processors; AMD's look at the page first. */
void x87_st_mem(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    enum x87_mem kind = (enum x87_mem)(in->arg & ~(X87_ARG_POP | X87_ARG_TRUNCATE));
    struct f80 x = x87_get(x87, 0), mem = indefinite_mem(kind);
    bool empty = x87_empty(x87, 0), stored;
    u16 host_sw = X87_IE;
    u16 cw = in->arg & X87_ARG_TRUNCATE ? x87->cw | 0x0c00 : x87->cw;

    if (!empty) {
        struct f80 out = {0, 0};

        host_sw = X87_UNIT(store)(kind, cw, &x, &out);
        mem = out;
    }
    stored = !(host_sw & ~x87->cw & (X87_BEFORE | X87_OE | X87_UE));
    if (stored)
        store_mem(cpu, in, kind, &mem);
    if (empty)
        x87_underflow(cpu);
    else
        x87_fold(cpu, host_sw);
    if (stored && (in->arg & X87_ARG_POP))
        x87_pop(x87);
}

void x87_st_m80(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0);

    if (x87_empty(x87, 0)) {
        x = X87_INDEFINITE;
        if (x87->cw & X87_IE)
            x87_image_store(cpu, in, (const u8 *)&x, 10, 8);
        if (!x87_underflow(cpu))
            return;
    } else {
        x87_image_store(cpu, in, (const u8 *)&x, 10, 8);
        x87_status(x87, X87_C1, 0);
    }
    x87_pop(x87);
}

void x87_st_sti(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0);

    if (x87_empty(x87, 0)) {
        if (!x87_underflow(cpu))
            return;
        x = X87_INDEFINITE;
    } else {
        x87_status(x87, X87_C1, 0);
    }
    x87_put(x87, in->i, x);
    if (in->arg)
        x87_pop(x87);
}

/* FSTP1, an undocumented alias that never faults: an empty ST(0) is not stored but popped. */
void x87_stp_unchecked(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;

    x87_status(x87, X87_C1, 0);
    if (!x87_empty(x87, 0))
        x87_put(x87, in->i, x87_get(x87, 0));
    x87_pop(x87);
}

void x87_xch(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;
    struct f80 x = x87_get(x87, 0), y = x87_get(x87, in->i);

    if (x87_empty(x87, 0) || x87_empty(x87, in->i)) {
        bool no_x = x87_empty(x87, 0), no_y = x87_empty(x87, in->i);

        if (!x87_underflow(cpu))
            return;
        x = no_x ? X87_INDEFINITE : x;
        y = no_y ? X87_INDEFINITE : y;
    } else {
        x87_status(x87, X87_C1, 0);
    }
    x87_put(x87, in->i, x);
    x87_put(x87, 0, y);
}

/* arg: the condition as Jcc has it. Both registers must be full, whether it holds or not. */
void x87_cmov(struct cpu *cpu, const struct x87_insn *in)
{
    struct x87 *x87 = &cpu->x87;

    if (!cpu_has(cpu->model, FEAT_CMOV))
        cpu_raise(cpu, EXCP_UD);
    if (x87_empty(x87, 0) || x87_empty(x87, in->i)) {
        if (x87_underflow(cpu))
            x87_put(x87, 0, X87_INDEFINITE);
        return;
    }
    if (!x87_keeps_c1(cpu, X87_C1_CMOV))
        x87_status(x87, X87_C1, 0);
    if (flags_cond(cpu, in->arg))
        x87_put(x87, 0, x87_get(x87, in->i));
}

/* FFREE; with arg, FFREEP: it moves TOP too. */
void x87_ffree(struct cpu *cpu, const struct x87_insn *in)
{
    x87_free(&cpu->x87, in->i);
    x87_status(&cpu->x87, X87_C1, 0);
    if (in->arg)
        x87_pop(&cpu->x87);
}

/* FINCSTP and FDECSTP: arg is added to TOP, modulo 8. Tags stay. */
void x87_incdec(struct cpu *cpu, const struct x87_insn *in)
{
    x87_move_top(&cpu->x87, in->arg);
    x87_status(&cpu->x87, X87_C1, 0);
}
