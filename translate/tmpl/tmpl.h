/* The engine that copies stencils, shared by its files.
 *
 * A block's code is its micro-ops' stencils one behind the other, which templates.c has been compiled to. The guest's general
 * registers, the budget and where struct cpu is are in registers of the host (host.h) for as long as translated code
 * runs; C finds them in struct cpu (calls.c). */
#ifndef PAGEWALK_TMPL_H
#define PAGEWALK_TMPL_H

#include "translate/block.h"
#include "translate/engine.h"
#include "translate/native/codebuf.h"
#include "translate/tmpl/stencil.h"
#include "translate/uop_fuse.h"

/* What blocks have beside micro-ops, and what moves operands. */
#define TMPL_PARTS(X)                                                                              \
    X(crossing)                                                                                    \
    X(entry)                                                                                       \
    X(side_budget)                                                                                 \
    X(no_budget)                                                                                   \
    X(link_page)                                                                                   \
    X(link)                                                                                        \
    X(unlinked)                                                                                    \
    X(in_c)                                                                                        \
    X(miss)                                                                                        \
    X(miss_leave)                                                                                  \
    X(shared_lookup)                                                                               \
    X(shared_mode)                                                                                 \
    X(shared_unlinked)                                                                             \
    X(shared_again)                                                                                \
    X(shared_found)                                                                                \
    X(shared_stop)                                                                                 \
    X(y_imm)                                                                                       \
    X(y_plus)                                                                                      \
    X(la_imm)

/* The same by guest register, and (MEM) for those of the register file that are in memory. */
#define TMPL_BY_REGISTER(X)                                                                        \
    X(x)                                                                                           \
    X(y)                                                                                           \
    X(yi)                                                                                          \
    X(put32)                                                                                       \
    X(put16)                                                                                       \
    X(put8)                                                                                        \
    X(la)                                                                                          \
    X(lai)                                                                                         \
    X(lay0)                                                                                        \
    X(lay1)                                                                                        \
    X(lay2)                                                                                        \
    X(lay3)
/* By register that has a high byte. */
#define TMPL_BY_HIGH(X)                                                                            \
    X(xh)                                                                                          \
    X(yh)                                                                                          \
    X(put8h)

#define PINNED_GPRS 8 /* guest registers that are the host's */
#define PINNED_MEM  PINNED_GPRS

/* What looks at a condition has a form for each that is known, FUSED_* less FUSED_FIRST: jumps (jcc and side), also by the
 * operands of a CMP or TEST just before; setcc and cmov32. */
#define CONDITIONS (FUSED_END - FUSED_FIRST)
#define TMPL_BY_CONDITION(X)                                                                       \
    X(fused)                                                                                       \
    X(cmp)                                                                                         \
    X(test)                                                                                        \
    X(setcc)                                                                                       \
    X(cmov32)

/* NULL: there is none. */
struct tmpl_forms {
    const struct stencil *uop[U_COUNT];                          /* operands in X and Y */
    const struct stencil *d[U_COUNT][PINNED_GPRS];               /* by D, */
    const struct stencil *di[U_COUNT][PINNED_GPRS];              /* and B a number, */
    const struct stencil *db[U_COUNT][PINNED_GPRS][PINNED_GPRS]; /* or a register */
#define X(name) const struct stencil *name[CONDITIONS];
    TMPL_BY_CONDITION(X)
#undef X
#define X(name) const struct stencil *name;
    TMPL_PARTS(X)
#undef X
#define X(name) const struct stencil *name[PINNED_GPRS + 1];
    TMPL_BY_REGISTER(X)
    TMPL_BY_HIGH(X)
#undef X
};

struct tmpl {
    struct codebuf buf;
    u8 *p;     /* where the next block goes, by the writable mapping, */
    u64 delta; /* and from there to the executable one */
    u8 *first; /* first byte behind what all blocks share */
    struct code_map map;
    struct tmpl_forms forms;
    u64 value[STENCIL_SYMBOLS]; /* of what is the same in all blocks */
    const void *found;          /* what tmpl_lookup() has found, or NULL */
    const u8 *stop;             /* jumped to: leave by restore_state() at modified_pos */
    u64 modified_pos;           /* where the block that has just modified itself stops */
};

/* gen.c: code of a block, and of what all share; a direct exit gets its target, or loses it; a jump to the stop, over
 * instruction insn of a block that has modified itself. */
void tmpl_gen(struct translator *tr, struct block *block);
void tmpl_gen_shared(struct tmpl *t);
/* Code that sets EIP and leaves, always at the same place, where the first block will be. */
const u8 *tmpl_gen_probe(struct tmpl *t, u32 eip);
void tmpl_link(struct tmpl *t, const struct block_link *link);
void tmpl_unlink(struct tmpl *t, struct block_link *link);
void tmpl_stop_at(struct tmpl *t, const struct block *block, unsigned insn);

/* Where in a block's code micro-op `at` calls out: what engine->current() finds. */
static inline u64 tmpl_position(const struct block *block, unsigned at)
{
    return (u64)(uintptr_t)block | (u64)at << 48;
}

static inline struct block *tmpl_block_at(u64 pos, unsigned *at)
{
    *at = (unsigned)(pos >> 48);
    return (struct block *)(uintptr_t)(pos & 0xffffffffffffull);
}

/* forms.c: finds all stencils by their names. */
void tmpl_forms_init(struct tmpl_forms *forms);

/* enter.c: runs code until something jumps to tmpl_leave. */
void tmpl_enter(struct cpu *c, const u8 *code);
/* calls.c, with templates' registers: the inner part of that; what templates call. */
void tmpl_run(struct cpu *c, const u8 *code);
void tmpl_leave(void);
void tmpl_call_uop(u64 pos);
u32 tmpl_call_cond(u32 y, u32 x, u32 cc);
u32 tmpl_call_cf(u32 y, u32 x);
void tmpl_call_lookup(void);
void tmpl_call_lookup_mode(void);
void tmpl_call_unlinked(u64 link);
void tmpl_call_stop(void);
u32 tmpl_call_bswap(u32 v);
u32 tmpl_call_ctz(u32 v);
u32 tmpl_call_clz(u32 v);

/* What is behind these. seldom.c: the micro-op at a position; returns what is at its D. It may raise a fault. */
u32 tmpl_uop(struct cpu *cpu, u64 pos);
/* Code for cpu->eip, by the jump cache: to `found`. _mode: the mode may have changed, and the run loop be wanted. */
void tmpl_lookup(struct cpu *cpu);
void tmpl_lookup_mode(struct cpu *cpu);
/* Where an exit that is not chained, or does not hold, goes on: the same. */
void tmpl_unlinked(struct cpu *cpu, struct block_link *link);
/* For HOST_LACKS_BITS. */
u32 tmpl_bswap(u32 v);
u32 tmpl_ctz(u32 v);
u32 tmpl_clz(u32 v);
void tmpl_stop(struct cpu *cpu);

#endif
