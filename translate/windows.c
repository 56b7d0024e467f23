/* When native code uses windows: not while their pages come and go.
 *
 * A page that enters a window costs a host fault or at least a system call, some 20,000 guest instructions; one that leaves
 * costs about as much. So windows are turned on when the guest has run without a flush for as long as it takes to
 * fill them with what the TLB has, and has hardly missed it meanwhile. That holds for both, with all pages, until a flush; and for
 * the supervisor's alone, with global pages, which a load of CR3 spares: a kernel keeps it however often processes change.
 * They are turned off when host faults are more than what they can save. A wrong guess then costs no more than the time
 * before it. */
#include "translate/windows.h"

#include "mmu/window.h"

#define START        100000000u /* the machine's first instructions: little of a start's code runs often */
#define FIRST_WAIT   1000000u /* instructions without a flush, */
#define PAGE_WAIT    8000u    /* and for each page that the TLB has: windows are turned on */
#define MISS_COST    20000u   /* instructions for one miss or fault: more of them are too many */
#define FAULTS_FREE  32u      /* in a stretch, that do not count */
#define STRETCH      4000000u /* instructions */
#define KERNEL_PAGES 64u      /* fewer global ones are not worth a window */

void windows_retire(struct translator *tr, const struct block *b)
{
    if (tr->retired_count == RETIRED_MAX || b->dead)
        return;
    tr->retired[tr->retired_count].host = b->host;
    tr->retired[tr->retired_count].eip = b->eip;
    tr->retired[tr->retired_count].cs_base = b->cs_base;
    tr->retired[tr->retired_count++].mode = b->mode;
}

static void kill_retired(struct translator *tr)
{
    while (tr->retired_count > 0) {
        unsigned i = --tr->retired_count;
        struct block *b = block_lookup(tr, tr->retired[i].host, tr->retired[i].eip,
                                       tr->retired[i].cs_base, tr->retired[i].mode);

        if (b)
            block_kill(tr, b);
    }
    block_free_dead(tr);
}

static void turn_on(struct cpu *cpu, bool all, u64 now)
{
    struct window *w = cpu->mmu.window;

    if (hostmem_settle(&cpu->mmu.phys->mem) < 0)
        return; /* windows are mappings of the memfd */
    w->side[0].on = true;
    w->side[1].on |= all;
    w->local |= all;
    w->faults = (struct window_seen){.since = now, .missed = cpu->stats->window_fault};
    cpu->stats->window_on++;
    window_map_all(&cpu->mmu);
    cpu_use_windows(cpu);
}

/* Turns them off when host faults are too many. */
static void consider_faults(struct cpu *cpu, u64 now)
{
    struct window *w = cpu->mmu.window;
    u64 passed = now - w->faults.since;

    if ((cpu->stats->window_fault - w->faults.missed) * MISS_COST >
        passed + FAULTS_FREE * MISS_COST) {
        window_turn_off(&cpu->mmu, false);
        window_turn_off(&cpu->mmu, true);
        w->local = false;
        w->all.since = w->kernel.since = now;
    } else if (passed > STRETCH) {
        w->faults = (struct window_seen){.since = now, .missed = cpu->stats->window_fault};
    }
}

/* Whether a stretch of so many instructions without a flush is over, in which hardly anything was missed. When it is over,
 * or there was a flush, another one starts. */
static bool was_quiet(struct window_seen *seen, u64 now, u64 flushes, u64 missed, u64 wait)
{
    struct window_seen start = *seen;
    u64 more = missed > start.missed ? missed - start.missed : 0; /* entries may be fewer */

    if (flushes == start.flushes && now - start.since < wait)
        return false;
    *seen = (struct window_seen){now, flushes, missed};
    return flushes == start.flushes && more * MISS_COST <= now - start.since;
}

void windows_consider(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;
    struct window *w = cpu->mmu.window;
    u64 now = cpu->insns + (u32)((i32)tr->budget_start - cpu->budget - cpu->budget_withheld);
    u32 global = cpu->mmu.filled_global.count;
    u32 pages = cpu->mmu.filled.count + (w->side[0].on ? 0 : global); /* not in a window yet */
    u64 wait = FIRST_WAIT + (u64)PAGE_WAIT * pages;
    u64 missed = cpu->stats->tlb_miss;

    if (now < START && !tr->options.window_wait)
        return;
    if (unlikely(tr->retired_count))
        kill_retired(tr);
    if (tr->options.window_wait) {
        wait = tr->options.window_wait;
        missed = 0;
    } else if (w->side[0].on) {
        consider_faults(cpu, now);
    }
    if (w->local)
        return;
    if (was_quiet(&w->all, now, cpu->stats->tlb_flush, missed, wait))
        turn_on(cpu, true, now);
    else if (!w->side[0].on && !tr->options.window_wait &&
             was_quiet(&w->kernel, now, w->global_flushes, global,
                       FIRST_WAIT + (u64)PAGE_WAIT * global) &&
             global >= KERNEL_PAGES)
        turn_on(cpu, false, now);
}
