/* A CPU's life: creation, reset, the mode word, interrupt lines, and stopping by name. */
#include "cpu/cpuid.h"
#include "cpu/debug.h"
#include "cpu/perfctr.h"
#include "cpu/seglimit.h"
#include "cpu/simd/simd.h"
#include "cpu/sys.h"
#include "cpu/x87/x87.h"
#include "mmu/flat.h"
#include "mmu/window.h"

#include <string.h>

struct cpu *cpu_new(struct phys *phys, const struct cpu_model *model, const struct cpu_hooks *hooks,
                    struct log *log, struct stats *stats)
{
    struct cpu *cpu = hostmem_sparse(sizeof(*cpu));

    if (!cpu)
        return NULL;
    cpu->model = model ? model : cpu_model_find(CPU_MODEL_DEFAULT);
    cpu->hooks = *hooks;
    cpu->log = log;
    cpu->stats = stats;
    if (mmu_init(&cpu->mmu, phys, log, stats) < 0) {
        hostmem_sparse_free(cpu, sizeof(*cpu));
        return NULL;
    }
    cpu->mmu.watch_hit = debug_watch_hit;
    cpu->mmu.watch_opaque = cpu;
    cpu->mmu.paging.pse36 = cpu->model->pse36;
    cpu->mmu.paging.pat = cpu_has(cpu->model, FEAT_PAT);
    cpu_reset(cpu);
    return cpu;
}

void cpu_free(struct cpu *cpu)
{
    if (!cpu)
        return;
    debugger_clear(cpu);
    mmu_free(&cpu->mmu);
    hostmem_sparse_free(cpu, sizeof(*cpu));
}

static void cpu_reset_tables(struct cpu *cpu)
{
    for (unsigned s = 0; s < SREG_COUNT; s++)
        seg_put(cpu, (enum sreg)s, 0, 0, 0xffff, ATTR_REAL);
    seg_put(cpu, SREG_CS, 0xf000, 0xffff0000u, 0xffff, ATTR_REAL | SEG_CODE);
    cpu->gdtr = cpu->idtr = (struct dtable){.limit = 0xffff};
    cpu->ldtr = (struct sysseg){.limit = 0xffff, .attr = SEG_P | DESC_LDT << SEG_TYPE_SHIFT};
    cpu->tr = (struct sysseg){.limit = 0xffff, .attr = SEG_P | DESC_TSS32_BUSY << SEG_TYPE_SHIFT};
}

/* The TSC runs on over a warm reset: at creation the board's clock may not exist yet. */
void cpu_reset(struct cpu *cpu)
{
    memset(cpu->r, 0, sizeof(cpu->r));
    cpu->r[R_EDX] = cpu->model->family_model_stepping;
    cpu->eip = 0xfff0;
    cpu->eflags = FL_ONE;
    cpu->lazy.op = LAZY_NONE;
    cpu->cpl = 0;
    cpu->halted = cpu->monitoring = cpu->mwaiting = cpu->shadow = cpu->nmi = cpu->nmi_blocked =
        cpu->cs_limit_hit = false;
    cpu_reset_tables(cpu);
    cpu->cr0 = CR0_CD | CR0_NW | CR0_ET;
    cpu->cr2 = cpu->cr3 = cpu->cr4 = 0;
    memset(cpu->dr, 0, sizeof(cpu->dr));
    cpu->dr[6] = DR6_RESET;
    cpu->dr[7] = DR7_RESET;
    cpu->debug_trap = cpu->debugctl = 0;
    memset(cpu->last_branch, 0, sizeof(cpu->last_branch));
    cpu->traps_held = cpu->resumed = cpu->entered = false;
    cpu->ss_shadow_at = CPU_NO_SHADOW;
    cpu->rep_left.set = false;
    cpu->sysenter_cs = cpu->sysenter_esp = cpu->sysenter_eip = 0;
    cpu->efer = 0;
    cpu->apic_base = APIC_BASE_RESET | APIC_BASE_BSP;
    if (cpu_has(cpu->model, FEAT_APIC))
        cpu->apic_base |= APIC_BASE_ENABLED;
    mmu_set_nx(&cpu->mmu, false);
    msr_reset(cpu);
    perfctr_reset(cpu);
    x87_reset(&cpu->x87);
    memset(cpu->xmm, 0, sizeof(cpu->xmm));
    cpu->mxcsr = MXCSR_RESET;
    cpu->fault.vector = -1;
    cpu->delivering = -1;
    if (!mmu_set_paging(&cpu->mmu, cpu->cr0, cpu->cr3, cpu->cr4, true))
        BUG("paging could not be switched off");
    mmu_flush(&cpu->mmu, true);
    debug_update(cpu);
    if (log_on(cpu->log, LOG_reset))
        cpu_dump(cpu, cpu->log->out);
}

_Static_assert(SEG_R == SEG_W, "readable code and writable data are one bit");

/* The bits of a segment other than GS, which has none: see cpu.h. */
static inline u32 seg_mode(const struct cpu *cpu, enum sreg sreg)
{
    return (u32)seg_is_unchecked(cpu, sreg) << (MODE_UNCHECKED_SHIFT + sreg) |
           (u32)(cpu->r[R_BASE + sreg] == 0) << (MODE_ZERO_SHIFT + sreg);
}

