/* The interpreter engine: runs micro-ops one by one. The reference for every other engine.
 *
 * Threaded code: each micro-op's body ends with a jump to the next one's. Registers stay in struct cpu. The bodies are
 * those of uop_body.def. */
#include "cpu/excp.h"
#include "translate/engine.h"
#include "translate/uop_body_alu.h"
#include "translate/uop_body_shift.h"
#include "translate/uop_fuse.h"

static void leave_at(struct translator *tr, u32 eip)
{
    tr->cpu->eip = eip;
    tr->block = NULL;
}

/* By the jump cache only; the run loop does the rest. */
static always_inline struct block *find_fast(struct translator *tr, u32 eip, const u64 *fetch_table)
{
    const struct jump_entry *e = jump_cache_find(tr, eip, fetch_table);

    if (likely(e != NULL) && block_enterable(e->target, fetch_table))
        return (struct block *)(uintptr_t)e->target;
    return NULL;
}

/* Loads and stores that the TLB's tables do not serve; #PF is raised as of micro-op u. */
static noinline u32 load_slow(struct translator *tr, const struct uop *u, u32 la, unsigned size,
                              enum mmu_access access)
{
    u64 value;

    tr->cur = u;
    if (!mmu_load_slow(&tr->cpu->mmu, la, size, access, &value))
        cpu_raise_pf(tr->cpu);
    return (u32)value;
}

/* The load of a read-modify-write: every byte must be writable before anything happens. */
static noinline u32 load_write_slow(struct translator *tr, const struct uop *u, u32 la,
                                    unsigned size, enum mmu_access access)
{
    tr->cur = u;
    if (!mmu_probe(&tr->cpu->mmu, la, size, access))
        cpu_raise_pf(tr->cpu);
    return load_slow(tr, u, la, size, (enum mmu_access)(access & ~MMU_WRITE));
}

static noinline void store_slow(struct translator *tr, const struct uop *u, u32 la, u32 value,
                                unsigned size, enum mmu_access access)
{
    tr->cur = u;
    if (!mmu_store_slow(&tr->cpu->mmu, la, value, size, access))
        cpu_raise_pf(tr->cpu);
}

/* What the bodies are made of, in run(). */
#define BODIES_BINARY
#define BODIES_PINNED_B
#define BODIES_UNARY
#define BODIES_SCAN
#define BODIES_LEA
#define BODIES_LOAD
#define BODIES_STORE
#define BODIES_STORE_IMM
#define BODIES_CALLING
#define BODIES_FLOW
#define UOP(name) do_##name:
#define R8(off)   (*(u8 *)(file + (off)))
#define R16(off)  (*(u16 *)(file + (off)))
#define R32(off)  (*(u32 *)(file + (off)))
#define A(n)      R##n(u->a)
#define B(n)      ((T_##n)(R##n(u->b) + u->imm))
#define REG_B(n)  R##n(u->b)
#define D(n)      R##n(u->d)
#define ACC(n)    R##n(0)
#define REG(slot) cpu->r[slot]
#define COUNT     (R8(u->b) & 31)
#define IMM       u->imm
#define AUX       u->aux
#define EA        (R32(u->a) + (R32(u->b) << u->scale) + u->imm)
#define NEXT                                                                                       \
    do {                                                                                           \
        u++;                                                                                       \
        goto *label[u->op];                                                                        \
    } while (0)
#define FIND_READ(la, bytes)         tlb_find(read_table, la, bytes)
#define FIND_WRITE(la, bytes)        tlb_find(write_table, la, bytes)
#define LOAD_SLOW(la, bytes)         load_slow(tr, u, la, bytes, read_access)
#define LOAD_WRITE_SLOW(la, bytes)   load_write_slow(tr, u, la, bytes, write_access)
#define STORE_SLOW(la, value, bytes) store_slow(tr, u, la, value, bytes, write_access)
#define POSITION                     tr->cur = u
#define HELPER                       helpers[u->aux].fn
#define RAISE(vector, error)         cpu_raise_err(cpu, vector, error)
#define COND                         flags_cond(cpu, u->aux)
#define BLOCK_EIP                    b->eip
#define BLOCK_MODE                   b->mode
#define BLOCK_INSNS                  b->insns
#define SIDE_LINK                    u->scale
#define BUDGET                       cpu->budget
#define SIDE_BUDGET                  BUDGET += b->insns - (u->insn + 1)
#define FIND(target)                                                                               \
    do {                                                                                           \
        eip = (target);                                                                            \
        goto find;                                                                                 \
    } while (0)
