/* The native engine: one block's micro-ops to x86-64 code, and the engine's entry points. */
#include "mmu/window.h"
#include "translate/x64/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Micro-ops that leave the host's flags alone. */
static bool preserves_flags(const struct gen *g, const struct uop *u)
{
    if (uop_is_access(u->op))
        return g->mem->keeps_flags || g->in_copy ||
               (!g->ungrouped && g->straight[g->at].use == USES_GROUP);
    return uop_preserves_flags(u->op);
}

/* Micro-ops between the halves of a read-modify-write that leave r13 and the address alone. */
static bool preserves_tlb_entry(const struct uop *u)
{
    bool stores = uop_info[u->op].traits & UT_STORES_FLAGS;

    if (uop_is_ldw(u->op))
        return true;
    if (u->d != REG32(R_T0) && u->d != REG32(R_T1))
        return false;
    switch (uop_family(u->op)) {
    case UFAM_BINARY: return u->d == u->a && !((u->b & 3) == 1);
    case UFAM_SELECT:
    case UFAM_UNARY: return true;
    case UFAM_STEP:
    case UFAM_SHIFT: return !stores;
    default: return false;
    }
}

static void gen_uop(struct gen *g, const struct uop *u)
{
    switch (uop_family(u->op)) {
    case UFAM_MOVE:
    case UFAM_SELECTOR: gen_move(g, u); break;
    case UFAM_LOAD:
    case UFAM_LOAD_RMW: g->mem->load(g, u); break;
    case UFAM_STORE: g->mem->store(g, u); break;
    case UFAM_CHECK: gen_check(g, u); break;
    case UFAM_SELECT:
    case UFAM_BINARY:
    case UFAM_CARRY:
    case UFAM_COMPARE:
    case UFAM_STEP:
    case UFAM_UNARY:
    case UFAM_IMUL:
    case UFAM_MUL:
    case UFAM_SCAN:
    case UFAM_DOUBLE:
    case UFAM_DOUBLE_CL:
    case UFAM_BIT_TEST:
    case UFAM_BIT_CHANGE: gen_alu(g, u); break;
    case UFAM_SHIFT:
    case UFAM_SHIFT_CL:
    case UFAM_ROTATE:
    case UFAM_ROTATE_CL: gen_shift(g, u); break;
    case UFAM_CONDITION: gen_condition(g, u); break;
    case UFAM_FLAGS: gen_flag_op(g, u); break;
    case UFAM_CALL: gen_call(g, u); break;
    case UFAM_SIDE: gen_side(g, u); break;
    case UFAM_CHECK_CS:
    case UFAM_EXIT:
    case UFAM_EXIT_OPEN: gen_exit(g, u); break;
    case UFAM_STOP: BUG("micro-op %u", u->op);
    }
}

void gen_step(struct gen *g)
{
    const struct uop *u = &g->b->uop[g->at];
    int before = g->flags_uop;

    gen_uop(g, u);
    if (g->flags_uop == before && !preserves_flags(g, u))
        g->flags_uop = -1;
    if (!preserves_tlb_entry(u))
        g->rmw = NULL;
    if (g->mem->shares && !g->in_copy && !g->ungrouped)
        gen_group_step(g, u);
    gen_check_size(g);
}

static void gen_init(struct gen *g, struct translator *tr, struct block *block)
{
    struct x64 *x = tr->engine_data;

    memset(g, 0, offsetof(struct gen, slow));
    g->tr = tr;
    g->x64 = x;
    g->b = block;
    g->mem = mem_window_fits(g) ? &mem_window : &mem_soft;
    g->c = x->code;
    g->end = x->code.p + CODEBUF_BLOCK_MAX;
    g->flags_uop = -1;
    gen_roots_init(&g->roots);
    gen_guess_start(g);
}

/* False: the loop cannot have a copy. */
static bool generate(struct gen *g)
{
    struct block *block = g->b;
    unsigned insn = 0;
    i64 offset;
    bool done;

    block->target = code_here(&g->c);
    if (block_crosses(block))
        gen_crossing(g);
    block->code = code_here(&g->c);
    gen_entry(g);
    for (g->at = 0; g->at < block->uops; g->at++) {
        done = g->mem->shares && gen_stack_step(g, &block->uop[g->at]);
        /* Behind an ESP that was late: ungrouped code, whose stores may stop the block here, comes back to this. */
        offset = code_here(&g->c) - block->code;
        BUG_ON(offset > UINT16_MAX);
        while (insn < block->insns && block->insn_uop[insn] <= g->at)
            block->insn_code[insn++] = (u16)offset;
        g->straight[g->at] = (struct straight){.code = code_here(&g->c),
                                               .flags_uop = g->flags_uop,
                                               .flags_valid = g->flags_valid,
                                               .sse = g->sse,
                                               .stack_due = done || g->stack_due};
        if (done)
            gen_group_step(g, &block->uop[g->at]);
        else
            gen_step(g);
        gen_guess_step(g, &block->uop[g->at]);
    }
    block->straight = (u32)(code_here(&g->c) - block->code);
    gen_slow(g);
    if (g->mem->shares)
        gen_ungrouped(g);
    return !g->has_copy || gen_loop(g);
}

/* How fast the host runs a block depends on where its branches lie in cache lines, by a third for small functions. From the
 * start of a line that is at least the same each time. */
#define BLOCK_ALIGN 64

