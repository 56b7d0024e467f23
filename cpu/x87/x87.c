/* x87 opcodes D8-DF: the table of them, pending exceptions, and the pointers to the last
 * instruction.
 *
 * Unmasked exceptions wait: the instruction that met one sets ES, and the next waiting instruction
 * raises #MF, or asserts FERR# when CR0.NE is clear. (SDM vol. 1, 8.6 and 8.7) */
#include "cpu/cpuid.h"
#include "cpu/excp.h"
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/x87/x87_priv.h"

void x87_update_es(struct cpu *cpu)
{
    struct x87 *x87 = &cpu->x87;
    bool was = x87->sw & X87_ES, is = x87->sw & ~x87->cw & X87_EXCEPTIONS;

    x87_status(x87, X87_ES | X87_B, is ? X87_ES | X87_B : 0);
    if (was && !is && !(cpu->cr0 & CR0_NE) && cpu->hooks.ferr != NULL)
        cpu->hooks.ferr(cpu->hooks.opaque, false);
}

bool x87_fold(struct cpu *cpu, u16 host_sw)
{
    struct x87 *x87 = &cpu->x87;
    u32 unmasked = host_sw & ~x87->cw & X87_EXCEPTIONS;

    if (unlikely(unmasked & X87_BEFORE)) {
        x87_status(x87, X87_C1, 0);
        x87->sw |= (u16)((host_sw & X87_BEFORE) | X87_ES | X87_B);
        return false;
    }
    x87_status(x87, X87_C1, host_sw);
    x87->sw |= (u16)((host_sw & X87_EXCEPTIONS) | (unmasked ? X87_ES | X87_B : 0));
    return true;
}

static bool stack_fault(struct cpu *cpu, u32 c1)
{
    struct x87 *x87 = &cpu->x87;
    bool masked = x87->cw & X87_IE;

    x87_status(x87, X87_C1, c1);
    x87->sw |= (u16)(X87_IE | X87_SF | (masked ? 0 : X87_ES | X87_B));
    return masked;
}

bool x87_underflow(struct cpu *cpu)
{
    return stack_fault(cpu, 0);
}

bool x87_overflow(struct cpu *cpu)
{
    return stack_fault(cpu, X87_C1);
}

/* NOWAIT: runs with an exception pending. CONTROL: leaves the pointers to the last instruction
 * alone (SDM vol. 1, 8.1.8). SSE3: came with that. */
enum { NOWAIT = 1, CONTROL = 2, SSE3 = 4 };

#define FISTTP(kind)                                                                               \
    {                                                                                              \
        x87_st_mem, (kind) | X87_ARG_POP | X87_ARG_TRUNCATE, SSE3                                  \
    }

struct x87_row {
    x87_fn *fn; /* NULL: #UD */
    u8 arg;
    u8 traits;
};

/* By opcode, then ModRM's reg field. */
static const struct x87_row rows_mem[8][8] = {
#define ARITH8(kind)                                                                               \
    {                                                                                              \
        {x87_arith_mem, kind, 0}, {x87_arith_mem, kind, 0}, {x87_arith_mem, kind, 0},              \
            {x87_arith_mem, kind, 0}, {x87_arith_mem, kind, 0}, {x87_arith_mem, kind, 0},          \
            {x87_arith_mem, kind, 0}, {x87_arith_mem, kind, 0},                                    \
    }
    [0] = ARITH8(X87_M32),
    [1] = {[0] = {x87_ld_mem, X87_MEM_F32, 0},
           [2] = {x87_st_mem, X87_MEM_F32, 0},
           [3] = {x87_st_mem, X87_MEM_F32 | X87_ARG_POP, 0},
           [4] = {x87_ldenv, 0, CONTROL},
           [5] = {x87_ldcw, 0, CONTROL},
           [6] = {x87_stenv, 0, CONTROL | NOWAIT},
           [7] = {x87_stcw, 0, CONTROL | NOWAIT}},
    [2] = ARITH8(X87_I32),
    [3] = {[0] = {x87_ld_mem, X87_MEM_I32, 0},
           [1] = FISTTP(X87_MEM_I32),
           [2] = {x87_st_mem, X87_MEM_I32, 0},
           [3] = {x87_st_mem, X87_MEM_I32 | X87_ARG_POP, 0},
           [5] = {x87_ld_m80, 0, 0},
           [7] = {x87_st_m80, 0, 0}},
    [4] = ARITH8(X87_M64),
    [5] = {[0] = {x87_ld_mem, X87_MEM_F64, 0},
           [1] = FISTTP(X87_MEM_I64),
           [2] = {x87_st_mem, X87_MEM_F64, 0},
           [3] = {x87_st_mem, X87_MEM_F64 | X87_ARG_POP, 0},
           [4] = {x87_rstor, 0, CONTROL},
           [6] = {x87_save, 0, CONTROL | NOWAIT},
           [7] = {x87_stsw, 0, CONTROL | NOWAIT}},
    [6] = ARITH8(X87_I16),
    [7] = {[0] = {x87_ld_mem, X87_MEM_I16, 0},
           [1] = FISTTP(X87_MEM_I16),
           [2] = {x87_st_mem, X87_MEM_I16, 0},
           [3] = {x87_st_mem, X87_MEM_I16 | X87_ARG_POP, 0},
           [4] = {x87_ld_mem, X87_MEM_BCD, 0},
           [5] = {x87_ld_mem, X87_MEM_I64, 0},
           [6] = {x87_st_mem, X87_MEM_BCD | X87_ARG_POP, 0},
           [7] = {x87_st_mem, X87_MEM_I64 | X87_ARG_POP, 0}},
};

