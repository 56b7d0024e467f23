/* The run loop: finds blocks, runs them, takes interrupts and faults at exact instruction boundaries. */
#include <string.h>

#include "cpu/debug.h"
#include "cpu/excp.h"
#include "cpu/simd/simd.h"
#include "cpu/sys.h"
#include "cpu/x87/x87.h"
#include "translate/block.h"
#include "translate/engine.h"
#include "translate/windows.h"

static enum cpu_stop leave(struct translator *tr, enum cpu_stop why)
{
    struct cpu *cpu = tr->cpu;

    x87_sync(cpu);
    mxcsr_sync(cpu);
    cpu->insns += (u32)((i32)tr->budget_start - cpu->budget - cpu->budget_withheld);
    tr->budget_start = 0;
    cpu->budget = cpu->budget_withheld = 0;
    tr->exit_link = NULL;
    return why;
}

/* Delivering an exception or interrupt counts as one instruction, so that no chain of them is free. */
static void charge(struct cpu *cpu)
{
    cpu->budget--;
}

/* Delivers an interrupt or NMI that can be delivered now; false: there is none. May raise. */
static bool deliver_pending(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;
    bool nmi = cpu->nmi && !cpu->nmi_blocked;
    u8 vector = 0;

    if (!cpu_interruptible(cpu) || cpu->debugger.holds_irq)
        return false;
    if (!nmi)
        vector = cpu->hooks.irq_ack(cpu->hooks.opaque);
    charge(cpu);
    tr->exit_link = NULL;
    cpu->stats->irq++;
    if (nmi)
        cpu_deliver_nmi(cpu);
    else
        cpu_deliver_irq(cpu, vector);
    return true;
}

/* Delivers the fault that unwound; false: shutdown. */
static bool deliver(struct cpu *cpu)
{
    charge(cpu);
    cpu->stats->excp++;
    if (cpu->fault.vector == EXCP_PF)
        cpu->stats->page_fault++;
    return cpu_deliver_fault(cpu);
}

static void log_exec(struct translator *tr, const struct block *b)
{
    struct cpu *cpu = tr->cpu;

    if (log_on(cpu->log, LOG_exec))
        log_write(cpu->log, "exec %04x:%08x, %u instructions\n", cpu->seg[SREG_CS].sel, b->eip,
                  b->insns);
    x87_sync(cpu);
    mxcsr_sync(cpu);
    if (log_on(cpu->log, LOG_cpu))
        cpu_dump(cpu, cpu->log->out);
}

static void deliver_traps(struct cpu *cpu)
{
    u32 bits = cpu->debug_trap;

    cpu->debug_trap = 0;
    cpu_deliver_trap(cpu, bits);
}

/* Whether the one instruction of the block was a branch that was taken. */
static bool has_branched(const struct cpu *cpu, const struct block *b)
{
    u32 next = eip_add(b->eip, b->length);

    if ((b->mode & (MODE_CS32 | MODE_PE)) == 0)
        next = eip_target(next, 2);
    return b->branch == BRANCH_ALWAYS || (b->branch == BRANCH_CONDITIONAL && cpu->eip != next);
}

/* Behind an instruction under TF or DEBUGCTL, or which hit a breakpoint. step: DR6_BS under TF, when b is one
 * instruction. */
static void take_traps(struct cpu *cpu, const struct block *b, u32 step)
{
    bool branched = cpu->debugctl && has_branched(cpu, b);
    bool no_trap = b->no_trap && (!b->loads_ss || cpu_in_ss_shadow(cpu));

    if (branched)
        debug_branch(cpu, b->eip, cpu->eip, false);
    if (!no_trap && (branched || !(cpu->debugctl & DEBUGCTL_BTF)))
        cpu->debug_trap |= step;
    if (cpu->debug_trap && !cpu->traps_held && !cpu->debugger.hit) /* else when it goes on */
        deliver_traps(cpu);
}

/* The instruction that began with RF set is done: RF is clear, unless it set RF itself or is repeated. */
static void end_resumed(struct cpu *cpu)
{
    cpu->resumed = false;
    if (cpu_mid_rep(cpu))
        cpu->eflags |= FL_RF;
}

/* Runs one block and what it is chained to. */
static void run_block(struct translator *tr, bool one)
{
    struct cpu *cpu = tr->cpu;
    u32 step = cpu->mode & MODE_TF ? DR6_BS : 0;
    struct block *b;

    cpu->resumed = cpu->eflags & FL_RF;
    one = one || step || cpu->cs_limit_hit || cpu->resumed || cpu->debugctl;
    b = block_find(tr, one);
    if (!one && b->insns > cpu->budget && tr->finish_block) {
        tr->budget_lent = b->insns - (u32)cpu->budget;
        tr->budget_start += tr->budget_lent;
        cpu->budget = b->insns;
    } else if (!one && b->insns > cpu->budget) {
        one = true;
        b = block_find(tr, true);
    }
    if (tr->exit_link && !one)
        block_chain(tr, tr->exit_link, b);
    tr->exit_link = NULL;
    block_expect(tr, b);
    cpu->cs_limit_hit = cpu->traps_held = false;
    if (one) { /* an indirect exit must not go on to a block that the jump cache knows */
        cpu->budget_withheld += cpu->budget - 1;
        cpu->budget = 1;
    }
    if (log_on_at(cpu->log, LOG_exec | LOG_cpu, la_add(cpu->r[R_BASE + SREG_CS], b->eip)))
        log_exec(tr, b);
    if (unlikely(cpu->resumed))
        cpu->eflags &= ~FL_RF;
    engine_of(tr, b)->run(tr, b);
    if (unlikely(cpu->resumed))
        end_resumed(cpu);
    if (unlikely(step | cpu->debug_trap | cpu->debugctl))
        take_traps(cpu, b, step);
}

