/* CPU models and CPUID. (SDM vol. 2, CPUID; the P6 values are those of real parts)
 *
 * What CPUID reports is what there is. The serial number is absent from every model, and so are its MSRs. */
#include "cpu/cpuid.h"
#include "cpu/helper.h"
#include "cpu/perfctr.h"

#include <string.h>

#define FEAT(name) (1u << FEAT_##name)

#define FEATURES_486     (FEAT(BASE) | FEAT(486) | FEAT(CPUID) | FEAT(FPU))
#define FEATURES_PENTIUM (FEATURES_486 | FEAT(TSC) | FEAT(MSR) | FEAT(CX8) | FEAT(APIC))
#define FEATURES_P6      (FEATURES_PENTIUM | FEAT(CMOV) | FEAT(P6) | FEAT(SEP) | FEAT(MTRR) | FEAT(MCA))
#define FEATURES_P2      (FEATURES_P6 | FEAT(MMX) | FEAT(FXSR) | FEAT(PAT))
#define FEATURES_P3      (FEATURES_P2 | FEAT(SSE))
#define FEATURES_P4      (FEATURES_P3 | FEAT(SSE2))

#define FEATURES_CORE (FEATURES_P4 | FEAT(SSE3) | FEAT(MONITOR) | FEAT(NX))

#define CR4_PENTIUM (CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE)
#define CR4_P2      (CR4_PENTIUM | CR4_PAE | CR4_PGE | CR4_PCE | CR4_OSFXSR)
#define CR4_P3      (CR4_P2 | CR4_OSXMMEXCPT)

#define BRAND UINT32_C(0x80000004) /* extended leaves up to the brand string */

/* Caches as leaf 2 has them; their bytes: SDM vol. 2, table 3-12. */
static const struct cpu_model models[] = {
    {"486", "Intel 486 DX4, the first with CPUID", FEATURES_486, 0x0480, 0, false, 1, 0, {0}},
    {"pentium", "Intel Pentium (P54C)", FEATURES_PENTIUM, 0x052c, CR4_PENTIUM, false, 1, 0, {0}},
    {"pentium-mmx",
     "Intel Pentium MMX (P55C)",
     FEATURES_PENTIUM | FEAT(MMX),
     0x0543,
     CR4_PENTIUM | CR4_PCE,
     false,
     1,
     0,
     {0}},
    {"pentium2",
     "Intel Pentium II (Deschutes)",
     FEATURES_P2,
     0x0652,
     CR4_P2,
     true,
     2,
     0,
     {0x03020101, 0, 0, 0x0c040843}}, /* TLBs, 16 KiB L1 each; L2 512 KiB 4-way */
    {"pentium3",
     "Intel Pentium III (Coppermine)",
     FEATURES_P3,
     0x0686,
     CR4_P3,
     true,
     2,
     0,
     {0x03020101, 0, 0, 0x0c040882}}, /* the same; L2 256 KiB 8-way */
    {"pentium4",
     "Intel Pentium 4 (Northwood)",
     FEATURES_P4,
     0x0f24,
     CR4_P3,
     true,
     2,
     BRAND,
     {0x665b5001, 0, 0, 0x007b7040}}, /* 64-byte lines; L1 8 KiB, L2 512 KiB */
    {"coreduo",
     "Intel Core Duo (Yonah)",
     FEATURES_CORE,
     0x06e8,
     CR4_P3,
     true,
     10,
     0x80000008u,
     {0x02b3b001, 0xf0, 0, 0x2c04307d}}, /* L1 32 KiB each, L2 2 MiB 8-way */
    {NULL, NULL, 0, 0, 0, false, 0, 0, {0}},
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
#define CPUID_MCE   (1u << 7)
#define CPUID_CX8   (1u << 8)
#define CPUID_APIC  (1u << 9)
#define CPUID_SEP   (1u << 11)
#define CPUID_MTRR  (1u << 12)
#define CPUID_PGE   (1u << 13)
#define CPUID_MCA   (1u << 14)
#define CPUID_CMOV  (1u << 15)
#define CPUID_PAT   (1u << 16)
#define CPUID_PSE36 (1u << 17)
#define CPUID_CLFSH (1u << 19)
#define CPUID_MMX   (1u << 23)
#define CPUID_FXSR  (1u << 24)
#define CPUID_SSE   (1u << 25)
#define CPUID_SSE2  (1u << 26)

static u32 cpuid_features(const struct cpu *cpu)
{
    const struct cpu_model *model = cpu->model;
    static const struct {
        u32 bit;
        enum cpu_feature feature;
    } by_feature[] = {
        {CPUID_FPU, FEAT_FPU},   {CPUID_TSC, FEAT_TSC},   {CPUID_MSR, FEAT_MSR},
        {CPUID_CX8, FEAT_CX8},   {CPUID_SEP, FEAT_SEP},   {CPUID_CMOV, FEAT_CMOV},
        {CPUID_MMX, FEAT_MMX},   {CPUID_FXSR, FEAT_FXSR}, {CPUID_SSE, FEAT_SSE},
        {CPUID_SSE2, FEAT_SSE2}, {CPUID_MTRR, FEAT_MTRR}, {CPUID_MCA, FEAT_MCA},
        {CPUID_PAT, FEAT_PAT},
    };
    u32 edx = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(by_feature); i++)
        if (cpu_has(model, by_feature[i].feature))
            edx |= by_feature[i].bit;
    edx |= model->cr4_mask & CR4_VME ? CPUID_VME : 0;
    edx |= model->cr4_mask & CR4_MCE ? CPUID_MCE : 0;
    edx |= model->cr4_mask & CR4_DE ? CPUID_DE : 0;
    edx |= model->cr4_mask & CR4_PSE ? CPUID_PSE : 0;
    edx |= model->cr4_mask & CR4_PAE ? CPUID_PAE : 0;
    edx |= model->cr4_mask & CR4_PGE ? CPUID_PGE : 0;
    edx |= model->pse36 ? CPUID_PSE36 : 0;
    edx |= cpu->apic_base & APIC_BASE_ENABLED ? CPUID_APIC : 0;
    edx |= cpu_has(model, FEAT_SSE2) ? CPUID_CLFSH : 0; /* CLFLUSH came with SSE2 */
    return edx;
}