/* Register forms: rows whose third ModRM field is ST(i). D0-DF of DC to DF and FFREEP are aliases
 * that the manual does not list but that processors have, and compilers use. The subtractions and
 * divisions into ST(i) are the other way round from those into ST(0). */
static const struct x87_row rows_reg[8][8] = {
    [0] = {{x87_arith_st0, X87_ADD, 0},
           {x87_arith_st0, X87_MUL, 0},
           {x87_arith_st0, X87_COM, 0},
           {x87_arith_st0, X87_COMP, 0},
           {x87_arith_st0, X87_SUB, 0},
           {x87_arith_st0, X87_SUBR, 0},
           {x87_arith_st0, X87_DIV, 0},
           {x87_arith_st0, X87_DIVR, 0}},
    [1] = {[0] = {x87_ld_sti, 0, 0}, [1] = {x87_xch, 0, 0}, [3] = {x87_stp_unchecked, 0, 0}},
    [2] = {[0] = {x87_cmov, 2, 0},
           [1] = {x87_cmov, 4, 0},
           [2] = {x87_cmov, 6, 0},
           [3] = {x87_cmov, 10, 0}},
    [3] = {[0] = {x87_cmov, 3, 0},
           [1] = {x87_cmov, 5, 0},
           [2] = {x87_cmov, 7, 0},
           [3] = {x87_cmov, 11, 0},
           [5] = {x87_comi, 1, 0},
           [6] = {x87_comi, 0, 0}},
    [4] = {{x87_arith_sti, X87_ADD, 0},
           {x87_arith_sti, X87_MUL, 0},
           {x87_arith_st0, X87_COM, 0},
           {x87_arith_st0, X87_COMP, 0},
           {x87_arith_sti, X87_SUBR, 0},
           {x87_arith_sti, X87_SUB, 0},
           {x87_arith_sti, X87_DIVR, 0},
           {x87_arith_sti, X87_DIV, 0}},
    [5] = {[0] = {x87_ffree, 0, 0},
           [1] = {x87_xch, 0, 0},
           [2] = {x87_st_sti, 0, 0},
           [3] = {x87_st_sti, 1, 0},
           [4] = {x87_ucom, 0, 0},
           [5] = {x87_ucom, 1, 0}},
    [6] = {[0] = {x87_arith_sti_pop, X87_ADD, 0},
           [1] = {x87_arith_sti_pop, X87_MUL, 0},
           [2] = {x87_arith_st0, X87_COMP, 0},
           [4] = {x87_arith_sti_pop, X87_SUBR, 0},
           [5] = {x87_arith_sti_pop, X87_SUB, 0},
           [6] = {x87_arith_sti_pop, X87_DIVR, 0},
           [7] = {x87_arith_sti_pop, X87_DIV, 0}},
    [7] = {[0] = {x87_ffree, 1, 0},
           [1] = {x87_xch, 0, 0},
           [2] = {x87_st_sti, 1, 0},
           [3] = {x87_st_sti, 1, 0},
           [5] = {x87_comi, 3, 0},
           [6] = {x87_comi, 2, 0}},
};

