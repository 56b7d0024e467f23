/* CPU models: what CPUID reports and which instructions exist. */
#ifndef PAGEWALK_CPUID_H
#define PAGEWALK_CPUID_H

#include "cpu/cpu.h"

/* Instruction-set features that insn.def rows can demand. */
enum cpu_feature {
    FEAT_BASE,  /* 386 and before: always there */
    FEAT_486,   /* BSWAP CMPXCHG XADD INVLPG WBINVD INVD */
    FEAT_CPUID, /* CPUID (late 486 on) */
    FEAT_FPU,
    FEAT_TSC, /* RDTSC, RDMSR, WRMSR, CMPXCHG8B: Pentium */
    FEAT_MSR,
    FEAT_CX8,
    FEAT_CMOV, /* CMOVcc FCMOVcc FCOMI; UD2, RDPMC, long NOP (P6) */
    FEAT_P6,
    FEAT_SEP, /* SYSENTER SYSEXIT */
    FEAT_MMX,
    FEAT_FXSR, /* FXSAVE FXRSTOR */
    FEAT_SSE,
    FEAT_SSE2,
    FEAT_SSE3,
    FEAT_MONITOR, /* MONITOR MWAIT */
    FEAT_NX,      /* EFER.NXE */
    FEAT_MTRR,
    FEAT_PAT,
    FEAT_MCA,  /* machine-check banks */
    FEAT_APIC, /* local APIC */
    FEAT_COUNT
};

struct cpu_model {
    const char *name;          /* as -cpu has it */
    const char *title;         /* for -cpu help */
    u32 features;              /* bit per enum cpu_feature */
    u32 family_model_stepping; /* CPUID 1 EAX, also EDX at reset */
    u32 cr4_mask;              /* CR4 bits that may be set */
    bool pse36;
    u32 max_leaf;     /* the last basic CPUID leaf */
    u32 max_extended; /* the last extended one, 0: there are none */
    u32 caches[4];    /* leaf 2: EAX to EDX */
};

/* By name, NULL when unknown. The list ends with a NULL name. */
const struct cpu_model *cpu_model_find(const char *name);
const struct cpu_model *cpu_models(void);
#define CPU_MODEL_DEFAULT "coreduo"

/* NAME[,+FEATURE|,-FEATURE|,FEATURE=on|,FEATURE=off]...: a model, or QEMU's name for one, with single features
 * switched on and off, in that order. A feature takes with it what it needs, and when it goes what needs it.
 * 0, with what should be said about it in text, or ""; or -EINVAL with one line there. out->name is the base
 * model's. (cpu_model.c) */
int cpu_model_parse(const char *spec, struct cpu_model *out, char *text, size_t text_len);
/* QEMU's names, each with the model that stands in for it. The list ends with a NULL name. */
struct cpu_alias {
    const char *name, *model;
};
const struct cpu_alias *cpu_aliases(void);
/* Names of the features that can be switched; the list ends with NULL. */
const char *const *cpu_model_features(void);

static inline bool cpu_has(const struct cpu_model *model, enum cpu_feature feature)
{
    return model->features >> feature & 1;
}

/* CPUID: leaf in EAX; sets EAX EBX ECX EDX. */
void cpu_cpuid(struct cpu *cpu);

#endif
