/* Code of a block: stencils one behind the other, then its exits and what is seldom.
 *
 *     target:   crossing        of a block in two pages
 *     code:     entry           takes the budget; else to no_budget
 *     body:     micro-ops       the last falls through to exit 0
 *     exit 0:   link_page       to another page than the block's; else to unlinked
 *               link            patched: a jump to the target's code, or to unlinked
 *     straight: exit 1, exits of side exits
 *               unlinked of each exit, no_budget, accesses that miss
 *
 * What a micro-op becomes is in gen_uop.c. */
#include <string.h>

#include "cpu/seglimit.h"
#include "translate/tmpl/gen.h"

/* ORDER as enum exit_site of no other engine: what link->site has here. */
enum { SITE_LINK, SITE_UNLINKED };

static void flush(const struct tmpl *t, const u8 *from, const u8 *to)
{
    __builtin___clear_cache((char *)(uintptr_t)exec_of(t, from), (char *)(uintptr_t)exec_of(t, to));
}

static u64 fetch_entry(const struct gen *g, u32 page)
{
    return offsetof(struct cpu, mmu.tlb.fetch) + ((u64)g->user * TLB_PAGES + page) * sizeof(u64);
}

static u64 data_table(const struct gen *g, bool write)
{
    enum mmu_access access = (enum mmu_access)((g->user ? MMU_USER : 0) | (write ? MMU_WRITE : 0));

    return offsetof(struct cpu, mmu.tlb.data) + (u64)access * TLB_TABLE * sizeof(u64);
}

static u16 offset_of(const struct gen *g, const u8 *at)
{
    u64 offset = exec_of(g->t, at) - (u64)(uintptr_t)g->b->code;

    BUG_ON(offset > UINT16_MAX);
    return (u16)offset;
}

/* Whether the exit leads to another page than the block's. */
static bool crosses(const struct gen *g, const struct block_link *link)
{
    u32 base = g->b->cs_base;

    return la_add(base, link->eip) >> PAGE_SHIFT != la_add(base, g->b->eip) >> PAGE_SHIFT;
}

/* Exit k; its jumps to unlinked are filled in by emit_unlinked(). Returns where its check is, or NULL. */
static u8 *emit_link(struct gen *g, unsigned k)
{
    struct block_link *link = &g->b->link[k];
    u8 *check = NULL;

    link->expect = TLB_NEVER;
    g->value[CONT_exit] = g->value[CONT_target] = here(g);
    if (crosses(g, link)) {
        g->value[HOLE_entry] = fetch_entry(g, la_add(g->b->cs_base, link->eip) >> PAGE_SHIFT);
        SET64(ptr, (u64)(uintptr_t)&link->expect);
        check = emit(g, g->t->forms.link_page);
    }
    link->site[SITE_LINK] = offset_of(g, emit(g, g->t->forms.link));
    return check;
}

static u8 *site_of(const struct tmpl *t, const struct block_link *link, unsigned site)
{
    return (u8 *)(uintptr_t)link->from->code - t->delta + link->site[site];
}

static void emit_unlinked(struct gen *g, unsigned k, u8 *check)
{
    struct block_link *link = &g->b->link[k];

    SET64(ptr, (u64)(uintptr_t)link);
    link->site[SITE_UNLINKED] = offset_of(g, g->p);
    tmpl_patch(g->t, site_of(g->t, link, SITE_LINK), g->t->forms.link, CONT_target, here(g));
    if (check)
        tmpl_patch(g->t, check, g->t->forms.link_page, CONT_exit, here(g));
    emit(g, g->t->forms.unlinked);
}

/* Exits that are used, in line and out of it. */
static void emit_exits(struct gen *g)
{
    const struct uop *last = &g->b->uop[g->b->uops - 1];
    bool open = uop_family(last->op) == UFAM_EXIT_OPEN;
    u8 *check[BLOCK_MAX_LINKS];
    u32 used = 0;

    if (!open) {
        check[0] = emit_link(g, 0);
        used = 1;
    }
    g->b->straight = (u32)(here(g) - (u64)(uintptr_t)g->b->code);
    for (unsigned i = 0; i < g->pendings; i++) {
        const struct pending *p = &g->pending[i];

        tmpl_patch(g->t, p->at, p->stencil, CONT_exit, here(g));
        if (p->given_back) {
            g->value[HOLE_insns] = p->given_back;
            emit(g, g->t->forms.side_budget);
        }
        check[p->link] = emit_link(g, p->link);
        used |= 1u << p->link;
    }
    for (unsigned k = 0; k < g->b->links; k++)
        if (used >> k & 1)
            emit_unlinked(g, k, check[k]);
}

static void emit_start(struct gen *g)
{
    struct block *b = g->b;

    g->value[HOLE_eip] = b->eip;
    g->value[HOLE_insns] = b->insns;
    b->target = (const void *)(uintptr_t)here(g);
    if (block_crosses(b)) {
        g->value[HOLE_entry] = fetch_entry(g, block_second_page(b));
        SET64(ptr, (u64)(uintptr_t)&b->second);
        emit(g, g->t->forms.crossing);
    }
    b->code = (const u8 *)(uintptr_t)here(g);
}