/* D9 E0 to D9 FF. */
static const struct x87_row rows_d9[32] = {
    [0x00] = {x87_chs, 0, 0},
    [0x01] = {x87_abs, 0, 0},
    [0x04] = {x87_tst, 0, 0},
    [0x05] = {x87_xam, 0, 0},
    [0x08] = {x87_ld_const, X87_1, 0},
    [0x09] = {x87_ld_const, X87_L2T, 0},
    [0x0a] = {x87_ld_const, X87_L2E, 0},
    [0x0b] = {x87_ld_const, X87_PI, 0},
    [0x0c] = {x87_ld_const, X87_LG2, 0},
    [0x0d] = {x87_ld_const, X87_LN2, 0},
    [0x0e] = {x87_ld_const, X87_ZERO, 0},
    [0x10] = {x87_unary, X87_F2XM1, 0},
    [0x11] = {x87_binary_pop, X87_YL2X, 0},
    [0x12] = {x87_two_results, X87_PTAN, 0},
    [0x13] = {x87_binary_pop, X87_PATAN, 0},
    [0x14] = {x87_two_results, X87_XTRACT, 0},
    [0x15] = {x87_binary_keep, X87_PREM1, 0},
    [0x16] = {x87_incdec, 7, 0},
    [0x17] = {x87_incdec, 1, 0},
    [0x18] = {x87_binary_keep, X87_PREM, 0},
    [0x19] = {x87_binary_pop, X87_YL2XP1, 0},
    [0x1a] = {x87_unary, X87_SQRT, 0},
    [0x1b] = {x87_two_results, X87_SINCOS, 0},
    [0x1c] = {x87_unary, X87_RNDINT, 0},
    [0x1d] = {x87_binary_keep, X87_SCALE, 0},
    [0x1e] = {x87_unary, X87_SIN, 0},
    [0x1f] = {x87_unary, X87_COS, 0},
};

/* Single opcodes in groups that have no ST(i): opcode's low three bits << 8 | ModRM. */
static const struct {
    u16 code;
    struct x87_row row;
} rows_single[] = {
    {0x1d0, {x87_nop, 0, 0}},
    {0x2e9, {x87_compp, 1, 0}},
    {0x3e0, {x87_nop, 0, CONTROL | NOWAIT}}, /* FNENI */
    {0x3e1, {x87_nop, 0, CONTROL | NOWAIT}}, /* FNDISI */
    {0x3e2, {x87_clex, 0, CONTROL | NOWAIT}},
    {0x3e3, {x87_finit, 0, CONTROL | NOWAIT}},
    {0x3e4, {x87_nop, 0, CONTROL | NOWAIT}}, /* FNSETPM */
    {0x6d9, {x87_compp, 0, 0}},
    {0x7e0, {x87_stsw_ax, 0, CONTROL | NOWAIT}},
};

static const struct x87_row *find_row(unsigned op, u8 modrm, bool mem)
{
    if (mem)
        return &rows_mem[op][modrm >> 3 & 7];
    if (op == 1 && modrm >= 0xe0)
        return &rows_d9[modrm & 31];
    if (rows_reg[op][modrm >> 3 & 7].fn != NULL)
        return &rows_reg[op][modrm >> 3 & 7];
    for (unsigned i = 0; i < ARRAY_SIZE(rows_single); i++)
        if (rows_single[i].code == (op << 8 | modrm))
            return &rows_single[i].row;
    return NULL;
}

/* Without #MF (CR0.NE clear) the board turns FERR# into IRQ 13, for which a waiting instruction waits; where
 * it cannot come, execution goes on. (SDM vol. 1, 8.7.2) */
void x87_wait(struct cpu *cpu)
{
    x87_sync(cpu);
    if (likely(!(cpu->x87.sw & X87_ES)))
        return;
    if (cpu->cr0 & CR0_NE)
        cpu_raise(cpu, EXCP_MF);
    if (cpu->hooks.ferr != NULL)
        cpu->hooks.ferr(cpu->hooks.opaque, true);
    if (cpu->intr && (cpu->eflags & FL_IF))
        cpu_restart(cpu);
}

HELP(x87)
{
    struct x87 *x87 = &cpu->x87;
    struct x87_arg arg = x87_arg_unpack(c);
    struct x87_insn in = {
        .op = (u8)(arg.fop >> 8),
        .modrm = (u8)arg.fop,
        .i = arg.fop & 7,
        .seg = arg.seg,
        .ea = a,
        .osz16 = arg.osz16,
    };
    const struct x87_row *row = find_row(in.op, in.modrm, arg.mem);

    x87_sync(cpu);
    if (row == NULL || row->fn == NULL || ((row->traits & SSE3) && !cpu_has(cpu->model, FEAT_SSE3)))
        cpu_raise(cpu, EXCP_UD);
    if (!(row->traits & NOWAIT))
        x87_wait(cpu);
    in.arg = row->arg;
    row->fn(cpu, &in);
    if (row->traits & CONTROL)
        return 0;
    x87->fop = arg.fop;
    x87->fip = b;
    x87->fcs = cpu->seg[SREG_CS].sel;
    if (arg.mem) {
        x87->fdp = in.ea;
        x87->fds = cpu->seg[in.seg].sel;
    }
    return 0;
}

/* Unlike the other x87 instructions it depends on TS only with MP, and not on EM. (SDM vol. 2, WAIT/FWAIT) */
HELP(fwait)
{
    if ((cpu->cr0 & (CR0_TS | CR0_MP)) == (CR0_TS | CR0_MP))
        cpu_raise(cpu, EXCP_NM);
    x87_wait(cpu);
    return 0;
}
