/* The translation cache: lookup, chaining, invalidation. */
#include <stdlib.h>
#include <string.h>

#include "cpu/excp.h"
#include "cpu/seglimit.h"
#include "translate/block.h"
#include "translate/engine.h"

#define HASH_GRAIN 3 /* bytes of code for a slot, by shift */

/* A page of code has slots in a row, so that code that runs together is looked up in few cache lines. */
static unsigned hash_of(u64 host, u32 eip, u32 mode)
{
    u64 page = (host >> PAGE_SHIFT ^ (u64)(eip ^ mode) >> PAGE_SHIFT << 32) * 0x9e3779b97f4a7c15ull;
    unsigned bits = PAGE_SHIFT - HASH_GRAIN;

    return (unsigned)(page >> (64 - BLOCK_HASH_BITS + bits) << bits |
                      (host & PAGE_MASK) >> HASH_GRAIN);
}

struct block *block_lookup(struct translator *tr, u64 host, u32 eip, u32 cs_base, u32 mode)
{
    struct block *b;

    for (b = tr->hash[hash_of(host, eip, mode)]; b; b = b->hash_next)
        if (b->host == host && b->eip == eip && b->mode == mode && b->cs_base == cs_base)
            return b;
    return NULL;
}

/* Whether the page behind a crossing block is still the one it was made from. Raises fetch faults. */
static bool second_page_holds(struct translator *tr, struct block *b, u32 la)
{
    struct mmu *mmu = &tr->cpu->mmu;
    bool user = tr->cpu->cpl == 3;
    u64 pa2, entry;

    if (!block_crosses(b))
        return true;
    if (!mmu_fetch_pa(mmu, (la | PAGE_MASK) + 1, user, &pa2))
        cpu_raise_pf(tr->cpu);
    entry = mmu->tlb.fetch[user][block_second_page(b)];
    b->second = entry == TLB_INVALID ? TLB_NEVER : entry;
    return pa2 == b->pa2;
}

static void insert(struct translator *tr, struct block *b)
{
    unsigned slot = hash_of(b->host, b->eip, b->mode);

    b->hash_next = tr->hash[slot];
    tr->hash[slot] = b;
    b->older = tr->newest;
    *(b->older ? &b->older->newer : &tr->oldest) = b;
    tr->newest = b;
    tr->blocks++;
    smc_add(tr, b);
}

/* Host address of the byte at la by the TLB alone; 0 when it does not know. */
static u64 fetch_host(const struct cpu *cpu, u32 la)
{
    return (u64)(uintptr_t)tlb_find_page(cpu->mmu.tlb.fetch[cpu->cpl == 3], la);
}

/* Evicts the oldest blocks, as many as it takes for another: what is still in use among them is soon made again. */
static void evict_oldest(struct translator *tr, bool cold)
{
    unsigned most = tr->options.cache_blocks ? tr->options.cache_blocks : BLOCK_CACHE_MAX;

    while (tr->blocks >= most || (!cold && tr->engine->code_fits && !tr->engine->code_fits(tr))) {
        block_kill(tr, tr->oldest);
        tr->cpu->stats->block_evict++;
    }
}

static struct block *make_timed(struct translator *tr, u64 host, u64 pa, u32 cs_base, u32 mode,
                                bool cold)
{
    u64 start = tr->options.timed ? stats_ns() : 0;
    struct block *b = block_make(tr, host, pa, tr->cpu->eip, cs_base, mode, cold);

    if (tr->options.timed)
        tr->cpu->stats->translate_ns += stats_ns() - start;
    return b;
}

/* Whether the same code has run often enough with or without windows, where this is the other way. */
static bool was_hot(struct translator *tr, u64 host, u32 cs_base, u32 mode)
{
    const struct block *b;

    if (!tr->cpu->mmu.window || mode & MODE_ONE_INSN)
        return false;
    b = block_lookup(tr, host, tr->cpu->eip, cs_base, mode ^ MODE_WINDOW);
    return b && !b->cold;
}