static void compile(struct translator *tr, struct block *block)
{
    struct x64 *x = tr->engine_data;
    struct gen g;

    x->code.p += -(uintptr_t)x->code.p % BLOCK_ALIGN;
    gen_init(&g, tr, block);
    gen_loop_find(&g);
    if (!generate(&g)) {
        for (unsigned i = 0; i < block->links; i++)
            memset(block->link[i].site, 0, sizeof(block->link[i].site));
        block->loop = NULL;
        gen_init(&g, tr, block);
        generate(&g);
    }
    gen_check_size(&g);
    tr->cpu->stats->block_native++;
    tr->cpu->stats->insn_native += block->insns;
    tr->cpu->stats->host_bytes += (u64)(g.c.p - x->code.p);
    mem_window_sites(&g);
    code_map_add(&x->map, block, (u32)(x->code.p - x->buf.rw), (u32)(g.c.p - x->code.p));
    x->code = g.c;
    codebuf_advance(&x->buf, (u64)(x->code.p - x->buf.rw));
}

static void run(struct translator *tr, struct block *block)
{
    struct x64 *x = tr->engine_data;
    struct block_link *(*enter)(struct cpu *, const u8 *) =
        (struct block_link * (*)(struct cpu *, const u8 *))(uintptr_t)x->enter;
    struct block_link *link;

    tr->block = block;
    x->missed.site = NULL;
    link = enter(tr->cpu, block->code);
    if (link == (struct block_link *)1) {
        unsigned at;
        struct block *b = tr->engine->current(tr, &at);

        restore_state(tr, b, at);
        link = NULL;
    }
    tr->block = NULL;
    tr->exit_link = link;
}

static struct block *current(const struct translator *tr, unsigned *at)
{
    u64 pos = tr->cpu->engine.pos;

    if (!tr->block)
        return NULL;
    *at = (unsigned)(pos >> 48);
    return (struct block *)(uintptr_t)(pos & 0xffffffffffffull);
}

static struct block *find(const struct translator *tr, u64 pc, unsigned *insn)
{
    const struct x64 *x = tr->engine_data;

    return code_map_find(&x->map, &x->buf, pc, insn);
}

static void forget(struct translator *tr, const struct block *block)
{
    struct x64 *x = tr->engine_data;

    code_map_forget(&x->map, block);
}

/* Where the block's code starts, by the writable mapping. */
static u8 *code_of(const struct x64 *x, const struct block *block)
{
    return (u8 *)(uintptr_t)block->code - x->code.delta;
}

/* A jump to the stop, over the code at an offset from the block's start. */
static void stop_at(struct x64 *x, const struct block *block, u32 offset)
{
    struct code at = {.p = code_of(x, block) + offset, .delta = x->code.delta};

    BUG_ON(offset > CODEBUF_BLOCK_MAX || at.p < x->first);
    code_jmp(&at, x->stop_modified);
}

/* Nothing is added to the buffer here: however many blocks modify themselves, they share one stop. Only the block
 * that runs can come to it, so one position will do. */
static void stop_after(struct translator *tr, struct block *block, unsigned insn)
{
    struct x64 *x = tr->engine_data;

    if (insn + 1u >= block->insns)
        return;
    /* A NOP has no micro-op: this one may belong to a later instruction. */
    block->uop[block->insn_uop[insn + 1]].insn = (u8)(insn + 1);
    x->modified_pos = position_of(block, block->insn_uop[insn + 1]);
    stop_at(x, block, block->insn_code[insn + 1]);
    if (block->insn_ungrouped[insn + 1])
        stop_at(x, block, block->insn_ungrouped[insn + 1]);
}

static bool code_fits(struct translator *tr)
{
    struct x64 *x = tr->engine_data;

    return code_map_fits(&x->map, &x->buf, x->first, &x->code.p);
}

static void windows_off(void *opaque)
{
    cpu_use_windows(opaque);
}

static int init(struct translator *tr)
{
    struct x64 *x = calloc(1, sizeof(*x));
    int err;

    if (!x)
        return -ENOMEM;
    err = codebuf_init(&x->buf,
                       (tr->options.code_buffer ? tr->options.code_buffer : CODEBUF_SIZE) +
                           CODEBUF_BLOCK_MAX,
                       tr->options.private_code);
    if (err) {
        free(x);
        return err;
    }
    tr->engine_data = x;
    if (tr->cpu->mmu.paging.flat) {
        x->windows = true;
    } else if (TRANSLATE_WINDOWS) {
        err = window_new(&tr->cpu->mmu, mem_window_fault, tr);
        if (err) {
            codebuf_free(&x->buf);
            free(x);
            return err;
        }
        tr->cpu->mmu.window->turned_off = windows_off;
        tr->cpu->mmu.window->opaque = tr->cpu;
        x->windows = true;
    }
    x->bmi2 = __builtin_cpu_supports("bmi2");
    thunk_make(x);
    return 0;
}

static void fini(struct translator *tr)
{
    struct x64 *x = tr->engine_data;

    for (unsigned user = 0; user < 2 && tr->cpu->mmu.window; user++)
        window_turn_off(&tr->cpu->mmu, user);
    window_free(&tr->cpu->mmu);
    code_map_free(&x->map);
    codebuf_free(&x->buf);
    free(x);
}

static void link_exit(struct translator *tr, struct block_link *link)
{
    gen_link_to(tr->engine_data, link);
}

static void unlink_exit(struct translator *tr, struct block_link *link)
{
    gen_unlink(tr->engine_data, link);
}

const struct engine engine_x64 = {
    .name = "x64",
    .late_flags = true,
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
