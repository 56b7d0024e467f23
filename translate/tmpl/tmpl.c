/* The template engine: what translate/engine.h wants of it, and the C functions that its code calls. */
#include "translate/tmpl/tmpl.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/seglimit.h"

u32 tmpl_bswap(u32 v)
{
    return __builtin_bswap32(v);
}

u32 tmpl_ctz(u32 v)
{
    return (u32)__builtin_ctz(v);
}

u32 tmpl_clz(u32 v)
{
    return (u32)__builtin_clz(v);
}

void tmpl_lookup(struct cpu *cpu)
{
    struct tmpl *t = cpu->translator->engine_data;
    const struct jump_entry *e =
        jump_cache_find(cpu->translator, cpu->eip, cpu->mmu.tlb.fetch[cpu->cpl == 3]);
    unsigned slot = cpu->eip % CPU_JUMPS;

    t->found = e ? e->target : NULL;
    if (e && mode_zero_based(cpu->mode, SREG_CS)) { /* for the next time */
        cpu->jump.key[slot] = cpu->mmu.context | cpu->eip;
        cpu->jump.code[slot] = e->target;
    }
}

void tmpl_lookup_mode(struct cpu *cpu)
{
    struct tmpl *t = cpu->translator->engine_data;
    unsigned slot = cpu->eip % CPU_JUMPS;

    if (engine_leaves(cpu))
        t->found = NULL;
    else if (likely(cpu->jump.key[slot] == (cpu->mmu.context | cpu->eip)))
        t->found = cpu->jump.code[slot];
    else
        tmpl_lookup(cpu);
}

void tmpl_unlinked(struct cpu *cpu, struct block_link *link)
{
    struct tmpl *t = cpu->translator->engine_data;

    cpu->eip = link->eip;
    if (link->to) {
        tmpl_lookup(cpu);
        return;
    }
    cpu->translator->exit_link = link;
    t->found = NULL;
}

void tmpl_stop(struct cpu *cpu)
{
    const struct tmpl *t = cpu->translator->engine_data;
    unsigned at;
    struct block *block = tmpl_block_at(t->modified_pos, &at);

    restore_state(cpu->translator, block, at);
}

static void compile(struct translator *tr, struct block *block)
{
    struct tmpl *t = tr->engine_data;
    const u8 *start = t->p;

    tmpl_gen(tr, block);
    tr->cpu->stats->block_native++;
    tr->cpu->stats->insn_native += block->insns;
    tr->cpu->stats->host_bytes += (u64)(t->p - start);
    code_map_add(&t->map, block, (u32)(start - t->buf.rw), (u32)(t->p - start));
    codebuf_advance(&t->buf, (u64)(t->p - t->buf.rw));
}

static void run(struct translator *tr, struct block *block)
{
    tr->block = block;
    tmpl_enter(tr->cpu, block->code);
    tr->block = NULL;
}

static struct block *current(const struct translator *tr, unsigned *at)
{
    return tr->block ? tmpl_block_at(tr->cpu->engine.pos, at) : NULL;
}

static struct block *find(const struct translator *tr, u64 pc, unsigned *insn)
{
    const struct tmpl *t = tr->engine_data;

    return code_map_find(&t->map, &t->buf, pc, insn);
}

static void forget(struct translator *tr, const struct block *block)
{
    struct tmpl *t = tr->engine_data;

    code_map_forget(&t->map, block);
}

/* Nothing is added to the buffer here: all blocks share one stop, and only the one that runs can come to it. */
static void stop_after(struct translator *tr, struct block *block, unsigned insn)
{
    struct tmpl *t = tr->engine_data;

    if (insn + 1u >= block->insns)
        return;
    /* A NOP has no micro-op: this one may belong to a later instruction. */
    block->uop[block->insn_uop[insn + 1]].insn = (u8)(insn + 1);
    t->modified_pos = tmpl_position(block, block->insn_uop[insn + 1]);
    tmpl_stop_at(t, block, insn + 1);
}

static bool code_fits(struct translator *tr)
{
    struct tmpl *t = tr->engine_data;

    return code_map_fits(&t->map, &t->buf, t->first, &t->p);
}

static int init_code(struct tmpl *t, u64 size, bool private)
{
    int err = codebuf_init(&t->buf, size, private);

    if (err)
        return err;
    t->p = t->buf.rw;
    t->delta = (u64)(uintptr_t)t->buf.rx - (u64)(uintptr_t)t->buf.rw;
    tmpl_gen_shared(t);
    return 0;
}

/* Whether the host runs what is written over code that has run. A host that is emulated by qemu-user does not tell by a
 * mapping for writing what changes in the one that is executed. */
static bool runs_new_code(struct tmpl *t, struct cpu *cpu)
{
    u32 eip = cpu->eip, seen[2];

    for (u32 i = 0; i < 2; i++) {
        tmpl_enter(cpu, tmpl_gen_probe(t, eip + i));
        seen[i] = cpu->eip;
    }
    cpu->eip = eip;
    return seen[0] + 1 == seen[1];
}

static int init(struct translator *tr)
{
    u64 size = tr->options.code_buffer ? tr->options.code_buffer : CODEBUF_SIZE;
    struct tmpl *t = calloc(1, sizeof(*t));
    int err;

    if (!t)
        return -ENOMEM;
    if (size > STENCIL_BUFFER_MAX - CODEBUF_BLOCK_MAX)
        size = STENCIL_BUFFER_MAX - CODEBUF_BLOCK_MAX;
    size += CODEBUF_BLOCK_MAX;
    tmpl_forms_init(&t->forms);
    err = init_code(t, size, tr->options.private_code);
    if (!err && !runs_new_code(t, tr->cpu)) {
        codebuf_free(&t->buf);
        err = init_code(t, size, true);
    }
    if (err) {
        free(t);
        return err;
    }
    tr->engine_data = t;
    return 0;
}

static void fini(struct translator *tr)
{
    struct tmpl *t = tr->engine_data;

    code_map_free(&t->map);
    codebuf_free(&t->buf);
    free(t);
}

static void link_exit(struct translator *tr, struct block_link *link)
{
    tmpl_link(tr->engine_data, link);
}

static void unlink_exit(struct translator *tr, struct block_link *link)
{
    tmpl_unlink(tr->engine_data, link);
}

const struct engine engine_tmpl = {
    .name = "tmpl",
    .side_exits = true,
    .init = init,
    .fini = fini,
    .code_fits = code_fits,
    .compile = compile,
    .run = run,
    .stop_after = stop_after,
    .current = current,
    .find = find,
    .forget = forget,
    .link = link_exit,
    .unlink = unlink_exit,
};