void tmpl_gen(struct translator *tr, struct block *b)
{
    struct tmpl *t = tr->engine_data;
    struct gen g = {.t = t,
                    .b = b,
                    .p = t->p,
                    .end = t->p + CODEBUF_BLOCK_MAX,
                    .slow = tr->options.slow_mem,
                    .user = (b->mode & MODE_CPL) == 3};
    unsigned insn = 0;
    u8 *entry;

    memcpy(g.value, t->value, sizeof(g.value));
    g.value[HOLE_read] = data_table(&g, false);
    g.value[HOLE_write] = data_table(&g, true);
    emit_start(&g);
    g.value[CONT_exit] = here(&g);
    entry = emit(&g, t->forms.entry);
    b->body = (const u8 *)(uintptr_t)here(&g);
    for (unsigned i = 0; i < b->uops; i++) {
        while (insn < b->insns && b->insn_uop[insn] <= i)
            b->insn_code[insn++] = offset_of(&g, g.p);
        gen_uop(&g, i);
    }
    emit_exits(&g);
    tmpl_patch(t, entry, t->forms.entry, CONT_exit, here(&g));
    set64(&g.value[HOLE_ptr], (u64)(uintptr_t)b);
    emit(&g, t->forms.no_budget);
    gen_misses(&g);
    flush(t, t->p, g.p);
    t->p = g.p;
}

void tmpl_link(struct tmpl *t, const struct block_link *link)
{
    u8 *at = site_of(t, link, SITE_LINK);

    tmpl_patch(t, at, t->forms.link, CONT_target, (u64)(uintptr_t)link->to->target);
    flush(t, at, at + t->forms.link->size);
}

void tmpl_unlink(struct tmpl *t, struct block_link *link)
{
    u8 *at = site_of(t, link, SITE_LINK);

    link->expect = TLB_NEVER;
    tmpl_patch(t, at, t->forms.link, CONT_target, exec_of(t, site_of(t, link, SITE_UNLINKED)));
    flush(t, at, at + t->forms.link->size);
}

void tmpl_stop_at(struct tmpl *t, const struct block *block, unsigned insn)
{
    u8 *at = (u8 *)(uintptr_t)block->code - t->delta + block->insn_code[insn];
    u64 value[STENCIL_SYMBOLS] = {[CONT_target] = (u64)(uintptr_t)t->stop};

    if (!stencil_emit(at, exec_of(t, at), t->forms.link, value))
        BUG("the stop is out of reach");
    flush(t, at, at + t->forms.link->size);
}

const u8 *tmpl_gen_probe(struct tmpl *t, u32 eip)
{
    struct gen g = {.t = t, .p = t->first, .end = t->first + CODEBUF_BLOCK_MAX};
    u8 *at;

    memcpy(g.value, t->value, sizeof(g.value));
    g.value[HOLE_imm] = eip;
    at = emit(&g, t->forms.uop[U_exit_run]);
    flush(t, at, g.p);
    return (const u8 *)(uintptr_t)exec_of(t, at);
}

/* What a call or jump to a C function goes to: itself, or a jump that is within reach. */
static u64 reach(struct gen *g, const void *function)
{
    u64 target = (u64)(uintptr_t)function, thunk;

    if (stencil_reaches((u64)(uintptr_t)g->t->buf.rx, g->t->buf.size, target))
        return target;
    g->p += -(uintptr_t)g->p & 7;
    thunk = here(g);
    g->p += stencil_thunk(g->p, target);
    return thunk;
}

void tmpl_gen_shared(struct tmpl *t)
{
    struct gen g = {.t = t, .p = t->p, .end = t->p + CODEBUF_BLOCK_MAX};

#define HOLE(name)
#define CONT(name)
#define CALL(name) g.value[CALL_##name] = reach(&g, (const void *)(uintptr_t)&name);
#include "translate/tmpl/symbols.def"
#undef CALL
#undef CONT
#undef HOLE
    g.value[CONT_leave] = reach(&g, (const void *)(uintptr_t)&tmpl_leave);
    g.value[CONT_found] = exec_of(t, emit(&g, t->forms.shared_found));
    g.value[CONT_lookup] = exec_of(t, emit(&g, t->forms.shared_lookup));
    g.value[CONT_mode] = exec_of(t, emit(&g, t->forms.shared_mode));
    g.value[CONT_unlinked] = exec_of(t, emit(&g, t->forms.shared_unlinked));
    g.value[CONT_again] = exec_of(t, emit(&g, t->forms.shared_again));
    t->stop = (const u8 *)(uintptr_t)exec_of(t, emit(&g, t->forms.shared_stop));
    flush(t, t->p, g.p);
    memcpy(t->value, g.value, sizeof(t->value));
    t->p = t->first = g.p;
}