static struct block *make(struct translator *tr, u32 la, u32 cs_base, u32 mode, bool cold)
{
    struct cpu *cpu = tr->cpu;
    struct block *b;
    u64 pa, host;

    if (!mmu_fetch_pa(&cpu->mmu, la, cpu->cpl == 3, &pa))
        cpu_raise_pf(cpu);
    host = (u64)(uintptr_t)phys_host(cpu->mmu.phys, pa);
    cpu->stats->block_miss++;
    cold = cold && !(host && was_hot(tr, host, cs_base, mode));
    evict_oldest(tr, cold);
    if (!host) { /* code outside memory: run once and forgotten */
        b = block_make(tr, 0, pa, cpu->eip, cs_base, mode | MODE_ONE_INSN, cold);
        b->dead = true;
        b->hash_next = tr->dead;
        tr->dead = b;
        return b;
    }
    b = block_lookup(tr, host, cpu->eip, cs_base, mode);
    if (b && (cold || !b->cold) && second_page_holds(tr, b, la))
        return b;
    if (b)
        block_kill(tr, b);
    smc_watch(tr, pa);
    b = make_timed(tr, host, pa, cs_base, mode, cold);
    b->second = TLB_NEVER;
    insert(tr, b);
    return b;
}

/* Whether the block has run often enough by the interpreter to be worth native code. One instruction for itself never
 * is. */
static bool is_hot(const struct translator *tr, struct block *b)
{
    return b->cold && !(b->mode & MODE_ONE_INSN) && b->runs_cold++ >= tr->native_after;
}

struct block *block_find(struct translator *tr, bool one)
{
    struct cpu *cpu = tr->cpu;
    u32 cs_base = cpu->r[R_BASE + SREG_CS], la = la_add(cs_base, cpu->eip);
    u32 mode = cpu->mode | (one ? MODE_ONE_INSN : 0);
    u64 host = fetch_host(cpu, la);
    struct block *b;

    if (cpu->eip > cpu->seg[SREG_CS].limit)
        cpu_fault(cpu, EXCP_GP, 0, "EIP %08x beyond the limit %x of CS", cpu->eip,
                  cpu->seg[SREG_CS].limit);
    cpu->stats->block_lookup++;
    b = host ? block_lookup(tr, host, cpu->eip, cs_base, mode) : NULL;
    if (!b || !second_page_holds(tr, b, la))
        b = make(tr, la, cs_base, mode, tr->native_after > 0);
    if (is_hot(tr, b))
        b = make(tr, la, cs_base, mode, false);
    if (!one && b->host && !b->cold) {
        if (b->code && mode_zero_based(mode, SREG_CS)) {
            cpu->jump.key[b->eip % CPU_JUMPS] = cpu->mmu.context | b->eip;
            cpu->jump.code[b->eip % CPU_JUMPS] = b->target;
        }
        tr->jump_cache[jump_cache_slot(b->host)] =
            (struct jump_entry){b->host, b->eip, b->cs_base, b->mode, b->target};
    }
    return b;
}

void block_expect(struct translator *tr, struct block *block)
{
    const u8 *next = (const u8 *)block->follower;

    if (tr->behind && tr->behind->follower != block) {
        tr->behind->follower = block;
        tr->behind->follower_slot = hash_of(block->host, block->eip, block->mode);
    }
    tr->behind = block->cold ? block : NULL;
    if (!tr->behind || !next)
        return;
    __builtin_prefetch(&tr->hash[block->follower_slot]);
    __builtin_prefetch(next);
    __builtin_prefetch(next + 64);
    __builtin_prefetch(next + offsetof(struct block, uop));
    __builtin_prefetch(next + offsetof(struct block, uop) + 64);
}

