/* Making and freeing a translator, and the list of engines. */
#include "translate/translate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "translate/block.h"
#include "translate/decode/decode.h"
#include "translate/engine.h"

#define PAGE_TABLE_BYTES ((u64)TLB_PAGES * sizeof(struct code_page *))

static const struct engine *const engines[] = {
#ifdef __x86_64__
    &engine_x64,
#endif
#ifdef ENGINE_TMPL
    &engine_tmpl,
#endif
    &engine_interp,
};

const char *const *translator_engines(void)
{
    static const char *const names[] = {
#ifdef __x86_64__
        "x64",
#endif
#ifdef ENGINE_TMPL
        "tmpl",
#endif
        "interp",
        NULL,
    };

    return names;
}

static const struct engine *engine_find(const char *name)
{
    unsigned i;

    if (!name)
        return engines[0];
    for (i = 0; i < ARRAY_SIZE(engines); i++)
        if (!strcmp(engines[i]->name, name))
            return engines[i];
    return NULL;
}

/* Contexts of the MMU repeat: what is remembered of the earlier ones must go. */
static void forget_contexts(void *opaque)
{
    struct cpu *cpu = opaque;

    memset(cpu->jump.key, 0, sizeof(cpu->jump.key));
    memset(cpu->guess, 0, sizeof(cpu->guess));
}

/* The next block that has the instruction ends behind it. */
static void note_end(struct translator *tr, const struct block *b, unsigned insn)
{
    u64 host = b->host + (u64)(i64)b->insn_offset[insn];

    if (b->host)
        tr->ends[block_end_slot(host)] = host;
}

/* The guest must come to the run loop behind the current instruction, which hit a breakpoint or told a device
 * something: the block is made anew when it is next wanted, and ends here. After a load of SS the trap waits for the
 * next instruction's end, too. (SDM vol. 3A, 6.8.3) */
static void end_block(struct cpu *cpu)
{
    struct translator *tr = cpu->translator;
    unsigned at;
    struct block *running = engine_current(tr, &at);

    if (!running)
        return;
    cpu->traps_held = running->loads_ss && running->uop[at].insn + 1 == running->insns;
    if (running->dead || running->uop[at].insn + 1 == running->insns)
        return;
    note_end(tr, running, running->uop[at].insn);
    block_kill(tr, running);
    engine_of(tr, running)->stop_after(tr, running, running->uop[at].insn);
}

static void code_breaks_changed(struct cpu *cpu)
{
    block_kill_mode(cpu->translator, MODE_DEBUG);
}

static void code_changed(struct cpu *cpu, u32 la)
{
    block_kill_la(cpu->translator, la);
}

int translator_new(struct cpu *cpu, const struct translate_options *options)
{
    const struct engine *engine = engine_find(options->engine);
    struct translator *tr;
    int err;

    if (!engine)
        return -EINVAL;
    tr = calloc(1, sizeof(*tr));
    if (!tr)
        return -ENOMEM;
    tr->page = hostmem_sparse(PAGE_TABLE_BYTES);
    if (!tr->page) {
        free(tr);
        return -ENOMEM;
    }
    tr->cpu = cpu;
    tr->engine = engine;
    tr->options = *options;
    if (engine->find) /* it makes native code */
        tr->native_after = options->native_after;
    tr->random = 1;
    cpu->translator = tr;
    cpu->insns_now = cpu_insns;
    cpu->lacking_insn = lacking_insn;
    cpu->end_block = end_block;
    cpu->code_breaks_changed = code_breaks_changed;
    cpu->code_changed = code_changed;
    err = engine->init ? engine->init(tr) : 0;
    if (err) {
        hostmem_sparse_free(tr->page, PAGE_TABLE_BYTES);
        free(tr);
        cpu->translator = NULL;
        return err;
    }
    phys_listen(cpu->mmu.phys, &(struct phys_listener){PHYS_CODE, smc_store, smc_code, tr});
    cpu->mmu.context_wrapped = forget_contexts;
    cpu->mmu.context_opaque = cpu;
    return 0;
}

void translator_free(struct cpu *cpu)
{
    struct translator *tr = cpu->translator;

    if (!tr)
        return;
    block_free_all(tr);
    phys_unlisten(cpu->mmu.phys, tr);
    cpu->code_changed = NULL;
    cpu->mmu.context_wrapped = NULL;
    if (tr->engine->fini)
        tr->engine->fini(tr);
    hostmem_sparse_free(tr->page, PAGE_TABLE_BYTES);
    free(tr);
    cpu->translator = NULL;
}
