/* Model-specific registers, RDTSC and RDPMC.
 *
 * One table says which numbers exist and how each behaves. Memory types and machine-check banks keep what is
 * written, and there is nothing to report or to cache. What CPUID does not report is not there and raises #GP(0) like
 * any unknown number; the exceptions are the ones that firmware and kernels touch by family alone. (SDM vol. 4, tables
 * of the P6 family) */
#include "cpu/cpuid.h"
#include "cpu/debug.h"
#include "cpu/helper.h"
#include "cpu/perfctr.h"
#include "cpu/sys.h"

#include <string.h>

enum msr_kind {
    MSR_ZERO,      /* reads 0, writes have no effect */
    MSR_KEEP,      /* what was written is read back: cpu->msr_misc[slot] */
    MSR_BITS,      /* the same; bits outside msr->value raise #GP(0) */
    MSR_TYPED,     /* the same; the low byte is a memory type, else #GP(0) */
    MSR_MTRR,      /* the same; each byte is a memory type of MTRRs, */
    MSR_PAT,       /* or of the PAT, else #GP(0) */
    MSR_CLEAR,     /* reads 0; writes of anything else raise #GP(0) */
    MSR_CONST,     /* reads msr->value, writes have no effect */
    MSR_READ_ONLY, /* reads msr->value, writes raise #GP(0) */
    MSR_TSC,
    MSR_SYSENTER_CS,
    MSR_SYSENTER_ESP,
    MSR_SYSENTER_EIP,
    MSR_DEBUGCTL,
    MSR_EFER,
    MSR_PERFCTR,    /* performance counter, */
    MSR_PERFEVTSEL, /* and what it counts: the slot is its number */
    MSR_APIC_BASE,
    MSR_BRANCH, /* last branch record: enum debug_branch is the slot */
};

struct msr {
    u32 number;
    u8 kind;    /* enum msr_kind */
    u8 feature; /* enum cpu_feature that the model must have */
    u8 slot;    /* MSR_KEEP and those like it, MSR_BRANCH */
    u64 value;
};

/* Slots of cpu->msr_misc. */
enum {
    SLOT_POWERON,
    SLOT_BIOS_SIGN,
    SLOT_CR_CTL,
    SLOT_CR_CTL3,
    SLOT_MTRR_VARIABLE, /* bases and masks in turn */
    SLOT_MTRR_FIXED = SLOT_MTRR_VARIABLE + 16,
    SLOT_MTRR_DEFAULT = SLOT_MTRR_FIXED + 11,
    SLOT_PAT,
    SLOT_MCG_STATUS,
    SLOT_MC_CTL, /* of each bank */
    SLOTS = SLOT_MC_CTL + 5
};
_Static_assert(SLOTS <= ARRAY_SIZE(((struct cpu *)0)->msr_misc), "a slot for each");

/* A variable-range MTRR's base and mask. (SDM vol. 3A, 11.11.2.3) */
#define MTRR_RANGE(n)                                                                              \
    {0x200 + 2 * (n), MSR_TYPED, FEAT_MTRR, SLOT_MTRR_VARIABLE + 2 * (n), 0xffffff0ffull},         \
    {                                                                                              \
        0x201 + 2 * (n), MSR_BITS, FEAT_MTRR, SLOT_MTRR_VARIABLE + 2 * (n) + 1, 0xffffff800ull     \
    }
#define MTRR_FIXED(number, n)                                                                      \
    {                                                                                              \
        number, MSR_MTRR, FEAT_MTRR, SLOT_MTRR_FIXED + (n), 0                                      \
    }
/* A bank's CTL, STATUS, ADDR and MISC. (SDM vol. 3B, 15.3.2) */
#define MC_BANK(n)                                                                                 \
    {0x400 + 4 * (n), MSR_KEEP, FEAT_MCA, SLOT_MC_CTL + (n), 0},                                   \
        {0x401 + 4 * (n), MSR_CLEAR, FEAT_MCA, 0, 0},                                              \
        {0x402 + 4 * (n), MSR_CLEAR, FEAT_MCA, 0, 0},                                              \
    {                                                                                              \
        0x403 + 4 * (n), MSR_CLEAR, FEAT_MCA, 0, 0                                                 \
    }

