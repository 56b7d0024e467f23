/* Guest x87 instructions run as they are on the host's x87.
 *
 * The guest's state is in the host's unit while cpu->x87_live is set; each instruction checks that, since
 * any call into C may have taken it out. Control instructions that change the state as a whole, undefined
 * encodings, aliases, and operands in segments that are not flat go to the helper. */
#include "cpu/helper.h"
#include "cpu/helper_arg.h"
#include "cpu/seglimit.h"
#include "cpu/x87/x87.h"
#include "translate/lower/lower.h"
#include "translate/x64/mem.h"

/* What an encoding needs around it. */
enum x87_kind {
    X87_NO,      /* the helper's */
    X87_PLAIN,   /* computes: instruction pointer and opcode are recorded */
    X87_CONTROL, /* as it is, nothing recorded: FNSTSW, FNSTCW, FNCLEX */
    X87_CMOV,    /* reads EFLAGS */
    X87_COMI,    /* writes EFLAGS */
    X87_SSE3,    /* plain, where the model has SSE3 */
};

struct x87_form {
    u8 kind; /* enum x87_kind */
    u8 size; /* bytes of memory */
    bool write;
};

/* Memory forms by opcode (D8-DF) and ModRM's reg field. */
#define LD(n)                                                                                      \
    {                                                                                              \
        X87_PLAIN, n, false                                                                        \
    }
#define ST(n)                                                                                      \
    {                                                                                              \
        X87_PLAIN, n, true                                                                         \
    }
#define ST3(n)                                                                                     \
    {                                                                                              \
        X87_SSE3, n, true                                                                          \
    }
#define STC                                                                                        \
    {                                                                                              \
        X87_CONTROL, 2, true                                                                       \
    }
#define NONE                                                                                       \
    {                                                                                              \
        X87_NO, 0, false                                                                           \
    }
static const struct x87_form memory_form[8][8] = {
    {LD(4), LD(4), LD(4), LD(4), LD(4), LD(4), LD(4), LD(4)},
    {LD(4), NONE, ST(4), ST(4), NONE, NONE, NONE, STC},
    {LD(4), LD(4), LD(4), LD(4), LD(4), LD(4), LD(4), LD(4)},
    {LD(4), ST3(4), ST(4), ST(4), NONE, LD(10), NONE, ST(10)},
    {LD(8), LD(8), LD(8), LD(8), LD(8), LD(8), LD(8), LD(8)},
    {LD(8), ST3(8), ST(8), ST(8), NONE, NONE, NONE, STC},
    {LD(2), LD(2), LD(2), LD(2), LD(2), LD(2), LD(2), LD(2)},
    {LD(2), ST3(2), ST(2), ST(2), LD(10), LD(8), ST(10), ST(8)},
};

static bool in(u8 v, u8 first, u8 last)
{
    return v >= first && v <= last;
}

static enum x87_kind register_kind(u8 op, u8 m)
{
    switch (op) {
    case 0: return X87_PLAIN;
    case 1:
        if (in(m, 0xd1, 0xdf) || m == 0xe2 || m == 0xe3 || m == 0xe6 || m == 0xe7 || m == 0xef)
            return X87_NO;
        return X87_PLAIN;
    case 2: return m <= 0xdf ? X87_CMOV : m == 0xe9 ? X87_PLAIN : X87_NO;
    case 3:
        if (m == 0xe2)
            return X87_CONTROL;
        return m <= 0xdf ? X87_CMOV : in(m, 0xe8, 0xf7) ? X87_COMI : X87_NO;
    case 4: return in(m, 0xd0, 0xdf) ? X87_NO : X87_PLAIN;
    case 5: return in(m, 0xc8, 0xcf) || m >= 0xf0 ? X87_NO : X87_PLAIN;
    case 6: return in(m, 0xd0, 0xdf) && m != 0xd9 ? X87_NO : X87_PLAIN;
    default: return m == 0xe0 ? X87_CONTROL : in(m, 0xe8, 0xf7) ? X87_COMI : X87_NO;
    }
}

struct slow *gen_x87_live(struct gen *g)
{
    struct code *c = &g->c;
    struct slow *s;

    code_alu_cpu(c, 1, ALU_CMP, offsetof(struct cpu, x87_live), 0);
    s = gen_add_slow(g, SLOW_X87_ENTER, RAX, code_jcc_forward(c, CC_E), 0);
    s->back = c->p;
    g->flags_uop = -1;
    return s;
}

/* Instructions that makes of processors do differently: the functions, FPREM and FPREM1, and FBLD of what are no
 * digits. The helper does them by rule. */
static bool differs(u8 op, u8 modrm, bool mem)
{
    if (mem)
        return op == 7 && (modrm >> 3 & 7) == 4;
    return op == 1 && (in(modrm, 0xf0, 0xf3) || modrm == 0xf5 || in(modrm, 0xf8, 0xf9) ||
                       modrm == 0xfb || in(modrm, 0xfe, 0xff));
}

