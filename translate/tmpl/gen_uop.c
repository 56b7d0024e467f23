/* A micro-op into stencils: its form, by its operands and flags, between those that move operands. */
#include "translate/tmpl/gen.h"

#define NOT_PINNED PINNED_GPRS

/* The guest register that is all of an operand, or NOT_PINNED. */
static unsigned pinned(u8 offset)
{
    unsigned slot = offset >> 2;

    return offset & 3 || slot >= PINNED_GPRS ? NOT_PINNED : slot;
}

static const struct stencil *by_register(struct gen *g, const struct stencil *const *part,
                                         u8 offset)
{
    unsigned slot = offset >> 2;

    g->value[HOLE_a] = g->value[HOLE_d] = offsetof(struct cpu, r) + offset;
    return part[slot < PINNED_GPRS ? slot : PINNED_MEM];
}

static void gen_x(struct gen *g, u8 offset)
{
    emit(g, by_register(g, offset & 3 ? g->t->forms.xh : g->t->forms.x, offset));
}

/* Y = R[offset] + imm. */
static void gen_y(struct gen *g, u8 offset, u32 imm)
{
    const struct tmpl_forms *f = &g->t->forms;

    g->value[HOLE_imm] = imm;
    if (offset == ZERO_REG) {
        emit(g, f->y_imm);
    } else if (imm && pinned(offset) != NOT_PINNED) {
        emit(g, by_register(g, f->yi, offset));
    } else {
        emit(g, by_register(g, offset & 3 ? f->yh : f->y, offset));
        if (imm)
            emit(g, f->y_plus);
    }
}

static void gen_put(struct gen *g, u8 offset, unsigned size)
{
    const struct tmpl_forms *f = &g->t->forms;

    emit(g, by_register(g,
                        offset & 3  ? f->put8h
                        : size == 1 ? f->put8
                        : size == 2 ? f->put16
                                    : f->put32,
                        offset));
}

static void gen_address(struct gen *g, const struct uop *u)
{
    const struct tmpl_forms *f = &g->t->forms;
    const struct stencil *const *const scaled[] = {f->lay0, f->lay1, f->lay2, f->lay3};

    if (u->b != ZERO_REG)
        gen_y(g, u->b, 0);
    g->value[HOLE_imm] = u->imm;
    if (u->b != ZERO_REG)
        emit(g, by_register(g, scaled[u->scale], u->a));
    else if (u->a == ZERO_REG)
        emit(g, f->la_imm);
    else
        emit(g, by_register(g, u->imm ? f->lai : f->la, u->a));
}

/* Those that no template does. */
static bool is_in_c(const struct gen *g, const struct uop *u)
{
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS;

    switch (uop_family(u->op)) {
    case UFAM_CALL:
    case UFAM_FLAGS: return true;
    case UFAM_IMUL:
    case UFAM_MUL:
    case UFAM_SCAN:
    case UFAM_DOUBLE:
    case UFAM_DOUBLE_CL:
    case UFAM_ROTATE:
    case UFAM_ROTATE_CL:
    case UFAM_BIT_TEST:
    case UFAM_BIT_CHANGE: return stores;
    default: return g->slow && uop_is_access(u->op);
    }
}

/* The form with operands in X and Y; of one that looks at a condition, by its producer where that is known. */
static const struct stencil *form_of(const struct gen *g, unsigned at)
{
    const struct tmpl_forms *f = &g->t->forms;
    unsigned op = g->b->uop[at].op, before = at ? g->b->uop[at - 1].op : U_COUNT, i;
    const struct stencil *const *by_condition = NULL;

    if (op == U_jcc || op == U_side)
        by_condition = before == U_cmp32_f ? f->cmp : before == U_test32_f ? f->test : f->fused;
    else if (op == U_setcc)
        by_condition = f->setcc;
    else if (op == U_cmov32)
        by_condition = f->cmov32;
    i = by_condition ? uop_fused(g->b->uop, at) : 0;
    return i ? by_condition[i - FUSED_FIRST] : f->uop[op];
}

/* Emits a stencil; where it leaves by cont_exit is noted. */
static void gen_form(struct gen *g, const struct stencil *s, unsigned at)
{
    const struct uop *u = &g->b->uop[at];
    struct pending exit = {g->p, s, at, 0};

    g->value[HOLE_imm] = u->imm;
    g->value[CONT_exit] = here(g); /* for now */
    emit(g, s);
    if (!stencil_find(s, CONT_exit, 0))
        return;
    if (u->op == U_side) {
        exit.link = u->scale;
        exit.given_back = g->b->insns - (u->insn + 1u);
    } else if (uop_family(u->op) == UFAM_EXIT) {
        exit.link = 1;
    } else {
        g->miss[g->misses++] = exit;
        return;
    }
    g->pending[g->pendings++] = exit;
}

