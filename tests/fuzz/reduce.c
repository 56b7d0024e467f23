/* Makes a program that fails smaller: leaves out sessions, pieces, steps, what is hostile beside code, and the
 * engine's knobs; then single bytes become NOPs.
 *
 * Changes of page tables keep their bytes: without the flush after them engines may differ. */
#include "tests/fuzz/reduce.h"

#include <string.h>

struct reducer {
    struct fuzz_program *best, try;
    const char *engine, *log;
    enum fuzz_failure failure;
};

/* Whether the smaller program still fails in the same way: then it is the best. */
static bool keeps_failing(struct reducer *r)
{
    if (child_run(&r->try, r->engine, r->log) == r->failure) {
        *r->best = r->try;
        return true;
    }
    r->try = *r->best;
    return false;
}

static void drop_step(struct fuzz_piece *q, unsigned n)
{
    memmove(&q->step[n], &q->step[n + 1], (q->steps - n - 1) * sizeof(q->step[0]));
    q->steps--;
}

static void reduce_piece(struct reducer *r, unsigned x, unsigned n)
{
    struct fuzz_piece *q = &r->try.session[x].piece[n];

    q->off = true;
    if (keeps_failing(r))
        return;
    for (unsigned i = q->steps; i-- > 0;) {
        drop_step(q, i);
        keeps_failing(r);
    }
}

static void reduce_session(struct reducer *r, unsigned n)
{
    struct fuzz_session *x = &r->try.session[n];

    if (x->off)
        return;
    x->off = true;
    if (keeps_failing(r))
        return;
    for (unsigned i = 0; i < x->pieces; i++)
        if (!x->piece[i].off)
            reduce_piece(r, n, i);
    for (unsigned bit = 1; bit <= FZ_JUNK_ALL; bit <<= 1)
        if (x->junk & bit) {
            x->junk &= ~bit;
            keeps_failing(r);
        }
    for (unsigned i = x->outs; i-- > 0;) {
        memmove(&x->out[i], &x->out[i + 1], (x->outs - i - 1) * sizeof(x->out[0]));
        x->outs--;
        keeps_failing(r);
    }
}

static void reduce_knobs(struct reducer *r)
{
    r->try.block_len = r->try.cache_blocks = r->try.native_after = r->try.tlb_limit = 0;
    r->try.random_len = r->try.no_chain = r->try.slow_mem = false;
    r->try.code_buffer = 1u << 20;
    if (keeps_failing(r))
        return;
    r->try.block_len = 0, keeps_failing(r);
    r->try.cache_blocks = 0, keeps_failing(r);
    r->try.native_after = 0, keeps_failing(r);
    r->try.tlb_limit = 0, keeps_failing(r);
    r->try.random_len = false, keeps_failing(r);
    r->try.no_chain = false, keeps_failing(r);
    r->try.slow_mem = false, keeps_failing(r);
    r->try.code_buffer = 1u << 20, keeps_failing(r);
}

static void reduce_bytes(struct reducer *r)
{
    for (unsigned i = 0; i < r->try.sessions; i++)
        for (unsigned n = 0; n < r->try.session[i].pieces; n++) {
            struct fuzz_piece *q = &r->try.session[i].piece[n];

            for (unsigned k = 0; k < q->steps && !q->off && !r->try.session[i].off; k++)
                for (unsigned b = 0; b < q->step[k].len && strcmp(q->step[k].name, "page"); b++)
                    if (q->step[k].byte[b] != 0x90) {
                        q->step[k].byte[b] = 0x90;
                        keeps_failing(r);
                    }
        }
}

void fuzz_reduce(struct fuzz_program *p, enum fuzz_failure failure, const char *engine,
                 const char *log)
{
    struct reducer r = {.best = p, .try = *p, .engine = engine, .log = log, .failure = failure};

    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = r.try.sessions; i-- > 0;)
            reduce_session(&r, i);
    reduce_knobs(&r);
    reduce_bytes(&r);
    child_run(p, engine, log); /* its log is what the last try leaves */
}
