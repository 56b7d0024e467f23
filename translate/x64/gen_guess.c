/* A guess of the TLB entry, for loads whose address comes from another load.
 *
 * Such a load's address waits for its TLB entry, which is itself a load by that address. Where the page is that of the last
 * time, the entry of then is there at once, and a branch that the host predicts compares the page meanwhile: table look-ups
 * take half the time. A site whose pages change takes the look-up, out of line, and remembers what it found. */
#include "translate/x64/mem.h"

static bool reads(const struct uop *u, u32 slots)
{
    return (slots >> (u->a >> 2) & 1) || (slots >> (u->b >> 2) & 1);
}

/* The registers (a bit for each slot) that hold what comes from a load, behind micro-op u. Stacks are in groups. */
static u32 step_loaded(const struct uop *u, u32 loaded)
{
    u32 written = uop_slots_written(u) & ~(1u << R_ESP);

    if (uop_family(u->op) == UFAM_LOAD || uop_family(u->op) == UFAM_LOAD_RMW)
        return loaded | written;
    if (uop_info[u->op].traits & UT_CALL || !reads(u, loaded))
        return loaded & ~written;
    return loaded | written;
}

static bool loops_back(const struct block *b)
{
    for (unsigned i = 0; i < b->links; i++)
        if (b->link[i].eip == b->eip)
            return true;
    return false;
}

/* Kernels flush the TLB too often for guesses outside of loops. */
bool gen_guess_pays(const struct gen *g, const struct uop *u)
{
    return reads(u, g->loaded) && ((g->b->mode & MODE_CPL) == 3 || loops_back(g->b)) &&
           g->x64->bmi2 && !g->tr->options.slow_mem && g->slows < MAX_SLOW / 2;
}

void gen_guess_start(struct gen *g)
{
    const struct block *b = g->b;

    g->loaded = 0;
    if (loops_back(b)) /* what its last turn has loaded */
        for (unsigned at = 0; at < b->uops; at++)
            g->loaded = step_loaded(&b->uop[at], g->loaded);
}

void gen_guess_step(struct gen *g, const struct uop *u)
{
    g->loaded = step_loaded(u, g->loaded);
}

static size_t key_field(u32 slot)
{
    return offsetof(struct cpu, guess) + slot * sizeof(((struct cpu *)0)->guess[0]);
}

static size_t entry_field(u32 slot)
{
    return key_field(slot) + offsetof(struct cpu, guess[0].entry) - offsetof(struct cpu, guess[0]);
}

struct slow *gen_guess(struct gen *g, unsigned ea, unsigned size, u32 arg)
{
    struct code *c = &g->c;
    u32 slot = g->x64->guesses++ % CPU_GUESSES;
    struct slow *s;

    code_mov_rr(c, 4, H_S2, ea);
    code_alu_ri(c, 4, ALU_AND, H_S2, ~PAGE_MASK | (size - 1));
    code_alu_reg_cpu(c, 8, ALU_OR, H_S2, offsetof(struct cpu, mmu.context));
    code_load_cpu(c, 8, H_S1, entry_field(slot));
    code_alu_reg_cpu(c, 8, ALU_CMP, H_S2, key_field(slot));
    s = gen_add_slow(g, SLOW_GUESS, ea, code_jcc_forward(c, CC_NE), slot);
    s->back = c->p;
    return gen_add_slow(g, SLOW_MEM, ea, NULL, arg);
}

void gen_guess_slow(struct gen *g, struct slow *s)
{
    struct code *c = &g->c;

    s[1].from = gen_tlb_aligned(g, s->ea, uop_info[g->b->uop[s->uop].op].size, false);
    code_store_cpu(c, 8, H_S1, entry_field(s->arg));
    code_store_cpu(c, 8, H_S2, key_field(s->arg));
}
