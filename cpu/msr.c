/* Model-specific registers, RDTSC and RDPMC.
 *
 * One table says which numbers exist and how each behaves. What CPUID does not report (MTRRs,
 * PAT, machine check, APIC) is not there and raises #GP(0) like any unknown number; the
 * exceptions are the ones that firmware and kernels touch by family alone. (SDM vol. 4, tables
 * of the P6 family) */
#include "cpu/cpuid.h"
#include "cpu/debug.h"
#include "cpu/helper.h"
#include "cpu/sys.h"

enum msr_kind {
    MSR_ZERO,      /* reads 0, writes have no effect */
    MSR_KEEP,      /* what was written is read back: cpu->msr_misc[slot] */
    MSR_CONST,     /* reads msr->value, writes have no effect */
    MSR_READ_ONLY, /* reads msr->value, writes raise #GP(0) */
    MSR_TSC,
    MSR_SYSENTER_CS,
    MSR_SYSENTER_ESP,
    MSR_SYSENTER_EIP,
    MSR_DEBUGCTL,
    MSR_EFER,
    MSR_BRANCH, /* last branch record: enum debug_branch is the slot */
};

struct msr {
    u32 number;
    u8 kind;    /* enum msr_kind */
    u8 feature; /* enum cpu_feature that the model must have */
    u8 slot;    /* MSR_KEEP, MSR_BRANCH */
    u64 value;
};

static const struct msr msrs[] = {
    {0x000, MSR_ZERO, FEAT_MSR, 0, 0}, /* P5_MC_ADDR */
    {0x001, MSR_ZERO, FEAT_MSR, 0, 0}, /* P5_MC_TYPE */
    {0x010, MSR_TSC, FEAT_TSC, 0, 0},
    {0x017, MSR_READ_ONLY, FEAT_P6, 0, 0},       /* platform ID */
    {0x01b, MSR_CONST, FEAT_P6, 0, 0xfee00000u}, /* APIC_BASE: disabled for good */
    {0x02a, MSR_KEEP, FEAT_P6, 0, 0},            /* EBL_CR_POWERON */
    {0x079, MSR_ZERO, FEAT_P6, 0, 0},            /* BIOS_UPDT_TRIG: no microcode to update */
    {0x08b, MSR_KEEP, FEAT_P6, 1, 0}, /* BIOS_SIGN: CPUID would load the revision, which is 0 */
    {0x0c1, MSR_ZERO, FEAT_P6, 0, 0}, /* PERFCTR0: counts nothing */
    {0x0c2, MSR_ZERO, FEAT_P6, 0, 0},
    {0x119, MSR_KEEP, FEAT_P6, 2, 0}, /* BBL_CR_CTL */
    {0x11e, MSR_KEEP, FEAT_P6, 3, 0}, /* BBL_CR_CTL3 */
    {0x174, MSR_SYSENTER_CS, FEAT_SEP, 0, 0},
    {0x175, MSR_SYSENTER_ESP, FEAT_SEP, 0, 0},
    {0x176, MSR_SYSENTER_EIP, FEAT_SEP, 0, 0},
    {0x186, MSR_ZERO, FEAT_P6, 0, 0}, /* EVNTSEL0 */
    {0x187, MSR_ZERO, FEAT_P6, 0, 0},
    {0x1a0, MSR_CONST, FEAT_SSE2, 0, 1}, /* MISC_ENABLE: fast strings, nothing else */
    {0x1d9, MSR_DEBUGCTL, FEAT_P6, 0, 0},
    {0x1db, MSR_BRANCH, FEAT_P6, BRANCH_FROM, 0},
    {0x1dc, MSR_BRANCH, FEAT_P6, BRANCH_TO, 0},
    {0x1dd, MSR_BRANCH, FEAT_P6, EXCEPTION_FROM, 0},
    {0x1de, MSR_BRANCH, FEAT_P6, EXCEPTION_TO, 0},
    {0xc0000080u, MSR_EFER, FEAT_NX, 0, 0},
};

static u64 tsc_now(const struct cpu *cpu)
{
    u64 ticks = cpu->hooks.read_tsc ? cpu->hooks.read_tsc(cpu->hooks.opaque) : 0;

    return ticks + cpu->tsc_offset;
}