static void store16(struct code *c, size_t field, u32 imm)
{
    code_rm(c, 2, OP_MOV_IMM, 0, H_CPU, NO_REG, 0, (i32)field, false);
    code_imm(c, 2, imm);
}

/* FOP, FIP and FCS, and for a memory operand FDP and FDS. Clobbers r13 and r15. */
static void gen_pointers(struct gen *g, const struct x87_arg *arg, u32 eip, unsigned ea)
{
    struct code *c = &g->c;
    size_t sel = offsetof(struct cpu, seg[SREG_CS].sel);

    store16(c, offsetof(struct cpu, x87.fop), arg->fop);
    code_store_cpu_imm(c, offsetof(struct cpu, x87.fip), eip);
    code_rm(c, 4, OP_MOVZX16, H_S1, H_CPU, NO_REG, 0, (i32)sel, false);
    code_store_cpu(c, 2, H_S1, offsetof(struct cpu, x87.fcs));
    if (!arg->mem)
        return;
    code_store_cpu(c, 4, ea, offsetof(struct cpu, x87.fdp));
    sel = offsetof(struct cpu, seg) + arg->seg * sizeof(struct seg) + offsetof(struct seg, sel);
    code_rm(c, 4, OP_MOVZX16, H_S1, H_CPU, NO_REG, 0, (i32)sel, false);
    code_store_cpu(c, 2, H_S1, offsetof(struct cpu, x87.fds));
}

static bool gen_memory(struct gen *g, const struct uop *u, const struct x87_arg *arg, u32 eip)
{
    struct code *c = &g->c;
    unsigned op = arg->fop >> 8, reg = arg->fop >> 3 & 7, ea = host_reg(u->a, 4);
    const struct x87_form *form = &memory_form[op][reg];
    struct slow *enter, *miss;
    struct mem_want want;
    struct host_operand m;
    const u8 *start;

    if (form->kind == X87_NO ||
        (form->kind == X87_SSE3 && !cpu_has(g->tr->cpu->model, FEAT_SSE3)) ||
        !mode_access_flat(g->b->mode, arg->seg, form->write) || ea == NO_REG)
        return false;
    enter = gen_x87_live(g);
    want = (struct mem_want){SLOW_HELPER, 0, ea, form->size, form->write, false, form->size > 8};
    miss = g->mem->operand(g, &want, &m);
    start = c->p;
    code_window(c, &m);
    code_rm(c, 4, OP_X87 | op, reg, m.base, m.index, m.scale, m.disp, false);
    code_window_end(c, &m, start);
    if (form->kind != X87_CONTROL)
        gen_pointers(g, arg, eip, ea);
    enter->done = miss->back = c->p;
    return true;
}

/* FINCSTP and FDECSTP: they clear C1 and nothing else. Some processors leave it alone in FCMOVcc and FCOMI. */
static void gen_clear_c1(struct code *c)
{
    static const u8 insns[] = {0xd9, 0xf7, 0xd9, 0xf6};

    for (unsigned i = 0; i < sizeof(insns); i++)
        code8(c, insns[i]);
}

static bool gen_register(struct gen *g, const struct x87_arg *arg, u32 eip)
{
    static const u8 cmov_cc[4] = {CC_B, CC_E, CC_BE, CC_P};
    struct code *c = &g->c;
    u8 op = (u8)(arg->fop >> 8), modrm = (u8)arg->fop;
    enum x87_kind kind = register_kind(op, modrm);
    bool clear_c1 = (kind == X87_CMOV || kind == X87_COMI) && !g->tr->cpu->host_math;
    struct slow *enter;

    if (kind == X87_NO ||
        ((kind == X87_CMOV || kind == X87_COMI) && !cpu_has(g->tr->cpu->model, FEAT_CMOV)))
        return false;
    enter = gen_x87_live(g);
    if (kind == X87_CMOV)
        gen_need_flags(g, cmov_cc[modrm >> 3 & 3]);
    if (clear_c1)
        gen_clear_c1(c);
    code8(c, OP_X87 | op);
    code8(c, modrm);
    if (kind == X87_COMI)
        code_call(c, g->x64->x87_flags);
    if (kind != X87_CONTROL)
        gen_pointers(g, arg, eip, 0);
    enter->done = c->p;
    return true;
}

bool gen_x87(struct gen *g, const struct uop *u)
{
    u32 eip = eip_add(g->b->eip, (u32)g->b->insn_offset[u->insn]);
    struct x87_arg arg = x87_arg_unpack(u->imm);

    if (!g->tr->cpu->host_math && differs((u8)(arg.fop >> 8), (u8)arg.fop, arg.mem))
        return false;
    return arg.mem ? gen_memory(g, u, &arg, eip) : gen_register(g, &arg, eip);
}
