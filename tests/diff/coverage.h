/* Counts which micro-ops and instructions random guests came to: in the blocks that a translator holds. Those
 * are made when they are about to run. */
#ifndef PAGEWALK_TESTS_COVERAGE_H
#define PAGEWALK_TESTS_COVERAGE_H

#include "translate/block.h"
#include "translate/decode/decode.h"
#include "translate/engine.h"

struct coverage {
    u64 uop[U_COUNT], insn[I_COUNT];
    bool side_exits; /* the engine has them */
};

static inline bool coverage_fetch(void *opaque, unsigned offset, u8 *byte)
{
    const u8 *at = opaque;

    *byte = at[offset];
    return true;
}

/* Blocks that cross a page are left out: their bytes are in two places. */
static inline void coverage_block(struct coverage *c, const struct translator *tr,
                                  const struct block *b)
{
    if (!b->host || block_crosses(b))
        return;
    for (unsigned i = 0; i < b->uops;
         i++) /* the interpreter's own operations are conditional jumps */
        c->uop[b->uop[i].op < U_COUNT ? b->uop[i].op : U_jcc]++;
    for (unsigned i = 0; i < b->insns; i++) {
        struct decode_input in = {.code32 = b->mode & MODE_CS32,
                                  .model = tr->cpu->model,
                                  .protected_mode = (b->mode & (MODE_PE | MODE_VM)) == MODE_PE,
                                  .fetch = coverage_fetch,
                                  .opaque = (void *)(uintptr_t)(b->host + b->insn_offset[i])};
        struct insn insn;

        if (decode(&in, &insn) == DECODE_OK)
            c->insn[insn.op]++;
    }
}

static inline void coverage_add(struct coverage *c, const struct translator *tr)
{
    c->side_exits |= tr->engine->side_exits;
    for (unsigned i = 0; i < ARRAY_SIZE(tr->hash); i++)
        for (const struct block *b = tr->hash[i]; b; b = b->hash_next)
            coverage_block(c, tr, b);
}

#endif