/* The form with D in its register, if there is one and the operands suit it; what it wants in Y or LA is put there. */
static const struct stencil *gen_pinned(struct gen *g, const struct uop *u)
{
    const struct tmpl_forms *f = &g->t->forms;
    unsigned d = pinned(u->d), b = pinned(u->b), format = uop_info[u->op].format;
    const struct stencil *s;

    if (d == NOT_PINNED)
        return NULL;
    switch (format) {
    case UFMT_LEA:
    case UFMT_LD:
    case UFMT_ST:
        s = f->d[u->op][d];
        if (s)
            gen_address(g, u);
        return s;
    case UFMT_DA:
    case UFMT_DAI: return u->a == u->d ? f->d[u->op][d] : NULL;
    case UFMT_DAB8:
        s = u->a == u->d ? f->d[u->op][d] : NULL;
        if (s)
            gen_y(g, u->b, 0);
        return s;
    case UFMT_DAB:
    case UFMT_DB:
        if (format == UFMT_DAB && u->a != u->d)
            return NULL;
        if (u->b == ZERO_REG)
            return f->di[u->op][d];
        return b != NOT_PINNED && !u->imm ? f->db[u->op][d][b] : NULL;
    default: return NULL;
    }
}

/* X and Y for the form that has its operands there. */
static void gen_operands(struct gen *g, const struct uop *u)
{
    bool reads_d = uop_info[u->op].traits & UT_READS_D;

    switch (uop_info[u->op].format) {
    case UFMT_A:
    case UFMT_DAI:
    case UFMT_MUL: gen_x(g, u->a); break;
    case UFMT_DA:
        if (reads_d) {
            gen_x(g, u->d);
            gen_y(g, u->a, 0);
        } else {
            gen_x(g, u->a);
        }
        break;
    case UFMT_DB:
        if (reads_d)
            gen_x(g, u->d);
        gen_y(g, u->b, u->imm);
        break;
    case UFMT_AB:
    case UFMT_DAB:
        gen_x(g, u->a);
        gen_y(g, u->b, u->imm);
        break;
    case UFMT_DABI:
    case UFMT_DAB8:
        gen_x(g, u->a);
        gen_y(g, u->b, 0);
        break;
    case UFMT_LEA:
    case UFMT_LD:
    case UFMT_STI: gen_address(g, u); break;
    case UFMT_ST:
        gen_address(g, u);
        gen_y(g, u->d, 0);
        break;
    default: break;
    }
}

static bool writes_d(const struct uop *u)
{
    switch (uop_info[u->op].format) {
    case UFMT_D:
    case UFMT_DA:
    case UFMT_DB:
    case UFMT_DAB:
    case UFMT_DAI:
    case UFMT_DABI:
    case UFMT_DAB8:
    case UFMT_LEA:
    case UFMT_LD: return true;
    default: return false;
    }
}

void gen_uop(struct gen *g, unsigned at)
{
    const struct uop *u = &g->b->uop[at];
    const struct uop_info *info = &uop_info[u->op];
    const struct stencil *s;

    g->value[HOLE_imm] = u->imm;
    g->value[HOLE_aux] = u->aux;
    SET64(pos, tmpl_position(g->b, at));
    if (is_in_c(g, u)) {
        emit(g, g->t->forms.in_c);
        return;
    }
    if (info->family == UFAM_COMPARE && !(info->traits & UT_STORES_FLAGS))
        return;
    if (info->family == UFAM_BIT_TEST)
        return;
    s = gen_pinned(g, u);
    if (s) {
        gen_form(g, s, at);
        return;
    }
    gen_operands(g, u);
    gen_form(g, form_of(g, at), at);
    if (writes_d(u))
        gen_put(g, u->d, info->traits & UT_WIDE || info->format == UFMT_LEA ? 4 : info->size);
}

void gen_misses(struct gen *g)
{
    for (unsigned i = 0; i < g->misses; i++) {
        const struct pending *p = &g->miss[i];
        const struct tmpl_forms *f = &g->t->forms;

        tmpl_patch(g->t, p->at, p->stencil, CONT_exit, here(g));
        SET64(pos, tmpl_position(g->b, p->link));
        g->value[CONT_target] = exec_of(g->t, p->at + p->stencil->size);
        emit(g, g->b->uop[p->link].op == U_chkcs ? f->miss_leave : f->miss);
    }
}