static const struct msr msrs[] = {
    {0x000, MSR_ZERO, FEAT_MSR, 0, 0}, /* P5_MC_ADDR */
    {0x001, MSR_ZERO, FEAT_MSR, 0, 0}, /* P5_MC_TYPE */
    {0x010, MSR_TSC, FEAT_TSC, 0, 0},
    {0x017, MSR_READ_ONLY, FEAT_P6, 0, 0}, /* platform ID */
    {0x01b, MSR_APIC_BASE, FEAT_P6, 0, 0},
    {0x02a, MSR_KEEP, FEAT_P6, SLOT_POWERON, 0}, /* EBL_CR_POWERON */
    {0x079, MSR_ZERO, FEAT_P6, 0, 0},            /* BIOS_UPDT_TRIG: no microcode to update */
    {0x08b, MSR_KEEP, FEAT_P6, SLOT_BIOS_SIGN,
     0}, /* BIOS_SIGN: CPUID would load the revision, which is 0 */
    {0x0c1, MSR_PERFCTR, FEAT_P6, 0, 0},
    {0x0c2, MSR_PERFCTR, FEAT_P6, 1, 0},
    {0x0fe, MSR_READ_ONLY, FEAT_MTRR, 0, 0x508}, /* MTRRcap: 8 ranges, fixed ones, WC */
    {0x119, MSR_KEEP, FEAT_P6, SLOT_CR_CTL, 0},  /* BBL_CR_CTL */
    {0x11e, MSR_KEEP, FEAT_P6, SLOT_CR_CTL3, 0}, /* BBL_CR_CTL3 */
    {0x174, MSR_SYSENTER_CS, FEAT_SEP, 0, 0},
    {0x175, MSR_SYSENTER_ESP, FEAT_SEP, 0, 0},
    {0x176, MSR_SYSENTER_EIP, FEAT_SEP, 0, 0},
    {0x179, MSR_READ_ONLY, FEAT_MCA, 0, 5}, /* MCG_CAP: five banks */
    {0x17a, MSR_BITS, FEAT_MCA, SLOT_MCG_STATUS, 7},
    {0x186, MSR_PERFEVTSEL, FEAT_P6, 0, 0},
    {0x187, MSR_PERFEVTSEL, FEAT_P6, 1, 0},
    {0x1a0, MSR_CONST, FEAT_SSE2, 0, 1}, /* MISC_ENABLE: fast strings, nothing else */
    {0x1d9, MSR_DEBUGCTL, FEAT_P6, 0, 0},
    {0x1db, MSR_BRANCH, FEAT_P6, BRANCH_FROM, 0},
    {0x1dc, MSR_BRANCH, FEAT_P6, BRANCH_TO, 0},
    {0x1dd, MSR_BRANCH, FEAT_P6, EXCEPTION_FROM, 0},
    {0x1de, MSR_BRANCH, FEAT_P6, EXCEPTION_TO, 0},
    MTRR_RANGE(0),
    MTRR_RANGE(1),
    MTRR_RANGE(2),
    MTRR_RANGE(3),
    MTRR_RANGE(4),
    MTRR_RANGE(5),
    MTRR_RANGE(6),
    MTRR_RANGE(7),
    MTRR_FIXED(0x250, 0),
    MTRR_FIXED(0x258, 1),
    MTRR_FIXED(0x259, 2),
    MTRR_FIXED(0x268, 3),
    MTRR_FIXED(0x269, 4),
    MTRR_FIXED(0x26a, 5),
    MTRR_FIXED(0x26b, 6),
    MTRR_FIXED(0x26c, 7),
    MTRR_FIXED(0x26d, 8),
    MTRR_FIXED(0x26e, 9),
    MTRR_FIXED(0x26f, 10),
    {0x277, MSR_PAT, FEAT_PAT, SLOT_PAT, 0},
    {0x2ff, MSR_TYPED, FEAT_MTRR, SLOT_MTRR_DEFAULT, 0xcff},
    MC_BANK(0),
    MC_BANK(1),
    MC_BANK(2),
    MC_BANK(3),
    MC_BANK(4),
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
    case MSR_KEEP:
    case MSR_BITS:
    case MSR_TYPED:
    case MSR_MTRR:
    case MSR_PAT: return cpu->msr_misc[msr->slot];
    case MSR_CLEAR:
    case MSR_ZERO: return 0;
    case MSR_PERFCTR: return perfctr_read(cpu, msr->slot);
    case MSR_PERFEVTSEL: return cpu->perf[msr->slot].select;
    case MSR_DEBUGCTL: return cpu->debugctl;
    case MSR_EFER: return cpu->efer;
    case MSR_APIC_BASE: return cpu->apic_base;
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

static void msr_check(struct cpu *cpu, const struct msr *msr, u64 value, bool good)
{
    if (!good)
        cpu_fault(cpu, EXCP_GP, 0, "MSR %x cannot be %016llx", msr->number,
                  (unsigned long long)value);
}

static void msr_keep(struct cpu *cpu, const struct msr *msr, u64 value, bool good)
{
    msr_check(cpu, msr, value, good);
    cpu->msr_misc[msr->slot] = value;
}

/* Memory types that there are: UC, WC, WT, WP, WB; the PAT also has UC-. */
#define MTRR_TYPES 0x73u
#define PAT_TYPES  0xf3u

/* Whether each byte is one of the types in the mask. (SDM vol. 3A, tables 11-8 and 11-10) */
static bool memory_types(u64 value, u32 mask)
{
    for (unsigned i = 0; i < 64; i += 8)
        if ((value >> i & 0xff) > 7 || !(mask >> (value >> i & 7) & 1))
            return false;
    return true;
}

static void set_efer(struct cpu *cpu, u64 value)
{
    if (value & ~(u64)EFER_NXE)
        cpu_fault(cpu, EXCP_GP, 0, "EFER %016llx: this CPU has NXE only",
                  (unsigned long long)value);
    cpu->efer = (u32)value;
    mmu_set_nx(&cpu->mmu, value & EFER_NXE);
}

/* There is no x2APIC mode, and the processor stays the one that boots. Without an APIC nothing can be switched on. */
static void set_apic_base(struct cpu *cpu, const struct msr *msr, u64 value)
{
    if (!cpu_has(cpu->model, FEAT_APIC))
        return;
    msr_check(cpu, msr, value, !(value & ~(APIC_BASE_ADDRESS | APIC_BASE_ENABLED | APIC_BASE_BSP)));
    cpu->apic_base = value | APIC_BASE_BSP;
    if (cpu->hooks.apic_base)
        cpu->hooks.apic_base(cpu->hooks.opaque);
}

static void msr_write(struct cpu *cpu, const struct msr *msr, u64 value)
{
    switch ((enum msr_kind)msr->kind) {
    case MSR_ZERO:
    case MSR_BRANCH:
    case MSR_CONST: break;
    case MSR_TYPED:
        msr_check(cpu, msr, value, memory_types(value & 0xff, MTRR_TYPES));
        msr_keep(cpu, msr, value, !(value & ~msr->value));
        break;
    case MSR_BITS: msr_keep(cpu, msr, value, !(value & ~msr->value)); break;
    case MSR_MTRR: msr_keep(cpu, msr, value, memory_types(value, MTRR_TYPES)); break;
    case MSR_PAT: msr_keep(cpu, msr, value, memory_types(value, PAT_TYPES)); break;
    case MSR_KEEP: msr_keep(cpu, msr, value, true); break;
    case MSR_CLEAR: msr_check(cpu, msr, value, value == 0); break;
    case MSR_READ_ONLY: cpu_fault(cpu, EXCP_GP, 0, "MSR %x is read-only", msr->number);
    case MSR_TSC: cpu->tsc_offset += value - tsc_now(cpu); break;
    case MSR_SYSENTER_CS: cpu->sysenter_cs = (u32)value; break;
    case MSR_SYSENTER_ESP: cpu->sysenter_esp = (u32)value; break;
    case MSR_SYSENTER_EIP: cpu->sysenter_eip = (u32)value; break;
    case MSR_PERFCTR: perfctr_write(cpu, msr->slot, (u32)value); break;
    case MSR_PERFEVTSEL: perfctr_select(cpu, msr->slot, (u32)value); break;
    case MSR_DEBUGCTL: debug_set_ctl(cpu, (u32)value); break;
    case MSR_EFER: set_efer(cpu, value); break;
    case MSR_APIC_BASE: set_apic_base(cpu, msr, value); break;
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

HELP(rdpmc)
{
    if (!(cpu->cr4 & CR4_PCE) && cpu->cpl != 0)
        cpu_fault(cpu, EXCP_GP, 0, "RDPMC at CPL %u without CR4.PCE", cpu->cpl);
    if (cpu->r[R_ECX] > 1)
        cpu_fault(cpu, EXCP_GP, 0, "RDPMC of counter %u", cpu->r[R_ECX]);
    set_edx_eax(cpu, perfctr_read(cpu, cpu->r[R_ECX]));
    return 0;
}

void msr_reset(struct cpu *cpu)
{
    memset(cpu->msr_misc, 0, sizeof(cpu->msr_misc));
    cpu->msr_misc[SLOT_PAT] = 0x0007040600070406ull; /* (SDM vol. 3A, 11.12.4) */
}