#define FIND_MODE(target)                                                                          \
    do {                                                                                           \
        eip = (target);                                                                            \
        goto find_mode;                                                                            \
    } while (0)
#define LEAVE(eip)                                                                                 \
    do {                                                                                           \
        leave_at(tr, eip);                                                                         \
        return;                                                                                    \
    } while (0)
#define STOP                                                                                       \
    do {                                                                                           \
        restore_state(tr, b, (unsigned)(u - b->uop));                                              \
        return;                                                                                    \
    } while (0)
/* To the exit's target: chained, or back to the run loop. */
#define EXIT_LINK(k)                                                                               \
    do {                                                                                           \
        struct block_link *link;                                                                   \
        if (b->cold)                                                                               \
            LEAVE(b->exit_eip[k]);                                                                 \
        link = &b->link[k];                                                                        \
        if (likely(link->to != NULL) &&                                                            \
            (link->page == UINT32_MAX || fetch_table[link->page] == link->expect) &&               \
            block_enterable(link->to, fetch_table)) {                                              \
            b = link->to;                                                                          \
            goto enter;                                                                            \
        }                                                                                          \
        eip = link->eip;                                                                           \
        if (link->to == NULL) {                                                                    \
            tr->exit_link = link;                                                                  \
            leave_at(tr, eip);                                                                     \
            return;                                                                                \
        }                                                                                          \
        goto find;                                                                                 \
    } while (0)

/* clang-format off */
static void run(struct translator *tr, struct block *b)
{
    static const void *const label[FUSED_END] = {
#define U(name, ...) [U_##name] = &&do_##name,
#include "translate/uop.def"
#undef U
#define X(name, cond) [FUSED_##name] = &&do_fused_##name,
        FUSE_LIST(X)
#undef X
    };
    struct cpu *const cpu = tr->cpu;
    u8 *const file = (u8 *)cpu->r;
    const struct uop *u;
    const u64 *read_table, *write_table, *fetch_table;
    enum mmu_access read_access, write_access;
    u32 eip;

reload:
    read_access = cpu_access(cpu, false);
    write_access = cpu_access(cpu, true);
    read_table = cpu->mmu.tlb.data[read_access];
    write_table = cpu->mmu.tlb.data[write_access];
    fetch_table = cpu->mmu.tlb.fetch[cpu->cpl == 3];
enter:
    cpu->budget -= b->insns;
    if (unlikely(cpu->budget < 0)) {
        cpu->budget += b->insns;
        leave_at(tr, b->eip);
        return;
    }
    tr->block = b;
    u = b->uop;
    goto *label[u->op];

#include "translate/uop_body.def"

find: /* a cold block's successors may be native */
    b = b->cold ? NULL : find_fast(tr, eip, fetch_table);
    if (likely(b != NULL))
        goto enter;
    leave_at(tr, eip);
    return;
find_mode:
    if (!b->cold && !engine_leaves(cpu)) {
        b = find_fast(tr, eip, cpu->mmu.tlb.fetch[cpu->cpl == 3]);
        if (likely(b != NULL))
            goto reload;
    }
    leave_at(tr, eip);
    return;
}
/* clang-format on */

static void compile(struct translator *tr, struct block *block)
{
    struct uop *last = &block->uop[block->uops - 1];
    unsigned fused = last->op == U_jcc ? uop_fused(block->uop, block->uops - 1u) : 0;

    (void)tr;
    block->target = block;
    if (fused)
        last->op = (u16)fused;
}

static struct block *current(const struct translator *tr, unsigned *at)
{
    if (tr->block)
        *at = (unsigned)(tr->cur - tr->block->uop);
    return tr->block;
}

static void stop_after(struct translator *tr, struct block *block, unsigned insn)
{
    struct uop *u;

    (void)tr;
    if (insn + 1u >= block->insns)
        return;
    /* A NOP has no micro-op: this one may belong to a later instruction. */
    u = &block->uop[block->insn_uop[insn + 1]];
    u->op = U_stop;
    u->insn = (u8)(insn + 1);
}

const struct engine engine_interp = {
    .name = "interp",
    .compile = compile,
    .run = run,
    .stop_after = stop_after,
    .current = current,
};
