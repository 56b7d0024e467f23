/* Ungrouped code: what a block has to do with a group of accesses (gen_group.c), one access after the other.
 *
 * A leader whose group is not in one valid page jumps here: to a second copy of the micro-ops from itself on,
 * in which every load and store calls its thunk. It goes back to the straight code at the first micro-op
 * from which that wants nothing that only straight code leaves: addresses of groups, r13 of a
 * read-modify-write's load, host flags. Exits share their code. */
#include "translate/x64/mem.h"

/* What the straight code from a micro-op on wants. */
struct wants {
    bool addresses; /* of groups, or of a read-modify-write */
    int flags_uop;  /* number of the micro-op whose flags the host's must be; -1: of none */
};

static void find_wants(const struct gen *g, struct wants *wants)
{
    u64 groups = 0;
    bool entry = false;
    int flags_uop = -1;

    for (unsigned at = g->b->uops; at-- > 0;) {
        const struct straight *s = &g->straight[at];

        if (flags_uop == (int)at)
            flags_uop = -1;
        if (s->reads_host_flags)
            flags_uop = s->flags_uop;
        if (uop_is_ldw(g->b->uop[at].op))
            entry = false;
        switch (s->use) {
        case USES_NOTHING: break;
        case USES_GROUP: groups |= 1ull << s->group; break;
        case USES_ENTRY: entry = true; break;
        case LEADS: groups &= ~(1ull << s->group); break;
        }
        wants[at] = (struct wants){groups || entry || s->stack_due, flags_uop};
    }
}

/* Whether the straight code can take over at the current micro-op: SSE state that it knows to be there is. */
static bool can_go_back(const struct gen *g, const struct wants *w)
{
    const struct straight *s = &g->straight[g->at];

    return !w->addresses && !(s->sse & ~g->sse) &&
           (w->flags_uop < 0 || (g->flags_uop == w->flags_uop && g->flags_valid == s->flags_valid));
}

static void bind_leader(struct gen *g)
{
    struct straight *s = &g->straight[g->at];

    g->flags_uop = -1;
    g->sse &= s->sse;
    for (unsigned i = 0; i < 2 && s->miss[i]; i++)
        code_bind(&g->c, s->miss[i]);
}

static void gen_ungrouped_uop(struct gen *g)
{
    const struct uop *u = &g->b->uop[g->at];

    for (int i = u->insn; i >= 0 && g->b->insn_uop[i] == g->at; i--) /* NOPs have no micro-op */
        g->b->insn_ungrouped[i] = (u32)(code_here(&g->c) - g->b->code);
    if (u->op == U_side) {
        gen_need_flags(g, u->aux);
        code_jcc(&g->c, u->aux, g->link_code[u->scale]);
    } else {
        gen_step(g);
    }
}

/* From the current leader on, to where the straight code takes over; leaders on the way included. */
static void gen_from_leader(struct gen *g, const struct wants *wants)
{
    const struct uop *u;

    g->sse = g->straight[g->at].sse;
    do {
        if (g->straight[g->at].use == LEADS)
            bind_leader(g);
        gen_ungrouped_uop(g);
        g->at++;
        u = &g->b->uop[g->at];
    } while (!(uop_info[u->op].traits & UT_END) && !can_go_back(g, &wants[g->at]));
    if (u->op == U_jcc)
        gen_need_flags(g, u->aux);
    code_jmp(&g->c, g->straight[g->at].code);
}

void gen_ungrouped(struct gen *g)
{
    struct wants wants[BLOCK_MAX_UOPS];

    if (!g->groups)
        return;
    g->slows = 0;
    g->ungrouped = true;
    find_wants(g, wants);
    for (g->at = 0; g->at < g->b->uops;)
        if (g->straight[g->at].use == LEADS)
            gen_from_leader(g, wants);
        else
            g->at++;
    gen_slow(g);
    g->ungrouped = false;
}
