/* The guest's flags and its x87 state, for code that needs them in the host's. */
#include "cpu/flags.h"
#include "cpu/x87/x87.h"
#include "translate/x64/thunk.h"

static u32 carry_of(struct cpu *cpu)
{
    return flags_cf(cpu);
}

/* What the host's EFLAGS should be to have the guest's arithmetic flags. */
static u32 image_of(struct cpu *cpu)
{
    return flags_compute(cpu->eflags, &cpu->lazy) | FL_ONE | FL_IF;
}

static void call_saved(struct x64 *x, struct code *c, const void *fn)
{
    thunk_save_whole(x, c);
    code_mov_rr(c, 8, RDI, H_CPU);
    code_call_c(c, fn);
    code_mov_rr(c, 4, H_S1, RAX);
    thunk_load_whole(x, c);
}

static void load_lazy(struct code *c, unsigned reg, size_t field)
{
    code_load_cpu(c, 4, reg, field);
}

/* `op` of cpu->lazy against a constant; returns the site of the jump for another one. */
static u8 *unless_op(struct code *c, unsigned op)
{
    code_alu_cpu(c, 4, ALU_CMP, offsetof(struct cpu, lazy.op), op);
    return code_jcc_short(c, CC_NE);
}

/* The same whatever INC or DEC came behind it: for CF. */
static u8 *unless_main_op(struct code *c, unsigned op)
{
    code_alu_cpu(c, 1, ALU_CMP, offsetof(struct cpu, lazy.op), (u8)op);
    return code_jcc_short(c, CC_NE);
}

enum {
    F_RES = offsetof(struct cpu, lazy.res),
    F_A = offsetof(struct cpu, lazy.a),
    F_B = offsetof(struct cpu, lazy.b)
};

/* r13 = CF as 0 or 1, for the common operations; the rest is C's. */
void thunk_make_carry(struct x64 *x, struct code *c)
{
    u8 *other, *rotated;

    x->get_cf = code_here(c);
    code_alu_cpu(c, 1, ALU_CMP, offsetof(struct cpu, lazy.op) + LAZY_ROTATED_SHIFT / 8, 0);
    rotated = code_jcc_forward(c, CC_NE);
    other = unless_main_op(c, LAZY_CMP32);
    load_lazy(c, H_S1, F_A);
    code_alu_reg_cpu(c, 4, ALU_CMP, H_S1, F_B);
    code_mov_ri(c, H_S1, 0);
    code_rr(c, 1, OP_SETCC | CC_B, 0, H_S1);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_main_op(c, LAZY_SUM32); /* a + b < a */
    load_lazy(c, H_S1, F_A);
    code_alu_reg_cpu(c, 4, ALU_ADD, H_S1, F_B);
    code_mov_ri(c, H_S1, 0);
    code_rr(c, 1, OP_SETCC | CC_B, 0, H_S1);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_main_op(c, LAZY_LOGIC32);
    code_mov_ri(c, H_S1, 0);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_main_op(c, LAZY_ADC32); /* top bit of (a & b) | ((a | b) & ~res) */
    load_lazy(c, H_S1, F_A);
    code_alu_reg_cpu(c, 4, ALU_OR, H_S1, F_B);
    load_lazy(c, H_S2, F_RES);
    code_unary(c, 4, UNARY_NOT, H_S2);
    code_alu_rr(c, 4, ALU_AND, H_S1, H_S2);
    load_lazy(c, H_S2, F_A);
    code_alu_reg_cpu(c, 4, ALU_AND, H_S2, F_B);
    code_alu_rr(c, 4, ALU_OR, H_S1, H_S2);
    code_shift_ri(c, 4, SHIFT_SHR, H_S1, 31);
    code_ret(c);
    code_bind_short(c, other);
    code_bind(c, rotated);
    call_saved(x, c, (const void *)(uintptr_t)&carry_of);
    code_ret(c);
}

/* Host flags = guest flags: the common operations are done again. Clobbers r13 and r15. */
void thunk_make_flags(struct x64 *x, struct code *c)
{
    u8 *other;

    x->load_flags = code_here(c);
    other = unless_op(c, LAZY_CMP32);
    load_lazy(c, H_S1, F_A);
    code_alu_reg_cpu(c, 4, ALU_CMP, H_S1, F_B);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_op(c, LAZY_TEST32);
    load_lazy(c, H_S1, F_A);
    code_rm(c, 4, OP_TEST, H_S1, H_CPU, NO_REG, 0, F_B, false);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_op(c, LAZY_LOGIC32);
    load_lazy(c, H_S1, F_RES);
    code_test_rr(c, 4, H_S1, H_S1);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_op(c, LAZY_SUM32);
    load_lazy(c, H_S1, F_A);
    code_alu_reg_cpu(c, 4, ALU_ADD, H_S1, F_B);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_op(c, LAZY_SUBBED32); /* res + b, less b again */
    load_lazy(c, H_S1, F_RES);
    code_alu_reg_cpu(c, 4, ALU_ADD, H_S1, F_B);
    code_alu_reg_cpu(c, 4, ALU_CMP, H_S1, F_B);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_op(c, LAZY_ADDED32); /* res - b, plus b again */
    load_lazy(c, H_S1, F_RES);
    code_alu_reg_cpu(c, 4, ALU_SUB, H_S1, F_B);
    code_alu_reg_cpu(c, 4, ALU_ADD, H_S1, F_B);
    code_ret(c);
    code_bind_short(c, other);
    other = unless_op(c, LAZY_NONE);
    load_lazy(c, H_S1, offsetof(struct cpu, eflags));
    code_alu_ri(c, 4, ALU_AND, H_S1, FL_ARITH);
    code_alu_ri(c, 4, ALU_OR, H_S1, FL_ONE | FL_IF);
    code_push(c, H_S1);
    code_popf(c);
    code_ret(c);
    code_bind_short(c, other);
    call_saved(x, c, (const void *)(uintptr_t)&image_of);
    code_push(c, H_S1);
    code_popf(c);
    code_ret(c);
}

static u32 enter_x87(struct cpu *cpu)
{
    return x87_enter(cpu);
}

void thunk_make_x87(struct x64 *x, struct code *c)
{
    /* r13 = whether the host's x87 has the guest's state now. */
    x->x87_enter = code_here(c);
    call_saved(x, c, (const void *)(uintptr_t)&enter_x87);
    code_ret(c);

    /* FCOMI and its kin: host ZF PF CF to guest EFLAGS, the other arithmetic flags 0. */
    x->x87_flags = code_here(c);
    code_pushf(c);
    code_pop(c, H_S1);
    code_alu_ri(c, 4, ALU_AND, H_S1, FL_ZF | FL_PF | FL_CF);
    load_lazy(c, H_S2, offsetof(struct cpu, eflags));
    code_alu_ri(c, 4, ALU_AND, H_S2, ~FL_ARITH);
    code_alu_rr(c, 4, ALU_OR, H_S1, H_S2);
    code_store_cpu(c, 4, H_S1, offsetof(struct cpu, eflags));
    code_store_cpu_imm(c, offsetof(struct cpu, lazy.op), LAZY_NONE);
    code_ret(c);
}