/* Instructions that native code runs before it must come back: each may be a call that leaves a return
 * address on the host's stack, so this bounds what it takes of that (512 KiB). */
#define RUN_MAX 65536

/* What run_block() withheld, or lent: a block that did not use all of it, since it was left by a side exit or a fault,
 * must not get more and more. */
static void take_back(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;

    cpu->budget += cpu->budget_withheld - (i32)tr->budget_lent;
    tr->budget_start -= tr->budget_lent;
    cpu->budget_withheld = 0;
    tr->budget_lent = 0;
}

static enum cpu_stop run_loop(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;

    for (;;) {
        bool shadow;

        block_free_dead(tr);
        if (unlikely(cpu->mmu.window != NULL))
            windows_consider(tr);
        if (cpu->kicked)
            return CPU_STOP_KICK;
        take_back(tr);
        if (cpu->halted) {
            if (!cpu_wakes(cpu))
                return CPU_STOP_HALT;
            cpu->halted = false;
        }
        if (cpu->budget <= 0)
            return CPU_STOP_BUDGET;
        if (unlikely(cpu->debug_trap) && !cpu->traps_held)
            deliver_traps(cpu);
        tr->shadow = shadow = cpu->shadow;
        cpu->shadow = false;
        if (!shadow && deliver_pending(tr))
            continue;
        if (cpu->budget > RUN_MAX) {
            cpu->budget_withheld = cpu->budget - RUN_MAX;
            cpu->budget = RUN_MAX;
        }
        run_block(tr, shadow);
    }
}

/* A debugger has stopped the guest in front of an instruction: what the one before has left to it is there again when
 * the guest goes on. */
static void debugger_stopped(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;

    cpu->shadow = tr->shadow;
    cpu->traps_held = cpu->debug_trap != 0;
}

/* A helper or a memory access raised; perhaps while an exception was being delivered. */
static noinline enum cpu_stop run_after_fault(struct translator *tr)
{
    struct cpu *cpu = tr->cpu;
    unsigned at;
    struct block *running = engine_current(tr, &at);

    if (running && cpu->entered)
        restore_leave(tr, running, at);
    else if (running)
        restore_state(tr, running, at);
    if (cpu->fault.vector < 0 && cpu->resumed) /* cpu_restart(): it is still to be done */
        cpu->eflags |= FL_RF;
    if (cpu->fault.vector < 0 && (debugger_stopped_at_code(&cpu->debugger) || cpu->outside)) {
        debugger_stopped(tr);
    } else {
        cpu->debugger.hit &= cpu->entered;
        cpu->debug_trap = 0; /* of an instruction that is not done */
        cpu->traps_held = false;
    }
    cpu->entered = cpu->resumed = cpu->outside = false;
    tr->exit_link = NULL;
    if (cpu->fault.vector >= 0 && !deliver(cpu))
        return leave(tr, CPU_STOP_SHUTDOWN);
    return leave(tr, run_loop(tr));
}

static noinline enum cpu_stop run_from_start(struct translator *tr)
{
    return leave(tr, run_loop(tr));
}

/* clang does not know that __builtin_setjmp() returns more than once: it lets values share the places in which this
 * function keeps them. So this one has nothing but what is volatile, and its result, too: what it calls must not be
 * jumped to in its stead, since the frame has to be there when a fault comes back to it. */
static enum cpu_stop start(struct cpu *cpu, u32 max_insns, bool finish_block)
{
    struct translator *volatile saved = cpu->translator;
    struct translator *tr = cpu->translator;
    volatile enum cpu_stop stop;

    tr->finish_block = finish_block;
    tr->budget_start = max_insns;
    cpu->budget = (i32)max_insns;
    cpu->budget_withheld = 0;
    tr->budget_lent = 0;
    cpu->kicked = false;
    tr->block = NULL;
    tr->exit_link = NULL;
    if (__builtin_setjmp(cpu->unwind))
        stop = run_after_fault(saved);
    else
        stop = run_from_start(saved);
    return stop;
}

enum cpu_stop cpu_run(struct cpu *cpu, u32 max_insns)
{
    return start(cpu, max_insns, false);
}

enum cpu_stop cpu_run_at_least(struct cpu *cpu, u32 insns)
{
    return start(cpu, insns, true);
}

u64 cpu_insns(const struct cpu *cpu)
{
    const struct translator *tr = cpu->translator;
    i32 done = (i32)tr->budget_start - cpu->budget - cpu->budget_withheld;
    unsigned at;
    const struct block *running = engine_current(tr, &at);

    if (running)
        done -= running->insns - running->uop[at].insn;
    return cpu->insns + (u32)done;
}

u32 cpu_current_eip(const struct cpu *cpu)
{
    const struct translator *tr = cpu->translator;

    unsigned at;
    const struct block *running = engine_current(tr, &at);

    return running ? eip_add(running->eip, (u32)running->insn_offset[running->uop[at].insn])
                   : cpu->eip;
}
