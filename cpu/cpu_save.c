/* A CPU in saved states: each number of cpu/state.def, and the PDPTEs that the MMU keeps. */
#include "cpu/cpuid.h"
#include "cpu/debug.h"
#include "cpu/perfctr.h"
#include "cpu/simd/simd.h"
#include "cpu/sys.h"
#include "mmu/host/state.h"

static void save_number(struct state *state, void *at, const struct state_number *number)
{
    if (number->flag)
        state_bool(state, at);
    else if (number->size == 1)
        state_u8(state, at);
    else if (number->size == 2)
        state_u16(state, at);
    else if (number->size == 4)
        state_u32(state, at);
    else
        for (unsigned i = 0; i < number->size; i += 8)
            state_u64(state, (u64 *)at + i / 8);
}

/* Whether a CPU of this model can be in this state, as far as the rest of the code relies on it. */
static bool is_possible(const struct cpu_state *s, const struct cpu_model *model)
{
    bool pe = s->cr0 & CR0_PE, vm = s->eflags & FL_VM;

    for (unsigned i = 0; i < SREG_COUNT; i++)
        if (s->seg[i].attr & ~DESC_ATTR_MASK)
            return false;
    if (((s->cr0 & CR0_PG) && !pe) || ((s->cr0 & CR0_NW) && !(s->cr0 & CR0_CD)))
        return false;
    if ((s->cr0 & ~CR0_MASK) || (s->cr4 & ~model->cr4_mask))
        return false;
    if ((s->eflags & ~FL_MASK) != FL_ONE || (vm && !pe) || s->cpl > 3)
        return false;
    if (vm ? s->cpl != 3 : !pe && s->cpl != 0)
        return false;
    if ((s->efer & ~EFER_NXE) || (s->efer && !cpu_has(model, FEAT_NX)))
        return false;
    return !(s->mxcsr & ~mxcsr_bits(model)) && s->line_pa % CPU_LINE_BYTES == 0;
}

/* What follows from the state. */
static void restore(struct cpu *cpu, const u64 pdpte[4])
{
    cpu->lazy.op = LAZY_NONE;
    cpu->fault.vector = cpu->delivering = -1;
    cpu->entered = cpu->resumed = cpu->cs_limit_hit = cpu->perf_by_level = false;
    mmu_set_nx(&cpu->mmu, cpu->efer & EFER_NXE);
    mmu_restore_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, pdpte);
    debug_update(cpu);
    perfctr_update(cpu);
    if (cpu->hooks.apic_base)
        cpu->hooks.apic_base(cpu->hooks.opaque);
}

#define PAGING_BITS_CR0 (CR0_PG | CR0_WP)
#define PAGING_BITS_CR4 (CR4_PSE | CR4_PAE | CR4_PGE)

bool cpu_state_put(struct cpu *cpu, const struct cpu_state *s)
{
    struct paging paging = cpu->mmu.paging;
    bool pae = s->cr0 & CR0_PG && s->cr4 & CR4_PAE;

    BUG_ON(cpu->x87_live || (cpu->sse_live & SSE_MXCSR));
    if (!is_possible(s, cpu->model))
        return false;
    if (pae &&
        (s->cr3 != cpu->cr3 || (s->cr0 ^ cpu->cr0) & PAGING_BITS_CR0 ||
         (s->cr4 ^ cpu->cr4) & PAGING_BITS_CR4) &&
        !walk_load_pdptes(&paging, cpu->mmu.phys, s->cr3))
        return false;
    cpu->state = *s;
    restore(cpu, paging.pdpte);
    return true;
}

void cpu_state(struct cpu *cpu, struct state *state)
{
    struct state_number number = {0};
    struct cpu_state s;
    u64 pdpte[4];

    BUG_ON(cpu->x87_live || (cpu->sse_live & SSE_MXCSR));
    if (!state_begin(state, "cpu"))
        return;
    cpu_state_get(cpu, &s);
    for (unsigned i = 0; i < ARRAY_SIZE(pdpte); i++) {
        pdpte[i] = cpu->mmu.paging.pdpte[i];
        state_u64(state, &pdpte[i]);
    }
    while (cpu_state_next(&number))
        save_number(state, (u8 *)&s + number.offset, &number);
    state_end(state);
    if (!state->loading)
        return;
    if (!is_possible(&s, cpu->model))
        state_reject(state);
    if (state->failed)
        return;
    cpu->state = s;
    restore(cpu, pdpte);
}
