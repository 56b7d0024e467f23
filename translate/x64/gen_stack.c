/* PUSH and POP move ESP each; within a group of accesses only the last value matters.
 *
 * Between members of a group (gen_group.c), which cannot fault, ESP's moves by constants are only added up:
 * g->stack_due. The next micro-op that reads or writes ESP, or may leave straight code, finds it up to date. */
#include "translate/x64/mem.h"

#define IS_ESP(offset) ((offset) >> 2 == R_ESP)

/* Whether u adds a constant to ESP, and nobody wants its flags. */
static bool moves_stack(const struct uop *u, u32 *by)
{
    if (u->d != REG32(R_ESP) || u->a != REG32(R_ESP) || u->b != ZERO_REG)
        return false;
    *by = u->op == U_sub32 ? 0u - u->imm : u->imm;
    return u->op == U_lea32 || ((u->op == U_add32 || u->op == U_sub32) && !u->live);
}

/* Whether u has nothing to do with ESP, stays in straight code, and wants no flags, which might come from ESP. */
static bool passes(struct gen *g, const struct uop *u)
{
    switch (uop_family(u->op)) {
    case UFAM_LOAD:
    case UFAM_LOAD_RMW:
    case UFAM_STORE: return !IS_ESP(u->d) && gen_group_holds(g, u);
    case UFAM_MOVE:
    case UFAM_BINARY:
    case UFAM_COMPARE:
    case UFAM_STEP:
    case UFAM_UNARY: return !IS_ESP(u->d) && !IS_ESP(u->a) && !IS_ESP(u->b);
    default: return false;
    }
}

/* Whether the instruction of micro-op `at` has an access before it that is no group's. Its store may have been to the
 * code that runs; then the block is left, with registers as they are, before the next instruction. */
static bool may_have_stopped(const struct gen *g, unsigned at)
{
    const struct uop *uop = g->b->uop;

    for (unsigned i = at; i-- > 0 && uop[i].insn == uop[at].insn;)
        if (uop_info[uop[i].op].traits & UT_FAULT && g->straight[i].use != USES_GROUP &&
            g->straight[i].use != LEADS)
            return true;
    return false;
}

static bool group_left(const struct gen *g)
{
    for (unsigned k = 0; k < ENGINE_GROUPS; k++)
        if (g->group[k].live && g->group[k].left)
            return true;
    return false;
}

bool gen_stack_step(struct gen *g, const struct uop *u)
{
    u32 by;

    if (moves_stack(u, &by) && (g->stack_due || group_left(g)) && !may_have_stopped(g, g->at)) {
        g->stack_due += by;
        return true;
    }
    if (g->stack_due && !passes(g, u)) {
        code_lea(&g->c, 4, R8_, R8_, NO_REG, 0, (i32)g->stack_due);
        g->stack_due = 0;
    }
    return false;
}