static const struct msr *msr_find(struct cpu *cpu, u32 number, const char *what)
{
    for (unsigned i = 0; i < ARRAY_SIZE(msrs); i++)
        if (msrs[i].number == number && cpu_has(cpu->model, (enum cpu_feature)msrs[i].feature))
            return &msrs[i];
    log_printf(cpu->log, LOG_unassigned, "msr: %s of unknown %08x\n", what, number);
    cpu_fault(cpu, EXCP_GP, 0, "%s of unknown MSR %08x", what, number);
}

static u64 msr_read(struct cpu *cpu, const struct msr *msr)
{
    switch ((enum msr_kind)msr->kind) {
    case MSR_KEEP: return cpu->msr_misc[msr->slot];
    case MSR_ZERO: return 0;
    case MSR_DEBUGCTL: return cpu->debugctl;
    case MSR_EFER: return cpu->efer;
    case MSR_BRANCH: return cpu->last_branch[msr->slot];
    case MSR_CONST:
    case MSR_READ_ONLY: return msr->value;
    case MSR_TSC: return tsc_now(cpu);
    case MSR_SYSENTER_CS: return cpu->sysenter_cs;
    case MSR_SYSENTER_ESP: return cpu->sysenter_esp;
    case MSR_SYSENTER_EIP: return cpu->sysenter_eip;
    }
    BUG("MSR %x has kind %u", msr->number, msr->kind);
}

static void set_efer(struct cpu *cpu, u64 value)
{
    if (value & ~(u64)EFER_NXE)
        cpu_fault(cpu, EXCP_GP, 0, "EFER %016llx: this CPU has NXE only",
                  (unsigned long long)value);
    cpu->efer = (u32)value;
    mmu_set_nx(&cpu->mmu, value & EFER_NXE);
}

static void msr_write(struct cpu *cpu, const struct msr *msr, u64 value)
{
    switch ((enum msr_kind)msr->kind) {
    case MSR_ZERO:
    case MSR_BRANCH:
    case MSR_CONST: break;
    case MSR_KEEP: cpu->msr_misc[msr->slot] = value; break;
    case MSR_READ_ONLY: cpu_fault(cpu, EXCP_GP, 0, "MSR %x is read-only", msr->number);
    case MSR_TSC: cpu->tsc_offset += value - tsc_now(cpu); break;
    case MSR_SYSENTER_CS: cpu->sysenter_cs = (u32)value; break;
    case MSR_SYSENTER_ESP: cpu->sysenter_esp = (u32)value; break;
    case MSR_SYSENTER_EIP: cpu->sysenter_eip = (u32)value; break;
    case MSR_DEBUGCTL: debug_set_ctl(cpu, (u32)value); break;
    case MSR_EFER: set_efer(cpu, value); break;
    }
}

static void set_edx_eax(struct cpu *cpu, u64 value)
{
    cpu->r[R_EAX] = (u32)value;
    cpu->r[R_EDX] = (u32)(value >> 32);
}

HELP(rdmsr)
{
    cpu_need_cpl0(cpu, "RDMSR");
    set_edx_eax(cpu, msr_read(cpu, msr_find(cpu, cpu->r[R_ECX], "read")));
    return 0;
}

HELP(wrmsr)
{
    cpu_need_cpl0(cpu, "WRMSR");
    msr_write(cpu, msr_find(cpu, cpu->r[R_ECX], "write"), (u64)cpu->r[R_EDX] << 32 | cpu->r[R_EAX]);
    return 0;
}

HELP(rdtsc)
{
    if ((cpu->cr4 & CR4_TSD) && cpu->cpl != 0)
        cpu_fault(cpu, EXCP_GP, 0, "RDTSC at CPL %u with CR4.TSD", cpu->cpl);
    set_edx_eax(cpu, tsc_now(cpu));
    return 0;
}

/* Two counters that never count. */
HELP(rdpmc)
{
    if (!(cpu->cr4 & CR4_PCE) && cpu->cpl != 0)
        cpu_fault(cpu, EXCP_GP, 0, "RDPMC at CPL %u without CR4.PCE", cpu->cpl);
    if (cpu->r[R_ECX] > 1)
        cpu_fault(cpu, EXCP_GP, 0, "RDPMC of counter %u", cpu->r[R_ECX]);
    set_edx_eax(cpu, 0);
    return 0;
}