/* Leaf 80000001h EDX. */
#define CPUID_NX (1u << 20)

#define PHYS_ADDRESS_BITS 36 /* what the page walker takes */

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

/* A brand string has 48 bytes. (SDM vol. 2, CPUID, leaves 80000002h to 80000004h) */
static void cpuid_brand(struct cpu *cpu, const char *brand, u32 part)
{
    char text[48] = {0};

    memcpy(text, brand, strnlen(brand, sizeof(text) - 1));
    cpuid_set(cpu, get32(text + part * 16), get32(text + part * 16 + 4),
              get32(text + part * 16 + 8), get32(text + part * 16 + 12));
}

/* NX may have been added to a model that has none of these leaves. */
static u32 max_extended(const struct cpu_model *model)
{
    return model->max_extended || !cpu_has(model, FEAT_NX) ? model->max_extended : 0x80000001u;
}

static void cpuid_extended(struct cpu *cpu, u32 leaf)
{
    const struct cpu_model *model = cpu->model;

    switch (leaf & 0xffff) {
    case 0: cpuid_set(cpu, max_extended(model), 0, 0, 0); break;
    case 1: cpuid_set(cpu, 0, 0, 0, cpu_has(model, FEAT_NX) ? CPUID_NX : 0); break;
    case 2:
    case 3:
    case 4: cpuid_brand(cpu, model->title, leaf - 0x80000002u); break;
    case 6: cpuid_set(cpu, 0, 0, 0x08006040, 0); break;        /* L2 2 MiB, 8-way, lines of 64 */
    case 8: cpuid_set(cpu, PHYS_ADDRESS_BITS, 0, 0, 0); break; /* linear ones: for 64-bit mode */
    default: cpuid_set(cpu, 0, 0, 0, 0);
    }
}

/* Leaf 4, deterministic cache parameters: L1 data, L1 code, L2. (SDM vol. 2, CPUID) */
static void cpuid_caches(struct cpu *cpu, u32 index)
{
    static const u32 rows[][4] = {
        {0x121, 0x01c0003f, 63, 0},   /* 32 KiB, 8-way, lines of 64 */
        {0x122, 0x01c0003f, 63, 0},   /* the same */
        {0x143, 0x01c0003f, 4095, 0}, /* 2 MiB, 8-way */
        {0, 0, 0, 0},
    };
    const u32 *row = rows[index < 3 ? index : 3];

    cpuid_set(cpu, row[0], row[1], row[2], row[3]);
}

/* Leaves beyond the last one answer like the last basic one, as Intel's do. */
void cpu_cpuid(struct cpu *cpu)
{
    const struct cpu_model *model = cpu->model;
    u32 leaf = cpu->r[R_EAX];
    u32 clflush = cpu_has(model, FEAT_SSE2) ? 8u << 8 : 0; /* line size in 8 bytes */

    if (leaf >= 0x80000000u && leaf <= max_extended(model)) {
        cpuid_extended(cpu, leaf);
        return;
    }
    switch (leaf < model->max_leaf ? leaf : model->max_leaf) {
    case 0: cpuid_set(cpu, model->max_leaf, 0x756e6547, 0x6c65746e, 0x49656e69); break;
    case 1:
        cpuid_set(cpu, model->family_model_stepping, clflush, cpuid_features_ecx(model),
                  cpuid_features(cpu));
        break;
    case 2:
        cpuid_set(cpu, model->caches[0], model->caches[1], model->caches[2], model->caches[3]);
        break;
    case 4: cpuid_caches(cpu, cpu->r[R_ECX]); break;
    case 5: cpuid_set(cpu, 64, 64, 0, 0); break; /* MONITOR's line; no extensions */
    case 10: /* two counters; cycles, instructions and reference cycles, not the four events behind them */
        cpuid_set(cpu, 7u << 24 | PERFCTR_BITS << 16 | 2 << 8 | 1, 0x78, 0, 0);
        break;
    default: cpuid_set(cpu, 0, 0, 0, 0);
    }
}

HELP(cpuid)
{
    cpu_cpuid(cpu);
    return 0;
}
