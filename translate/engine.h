/* What an engine is: something that runs translated blocks. */
#ifndef PAGEWALK_ENGINE_H
#define PAGEWALK_ENGINE_H

#include "translate/block.h"

struct engine {
    const char *name;
    bool late_flags; /* see opt_flags() */
    bool side_exits; /* blocks may go on behind a forward conditional jump (U_side) */
    /* Engine memory in tr->engine_data. 0 or -errno. May be NULL, both. */
    int (*init)(struct translator *tr);
    void (*fini)(struct translator *tr);
    /* Whether the code of another block is certain to fit; when not, tr->oldest is killed and this asked again. NULL:
     * always. */
    bool (*code_fits)(struct translator *tr);
    /* Prepares a freshly optimised block for running (code generation, or a rewrite of its micro-ops that
     * keeps each instruction's first micro-op in place). */
    void (*compile)(struct translator *tr, struct block *block);
    /* Runs from block on, through chained blocks, until something needs the run loop: cpu->eip is then
     * exact and tr->block NULL; tr->exit_link is the direct exit that was taken unchained, or NULL. */
    void (*run)(struct translator *tr, struct block *block);
    /* The block that is running was modified by a store of its own: leave at the next instruction. */
    void (*stop_after)(struct translator *tr, struct block *block, unsigned insn);
    /* The block that is being executed, and in *at the micro-op of it that called out; NULL between
     * blocks. */
    struct block *(*current)(const struct translator *tr, unsigned *at);
    /* The block whose native code is at a host address, and in *insn the number of the instruction there, or of the
     * block's instructions where it is out-of-line code; NULL: there is none. Signal handlers may call it. NULL
     * where there is no native code. */
    struct block *(*find)(const struct translator *tr, u64 pc, unsigned *insn);
    /* The block is about to be freed. May be NULL. */
    void (*forget)(struct translator *tr, const struct block *block);
    /* A direct exit got its target, or lost it. NULL: link->to is all that the engine looks at. */
    void (*link)(struct translator *tr, struct block_link *link);
    void (*unlink)(struct translator *tr, struct block_link *link);
};

/* What makes an engine leave for the run loop before the next block, where it looks: these fields of struct cpu, and
 * MODE_TF. It looks behind what may change the mode or hold interrupts off. */
#define ENGINE_LEAVES(X) X(intr) X(nmi) X(shadow) X(halted) X(kicked)

static inline bool engine_leaves(const struct cpu *cpu)
{
    bool leaves = cpu->mode & MODE_TF;

#define X(field) leaves |= cpu->field;
    ENGINE_LEAVES(X)
#undef X
    return leaves;
}

extern const struct engine engine_interp;
#ifdef __x86_64__
extern const struct engine engine_x64;
#endif
#if defined(__x86_64__) || defined(__aarch64__) || defined(__riscv) || defined(__powerpc64__)
#define ENGINE_TMPL /* translate/tmpl has a header for the host */
extern const struct engine engine_tmpl;
#endif

/* Who runs the block. */
static inline const struct engine *engine_of(const struct translator *tr, const struct block *block)
{
    return block->cold ? &engine_interp : tr->engine;
}

/* engine->current() of the one that runs now. */
static inline struct block *engine_current(const struct translator *tr, unsigned *at)
{
    return tr->block ? engine_of(tr, tr->block)->current(tr, at) : NULL;
}

#endif
