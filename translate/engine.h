/* What an engine is: something that runs translated blocks. */
#ifndef PAGEWALK_ENGINE_H
#define PAGEWALK_ENGINE_H

#include "translate/block.h"

struct engine {
    const char *name;
    /* Prepares a freshly optimised block for running (code generation, or a rewrite of its micro-ops that
     * keeps each instruction's first micro-op in place). */
    void (*compile)(struct translator *tr, struct block *block);
    /* Runs from block on, through chained blocks, until something needs the run loop: cpu->eip is then
     * exact and tr->block NULL; tr->exit_link is the direct exit that was taken unchained, or NULL. */
    void (*run)(struct translator *tr, struct block *block);
    /* The block that is running was modified by a store of its own: leave at the next instruction. */
    void (*stop_after)(struct translator *tr, struct block *block, unsigned insn);
    /* Index of the micro-op that is being executed in tr->block. */
    unsigned (*position)(const struct translator *tr);
};

extern const struct engine engine_interp;

#endif