/* What GS is to be in a mode with MODE_WINDOW. */
static u64 window_base(const struct cpu *cpu, u32 mode)
{
    const struct flat *flat = cpu->mmu.paging.flat;

    if (flat)
        return (u64)(uintptr_t)flat->base;
    return cpu->mmu.window->side[(mode & MODE_CPL) == 3].gs;
}

/* The mode's own number in mmu.context; a mode that takes a number over from another ends all contexts. */
static void cpu_set_mode(struct cpu *cpu, u32 mode)
{
    u64 number = mode * 0x9e3779b1u / (UINT32_MAX / MMU_CONTEXT_OWNER + 1);

    if (mode == cpu->mode)
        return;
    cpu->mode = mode;
    cpu->engine.window_base = 0;
    if (mode & MODE_WINDOW)
        cpu->engine.window_base = window_base(cpu, mode);
    if (cpu->mode_of[number] != cpu->mode) {
        cpu->mode_of[number] = cpu->mode;
        mmu_new_context(&cpu->mmu);
    }
    cpu->mmu.context = (cpu->mmu.context & -MMU_CONTEXT_STEP) | number << MMU_CONTEXT_SHIFT;
}

/* Not within a block that may go on: the run loop looks the next one up. */
void cpu_use_windows(struct cpu *cpu)
{
    bool on = cpu->mmu.window->side[cpu->cpl == 3].on;

    if (on == !!(cpu->mode & MODE_WINDOW))
        return;
    cpu_set_mode(cpu, cpu->mode ^ MODE_WINDOW);
    cpu->budget_withheld += cpu->budget;
    cpu->budget = 0;
}

/* Watchpoints of flat memory are seen by the software TLB alone, and so are rights that the host's pages do not have. */
static bool has_window(const struct cpu *cpu)
{
    if (cpu->mmu.paging.flat)
        return cpu->mmu.watches == 0 && !cpu->mmu.paging.flat->coarse;
    return cpu->mmu.window && cpu->mmu.window->side[cpu->cpl == 3].on;
}

void cpu_update_mode(struct cpu *cpu)
{
    u32 cr0 = cpu->cr0, fl = cpu->eflags, mode = cpu->cpl;

    if (has_window(cpu))
        mode |= MODE_WINDOW;
    if (cpu->locks)
        mode |= MODE_LOCKS;
    mode |= cr0 & CR0_PE ? MODE_PE : 0;
    mode |= fl & FL_VM ? MODE_VM : 0;
    mode |= cpu->seg[SREG_CS].attr & SEG_DB ? MODE_CS32 : 0;
    mode |= cpu->seg[SREG_SS].attr & SEG_DB ? MODE_SS32 : 0;
    mode |= fl & FL_TF ? MODE_TF : 0;
    mode |= fl & FL_DF ? MODE_DF : 0;
    mode |= cr0 & (CR0_TS | CR0_EM) ? MODE_FPU_NM : 0;
    mode |= cr0 & CR0_TS ? MODE_TS : 0;
    mode |= cr0 & CR0_EM ? MODE_EM : 0;
    mode |= (cr0 & CR0_AM) && (fl & FL_AC) && cpu->cpl == 3 ? MODE_AC : 0;
    if (cpu->cr4 & CR4_OSFXSR)
        mode |= MODE_OSFXSR | (~cpu->mxcsr & MXCSR_MASKS ? MODE_XM : 0);
    mode |= cpu->breaks_armed ? MODE_DEBUG : 0;
    if (unlikely(fl & FL_RF)) {
        /* A trap or an interrupt that comes before the next instruction has it in its image. */
        if (cpu->breaks_armed || cpu->debug_trap || (cpu->mode & MODE_TF) || cpu_interruptible(cpu))
            cpu_kick(cpu); /* the run loop clears it behind the next instruction */
        else
            cpu->eflags &= ~FL_RF; /* nothing looks for it any more */
    }
    if (unlikely(cpu->perf_by_level))
        perfctr_level(cpu);
    for (unsigned s = 0; s < SREG_GS; s++)
        mode |= seg_mode(cpu, (enum sreg)s);
    cpu_set_mode(cpu, mode);
}

void cpu_update_mode_data(struct cpu *cpu, enum sreg sreg)
{
    if (sreg < SREG_GS)
        cpu_set_mode(cpu, (cpu->mode & ~MODE_FLAT(sreg)) | seg_mode(cpu, sreg));
}

void cpu_set_intr(struct cpu *cpu, bool level)
{
    cpu->intr = level;
    if (level)
        cpu_kick(cpu);
}

void cpu_leave_block(struct cpu *cpu)
{
    if (cpu->end_block)
        cpu->end_block(cpu);
}

void cpu_raise_nmi(struct cpu *cpu)
{
    cpu->nmi = true;
    cpu_kick(cpu);
}

/* A debugger may stop before the next instruction, and an interrupt come meanwhile. */
void cpu_shadow(struct cpu *cpu)
{
    cpu->shadow = cpu->intr || cpu->nmi || cpu->kicked || cpu->debugger.points ||
                  cpu->budget + cpu->budget_withheld <= 0;
}

void cpu_irq_window(struct cpu *cpu)
{
    if (cpu_interruptible(cpu))
        cpu_kick(cpu);
}
