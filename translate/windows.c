/* When native code uses windows: not while their pages come and go.
 *
 * A page that enters a window costs a host fault or at least a system call, some 20,000 guest instructions; one that leaves
 * costs about as much. So windows are turned on when the guest has run without a flush for as long as it takes to
 * fill them with what the TLB has, and has hardly missed it meanwhile; and off at a flush, or when host faults are more than
 * what they can save. A wrong guess then costs no more than the time before it. */
#include "translate/windows.h"

#include "mmu/window.h"

#define FIRST_WAIT  1000000u /* instructions without a flush, */
#define PAGE_WAIT   8000u    /* and for each page that the TLB has: windows are turned on */
#define MISS_COST   20000u   /* instructions for one miss or fault: more of them are too many */
#define FAULTS_FREE 32u      /* in a stretch, that do not count */

static void start_over(struct window *w, const struct stats *stats, u64 now)
{
    w->seen_flush = stats->tlb_flush;
    w->seen_miss = stats->tlb_miss;
    w->seen_fault = stats->window_fault;
    w->since = now;
}

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

void windows_consider(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;
    struct window *w = cpu->mmu.window;
    const struct stats *stats = cpu->stats;
    u64 now = cpu->insns + (u32)((i32)tr->budget_start - cpu->budget - cpu->budget_withheld);
    u64 passed = now - w->since, wait = FIRST_WAIT;
    bool missed;

    if (unlikely(tr->retired_count))
        kill_retired(tr);
    if (w->on) {
        if (!tr->options.window_wait &&
            (stats->window_fault - w->seen_fault) * MISS_COST > passed + FAULTS_FREE * MISS_COST) {
            window_turn_off(&cpu->mmu);
            start_over(w, stats, now);
        }
        return;
    }
    if (stats->tlb_flush != w->seen_flush) {
        start_over(w, stats, now);
        return;
    }
    wait += (u64)PAGE_WAIT * (cpu->mmu.filled.count + cpu->mmu.filled_global.count);
    if (tr->options.window_wait)
        wait = tr->options.window_wait;
    if (passed < wait)
        return;
    missed = (stats->tlb_miss - w->seen_miss) * MISS_COST > passed && !tr->options.window_wait;
    start_over(w, stats, now);
    if (missed)
        return;
    w->on = true;
    cpu->stats->window_on++;
    window_map_all(&cpu->mmu);
    cpu_use_windows(cpu, true);
}