void block_chain(struct translator *tr, struct block_link *link, struct block *block)
{
    struct mmu *mmu = &tr->cpu->mmu;
    u32 la = la_add(block->cs_base, block->eip);
    u32 page = la >> PAGE_SHIFT, from = la_add(link->from->cs_base, link->from->eip);

    if (tr->options.no_chain || link->to || link->from->dead || block->dead || link->from->cold ||
        block->cold || (link->from->mode | block->mode) & MODE_ONE_INSN ||
        link->eip != block->eip || link->from->mode != block->mode ||
        link->from->cs_base != block->cs_base)
        return;
    link->page = UINT32_MAX;
    if (page != from >> PAGE_SHIFT) {
        /* Holds as long as the TLB maps the target's page to the same host page. */
        link->page = page;
        link->expect = mmu->tlb.fetch[(block->mode & MODE_CPL) == 3][page];
        if (link->expect == TLB_INVALID ||
            (u64)(uintptr_t)tlb_host(link->expect, la) != block->host)
            return;
    }
    link->to = block;
    link->next = block->incoming;
    if (link->next)
        link->next->pprev = &link->next;
    link->pprev = &block->incoming;
    block->incoming = link;
    if (tr->engine->link)
        tr->engine->link(tr, link);
    tr->cpu->stats->block_chain++;
}

static void unchain(struct translator *tr, struct block_link *link)
{
    if (!link->to)
        return;
    *link->pprev = link->next;
    if (link->next)
        link->next->pprev = link->pprev;
    link->to = NULL;
    if (tr->engine->unlink)
        tr->engine->unlink(tr, link);
}

void block_kill(struct translator *tr, struct block *block)
{
    unsigned slot = jump_cache_slot(block->host);
    struct block **p;

    for (p = &tr->hash[hash_of(block->host, block->eip, block->mode)]; *p != block;
         p = &(*p)->hash_next)
        BUG_ON(!*p);
    *p = block->hash_next;
    if (tr->jump_cache[slot].target == block->target)
        tr->jump_cache[slot] = (struct jump_entry){0};
    if (tr->cpu->jump.code[block->eip % CPU_JUMPS] == block->target)
        tr->cpu->jump.key[block->eip % CPU_JUMPS] = 0;
    while (block->incoming)
        unchain(tr, block->incoming);
    for (unsigned i = 0; i < block->links; i++)
        unchain(tr, &block->link[i]);
    *(block->older ? &block->older->newer : &tr->oldest) = block->newer;
    *(block->newer ? &block->newer->older : &tr->newest) = block->older;
    smc_remove(tr, block);
    block->dead = true;
    block->hash_next = tr->dead;
    tr->dead = block;
    tr->blocks--;
}

void block_kill_mode(struct translator *tr, u32 mode)
{
    for (unsigned i = 0; i < ARRAY_SIZE(tr->hash); i++) {
        struct block *b = tr->hash[i], *next;

        for (; b; b = next) {
            next = b->hash_next;
            if (b->mode & mode)
                block_kill(tr, b);
        }
    }
}

/* Runs count from the start of the block's first page. */
static bool has_la(const struct block *b, u32 la)
{
    u32 offset = la - ((b->cs_base + b->eip) & ~PAGE_MASK);

    for (unsigned i = 0; i < b->runs; i++)
        if (offset >= b->run[i].start && offset < b->run[i].end)
            return true;
    return false;
}

void block_kill_la(struct translator *tr, u32 la)
{
    for (unsigned i = 0; i < ARRAY_SIZE(tr->hash); i++) {
        struct block *b = tr->hash[i], *next;

        for (; b; b = next) {
            next = b->hash_next;
            if (has_la(b, la))
                block_kill(tr, b);
        }
    }
}

void block_free_dead(struct translator *tr)
{
    if (likely(!tr->dead))
        return;
    if (tr->exit_link && tr->exit_link->from->dead)
        tr->exit_link = NULL;
    if (tr->behind && tr->behind->dead)
        tr->behind = NULL;
    while (tr->dead) {
        struct block *b = tr->dead;

        tr->dead = b->hash_next;
        if (tr->engine->forget)
            tr->engine->forget(tr, b);
        free(b);
    }
}

/* Without unchaining, which would bring all code back into memory. */
void block_free_all(struct translator *tr)
{
    struct block *b, *newer;

    for (b = tr->oldest; b; b = newer) {
        newer = b->newer;
        smc_remove(tr, b);
        free(b);
    }
    tr->oldest = tr->newest = NULL;
    block_free_dead(tr);
}
