/* The state of code generation for a block, shared by gen.c and gen_uop.c. */
#ifndef PAGEWALK_TMPL_GEN_H
#define PAGEWALK_TMPL_GEN_H

#include "translate/tmpl/tmpl.h"

/* A stencil whose cont_exit is not known yet. */
struct pending {
    u8 *at;
    const struct stencil *stencil;
    unsigned link; /* number of the exit that it leads to, or of the micro-op that has missed */
    unsigned given_back; /* instructions behind a side exit */
};

struct gen {
    struct tmpl *t;
    struct block *b;
    u8 *p, *end;
    u64 value[STENCIL_SYMBOLS];
    bool slow, user;                         /* accesses go to C at once (-slow-mem); CPL is 3 */
    struct pending pending[BLOCK_MAX_LINKS]; /* to exits out of line */
    struct pending miss[BLOCK_MAX_UOPS];
    unsigned pendings, misses;
};

static inline u64 exec_of(const struct tmpl *t, const u8 *p)
{
    return (u64)(uintptr_t)p + t->delta;
}

static inline u64 here(const struct gen *g)
{
    return exec_of(g->t, g->p);
}

/* Returns where it is. */
static inline u8 *emit(struct gen *g, const struct stencil *s)
{
    u8 *at = g->p;

    BUG_ON(g->p + s->size > g->end);
    if (s->size && !stencil_emit(at, here(g), s, g->value))
        BUG("stencil %s does not fit", s->name);
    g->p += s->size;
    return at;
}

/* A symbol of a stencil that is there gets another value. */
static inline void tmpl_patch(const struct tmpl *t, u8 *at, const struct stencil *s,
                              enum stencil_symbol symbol, u64 value)
{
    for (u32 i = 0; i < s->patches; i++)
        if (s->patch[i].symbol == symbol && !stencil_patch(at, exec_of(t, at), &s->patch[i], value))
            BUG("stencil %s: a jump does not reach", s->name);
}

/* A hole of 64 bits, and its two parts. */
#define SET64(name, number) set64(&g->value[HOLE_##name], number)
_Static_assert(HOLE_pos_high == HOLE_pos + 2 && HOLE_ptr_high == HOLE_ptr + 2,
               "set64() relies on it");

static inline void set64(u64 *hole, u64 number)
{
    hole[0] = number;
    hole[1] = (u64)(i64)(i32)number;
    hole[2] = (number + 0x80000000u) >> 32;
}

/* gen_uop.c: micro-op `at`; what is out of line of those before, by C and back. */
void gen_uop(struct gen *g, unsigned at);
void gen_misses(struct gen *g);

#endif
