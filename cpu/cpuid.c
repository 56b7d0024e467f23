/* CPU models and CPUID. (SDM vol. 2, CPUID; the P6 values are those of real parts)
 *
 * What CPUID reports is what there is. MCE, MCA, MTRR, PAT, APIC and the serial number are
 * absent from every model, and so are their CR4 bits and MSRs. */
#include "cpu/cpuid.h"
#include "cpu/helper.h"

#include <string.h>

#define FEAT(name) (1u << FEAT_##name)

#define FEATURES_486     (FEAT(BASE) | FEAT(486) | FEAT(CPUID) | FEAT(FPU))
#define FEATURES_PENTIUM (FEATURES_486 | FEAT(TSC) | FEAT(MSR) | FEAT(CX8))
#define FEATURES_P6      (FEATURES_PENTIUM | FEAT(CMOV) | FEAT(P6) | FEAT(SEP))
#define FEATURES_P2      (FEATURES_P6 | FEAT(MMX) | FEAT(FXSR))
#define FEATURES_P3      (FEATURES_P2 | FEAT(SSE))
#define FEATURES_P4      (FEATURES_P3 | FEAT(SSE2))

#define FEATURES_CORE (FEATURES_P4 | FEAT(SSE3) | FEAT(MONITOR))

#define CR4_PENTIUM (CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE)
#define CR4_P2      (CR4_PENTIUM | CR4_PAE | CR4_PGE | CR4_PCE | CR4_OSFXSR)
#define CR4_P3      (CR4_P2 | CR4_OSXMMEXCPT)

static const struct cpu_model models[] = {
    {"486", "Intel 486 DX4, the first with CPUID", FEATURES_486, 0x0480, 0, false},
    {"pentium", "Intel Pentium (P54C)", FEATURES_PENTIUM, 0x052c, CR4_PENTIUM, false},
    {"pentium2", "Intel Pentium II (Deschutes)", FEATURES_P2, 0x0652, CR4_P2, true},
    {"pentium3", "Intel Pentium III (Coppermine)", FEATURES_P3, 0x0686, CR4_P3, true},
    {"pentium4", "Intel Pentium 4 (Northwood)", FEATURES_P4, 0x0f24, CR4_P3, true},
    {"coreduo", "Intel Core Duo (Yonah)", FEATURES_CORE, 0x06e8, CR4_P3, true},
    {NULL, NULL, 0, 0, 0, false},
};

const struct cpu_model *cpu_models(void)
{
    return models;
}

const struct cpu_model *cpu_model_find(const char *name)
{
    for (const struct cpu_model *m = models; m->name; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

/* Leaf 1 EDX. */
#define CPUID_FPU   (1u << 0)
#define CPUID_VME   (1u << 1)
#define CPUID_DE    (1u << 2)
#define CPUID_PSE   (1u << 3)
#define CPUID_TSC   (1u << 4)
#define CPUID_MSR   (1u << 5)
#define CPUID_PAE   (1u << 6)
#define CPUID_CX8   (1u << 8)
#define CPUID_SEP   (1u << 11)
#define CPUID_PGE   (1u << 13)
#define CPUID_CMOV  (1u << 15)
#define CPUID_PSE36 (1u << 17)
#define CPUID_CLFSH (1u << 19)
#define CPUID_MMX   (1u << 23)
#define CPUID_FXSR  (1u << 24)
#define CPUID_SSE   (1u << 25)
#define CPUID_SSE2  (1u << 26)

static u32 cpuid_features(const struct cpu_model *model)
{
    static const struct {
        u32 bit;
        enum cpu_feature feature;
    } by_feature[] = {
        {CPUID_FPU, FEAT_FPU},   {CPUID_TSC, FEAT_TSC},   {CPUID_MSR, FEAT_MSR},
        {CPUID_CX8, FEAT_CX8},   {CPUID_SEP, FEAT_SEP},   {CPUID_CMOV, FEAT_CMOV},
        {CPUID_MMX, FEAT_MMX},   {CPUID_FXSR, FEAT_FXSR}, {CPUID_SSE, FEAT_SSE},
        {CPUID_SSE2, FEAT_SSE2},
    };
    u32 edx = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(by_feature); i++)
        if (cpu_has(model, by_feature[i].feature))
            edx |= by_feature[i].bit;
    edx |= model->cr4_mask & CR4_VME ? CPUID_VME : 0;
    edx |= model->cr4_mask & CR4_DE ? CPUID_DE : 0;
    edx |= model->cr4_mask & CR4_PSE ? CPUID_PSE : 0;
    edx |= model->cr4_mask & CR4_PAE ? CPUID_PAE : 0;
    edx |= model->cr4_mask & CR4_PGE ? CPUID_PGE : 0;
    edx |= model->pse36 ? CPUID_PSE36 : 0;
    edx |= cpu_has(model, FEAT_SSE2) ? CPUID_CLFSH : 0; /* CLFLUSH came with SSE2 */
    return edx;
}

/* Leaf 1 ECX. */
#define CPUID_SSE3    (1u << 0)
#define CPUID_MONITOR (1u << 3)

static u32 cpuid_features_ecx(const struct cpu_model *model)
{
    return (cpu_has(model, FEAT_SSE3) ? CPUID_SSE3 : 0) |
           (cpu_has(model, FEAT_MONITOR) ? CPUID_MONITOR : 0);
}

static void cpuid_set(struct cpu *cpu, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
    cpu->r[R_EAX] = eax;
    cpu->r[R_EBX] = ebx;
    cpu->r[R_ECX] = ecx;
    cpu->r[R_EDX] = edx;
}

/* Leaves beyond the last one answer like the last one, as Intel's do. */
void cpu_cpuid(struct cpu *cpu)
{
    const struct cpu_model *model = cpu->model;
    u32 max = cpu_has(model, FEAT_P6) ? 2 : 1, leaf = cpu->r[R_EAX];
    u32 clflush = cpu_has(model, FEAT_SSE2) ? 8u << 8 : 0; /* line size in 8 bytes */

    if (leaf == 0)
        cpuid_set(cpu, max, 0x756e6547, 0x6c65746e, 0x49656e69); /* GenuineIntel */
    else if (leaf == 1 || max == 1)
        cpuid_set(cpu, model->family_model_stepping, clflush, cpuid_features_ecx(model),
                  cpuid_features(model));
    else if (model->family_model_stepping >> 8 == 15) /* 64-byte lines; L1 8 KiB, L2 512 KiB */
        cpuid_set(cpu, 0x665b5001, 0, 0, 0x007b7040);
    else if (cpu_has(model, FEAT_SSE)) /* TLBs, 16 KiB L1 each; L2 256 KiB 8-way */
        cpuid_set(cpu, 0x03020101, 0, 0, 0x0c040882);
    else /* L2 512 KiB 4-way */
        cpuid_set(cpu, 0x03020101, 0, 0, 0x0c040843);
}

HELP(cpuid)
{
    cpu_cpuid(cpu);
    return 0;
}
