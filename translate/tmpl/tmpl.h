/* The engine that copies stencils, shared by its files.
 *
 * A block's code is its micro-ops' stencils one behind the other, which templates.c has been compiled to. Guest registers,
 * flags and budget are in struct cpu, as with the interpreter; struct cpu is in a register of the host (host.h) for as
 * long as translated code runs. */
#ifndef PAGEWALK_TMPL_H
#define PAGEWALK_TMPL_H

#include "translate/block.h"
#include "translate/engine.h"
#include "translate/native/codebuf.h"
#include "translate/tmpl/stencil.h"
#include "translate/uop_fuse.h"

/* The forms of a micro-op: by what B is, or by the address. Others have FORM_PLAIN only. */
enum tmpl_form {
    FORM_PLAIN, /* B is a register and a number */
    FORM_R,     /* a register */
    FORM_I,     /* a number */
    FORM_A,     /* [a + imm] */
    FORM_AB,    /* [a + b + imm], */
    FORM_AB1,   /* b scaled */
    FORM_AB2,
    FORM_AB3,
    FORM_SLOW, /* any address, always out of line (-slow-mem) */
    FORM_MISS, /* out of line, behind one that has missed */
    FORMS
};

/* What blocks have beside micro-ops. */
#define TMPL_PARTS(X)                                                                              \
    X(crossing)                                                                                    \
    X(entry)                                                                                       \
    X(no_budget)                                                                                   \
    X(link_page)                                                                                   \
    X(link)                                                                                        \
    X(unlinked)                                                                                    \
    X(jump)                                                                                        \
    X(lookup)                                                                                      \
    X(mode)                                                                                        \
    X(stop_modified)

/* Micro-ops that look at a condition have a form for each that is known, FUSED_* less FUSED_FIRST. */
#define CONDITIONS (FUSED_END - FUSED_FIRST)

struct tmpl_forms {
    const struct stencil *uop[U_COUNT][FORMS]; /* NULL: there is none */
    const struct stencil *jcc[CONDITIONS], *side[CONDITIONS], *setcc[CONDITIONS],
        *cmov32[CONDITIONS];
#define X(name) const struct stencil *name;
    TMPL_PARTS(X)
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

/* forms.c: finds all stencils by their names; the one for micro-op `at`, by its operands and flags. */
void tmpl_forms_init(struct tmpl_forms *forms);
const struct stencil *tmpl_form(const struct tmpl_forms *forms, const struct block *block,
                                unsigned at, bool slow);

/* enter.c, with templates' registers: runs code until something jumps to tmpl_leave. */
void tmpl_enter(struct cpu *c, const u8 *code);
void tmpl_leave(void);

/* What templates call. Memory at la, size bytes; pos: position of the micro-op. They raise #PF. */
u32 tmpl_load(struct cpu *cpu, u32 la, u32 size, u64 pos);
u32 tmpl_load_write(struct cpu *cpu, u32 la, u32 size, u64 pos);
void tmpl_store(struct cpu *cpu, u32 la, u32 value, u32 size, u64 pos);
bool tmpl_cond(const struct cpu *cpu, u32 cc);
/* Code for cpu->eip, by the jump cache: to `found`. _mode: the mode may have changed, and the run loop be wanted. */
void tmpl_lookup(struct cpu *cpu);
void tmpl_lookup_mode(struct cpu *cpu);
/* For HOST_LACKS_BITS. */
u32 tmpl_bswap(u32 v);
u32 tmpl_ctz(u32 v);
u32 tmpl_clz(u32 v);
void tmpl_stop(struct cpu *cpu);
/* Does not return; but to who calls it that is no matter: a template ends in a jump. */
void tmpl_raise(struct cpu *cpu, u32 vector, u32 error);

#endif
